"""What the protocol `posterior` does: sample targets, a regression and an integrator, and judge each by its theory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from spikingsampling.inference.diagnostics import (
    LawDistance,
    PosteriorSummary,
    distance_to_law,
    standard_error,
    summarise,
)
from spikingsampling.inference.langevin import Speed, SynapticSampling, ornstein_uhlenbeck
from spikingsampling.inference.sampling import Step, advance, batch, initial, sample, sequential
from spikingsampling.models.posterior.linear_regression import LinearRegression
from spikingsampling.models.posterior.targets import TARGETS, WRONG_DRIFTS, GridLaw, Target, tanh_speed
from spikingsampling.models.posterior.weak_convergence import order_of_convergence, stationary_moments
from spikingsampling.parameters import Parameters, quantity
from spikingsampling.units import Time

__all__ = [
    "Chains",
    "RegressionResult",
    "SamplerSettings",
    "TargetResult",
    "WeakResult",
    "WrongResult",
    "mode_error",
    "sample_regression",
    "sample_target",
    "sample_weak",
    "sample_wrong",
]

Array = NDArray[np.float64]


class SamplerSettings(Parameters):
    """How long and how finely to sample; b is 1 /s (at θ = 0), so a second is a relaxation time of N(0, 1)."""

    n_chains: int = Field(8, ge=2, le=10_000, description="independent chains")
    n_draws: int = Field(2000, ge=10, le=1_000_000, description="draws recorded per chain")
    interval: Time = quantity("1 s", "time between draws", low="1 ms", high="1 h", dimension="time")
    burn_in: Time = quantity("20 s", "time before the first draw", low="0 s", high="1 h", dimension="time")
    dt: Time = quantity("10 ms", "time step", low="0.1 ms", high="1 s", dimension="time")

    def run(self, step: Step, start: Array, rng: np.random.Generator) -> Array:
        """Draws as (n_chains, n_draws, n_parameters), from ``start`` (n_chains, n_parameters)."""
        state = advance(step, initial(start), rng, round(self.burn_in / self.dt))
        _, draws = sample(step, state, rng, self.n_draws, max(round(self.interval / self.dt), 1))
        return np.moveaxis(draws, 0, 1)


@dataclass(frozen=True)
class Chains:
    """Draws and how well they mix.

    Parameters
    ----------
    theta : (n_chains, n_draws, n_parameters) array
    summaries : list of PosteriorSummary
        One per independent direction.
    """

    theta: Array
    summaries: list[PosteriorSummary]

    @property
    def rhat(self) -> float:
        """The largest split R-hat."""
        return max(summary.rhat for summary in self.summaries)

    @property
    def ess(self) -> float:
        """The smallest effective sample size, of bulk and tails."""
        return min(summary.ess for summary in self.summaries)

    @property
    def mixes(self) -> bool:
        """R-hat < 1.01 and ESS > 400."""
        return self.rhat < 1.01 and self.ess > 400


@dataclass(frozen=True)
class TargetResult(Chains):
    """Draws from a target, with their distance to its law in each independent direction."""

    laws: list[GridLaw]
    distances: list[LawDistance]

    @property
    def worst(self) -> LawDistance:
        """The distance that uses most of its tolerance."""
        return max(self.distances, key=lambda entry: entry.distance / entry.tolerance)

    @property
    def passes(self) -> bool:
        """Mixes, and follows the law."""
        return self.mixes and self.worst.agrees


def _start(target: Target, settings: SamplerSettings, rng: np.random.Generator) -> Array:
    # spread wider than the targets, so that R-hat can tell when chains remember their start
    return rng.normal(0.0, 2.0, (settings.n_chains, target.n_parameters))


def sample_target(
    target: Target,
    b: float | Speed,
    temperature: float,
    settings: SamplerSettings,
    rng: np.random.Generator,
    *,
    law_temperature: float | None = None,
) -> TargetResult:
    """Sample a target at T > 0; ``law_temperature`` is that of the law to compare with, T when None."""
    step = batch(SynapticSampling(target.prior, b, temperature), target.grad_log_likelihood, settings.dt)
    theta = settings.run(step, _start(target, settings, rng), rng)
    directions = theta @ target.coordinates.T
    laws = target.laws(temperature if law_temperature is None else law_temperature)
    distances = [distance_to_law(directions[..., k], law.cdf) for k, law in enumerate(laws)]
    return TargetResult(theta, summarise(directions), laws, distances)


def mode_error(
    target: Target, b: float | Speed, settings: SamplerSettings, rng: np.random.Generator
) -> float:
    """At T = 0: the largest distance of a chain from the nearest local maximum, after the burn-in."""
    step = batch(SynapticSampling(target.prior, b, 0.0), target.grad_log_likelihood, settings.dt)
    start = initial(_start(target, settings, rng))
    end = advance(step, start, rng, max(round(settings.burn_in / settings.dt), 1)).theta
    return float(np.abs(end - np.array(target.modes)).min(axis=1).max())


@dataclass(frozen=True)
class WrongResult:
    """What a wrong drift samples, its temperature, the right law and the one that theory gives it."""

    label: str
    temperature: float
    result: TargetResult
    law: GridLaw
    agrees_with_theory: bool


def sample_wrong(name: str, settings: SamplerSettings, rng: np.random.Generator) -> WrongResult:
    """Sample N(0, 1) with one of :data:`~spikingsampling.models.posterior.targets.WRONG_DRIFTS`.

    √T is told from T at T = 4, the others at T = 1. With T b′ taken c times the law is p*^{1/T} b^{c−1}.
    """
    wrong, target = WRONG_DRIFTS[name], TARGETS["gaussian"]
    temperature = 4.0 if wrong.correction == 1 else 1.0
    used = float(wrong.temperature(temperature))
    result = sample_target(
        target, tanh_speed(wrong.correction), used, settings, rng, law_temperature=temperature
    )
    law = GridLaw(
        lambda theta: -(theta**2) / (2 * used) + (wrong.correction - 1) * np.log(1 + 0.8 * np.tanh(theta)),
        *target.support,
    )
    agrees = distance_to_law(result.theta[..., 0], law.cdf).agrees
    return WrongResult(wrong.label, temperature, result, law, agrees)


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
    theta = paced.run(step, rng.normal(0.0, 2.0, (settings.n_chains, model.n_parameters)), rng)
    white = (theta - model.mean) @ np.linalg.cholesky(model.precision)
    square = (white**2).mean(axis=-1)
    means = [abs(white[..., k].mean()) / standard_error(white[..., k]) for k in range(model.n_parameters)]
    return RegressionResult(
        theta,
        summarise(white),
        b_dt,
        float(square.mean()) - 1,
        standard_error(square),
        model.excess(model.stationary_covariance(b_dt, sequential=in_sequence)),
        float(max(means)),
    )


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
    finest_noise = (2 * 0.2 * min(time_steps)) ** 0.5
    grid = np.linspace(-8, 8, 2 * round(8 / finest_noise / 0.8) + 1)

    def errors(correction: float) -> Array:
        sampling = SynapticSampling(target.prior, tanh_speed(correction))
        return np.array([stationary_moments(sampling, dt, grid) for dt in time_steps]) - exact

    measured, standard_errors = [], []
    for dt in time_steps[:n_measured]:
        step = batch(SynapticSampling(target.prior, tanh_speed()), None, dt)
        theta = settings.replace(dt=dt).run(step, _start(target, settings, rng), rng)[..., 0]
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
