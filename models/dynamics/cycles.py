"""Period, extremes and growth of an oscillation, from a sampled trajectory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import CubicSpline
from scipy.optimize import brentq

from spikingsampling._checks import finite_array
from spikingsampling.errors import ParameterError

__all__ = ["Cycle", "cycle_of", "growth_rate"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Cycle:
    """An oscillation.

    Attributes
    ----------
    period : float
        Mean time between rises through the level.
    low, high : float
        Mean of the minima, and of the maxima.
    """

    period: float
    low: float
    high: float

    @property
    def frequency(self) -> float:
        """1/period."""
        return 1 / self.period


def cycle_of(times: ArrayLike, values: ArrayLike, level: float) -> Cycle | None:
    """The oscillation of ``values`` around ``level``, between the samples by a cubic spline.

    Parameters
    ----------
    times : (n,) array
        Ascending, n ≥ 4.
    values : (n,) array
    level : float
        Between the minima and the maxima, for example the fixed point. A damped linear oscillation around its fixed
        point rises through it at equal distances, 2π/ω.

    Returns
    -------
    Cycle or None
        None where the values rise through the level less than three times.

    Raises
    ------
    ParameterError
        Another shape, a value that is not finite, or times that do not ascend.
    """
    spline, rises, turns = _landmarks(times, values, level)
    if len(rises) < 3:
        return None
    extremes = spline(turns)
    period = (rises[-1] - rises[0]) / (len(rises) - 1)
    return Cycle(
        float(period), float(extremes[extremes < level].mean()), float(extremes[extremes > level].mean())
    )


def growth_rate(times: ArrayLike, values: ArrayLike, level: float) -> float:
    """How fast an oscillation around ``level`` grows: the slope of the logarithm of its maxima over time.

    Parameters
    ----------
    times, values, level
        As for :func:`cycle_of`.

    Raises
    ------
    ParameterError
        As :func:`cycle_of`, or less than three rises through the level.
    """
    spline, rises, turns = _landmarks(times, values, level)
    if len(rises) < 3:
        raise ParameterError(f"values rise {len(rises)} times through {level:g}: must be at least 3 times")
    heights = spline(turns) - level
    return float(np.polyfit(turns[heights > 0], np.log(heights[heights > 0]), 1)[0])


def _landmarks(times: ArrayLike, values: ArrayLike, level: float) -> tuple[CubicSpline, Floats, Floats]:
    """The spline, the times of its rises through the level, and those of its extremes between them."""
    t = finite_array("times", times, ("n",))
    x = finite_array("values", values, (len(t),))
    if len(t) < 4 or not np.all(np.diff(t) > 0):
        raise ParameterError("times: must be at least 4 and ascend")
    spline = CubicSpline(t, x)
    slope = spline.derivative()
    rises = _roots(lambda time: spline(time) - level, t, rising_only=True)
    turns = _roots(slope, t)
    return spline, rises, turns[(turns > rises[0]) & (turns < rises[-1])] if len(rises) else turns[:0]


def _roots(function: Callable[[ArrayLike], Floats], times: Floats, rising_only: bool = False) -> Floats:
    """Roots between samples of unlike sign; those of the spline's own solver include false ones where it is flat."""
    positive = function(times) > 0
    changes = ~positive[:-1] & positive[1:] if rising_only else positive[:-1] != positive[1:]
    return np.array([brentq(function, times[k], times[k + 1], xtol=1e-15) for k in np.flatnonzero(changes)])
