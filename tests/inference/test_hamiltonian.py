"""Hamiltonian synaptic sampling: the linear map of a step, closed forms of a Gaussian, a law with two modes, ESS."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy.linalg import expm, solve_discrete_lyapunov
from scipy.stats import norm

from helpers.small.networks import chance
from spikingsampling.errors import ParameterError
from spikingsampling.inference import (
    GaussianMixturePrior,
    GaussianPrior,
    HamiltonianSampling,
    MomentumState,
    SynapticSampling,
    baoab,
    batch,
    gaussian_correlation,
    hamiltonian_sample,
    initial,
    sample,
)


def step_matrix(sd: float, friction: float, dt: float) -> tuple[np.ndarray, np.ndarray]:
    """A step for N(0, sd²) as (θ, v) → M (θ, v) + q ξ, at T = 1, each part a matrix of its own."""
    kick = np.array([[1, 0], [-dt / 2 / sd**2, 1]])
    drift = np.array([[1, dt / 2], [0, 1]])
    damp = np.diag([1, math.exp(-friction * dt)])
    return kick @ drift @ damp @ drift @ kick, kick @ drift @ [0, math.sqrt(1 - math.exp(-2 * friction * dt))]


def test_a_step_is_its_linear_map() -> None:
    sampling = HamiltonianSampling(GaussianPrior(0.0, 0.7), friction=0.8, temperature=1.0)
    matrix, q = step_matrix(0.7, 0.8, 0.3)
    state = MomentumState(np.array([1.3, -0.4]), np.array([0.2, 2.0]))
    noise = np.array([0.5, -1.1])
    end = baoab(state, None, noise, sampling, 0.3)
    np.testing.assert_allclose(np.stack(end), matrix @ np.stack(state) + np.outer(q, noise), rtol=1e-13)


def test_a_likelihood_adds_to_the_prior() -> None:
    """A Gaussian prior and a Gaussian likelihood are one Gaussian."""
    both = HamiltonianSampling(GaussianPrior(0.0, 1.0), friction=0.8)
    one = HamiltonianSampling(GaussianPrior(1.5, 0.5), friction=0.8)  # 1 + 3 = 1/0.5², (0·1 + 2·3)/4
    state, noise = MomentumState(np.array([1.0, 3.0]), np.array([-1.0, 0.3])), np.array([0.2, 0.4])
    found = baoab(state, lambda theta: 3 * (2.0 - theta), noise, both, 0.2)
    np.testing.assert_allclose(np.stack(found), np.stack(baoab(state, None, noise, one, 0.2)), rtol=1e-13)


@pytest.mark.parametrize("dt", [0.1, 1.0, 1.3])
def test_the_law_of_theta_is_exact_at_any_step(dt: float) -> None:
    """The covariance of the step's own stationary law, from a Lyapunov equation: that of θ has no error."""
    matrix, q = step_matrix(0.7, 0.9, dt)
    covariance = solve_discrete_lyapunov(matrix, np.outer(q, q))
    assert covariance[0, 0] == pytest.approx(0.49, rel=1e-9)
    assert covariance[0, 1] == pytest.approx(0.0, abs=1e-9)
    assert covariance[1, 1] == pytest.approx(1 - dt**2 / 4 / 0.49, rel=1e-9)


@pytest.mark.parametrize("friction", [0.3, 2 / 0.7, 20.0])
def test_the_correlation_of_a_gaussian_is_that_of_the_equation(friction: float) -> None:
    """Exponential of the linear equation's matrix: below, at and above critical damping."""
    times = np.linspace(0, 6, 13)
    generator = np.array([[0, 1], [-1 / 0.49, -friction]])
    expected = [expm(generator * t)[0, 0] for t in times]
    np.testing.assert_allclose(gaussian_correlation(times, 0.7, friction), expected, rtol=1e-9, atol=1e-12)


def test_samples_have_mean_variance_and_correlation_of_the_closed_form() -> None:
    n, dt, lag, sd, friction, temperature = 40_000, 0.1, 12, 0.8, 0.9, 0.5
    sampling = HamiltonianSampling(GaussianPrior(1.2, sd), friction, temperature)
    rng = np.random.default_rng(4)
    state = sampling.start(np.zeros(n), rng)
    state, _ = hamiltonian_sample(sampling, None, dt, state, rng, 1, every=300)
    _, later = hamiltonian_sample(sampling, None, dt, state, rng, 1, every=lag)
    first, second = (
        (state.theta - 1.2) / sd / math.sqrt(temperature),
        (later[0] - 1.2) / sd / math.sqrt(temperature),
    )
    for each in (first, second):
        assert abs(each.mean()) < chance(7) / math.sqrt(n)
        assert abs(each.var() - 1) < chance(7) * math.sqrt(2 / n)
    # of the velocity T (1 − (dt/2σ)²), as above
    speed = state.velocity.var() / temperature / (1 - (dt / 2 / sd) ** 2)
    assert abs(speed - 1) < chance(7) * math.sqrt(2 / n)
    matrix, _ = step_matrix(sd, friction, dt)
    rho = np.linalg.matrix_power(matrix, lag)[0, 0]  # the steps', with nothing left to the velocity's mean
    assert abs((first * second).mean() - rho) < chance(7) * math.sqrt((1 + rho**2) / n)
    assert rho == pytest.approx(float(gaussian_correlation(lag * dt, sd, friction)), abs=dt**2)
    assert rho < 0.5


def test_it_finds_both_modes_with_their_weights() -> None:
    """An asymmetric mixture; the fraction above the valley, and the mean, of independent chains."""
    prior = GaussianMixturePrior(weights=(0.3, 0.7), means=(-1.0, 1.2), sds=(0.5, 0.6))
    n, dt, rng = 4000, 0.05, np.random.default_rng(6)
    sampling = HamiltonianSampling(prior, friction=0.7)
    state = sampling.start(np.full(n, -1.0), rng)
    _, samples = hamiltonian_sample(sampling, None, dt, state, rng, 1, every=2000)
    above = 0.3 * norm.sf(0, -1.0, 0.5) + 0.7 * norm.sf(0, 1.2, 0.6)
    found = (samples[0] > 0).mean()
    assert abs(found - above) < chance(2) * math.sqrt(above * (1 - above) / n) + dt**2 / 8
    mean, second = 0.3 * -1.0 + 0.7 * 1.2, 0.3 * (1 + 0.25) + 0.7 * (1.44 + 0.36)
    assert abs(samples.mean() - mean) < chance(2) * math.sqrt((second - mean**2) / n) + dt**2 / 8


def test_momentum_makes_more_effective_samples_per_step() -> None:
    """Directions with sd 0.1 and 1: a step is bounded by the narrow one, the wide one sets the time.

    Both use half of the longest stable step, and the friction is critical for the wide direction, which is simulated.
    The variance of the means of independent chains tells their effective samples.
    """
    narrow, wide, n, steps = 0.1, 1.0, 400, 4000
    prior, rng = GaussianPrior(0.0, wide), np.random.default_rng(7)
    dt_langevin, dt_momentum, friction = narrow**2, narrow, 2 / wide
    step = batch(SynapticSampling(prior, 1.0, 1.0), None, dt_langevin)
    keep = 1 - dt_langevin / wide**2
    slow_start = prior.sample(rng, n) / math.sqrt((1 + keep) / 2)  # sd of Euler's law
    _, slow = sample(step, initial(slow_start), rng, steps)
    sampling = HamiltonianSampling(prior, friction)
    fast_start = sampling.start(prior.sample(rng, n), rng)
    _, fast = hamiltonian_sample(sampling, None, dt_momentum, fast_start, rng, steps)
    # τ = 1 + 2 Σ ρ_k
    matrix, _ = step_matrix(wide, friction, dt_momentum)
    expected = {"slow": (1 + keep) / (1 - keep), "fast": 2 * np.linalg.inv(np.eye(2) - matrix)[0, 0] - 1}
    measured = {}
    for name, chains in (("slow", slow), ("fast", fast)):
        tau = measured[name] = steps * chains.mean(axis=0).var(ddof=1) / chains.var()
        # a chain's own length cuts the sum: 1 − τ/(2 n) for an exponential, at most twice that for the other
        edge = expected[name] ** 2 / steps
        assert abs(tau - expected[name]) < chance(3) * expected[name] * math.sqrt(2 / (n - 1)) + edge, name
    assert expected["slow"] / expected["fast"] == pytest.approx(wide / (2 * narrow), rel=0.01)
    gain = measured["slow"] / measured["fast"]
    assert abs(math.log(gain * 2 * narrow / wide)) < chance(3) * math.sqrt(4 / (n - 1)) + 200 / steps


def test_strong_friction_is_synaptic_sampling() -> None:
    """With b = 1/γ its correlation over time is that of the Langevin equation, up to 1/γ²."""
    friction, sd = 40.0, 0.9
    times = np.linspace(5, 60, 5)
    expected = np.exp(-times / friction / sd**2)
    error = 2 / (friction * sd) ** 2
    np.testing.assert_allclose(gaussian_correlation(times, sd, friction), expected, atol=error)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: HamiltonianSampling(GaussianPrior(0.0, 1.0), friction=0.0),
            "HamiltonianSampling.friction = 0.0",
        ),
        (
            lambda: HamiltonianSampling(GaussianPrior(0.0, 1.0), temperature=-1.0),
            "temperature = -1.0: must be",
        ),
        (lambda: HamiltonianSampling(2.0), "HamiltonianSampling.prior = 2.0: must be a prior"),  # type: ignore[arg-type]
        (lambda: diverge(), "dt = 3 s is too long: the simulation has diverged"),
        (lambda: wrong_shape(), "grad_log_likelihood gives shape"),
    ],
)
def test_wrong_arguments(call: Any, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        call()


def diverge() -> None:
    rng = np.random.default_rng(0)
    sampling = HamiltonianSampling(GaussianPrior(0.0, 1.0))
    hamiltonian_sample(sampling, None, 3.0, sampling.start(np.ones(2), rng), rng, 1, every=3000)


def wrong_shape() -> None:
    rng = np.random.default_rng(0)
    sampling = HamiltonianSampling(GaussianPrior(0.0, 1.0))
    hamiltonian_sample(sampling, lambda theta: theta[:1], 0.1, sampling.start(np.ones(2), rng), rng, 1)
