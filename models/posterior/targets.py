"""Posteriors that are known exactly, as targets for synaptic sampling.

Each is a prior and, mostly, a likelihood; its law (p_S p_N)^{1/T} at temperature T is known up to quadrature.
The sampling speed b = 1 + 0.8 tanh θ distinguishes the Itô equation from what it is confused with.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spikingsampling.inference.langevin import Speed
from spikingsampling.inference.priors import GaussianMixturePrior, GaussianPrior, Prior, UniformPrior

__all__ = ["SPEEDS", "TARGETS", "WRONG_DRIFTS", "GridLaw", "Target", "WrongDrift", "tanh_speed"]

Array = NDArray[np.float64]


def tanh_speed(correction: float = 1.0) -> Speed:
    """b(θ) = 1 + 0.8 tanh θ; ``correction`` multiplies b′ (1 is right, see :data:`WRONG_DRIFTS`)."""
    return Speed(lambda theta: 1 + 0.8 * np.tanh(theta), lambda theta: correction * 0.8 / np.cosh(theta) ** 2)


#: The sampling speeds by name.
SPEEDS: dict[str, float | Speed] = {"constant": 1.0, "state_dependent": tanh_speed()}


@dataclass(frozen=True)
class WrongDrift:
    """A way to get the equation wrong: T b′ taken ``correction`` times, and T replaced."""

    label: str
    correction: float = 1.0
    temperature: Callable[[float], float] = float


#: What the equation is confused with.
WRONG_DRIFTS: dict[str, WrongDrift] = {
    "no_b_prime": WrongDrift("without T b′", correction=0.0),
    "stratonovich": WrongDrift("after Stratonovich", correction=1.5),
    "root_temperature": WrongDrift("√T for T", temperature=np.sqrt),
}


class GridLaw:
    """A law on the line from its log-density, by quadrature on a fine grid.

    Parameters
    ----------
    log_density : callable
        Elementwise, up to a constant.
    low, high : float
        The law outside must be negligible.
    """

    def __init__(self, log_density: Callable[[Array], Array], low: float, high: float) -> None:
        self.grid = np.linspace(low, high, 40_001)
        log = log_density(self.grid)
        weight = np.exp(log - log.max())
        mass = np.concatenate([[0.0], np.cumsum((weight[1:] + weight[:-1]) / 2)])
        self._step = self.grid[1] - self.grid[0]
        self.density_on_grid = weight / (mass[-1] * self._step)
        self._cumulative = mass / mass[-1]

    def pdf(self, theta: ArrayLike) -> Array:
        """Density, 0 outside the grid."""
        return np.interp(theta, self.grid, self.density_on_grid, left=0.0, right=0.0)

    def cdf(self, theta: ArrayLike) -> Array:
        """Cumulative distribution function."""
        return np.interp(theta, self.grid, self._cumulative)

    def expectation(self, function: Callable[[Array], Array]) -> float:
        """Mean of a function of θ."""
        return float(np.sum(function(self.grid) * self.density_on_grid) * self._step)

    @property
    def mean(self) -> float:
        """Mean of θ."""
        return self.expectation(lambda theta: theta)

    @property
    def variance(self) -> float:
        """Variance of θ."""
        mean = self.mean
        return self.expectation(lambda theta: (theta - mean) ** 2)


@dataclass(frozen=True)
class Target:
    """A posterior whose law is known.

    Parameters
    ----------
    label : str
    prior : Prior
    log_likelihood, grad_log_likelihood : callables or None
        Of θ (..., n_parameters), to (...) and (..., n_parameters).
    support : (float, float)
        All of the law at T ≤ 4 but a negligible rest, per coordinate.
    coordinates : (n_parameters, n_parameters) array
        Rows are directions in which the coordinates of θ are independent.
    modes : tuple of float
        The local maxima of a one-dimensional density, where T = 0 ends.
    """

    label: str
    prior: Prior
    log_likelihood: Callable[[Array], Array] | None
    grad_log_likelihood: Callable[[Array], Array] | None
    support: tuple[float, float]
    coordinates: Array
    modes: tuple[float, ...] = ()

    @property
    def n_parameters(self) -> int:
        """Length of θ."""
        return len(self.coordinates)

    def log_density(self, theta: Array) -> Array:
        """log p_S(θ) p_N(x|θ) up to a constant, (..., n_parameters) to (...)."""
        log = self.prior.log_density(theta).sum(axis=-1)
        return log if self.log_likelihood is None else log + self.log_likelihood(theta)

    def laws(self, temperature: float) -> list[GridLaw]:
        """The exact laws of the independent coordinates at a temperature T > 0."""

        def along(direction: Array) -> Callable[[Array], Array]:
            return lambda z: self.log_density(z[:, None] * direction) / temperature

        return [GridLaw(along(direction), *self.support) for direction in self.coordinates]


def _skewed() -> Target:
    # three spikes counted at rate w = e^θ: θ is the logarithm of a Gamma variable
    return Target(
        "skewed",
        UniformPrior(),
        lambda theta: (3 * theta - np.exp(theta)).sum(axis=-1),
        lambda theta: 3 - np.exp(theta),
        (-60.0, 8.0),
        np.eye(1),
        (float(np.log(3)),),
    )


def _bimodal() -> Target:
    prior = GaussianMixturePrior((0.35, 0.65), (-0.8, 0.8), (0.5, 0.7))
    grid = np.linspace(-2, 2, 400_001)
    slope = prior.grad_log_density(grid)
    falling = np.flatnonzero((slope[:-1] > 0) & (slope[1:] <= 0))
    return Target(
        "bimodal", prior, None, None, (-16.0, 18.0), np.eye(1), tuple(float(grid[k]) for k in falling)
    )


def _correlated() -> Target:
    # the difference of two parameters is observed with variance 1/4: correlation 0.8 in the posterior
    def grad(theta: Array) -> Array:
        residual = 4 * (1 - (theta[..., 0] - theta[..., 1]))
        return np.stack([residual, -residual], axis=-1)

    return Target(
        "correlated",
        GaussianPrior(0.0, 1.0),
        lambda theta: -2 * (1 - (theta[..., 0] - theta[..., 1])) ** 2,
        grad,
        (-20.0, 20.0),
        np.array([[1.0, 1.0], [1.0, -1.0]]) / np.sqrt(2),
    )


#: The targets by name.
TARGETS: dict[str, Target] = {
    "gaussian": Target("Gaussian", GaussianPrior(0.0, 1.0), None, None, (-20.0, 20.0), np.eye(1), (0.0,)),
    "skewed": _skewed(),
    "bimodal": _bimodal(),
    "correlated": _correlated(),
}
