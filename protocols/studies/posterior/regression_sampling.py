"""Sampling the posterior of a linear regression: all examples at once, and one example at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spikingsampling.inference.diagnostics import standard_error, summarise
from spikingsampling.inference.langevin import SynapticSampling, ornstein_uhlenbeck
from spikingsampling.inference.sampling import batch, sequential
from spikingsampling.models.posterior.linear_regression import LinearRegression
from spikingsampling.protocols.studies.posterior.chains import Chains, SamplerSettings, spread_start

__all__ = ["RegressionResult", "judge_regression", "sample_regression"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class RegressionResult(Chains):
    """How much wider than the posterior the samples of a regression are.

    Parameters
    ----------
    b_dt : float
    excess, standard_error : float
        Mean over θ of (θ − μ)ᵀ C⁻¹ (θ − μ)/n_parameters, minus 1.
    expected : float
        The same from theory.
    mean_error : float
        The largest deviation of a mean from that of the posterior, in standard errors.
    """

    b_dt: float
    excess: float
    standard_error: float
    expected: float
    mean_error: float

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of the excess."""
        half = 1.96 * self.standard_error
        return self.excess - half, self.excess + half

    @property
    def passes(self) -> bool:
        """Mixes, and agrees with theory within 4 standard errors."""
        z = abs(self.excess - self.expected) / self.standard_error
        return self.mixes and max(z, self.mean_error) < 4


def sample_regression(
    model: LinearRegression,
    b_dt: float,
    in_sequence: bool,
    settings: SamplerSettings,
    rng: np.random.Generator,
) -> RegressionResult:
    """Sample a regression from all examples, or from one random example per step.

    A step lasts 1 s and b is ``b_dt`` per second. Draws are a relaxation time of the posterior apart.
    """
    sampling = SynapticSampling(model.prior, b=b_dt)
    step = (
        sequential(sampling, model.grad_example, model.examples, 1.0, ornstein_uhlenbeck)
        if in_sequence
        else batch(sampling, model.grad_all, 1.0, ornstein_uhlenbeck)
    )
    relaxation = 1 / (b_dt * float(np.linalg.eigvalsh(model.precision)[0]))
    paced = settings.replace(dt=1.0, interval=max(round(relaxation), 1), burn_in=round(10 * relaxation))
    theta = paced.run(step, spread_start(settings.n_chains, model.n_parameters, rng), rng)
    expected = model.excess(model.stationary_covariance(b_dt, sequential=in_sequence))
    return judge_regression(theta, model, b_dt, expected)


def judge_regression(theta: Array, model: LinearRegression, b_dt: float, expected: float) -> RegressionResult:
    """Draws θ (n_chains, n_draws, n_parameters) beside the posterior, N(0, 1) in each whitened direction."""
    white = (theta - model.mean) @ np.linalg.cholesky(model.precision)
    square = (white**2).mean(axis=-1)
    means = [abs(white[..., k].mean()) / standard_error(white[..., k]) for k in range(model.n_parameters)]
    return RegressionResult(
        theta,
        summarise(white),
        b_dt=b_dt,
        excess=float(square.mean()) - 1,
        standard_error=standard_error(square),
        expected=expected,
        mean_error=float(max(means)),
    )
