"""The laws of what a free-running network does: spikes, winners, and learning beside the exact reference.

These run on the standalone engine; test_engines.py shows that the runtime engine draws the same spikes.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from helpers.small.networks import (
    IMAGE,
    LEFT,
    PARAMETERS,
    TIMING,
    begin,
    chance,
    engine_of,
    resting_clocks,
    shown,
    small_network,
    small_stimuli,
)
from spikingsampling.engines import Drive
from spikingsampling.network.reference import CircuitState, simulate
from spikingsampling.network.timing import Timing


def trace_cumulants(rates: np.ndarray, dt: float, tau: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cumulants 1, 2 and 4 of Σ e^{−(T−s)/τ} over Poisson spikes of ``rates`` (n_steps, n_inputs) on the grid."""
    ages = dt * np.arange(len(rates), 0, -1)[:, None]
    return tuple(np.sum(rates * dt * np.exp(-order * ages / tau), axis=0) for order in (1, 2, 4))


def traces(engine_name: str, timing: Timing, duration: float, n_runs: int, table: np.ndarray, tau: float):
    """Traces x_fall of all inputs at the end of runs with schedules of their own, and their cumulants."""
    network = small_network(PARAMETERS.replace(b=0, rho_net="0.01 Hz", tau_fall=tau))
    engine = engine_of(engine_name, network, timing=timing, frames=table)
    start, found, expected = resting_clocks(begin(network, timing=timing)), [], []
    for run in range(n_runs):
        drive = shown(duration, run, timing=timing)
        end = engine.advance(start, drive, "off", run).state
        found.append(end["inputs.x_fall"] * np.exp(end["inputs.origin"] / tau))
        rates = np.column_stack(
            [table[drive.schedule[:, 0], : IMAGE.size], table[drive.schedule[:, 1], IMAGE.size :]]
        )
        expected.append(
            trace_cumulants(np.repeat(rates, round(timing.frame_period / timing.dt), 0), timing.dt, tau)
        )
    engine.close()
    return np.array(found), *np.moveaxis(np.array(expected), 1, 0)


def assert_shot_noise(x: np.ndarray, mean: np.ndarray, variance: np.ndarray, fourth: np.ndarray) -> None:
    """Mean and variance of shot noise x, both within their standard error: of the squares, κ4 + 2 κ2²."""
    assert abs(np.sum(x - mean)) < chance(2) * math.sqrt(variance.sum())
    squares = np.sum((x - mean) ** 2 - variance)
    assert abs(squares) < chance(2) * math.sqrt(np.sum(fourth + 2 * variance**2))


def test_inputs_are_poisson_with_the_rates_of_the_schedule() -> None:
    """Fano factor 1: the variance of a trace is that of Poisson spikes, as is its mean, at rates of 2 to 40 Hz."""
    table = small_stimuli().table(small_network())
    x, mean, variance, fourth = traces("standalone", TIMING, 4.0, 60, table, 1.0)
    assert_shot_noise(x, mean, variance, fourth)
    by_input = (x - mean).sum(0) / np.sqrt(variance.sum(0))
    assert np.abs(by_input).max() < chance(len(by_input))
    correlation = np.corrcoef(((x - mean) / np.sqrt(variance)).T)[np.triu_indices(x.shape[1], 1)]
    assert np.abs(correlation).max() < chance(len(correlation)) / math.sqrt(len(x))


def test_no_spike_is_lost_where_the_rates_change() -> None:
    """Frames of 10 steps: to forget the spikes of one step at each border would take a tenth of them."""
    table = small_stimuli(low=20.0).table(small_network())
    timing = Timing(dt=1e-3, frame_period=0.01, update_period=1.0, segment=1.0, delay=5e-3)
    assert_shot_noise(*traces("runtime", timing, 1.0, 2, table, 1.0))


def test_silent_rows_have_the_silent_rate() -> None:
    table = small_stimuli(silent_rate=7.0).table(small_network())
    network = small_network(PARAMETERS.replace(b=0, tau_fall="1 s"))
    engine, x = engine_of("standalone", network, frames=table), []
    for run in range(20):
        end = engine.advance(begin(network), Drive(4.0, np.zeros((20, 2), int)), "off", run).state
        x.append(end["inputs.x_fall"] * np.exp(end["inputs.origin"] / 1.0))
    engine.close()
    rates = np.full((4000, network.n_inputs), 7.0)
    assert_shot_noise(np.array(x), *(np.tile(c, (20, 1)) for c in trace_cumulants(rates, 1e-3, 1.0)))


@pytest.fixture(scope="module")
def winners() -> dict:
    """Spikes of 100 s with fixed potentials u = β: an adaptation so slow and weak that own spikes do not count."""
    u = -np.array([0, 0.5, 1.5, 3.0, 0, 1.0, 2.0, 0.7, 0, 0.2])
    p = PARAMETERS.replace(
        b=0, adaptation=-1e-6, tau_adaptation_fall="1 h", tau_adaptation_rise="1 ms", rho_net="80 Hz"
    )
    network = small_network(p)
    engine, found = engine_of("standalone", network, frames=np.zeros((5, network.n_inputs))), []
    for run in range(5):
        state = begin(network, run, lateral=False)
        state["neurons.adaptation_fall"] = -1e6 * (u - 1600)
        outcome = engine.advance(state, shown(20.0, row=0), "off", run)
        found.append((20.0 * run + outcome.times, outcome.neurons))
    engine.close()
    times, neurons = (np.concatenate(values) for values in zip(*found, strict=True))
    return {"network": network, "u": u, "times": times, "neurons": neurons, "duration": 100.0}


def test_winners_follow_the_softmax_even_far_below_zero(winners: dict) -> None:
    """u near −1600, where e^u is 0. While β decays with 1 h, differences of u shrink by at most 0.6 %."""
    for circuit in range(3):
        members = winners["network"].circuit == circuit
        weights = np.exp(0.997 * winners["u"][members])
        counts = np.bincount(winners["neurons"], minlength=10)[members]
        expected = counts.sum() * weights / weights.sum()
        assert stats.chisquare(counts, expected).pvalue > 1e-4


def test_circuits_fire_as_independent_poisson_processes_of_the_total_rate(winners: dict) -> None:
    circuit = winners["network"].circuit[winners["neurons"]]
    steps = np.rint(winners["times"] / TIMING.dt).astype(int)
    assert len(set(zip(steps, circuit, strict=True))) == len(steps)  # one winner at a time
    counts = np.array(
        [np.histogram(steps[circuit == c], np.arange(0, 100_001, 500))[0] for c in range(3)]
    )  # bins of 0.5 s
    n_bins, mean = counts.shape[1], 40.0
    assert np.abs(counts.sum(1) - 8000).max() < chance(3) * math.sqrt(8000)
    fano = ((counts - mean) ** 2).mean(1) / mean
    assert np.abs(fano - 1).max() < chance(3) * math.sqrt((2 + 1 / mean) / n_bins)
    correlation = np.corrcoef(counts)[np.triu_indices(3, 1)]
    assert np.abs(correlation).max() < chance(3) / math.sqrt(n_bins)


# --- learning beside the reference --------------------------------------------------------------------------

LEARNING = PARAMETERS.replace(b=1e-3, n_examples=50)


def summary(theta: np.ndarray, winners: np.ndarray, on: np.ndarray) -> np.ndarray:
    """What is compared of a run: θ (K, n_in), winners, and how many items each input is on in."""
    by_use = [theta[:, on == k].mean() for k in np.unique(on)]
    rates = np.sort(np.bincount(winners, minlength=len(theta)))
    return np.array(
        [theta.mean(), theta.var(), np.count_nonzero(theta > 0), len(winners), rates.std(), *by_use]
    )


def compare_with_reference(duration: float, n_seeds: int) -> None:
    """One circuit with 40 inputs, from the same θ: Welch's test of each summary over the seeds."""
    network = small_network(LEARNING)
    table = small_stimuli().table(network)
    rates = table[:, : IMAGE.size]
    on = (rates[1:] > 10).sum(axis=0)
    start = begin(network, 1, lateral=False)
    image = network.pathways[0].slices["image_to_left"]
    shape = (LEFT.size, IMAGE.size)
    engine = engine_of("standalone", network, frames=table)
    found, expected = [], []
    for seed in range(n_seeds):
        rng = np.random.default_rng(seed)
        items = rng.integers(1, len(table), round(duration / 0.2))
        state, neurons = start, []
        for first in range(0, len(items), 100):
            rows = np.repeat(items[first : first + 100, None], 2, axis=1)
            outcome = engine.advance(
                state, Drive(0.2 * len(rows), rows), "sampling", int(rng.integers(2**32))
            )
            state = outcome.state
            neurons.append(outcome.neurons[outcome.neurons < LEFT.size])
        theta = state["feedforward.theta"][image].reshape(shape)
        found.append(summary(theta, np.concatenate(neurons), on))
        at_rest = CircuitState.at_rest(start["feedforward.theta"][image].reshape(shape))
        run = simulate(at_rest, rates, items, 0.2, LEARNING, rng=np.random.default_rng(1000 + seed))
        expected.append(summary(run.state.theta, run.winners, on))
    engine.close()
    learnt = np.mean(expected, axis=0)[0] - start["feedforward.theta"][image].mean()
    assert abs(learnt) > 0.05  # there is something to compare
    for ours, theirs in zip(np.transpose(found), np.transpose(expected), strict=True):
        assert stats.ttest_ind(ours, theirs, equal_var=False).pvalue > 1e-4 / len(found[0])


def test_learning_has_the_statistics_of_the_reference() -> None:
    compare_with_reference(duration=40.0, n_seeds=6)


@pytest.mark.slow
def test_long_learning_has_the_statistics_of_the_reference() -> None:
    compare_with_reference(duration=400.0, n_seeds=10)
