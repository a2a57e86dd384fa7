"""The Hopfield network: dynamics, energy, both codings, noise in both conventions, theory, and its errors."""

from __future__ import annotations

import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2, norm
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from helpers.small.patterns import binary, patterns
from spikingsampling.errors import ParameterError, UnknownNameError
from spikingsampling.models.hopfield.dynamics import (
    asynchronous_sweep,
    relax,
    synchronous_step,
)
from spikingsampling.models.hopfield.network import Hopfield
from spikingsampling.models.hopfield.patterns import corrupt


def symmetric(n: int, seed: int) -> np.ndarray:
    weights = np.random.default_rng(seed).normal(size=(n, n))
    weights = weights + weights.T
    np.fill_diagonal(weights, 0)
    return weights


def free(weights: np.ndarray, **settings: object) -> Hopfield:
    network = Hopfield(len(weights), dtype=float, **settings)
    network.weights_ = weights
    return network


def test_energy_and_fields_are_their_sums():
    weights, thresholds = symmetric(5, 0), np.arange(5.0)
    network = free(weights, thresholds=thresholds)
    s = patterns(1, 5, 1)
    expected = sum(-0.5 * weights[i, j] * s[0, i] * s[0, j] for i in range(5) for j in range(5)) + sum(
        thresholds[j] * s[0, j] for j in range(5)
    )
    assert network.energy(s)[0] == pytest.approx(expected, abs=1e-12)
    h = [sum(weights[i, j] * s[0, i] for i in range(5)) - thresholds[j] for j in range(5)]
    np.testing.assert_allclose(network.fields(s)[0], h, atol=1e-12)


@pytest.mark.parametrize("coding", ["bipolar", "binary"])
def test_a_flip_changes_the_energy_by_the_field(coding: str):
    """ΔE = −Δs_j h_j, exact for a zero diagonal: it ties energy, fields and thresholds together."""
    network = free(symmetric(7, 3), coding=coding, thresholds=np.linspace(-1, 1, 7))
    low = -1 if coding == "bipolar" else 0
    s = patterns(1, 7, 2) if low else binary(patterns(1, 7, 2))
    for j in range(7):
        flipped = s.copy()
        flipped[0, j] = 1 + low - s[0, j]
        gain = network.energy(flipped)[0] - network.energy(s)[0]
        assert gain == pytest.approx(-float(flipped[0, j] - s[0, j]) * network.fields(s)[0, j], abs=1e-12)


@given(
    n=st.integers(2, 150),
    trials=st.integers(1, 4),
    seed=st.integers(0, 2**32 - 1),
    coding=st.sampled_from(["bipolar", "binary"]),
    single=st.booleans(),
)
def test_energy_never_rises_without_noise(n: int, trials: int, seed: int, coding: str, single: bool):
    """Along asynchronous updates at β = ∞, up to rounding, and it ends in a fixed point."""
    rng = np.random.default_rng(seed)
    network = Hopfield(n, coding=coding, thresholds=rng.normal(size=n), dtype=np.float32 if single else float)
    network.weights_ = symmetric(n, seed)
    start = patterns(trials, n, seed)
    start = start if coding == "bipolar" else binary(start)
    path = network.recall(start, sweeps=1000, random_state=seed, trajectory=True)
    network = free(network.weights_, coding=coding, thresholds=network.thresholds)
    energies = np.array([network.energy(states) for states in path])
    rounding = 1e-4 if single else 1e-10
    assert (np.diff(energies, axis=0) <= rounding * n).all()
    assert (np.diff(energies, axis=0).sum(axis=0) <= rounding * n).all()
    np.testing.assert_array_equal(network.recall(path[-1], sweeps=1), path[-1])


def test_block_updates_are_updates_one_by_one():
    """The same order gives the same states and fields as the double loop, over several blocks."""
    n, weights = 150, symmetric(150, 1)
    s = patterns(3, n, 1).astype(float)
    h = s @ weights
    expected, order = s.copy(), np.random.default_rng(5).permutation(n)
    for row in expected:
        for j in order:
            field = weights[j] @ row
            row[j] = 1.0 if field > 0 else -1.0
    moved = asynchronous_sweep(weights, s, h, -1, 0.0, np.random.default_rng(5))
    np.testing.assert_array_equal(s, expected)
    np.testing.assert_allclose(h, expected @ weights, atol=1e-10)
    assert moved.all()


def test_relaxed_states_are_fixed_points():
    weights = symmetric(60, 2)
    end = relax(weights, patterns(1, 60)[0].astype(float), np.random.default_rng(0))
    assert (weights @ end * end > 0).all()


def test_synchronous_updates_use_the_fields_before_the_step():
    """Two neurons that want to agree swap for ever when updated at once, and agree when updated in turn."""
    network = free(np.array([[0.0, 1.0], [1.0, 0.0]]), update="synchronous")
    path = network.recall([[1, -1]], sweeps=3, trajectory=True)
    np.testing.assert_array_equal(path[:, 0], [[1, -1], [-1, 1], [1, -1], [-1, 1]])
    agreed = free(network.weights_).recall([[1, -1]])
    assert agreed[0, 0] == agreed[0, 1]


def test_a_neuron_without_field_stays_as_it_is():
    network = free(np.zeros((4, 4)))
    start = [[1, -1, 1, -1]]
    np.testing.assert_array_equal(network.recall(start), start)


def test_binary_network_is_the_bipolar_one():
    """With a = ½ and default thresholds the fields of 0/1 neurons are half those of ±1 neurons, the path the same."""
    stored = patterns(12, 80)
    start = corrupt(stored, 0.2, np.random.default_rng(1))
    spins = Hopfield(80, dtype=float).store(stored)
    bits = Hopfield(80, coding="binary", dtype=float).store(binary(stored))
    np.testing.assert_allclose(bits.fields(binary(start)), spins.fields(start) / 2, atol=1e-12)
    ends = [spins.recall(start, random_state=2), bits.recall(binary(start), random_state=2)]
    np.testing.assert_array_equal(binary(ends[0]), ends[1])
    np.testing.assert_allclose(bits.overlaps(binary(start)), spins.overlaps(start), atol=1e-12)


def test_overlap_is_the_mean_product():
    stored = patterns(3, 50)
    start = patterns(2, 50, 9)
    expected = [[sum(int(p) * int(s) for p, s in zip(a, b, strict=True)) / 50 for a in stored] for b in start]
    np.testing.assert_allclose(Hopfield(50, dtype=float).store(stored).overlaps(start), expected, atol=1e-12)


@pytest.mark.parametrize(("convention", "factor"), [("logistic", 1.0), ("glauber", 2.0)])
def test_probability_of_firing(convention: str, factor: float):
    """P(S = 1) = 1/(1 + e^{−cβh}) with c = 1 in lecture 1 and 2 in the textbooks, by formula and by counting."""
    h, beta, n = 0.3, 1.7, 200_000
    p = 1 / (1 + math.exp(-factor * beta * h))
    limit = norm.isf(5e-6) * math.sqrt(p * (1 - p) / n)
    for update in ("asynchronous", "synchronous"):
        network = free(np.zeros((2, 2)), thresholds=-h, update=update, beta=beta, convention=convention)
        fired = network.recall(np.full((n // 2, 2), -1), sweeps=1, random_state=0) == 1
        assert abs(fired.mean() - p) < limit


@pytest.mark.parametrize(("coding", "convention"), [("bipolar", "glauber"), ("binary", "logistic")])
def test_which_convention_samples_the_boltzmann_law(coding: str, convention: str):
    """P(s) ∝ e^{−βE(s)} over the 8 states of three neurons: χ² of independent chains."""
    network = free(
        symmetric(3, 8), coding=coding, thresholds=[0.2, -0.4, 0.1], beta=0.3, convention=convention
    )
    low = -1 if coding == "bipolar" else 0
    states = np.array([[1 if k >> i & 1 else low for i in range(3)] for k in range(8)])
    law = np.exp(-0.3 * network.energy(states))
    law /= law.sum()
    n = 40_000
    ends = network.recall(np.full((n, 3), 1), sweeps=40, random_state=4)
    counts = np.bincount((ends == 1) @ [1, 2, 4], minlength=8)
    statistic = ((counts - n * law) ** 2 / (n * law)).sum()
    assert statistic < chi2.isf(1e-4, 7)


def test_noise_that_is_taken_away_ends_in_a_fixed_point():
    stored = patterns(5, 200)
    network = Hopfield(200).store(stored)
    beta = np.append(np.linspace(1, 5, 20), np.full(20, np.inf))
    end = network.recall(patterns(10, 200, 4), sweeps=40, beta=beta, random_state=0)
    np.testing.assert_array_equal(network.recall(end, sweeps=1), end)


def test_recall_is_repeatable_and_seeds_matter():
    network = Hopfield(100, beta=1.0).store(patterns(10, 100))
    start = patterns(4, 100, 5)
    ends = [network.recall(start, sweeps=5, random_state=seed) for seed in (1, 1, 2)]
    np.testing.assert_array_equal(ends[0], ends[1])
    assert (ends[0] != ends[2]).any()
    np.testing.assert_array_equal(start, patterns(4, 100, 5))  # not changed in place


def test_trajectory_begins_at_the_start_and_ends_at_the_end():
    network = Hopfield(100).store(patterns(5, 100))
    start = corrupt(patterns(5, 100), 0.3, np.random.default_rng(0))
    path = network.recall(start, random_state=1, trajectory=True)
    np.testing.assert_array_equal(path[0], start)
    np.testing.assert_array_equal(path[-1], network.recall(start, random_state=1))
    assert path.dtype == np.int8


def test_is_an_estimator():
    network = Hopfield(30, rule="storkey", beta=2.0)
    assert clone(network).get_params() == network.get_params()
    network.store(patterns(2, 30))
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(network)).weights_, network.weights_)


@pytest.mark.parametrize(
    ("message", "work"),
    [
        (r"patterns has shape \(3, 9\): must be \(K, 10\)", lambda n: n.store(patterns(3, 9))),
        (r"patterns has shape \(10,\): must be \(K, 10\)", lambda n: n.store(patterns(3, 10)[0])),
        (r"states has shape \(2, 11\): must be \(n, 10\)", lambda n: n.recall(patterns(2, 11))),
        (
            r"patterns holds 0: with the coding 'bipolar' every value must be −1 or 1",
            lambda n: n.store([[0] * 10]),
        ),
        (r"states holds nan", lambda n: n.recall([[np.nan] * 10])),
        (r"sweeps = 0: must be a whole number, at least 1", lambda n: n.recall(patterns(1, 10), sweeps=0)),
        (r"beta = -1: must be a number more than 0", lambda n: n.recall(patterns(1, 10), beta=-1)),
        (
            r"beta = \[1, 2\]: must be a number .* or 3 of them",
            lambda n: n.recall(patterns(1, 10), sweeps=3, beta=[1, 2]),
        ),
        (r"random_state = 'x': must be None", lambda n: n.recall(patterns(1, 10), random_state="x")),
        (r"rate = -1: must be a finite number, at least 0", lambda n: n.dream(1, -1)),
        (
            r"patterns: 1000000000 of 10 neurons need 46.6 GiB of memory, this machine has [\d.]+ GiB",
            lambda n: n.store(np.broadcast_to(np.int8(1), (10**9, 10))),
        ),
        (
            r"weights have shape \(3, 3\): must be \(10, 10\)",
            lambda n: setattr(n, "weights_", np.zeros((3, 3))),
        ),
        (
            r"weights\[3, 3\] = 2: the diagonal must be 0",
            lambda n: setattr(n, "weights_", np.diag(2.0 * (np.arange(10) == 3))),
        ),
        (
            r"weights are not symmetric: weights\[0, 1\] = 1, weights\[1, 0\] = 0; must be equal",
            lambda n: setattr(n, "weights_", np.eye(10, k=1)),
        ),
    ],
)
def test_bad_input_gives_one_message(message: str, work, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("spikingsampling.models.hopfield.checks.physical_memory", lambda: 2**32)
    with pytest.raises(ParameterError, match=message) as caught:
        work(Hopfield(10).store(patterns(2, 10)))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("message", "settings"),
    [
        (r"Hopfield.n_neurons = 1: must be a whole number, at least 2", {"n_neurons": 1}),
        (r"Hopfield.activity = 1.0: must be a number between 0 and 1, or 10 of them", {"activity": 1.0}),
        (r"Hopfield.dtype = .*int.*: must be float32 or float64", {"dtype": int}),
        (
            r"Hopfield.thresholds = \[0, 0, 0\]: must be a finite number, or 10 of them",
            {"thresholds": [0, 0, 0]},
        ),
        (r"Storkey's rule needs 0.5", {"rule": "storkey", "activity": 0.1}),
        (r"unknown Hopfield.coding 'spins'", {"coding": "spins"}),
        (r"unknown Hopfield.rule 'heb'; did you mean 'hebb'", {"rule": "heb"}),
        (r"unknown Hopfield.update 'serial'", {"update": "serial"}),
        (r"unknown convention of beta 'gibbs'", {"convention": "gibbs"}),
        (r"patterns holds -1: with the coding 'binary' every value must be 0 or 1", {"coding": "binary"}),
    ],
)
def test_bad_settings_give_one_message(message: str, settings: dict):
    with pytest.raises((ParameterError, UnknownNameError), match=message):
        Hopfield(**{"n_neurons": 10, **settings}).store(patterns(2, 10)).recall(patterns(1, 10))


def test_what_cannot_be_done_says_so():
    with pytest.raises(NotFittedError, match="call store first"):
        Hopfield(10).recall(patterns(1, 10))
    with pytest.raises(ParameterError, match="needs all patterns at once: use store"):
        Hopfield(10, rule="projection").store(patterns(2, 10)).add(patterns(1, 10))
    with pytest.raises(ParameterError, match=r"dream: needs activity = 0.5"):
        Hopfield(10, activity=0.2).store(patterns(2, 10)).dream(1)
    with pytest.raises(ParameterError, match=r"need 7.45e\+03 GiB"):
        Hopfield(10**6).store(np.broadcast_to(np.int8(1), (2, 10**6)))


def test_synchronous_step_flips_what_disagrees():
    s, h = np.array([[1.0, -1.0, 1.0]]), np.array([[-0.5, -0.5, 0.0]])
    moved = synchronous_step(s, h, -1, 0.0, np.random.default_rng(0))
    np.testing.assert_array_equal(s, [[-1, -1, 1]])
    assert moved.tolist() == [True]
