"""What lesions do to a machine that goes on learning (Fournier's report, sections 4.9 to 4.11)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikingsampling.experiment.repetitions import Repeated
from spikingsampling.models.rbm import RBM
from spikingsampling.protocols.studies.rbm.measures import BOUNDS, correlation, error_metrics, roughness
from spikingsampling.protocols.studies.rbm.patterns import Patterns
from spikingsampling.protocols.studies.rbm.training import Trajectory, pixel_probes, train

__all__ = [
    "LesionSchedule",
    "Lesioned",
    "lesion_measures",
    "lesion_metrics",
    "redraw",
    "train_with_lesions",
    "weight_correlations",
]


@dataclass(frozen=True)
class LesionSchedule:
    """When and how a training is disturbed.

    Parameters
    ----------
    images, test_every : int
        Images of the whole training, and between two measurements.
    at : tuple of int
        Images after which a random ``part`` of all parameters is drawn anew; two or more.
    part : float
    """

    images: int
    test_every: int
    at: tuple[int, ...]
    part: float


@dataclass(frozen=True)
class Lesioned:
    """A training with lesions, beside the same training without.

    Attributes
    ----------
    trajectory, control : Trajectory
        With and without lesions.
    at : tuple of int
        Images after which the lesions were made.
    control_weights : (n_hidden, n_visible) array
        At the end, without lesions.
    correlations : mapping of str to float
        See :func:`weight_correlations`.
    """

    trajectory: Trajectory
    control: Trajectory
    at: tuple[int, ...]
    control_weights: NDArray
    correlations: Mapping[str, float]

    def before(self, number: int = -1) -> int:
        """Index of the measurement just before a lesion; the next one is just after it."""
        return self.trajectory.steps.index(self.at[number])

    def excess(self, after: int, number: int = -1) -> float:
        """Held-out error above that of the control, as measured last ``after`` images after a lesion."""
        step = self.at[number] + after
        return self.trajectory.error_at(step) - self.control.error_at(step)

    def peak(self, number: int = -1, which: str = "test_error") -> float:
        """How much a lesion raises the error at once."""
        errors, before = getattr(self.trajectory, which), self.before(number)
        return errors[before + 1] - errors[before]

    def recovery(self, number: int = -1) -> float:
        """Images until the held-out error is back at its value just before the lesion; NaN if never."""
        before = self.before(number)
        steps, errors = (
            values[before + 1 :] for values in (self.trajectory.steps, self.trajectory.test_error)
        )
        back = np.flatnonzero(np.array(errors) <= self.trajectory.test_error[before])
        return float(steps[back[0]] - self.at[number]) if back.size else math.nan


def redraw(model: RBM, rng: np.random.Generator, part: float = 0.5) -> dict[str, NDArray[np.bool_]]:
    """Draw a random ``part`` of the weights and of each kind of bias anew, by the law of their initial values.

    Returns
    -------
    dict
        Which elements of ``weights_``, ``visible_bias_`` and ``hidden_bias_`` were drawn anew.
    """
    masks = {}
    for name, mean, sd in (
        ("weights_", model.weight_mean, model.weight_sd),
        ("visible_bias_", model.bias_mean, model.bias_sd),
        ("hidden_bias_", model.bias_mean, model.bias_sd),
    ):
        values = getattr(model, name).copy()
        mask = np.zeros(values.size, dtype=bool)
        mask[rng.permutation(values.size)[: round(part * values.size)]] = True
        masks[name] = mask.reshape(values.shape)
        values[masks[name]] = rng.normal(mean, sd, int(mask.sum()))
        setattr(model, name, values)
    return masks


def train_with_lesions(
    models: tuple[RBM, RBM],
    patterns: Patterns,
    schedule: LesionSchedule,
    pixel: tuple[int, int],
    seed: np.random.SeedSequence,
) -> Lesioned:
    """Train two equal machines on the same images, one of them with lesions.

    Parameters
    ----------
    models : (RBM, RBM)
        To be lesioned, and control.
    patterns : Patterns
    schedule : LesionSchedule
    pixel : (int, int)
        Row and column of the pixel whose weights are recorded.
    seed : SeedSequence
        Order of the images, and lesions. It is left as it is.
    """
    fresh = np.random.SeedSequence(seed.entropy, spawn_key=seed.spawn_key)
    order_seed, lesion_seed = fresh.spawn(2)
    rng = np.random.default_rng(lesion_seed)
    before: list[NDArray] = []
    after: list[NDArray] = []
    masks: list[NDArray[np.bool_]] = []
    control_before: list[NDArray] = []

    def cut(model: RBM) -> None:
        before.append(model.weights_.copy())
        masks.append(redraw(model, rng, schedule.part)["weights_"])
        after.append(model.weights_.copy())

    def watch(model: RBM) -> None:
        control_before.append(model.weights_.copy())

    lesioned, control = (
        train(
            model,
            patterns,
            schedule.images,
            schedule.test_every,
            np.random.default_rng(order_seed),
            probes=pixel_probes([pixel]),
            events=dict.fromkeys(schedule.at, event),
        )
        for model, event in zip(models, (cut, watch), strict=True)
    )
    ends = [model.weights_ for model in models]
    correlations = weight_correlations(before, after, ends[0], (control_before[-1], ends[1]), masks[-1])
    return Lesioned(lesioned, control, schedule.at, ends[1].copy(), correlations)


def weight_correlations(
    before: Sequence[NDArray],
    after: Sequence[NDArray],
    end: NDArray,
    control: tuple[NDArray, NDArray],
    redrawn: NDArray[np.bool_],
) -> dict[str, float]:
    """Whether weights come back to where they were before the last lesion, or go on as they did.

    Parameters
    ----------
    before, after : sequence of (n_hidden, n_visible) array
        Weights just before and just after each lesion; two lesions or more.
    end : (n_hidden, n_visible) array
        Weights at the end.
    control : two (n_hidden, n_visible) arrays
        Weights without lesions, at the time of the last one and at the end.
    redrawn : (n_hidden, n_visible) bool array
        Which weights the last lesion drew anew.

    Returns
    -------
    dict
        ``return_correlation``: of redrawn weights, before the last lesion with the end; 1 if they come back.
        ``control_correlation``: of the same weights without lesions.
        ``slope_correlation``: of the changes of all weights, between the last two lesions with after the last one.
    """
    return {
        "return_correlation": correlation(before[-1][redrawn], end[redrawn]),
        "control_correlation": correlation(control[0][redrawn], control[1][redrawn]),
        "slope_correlation": correlation(before[-1] - after[-2], end - after[-1]),
    }


def lesion_measures(result: Lesioned, schedule: LesionSchedule) -> dict[str, float]:
    """What is compared between machines: mostly effects of the last lesion."""
    last = schedule.images - schedule.at[-1]
    step = min(5 * schedule.test_every, last)
    count, control_count = (each.probe("high_biases") for each in (result.trajectory, result.control))
    return {
        "peak_of_test_error": result.peak(),
        "peak_of_train_error": result.peak(which="train_error"),
        f"excess_after_{step}": result.excess(step),
        f"excess_after_{last}": result.excess(last),
        **result.correlations,
        "control_roughness": roughness(result.control.probe("weights")[:, 0]),
        "control_weight_sd": float(result.control_weights.std()),
        "biases_above_-1.before": float(count[result.before()]),
        "biases_above_-1.end": float(count[-1]),
        "biases_above_-1.control_end": float(control_count[-1]),
    }


def lesion_metrics(results: Mapping[str, Sequence[Lesioned]], schedule: LesionSchedule) -> dict[str, Any]:
    """Metrics of every mode, and differences of sampling and likelihood only."""
    metrics: dict[str, Any] = {}
    repeated = Repeated.measured(results, lambda result: lesion_measures(result, schedule), BOUNDS)
    for mode, runs in results.items():
        images = [run.recovery() for run in runs]
        metrics[f"{mode}.recovered"] = float(np.isfinite(images).mean())
        metrics[f"{mode}.recovery_images"] = images
        metrics |= error_metrics({mode: [run.trajectory for run in runs]})
        metrics |= error_metrics({f"{mode}.control": [run.control for run in runs]})
    return metrics | repeated.estimates() | repeated.differences("sampling", "likelihood")
