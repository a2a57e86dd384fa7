"""Whether the phase of an experiment can be told from parameters, at times that a classifier has not seen.

A slow path tells its time by drift alone, so that a classifier with samples of all times knows the phase. Here it has
seen the first half of each phase only. If the path has gone to a region of its own, the second half is there, too. If
it drifts, the second half is on the way to the next phase. How often drift alone is told right has to be measured on a
path without events.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._checks import finite_array, whole_array
from ..errors import ParameterError
from .readout import Readout, confusion

__all__ = ["PhaseDecoding", "decode_phases"]


@dataclass(frozen=True, eq=False)
class PhaseDecoding:
    """What a classifier takes the held-out samples of each phase for.

    Attributes
    ----------
    phases : (n_phases,) int array
        Labels, sorted.
    taken_for : (n_phases, n_phases) array
        Fraction of the held-out samples of phase i (row) that are taken for phase j (column).
    """

    phases: NDArray[np.int64]
    taken_for: NDArray[np.float64]

    @property
    def accuracy(self) -> float:
        """Mean over phases of the fraction that is taken for the right one."""
        return float(np.mean(np.diag(self.taken_for)))


def decode_phases(points: ArrayLike, phase: ArrayLike) -> PhaseDecoding:
    """Learn the phases from their first halves, and name those of their second halves.

    The classifier is a :class:`Readout`. Of an odd number of samples the one in the middle is learnt.

    Parameters
    ----------
    points : (n_times, n_parameters) array
        In the order of time.
    phase : (n_times,) int array
        Label of the phase of each sample; negative ones are left out.

    Raises
    ------
    ParameterError
        A wrong shape, fewer than two phases, or a phase of fewer than two samples.
    """
    points = finite_array("points", points, ("n_times", "n_parameters"))
    labels = whole_array("phase", phase, length=len(points))
    phases, sizes = np.unique(labels[labels >= 0], return_counts=True)
    if len(phases) < 2 or sizes.min() < 2:
        raise ParameterError(
            f"phase holds {phases.tolist()} with {sizes.tolist()} samples: must be at least two, of two samples each"
        )
    rows = [np.flatnonzero(labels == label) for label in phases]
    learnt = np.concatenate([row[: -(len(row) // 2)] for row in rows])
    held_out = np.concatenate([row[-(len(row) // 2) :] for row in rows])
    readout = Readout().fit(points[learnt], labels[learnt])
    return PhaseDecoding(phases, confusion(labels[held_out], readout.predict(points[held_out]), phases))
