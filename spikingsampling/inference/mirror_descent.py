"""Mirror descent: gradient descent in the dual space of a potential φ, where weights are φ′(w).

φ′(w) ← φ′(w) − η ∂L/∂w    (Pogodin, Cornford, Ghosh, Gidel, Lajoie, Richards, ICLR 2024, arXiv:2305.19394)

For small η this is dw = −η ∂L/∂w / φ″(w). Synaptic parameters θ = log w + θ0 that follow their gradient move weights
by −w² ∂L/∂w, so that φ″ = 1/w² and φ = −log w, Burg's entropy: the likelihood of synaptic sampling moves weights in the
dual space −1/w. θ itself is the space in which its prior and its noise act. Exponentiated gradient, whose dual is
log w, is the rule without the factor w.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._checks import finite_number
from ..errors import ParameterError

__all__ = ["BurgEntropy", "NegativeEntropy", "PNorm", "Potential", "mirror_step"]

Array: TypeAlias = NDArray[np.float64]


class Potential(Protocol):
    """A convex potential φ, elementwise on arrays of any shape."""

    @property
    def name(self) -> str:
        """Its name in tables and metrics."""

    def dual(self, w: ArrayLike) -> Array:
        """φ′(w)."""

    def curvature(self, w: ArrayLike) -> Array:
        """φ″(w)."""

    def moved(self, w: ArrayLike, change: ArrayLike) -> Array:
        """The weights whose dual is φ′(w) + ``change``."""


@dataclass(frozen=True)
class PNorm:
    """``φ = Σ|w|^p / p`` with the dual ``sign(w) |w|^{p−1}``; p = 2 is gradient descent. Weights may change sign.

    Parameters
    ----------
    p : float
        More than 1.

    Raises
    ------
    ParameterError
        ``p`` is not a finite number above 1.
    """

    p: float

    def __post_init__(self) -> None:
        if not finite_number("PNorm.p", self.p) > 1:
            raise ParameterError(f"PNorm.p = {self.p!r}: must be more than 1")

    @property
    def name(self) -> str:
        """For example ``2-norm``."""
        return f"{self.p:g}-norm"

    def dual(self, w: ArrayLike) -> Array:
        """``sign(w) |w|^{p−1}``."""
        return np.sign(w) * np.abs(w) ** (self.p - 1)

    def curvature(self, w: ArrayLike) -> Array:
        """``(p − 1) |w|^{p−2}``."""
        return (self.p - 1) * np.abs(np.asarray(w, dtype=float)) ** (self.p - 2)

    def moved(self, w: ArrayLike, change: ArrayLike) -> Array:
        """``sign(z) |z|^{1/(p−1)}``, with z = φ′(w) + ``change``."""
        z = self.dual(w) + change
        return np.sign(z) * np.abs(z) ** (1 / (self.p - 1))


@dataclass(frozen=True)
class NegativeEntropy:
    """``φ = Σ|w| log|w|``, whose dual is ``sign(w) (log|w| + 1)``: exponentiated gradient, which keeps every sign."""

    @property
    def name(self) -> str:
        """``entropy``."""
        return "entropy"

    def dual(self, w: ArrayLike) -> Array:
        """``sign(w) (log|w| + 1)``; not finite at w = 0."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.sign(w) * (np.log(np.abs(w)) + 1)

    def curvature(self, w: ArrayLike) -> Array:
        """``1/|w|``."""
        with np.errstate(divide="ignore"):
            return 1 / np.abs(w)

    def moved(self, w: ArrayLike, change: ArrayLike) -> Array:
        """w exp(sign(w) ``change``)."""
        return w * np.exp(np.sign(w) * change)


@dataclass(frozen=True)
class BurgEntropy:
    """``φ = −Σ log|w|``, whose dual is −1/w: where gradient descent in θ = log w + θ0 moves weights. Signs are kept.

    All duals of a sign are on one side of 0. A change that carries one through 0 is too large, and gives NaN.
    """

    @property
    def name(self) -> str:
        """``burg``."""
        return "burg"

    def dual(self, w: ArrayLike) -> Array:
        """−1/w; not finite at w = 0."""
        with np.errstate(divide="ignore"):
            return -1 / np.asarray(w, dtype=float)

    def curvature(self, w: ArrayLike) -> Array:
        """1/w²."""
        with np.errstate(divide="ignore"):
            return 1 / np.square(np.asarray(w, dtype=float))

    def moved(self, w: ArrayLike, change: ArrayLike) -> Array:
        """w / (1 − w ``change``); NaN where no weight has this dual."""
        shrunk = 1 - np.multiply(w, change)
        return np.divide(w, np.where(shrunk > 0, shrunk, np.nan))


def mirror_step(potential: Potential, w: ArrayLike, gradient: ArrayLike, rate: float) -> Array:
    """A step of mirror descent, φ′(w) ← φ′(w) − η ∂L/∂w.

    Parameters
    ----------
    potential : Potential
        φ.
    w, gradient : arrays
        Weights and ∂L/∂w (or its running mean with momentum), of one shape.
    rate : float
        η, at least 0.

    Returns
    -------
    array
        The weights after the step. NaN where :class:`BurgEntropy` has no weight with this dual.

    Raises
    ------
    ParameterError
        ``rate`` is negative or not finite, or the shapes differ.
    """
    rate = finite_number("rate", rate, 0.0)
    if np.shape(w) != np.shape(gradient):
        raise ParameterError(f"gradient has shape {np.shape(gradient)}: must be that of w, {np.shape(w)}")
    return potential.moved(w, -rate * np.asarray(gradient, dtype=float))
