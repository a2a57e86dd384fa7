"""Dynamics and storage of Hopfield networks on a few neurons, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from spikingsampling.errors import UnknownNameError
from spikingsampling.models.hopfield import storage as storage
from spikingsampling.models.hopfield.dynamics import (
    asynchronous_sweep,
    balanced_thresholds,
    energy,
    fields,
    noise_scale,
    relax,
    synchronous_step,
    tie_margin,
)
from spikingsampling.models.hopfield.network import Hopfield

WEIGHTS = np.array([[0.0, 1, -2], [1, 0, 3], [-2, 3, 0]])
STATES = np.array([[1.0, -1, 1], [0, 1, 1]])
THRESHOLDS = np.array([0.5, 0, -1])
RNG = np.random.default_rng(0)


def test_fields_and_energy() -> None:
    """Pairs of the first state: −1, −2 and −3, so E = 6 + 0.5 − 1; of the second: 3, so E = −3 − 1."""
    np.testing.assert_allclose(fields(WEIGHTS, STATES, THRESHOLDS), [[-3.5, 4, -4], [-1.5, 3, 4]])
    np.testing.assert_allclose(energy(WEIGHTS, STATES, THRESHOLDS), [5.5, -4])


def test_balanced_thresholds() -> None:
    """⟨s⟩ = 2a − 1 or a: Σ w ⟨s⟩ − ⟨s⟩ + 0 or ½."""
    a = np.array([0.25, 0.5, 1.0])
    np.testing.assert_allclose(balanced_thresholds(WEIGHTS, a, -1), [-2 + 0.5, 3 - 0.5, 1 - 1])
    np.testing.assert_allclose(balanced_thresholds(WEIGHTS, a, 0), [-1.25, 3.25, 0.5], atol=1e-15)
    np.testing.assert_allclose(balanced_thresholds(WEIGHTS, 0.25, 0), [0, 1.25, 0.5])


def test_the_scale_of_the_noise() -> None:
    assert noise_scale(4.0, "logistic") == 0.25
    assert noise_scale(4.0, "glauber") == 0.125
    assert noise_scale(np.inf, "glauber") == 0
    with pytest.raises(UnknownNameError, match="convention of beta 'gibbs'"):
        noise_scale(1.0, "gibbs")


def test_ties_are_rounding_errors_of_the_fields() -> None:
    """16 ε (1 + max |h|)."""
    assert tie_margin(np.array([[0.5, -3.0]])) == 64 * np.finfo(float).eps
    assert tie_margin(np.array([[1.0]], dtype=np.float32)) == 32 * np.finfo(np.float32).eps


@pytest.mark.parametrize("low", [-1, 0])
def test_a_neuron_follows_its_field_and_stays_without_one(low: int) -> None:
    states = np.array([[1.0, low, 1, low, 1, low]])
    h = np.array([[0.5, 0.5, -0.5, -0.5, 0, 0]])
    expected = [[1, 1, low, low, 1, low]]
    for update in (
        lambda s: synchronous_step(s, h.copy(), low, 0.0, RNG),
        lambda s: asynchronous_sweep(np.zeros((6, 6)), s, h.copy(), low, 0.0, RNG),
    ):
        copy = states.copy()
        assert update(copy).tolist() == [True]
        np.testing.assert_array_equal(copy, expected)
        assert update(copy).tolist() == [False]


@pytest.mark.parametrize("low", [-1, 0])
def test_a_flip_is_felt_at_once(low: int) -> None:
    """Of two neurons that repel each other, both on, the first in the order goes off and the other then stays."""
    weights, start = np.array([[0.0, -1], [-1, 0]]), np.array([[1.0, 1]])
    order = np.random.default_rng(3).permutation(2)
    states, h = start.copy(), start @ weights
    asynchronous_sweep(weights, states, h, low, 0.0, np.random.default_rng(3))
    assert states[0, order].tolist() == [low, 1]
    np.testing.assert_allclose(h, states @ weights)


def test_relaxing_flips_one_unstable_neuron_after_the_other() -> None:
    """(1, −1, 1) has all three unstable; from each first flip there is one way on."""
    twin, state = np.random.default_rng(1), np.array([1.0, -1, 1])
    h = WEIGHTS @ state
    np.testing.assert_allclose(h, [-3, 4, -5])
    while len(unstable := [j for j in range(3) if h[j] * state[j] < 0]):
        state[unstable[int(twin.random() * len(unstable))]] *= -1
        h = WEIGHTS @ state
    np.testing.assert_array_equal(relax(WEIGHTS, np.array([1.0, -1, 1]), np.random.default_rng(1)), state)


def test_patterns_are_standardised_alike_in_both_codings() -> None:
    """a = (0.5, 0.2): means 0 and −0.6 of ±1, and the mean variance 4 (0.25 + 0.16)/2."""
    a, scale = np.array([0.5, 0.2]), 2 * np.sqrt(0.205)
    expected = np.array([[1, 1.6], [-1, -0.4]]) / scale
    np.testing.assert_allclose(storage.standardise(np.array([[1, 1], [-1, -1]]), -1, a, float), expected)
    np.testing.assert_allclose(storage.standardise(np.array([[1, 1], [0, 0]]), 0, a, float), expected)


def test_rules_store_two_patterns_by_hand() -> None:
    """Products of pairs of neurons: 1, −1, −1 of the first pattern and −1, −1, 1 of the second, over N = 3."""
    patterns = np.array([[1.0, 1, -1], [1, -1, -1]])
    pairs = ([0, 0, 1], [1, 2, 2])
    forgotten = np.exp(-4 / 6)
    for rule, expected in (
        ("hebb", [0, -2, 0]),
        ("palimpsest", [-1 + forgotten, -1 - forgotten, 1 - forgotten]),
        ("projection", np.array([0.0, -0.5, 0]) * 3),
    ):
        weights = storage.store(rule, patterns, 2.0)
        np.testing.assert_allclose(weights[pairs] * 3, expected, atol=1e-12, err_msg=rule)
        np.testing.assert_allclose(weights, weights.T, atol=1e-12)
        np.testing.assert_array_equal(weights.diagonal(), 0)
    for rule in ("hebb", "palimpsest", "storkey"):
        weights = storage.store(rule, patterns[:1], 2.0)
        storage.add(rule, weights, patterns[1:], 2.0)
        np.testing.assert_allclose(weights, storage.store(rule, patterns, 2.0), atol=1e-12)


def test_the_input_from_outside_is_added_to_the_fields() -> None:
    """Fields (−1, 1) of two neurons without weights: an input of 2 turns the first, −2 the second."""
    network = Hopfield(2, thresholds=[1.0, -1.0], dtype=float)
    network.weights_ = np.zeros((2, 2))
    start = [[1, 1]] * 3
    ends = network.recall(start, external=[[0, 0], [2, 0], [0, -2]])
    np.testing.assert_array_equal(ends, [[-1, 1], [1, 1], [-1, -1]])


def test_noise_may_come_late_and_go() -> None:
    """A trial that rests while there is no noise is not left out of later noise, and moves only then."""
    network = Hopfield(50, dtype=float)
    network.weights_ = np.zeros((50, 50))
    start = np.ones((2, 50), dtype=int)
    path = network.recall(start, sweeps=3, beta=[np.inf, 1e-3, np.inf], random_state=0, trajectory=True)
    np.testing.assert_array_equal(path[1], start)
    assert (path[2] != start).any(axis=1).all()
    np.testing.assert_array_equal(path[3], path[2])
