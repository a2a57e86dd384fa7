"""What is measured on a trained machine and on its training: pure functions of trajectories and arrays."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from spikingsampling.experiment.repetitions import Repeated, mean_curve
from spikingsampling.protocols.studies.rbm.patterns import Patterns, mean_pattern_error
from spikingsampling.protocols.studies.rbm.training import Trajectory

__all__ = [
    "BOUNDS",
    "correlation",
    "course_of_count",
    "digit_measures",
    "error_metrics",
    "excess_kurtosis",
    "final_errors",
    "parameter_metrics",
    "pixel_measures",
    "relative_measures",
    "relative_metrics",
    "repeated_errors",
    "roughness",
    "weight_measures",
]

#: Digits that Fournier's report finds difficult, and easy.
HARD, EASY = (0, 2, 6, 8), (1, 7)
#: Bounds of measures; those of others are not known.
BOUNDS = {
    **dict.fromkeys(("train_error", "test_error", "relative_error"), (0.0, math.inf)),
    **dict.fromkeys(("negative_weights", "weights_near_1"), (0.0, 1.0)),
    **dict.fromkeys(("return_correlation", "control_correlation", "slope_correlation"), (-1.0, 1.0)),
    # Of a binary pattern, which has a probability.
    **dict.fromkeys(
        ("train_log_likelihood", "test_log_likelihood", "best_test_log_likelihood"), (-math.inf, 0.0)
    ),
}


def final_errors(trajectory: Trajectory) -> dict[str, float]:
    """Errors on training and held-out images at the end, and held-out minus training error."""
    train, test = trajectory.train_error[-1], trajectory.test_error[-1]
    return {"train_error": train, "test_error": test, "generalisation_gap": test - train}


def repeated_errors(results: Mapping[str, Sequence[Trajectory]]) -> Repeated:
    """The final errors of trainings by condition, one training per repetition."""
    return Repeated.measured(results, final_errors, BOUNDS)


def error_metrics(results: Mapping[str, Sequence[Trajectory]]) -> dict[str, Any]:
    """Means of the final errors by condition, and the mean held-out error over the images shown."""
    curves = {
        f"{name}.curve": mean_curve("images", runs[0].steps, test_error=[run.test_error for run in runs])
        for name, runs in results.items()
    }
    return repeated_errors(results).estimates() | curves


def excess_kurtosis(values: ArrayLike) -> float:
    """Fourth moment of the standardised values minus 3: 0 for a Gaussian."""
    values = np.asarray(values)
    z = (values - values.mean()) / values.std()
    return float((z**4).mean() - 3)


def weight_measures(weights: ArrayLike) -> dict[str, float]:
    """Part of the weights below 0 and above ½, the border of the prior's modes, and their excess kurtosis."""
    weights = np.asarray(weights)
    return {
        "negative_weights": float((weights < 0).mean()),
        "weights_near_1": float((weights > 0.5).mean()),
        "weight_excess_kurtosis": excess_kurtosis(weights),
    }


def course_of_count(steps: Sequence[int], counts: ArrayLike) -> dict[str, float]:
    """Start, lowest value, when it was first reached, end, and rise from lowest to end of counts (n_times,)."""
    counts = np.asarray(counts)
    lowest = int(counts.argmin())
    return {
        "start": float(counts[0]),
        "lowest": float(counts[lowest]),
        "lowest_after_images": float(steps[lowest]),
        "end": float(counts[-1]),
        "rise_after_lowest": float(counts[-1] - counts[lowest]),
    }


def pixel_measures(weights: ArrayLike, bias: float) -> dict[str, float]:
    """Bias of a pixel, and mean and standard deviation of its weights (n_hidden,)."""
    return {"bias": float(bias), "mean_weight": float(np.mean(weights)), "weight_sd": float(np.std(weights))}


def roughness(paths: ArrayLike) -> float:
    """Length of paths (n_times, n_paths) over their net change, both summed over paths: 1 if all are monotonic."""
    paths = np.asarray(paths)
    return float(np.abs(np.diff(paths, axis=0)).sum() / np.abs(paths[-1] - paths[0]).sum())


def correlation(a: ArrayLike, b: ArrayLike) -> float:
    """Pearson's correlation of two arrays of one shape."""
    return float(np.corrcoef(np.ravel(a), np.ravel(b))[0, 1])


def digit_measures(trajectories: Mapping[int, Trajectory]) -> dict[str, float]:
    """What one training per digit says in all.

    Returns
    -------
    dict
        Mean held-out error of 0, 2, 6 and 8, which Fournier's report finds difficult, above that of 1 and 7, if all
        of these were trained; and held-out minus training error, in the mean over digits.
    """
    final = {digit: final_errors(trajectory) for digit, trajectory in trajectories.items()}
    measures = {"generalisation_gap": float(np.mean([each["generalisation_gap"] for each in final.values()]))}
    if set(HARD + EASY) <= set(final):
        hard, easy = (np.mean([final[digit]["test_error"] for digit in group]) for group in (HARD, EASY))
        measures["hard_minus_easy"] = float(hard - easy)
    return measures


def relative_measures(trajectory: Trajectory, reference: float) -> dict[str, float]:
    """Final held-out error over a reference, and held-out minus training error over training error."""
    final = final_errors(trajectory)
    return {
        "relative_error": final["test_error"] / reference,
        "relative_gap": final["generalisation_gap"] / final["train_error"],
    }


def relative_metrics(
    results: Mapping[str, Sequence[Trajectory]], coded: Mapping[str, Patterns]
) -> dict[str, Any]:
    """Errors of trainings on patterns by code, relative to the error of the mean pattern of that code."""
    metrics: dict[str, Any] = {"threshold.fraction_on": float(coded["threshold"].train.mean())}
    for code, runs in results.items():
        reference = mean_pattern_error(coded[code])
        metrics[f"{code}.baseline_error"] = reference
        metrics |= Repeated.measured(
            {code: runs}, lambda run, reference=reference: relative_measures(run, reference), BOUNDS
        ).estimates()
    return metrics


def parameter_metrics(results: Sequence[Trajectory], pixels: Sequence[tuple[int, int]]) -> dict[str, Any]:
    """Parameters of pixels at the end, and the course of the number of visible biases above −1.

    The trajectories were probed by :func:`~spikingsampling.protocols.studies.rbm.training.pixel_probes`.
    """
    metrics: dict[str, Any] = {}
    for i, (row, column) in enumerate(pixels):
        metrics |= Repeated.measured(
            {f"pixel_{row}_{column}": results},
            lambda run, i=i: pixel_measures(run.probe("weights")[-1, i], run.probe("biases")[-1, i]),
        ).estimates()
    return (
        metrics
        | Repeated.measured(
            {"biases_above_-1": results}, lambda run: course_of_count(run.steps, run.probe("high_biases"))
        ).estimates()
    )
