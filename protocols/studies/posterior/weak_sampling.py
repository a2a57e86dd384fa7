"""Weak convergence in the time step: the law of the integrator, and samples beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spikingsampling.inference.diagnostics import standard_error
from spikingsampling.inference.langevin import SynapticSampling
from spikingsampling.inference.sampling import batch
from spikingsampling.models.posterior.targets import TARGETS, WRONG_DRIFTS, tanh_speed
from spikingsampling.models.posterior.weak_convergence import order_of_convergence, stationary_moments
from spikingsampling.protocols.studies.posterior.chains import SamplerSettings, spread_start

__all__ = ["WeakResult", "fine_grid", "sample_weak"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class WeakResult:
    """Error of mean and second moment of N(0, 1), sampled with b = 1 + 0.8 tanh θ, over the time step.

    Parameters
    ----------
    time_steps : (n,) array
        Falling.
    errors : (n, 2) array
        Of the law of the integrator.
    measured, standard_errors : (m, 2) arrays
        Of samples, at the m longest time steps.
    without : mapping
        Label to the errors (n, 2) of a wrong drift, which do not vanish.
    """

    time_steps: Array
    errors: Array
    measured: Array
    standard_errors: Array
    without: dict[str, Array]

    @property
    def orders(self) -> list[float]:
        """Orders of convergence of mean and second moment, from the three smallest time steps."""
        return [order_of_convergence(self.time_steps[-3:], error[-3:]) for error in self.errors.T]

    @property
    def z(self) -> Array:
        """Samples against the law of the integrator, in standard errors, (m, 2)."""
        return (self.measured - self.errors[: len(self.measured)]) / self.standard_errors


def sample_weak(
    time_steps: Sequence[float], n_measured: int, settings: SamplerSettings, rng: np.random.Generator
) -> WeakResult:
    """Errors of the integrator at each time step, and of samples at the ``n_measured`` longest."""
    target, exact = TARGETS["gaussian"], np.array([0.0, 1.0])
    time_steps = sorted(time_steps, reverse=True)
    grid = fine_grid(min(time_steps))

    def errors(correction: float) -> Array:
        sampling = SynapticSampling(target.prior, tanh_speed(correction))
        return np.array([stationary_moments(sampling, dt, grid) for dt in time_steps]) - exact

    measured, standard_errors = [], []
    for dt in time_steps[:n_measured]:
        step = batch(SynapticSampling(target.prior, tanh_speed()), None, dt)
        theta = settings.replace(dt=dt).run(step, spread_start(settings.n_chains, 1, rng), rng)[..., 0]
        measured.append([theta.mean(), (theta**2).mean() - 1])
        standard_errors.append([standard_error(theta), standard_error(theta**2)])
    without = {
        wrong.label: errors(wrong.correction) for wrong in WRONG_DRIFTS.values() if wrong.correction != 1
    }
    return WeakResult(
        np.array(time_steps),
        errors(1.0),
        np.reshape(measured, (-1, 2)),
        np.reshape(standard_errors, (-1, 2)),
        without,
    )


def fine_grid(time_step: float) -> Array:
    """An even grid on ±8 whose spacing is 0.8 of the least noise of a step, √(2 · 0.2 · Δt), where b is 0.2."""
    return np.linspace(-8, 8, 2 * round(8 / (2 * 0.2 * time_step) ** 0.5 / 0.8) + 1)
