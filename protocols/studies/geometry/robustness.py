"""Changes that are Gaussian in one dual space, read through the maps of others."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from spikingsampling.analysis.geometry import Reading, read_change
from spikingsampling.inference import NegativeEntropy, PNorm, Potential
from spikingsampling.models.geometry import log_normal_weights

__all__ = ["STARTS", "TRUE", "changed_weights", "maps", "read_changes"]

STARTS = ("log_normal", "normal")
TRUE = ("entropy", "2-norm", "3-norm")
#: The weight at which the dual says how large changes are, and the changes relative to it.
_TYPICAL, _RELATIVE = 0.1, 0.1


def maps() -> dict[str, Potential]:
    """Negative entropy, the limit p → 1, and p = 1.1 … 3: 21 potentials, whose duals rise with w."""
    found = [NegativeEntropy(), *(PNorm(p) for p in np.arange(11, 31) / 10)]
    return {potential.name: potential for potential in found}


def changed_weights(
    potential: Potential, start: str, n: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Weights (n,) before and after a change of 0.1 φ′(0.1) N(0, 1) in the dual.

    They start log-normal with mean and sd 1/√n and random signs, or Gaussian with sd 0.1.
    """
    log_normal = start == "log_normal"
    w = log_normal_weights(n, 1 / math.sqrt(n), rng) if log_normal else _TYPICAL * rng.standard_normal(n)
    size = _RELATIVE * abs(float(potential.dual(_TYPICAL)))
    return w, potential.moved(w, size * rng.standard_normal(n))


def read_changes(
    potential: Potential, start: str, n: int, repetitions: int, rng: np.random.Generator
) -> list[Mapping[str, Reading]]:
    """As many changes, each read through all :func:`maps`."""
    duals = {name: other.dual for name, other in maps().items()}
    return [read_change(*changed_weights(potential, start, n, rng), duals) for _ in range(repetitions)]
