"""The stochastic neuron and the reward signal: closed forms."""

from __future__ import annotations

import math
from collections.abc import Iterator

import brian2 as b2
import numpy as np
import pytest
from brian2.devices import reset_device

from helpers.small.networks import chance
from spikingsampling.errors import ParameterError
from spikingsampling.network.reward.neuron import StochasticNeuron
from spikingsampling.network.reward.rule import RewardSampling
from spikingsampling.network.reward.signal import RewardSignal


@pytest.fixture(autouse=True)
def users_brian2() -> Iterator[None]:
    reset_device()
    target, step = b2.prefs.codegen.target, b2.defaultclock.dt
    b2.prefs.codegen.target = "numpy"
    b2.defaultclock.dt = 1 * b2.ms
    b2.seed(4)
    yield
    b2.prefs.codegen.target, b2.defaultclock.dt = target, step


def neurons(n: int, neuron: StochasticNeuron, rule: RewardSampling | None = None) -> b2.NeuronGroup:
    return b2.NeuronGroup(
        n,
        neuron.equations(rule or RewardSampling()),
        threshold=neuron.threshold,
        reset=neuron.reset,
        refractory=neuron.refractory,
        method="exact",
    )


def test_it_fires_at_its_rate_between_dead_times() -> None:
    """On a grid: dead for d steps, then with p = 1 − e^{−50 Hz dt} per step; an interval lasts d + 1/p steps on mean.

    A renewal process of that mean and the geometric variance (1 − p)/p² has the asymptotic variance
    var/mean³ per step.
    """
    n, n_steps, rate = 1000, 4000, 50.0
    group = neurons(n, StochasticNeuron(bias=math.log(rate), adaptation=0.0))
    spikes = b2.SpikeMonitor(group, record=False)
    b2.Network(group, spikes).run(n_steps * b2.ms)
    p = -math.expm1(-rate * 1e-3)
    # Brian2 counts the dead time in whole steps from the spike: the neuron can fire again in the fifth one.
    mean, variance = 4 + 1 / p, (1 - p) / p**2
    counts = np.array(spikes.count)
    error = math.sqrt(variance / mean**3 * n_steps / n)
    # renewal theorem on a lattice, with a first interval of 1/p on average
    first = n_steps / mean + (variance + mean**2) / (2 * mean**2) - (1 / p) / mean + 1 / (2 * mean)
    assert abs(counts.mean() - first) < chance() * error


def test_adaptation_counts_the_spikes_against_the_target() -> None:
    """ϑ is 0.1 times the spikes beyond those of the target rate, exactly; so the rate stays there."""
    neuron = StochasticNeuron(bias=1.0, adaptation=0.1, target_rate="5 Hz")
    group = neurons(50, neuron)
    spikes = b2.SpikeMonitor(group, record=False)
    b2.Network(group, spikes).run(20 * b2.second)
    np.testing.assert_allclose(group.adapted[:], 0.1 * (np.array(spikes.count) - 5 * 20), rtol=0, atol=1e-8)
    assert np.ptp(spikes.count) > 5


def test_its_rate_falls_with_each_spike_and_is_0_in_the_dead_time() -> None:
    """As the eligibility needs it: a neuron that cannot fire has no rate."""
    group = neurons(3, StochasticNeuron(bias=20.0, adaptation=0.3, target_rate="0 Hz"))
    group.spiked = [0, 5, 60]
    chances = -np.expm1(-1e-3 * np.exp([20, 18.5, 2]))
    np.testing.assert_allclose(group.rho[:] / b2.Hz * 1e-3, chances, rtol=1e-12)
    group.spiked = [0, 5, 5]
    network = b2.Network(group)
    network.run(2 * b2.ms)  # all fire in the first step
    np.testing.assert_array_equal(group.spiked[:], [1, 6, 6])
    np.testing.assert_array_equal(group.rho[:] / b2.Hz, 0)


@pytest.mark.parametrize("rate", [50.0, 3000.0])
def test_spikes_less_their_rate_have_mean_zero_in_a_step(rate: float) -> None:
    """At rates of more than 1/dt, too: else no eligibility would have mean zero."""
    n = 40_000
    group = neurons(n, StochasticNeuron(bias=math.log(rate), adaptation=0.0))
    p = float(group.rho[0] / b2.Hz) * 1e-3
    spikes = b2.SpikeMonitor(group, record=False)
    b2.Network(group, spikes).run(1 * b2.ms)
    assert 0 < p < 1
    assert abs(np.array(spikes.count).mean() - p) < chance() * math.sqrt(p * (1 - p) / n)


@pytest.mark.parametrize(("psp", "factor"), [("published", 2 / 18), ("spore", 20 / 18)])
def test_its_potential_is_the_psp_of_the_paper(psp: str, factor: float) -> None:
    group = neurons(1, StochasticNeuron(bias=-2.0, adaptation=0.0), RewardSampling(psp=psp))
    group.psp_fall = group.psp_rise = 0.7
    b2.Network(group).run(10 * b2.ms)
    expected = -2 + 0.7 * factor * (math.exp(-10 / 20) - math.exp(-10 / 2))
    assert group.u[0] == pytest.approx(expected, rel=1e-10)
    rate = -1e3 * math.expm1(-1e-3 * math.exp(expected))
    assert group.rho[0] / b2.Hz in (0, pytest.approx(rate, rel=1e-10))


@pytest.mark.parametrize(("psp", "factor"), [("published", 1 / 9), ("spore", 10 / 9)])
def test_inhibition_has_a_psp_of_its_own(psp: str, factor: float) -> None:
    rule = RewardSampling(psp=psp)
    neuron = StochasticNeuron(bias=-2.0, adaptation=0.0)
    group = b2.NeuronGroup(
        1, neuron.equations(rule, inhibited=True), refractory=neuron.refractory, method="exact"
    )
    group.psp_fall = group.psp_rise = 0.7
    group.inhibition_fall = group.inhibition_rise = -0.4
    b2.Network(group).run(5 * b2.ms)
    excited = 0.7 * rule.psp_scale * (math.exp(-5 / 20) - math.exp(-5 / 2))
    inhibited = -0.4 * factor * (math.exp(-5 / 10) - math.exp(-5 / 1))
    assert group.u[0] == pytest.approx(-2 + excited + inhibited, rel=1e-10)


def test_an_inhibitory_psp_must_rise_before_it_falls() -> None:
    with pytest.raises(
        ParameterError, match=r"inhibition_rise = 0\.02 s: must be less than inhibition_fall = 0\.01 s"
    ):
        StochasticNeuron(inhibition_rise="20 ms")


def test_a_reward_is_divided_by_its_running_mean() -> None:
    """The mean of a constant r goes as r + (r̄(0) − r) e^{−t/τ}; below the floor the floor divides."""
    signal = RewardSignal(tau_mean="2 s", floor=0.3, offset=0.05)
    group = b2.NeuronGroup(3, "r : 1" + signal.equations("r"), method="exact")
    group.r, group.mean_reward = [1.5, 0.1, -1.0], [0.5, 0.1, 0.5]
    b2.Network(group).run(1 * b2.second)
    mean = 1.5 - math.exp(-0.5)
    np.testing.assert_allclose(group.mean_reward[0], mean, rtol=1e-10)
    np.testing.assert_allclose(group.reward[:], [1.5 / mean + 0.05, 0.1 / 0.3 + 0.05, 0.05], rtol=1e-10)
