"""Reconstruction of inputs from spikes, and its comparison with the classes, against closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from spikingsampling.analysis import class_means, invert_front_end, judge_reconstructions, reconstruct
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


def test_an_affine_invertible_front_end_is_inverted_exactly() -> None:
    rng = np.random.default_rng(7)
    front_end, offset = rng.normal(size=(6, 6)), rng.normal(size=6)
    images, others = rng.random((40, 6)), rng.normal(size=(5, 6))
    inverse = invert_front_end(images @ front_end + offset, images)
    np.testing.assert_allclose(inverse.images(others @ front_end + offset), others, atol=1e-9)
    np.testing.assert_allclose(inverse.slopes, np.linalg.inv(front_end), atol=1e-9)


def test_what_a_front_end_loses_is_the_mean_over_its_images() -> None:
    """Inputs that see the sum of two pixels: the best image has half of the sum in each, if they are spread alike."""
    images = np.array([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0], [2.0, 2.0], [0.0, 0.0]])
    inverse = invert_front_end(images.sum(axis=1, keepdims=True), images)
    np.testing.assert_allclose(inverse.images([[3.0]]), [[1.5, 1.5]])


@pytest.mark.parametrize("noise", [0.0, 0.3, 2.0])
def test_noise_of_an_input_shrinks_its_slope_as_a_regression_on_noisy_inputs_does(noise: float) -> None:
    rng = np.random.default_rng(8)
    pattern, image = rng.normal(size=(50, 1)), rng.normal(size=(50, 1))
    inverse = invert_front_end(pattern, image, noise)
    x, y = pattern[:, 0] - pattern.mean(), image[:, 0] - image.mean()
    slope = np.mean(x * y) / (np.mean(x**2) + noise**2)
    np.testing.assert_allclose(inverse.slopes, [[slope]])
    np.testing.assert_allclose(inverse.images([[1.0]]), [[image.mean() + slope * (1 - pattern.mean())]])


def test_inputs_that_never_differ_tell_nothing() -> None:
    patterns = np.array([[0.0, 5.0], [1.0, 5.0], [2.0, 5.0]])
    inverse = invert_front_end(patterns, 2 * patterns[:, :1])
    np.testing.assert_allclose(inverse.images([[1.5, 80.0], [np.nan, 5.0]]), [[3.0], [np.nan]])


def test_a_front_end_is_fitted_to_examples_that_agree() -> None:
    with pytest.raises(ParameterError, match="images"):
        invert_front_end(np.ones((3, 2)), np.ones((4, 2)))
    with pytest.raises(ParameterError, match=r"patterns has shape \(0, 2\): must be \(n, n_inputs\)"):
        invert_front_end(np.ones((0, 2)), np.ones((0, 2)))
    with pytest.raises(ParameterError, match="noise"):
        invert_front_end(np.ones((3, 2)), np.ones((3, 2)), -0.1)
    with pytest.raises(ParameterError, match="patterns"):
        invert_front_end(np.ones((3, 2)), np.ones((3, 2))).images(np.ones((1, 3)))
