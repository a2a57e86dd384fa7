"""The law that a sampler with a finite time step samples, without sampling error.

A step of Euler-Maruyama is Gaussian given θ. Its transition density on a grid is a matrix, and the stationary
law of the integrator the fixed point of that matrix: the weak error, of order Δt, can be seen down to 1e-6.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spikingsampling.errors import ParameterError
from spikingsampling.inference.langevin import SynapticSampling, euler_maruyama

__all__ = ["order_of_convergence", "stationary_law", "stationary_moments", "transition_matrix"]

Array = NDArray[np.float64]


def transition_matrix(sampling: SynapticSampling, dt: float, grid: Array) -> Array:
    """P(θ_i → θ_j) of a step of :func:`~spikingsampling.inference.sampling.euler_maruyama` under the prior alone.

    Parameters
    ----------
    sampling : SynapticSampling
    dt : float
        Time step (s).
    grid : (n,) array
        Equidistant, and wide enough that the law has nothing beyond.

    Returns
    -------
    (n, n) array
        Its rows sum to 1.

    Raises
    ------
    ParameterError
        The grid is too coarse for the noise of a step.
    """
    zeros = np.zeros_like(grid)
    centre = euler_maruyama(grid, zeros, zeros, sampling, dt)
    sd = euler_maruyama(grid, zeros, np.ones_like(grid), sampling, dt) - centre
    spacing = grid[1] - grid[0]
    if spacing > sd.min():  # the trapezoid rule of a Gaussian is exact to 1e-8 up to there
        raise ParameterError(
            f"grid: its spacing {spacing:.3g} must be at most the noise of a step, {sd.min():.3g}"
        )
    matrix = np.exp(-0.5 * ((grid - centre[:, None]) / sd[:, None]) ** 2)
    return matrix / matrix.sum(axis=1, keepdims=True)


def stationary_moments(sampling: SynapticSampling, dt: float, grid: Array) -> tuple[float, float]:
    """Mean and second moment of the law that the integrator samples.

    Raises
    ------
    ParameterError
        As :func:`transition_matrix`.
    """
    law = stationary_law(transition_matrix(sampling, dt, grid))
    return float(law @ grid), float(law @ grid**2)


def stationary_law(matrix: Array) -> Array:
    """The probabilities (n,) that the transitions P(i → j), an (n, n) array with rows that sum to 1, leave alone."""
    flow = matrix.T - np.eye(len(matrix))
    flow[-1] = 1.0  # the law sums to 1, in place of one of the equations, which depends on the others
    return np.linalg.solve(flow, np.eye(len(matrix))[-1])


def order_of_convergence(time_steps: Array, errors: Array) -> float:
    """The slope of the logarithm of the absolute error over log Δt."""
    return float(np.polyfit(np.log(time_steps), np.log(np.abs(errors)), 1)[0])
