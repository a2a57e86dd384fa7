"""Neurons that hear the spikes of a network from outside, on trains made by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from spikingsampling.models.dynamics.activity import Activity
from spikingsampling.models.dynamics.brunel import BrunelNetwork
from spikingsampling.protocols.studies.dynamics.spiking.activity import rate
from spikingsampling.protocols.studies.dynamics.spiking.alone import (
    fire,
    hear,
    poisson_input,
    shifted_input,
)

DT = 1e-4
#: Two inhibitory neurons, of which each neuron hears one, and eight excitatory ones, of which it hears four.
TINY = BrunelNetwork(n_excitatory=8, c_excitatory=4, weight=0.5)


def activity(trains: list[list[int]], n_steps: int) -> Activity:
    """Spikes at these steps; they come in the order of time, as from a simulation."""
    steps = np.array([step for train in trains for step in train])
    neurons = np.repeat(np.arange(len(trains)), [len(train) for train in trains])
    order = np.argsort(steps, kind="stable")
    return Activity(steps[order] * DT, neurons[order].astype(np.int32), len(trains), n_steps * DT)


def circular_intervals(steps: np.ndarray, n_steps: int) -> list[int]:
    return sorted(np.diff(np.append(steps, steps[0] + n_steps)).tolist())


def test_shifted_trains_keep_their_intervals() -> None:
    n_steps = 1000
    trains = [[]] * 8 + [[3, 10, 40, 600], [0, 500, 999]]
    heard = shifted_input(activity(trains, n_steps), TINY, 4.0, 60, np.random.default_rng(0))
    assert heard.shape == (n_steps, 60)
    sources, firsts = set(), set()
    for column in heard.T:
        assert set(np.unique(column)) == {0.0, -2.0}  # g J
        steps = np.flatnonzero(column)
        found = circular_intervals(steps, n_steps)
        assert found in (
            circular_intervals(np.array(trains[8]), n_steps),
            circular_intervals(np.array(trains[9]), n_steps),
        )
        sources.add(len(found))
        firsts.add(steps[0])
    assert sources == {4, 3}
    assert len(firsts) > 30


def test_shifts_dissolve_a_volley() -> None:
    """All fire once, at the same time; shifted, they come at any time, and all four from different neurons."""
    n_steps = 500
    trains = [[250]] * 8 + [[], []]
    heard = shifted_input(activity(trains, n_steps), TINY, 4.0, 400, np.random.default_rng(1))
    np.testing.assert_allclose(heard.sum(axis=0), 4 * 0.5)
    # 1600 spikes fall on 500 steps as at random, not all on one.
    by_step = heard.sum(axis=1) / 0.5
    assert by_step.var() == pytest.approx(1600 / n_steps, rel=4 * math.sqrt(2 / n_steps))
    # A neuron hears none twice: the sum of four different powers of two tells who they were.
    several = [[10 * k for k in range(2**i)] for i in range(8)] + [[], []]
    counts = shifted_input(activity(several, 1300), TINY, 4.0, 50, np.random.default_rng(2)).sum(axis=0) / 0.5
    assert all(bin(round(count)).count("1") == 4 for count in counts)


def test_poisson_input() -> None:
    heard = poisson_input(50.0, TINY, 4.0, (20_000, 20), np.random.default_rng(3))
    excitatory, inhibitory = 4 * 50 * DT, 50 * DT
    variance = 0.5**2 * (excitatory + 16 * inhibitory)
    assert heard.mean() == pytest.approx(
        0.5 * (excitatory - 4 * inhibitory), abs=4 * math.sqrt(variance / heard.size)
    )
    fourth = 0.5**4 * (excitatory + 256 * inhibitory) + 3 * variance**2
    assert heard.var() == pytest.approx(variance, abs=4 * math.sqrt((fourth - variance**2) / heard.size))


def test_neurons_alone_fire_as_the_equation_says() -> None:
    """A PSP in each step: v_k = 10 r^k + w (1 − r^k)/(1 − r) after the rest of 2 ms, until it is above 20 mV."""
    r, w = math.exp(-DT / 20e-3), 0.15
    k = np.arange(1, 1000)
    steps = int(k[np.argmax(10 * r**k + w * (1 - r**k) / (1 - r) > 20)])
    fired = fire(np.full((3000, 5), w), TINY, 4.0, 0.0, 50e-3, np.random.default_rng(4))
    assert fired.n_neurons == 5 and fired.duration == pytest.approx(0.3)
    for neuron in range(5):
        intervals = np.diff(fired.times[fired.neurons == neuron]) / DT
        assert len(intervals) > 10
        np.testing.assert_allclose(intervals, 20 + steps, rtol=0, atol=1e-6)
    # They start apart.
    assert len({fired.times[fired.neurons == neuron][0] for neuron in range(5)}) > 1


def test_regular_trains_make_their_hearers_regular() -> None:
    """Not a matter of synchrony: shifts leave none. Poisson processes of the same rate make them irregular."""
    rng = np.random.default_rng(5)
    network = BrunelNetwork(n_excitatory=800, c_excitatory=400, weight=0.2)
    n_steps, interval = 6000, 260
    trains = [list(range(first, n_steps, interval)) for first in rng.integers(interval, size=1000)]
    clock = activity(trains, n_steps)
    assert rate(clock) == pytest.approx(1 / (interval * DT), rel=0.01)
    poisson, shifted = hear(clock, network, 5.0, 2.0, 0.1, 200, rng)
    assert shifted[1] < 0.75 * poisson[1]
    # Trains that are Poisson processes already change nothing by being shifted.
    random = [sorted(rng.integers(n_steps, size=rng.poisson(23)).tolist()) for _ in range(1000)]
    poisson, shifted = hear(activity(random, n_steps), network, 5.0, 2.0, 0.1, 200, rng)
    n = 200 * 0.6 * poisson[0]
    assert shifted[0] == pytest.approx(poisson[0], abs=4 * poisson[0] * math.sqrt(2 / n))
    assert shifted[1] == pytest.approx(poisson[1], abs=4 * math.sqrt(2 / n))
