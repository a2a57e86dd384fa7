"""Lesions, learning in turn and two layers: measures on numbers made by hand, and what the trainings share."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import kstest

from helpers.small.trainings import image_like, training
from spikingsampling.models.rbm import RBM
from spikingsampling.protocols.studies.rbm.lesions import (
    Lesioned,
    LesionSchedule,
    lesion_measures,
    lesion_metrics,
    redraw,
    train_with_lesions,
    weight_correlations,
)

#: Lesions after 10 and 20 images; measured before and after each.
STEPS = [0, 10, 10, 20, 20, 30, 40]
CORRELATIONS = {"return_correlation": 0.1, "control_correlation": 0.2, "slope_correlation": 0.3}


def lesioned(
    test: list[float], control: list[float] | None = None, train: list[float] | None = None
) -> Lesioned:
    count = [700, 600, 650, 500, 580, 520, 510]
    weights = [np.array([[x, 0.0]]) for x in (0.0, 1.0, 1.0, -1.0, -1.0, 0.0, 2.0)]
    return Lesioned(
        training([0.0] * 7 if train is None else train, test, STEPS, high_biases=count),
        training(
            [0.0] * 7,
            [0.0] * 7 if control is None else control,
            STEPS,
            high_biases=[700, 600, 600, 400, 400, 350, 300],
            weights=weights,
        ),
        (10, 20),
        np.array([[1.0, 3.0], [5.0, 7.0]]),
        CORRELATIONS,
    )


def test_peak_is_the_step_of_the_error_at_a_lesion():
    result = lesioned([0.9, 0.5, 0.8, 0.4, 0.6, 0.45, 0.3], train=[0.9, 0.5, 0.6, 0.4, 0.45, 0.3, 0.3])
    assert result.peak() == pytest.approx(0.2)
    assert result.peak(0) == pytest.approx(0.3)
    assert result.peak(which="train_error") == pytest.approx(0.05)


def test_excess_is_measured_against_the_control():
    result = lesioned([0.9, 0.5, 0.8, 0.4, 0.6, 0.45, 0.3], [0.9, 0.5, 0.5, 0.35, 0.35, 0.25, 0.2])
    assert result.excess(0) == pytest.approx(0.6 - 0.35)
    assert result.excess(10) == pytest.approx(0.45 - 0.25)
    assert result.excess(19) == pytest.approx(0.45 - 0.25)  # measured last 10 images after the lesion
    assert result.excess(20) == pytest.approx(0.3 - 0.2)
    assert result.excess(10, 0) == pytest.approx(0.6 - 0.35)


@pytest.mark.parametrize(
    ("after", "images"), [((0.6, 0.5, 0.4), 20), ((0.6, 0.3, 0.2), 10), ((0.6, 0.5, 0.41), math.nan)]
)
def test_recovery_is_the_first_time_at_the_level_before(after: tuple[float, ...], images: float):
    result = lesioned([0.9, 0.7, 0.8, 0.4, *after])
    np.testing.assert_equal(result.recovery(), images)
    assert result.recovery(0) == 10  # the level before the first lesion is its own


def test_what_is_compared_between_modes():
    result = lesioned([0.9, 0.5, 0.8, 0.4, 0.6, 0.45, 0.3], [0.9, 0.5, 0.5, 0.35, 0.35, 0.25, 0.2])
    measures = lesion_measures(result, LesionSchedule(40, 2, (10, 20), 0.5))
    assert measures == pytest.approx(
        {
            "peak_of_test_error": 0.2,
            "peak_of_train_error": 0.0,
            "excess_after_10": 0.2,
            "excess_after_20": 0.1,
            **CORRELATIONS,
            "control_roughness": (1 + 2 + 1 + 2) / 2,
            "control_weight_sd": math.sqrt(5),
            "biases_above_-1.before": 500.0,
            "biases_above_-1.end": 510.0,
            "biases_above_-1.control_end": 300.0,
        }
    )
    assert "excess_after_10" not in lesion_measures(result, LesionSchedule(40, 4, (10, 20), 0.5))


def test_metrics_of_lesions():
    back, never = (
        lesioned([0.9, 0.5, 0.8, 0.4, 0.6, 0.4, 0.3]),
        lesioned([0.9, 0.5, 0.8, 0.4, 0.8, 0.5, 0.41]),
    )
    schedule = LesionSchedule(40, 10, (10, 20), 0.5)
    metrics = lesion_metrics(
        {"sampling": [back, back], "map": [back, never], "likelihood": [never, never]}, schedule
    )
    assert metrics["sampling.recovered"] == 1.0
    assert metrics["map.recovered"] == 0.5
    np.testing.assert_equal(metrics["map.recovery_images"], [10.0, math.nan])
    assert metrics["likelihood.test_error"].value == pytest.approx(0.41)
    assert metrics["likelihood.control.test_error"].value == 0.0
    assert metrics["map.peak_of_test_error"].value == pytest.approx(0.3)
    assert metrics["sampling_minus_likelihood.peak_of_test_error"].value == pytest.approx(-0.2)
    assert metrics["map.return_correlation"].bounds == (-1.0, 1.0)


def test_correlations_of_weights():
    """Only redrawn weights say whether they return; the slopes are those of all of them."""
    redrawn = np.array([True, True, True, False])
    before = [np.array([9.0, 9, 9, 9]), np.array([1.0, 2, 3, -50])]
    after = [np.array([0.0, 1, 1, -47]), np.array([2.0, 0, 1, -50])]
    end = np.array([2.0, 3, 1, 70])
    control = np.array([1.0, 2, 3, -50]), np.array([1.0, 3, 2, 8])
    found = weight_correlations(before, after, end, control, redrawn)
    assert found["return_correlation"] == pytest.approx(-0.5)
    assert found["control_correlation"] == pytest.approx(0.5)
    slopes = np.array([1.0, 1, 2, -3]), np.array([0.0, 3, 0, 120])
    assert found["slope_correlation"] == pytest.approx(np.corrcoef(*slopes)[0, 1])


def test_a_lesion_redraws_a_part_by_the_initial_law():
    model = RBM(9, random_state=0, weight_mean=0.2, weight_sd=0.5, bias_sd=0.3).fit(image_like().train)
    former = model.weights_.copy(), model.visible_bias_.copy(), model.hidden_bias_.copy()
    masks = redraw(model, np.random.default_rng(0))
    assert masks["weights_"].sum() == 9 * 784 / 2
    assert masks["visible_bias_"].sum() == 392
    assert masks["hidden_bias_"].sum() == 4
    for name, values in zip(("weights_", "visible_bias_", "hidden_bias_"), former, strict=True):
        mask = masks[name]
        np.testing.assert_array_equal(getattr(model, name)[~mask], values[~mask])
        assert (getattr(model, name)[mask] != values[mask]).all()
    assert kstest((model.weights_[masks["weights_"]] - 0.2) / 0.5, "norm").pvalue > 1e-3
    assert kstest((model.visible_bias_[masks["visible_bias_"]] + 1) / 0.3, "norm").pvalue > 1e-3
    assert redraw(model, np.random.default_rng(0), 0.25)["weights_"].sum() == 9 * 784 / 4


def test_control_of_a_lesion_is_the_same_training_without():
    models = [RBM(4, random_state=5).initialise(784) for _ in range(2)]
    seed = np.random.SeedSequence(0)
    schedule = LesionSchedule(60, 10, (20, 40), 0.5)
    result = train_with_lesions((models[0], models[1]), image_like(), schedule, (20, 10), seed)
    before = result.trajectory.steps.index(20)
    assert result.trajectory.test_error[: before + 1] == result.control.test_error[: before + 1]
    assert result.trajectory.test_error[before + 1] != result.control.test_error[before + 1]
    assert result.at == (20, 40)
    np.testing.assert_array_equal(result.control_weights, models[1].weights_)
    np.testing.assert_array_equal(result.control.probe("weights")[-1, 0], models[1].weights_[:, 570])
    assert result.correlations["control_correlation"] > 0.9 > result.correlations["return_correlation"]
    again = train_with_lesions(
        tuple(RBM(4, random_state=5).initialise(784) for _ in range(2)),
        image_like(),
        schedule,
        (20, 10),
        seed,
    )
    assert again.trajectory.test_error == result.trajectory.test_error  # the seed was left as it was


class Recorder(RBM):
    """A machine that notes its weights before and after each training."""

    def partial_fit(self, X: np.ndarray, y: None = None) -> Recorder:
        start = self.weights_.copy()
        super().partial_fit(X)
        self.states = [*getattr(self, "states", []), (start, self.weights_.copy())]
        return self


def test_correlations_are_those_of_the_last_lesion():
    models = [Recorder(4, random_state=5, eta=1e-3).initialise(784) for _ in range(2)]
    result = train_with_lesions(
        (models[0], models[1]),
        image_like(),
        LesionSchedule(40, 10, (10, 20, 30), 0.5),
        (20, 10),
        np.random.SeedSequence(0),
    )
    starts, ends = zip(*models[0].states, strict=True)
    _, control = zip(*models[1].states, strict=True)
    expected = weight_correlations(
        ends[:3], starts[1:], ends[3], (control[2], control[3]), starts[3] != ends[2]
    )
    assert result.correlations == expected
    assert len(set(expected.values())) == 3


def test_lesions_differ_from_one_another():
    models = [RBM(4, random_state=5).initialise(784) for _ in range(2)]
    result = train_with_lesions(
        (models[0], models[1]),
        image_like(),
        LesionSchedule(3, 1, (1, 2), 0.5),
        (20, 10),
        np.random.SeedSequence(0),
    )
    steps = np.diff(result.trajectory.probe("hidden_biases"), axis=0)
    jumps = steps[[1, 3]]  # at the two lesions
    assert (jumps != 0).sum(axis=1).tolist() == [2, 2]
    assert not np.array_equal(jumps[0], jumps[1])
