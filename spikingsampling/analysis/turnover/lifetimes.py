"""Lifetimes of new synapses, known as well as the samples tell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .survival import SurvivalCurve, kaplan_meier

__all__ = ["Lifetimes"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Lifetimes:
    """Lifetimes of synapses, each known to end between two samples.

    Attributes
    ----------
    last_active : (n,) array
        Time since formation of the last sample of the first unbroken row of active ones (s).
    first_inactive : (n,) array
        Time since formation of the sample after it (s): the synapse retracted between the two. Infinite where it
        was still active at the end (right-censored).
    """

    last_active: Array
    first_inactive: Array

    @classmethod
    def of_samples(cls, times: Array, active: NDArray[np.bool_]) -> Lifetimes:
        """Lifetimes of synapses that are all active in the first sample.

        Parameters
        ----------
        times : (n_times,) array
            Seconds, rising; the first one is the formation.
        active : (n_times, n_synapses) bool array
        """
        since = np.append(np.round(times - times[0], 6), np.inf)
        # A row of inactive ones at the end gives those that never retract the lifetime infinity.
        ends = np.argmin(np.vstack([active, np.zeros((1, active.shape[1]), dtype=bool)]), axis=0)
        return cls(since[ends - 1], since[ends])

    @property
    def censored(self) -> NDArray[np.bool_]:
        """Whether the synapse was still active when the recording ended (n,)."""
        return np.isinf(self.first_inactive)

    def survival(self, times: ArrayLike | None = None) -> SurvivalCurve:
        """Kaplan-Meier estimate: a lifetime ends when the synapse is first seen inactive.

        Parameters
        ----------
        times : (n,) array, optional
            Times since formation (s); 0 and all at which a lifetime ended or was last seen, if not given.

        Raises
        ------
        ParameterError
            As :func:`~spikingsampling.analysis.turnover.survival.kaplan_meier`.
        """
        followed = np.where(self.censored, self.last_active, self.first_inactive)
        return kaplan_meier(followed, self.censored, times)
