"""Learning one digit, then another, then the first again (Fournier's report, section 4.8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spikingsampling.experiment.repetitions import Repeated
from spikingsampling.models.rbm import RBM
from spikingsampling.protocols.studies.rbm.patterns import Patterns, subsample
from spikingsampling.protocols.studies.rbm.training import (
    Trajectory,
    pixel_probes,
    reconstruction_error,
    train,
)

__all__ = ["InTurn", "drift", "first_difference", "learn_in_turn", "sequence_measures", "sequence_metrics"]

Errors = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class InTurn:
    """A training on two digits in turn, beside one on the second and one on the first digit alone.

    Attributes
    ----------
    trajectory, fresh : Trajectory
        Of the three phases, and of a fresh machine that is shown the second digit as long as one phase.
    errors : mapping of str to mapping of str to float
        Held-out errors on each digit by time: ``before_phase_2``, ``before_phase_3`` and ``end`` of the three phases,
        ``first_only`` after as many images of the first digit and none of the second, ``fresh``.
    phase_ends : tuple of int
        Index of the last measurement of each phase.
    """

    trajectory: Trajectory
    fresh: Trajectory
    errors: Errors
    phase_ends: tuple[int, ...]


def learn_in_turn(
    machines: tuple[RBM, RBM, RBM],
    patterns: tuple[Patterns, Patterns],
    images: int,
    test_every: int,
    pixels: Sequence[tuple[int, int]],
    rng: np.random.Generator,
) -> InTurn:
    """Train one machine through the three phases, one on the second digit, and one on the first.

    Parameters
    ----------
    machines : three RBM
        For the three phases, for the second digit alone, and for the first digit alone.
    patterns : two Patterns
        Of the first and the second digit.
    images, test_every : int
        Images per phase, and between two measurements.
    pixels : sequence of (int, int)
        Row and column of pixels whose parameters are recorded.
    rng : Generator
    """
    learner, fresh, pure = machines
    first, second = patterns

    def errors_now() -> dict[str, float]:
        return {
            name: reconstruction_error(learner, subsample(digit.test), rng)
            for name, digit in (("first_error", first), ("second_error", second))
        }

    trajectory = Trajectory()
    ends: list[int] = []
    errors: dict[str, dict[str, float]] = {}
    for phase, digit in enumerate((first, second, first), start=1):
        if phase > 1:
            errors[f"before_phase_{phase}"] = errors_now()
        train(
            learner, digit, images, test_every, rng, probes=pixel_probes(list(pixels)), trajectory=trajectory
        )
        ends.append(len(trajectory.steps) - 1)
    errors["end"] = errors_now()
    alone = train(fresh, second, images, test_every, rng)
    train(pure, first, 2 * images, test_every, rng)
    errors["first_only"] = {"first_error": reconstruction_error(pure, subsample(first.test), rng)}
    errors["fresh"] = {"second_error": alone.test_error[-1]}
    return InTurn(trajectory, alone, errors, tuple(ends))


def drift(values: ArrayLike, phase_ends: Sequence[int]) -> NDArray[np.float64]:
    """How far values (n_times, n) moved in the second phase, (n,)."""
    values = np.asarray(values)
    return np.abs(values[phase_ends[1]] - values[phase_ends[0]]).astype(float)


def sequence_measures(errors: Errors) -> dict[str, float]:
    """What the second digit costs and what is kept of it, as differences of errors in :class:`InTurn`."""
    before_2, before_3, end = (errors[time] for time in ("before_phase_2", "before_phase_3", "end"))
    return {
        "taught_minus_fresh.end_of_phase": before_3["second_error"] - errors["fresh"]["second_error"],
        "forgotten_of_first": before_3["first_error"] - before_2["first_error"],
        "second_after_third_phase_minus_before_second": end["second_error"] - before_2["second_error"],
        "first_at_end_minus_after_first_phase": end["first_error"] - before_2["first_error"],
        "first_at_end_minus_first_only": end["first_error"] - errors["first_only"]["first_error"],
    }


def first_difference(result: InTurn) -> float:
    """Error on the second digit, taught minus fresh machine, when each has been shown some and is measured first."""
    # The second phase begins with a measurement, before its first image.
    return result.trajectory.test_error[result.phase_ends[0] + 2] - result.fresh.test_error[1]


def sequence_metrics(results: Sequence[InTurn], pixels: Sequence[tuple[int, int]]) -> dict[str, Any]:
    """Metrics of repetitions of :func:`learn_in_turn`, which recorded two ``pixels``."""
    times = {time: [result.errors[time] for result in results] for time in results[0].errors}
    bias_drifts = np.array(
        [drift(result.trajectory.probe("biases"), result.phase_ends) for result in results]
    )
    drifts = {f"pixel_{row}_{column}": bias_drifts[:, i] for i, (row, column) in enumerate(pixels)}
    compared = {"taught_minus_fresh.first_measurement": [first_difference(result) for result in results]}
    return (
        Repeated.measured(times, lambda errors: errors).estimates()
        | Repeated({"": compared}).estimates()
        | Repeated.measured({"": results}, lambda result: sequence_measures(result.errors)).estimates()
        | Repeated(
            {"bias_drift_in_phase_2": {"difference": bias_drifts[:, 1] - bias_drifts[:, 0], **drifts}}
        ).estimates()
    )
