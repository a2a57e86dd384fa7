"""How strongly neurons on a ring are coupled, by the distance of their directions, and the same as a few waves."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from spikingsampling._checks import finite_number, whole_number
from spikingsampling.errors import ParameterError

__all__ = ["Footprint"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Footprint:
    """J(θ) = J⁻ + (J⁺ − J⁻) exp(−θ²/2σ²), with mean 1 (Compte et al., Cereb Cortex 10, 910, 2000).

    Parameters
    ----------
    n : int
        Neurons on the ring, at least 8.
    j_plus : float
        J⁺, the weight at distance 0; 1 for the same weight everywhere.
    sigma : float
        σ (rad), from 2 neurons' distance to π.

    Raises
    ------
    ParameterError
        A value out of its range, or J⁺ so large that J⁻ would be negative.
    """

    n: int
    j_plus: float
    sigma: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "n", whole_number("Footprint.n", self.n, 8))
        for name in ("j_plus", "sigma"):
            object.__setattr__(self, name, finite_number(f"Footprint.{name}", getattr(self, name)))
        least = 4 * math.pi / self.n
        if not least <= self.sigma <= math.pi:
            raise ParameterError(f"Footprint.sigma = {self.sigma:g}: must be from {least:.3g} to pi")
        most = 1 / self._gaussian.mean()
        if not 1 <= self.j_plus <= most:
            raise ParameterError(f"Footprint.j_plus = {self.j_plus:g}: must be from 1 to {most:.4g}")

    @property
    def directions(self) -> Floats:
        """θ (n,) in rad."""
        return 2 * np.pi * np.arange(self.n) / self.n

    @cached_property
    def _gaussian(self) -> Floats:
        distance = np.minimum(self.directions, 2 * np.pi - self.directions)
        return np.exp(-(distance**2) / (2 * self.sigma**2))

    @property
    def j_minus(self) -> float:
        """J⁻, so that the mean over the ring is 1."""
        mean = float(self._gaussian.mean())
        return (1 - self.j_plus * mean) / (1 - mean)

    @property
    def weights(self) -> Floats:
        """J (n,) at the distances :attr:`directions`."""
        return self.j_minus + (self.j_plus - self.j_minus) * self._gaussian

    @property
    def matrix(self) -> Floats:
        """J (n, n) between all pairs."""
        index = np.arange(self.n)
        return self.weights[(index[:, None] - index) % self.n]

    def waves(self, tolerance: float) -> Floats:
        """a (K + 1,) with J(θ) = Σ_k a_k cos kθ at the neurons, up to ``tolerance`` at each of them.

        A sum over the ring then takes (2K + 1) n products twice in place of n², for
        Σ_j J(θ_i − θ_j) s_j = Σ_k a_k (cos kθ_i Σ_j cos kθ_j s_j + sin kθ_i Σ_j sin kθ_j s_j).
        As Gaussians are smooth, a_k falls as exp(−k²σ²/2). What is left out is at most the sum of the |a_k| that are.
        """
        a = np.fft.rfft(self.weights).real / self.n
        last = len(a) - (self.n % 2 == 0)
        a[1:last] *= 2
        left_out = np.append(np.cumsum(np.abs(a)[::-1])[::-1][1:], 0.0)
        return a[: int(np.argmax(left_out <= tolerance)) + 1]
