"""Responses: counts, and the spikes of their presentations."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from helpers.small.networks import (
    PARAMETERS,
    both_engines,
    chance,
)
from helpers.small.simulations import FRAME, items, simulation
from spikingsampling.errors import (
    UnknownNameError,
)
from spikingsampling.recording.reading import open_recording
from spikingsampling.simulation.response import Response


@pytest.mark.parametrize("skip", [0.0, 0.05, 0.1])
def test_counts_are_those_of_a_loop_over_spikes(skip: float) -> None:
    """Spikes on the grid of 1 ms, as they are in a simulation; some on the borders."""
    rng = np.random.default_rng(2)
    n, period, start = 30, 0.2, 123.4
    steps = np.sort(np.concatenate([rng.integers(0, n * 200, 2000), np.arange(0, n * 200, 50)]))
    neurons = rng.integers(0, 7, len(steps))
    response = Response(
        np.zeros(n, int), {}, start, period, {"left": (start + steps * 1e-3, neurons)}, {"left": 7}
    )
    expected = np.zeros((n, 7), int)
    for step, neuron in zip(steps.tolist(), neurons, strict=True):
        if step % 200 >= round(skip * 1000):
            expected[step // 200, neuron] += 1
    np.testing.assert_array_equal(response.counts("left", skip), expected)
    with pytest.raises(UnknownNameError, match="unknown recorded population 'lefd'; did you mean 'left'"):
        response.counts("lefd")


def test_counts_by_hand() -> None:
    """Two presentations of 0.5 s from t = 10 s on; spikes at the borders belong to what begins there."""
    times = np.array([10.0, 10.1, 10.1, 10.499, 10.5, 10.6, 10.999])
    neurons = np.array([2, 0, 2, 1, 1, 1, 0])
    response = Response(np.zeros(2, int), {}, 10.0, 0.5, {"p": (times, neurons)}, {"p": 4})
    np.testing.assert_array_equal(response.counts("p"), [[1, 1, 2, 0], [1, 2, 0, 0]])
    np.testing.assert_array_equal(response.counts("p", skip=0.1), [[1, 1, 1, 0], [1, 1, 0, 0]])
    np.testing.assert_array_equal(response.counts("p", skip=0.2), [[0, 1, 0, 0], [1, 0, 0, 0]])


@both_engines
def test_a_response_has_the_spikes_of_its_presentations(name: str, tmp_path: Path) -> None:
    with simulation(name, directory=tmp_path / "run") as sim:
        sim.present(items(5), learning="sampling", name="before")
        labels = np.arange(10) % 3
        response = sim.present(items(10, 1), learning="off", labels=labels, name="test")
        assert sim.time == pytest.approx(3.0)
    assert (response.start, response.period) == (pytest.approx(1.0), pytest.approx(FRAME))
    np.testing.assert_array_equal(response.labels, labels)
    np.testing.assert_array_equal(response.items["image"], items(10, 1)["image"])
    n_expected = 2.0 * 100
    for population, n_circuits in (("left", 1), ("right", 2)):
        times, neurons = response.spikes[population]
        assert np.all((times >= 1.0) & (times < 3.0))
        assert np.all(np.diff(times) >= 0)
        assert np.all((neurons >= 0) & (neurons < response.sizes[population]))
        expected = n_circuits * n_expected
        assert abs(len(times) - expected) < chance(2) * np.sqrt(expected)
        assert response.counts(population).sum() == len(times)
        with open_recording(tmp_path / "run") as recording:
            recorded = recording.spikes(population, 1.0, 3.0)
        np.testing.assert_array_equal(recorded[0], times)
        np.testing.assert_array_equal(recorded[1], neurons)


def test_stronger_input_reaches_the_network_when_it_is_shown() -> None:
    """Items that drive only one neuron through its weights make it win in their presentations."""
    with simulation(parameters=PARAMETERS.replace(adaptation=0)) as sim:
        state = sim._state
        image = sim.stimuli.libraries["image"].rates[:, 0] > 10
        theta = np.full((4, 40), -1.0)
        for k in range(4):
            theta[k, image[k] & (image.sum(0) == 1)] = 4.0
        state["feedforward.theta"][sim.network.pathways[0].slices["image_to_left"]] = theta.ravel()
        shown = np.tile(np.arange(4), 25)
        counts = sim.present({"image": shown}, learning="off").counts("left", skip=0.05)
    wins = np.array([counts[shown == k].sum(0) for k in range(4)])
    np.testing.assert_array_equal(wins.argmax(axis=1), np.arange(4))
