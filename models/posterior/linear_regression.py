"""Bayesian linear regression: a posterior in closed form, for all examples at once and for one at a time.

y_n = x_n·θ + noise N(0, σ²), prior N(m, s²) on every θ_i. Because the gradient is linear in θ, the covariance
that a sampler with a finite step reaches is known as well, and so is the cost of one example at a time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from spikingsampling._checks import finite_array, finite_number
from spikingsampling.errors import ParameterError
from spikingsampling.inference.priors import GaussianPrior

__all__ = ["LinearRegression"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class LinearRegression:
    """A regression and its data.

    Parameters
    ----------
    examples : (N, n_parameters + 1) array
        x_n, then y_n.
    noise_sd : float
        σ > 0.
    prior : GaussianPrior

    Raises
    ------
    ParameterError
        ``examples`` have a wrong shape or are not finite, or ``noise_sd`` is not positive.
    """

    examples: Array
    noise_sd: float = 1.0
    prior: GaussianPrior = field(default_factory=lambda: GaussianPrior(0.0, 1.0))

    def __post_init__(self) -> None:
        examples = finite_array("LinearRegression.examples", self.examples, ("N", "n_parameters + 1"))
        object.__setattr__(self, "examples", examples)
        object.__setattr__(self, "noise_sd", finite_number("LinearRegression.noise_sd", self.noise_sd))
        if not self.noise_sd > 0:
            raise ParameterError(f"LinearRegression.noise_sd = {self.noise_sd!r}: must be more than 0")

    @classmethod
    def draw(cls, rng: np.random.Generator, n_examples: int, n_parameters: int) -> LinearRegression:
        """Inputs from N(0, 1), parameters from the prior, targets from the model."""
        x = rng.standard_normal((n_examples, n_parameters))
        y = x @ rng.standard_normal(n_parameters) + rng.standard_normal(n_examples)
        return cls(np.column_stack([x, y]))

    @property
    def n_parameters(self) -> int:
        """Length of θ."""
        return self.examples.shape[1] - 1

    def grad_example(self, theta: Array, example: Array) -> Array:
        """∂log p(y_n|x_n, θ)/∂θ of one example per chain, (..., n_parameters)."""
        x, y = example[..., :-1], example[..., -1:]
        return x * (y - (x * theta).sum(axis=-1, keepdims=True)) / self.noise_sd**2

    def grad_all(self, theta: Array) -> Array:
        """∂log p(y|x, θ)/∂θ of all examples, (..., n_parameters)."""
        x, y = self.examples[:, :-1], self.examples[:, -1]
        return (y - theta @ x.T) @ x / self.noise_sd**2

    @cached_property
    def precision(self) -> Array:
        """Inverse covariance of the posterior."""
        x = self.examples[:, :-1]
        return x.T @ x / self.noise_sd**2 + np.eye(self.n_parameters) / self.prior.sd**2

    @cached_property
    def mean(self) -> Array:
        """Mean of the posterior, (n_parameters,)."""
        x, y = self.examples[:, :-1], self.examples[:, -1]
        return np.linalg.solve(
            self.precision, x.T @ y / self.noise_sd**2 + self.prior.mean / self.prior.sd**2
        )

    def stationary_covariance(self, b_dt: float, *, sequential: bool, temperature: float = 1.0) -> Array:
        """The covariance that exact Ornstein-Uhlenbeck steps reach at a step b Δt.

        A step is θ → θ + η (A_n θ + c_n) + noise with η = s² (1 − e^{−bΔt/s²}), where n is a random example
        (``sequential``) or A and c are their means. The mean μ is that of the posterior, the covariance
        C the fixed point of C → ⟨(1 + ηA) C (1 + ηA)ᵀ + η² (Aμ + c)(Aμ + c)ᵀ⟩ + noise, a linear equation.

        Raises
        ------
        ParameterError
            The step is so long that the covariance diverges.
        """
        decay, noise_sd = self.prior.transition(b_dt, temperature)
        eta, size = self.prior.sd**2 * (1 - decay), self.n_parameters
        x, y = self.examples[:, :-1], self.examples[:, -1]
        scale = len(x) / self.noise_sd**2
        slopes = -scale * x[:, :, None] * x[:, None, :] - np.eye(size) / self.prior.sd**2
        offsets = scale * x * y[:, None] + self.prior.mean / self.prior.sd**2
        if not sequential:
            slopes, offsets = slopes.mean(axis=0, keepdims=True), offsets.mean(axis=0, keepdims=True)
        factors = np.eye(size) + eta * slopes
        kicks = eta * (slopes @ self.mean + offsets)
        transfer = np.einsum("nij,nkl->ikjl", factors, factors).reshape(size**2, size**2) / len(slopes)
        if np.max(np.abs(np.linalg.eigvals(transfer))) >= 1:
            raise ParameterError(f"b_dt = {b_dt!r}: the step is too long, the covariance diverges")
        source = kicks.T @ kicks / len(slopes) + noise_sd**2 * np.eye(size)
        return np.linalg.solve(np.eye(size**2) - transfer, source.ravel()).reshape(size, size)

    def excess(self, covariance: Array) -> float:
        """How much wider than the posterior a covariance is: tr(C P)/n_parameters − 1."""
        return float(np.trace(covariance @ self.precision)) / self.n_parameters - 1
