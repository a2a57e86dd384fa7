"""The readout against closed forms and other implementations."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, binomtest

from helpers.small.networks import chance
from spikingsampling.analysis import Readout, accuracy_of, confusion
from spikingsampling.errors import ParameterError

#: Two presentations of each of three classes, four neurons: selective, graded, indifferent, silent.
COUNTS = np.array([[4, 6, 2, 0], [6, 2, 2, 0], [0, 2, 2, 0], [0, 0, 2, 0], [0, 3, 2, 0], [0, 3, 2, 0]])
LABELS = np.array([7, 7, 3, 3, 9, 9])


def test_accuracy_of_repeated_stimuli_counts_stimuli() -> None:
    # 8 of 10 stimuli right, each presented 25 times: the interval is the one for 10 trials.
    stimuli = np.repeat(np.arange(10), 25)
    found = accuracy_of(stimuli < 8, stimuli)
    assert (found.value, found.n, found.n_stimuli) == (0.8, 250, 10)
    # Wilson by hand, z = 1.959964: (0.8 + z²/20 ± z √(0.16/10 + z²/400)) / (1 + z²/10)
    assert found.interval == pytest.approx((0.490162, 0.943318), abs=1e-6)


@settings(max_examples=100)
@given(st.lists(st.booleans(), min_size=1, max_size=60))
def test_the_interval_is_that_of_scipy_where_every_stimulus_is_new(right: list[bool]) -> None:
    found = accuracy_of(right, np.arange(len(right)))
    expected = binomtest(sum(right), len(right)).proportion_ci(0.95, method="wilson")
    assert found.interval == pytest.approx((expected.low, expected.high), abs=1e-9)


@settings(max_examples=100)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=1, max_size=60))
def test_the_interval_holds_the_value_and_lies_in_0_to_1(answers: list[tuple[bool, int]]) -> None:
    right, stimuli = zip(*answers, strict=True)
    found = accuracy_of(right, stimuli)
    low, high = found.interval
    assert 0 <= low <= found.value <= high <= 1
    assert low < high


@pytest.mark.parametrize("p", [0.5, 0.85, 0.95])
def test_the_interval_covers_the_truth_about_95_times_in_100(p: float) -> None:
    n = 40
    successes = np.arange(n + 1)
    intervals = np.array([accuracy_of(np.arange(n) < k, np.arange(n)).interval for k in successes])
    covers = (intervals[:, 0] <= p) & (p <= intervals[:, 1])
    # Successes come in steps, so the coverage jumps around 0.95 by the weight of one step, here below 0.03.
    assert np.sum(binom.pmf(successes, n, p)[covers]) == pytest.approx(0.95, abs=0.03)


@pytest.mark.parametrize(("right", "stimuli"), [([], []), ([True, False], [1]), ([[True]], [[1]])])
def test_accuracy_needs_answers(right: list, stimuli: list) -> None:
    with pytest.raises(ParameterError, match="must be 1-D, equally long and not empty"):
        accuracy_of(right, stimuli)


def test_a_readout_names_classes_that_neurons_tell_apart() -> None:
    rng = np.random.default_rng(1)
    labels = np.repeat([4, 1, 8], 60)
    means = {4: [20, 1, 1], 1: [1, 20, 1], 8: [1, 1, 20]}
    counts = rng.poisson([means[label] for label in labels])
    held_out = rng.poisson([means[label] for label in labels])
    found = Readout().fit(counts, labels).accuracy(held_out, labels, np.arange(len(labels)))
    # A Poisson count of mean 20 falls below one of mean 1 once in 10⁶ times.
    assert found.value == 1.0
    assert set(Readout().fit(counts, labels).predict(held_out)) == {1, 4, 8}


def test_a_readout_of_counts_that_say_nothing_is_at_chance() -> None:
    rng = np.random.default_rng(2)
    n = 4000
    labels, held_out = rng.integers(0, 2, (2, n))
    readout = Readout().fit(rng.poisson(5, (n, 6)), labels)
    found = readout.accuracy(rng.poisson(5, (n, 6)), held_out, np.arange(n))
    assert abs(found.value - 0.5) < chance() * np.sqrt(0.25 / n)


def test_a_strong_penalty_leaves_the_more_frequent_class() -> None:
    counts, labels = np.array([[0], [1], [1], [1]]), np.array([5, 9, 9, 9])
    assert Readout(10.0).fit(counts, labels).predict(counts).tolist() == [5, 9, 9, 9]
    assert Readout(1e-4).fit(counts, labels).predict(counts).tolist() == [9, 9, 9, 9]


def test_a_readout_weighs_quiet_neurons_as_much_as_loud_ones() -> None:
    """Counts are standardised: without it the penalty would silence a neuron that fires rarely."""
    rng = np.random.default_rng(3)
    labels = np.repeat([0, 1], 300)
    loud = rng.poisson(1000, len(labels))
    counts = np.stack([loud, labels], axis=1)
    one_sided = Readout(1e-3).fit(counts, labels)
    assert np.mean(one_sided.predict(counts) == labels) == 1.0


def test_a_readout_refuses_one_class_and_a_wrong_penalty() -> None:
    with pytest.raises(ParameterError, match=r"labels: a readout needs at least two classes, got \[5\]"):
        Readout().fit(COUNTS[:2], [5, 5])
    for wrong in (0, -1.0, float("nan")):
        with pytest.raises(ParameterError, match="regularisation"):
            Readout(wrong)


def test_confusion_by_hand() -> None:
    # Class 7 (three times) is taken for 3 once, class 3 (twice) always for itself, class 9 is not shown.
    found = confusion([7, 3, 7, 3, 7], [7, 3, 3, 3, 7], [7, 3, 9])
    np.testing.assert_allclose(found, [[2 / 3, 1 / 3, 0], [0, 1, 0], [np.nan] * 3])
    with pytest.raises(ParameterError, match="answers holds 5: must be of the classes"):
        confusion([7], [5], [7, 3])
    with pytest.raises(ParameterError, match="labels holds 5: must be of the classes"):
        confusion([5], [7], [7, 3])
    with pytest.raises(ParameterError, match="must name each class once"):
        confusion([7], [7], [7, 7])
    with pytest.raises(ParameterError, match="answers"):
        confusion([7, 3], [7], [7, 3])
