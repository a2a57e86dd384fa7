"""Readout, selectivity and reconstruction against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import binom, binomtest

from helpers.small_networks import chance
from spikingsampling.analysis import (
    Readout,
    accuracy_of,
    class_means,
    judge_reconstructions,
    reconstruct,
    selectivity,
)
from spikingsampling.errors import ParameterError
from spikingsampling.network.parameters import CircuitParameters

#: Two presentations of each of three classes, four neurons: selective, graded, indifferent, silent.
COUNTS = np.array([[4, 6, 2, 0], [6, 2, 2, 0], [0, 2, 2, 0], [0, 0, 2, 0], [0, 3, 2, 0], [0, 3, 2, 0]])
LABELS = np.array([7, 7, 3, 3, 9, 9])


def test_selectivity_of_known_counts() -> None:
    tuning = selectivity(COUNTS, LABELS)
    assert tuning.classes.tolist() == [3, 7, 9]
    assert tuning.means.tolist() == [[0, 1, 2, 0], [5, 4, 2, 0], [0, 3, 2, 0]]
    assert tuning.preferred[:2].tolist() == [7, 7]
    # Neuron 1: the others' mean is (1 + 3)/2 = 2, so (4 − 2)/(4 + 2).
    np.testing.assert_allclose(tuning.index, [1, 1 / 3, 0, 0])
    # Rates 5, 8, 6, 0, summed over classes, weight the indices.
    assert tuning.weighted_mean == pytest.approx((5 + 8 / 3) / 19)


def test_selectivity_orders_neurons_by_class_and_then_by_index() -> None:
    counts = np.array([[3, 0, 9, 0, 1], [1, 8, 0, 4, 3]])
    tuning = selectivity(counts, [1, 2])
    assert tuning.preferred.tolist() == [1, 2, 1, 2, 2]
    assert tuning.order[:2].tolist() == [2, 0]
    assert set(tuning.order[2:4]) == {1, 3}  # both have index 1
    assert tuning.order[4] == 4


def test_selectivity_of_a_silent_population_is_zero() -> None:
    tuning = selectivity(np.zeros((4, 3), dtype=int), [0, 0, 1, 1])
    assert not tuning.index.any()
    assert tuning.weighted_mean == 0


@settings(max_examples=50)
@given(arrays(np.int64, (6, 4), elements=st.integers(0, 50)), st.integers(1, 9))
def test_selectivity_is_a_fraction_and_independent_of_the_rate(counts: np.ndarray, factor: int) -> None:
    tuning, scaled = selectivity(counts, LABELS), selectivity(counts * factor, LABELS)
    assert np.all((tuning.index >= 0) & (tuning.index <= 1))
    np.testing.assert_allclose(scaled.index, tuning.index, atol=1e-12)
    assert sorted(tuning.order) == list(range(4))


def test_selectivity_needs_two_classes() -> None:
    with pytest.raises(ParameterError, match=r"labels: selectivity needs at least two classes, got \[3\]"):
        selectivity(COUNTS[:2], [3, 3])


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


PARAMETERS = CircuitParameters(alpha=0.2, alpha_cap=1.5)


def test_one_spike_stands_for_alpha_e_to_the_w() -> None:
    weights = np.array([[0.5, 1.0], [0.0, 3.0], [1.2, np.nan]])
    patterns = reconstruct(np.array([[1, 0], [0, 1]]), weights, PARAMETERS)
    np.testing.assert_allclose(patterns[0], 0.2 * np.exp([0.5, 0.0, 1.2]))
    # 0.2 e³ is above the cap; where there is no synapse w is 0.
    np.testing.assert_allclose(patterns[1], [0.2 * np.e, 1.5, 0.2])


def test_spikes_of_several_neurons_stand_for_their_mixture() -> None:
    weights = np.random.default_rng(4).uniform(0, 2, (5, 2))
    patterns = reconstruct(np.array([[3, 1], [0, 0], [6, 2]]), weights, PARAMETERS)
    each = np.minimum(0.2 * np.exp(weights), 1.5)
    np.testing.assert_allclose(patterns[0], 0.75 * each[:, 0] + 0.25 * each[:, 1])
    np.testing.assert_array_equal(np.isnan(patterns), [[False] * 5, [True] * 5, [False] * 5])
    np.testing.assert_allclose(patterns[2], patterns[0])


def test_reconstruction_inverts_the_equilibrium_of_the_rule() -> None:
    """The drift N w (x − α e^w) vanishes at w = log(x/α): a neuron with these weights gives back x."""
    x = np.array([0.3, 0.8, 1.2])
    weights = np.log(x / PARAMETERS.alpha)[:, None]
    np.testing.assert_allclose(reconstruct(np.array([[7]]), weights, PARAMETERS)[0], x)


def test_correlations_are_pearson_s() -> None:
    rng = np.random.default_rng(5)
    means = {2: rng.random(30), 5: rng.random(30), 6: rng.random(30)}
    labels = np.array([5, 2, 6, 5])
    patterns = rng.random((4, 30))
    judged = judge_reconstructions(patterns, labels, means)
    for k, label in enumerate(labels):
        by_class = {c: np.corrcoef(patterns[k], mean)[0, 1] for c, mean in means.items()}
        assert judged.right[k] == pytest.approx(by_class.pop(label))
        assert judged.wrong[k] == pytest.approx(max(by_class.values()))
    assert judged.closer_to_right == np.mean(judged.right > judged.wrong)


def test_the_class_means_themselves_are_judged_right() -> None:
    rng = np.random.default_rng(6)
    patterns, labels = rng.random((9, 20)), np.repeat([0, 1, 2], 3)
    means = class_means(patterns, labels)
    assert list(means) == [0, 1, 2]
    np.testing.assert_allclose(means[1], patterns[3:6].mean(axis=0))
    judged = judge_reconstructions(np.array([3 * means[c] + 1 for c in labels]), labels, means)
    np.testing.assert_allclose(judged.right, 1)
    assert judged.closer_to_right == 1


def test_a_silent_presentation_is_not_right() -> None:
    means = {0: np.array([0.0, 1.0, 2.0]), 1: np.array([2.0, 1.0, 0.0])}
    patterns = np.array(
        [means[0], [np.nan] * 3, [1.0, 1.0, 1.0], means[0]]
    )  # nothing, and nothing to correlate
    judged = judge_reconstructions(patterns, [0, 0, 1, 1], means)
    np.testing.assert_allclose(judged.right, [1, np.nan, np.nan, -1])
    np.testing.assert_allclose(judged.wrong, [-1, np.nan, np.nan, 1])
    assert judged.closer_to_right == 0.25


@pytest.mark.parametrize("labels", [[0], [0, 3]])
def test_every_label_needs_a_mean(labels: list[int]) -> None:
    means = {0: np.arange(3.0)} if len(labels) == 1 else {0: np.arange(3.0), 1: np.ones(3)}
    with pytest.raises(ParameterError, match="means: need at least two classes and every label"):
        judge_reconstructions(np.zeros((len(labels), 3)), labels, means)
