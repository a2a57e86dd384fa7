"""soft-DEEP R: rewiring without a hard bound, which is synaptic sampling with an exponential prior on active θ.

All θ walk, active or not (Bellec, Kappel, Maass & Legenstein, ICLR 2018, in the form of their program):

    θ ← max(θ − η ([θ > 0](∂E/∂θ + α) − ν ξ), θ_min),   w = s max(θ, 0)

With T = ην²/2 and β = α/T, the law of θ without data is e^{−βθ} for θ > 0, as with a Laplace prior, and flat from θ_min
to 0. θ_min = −(1 − p)/(pβ) makes a connection active with probability p, if steps ην are small beside 1/β.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spikingsampling._checks import finite_number
from spikingsampling.errors import ParameterError
from spikingsampling.models.mlp import Floats
from spikingsampling.models.pruning.sparse import SparseLayer, SparseNetwork, Walk

__all__ = ["SoftLayer", "SoftPrior", "soft_deep_r"]


@dataclass(frozen=True)
class SoftPrior:
    """The stationary law without data: e^{−βθ} for θ > 0, flat from ``low`` to 0, normalised.

    Parameters
    ----------
    beta : float
        β > 0; 1/β is the mean of active θ.
    p_active : float
        Probability p of θ > 0, in (0, 1).

    Raises
    ------
    ParameterError
        ``beta`` is not positive, or ``p_active`` not between 0 and 1.
    """

    beta: float
    p_active: float
    grad_log_density_code: ClassVar[None] = None

    def __post_init__(self) -> None:
        if finite_number("beta", self.beta) <= 0:
            raise ParameterError(f"beta = {self.beta!r}: must be more than 0")
        if not 0 < finite_number("p_active", self.p_active) < 1:
            raise ParameterError(f"p_active = {self.p_active!r}: must be more than 0 and less than 1")

    @property
    def low(self) -> float:
        """θ_min = −(1 − p)/(pβ)."""
        return -(1 - self.p_active) / (self.p_active * self.beta)

    def log_density(self, theta: ArrayLike) -> NDArray[np.float64]:
        """log(pβ) − β max(θ, 0), and −∞ below θ_min."""
        theta = np.asarray(theta, dtype=float)
        inside = np.log(self.p_active * self.beta) - self.beta * np.maximum(theta, 0)
        return np.where(theta < self.low, -np.inf, inside)

    def grad_log_density(self, theta: ArrayLike) -> NDArray[np.float64]:
        """−β for θ > 0, else 0."""
        return np.where(np.asarray(theta) > 0, -self.beta, 0.0)

    def sample(self, rng: np.random.Generator, size: int | tuple[int, ...]) -> NDArray[np.float64]:
        """Independent draws, an array of the shape ``size``."""
        active = rng.exponential(1 / self.beta, size)
        return np.where(rng.random(size) < self.p_active, active, rng.uniform(self.low, 0, size))


class SoftLayer(SparseLayer):
    """A layer whose θ all walk. θ is stored for every connection there can be; what is used is the active ones.

    Parameters
    ----------
    n_in, n_out : int
    prior : SoftPrior
        θ_min. With probability p a connection begins active with |N(0, 1/n_in)|, and else uniformly from θ_min to 0.
    rng : Generator

    Attributes
    ----------
    theta : (n_in · n_out,) float32 array
    """

    def __init__(self, n_in: int, n_out: int, prior: SoftPrior, rng: np.random.Generator) -> None:
        super().__init__(n_in, n_out, rng)
        begins = rng.random(self.size) < prior.p_active
        weights = np.abs(rng.standard_normal(self.size)) / np.sqrt(n_in)
        self.low = np.float32(prior.low)
        self.theta = np.where(begins, weights, rng.uniform(prior.low, 0, self.size)).astype(np.float32)
        self._place_active()

    def _place_active(self) -> int:
        index = np.flatnonzero(self.theta > 0)
        before = self.index
        if np.array_equal(index, before):
            index = before
        self.place(index, self.theta[index])
        return 0 if index is before else int((~np.isin(index, before, assume_unique=True)).sum())

    def update(self, slopes: Floats, walk: Walk) -> int:
        """Move all θ; the active ones follow their slope."""
        self.theta[self.index] -= np.asarray(walk.eta * (slopes + walk.alpha), np.float32)
        noise = self._rng.standard_normal(self.size, dtype=np.float32)
        noise *= np.float32(walk.eta * walk.nu)
        self.theta += noise
        np.maximum(self.theta, self.low, out=self.theta)
        return self._place_active()


def soft_deep_r(
    sizes: Sequence[int],
    p_active: Sequence[float],
    rng: np.random.Generator,
    *,
    eta: float = 0.05,
    alpha: float = 1e-5,
    nu: float = 1e-5,
) -> SparseNetwork:
    """A network of :class:`SoftLayer`, each active with probability ``p_active`` if there were no data.

    Raises
    ------
    ParameterError
        The lengths do not fit, or as for :class:`SoftPrior` and :class:`Walk`; ``alpha`` and ``nu`` must be positive.
    """
    if len(p_active) != len(sizes) - 1:
        raise ParameterError(
            f"p_active = {tuple(p_active)!r}: must have {len(sizes) - 1} numbers, one for each layer"
        )
    walk = Walk(eta, alpha, nu)
    for name, value in (("alpha", alpha), ("nu", nu)):
        if value <= 0:
            raise ParameterError(f"{name} = {value!r}: must be more than 0, as β = α/T")
    priors = [SoftPrior(walk.alpha / walk.temperature, p) for p in p_active]
    shapes = zip(sizes[:-1], sizes[1:], priors, strict=True)
    return SparseNetwork([SoftLayer(*each, rng) for each in shapes], walk)
