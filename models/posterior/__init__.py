"""Posteriors that are known exactly, and the law of a sampler with a finite time step."""

from spikingsampling.models.posterior.linear_regression import LinearRegression
from spikingsampling.models.posterior.targets import (
    SPEEDS,
    TARGETS,
    WRONG_DRIFTS,
    GridLaw,
    Target,
    WrongDrift,
)
from spikingsampling.models.posterior.weak_convergence import (
    order_of_convergence,
    stationary_moments,
    transition_matrix,
)

__all__ = [
    "SPEEDS",
    "TARGETS",
    "WRONG_DRIFTS",
    "GridLaw",
    "LinearRegression",
    "Target",
    "WrongDrift",
    "order_of_convergence",
    "stationary_moments",
    "transition_matrix",
]
