"""Reward-based synaptic sampling: against the paper's equations step by step, closed forms, and SPORE's own test."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import brian2 as b2
import numpy as np
import pytest
from brian2.devices import reset_device
from numpy.typing import NDArray

from helpers.small.networks import chance
from spikingsampling.errors import ParameterError
from spikingsampling.inference.priors import GaussianPrior
from spikingsampling.network.reward.code import RewardCode
from spikingsampling.network.reward.rule import RewardSampling
from spikingsampling.network.synapse_code import synapse_code

Array = NDArray[np.float64]
SILENT = "reward : 1\nrho : Hz"


@pytest.fixture(autouse=True)
def users_brian2() -> Iterator[None]:
    reset_device()
    target, step = b2.prefs.codegen.target, b2.defaultclock.dt
    b2.prefs.codegen.target = "numpy"
    b2.defaultclock.dt = 1 * b2.ms
    yield
    b2.prefs.codegen.target, b2.defaultclock.dt = target, step


def connected(pre: b2.Group, post: b2.Group, code: RewardCode, theta: Any, **pairs: Any) -> b2.Synapses:
    synapses = b2.Synapses(pre, post, code.model, on_pre=code.on_pre, on_post=code.on_post)
    synapses.connect(**pairs)
    synapses.theta = theta
    code.attach(synapses)
    return synapses


def silent(n: int) -> b2.NeuronGroup:
    return b2.NeuronGroup(n, SILENT, threshold="reward > 1e9", reset="")


# --- step by step -------------------------------------------------------------------------------------------

#: No two constants alike, so that no exchange hides. θ crosses 0, and the gradient meets its cap.
RULE = RewardSampling(
    b="0.3 /s",
    temperature=0.0,
    prior=GaussianPrior(0.2, 1.7),
    reward_gain="90 /s",
    direct_gain=0.7,
    gradient_cap=9.0,
    tau_eligibility="0.4 s",
    tau_gradient="0.7 s",
    update_period="20 ms",
    tau_fall="23 ms",
    tau_rise="5 ms",
    w_0=1.3,
    theta_0=0.6,
    theta_floor=-1.5,
    theta_ceiling=1.6,
)


def by_the_paper(
    rule: RewardSampling, theta: Array, pre: Array, post: Array, rate: Array, reward: Array
) -> dict:
    """θ, e and g (n_pre, n_post) after spikes (n_steps, n), rates (n_steps, n_post) and rewards (n_steps,)."""
    dt, theta = 1e-3, theta.copy()
    e, g = np.zeros_like(theta), np.zeros_like(theta)
    fall, rise = np.zeros(len(theta)), np.zeros(len(theta))
    scale = (rule.tau_rise if rule.psp == "published" else rule.tau_fall) / (rule.tau_fall - rule.tau_rise)
    largest = 0.0
    w = np.where(theta > 0, rule.w_0 * np.exp(theta - rule.theta_0), 0.0)
    for k in range(len(pre)):
        if k % round(rule.update_period / dt) == 0:
            gradient = rule.reward_gain * g + rule.direct_gain * reward[k] * e
            largest = max(largest, np.abs(gradient).max())
            drift = (0.2 - theta) / 1.7**2 + np.clip(gradient, -rule.gradient_cap, rule.gradient_cap)
            theta = np.clip(theta + 0.02 * 0.3 * drift, rule.theta_floor, rule.theta_ceiling)
            w = np.where(theta > 0, rule.w_0 * np.exp(theta - rule.theta_0), 0.0)
            e, g = e * (theta > 0), g * (theta > 0)
        g = (
            g * math.exp(-dt / rule.tau_gradient)
            + (dt if rule.accumulation == "integral" else 1) * reward[k] * e
        )
        fall, rise = fall * math.exp(-dt / rule.tau_fall), rise * math.exp(-dt / rule.tau_rise)
        wy = w * (scale * (fall - rise))[:, None]
        e = e * math.exp(-dt / rule.tau_eligibility) + wy * (post[k] - rate[k] * dt)
        fall, rise = fall + pre[k], rise + pre[k]
    return {"theta": theta, "eligibility": e, "gradient": g, "w": w, "largest": largest}


@pytest.mark.parametrize(
    ("changes", "standalone"),
    [
        ({}, False),
        ({}, True),
        ({"accumulation": "steps", "reward_gain": 0.09}, False),
        ({"psp": "spore"}, False),
    ],
)
def test_it_follows_the_equations(changes: dict[str, Any], standalone: bool, tmp_path: Path) -> None:
    rule, rng, n_steps = RULE.replace(**changes), np.random.default_rng(3), 1500
    pre, post = rng.random((n_steps, 6)) < 0.05, rng.random((n_steps, 4)) < 0.04
    rate, reward = rng.uniform(10, 60, (n_steps, 4)), np.repeat(rng.uniform(-1, 3, n_steps // 10), 10)
    theta = rng.normal(0.3, 0.7, (6, 4))
    expected = by_the_paper(rule, theta, pre, post, rate, reward)
    assert expected.pop("largest") > rule.gradient_cap
    assert ((theta > 0) != (expected["theta"] > 0)).any() and (expected["theta"] < 0).any()
    if standalone:
        b2.set_device("cpp_standalone", directory=str(tmp_path), build_on_run=True)
    try:
        ms = 1 * b2.ms
        namespace = {
            "sent": b2.TimedArray(pre.astype(float), dt=ms),
            "fires": b2.TimedArray(post.astype(float), dt=ms),
            "rates": b2.TimedArray(rate * b2.Hz, dt=ms),
            "rewards": b2.TimedArray(reward, dt=ms),
        }
        inputs = b2.NeuronGroup(6, "x : 1", threshold="sent(t, i) > 0.5", reset="")
        model = "rho = rates(t, i) : Hz\nreward = rewards(t) : 1"
        outputs = b2.NeuronGroup(4, model, threshold="fires(t, i) > 0.5", reset="")
        synapses = connected(inputs, outputs, synapse_code(rule), theta.ravel())
        b2.Network(inputs, outputs, synapses).run(n_steps * ms, namespace=namespace)
        found = {name: np.array(getattr(synapses, name)).reshape(6, 4) for name in expected}
    finally:
        b2.device.reinit()
        reset_device()
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, rtol=1e-9, atol=1e-11, err_msg=name)


def test_at_temperature_0_without_input_as_spores_own_test() -> None:
    """θ_n = 0.99ⁿ at β = 1e-4/ms with a step every 100 ms."""
    rule = RewardSampling(b="0.1 /s", temperature=0.0, prior=GaussianPrior(0.0, 1.0), update_period="100 ms")
    group = silent(1)
    synapses = connected(group, group, synapse_code(rule), 1.0)
    network = b2.Network(group, synapses)
    for n in range(1, 60):
        network.run(100 * b2.ms)
        assert synapses.theta[0] == pytest.approx(0.99**n, rel=1e-12)


# --- laws ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reward", ["reward_post", "3.5"])
def test_without_a_gradient_theta_is_an_ornstein_uhlenbeck_process(reward: str) -> None:
    """The law of its Euler steps, from a fixed start; without spikes a reward changes nothing."""
    n, n_steps, start = 40_000, 80, 1.5
    rule = RewardSampling(b="0.2 /s", temperature=0.6, prior=GaussianPrior(0.4, 0.9), update_period="100 ms")
    rule = rule.replace(theta_floor=-50.0, theta_ceiling=50.0)
    b2.defaultclock.dt = 100 * b2.ms
    b2.seed(5)
    group = silent(200)
    synapses = connected(group, group, synapse_code(rule, reward=reward), start)
    b2.Network(group, synapses).run(n_steps * 100 * b2.ms)
    keep = 1 - 0.02 / 0.9**2
    mean = 0.4 + keep**n_steps * (start - 0.4)
    variance = 2 * 0.6 * 0.02 * (1 - keep ** (2 * n_steps)) / (1 - keep**2)
    theta = np.array(synapses.theta)
    assert abs(theta.mean() - mean) < chance(4) * math.sqrt(variance / n)
    assert abs(theta.var(ddof=1) / variance - 1) < chance(4) * math.sqrt(2 / n)
    np.testing.assert_allclose(synapses.w[:], np.where(theta > 0, np.exp(theta - 3.0), 0))


def test_a_reward_finds_the_gradient_of_the_rate() -> None:
    """⟨r e⟩ = w y ρ e^{−d/τ_e} (1 − ρ dt) where the reward follows each own spike by d.

    The neuron fires at the constant rate ρ; w = 0.8 and y = 1 are held. Neurons are independent, which gives the error.
    A reward that does not depend on the spikes finds nothing: a baseline changes nothing.
    """
    n, dt, n_steps, w, rate = 4000, 5e-3, 800, 0.8, 11.13
    rule = RewardSampling(b="0 /s", temperature=0.0, update_period="1 h", w_0=w, theta_0=1.0)
    b2.defaultclock.dt = dt * b2.second
    b2.seed(7)
    pre = silent(1)
    model = "reward : 1\nrho : Hz (constant)"
    post = b2.NeuronGroup(n, model, threshold="rand() < rho*dt", reset="")
    post.rho = rate * b2.Hz
    synapses = connected(pre, post, synapse_code(rule, reward="1"), 1.0)
    synapses.tau_fall, synapses.y_fall, synapses.psp_scale = 1e12 * b2.second, 1.0, 1.0
    spikes = b2.SpikeMonitor(post)
    eligibility = b2.StateMonitor(synapses, "eligibility", record=True, when="end")
    b2.Network(pre, post, synapses, spikes, eligibility).run(n_steps * dt * b2.second)
    assert synapses.w[0] == pytest.approx(w)
    fired = np.zeros((n, n_steps))
    fired[spikes.i, np.round(spikes.t / b2.second / dt).astype(int)] = 1
    e = np.array(eligibility.eligibility)
    for delay in (0.0, 0.5, 1.0, 2.0):
        lag = round(delay / dt)
        # ⟨e⟩ = 0: without ρ⟨e⟩ the error is a third
        found = ((fired[:, : n_steps - lag] / dt - rate) * e[:, lag:]).mean(axis=1)
        expected = w * rate * math.exp(-delay) * (1 - rate * dt)
        tolerance = chance(4) * found.std(ddof=1) / math.sqrt(n)
        assert abs(found.mean() - expected) < tolerance < expected / 2, delay
    g = np.array(synapses.gradient)
    assert abs(g.mean()) < chance() * g.std(ddof=1) / math.sqrt(n)


def test_a_dead_time_leaves_the_eligibility_without_bias() -> None:
    """Its mean is 0 although the neuron is refractory as soon as it has fired."""
    n, w = 20_000, 0.7
    rule = RewardSampling(b="0 /s", temperature=0.0, update_period="1 h", w_0=w, theta_0=1.0)
    b2.defaultclock.dt = 5 * b2.ms
    b2.seed(8)
    pre = silent(1)
    model = "reward : 1\nrho = 40*int(not_refractory)*Hz : Hz"
    post = b2.NeuronGroup(n, model, threshold="rand() < rho*dt", reset="", refractory=20 * b2.ms)
    synapses = connected(pre, post, synapse_code(rule), 1.0)
    synapses.tau_fall, synapses.y_fall, synapses.psp_scale = 1e12 * b2.second, 1.0, 1.0
    b2.Network(pre, post, synapses).run(1 * b2.second)
    e = np.array(synapses.eligibility)
    assert e.std() > 0.5
    assert abs(e.mean()) < chance() * e.std(ddof=1) / math.sqrt(n)


# --- use ----------------------------------------------------------------------------------------------------


def test_b_and_temperature_are_annealed_between_runs() -> None:
    rule = RewardSampling(b="0.1 /s", temperature=0.0, prior=GaussianPrior(0.0, 1.0), update_period="100 ms")
    group, code = silent(1), synapse_code(rule)
    synapses = connected(group, group, code, 1.0)
    network = b2.Network(group, synapses)
    network.run(100 * b2.ms)
    code.anneal(synapses, "0.2 /s", 0.0)
    network.run(100 * b2.ms)
    assert synapses.theta[0] == pytest.approx(0.99 * 0.98, rel=1e-12)
    code.anneal(synapses, "0.2 /s", 0.3)
    assert float(np.asarray(synapses.noise)) == pytest.approx(math.sqrt(2 * 0.3 * 0.02))


def test_a_lesioned_synapse_stays_without_weight() -> None:
    group = silent(1)
    rule = RewardSampling(b="0.1 /s", update_period="1 ms")
    synapses = connected(group, group, synapse_code(rule), 2.0)
    synapses.intact, synapses.w, synapses.eligibility, synapses.gradient = 0, 0, 1.0, 1.0
    b2.Network(group, synapses).run(3 * b2.ms)
    assert (synapses.w[0], synapses.eligibility[0], synapses.gradient[0]) == (0, 0, 0)


def unfit(change: str) -> None:
    group = silent(2)
    rule = RewardSampling(update_period="2.5 ms") if change == "period" else RewardSampling()
    code = synapse_code(rule)
    if change == "other model":
        synapses = b2.Synapses(group, group, "w : 1", on_pre="w += 1", on_post="w += 1")
    else:
        synapses = b2.Synapses(group, group, code.model, on_pre=code.on_pre, on_post=code.on_post)
    if change != "not connected":
        synapses.connect()
    if change == "twice":
        code.attach(synapses)
    code.attach(synapses)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: unfit("other model"), "synapses = synapses.*: has no 'eligibility'"),
        (lambda: unfit("not connected"), "synapses = synapses.*: must be connected first"),
        (lambda: unfit("twice"), "synapses = synapses.*: is attached already"),
        (lambda: unfit("period"), "update_period = 0.0025 s: must be a multiple of the time step, 0.001 s"),
        (lambda: synapse_code(RewardSampling(), reward=1), "reward = 1: must be a Brian2 expression"),  # type: ignore[call-overload]
        (lambda: synapse_code(RewardSampling(), rate=" "), "rate = ' ': must be a Brian2 expression"),
        (lambda: synapse_code(RewardSampling(), bounds=(0, 1)), "are not for reward-based sampling"),  # type: ignore[call-overload]
        (lambda: RewardSampling(tau_rise="30 ms"), "tau_rise = 0.03 s must be less than tau_fall = 0.02 s"),
        (lambda: RewardSampling(temperature=-1), "RewardSampling.temperature = -1.0: must be at least 0"),
    ],
)
def test_wrong_arguments(call: Any, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        call()
