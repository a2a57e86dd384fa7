"""What is measured on a Hopfield network: overlaps, errors, patterns and letters recalled, from arrays.

States and patterns are (n, N) arrays of ±1; a path is (t + 1, n, N), the states from the start to the end.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spikingsampling.models.hopfield.patterns import STRUCK

__all__ = [
    "RECALLED",
    "cooling",
    "error_rate",
    "late_overlap",
    "overlap",
    "part_recalled",
    "part_restored",
    "part_with_memory",
    "running_mean",
    "same_states",
]

Array = NDArray[np.float64]
#: A pattern counts as recalled above this overlap.
RECALLED = 0.9


def overlap(states: ArrayLike, patterns: ArrayLike) -> Array:
    """m = (1/N) Σ_i ξ_i s_i of each state with its pattern, (n,)."""
    return (np.asarray(states) * np.asarray(patterns)).mean(axis=-1)


def late_overlap(path: ArrayLike, patterns: ArrayLike) -> float:
    """Mean overlap over the last half of a path (t + 1, n, N) with patterns (n, N) or one (N,)."""
    path = np.asarray(path)
    return float(overlap(path[len(path) // 2 :], patterns).mean())


def error_rate(states: ArrayLike, patterns: ArrayLike) -> float:
    """Part of the neurons that differ from the pattern."""
    return float((np.asarray(states) != np.asarray(patterns)).mean())


def part_recalled(states: ArrayLike, patterns: ArrayLike) -> float:
    """Part of the states whose overlap with their pattern is more than :data:`RECALLED`."""
    return float((overlap(states, patterns) > RECALLED).mean())


def part_with_memory(overlaps: ArrayLike) -> float:
    """Part of the states with |m| more than :data:`RECALLED` for one of the patterns, from overlaps (n, K)."""
    return float((np.abs(overlaps).max(axis=1) > RECALLED).mean())


def same_states(states: ArrayLike, patterns: ArrayLike) -> float:
    """Part of the states that are their pattern without an error."""
    return float((np.asarray(states) == np.asarray(patterns)).all(axis=1).mean())


def part_restored(lines: Sequence[str], struck: Sequence[str], read: Sequence[str]) -> float:
    """Part of the letters struck out of ``lines`` that stand in ``read`` again; 1 if none is struck out."""
    right = [
        read[i][j : j + 1] == lines[i][j]
        for i, line in enumerate(struck)
        for j, letter in enumerate(line)
        if letter == STRUCK
    ]
    return float(np.mean(right)) if right else 1.0


def running_mean(values: ArrayLike, width: int = 9) -> Array:
    """Means of ``width`` neighbours, where all of them exist: (n − width + 1,)."""
    return np.convolve(values, np.ones(width) / width, "valid")


def cooling(temperature: float, sweeps: int) -> Array:
    """β of each sweep (2 · sweeps,): T falls linearly from ``temperature`` to 0, then stays there."""
    temperatures = temperature * np.linspace(1, 0, sweeps, endpoint=False)
    cold = np.full(sweeps, np.inf)
    return np.append(1 / temperatures if temperature else cold, cold)
