"""What lesions do to a machine that goes on learning (S0, sections 4.9 to 4.11)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spikingsampling.models.rbm.machine import RBM
from spikingsampling.protocols.studies.rbm.experiments import (
    Patterns,
    Trajectory,
    lesion,
    pixel_probes,
    train,
)

__all__ = ["Lesioned", "train_with_lesions"]


@dataclass
class Lesioned:
    """A training with lesions, beside the same training without.

    Attributes
    ----------
    trajectory, control : Trajectory
    at : tuple of int
        Images after which the lesions were made.
    control_model : RBM
    return_correlation : float
        Correlation of the values that the last lesion reset, just before it, with their values at the end:
        1 if they come back to where they were.
    control_correlation : float
        The same of the same weights without lesions.
    slope_correlation : float
        Correlation of the change of every weight between the lesions with its change after the last one.
    """

    trajectory: Trajectory
    control: Trajectory
    at: tuple[int, ...]
    control_model: RBM
    return_correlation: float
    control_correlation: float
    slope_correlation: float

    def excess(self, after: int, number: int = -1) -> float:
        """Held-out error ``after`` images after a lesion, above that of the control (nearest measurement)."""
        step = self.at[number] + after
        return self.trajectory.error_at(step) - self.control.error_at(step)

    def peak(self, number: int = -1, which: str = "test_error") -> float:
        """How much a lesion raises the error at once."""
        before = self.trajectory.steps.index(self.at[number])
        errors = getattr(self.trajectory, which)
        return errors[before + 1] - errors[before]

    def recovery(self, number: int = -1) -> float:
        """Images until the held-out error is back at its value just before the lesion; NaN if never."""
        before = self.trajectory.steps.index(self.at[number])
        errors = np.array(self.trajectory.test_error[before + 1 :])
        back = np.flatnonzero(errors <= self.trajectory.test_error[before])
        return (
            float(self.trajectory.steps[before + 1 + back[0]] - self.at[number])
            if back.size
            else float("nan")
        )


def train_with_lesions(
    models: tuple[RBM, RBM],
    patterns: Patterns,
    images: int,
    test_every: int,
    at: tuple[int, ...],
    part: float,
    pixel: tuple[int, int],
    seed: np.random.SeedSequence,
) -> Lesioned:
    """Train two equal machines on the same images, one of them with lesions.

    Parameters
    ----------
    models : (RBM, RBM)
        To be lesioned, and control.
    patterns, images, test_every
        As for :func:`~spikingsampling.protocols.studies.rbm.experiments.train`.
    at : tuple of int
        Images after which a random ``part`` of all parameters is drawn anew; two or more.
    part : float
    pixel : (int, int)
        Row and column of the pixel whose weights are recorded.
    seed : SeedSequence
        Order of the images and lesions.
    """
    order_seed, lesion_seed = seed.spawn(2)
    rng = np.random.default_rng(lesion_seed)
    before: dict[int, NDArray] = {}
    after: dict[int, NDArray] = {}
    resets: dict[int, NDArray[np.bool_]] = {}
    control_before: list[NDArray] = []

    def cut(step: int) -> None:
        before[step] = models[0].weights_.copy()
        resets[step] = lesion(models[0], rng, part)["weights_"]
        after[step] = models[0].weights_.copy()

    events = {step: lambda model, step=step: cut(step) for step in at}
    watch = {step: lambda model: control_before.append(model.weights_.copy()) for step in at}
    probes = pixel_probes([pixel])
    lesioned, control = (
        train(
            model, patterns, images, test_every, np.random.default_rng(order_seed), probes=probes, events=done
        )
        for model, done in zip(models, (events, watch), strict=True)
    )
    reset = resets[at[-1]]
    return Lesioned(
        lesioned,
        control,
        at,
        models[1],
        _correlation(before[at[-1]][reset], models[0].weights_[reset]),
        _correlation(control_before[-1][reset], models[1].weights_[reset]),
        _correlation(before[at[-1]] - after[at[-2]], models[0].weights_ - after[at[-1]]),
    )


def _correlation(a: NDArray, b: NDArray) -> float:
    return float(np.corrcoef(np.ravel(a), np.ravel(b))[0, 1])
