"""Which spikes lie between which borders of time.

Spikes lie on the grid of the time step, and so do the borders of presentations and segments. Both are sums of many
floats, so a spike in the first step after a border may be off it by a rounding error. Everything that counts or
selects spikes by time asks here, and so a spike lies on the same side of a border everywhere.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["TIME_STEP", "as_spikes", "count_spikes", "first_after", "first_at"]

#: Time step (s) of what does not say it.
TIME_STEP = 1e-3
#: Of a step: far above the rounding error of any time, far below the distance of two spikes.
_SAME = 1e-4


def first_at(times: NDArray[np.float64], borders: ArrayLike, dt: float = TIME_STEP) -> NDArray[np.int64]:
    """Index of the first of the sorted ``times`` (n,) at or after each border: how many lie before it.

    Parameters
    ----------
    times : (n,) array
        Sorted (s).
    borders : array of any shape
        Infinite ones are allowed (s).
    dt : float
        Time step of the simulation (s). A time that is earlier than a border by less than a ten-thousandth of it lies
        at the border.

    Returns
    -------
    int array of the shape of ``borders``
    """
    return np.searchsorted(times, np.asarray(borders, dtype=float) - _SAME * dt)


def first_after(times: NDArray[np.float64], borders: ArrayLike, dt: float = TIME_STEP) -> NDArray[np.int64]:
    """Index of the first of the sorted ``times`` (n,) after each border; arguments and result as :func:`first_at`."""
    return np.searchsorted(times, np.asarray(borders, dtype=float) + _SAME * dt, side="right")


def as_spikes(
    start: NDArray[np.float64], since: NDArray[np.float64], dt: float = TIME_STEP
) -> NDArray[np.float64]:
    """Times ``since`` the ``start`` of a segment, (n,) each, to the last bit as a spike in that step would have them.

    So these times and those of spikes can be compared as they are. A time within a step stays where it is.
    """
    steps = np.rint(since / dt) * dt
    exact = start + np.where(np.abs(steps - since) < _SAME * dt, steps, since)
    return exact * 1e3 / 1e3  # spikes are stored in ms


def count_spikes(
    times: NDArray[np.float64],
    neurons: NDArray[np.int64],
    intervals: NDArray[np.float64],
    size: int,
    dt: float = TIME_STEP,
) -> NDArray[np.int64]:
    """Spikes of each neuron in intervals of time, which may overlap and be in any order, (n, size).

    Parameters
    ----------
    times, neurons : (n_spikes,) arrays
        Sorted times (s), and neurons from 0 to ``size`` - 1.
    intervals : (n, 2) array
        Start (included) and stop (excluded, not before the start) of each (s).
    size : int
        Number of neurons.
    dt : float
        As for :func:`first_at`.
    """
    first, stop = first_at(times, intervals, dt).reshape(-1, 2).T
    lengths = stop - first
    rows = np.repeat(np.arange(len(first)), lengths)
    within = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    cells = rows * size + neurons[np.repeat(first, lengths) + within]
    return np.bincount(cells, minlength=len(first) * size).reshape(len(first), size)
