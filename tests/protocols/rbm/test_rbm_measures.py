"""Measures of the experiments with restricted Boltzmann machines, on numbers made by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from helpers.small.trainings import training
from spikingsampling.inference.priors import GaussianMixturePrior, UniformPrior
from spikingsampling.models.rbm import RBM
from spikingsampling.protocols.studies.rbm import overfitting, priors
from spikingsampling.protocols.studies.rbm.measures import (
    correlation,
    course_of_count,
    digit_measures,
    error_metrics,
    excess_kurtosis,
    final_errors,
    parameter_metrics,
    pixel_measures,
    relative_measures,
    relative_metrics,
    repeated_errors,
    roughness,
    weight_measures,
)
from spikingsampling.protocols.studies.rbm.patterns import Patterns
from spikingsampling.protocols.studies.rbm.training import Trajectory

ONE = training([0.9, 0.3], [0.8, 0.5])
OTHER = training([0.7, 0.1], [0.6, 0.2])


def values(metrics: dict) -> dict:
    """Values of estimates, rounded; other metrics as they are."""
    return {
        name: round(metric.value, 12) if hasattr(metric, "value") else metric
        for name, metric in metrics.items()
    }


def test_final_errors_and_their_gap():
    assert final_errors(ONE) == {"train_error": 0.3, "test_error": 0.5, "generalisation_gap": 0.2}


def test_error_metrics_are_means_over_repetitions():
    metrics = error_metrics({"flat": [ONE, OTHER]})
    curve = metrics.pop("flat.curve")
    assert values(metrics) == {
        "flat.train_error": 0.2,
        "flat.test_error": 0.35,
        "flat.generalisation_gap": 0.15,
    }
    assert metrics["flat.test_error"].bounds == (0.0, math.inf)
    assert curve["images"].tolist() == [0, 10]
    np.testing.assert_allclose(curve["test_error"], [0.7, 0.35])
    difference = repeated_errors({"a": [ONE, ONE], "b": [OTHER, OTHER]}).differences("a", "b")
    assert values(difference)["a_minus_b.test_error"] == 0.3


def test_excess_kurtosis():
    assert excess_kurtosis([-1.0, 1.0, -1.0, 1.0]) == pytest.approx(-2)
    # Of 0, 0, 0, 4: mean 1, variance 3, fourth moment (3 + 81)/4 = 21.
    assert excess_kurtosis([0.0, 0.0, 0.0, 4.0]) == pytest.approx(21 / 9 - 3)


def test_parts_of_the_weights():
    measures = weight_measures(np.array([[-1.0, 0.0, 0.5], [0.6, 0.7, 3.0], [0.2, -0.1, 1.0]]))
    assert measures["negative_weights"] == pytest.approx(2 / 9)
    assert measures["weights_near_1"] == pytest.approx(4 / 9)
    assert weight_measures([0.0, 0.0, 0.0, 4.0])["weight_excess_kurtosis"] == pytest.approx(21 / 9 - 3)


def test_course_of_a_count():
    assert course_of_count([0, 5, 15, 20, 30], [9, 4, 2, 2, 7]) == {
        "start": 9.0,
        "lowest": 2.0,
        "lowest_after_images": 15.0,
        "end": 7.0,
        "rise_after_lowest": 5.0,
    }


def test_measures_of_a_pixel():
    assert pixel_measures([1.0, 2.0, 6.0], -2.5) == {
        "bias": -2.5,
        "mean_weight": 3.0,
        "weight_sd": pytest.approx(math.sqrt(14 / 3)),
    }


def test_parameter_metrics_are_those_of_each_pixel_at_the_end():
    runs = [
        training(
            [0, 0],
            [0, 0],
            weights=[np.zeros((2, 2)), np.array([[1.0, 3.0], [5.0, 5.0]]) + shift],
            biases=[np.zeros(2), np.array([-1.0, -4.0]) + shift],
            high_biases=[8, 3],
        )
        for shift in (0, 1)
    ]
    metrics = values(parameter_metrics(runs, [(0, 0), (14, 7)]))
    assert metrics["pixel_0_0.bias"] == -0.5
    assert metrics["pixel_14_7.bias"] == -3.5
    assert metrics["pixel_0_0.mean_weight"] == 2.5
    assert metrics["pixel_14_7.mean_weight"] == 5.5
    assert metrics["pixel_0_0.weight_sd"] == 1.0
    assert metrics["biases_above_-1.lowest"] == 3.0
    assert metrics["biases_above_-1.lowest_after_images"] == 10.0
    assert metrics["biases_above_-1.rise_after_lowest"] == 0.0


def test_roughness_is_path_over_net_change():
    # Lengths 1 + 3 + 2 and 4; net changes |0 − 0 + …| = 4 and 4 − … : paths 0, 1, −2, 0 and 0, 1, 2, 4.
    assert roughness(np.array([[0.0, 0.0], [1.0, 1.0], [-2.0, 2.0], [0.5, 4.0]])) == pytest.approx(
        (1 + 3 + 2.5 + 4) / (0.5 + 4)
    )
    assert roughness(np.array([[0.0, 5.0], [1.0, 4.0], [2.0, 1.0]])) == 1.0


def test_correlation_of_arrays():
    assert correlation([[1.0, 2.0], [3.0, 4.0]], [[4.0, 3.0], [2.0, 1.0]]) == pytest.approx(-1)
    assert correlation([1.0, 2.0, 3.0], [1.0, 3.0, 2.0]) == pytest.approx(0.5)


def test_hard_and_easy_digits():
    errors = {0: 0.5, 2: 0.7, 6: 0.6, 8: 0.8, 1: 0.1, 7: 0.3, 3: 9.0}
    runs = {digit: training([error - 0.07 * (digit == 3)], [error]) for digit, error in errors.items()}
    measures = digit_measures(runs)
    assert measures["hard_minus_easy"] == pytest.approx(0.65 - 0.2)
    assert measures["generalisation_gap"] == pytest.approx(0.01)
    del runs[8]
    assert "hard_minus_easy" not in digit_measures(runs)


def test_errors_relative_to_those_of_the_mean_pattern():
    assert relative_measures(ONE, 0.4) == {
        "relative_error": pytest.approx(1.25),
        "relative_gap": pytest.approx(0.2 / 0.3),
    }
    coded = {
        "threshold": Patterns(np.array([[1.0, 0, 0, 0]]), np.array([[0.0, 0, 0, 0]])),
        "median": Patterns(np.array([[1.0, 0]]), np.array([[0.0, 0]])),
    }
    metrics = values(relative_metrics({"threshold": [ONE, OTHER], "median": [ONE, ONE]}, coded))
    assert metrics["threshold.fraction_on"] == 0.25
    assert metrics["threshold.baseline_error"] == 0.25
    assert metrics["median.baseline_error"] == 0.5
    assert metrics["threshold.relative_error"] == pytest.approx(0.35 / 0.25)
    assert metrics["median.relative_error"] == 1.0
    assert metrics["median.relative_gap"] == pytest.approx(0.2 / 0.3)


def test_likelihood_measures():
    assert overfitting.likelihood_measures([-9.0, -4.0, -2.0], [-8.0, -3.0, -7.0]) == {
        "train_log_likelihood": -2.0,
        "test_log_likelihood": -7.0,
        "best_test_log_likelihood": -3.0,
        "loss_since_best": 4.0,
        "gap": 5.0,
    }


def course(train: list[float], test: list[float]) -> Trajectory:
    return training([0.0] * len(train), [0.0] * len(train), train=train, test=test)


def test_gain_over_the_flat_prior():
    results = {
        "flat": [course([-9, -2], [-9, -6]), course([-9, -1], [-9, -8]), course([-9, -3], [-9, -7])],
        "bimodal_sd": [course([-9, -3], [-9, -5]), course([-9, -3], [-7, -8]), course([-9, -3], [-5, -6])],
    }
    metrics = overfitting.overfitting_metrics(results)
    gain = metrics["bimodal_sd_minus_flat.test_log_likelihood"]
    assert gain.value == pytest.approx(2 / 3)  # of 1, 0, 1
    assert metrics["bimodal_sd_minus_flat.runs_better"] == pytest.approx(2 / 3)
    assert metrics["bimodal_sd.best_test_log_likelihood"].value == pytest.approx(-17 / 3)
    assert metrics["bimodal_sd.curve"]["train_log_likelihood"].tolist() == [-9, -3]
    assert metrics["bimodal_sd.curve"]["test_log_likelihood"] == pytest.approx([-7, -19 / 3])
    assert "flat_minus_flat.runs_better" not in metrics


def test_conditions_of_overfitting():
    found = overfitting.conditions(0.09)
    assert set(found) == set(overfitting.TITLES)
    assert isinstance(found["flat"]["prior"], UniformPrior)
    assert "mode" not in found["flat"]
    assert found["bimodal_sd"]["prior"].sds == (0.09, 0.09)
    assert found["bimodal_variance"]["prior"].sds == pytest.approx((0.3, 0.3))
    assert isinstance(found["likelihood"]["prior"], UniformPrior)
    assert found["likelihood"]["mode"] == "likelihood"


def test_likelihood_probes_are_means_over_each_part():
    model = RBM(2, random_state=0).initialise(3)
    patterns = Patterns(np.array([[1.0, 0, 1], [0, 0, 1]]), np.array([[1.0, 1, 1]]))
    probes = overfitting.likelihood_probes(patterns)
    assert probes["train"](model) == pytest.approx(model.log_likelihood(patterns.train).sum() / 2)
    assert probes["test"](model) == pytest.approx(model.log_likelihood(patterns.test)[0])


def test_priors_with_both_readings_of_the_spread():
    found = priors.gaussian_priors(0.09)
    assert set(found) == set(priors.TITLES)
    assert isinstance(found["uniform"], UniformPrior)
    third = (1 / 3,) * 3
    assert found["two_sd"] == GaussianMixturePrior((0.5, 0.5), (0.0, 1.0), (0.09, 0.09))
    assert found["three_sd"] == GaussianMixturePrior(third, (0.0, 0.5, 1.0), (0.09,) * 3)
    assert found["two_variance"].sds == pytest.approx((0.3, 0.3))
    assert found["three_variance"].sds == pytest.approx((0.3,) * 3)


def test_metrics_of_priors():
    weights = np.array([[-1.0, 0.0], [0.6, 2.0]])
    results = {
        "uniform": [priors.TrainedWithPrior(ONE, -5.0, -9.0, weights)] * 2,
        "two_sd": [
            priors.TrainedWithPrior(OTHER, -4.0, -6.0, -weights),
            priors.TrainedWithPrior(OTHER, -2.0, -4.0, -weights),
        ],
    }
    metrics = priors.prior_metrics(results)
    assert values(metrics) | {
        "uniform.train_log_likelihood": -5.0,
        "two_sd.train_log_likelihood": -3.0,
        "two_sd.test_log_likelihood": -5.0,
        "uniform.negative_weights": 0.25,
        "uniform.weights_near_1": 0.5,
        "two_sd.negative_weights": 0.5,
        "two_sd.test_error": 0.2,
        "two_sd_minus_uniform.test_error": -0.3,
        "two_sd_minus_uniform.generalisation_gap": -0.1,
        "two_sd_minus_uniform.test_log_likelihood": 4.0,
    } == values(metrics)
    assert "uniform.curve" in metrics
    assert not any(name.startswith("uniform_minus") for name in metrics)


def test_training_with_a_prior_is_measured_at_its_end():
    rng = np.random.default_rng(0)
    patterns = Patterns(*((rng.random((n, 6)) < 0.4).astype(np.float32) for n in (20, 7)))
    model = RBM(2, random_state=1, eta=1e-3).initialise(6)
    result = priors.train_with_prior(model, patterns, 30, 10, np.random.default_rng(2))
    assert result.trajectory.steps == [0, 10, 20, 30]
    assert result.train_log_likelihood == pytest.approx(model.log_likelihood(patterns.train).mean())
    assert result.test_log_likelihood == pytest.approx(model.log_likelihood(patterns.test).mean())
    np.testing.assert_array_equal(result.weights, model.weights_)
