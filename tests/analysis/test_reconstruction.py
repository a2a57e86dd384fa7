"""Reconstruction of inputs from spikes, and its comparison with the classes, against closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from spikingsampling.analysis import class_means, judge_reconstructions, reconstruct
from spikingsampling.errors import ParameterError
from spikingsampling.network.parameters import CircuitParameters

PARAMETERS = CircuitParameters(alpha=0.2, alpha_cap=1.5)


def test_one_spike_reconstructs_alpha_e_to_the_w() -> None:
    weights = np.array([[0.5, 1.0], [0.0, 3.0], [1.2, np.nan]])
    patterns = reconstruct(np.array([[1, 0], [0, 1]]), weights, PARAMETERS)
    np.testing.assert_allclose(patterns[0], 0.2 * np.exp([0.5, 0.0, 1.2]))
    # 0.2 e³ is above the cap; where there is no synapse w is 0.
    np.testing.assert_allclose(patterns[1], [0.2 * np.e, 1.5, 0.2])


def test_spikes_of_several_neurons_reconstruct_their_mixture() -> None:
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
