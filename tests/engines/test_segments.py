"""Both engines: what crosses the border of two segments, and what a segment depends on."""

from __future__ import annotations

import math

import numpy as np
import pytest

from helpers.small.networks import (
    FAST,
    PARAMETERS,
    SLOW_PSP,
    TIMING,
    Spikes,
    begin,
    both_engines,
    engine_of,
    resting_clocks,
    shown,
    small_network,
    theta_of,
)
from spikingsampling.network.timing import Timing


@both_engines
def test_two_segments_are_one_long_one(name: str) -> None:
    """PSPs, adaptation, traces, spikes in flight and the phase of prior and noise cross the border."""
    half = {"standalone": 10.0, "runtime": 1.0}[name]
    network = small_network(SLOW_PSP.replace(b=1e-6))
    n_steps = round(2 * half / TIMING.dt)
    spikes = Spikes.random(network, n_steps, np.random.default_rng(9))
    engine = engine_of(name, network, forced=True)
    start = resting_clocks(begin(network))
    one = engine.advance(start, spikes.drive(), "map", 1)
    first = engine.advance(start, spikes.drive(stop=n_steps // 2), "map", 2)
    assert first.state["axons.in_flight"].any()
    second = engine.advance(first.state, spikes.drive(first=n_steps // 2), "map", 3)
    engine.close()
    assert 1e-3 < np.abs(one.state["lateral.theta"] - start["lateral.theta"]).max() < 3
    for variable, value in one.state.items():
        np.testing.assert_allclose(second.state[variable], value, rtol=1e-9, err_msg=variable)
    times = np.concatenate([first.times, half + second.times])
    np.testing.assert_allclose(times, one.times, atol=1e-9)
    np.testing.assert_array_equal(np.concatenate([first.neurons, second.neurons]), one.neurons)
    np.testing.assert_array_equal(np.rint(one.times / TIMING.dt), spikes.output_steps)


@both_engines
def test_spikes_in_flight_at_the_border_arrive_after_the_delay(name: str) -> None:
    """Neurons fire 1, 2, 5 and 6 steps before the border, one of them twice; each PSP begins 5 steps after."""
    network = small_network(SLOW_PSP.replace(b=0, adaptation=0))
    n = round(1.0 / TIMING.dt)
    before, neurons = np.array([1, 2, 2, 3, 5, 6, 7]), np.array([0, 4, 7, 7, 5, 1, 8])
    spikes = Spikes(2 * n, np.zeros(0, int), np.zeros(0, int), n - before, neurons)
    engine = engine_of(name, network, forced=True)
    start = resting_clocks(begin(network))
    middle = engine.advance(start, spikes.drive(stop=n), "off", 1).state
    end = engine.advance(middle, spikes.drive(first=n), "off", 1).state
    engine.close()
    theta = theta_of(network, start)[:, network.n_inputs + neurons]
    w = np.maximum(0.0, np.exp(theta - 3) - math.exp(-3))
    for state, last_step in ((middle, n - 1), (end, 2 * n - 1)):  # a state is that of its last step
        age = (last_step - (n - before + 5)) * TIMING.dt
        for variable, tau in (("psp_fall", 0.5), ("psp_rise", 0.1)):
            expected = w @ np.where(age >= 0, np.exp(-age / tau), 0)
            np.testing.assert_allclose(state[f"neurons.{variable}"], expected, rtol=1e-9)


@both_engines
def test_the_clock_of_a_circuit_and_a_due_input_spike_cross_the_border(name: str) -> None:
    network = small_network(PARAMETERS.replace(rho_net="0.01 Hz", tau_fall="1 s", tau_rise="0.1 s"))
    state = resting_clocks(begin(network))
    state["circuits.t_next"][1] = 1.4996  # in the second segment
    state["inputs.t_next"][3] = -4e-4  # fell between the last step before the segment and its first
    silent = np.zeros((5, network.n_inputs))
    engine = engine_of(name, network, frames=silent)
    drive = shown(1.0, row=0)
    first = engine.advance(state, drive, "off", 1)
    second = engine.advance(first.state, drive, "off", 2)
    engine.close()
    assert len(first.times) == 0
    assert second.times[0] == pytest.approx(0.5)
    assert network.circuit[second.neurons[0]] == 1
    x = first.state["inputs.x_fall"] * np.exp(first.state["inputs.origin"] / 1.0)
    np.testing.assert_allclose(x, np.where(np.arange(60) == 3, math.exp(-1), 0), rtol=1e-9)


def test_both_engines_draw_the_same_spikes(monkeypatch: pytest.MonkeyPatch) -> None:
    """With Brian2's generator both use the Mersenne Twister in the same order. θ agrees to rounding only: g++ may
    reorder sums and NumPy has an exponential function of its own."""
    monkeypatch.setenv("SPIKINGSAMPLING_TEMPLATES", "rows")
    network = small_network(FAST)
    state = begin(network)
    outcomes = []
    for name in ("standalone", "runtime"):
        engine = engine_of(name, network)
        now, found = state, []
        for seed in (7, 8):
            found.append(engine.advance(now, shown(1.0, seed), "sampling", seed))
            now = found[-1].state
        outcomes.append(found)
        engine.close()
    for one, other in zip(*outcomes, strict=True):
        np.testing.assert_array_equal(one.neurons, other.neurons)
        np.testing.assert_allclose(one.times, other.times, rtol=0, atol=1e-12)
        for variable, value in one.state.items():
            np.testing.assert_allclose(other.state[variable], value, rtol=1e-9, atol=1e-12, err_msg=variable)


@both_engines
def test_a_segment_is_a_function_of_its_arguments(name: str) -> None:
    """Same bits from the same seed, whatever ran before; the caller's random numbers and state are untouched."""
    network = small_network(FAST)
    engine, state = engine_of(name, network), begin(network)
    before = {variable: value.copy() for variable, value in state.items()}
    np.random.seed(3)  # noqa: NPY002
    first = engine.advance(state, shown(1.0), "sampling", 4)
    drawn = np.random.random(3)  # noqa: NPY002
    engine.advance(first.state, shown(1.0, 1), "map", 5)
    again = engine.advance(state, shown(1.0), "sampling", 4)
    other = engine.advance(state, shown(1.0), "sampling", 5)
    engine.close()
    np.testing.assert_array_equal(first.times, again.times)
    assert not np.array_equal(first.times, other.times)
    for variable, value in first.state.items():
        np.testing.assert_array_equal(again.state[variable], value)
    for variable, value in before.items():
        np.testing.assert_array_equal(state[variable], value)
    np.testing.assert_array_equal(drawn, np.random.RandomState(3).random(3))


def test_runtime_engines_with_other_time_steps_do_not_disturb_each_other() -> None:
    network = small_network(FAST)
    fine_timing = Timing(0.5e-3, 0.2, 1.0, 1.0, 5e-3)
    alone = engine_of("runtime", network).advance(begin(network), shown(1.0), "map", 1)
    coarse = engine_of("runtime", network)
    engine_of("runtime", network, timing=fine_timing)
    after = coarse.advance(begin(network), shown(1.0), "map", 1)
    np.testing.assert_array_equal(after.times, alone.times)
