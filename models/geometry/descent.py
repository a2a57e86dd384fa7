"""Mirror descent with momentum and a learning rate that falls as a cosine (Pogodin et al., ICLR 2024)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spikingsampling.inference import Potential

__all__ = ["MirrorDescent", "cosine"]


def cosine(step: int, n_steps: int) -> float:
    """(1 + cos(πk/K))/2: the factor of the learning rate in step k = 0 … K − 1."""
    return (1 + math.cos(math.pi * step / n_steps)) / 2


class MirrorDescent:
    """v ← 0.9 v + ∂L/∂w, φ′(w) ← φ′(w) − η v.

    Parameters
    ----------
    potential : Potential
        φ.
    rates : float or array
        η before the cosine; an array is broadcast against the weights, for several runs side by side.
    momentum : float
    """

    def __init__(self, potential: Potential, rates: ArrayLike, momentum: float = 0.9) -> None:
        self.potential, self.rates, self.momentum = potential, np.asarray(rates, dtype=float), momentum
        self.velocity: NDArray[np.float64] | float = 0.0

    def step(self, w: NDArray, gradient: NDArray, factor: float = 1.0) -> NDArray[np.float64]:
        """The weights after a step with η times ``factor``. A diverging run holds infinite values, or NaN."""
        with np.errstate(all="ignore"):
            self.velocity = self.momentum * self.velocity + gradient
            return self.potential.moved(w, -factor * self.rates * self.velocity)
