"""The prior with several modes: a mixture of Gaussians."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._checks import finite_array
from ..errors import ParameterError

__all__ = ["GaussianMixturePrior"]

_LOG_SQRT_2PI = 0.5 * math.log(2 * math.pi)


@dataclass(frozen=True)
class GaussianMixturePrior:
    """Mixture Σ_k a_k N(m_k, s_k²) of any number K of Gaussians (Fournier's report, section 4, has two and three).

    The gradient is −Σ_k r_k (θ − m_k)/s_k² with responsibilities r_k. (The formula printed in the report has the
    opposite sign and s_k for s_k².) Density and gradient sum exponentials relative to the largest of them,
    so they hold far from all modes.

    Parameters
    ----------
    weights, means, sds : (K,) sequences of float
        a_k ≥ 0 with sum 1; m_k; s_k > 0. The report gives its spread 0.15 as a variance: that is ``sds`` of √0.15. A
        single value for ``sds`` serves all components.

    Raises
    ------
    ParameterError
        Lengths differ, a value is not finite, a weight is negative, the weights do not sum to 1, an sd is not
        positive.
    """

    weights: Sequence[float] = (0.5, 0.5)
    means: Sequence[float] = (0.0, 1.0)
    sds: Sequence[float] | float = (0.15, 0.15)
    kind: ClassVar[str] = "mixture"

    def __post_init__(self) -> None:
        n_components = len(finite_array("GaussianMixturePrior.means", self.means, ("K",)))
        if np.ndim(self.sds) == 0:
            object.__setattr__(self, "sds", (self.sds,) * n_components)
        for name in ("weights", "means", "sds"):
            values = finite_array(f"GaussianMixturePrior.{name}", getattr(self, name), (n_components,))
            object.__setattr__(self, name, tuple(values.tolist()))
        smallest, total = min(self.weights), math.fsum(self.weights)
        if smallest < 0:
            raise ParameterError(f"GaussianMixturePrior.weights holds {smallest}: must be at least 0")
        if abs(total - 1) > 1e-9:
            raise ParameterError(f"GaussianMixturePrior.weights sum to {total:.12g}: must sum to 1")
        if min(self._sds) <= 0:
            raise ParameterError(f"GaussianMixturePrior.sds holds {min(self._sds)}: must be more than 0")

    @property
    def _sds(self) -> tuple[float, ...]:
        return cast(tuple[float, ...], self.sds)  # __post_init__ has made it one

    @property
    def grad_log_density_code(self) -> str:
        """−Σ_k r_k (θ − m_k)/s_k² in Brian2, with the responsibilities written out."""
        # r_k = 1/Σ_j e^{l_j − l_k} needs no maximum; the clip keeps e^x finite where r_k is 0 anyway
        parts = [part for part in zip(self.weights, self.means, self._sds, strict=True) if part[0] > 0]
        logs = [f"({math.log(a / s)!r} - 0.5*((theta - {m!r})/{s!r})**2)" for a, m, s in parts]
        terms = []
        for k, (_, m, s) in enumerate(parts):
            others = [f"exp(clip({log} - {logs[k]}, -700, 700))" for j, log in enumerate(logs) if j != k]
            terms.append(f"({m!r} - theta)/{s**2!r}/({' + '.join(['1.0', *others])})")
        return " + ".join(terms)

    @cached_property
    def _columns(self) -> NDArray[np.float64]:
        """Means, 1/sds and the logarithms of a_k/(s_k √2π), (3, K)."""
        with np.errstate(divide="ignore"):  # the logarithm of a weight of 0 is -inf
            heights = np.log(self.weights) - np.log(self._sds) - _LOG_SQRT_2PI
        return np.stack([self.means, np.reciprocal(self._sds), heights])

    def _log_parts(self, theta: ArrayLike) -> tuple[NDArray[np.float64], ...]:
        """1/s_k, z_k = (θ − m_k)/s_k and log a_k N(θ; m_k, s_k²), with K as first axis."""
        theta = np.asarray(theta, dtype=float)
        means, precisions, heights = self._columns.reshape(3, -1, *(1,) * theta.ndim)
        z = (theta - means) * precisions
        return precisions, z, heights - 0.5 * z * z

    def log_density(self, theta: ArrayLike) -> NDArray[np.float64]:
        """log Σ_k a_k N(θ; m_k, s_k²)."""
        return np.logaddexp.reduce(self._log_parts(theta)[2], axis=0)

    def grad_log_density(self, theta: ArrayLike) -> NDArray[np.float64]:
        """−Σ_k r_k (θ − m_k)/s_k²."""
        precisions, z, logs = self._log_parts(theta)
        parts = np.exp(logs - logs.max(axis=0))
        return -(parts * z * precisions).sum(axis=0) / parts.sum(axis=0)

    def sample(self, rng: np.random.Generator, size: int | tuple[int, ...]) -> NDArray[np.float64]:
        """Independent draws, an array of the shape ``size``: first a component, then from it."""
        k = rng.choice(len(self.weights), size, p=self.weights)
        return rng.normal(np.array(self.means)[k], np.array(self._sds)[k])
