"""Traces once for each pair of neurons give, synapse by synapse, what the rule gives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import brian2 as b2
import numpy as np
import pytest
from brian2.devices import reset_device

from spikingsampling.errors import ParameterError
from spikingsampling.inference.priors import GaussianPrior
from spikingsampling.network.reward.code import reward_code
from spikingsampling.network.reward.pairs import pair_code
from spikingsampling.network.reward.rule import RewardSampling

RULE = RewardSampling(
    b="0.3 /s",
    temperature=0.0,
    prior=GaussianPrior(0.2, 1.7),
    reward_gain="90 /s",
    direct_gain=0.3,
    gradient_cap=3.0,
    tau_eligibility="300 ms",
    tau_gradient="700 ms",
    update_period="20 ms",
    theta_0=0.5,
)


@pytest.fixture(autouse=True)
def users_brian2() -> Iterator[None]:
    reset_device()
    target, step = b2.prefs.codegen.target, b2.defaultclock.dt
    b2.prefs.codegen.target = "numpy"
    b2.defaultclock.dt = 1 * b2.ms
    yield
    b2.prefs.codegen.target, b2.defaultclock.dt = target, step


@pytest.mark.parametrize(
    "changes", [{}, {"accumulation": "steps", "reward_gain": "0.09 /s"}, {"psp": "spore"}]
)
def test_pairs_are_the_rule(changes: dict[str, Any]) -> None:
    """Both stand on the same neurons, with prescribed spikes, rates and rewards, and 3 synapses for each pair."""
    rule, rng, n_steps, ms = RULE.replace(**changes), np.random.default_rng(3), 800, 1 * b2.ms
    code, plain = pair_code(rule, 3), reward_code(rule, rate="rate_post")
    namespace = {
        "sent": b2.TimedArray((rng.random((n_steps, 5)) < 0.05).astype(float), dt=ms),
        "fires": b2.TimedArray((rng.random((n_steps, 4)) < 0.04).astype(float), dt=ms),
        "rates": b2.TimedArray(rng.uniform(10, 60, (n_steps, 4)) * b2.Hz, dt=ms),
        "rewards": b2.TimedArray(np.repeat(rng.uniform(-3, 2, n_steps // 10), 10), dt=ms),
    }
    inputs = b2.NeuronGroup(5, code.pre, threshold="sent(t, i) > 0.5", reset=code.on_arrival)
    outputs = b2.NeuronGroup(4, code.post, threshold="fires(t, i) > 0.5", reset="")
    outputs.run_regularly("rate = rates(t, i)\nreward = rewards(t)", when="start", order=-1, dt=ms)
    pairs = b2.Synapses(inputs, outputs, code.model, on_post=code.on_post)
    pairs.connect()
    single = b2.Synapses(inputs, outputs, plain.model, on_pre=plain.on_pre, on_post=plain.on_post)
    single.connect(n=3)
    theta = rng.normal(0.0, 0.3, (20, 3))
    single.theta = theta.ravel()
    plain.attach(single)
    code.attach_pre(inputs)
    code.attach_post(outputs)
    code.attach(pairs)
    pairs.intact, pairs.n_synapses = 1, 3
    outputs.lasting, outputs.fading = 1, 1
    pairs.n_synapses[7], pairs.intact[9] = 2, 0
    gone = np.zeros((20, 3), dtype=bool)
    gone[7, 2], gone[9] = True, True
    single.intact[np.flatnonzero(gone)] = 0
    single.w[np.flatnonzero(gone)] = 0
    for k in range(3):
        setattr(pairs, f"theta_{k}", theta[:, k])
        weights = np.where((theta > 0) & ~gone, np.exp(theta - 0.5), 0)[:, k]
        setattr(pairs, f"weight_{k}", weights)
    pairs.b_time = code.constants(rule.b, 0.0)["b_time"]
    b2.Network(inputs, outputs, pairs, single).run((n_steps + 1) * ms, namespace=namespace)  # to a step of θ
    found = np.stack([getattr(pairs, f"theta_{k}")[:] for k in range(3)], axis=1)
    expected = np.array(single.theta).reshape(20, 3)
    assert ((expected > 0) != (theta > 0)).any()
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(
        pairs.w[:], np.array(single.w).reshape(20, 3).sum(axis=1), rtol=1e-9, atol=1e-12
    )


def test_noise_has_the_variance_of_the_rule() -> None:
    assert pair_code(RULE, 2).constants("0.5 /s", 0.3) == pytest.approx({"b_time": 0.01, "noise": 0.006**0.5})


def test_wrong_arguments() -> None:
    with pytest.raises(ParameterError, match="n_potential = 0"):
        pair_code(RULE, 0)
