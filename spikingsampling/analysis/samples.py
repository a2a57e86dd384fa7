"""Sampled times: when two are the same, and which row of a table belongs to one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..errors import ParameterError

__all__ = ["SAME_TIME", "row_of"]

#: Times closer than this (s) are the same sample.
SAME_TIME = 1e-6


def row_of(name: str, times: NDArray[np.float64], time: float) -> int:
    """Index of ``time`` (s) among the sampled ``times`` (n,).

    Raises
    ------
    ParameterError
        ``time`` was not sampled; the message calls it ``name``.
    """
    row = int(np.argmin(np.abs(times - time))) if np.isfinite(time) else 0
    if not abs(times[row] - time) <= SAME_TIME:
        span = f"{len(times)} times from {times[0]:g} s to {times[-1]:g} s"
        raise ParameterError(f"{name} = {time} s: must be a sampled time ({span}); nearest is {times[row]} s")
    return row
