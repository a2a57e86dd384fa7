"""Survival of new synapses: the Kaplan-Meier estimate with its 95 % band."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import CensoredData, ecdf

from ..._checks import finite_array
from ...errors import ParameterError
from ..samples import SAME_TIME, row_of

__all__ = ["SurvivalCurve", "kaplan_meier"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SurvivalCurve:
    """Fraction of new synapses that are still active some time after their formation.

    Attributes
    ----------
    times : (n,) array
        Since formation (s), rising.
    survival : (n,) array
        Fraction that was active at every sample up to and including that time.
    low, high : (n,) array
        Pointwise 95 % band: Greenwood's variance on the log-log scale. Where none or all have retracted it is the
        exact binomial bound. Synapses are counted as independent; where they compete, compare seeds instead.
    at_risk : (n,) int array
        Synapses that were followed for at least that time, or retracted at it.
    n_synapses, n_censored : int
        New synapses, and how many of them were still active when the recording ended.
    """

    times: Array
    survival: Array
    low: Array
    high: Array
    at_risk: NDArray[np.int64]
    n_synapses: int
    n_censored: int

    def at(self, time: float) -> float:
        """The survival at one of ``times`` (s).

        Raises
        ------
        ParameterError
            The curve has no such time.
        """
        return float(self.survival[row_of("time", self.times, time)])


def kaplan_meier(
    followed: Array, censored: NDArray[np.bool_], times: ArrayLike | None = None
) -> SurvivalCurve:
    """Kaplan-Meier estimate of the survival of synapses.

    Parameters
    ----------
    followed : (n_synapses,) array
        Time since formation (s) at which the synapse was first seen retracted, or last seen if it is censored.
    censored : (n_synapses,) bool array
        Whether it was still active when it was last seen.
    times : (n,) array, optional
        Times since formation (s); 0 and all in ``followed`` if not given.

    Raises
    ------
    ParameterError
        There is no synapse, or a time is negative or later than any synapse was followed.
    """
    if not len(followed):
        raise ParameterError("lifetimes: there is no new synapse; survival needs at least one")
    grid = np.unique(np.append(followed, 0.0)) if times is None else finite_array("times", times, ("n",))
    curve = ecdf(CensoredData(uncensored=followed[~censored], right=followed[censored])).sf
    # Where the last one retracted nobody is left to follow, and the survival is known to stay 0.
    longest = float(followed.max()) if curve.probabilities[-1] > 0 else np.inf
    if not np.all((grid >= 0) & (grid <= longest + SAME_TIME) & (np.diff(grid, prepend=-1.0) > 0)):
        raise ParameterError(
            f"times = {grid}: must rise from at least 0 s to at most {longest} s, the longest follow-up"
        )
    grid = np.minimum(grid, longest)
    survival = curve.evaluate(grid)
    at_risk = np.array([np.sum(followed >= time - SAME_TIME) for time in grid])
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # undefined where replaced below
        band = curve.confidence_interval(0.95, method="log-log")
    low, high = band.low.evaluate(grid), band.high.evaluate(grid)
    all_active, all_retracted = survival >= 1, survival <= 0
    bound = 0.025 ** (1 / np.maximum(at_risk, 1))
    low = np.where(all_active, bound, np.where(all_retracted, 0.0, low))
    high = np.where(all_active, 1.0, np.where(all_retracted, 1 - bound, high))
    low, high = np.where(grid == 0, 1.0, low), np.where(grid == 0, 1.0, high)
    high = np.minimum.accumulate(high)  # survival never rises
    return SurvivalCurve(grid, survival, low, high, at_risk, len(followed), int(censored.sum()))
