"""Stationary laws of synaptic sampling: samples against the exact laws, the integrator's own law, wrong drifts."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from spikingsampling.errors import ParameterError
from spikingsampling.inference.diagnostics import distance_to_law
from spikingsampling.inference.langevin import Speed, SynapticSampling
from spikingsampling.inference.priors import GaussianPrior, LaplacePrior
from spikingsampling.inference.sampling import Step, advance, batch, initial, sample
from spikingsampling.models.posterior.targets import (
    SPEEDS,
    TARGETS,
    WRONG_DRIFTS,
    GridLaw,
    Target,
    tanh_speed,
)
from spikingsampling.models.posterior.weak_convergence import (
    order_of_convergence,
    stationary_moments,
    transition_matrix,
)

Array = NDArray[np.float64]
STANDARD = GaussianPrior(0.0, 1.0)
GRID = np.linspace(-8, 8, 801)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(2)


def run(step: Step, theta: Array, rng: np.random.Generator, n: int, every: int, burn_in: int) -> Array:
    """Samples as (n_chains, n_draws, n_parameters)."""
    state = advance(step, initial(theta), rng, burn_in)
    return np.moveaxis(sample(step, state, rng, n, every)[1], 0, 1)


# Monte Carlo: the sample law against the exact one


def draw(target: Target, b: float | Speed, temperature: float, rng: np.random.Generator) -> Array:
    """(64 chains, 200 draws, parameters in independent directions)."""
    n = target.n_parameters  # the plane has a direction nine times as steep, and needs a finer step
    step = batch(SynapticSampling(target.prior, b, temperature), target.grad_log_likelihood, 0.02 / n)
    chains = run(step, rng.normal(size=(64, n)), rng, 200, 50 * n, 1000 * n)
    return chains @ target.coordinates.T


@pytest.mark.parametrize("speed", SPEEDS)
@pytest.mark.parametrize("name", TARGETS)
def test_samples_follow_the_posterior(name: str, speed: str, rng: np.random.Generator) -> None:
    target = TARGETS[name]
    chains = draw(target, SPEEDS[speed], 1.0, rng)
    for k, law in enumerate(target.laws(1.0)):
        check = distance_to_law(chains[..., k], law.cdf)
        assert check.ess > 400
        assert check.agrees, f"distance {check.distance:.4f}, allowed {check.tolerance:.4f}"


@pytest.mark.parametrize("speed", SPEEDS)
@pytest.mark.parametrize("temperature", [0.25, 4.0])
def test_temperature_is_the_exponent(temperature: float, speed: str, rng: np.random.Generator) -> None:
    target = TARGETS["skewed"]
    chains = draw(target, SPEEDS[speed], temperature, rng)[..., 0]
    # (p*)^{1/T} of the logarithm of a Gamma(3) variable: θ = log(T γ), γ ~ Gamma(3/T)
    law = stats.gamma(3 / temperature, scale=temperature)
    check = distance_to_law(chains, lambda theta: law.cdf(np.exp(theta)))
    assert check.agrees, f"distance {check.distance:.4f}, allowed {check.tolerance:.4f}"


@pytest.mark.parametrize("name", ["no_b_prime", "stratonovich", "root_temperature"])
def test_a_wrong_drift_is_noticed(name: str, rng: np.random.Generator) -> None:
    wrong = WRONG_DRIFTS[name]
    temperature = 1.0 if wrong.correction != 1 else 4.0
    target = TARGETS["gaussian"]
    chains = draw(target, tanh_speed(wrong.correction), wrong.temperature(temperature), rng)[..., 0]
    check = distance_to_law(chains, target.laws(temperature)[0].cdf)
    assert check.distance > 2 * check.tolerance
    # and it samples p*^{1/T} b^{c−1}, as the theory says
    law = GridLaw(
        lambda theta: (
            -(theta**2) / 2 / wrong.temperature(temperature)
            + (wrong.correction - 1) * np.log(1 + 0.8 * np.tanh(theta))
        ),
        -20,
        20,
    )
    assert distance_to_law(chains, law.cdf).agrees


def test_the_laplace_posterior(rng: np.random.Generator) -> None:
    step = batch(SynapticSampling(LaplacePrior(0.3, 0.7)), None, 0.005)
    chains = run(step, rng.normal(size=(64, 1)), rng, 100, 200, 1000)[..., 0]
    assert distance_to_law(chains, stats.laplace(0.3, 0.7).cdf).agrees


# Without sampling error: the law of the integrator itself


def moments(time_steps: Array, correction: float = 1.0, temperature: float = 1.0) -> Array:
    sampling = SynapticSampling(STANDARD, tanh_speed(correction), temperature)
    return np.array([stationary_moments(sampling, dt, GRID) for dt in time_steps])


def test_weak_convergence_is_of_order_one() -> None:
    time_steps = np.array([0.1, 0.05, 0.025])
    errors = moments(time_steps) - (0.0, 1.0)
    for error in errors.T:
        # the slope over a finite range is 1 + O(Δt) with a factor of order 1
        assert order_of_convergence(time_steps, error) == pytest.approx(1, abs=0.1)
    # Richardson: what the error tends to is 0
    np.testing.assert_allclose(2 * errors[-1] - errors[-2], 0, atol=2 * time_steps[-1] ** 2)


@pytest.mark.parametrize(("correction", "mean"), [(1.5, 0.2704), (0.0, -0.6442)])
def test_without_the_right_b_prime_the_law_converges_to_another_one(correction: float, mean: float) -> None:
    law = GridLaw(
        lambda theta: -(theta**2) / 2 + (correction - 1) * np.log(1 + 0.8 * np.tanh(theta)), -20, 20
    )
    assert law.mean == pytest.approx(mean, abs=1e-4)
    (coarse, _), (fine, _) = moments(np.array([0.05, 0.025]), correction)
    assert 2 * fine - coarse == pytest.approx(law.mean, abs=2 * 0.025**2)


def test_the_transition_matrix_is_the_step(rng: np.random.Generator) -> None:
    sampling = SynapticSampling(STANDARD, tanh_speed())
    matrix = transition_matrix(sampling, 0.1, GRID)
    start = 450
    theta = batch(sampling, None, 0.1)(initial(np.full(40_000, GRID[start])), rng).theta
    mean = matrix[start] @ GRID
    sd = math.sqrt(matrix[start] @ (GRID - mean) ** 2)
    assert abs(theta.mean() - mean) < 4.5 * sd / math.sqrt(40_000)
    assert abs(theta.std() / sd - 1) < 4.5 / math.sqrt(2 * 40_000)
    with pytest.raises(ParameterError, match=r"grid: its spacing 0.02 must be at most"):
        transition_matrix(sampling, 1e-4, GRID)
