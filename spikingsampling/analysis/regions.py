"""Regions that a trajectory visits: how far apart before and after an event, against the spread within them.

Slow noise alone also moves a trajectory from one region to another. So a ratio of distance to spread is compared
with that of sham events, at times without an event.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._checks import finite_array, finite_number
from ..errors import ParameterError
from .samples import SAME_TIME

__all__ = ["Regions", "Separation", "find_regions", "separation", "sham_separations"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Separation:
    """Two stretches of a trajectory, compared.

    Attributes
    ----------
    distance : float
        Euclidean distance of their centroids (units of the points).
    spread : float
        Root mean square distance of the points from their own centroid, pooled over the two with equal weight.
    """

    distance: float
    spread: float

    @property
    def ratio(self) -> float:
        """``distance / spread``; infinite where neither stretch moves and they differ."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return float(np.divide(self.distance, self.spread))


def _separate(first: Array, second: Array) -> Separation:
    centres = first.mean(axis=0), second.mean(axis=0)
    squares = [
        np.mean(np.sum((part - c) ** 2, axis=1)) for part, c in zip((first, second), centres, strict=True)
    ]
    return Separation(float(np.linalg.norm(centres[0] - centres[1])), float(np.sqrt(np.mean(squares))))


def separation(times: ArrayLike, points: ArrayLike, event: float, window: float) -> Separation:
    """Distance between the region before and the region after an event against the spread within them.

    Parameters
    ----------
    times : (n_times,) array
        Rising (s).
    points : (n_times, n_dimensions) array
        All parameters or some principal components of them.
    event : float
        Time (s). A sample at exactly that time belongs to before.
    window : float
        Length of each stretch (s): event − window < t ≤ event and event < t ≤ event + window.

    Raises
    ------
    ParameterError
        A stretch holds fewer than two samples, or a wrong shape.
    """
    times, points = _checked(times, points)
    event, window = finite_number("event", event), finite_number("window", window)
    before, after = _sides(times, event, window)
    return _separate(points[before], points[after])


def sham_separations(
    times: ArrayLike, points: ArrayLike, events: ArrayLike, window: float
) -> tuple[Array, Array]:
    """The separation at every sampled time whose two stretches hold no event: what drift alone gives.

    The trajectory keeps all its autocorrelation. The only assumption is that drift is the same with and without
    events. Neighbouring values share most of their samples.

    Parameters
    ----------
    times, points, window
        As for :func:`separation`.
    events : (n,) array
        All events (s).

    Returns
    -------
    when : (m,) array
        Times of the sham events (s).
    ratios : (m,) array
        Their :attr:`Separation.ratio`.

    Raises
    ------
    ParameterError
        No time is two windows away from the ends and events.
    """
    times, points = _checked(times, points)
    window = finite_number("window", window)
    marks = np.atleast_1d(np.asarray(events, dtype=float))
    moments = [
        time
        for time in times
        if times[0] <= time - window + SAME_TIME
        and time + window <= times[-1] + SAME_TIME
        and not np.any((marks > time - window + SAME_TIME) & (marks < time + window - SAME_TIME))
    ]
    if not moments:
        raise ParameterError(f"window = {window!r} s: no stretch of two windows is free of events")
    ratios = [separation(times, points, time, window).ratio for time in moments]
    return np.array(moments), np.array(ratios)


@dataclass(frozen=True, eq=False)
class Regions:
    """Where a trajectory is in each phase.

    Attributes
    ----------
    phases : (n_phases,) int array
        Labels, sorted.
    centroids : (n_phases, n_dimensions) array
    spreads : (n_phases,) array
        Root mean square distance from the centroid.
    ratios : (n_phases, n_phases) array
        :attr:`Separation.ratio` of each pair of phases; 0 on the diagonal.
    nearest : (n_phases, n_phases) array
        Fraction of the samples of phase i (row) whose nearest centroid is that of phase j (column). It is the
        identity where every phase has a region of its own.
    """

    phases: NDArray[np.int64]
    centroids: Array
    spreads: Array
    ratios: Array
    nearest: Array


def find_regions(points: ArrayLike, phase: ArrayLike) -> Regions:
    """The regions that a trajectory visits in its phases, and how far they are apart.

    Parameters
    ----------
    points : (n_times, n_dimensions) array
    phase : (n_times,) int array
        Label of the phase of each sample; negative ones are left out.

    Raises
    ------
    ParameterError
        A wrong shape, or fewer than two phases.
    """
    points = finite_array("points", points, ("n_times", "n_dimensions"))
    label = np.asarray(phase)
    if label.shape != (len(points),) or label.dtype.kind not in "iu":
        raise ParameterError(f"phase {label.dtype} {label.shape}: must be integers of shape ({len(points)},)")
    phases = np.unique(label[label >= 0]).astype(np.int64)
    if len(phases) < 2:
        raise ParameterError(f"phase holds {phases.tolist()}: must hold at least two phases")
    parts = [points[label == p] for p in phases]
    centroids = np.array([part.mean(axis=0) for part in parts])
    spreads = np.array([_separate(part, part).spread for part in parts])
    ratios = np.array([[0.0 if a is b else _separate(a, b).ratio for b in parts] for a in parts])
    nearest = np.array([_shares(part, centroids) for part in parts])
    return Regions(phases, centroids, spreads, ratios, nearest)


def _shares(part: Array, centroids: Array) -> Array:
    distances = np.linalg.norm(part[:, None] - centroids, axis=2)
    return np.bincount(distances.argmin(axis=1), minlength=len(centroids)) / len(part)


def _checked(times: ArrayLike, points: ArrayLike) -> tuple[Array, Array]:
    times = finite_array("times", times, ("n_times",))
    if len(times) < 2 or np.any(np.diff(times) <= 0):
        raise ParameterError(f"times of shape {times.shape}: must be at least two, rising")
    points = finite_array("points", points, (len(times), "n_dimensions"))
    return times, points


def _sides(times: Array, event: float, window: float) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    before = (times > event - window + SAME_TIME) & (times <= event + SAME_TIME)
    after = (times > event + SAME_TIME) & (times <= event + window + SAME_TIME)
    if min(before.sum(), after.sum()) < 2:
        raise ParameterError(
            f"event = {event} s, window = {window} s: must hold two samples on each side, not {before.sum()} and "
            f"{after.sum()}"
        )
    return before, after
