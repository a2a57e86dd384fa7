"""What is measured on Hopfield networks, on arrays made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from spikingsampling.protocols.studies.hopfield.measures import (
    cooling,
    error_rate,
    late_overlap,
    overlap,
    part_recalled,
    part_restored,
    part_with_memory,
    running_mean,
    same_states,
)
from spikingsampling.protocols.studies.hopfield.outcome import Outcome, repeat

PATTERNS = np.array([[1, 1, -1, -1, 1], [-1, 1, 1, 1, 1]])
STATES = np.array([[1, 1, -1, 1, 1], [1, -1, -1, 1, 1]])


def test_overlaps_and_errors() -> None:
    """One of five neurons wrong, and three of five."""
    np.testing.assert_allclose(overlap(STATES, PATTERNS), [0.6, -0.2])
    assert error_rate(STATES, PATTERNS) == 0.4
    assert same_states(STATES, PATTERNS) == 0
    assert same_states(np.array([PATTERNS[0], STATES[1]]), PATTERNS) == 0.5


def test_the_last_half_of_a_path() -> None:
    """Five states: the third, fourth and fifth count, with overlaps 1, 0.6 and −1."""
    wrong = -PATTERNS[:1]
    path = np.array([wrong, wrong, PATTERNS[:1], STATES[:1], wrong])
    assert late_overlap(path, PATTERNS[:1]) == pytest.approx(0.2)
    assert late_overlap(path[1:], PATTERNS[0]) == pytest.approx(-0.2)


def test_a_pattern_is_recalled_above_nine_tenths() -> None:
    """Overlaps 1, 0.9 and 0.8 of twenty neurons; a mirrored pattern is recalled, but is not the pattern."""
    patterns = np.ones((4, 40))
    states = patterns.copy()
    states[1, :2], states[2, :4], states[3] = -1, -1, -1
    np.testing.assert_allclose(overlap(states, patterns), [1, 0.9, 0.8, -1])
    assert part_recalled(states, patterns) == 0.25
    assert part_with_memory(np.array([[0.1, -0.95], [0.9, 0.2], [0.91, 0], [-0.2, 0.3]])) == 0.5


def test_letters_restored() -> None:
    """Four are struck out: one comes back, two are wrong, and one is read as the blank that ends the line."""
    lines, struck = ["abc", "de f"], ["*b*", "d* *"]
    assert part_restored(lines, struck, ["abx", "dy"]) == 0.25
    assert part_restored(lines, struck, lines) == 1
    assert part_restored(lines, lines, ["", ""]) == 1


def test_running_means_are_of_neighbours() -> None:
    np.testing.assert_allclose(running_mean([1, 2, 6, 10], 3), [3, 6])
    assert running_mean(np.arange(20.0)).tolist() == pytest.approx(range(4, 16))


def test_noise_falls_to_none() -> None:
    np.testing.assert_allclose(1 / cooling(0.8, 4), [0.8, 0.6, 0.4, 0.2, 0, 0, 0, 0])
    np.testing.assert_array_equal(cooling(0.0, 2), np.full(4, np.inf))


def test_repetitions_become_estimates() -> None:
    """Seeds are rows, values columns; the name of a metric ends with the value."""
    outcome, seeds = Outcome(), np.random.SeedSequence(1).spawn(3)
    numbers = {seed.spawn_key: number for number, seed in enumerate(seeds)}
    results = repeat(
        outcome,
        "m.",
        (0.25, 2.0),
        lambda value, seed: value / 4 + numbers[seed.spawn_key] / 10,
        seeds,
        (0, 0.75),
    )
    np.testing.assert_allclose(results, [[0.0625, 0.5], [0.1625, 0.6], [0.2625, 0.7]])
    low, high = outcome.metrics["m.0.25"], outcome.metrics["m.2"]
    assert (low.value, low.n, low.interval[0]) == (pytest.approx(0.1625), 3, 0.0)
    assert (high.value, high.interval[1]) == (pytest.approx(0.6), 0.75)
    outcome.add_theory("m.2", 0.7)
    assert outcome.metrics["m.2"] == high.metric() | {"theory": 0.7}
