"""Rules as code for the synapses of any Brian2 network: against sums, the reference and the closed form."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import brian2 as b2
import numpy as np
import pytest
from brian2.devices import reset_device

from helpers.small.networks import chance
from spikingsampling.errors import ParameterError
from spikingsampling.inference.priors import GaussianPrior, LaplacePrior
from spikingsampling.network.parameters import CircuitParameters
from spikingsampling.network.plasticity import PairSTDP
from spikingsampling.network.reference import replay
from spikingsampling.network.reward.rule import RewardSampling
from spikingsampling.network.rules import SamplingRule, STDPRule, membrane_weight
from spikingsampling.network.synapse_code import SamplingCode, synapse_code

DT = 1e-3
#: No two constants alike, so that no exchange hides. The prior is so wide that it exerts no force.
FLAT = CircuitParameters(
    tau_fall="25 ms",
    tau_rise="4 ms",
    b="1e-3 /s",
    n_examples=70.0,
    alpha=0.3,
    theta_0=1.2,
    adaptation=0.0,
    temperature=0.0,
    prior=GaussianPrior(0.0, 1e9),
)


@pytest.fixture(autouse=True)
def users_brian2() -> Iterator[None]:
    reset_device()
    target, step = b2.prefs.codegen.target, b2.defaultclock.dt
    b2.prefs.codegen.target = "numpy"
    b2.defaultclock.dt = DT * b2.second
    yield
    b2.prefs.codegen.target, b2.defaultclock.dt = target, step


def spiking(n: int, index: np.ndarray, steps: np.ndarray, dt: float = DT) -> b2.SpikeGeneratorGroup:
    return b2.SpikeGeneratorGroup(n, index, steps * dt * b2.second)


def connected(pre: b2.Group, post: b2.Group, code: SamplingCode, theta: Any) -> b2.Synapses:
    synapses = b2.Synapses(pre, post, code.model, on_pre=code.on_pre, on_post=code.on_post)
    synapses.connect()
    synapses.theta = theta
    code.attach(synapses)
    return synapses


# --- synaptic sampling --------------------------------------------------------------------------------------


@pytest.mark.parametrize("retracted_learn", [True, False])
def test_learning_is_that_of_the_reference(retracted_learn: bool) -> None:
    """Prescribed spikes, some of them in the same step: synapse by synapse what the exact reference computes."""
    parameters = FLAT.replace(retracted_learn=retracted_learn)
    rng = np.random.default_rng(1)
    n_in, n_out, n_steps = 7, 3, 2000
    index, steps = np.nonzero(rng.random((n_in, n_steps)) < 0.03)
    order = np.argsort(steps, kind="stable")
    index, steps = index[order], steps[order]
    output_steps = np.sort(rng.choice(n_steps - 1, 60, replace=False))
    winners = rng.integers(n_out, size=60)
    assert np.isin(output_steps, steps).sum() > 5
    theta = rng.normal(0.3, 0.8, (n_out, n_in))
    expected = replay(index, steps * DT, output_steps * DT, winners, theta, n_steps * DT, parameters).theta
    pre, post = spiking(n_in, index, steps), spiking(n_out, winners, output_steps)
    code = synapse_code(SamplingRule(), parameters, learning="likelihood")
    synapses = connected(pre, post, code, theta.T.ravel())
    b2.Network(pre, post, synapses).run(n_steps * DT * b2.second)
    found = np.array(synapses.theta).reshape(n_in, n_out).T
    assert np.abs(found - theta).max() > 0.05
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)
    weight = membrane_weight(found.T.ravel(), parameters.theta_0)
    np.testing.assert_allclose(synapses.w[:], weight, rtol=0, atol=1e-12)


def ornstein_uhlenbeck(directory: Path | None) -> None:
    """Without spikes θ forgets its start by e^{−bt/sd²} and spreads to the variance T sd²."""
    n, duration, start = 40_000, 60.0, 2.0
    prior = GaussianPrior(0.4, 0.7)
    parameters = CircuitParameters(b="1e-3 /s", temperature=0.6, prior=prior)
    if directory is not None:
        b2.set_device("cpp_standalone", directory=str(directory), build_on_run=True)
    try:
        pre = b2.NeuronGroup(200, "v : 1", threshold="v > 1", reset="")
        post = b2.NeuronGroup(n // 200, "v : 1", threshold="v > 1", reset="")
        b2.defaultclock.dt = 1 * b2.second
        b2.seed(5)
        code = synapse_code(SamplingRule(), parameters, update_period="0.5 s")
        synapses = connected(pre, post, code, start)
        b2.Network(pre, post, synapses).run(duration * b2.second)
        theta, weight = np.array(synapses.theta), np.array(synapses.weight)
    finally:
        b2.device.reinit()
        reset_device()
    decay, sd = prior.transition(parameters.b * duration, parameters.temperature)
    mean = prior.mean + decay * (start - prior.mean)
    assert abs(theta.mean() - mean) < chance(4) * sd / math.sqrt(n)
    assert abs(theta.var(ddof=1) / sd**2 - 1) < chance(4) * math.sqrt(2 / n)
    np.testing.assert_allclose(weight, np.exp(theta - parameters.theta_0), rtol=1e-12)


def test_without_spikes_theta_follows_the_closed_form() -> None:
    ornstein_uhlenbeck(None)


def test_without_spikes_theta_follows_the_closed_form_in_cpp_standalone(tmp_path: Path) -> None:
    ornstein_uhlenbeck(tmp_path)


def test_prior_alone_moves_by_its_gradient() -> None:
    """A Laplace prior at T = 0: a constant pull b/scale, from both sides of its mean."""
    pre = b2.NeuronGroup(2, "v : 1", threshold="v > 1", reset="")
    parameters = CircuitParameters(b="1e-4 /s", temperature=0.0, prior=LaplacePrior(0.5, 0.2))
    code = synapse_code(SamplingRule(), parameters, learning="map")
    synapses = connected(pre, pre, code, [0.0, 1.0, -2.0, 3.0])
    b2.Network(pre, synapses).run(10 * b2.second)
    np.testing.assert_allclose(synapses.theta[:], [0.005, 0.995, -1.995, 2.995], rtol=1e-12)


def test_learning_is_switched_between_runs() -> None:
    post = spiking(1, np.zeros(3, dtype=int), np.array([20, 120, 220]))
    pre = spiking(1, np.zeros(3, dtype=int), np.array([15, 115, 215]))
    code = synapse_code(SamplingRule(), FLAT, learning="off")
    synapses = connected(pre, post, code, 1.5)
    network, seen = b2.Network(pre, post, synapses), []
    for mode in ("off", "likelihood", "off"):
        code.learn(synapses, mode)
        network.run(100 * b2.ms)
        seen.append(synapses.theta[0])
    assert seen[0] == 1.5
    assert seen[1] != seen[0]
    assert seen[2] == seen[1]


def test_a_spike_of_the_users_own_reads_the_weight_on_the_membrane() -> None:
    pre = spiking(2, np.array([0, 1]), np.array([3, 3]))
    post = b2.NeuronGroup(1, "v : 1", threshold="v > 1e9", reset="")
    code = synapse_code(SamplingRule(), FLAT, learning="off")
    synapses = b2.Synapses(pre, post, code.model, on_pre=code.on_pre + "\nv_post += w", on_post=code.on_post)
    synapses.connect()
    synapses.theta = [0.9, -0.4]
    code.attach(synapses)
    np.testing.assert_allclose(synapses.weight[:], np.exp([0.9 - 1.2, -0.4 - 1.2]))  # before any update
    b2.Network(pre, post, synapses).run(10 * b2.ms)
    assert post.v[0] == pytest.approx(math.exp(0.9 - 1.2) - math.exp(-1.2), rel=1e-12)


def test_a_psp_in_the_step_of_a_learning_step_carries_the_learnt_weight() -> None:
    """As in the circuits: the postsynaptic spike acts first."""
    pre = spiking(1, np.zeros(2, dtype=int), np.array([15, 20]))
    post = b2.NeuronGroup(1, "v : 1", threshold="abs(t - 20*ms) < 0.1*ms", reset="")
    code = synapse_code(SamplingRule(), FLAT, learning="likelihood")
    synapses = b2.Synapses(pre, post, code.model, on_pre=code.on_pre + "\nv_post += w", on_post=code.on_post)
    synapses.connect()
    synapses.theta = 1.5
    code.attach(synapses)
    b2.Network(pre, post, synapses).run(30 * b2.ms)
    assert abs(synapses.theta[0] - 1.5) > 0.01
    before, after = membrane_weight(1.5, 1.2), membrane_weight(synapses.theta[0], 1.2)
    assert post.v[0] == pytest.approx(before + after, rel=1e-9)


def unfit(change: str) -> None:
    code = synapse_code(SamplingRule(), FLAT)
    group = b2.NeuronGroup(2, "v : 1", threshold="v > 1", reset="")
    if change == "other model":
        synapses = b2.Synapses(group, group, "w : 1", on_pre="w += 1", on_post="w += 1")
        synapses.connect()
    else:
        synapses = b2.Synapses(group, group, code.model, on_pre=code.on_pre, on_post=code.on_post)
    if change == "twice":
        synapses.connect()
        code.attach(synapses)
    code.attach(synapses)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: synapse_code(PairSTDP(), bounds=(1.0, 0.0)), "low below high"),
        (lambda: synapse_code(STDPRule(w_max=2.0)), r"outside them use PairSTDP with bounds = \(0, 2\)"),
        (lambda: synapse_code("hebb"), "rule = 'hebb': must be a SamplingRule, PairSTDP or"),  # type: ignore[call-overload]
        (lambda: synapse_code(PairSTDP(), FLAT), "parameters: are for synaptic sampling"),  # type: ignore[call-overload]
        (lambda: synapse_code(SamplingRule(), FLAT, bounds=(0, 1)), "bounds = .*are for STDP"),  # type: ignore[call-overload]
        (
            lambda: synapse_code(SamplingRule(), FLAT, reward="r_post"),
            "reward = 'r_post', rate = None: are for reward",
        ),
        (lambda: synapse_code(PairSTDP(), rate="rho_post"), "are for reward-based sampling"),
        (lambda: synapse_code(RewardSampling(), learning="off"), "are not for reward-based sampling"),
        (lambda: synapse_code(RewardSampling(), update_period=0.5), "are not for reward-based sampling"),
        (
            lambda: synapse_code(SamplingRule(), FLAT.replace(normaliser=True)),
            "normaliser = True: must be False here",
        ),
        (lambda: synapse_code(SamplingRule(), FLAT, learning="on"), "learning = 'on'"),  # type: ignore[arg-type]
        (lambda: synapse_code(SamplingRule(), FLAT, update_period="2 s"), "update_period = 2 s: b times it"),
        (lambda: synapse_code(SamplingRule(), FLAT, update_period=0), "update_period = 0"),
        (lambda: unfit("other model"), "synapses = synapses.*: has no 'prior_gain'"),
        (lambda: unfit("not connected"), "synapses = synapses.*: must be connected first"),
        (lambda: unfit("twice"), "synapses = synapses.*: is attached already"),
    ],
)
def test_wrong_arguments(call: Any, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        call()
