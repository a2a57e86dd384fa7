"""Targets of the posterior experiments: laws, gradients, modes, and the speed that depends on θ."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, special, stats

from spikingsampling.models.posterior.targets import TARGETS, WRONG_DRIFTS, GridLaw, tanh_speed


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(5)


@pytest.mark.parametrize("temperature", [0.25, 1.0, 4.0])
def test_exact_laws_are_exact(temperature: float) -> None:
    shape = 3 / temperature
    skewed = TARGETS["skewed"].laws(temperature)[0]
    assert skewed.mean == pytest.approx(special.digamma(shape) + np.log(temperature), abs=1e-5)
    assert skewed.variance == pytest.approx(special.polygamma(1, shape), rel=1e-5)
    theta = np.linspace(-3, 3, 13)
    gamma = stats.gamma(shape, scale=temperature)
    # linear interpolation of the cdf is off by h²/8 max |p′|, with h = 1.7e-3 and |p′| below 6
    np.testing.assert_allclose(skewed.cdf(theta), gamma.cdf(np.exp(theta)), atol=2.2e-6)
    along, across = TARGETS["correlated"].laws(temperature)
    assert along.variance == pytest.approx(temperature)
    assert across.variance == pytest.approx(temperature / 9)
    assert across.mean == pytest.approx(4 * np.sqrt(2) / 9)
    prior = TARGETS["bimodal"].prior
    bimodal = TARGETS["bimodal"].laws(temperature)[0]
    total, _ = integrate.quad(lambda z: float(np.exp(prior.log_density(z) / temperature)), -30, 30, limit=200)
    for z in (-0.8, 0.0, 1.0):
        assert bimodal.pdf(z) == pytest.approx(
            float(np.exp(prior.log_density(z) / temperature)) / total, rel=1e-5
        )


@pytest.mark.parametrize("name", TARGETS)
def test_likelihood_gradients_are_those_of_the_density(name: str, rng: np.random.Generator) -> None:
    target = TARGETS[name]
    theta, h = rng.normal(size=(20, target.n_parameters)), 1e-6
    gradient = target.prior.grad_log_density(theta)
    if target.grad_log_likelihood is not None:
        gradient = gradient + target.grad_log_likelihood(theta)
    for k in range(target.n_parameters):
        shift = h * np.eye(target.n_parameters)[k]
        slope = (target.log_density(theta + shift) - target.log_density(theta - shift)) / (2 * h)
        np.testing.assert_allclose(gradient[:, k], slope, rtol=1e-5, atol=1e-6)
    if target.grad_log_likelihood is not None:
        deep = target.grad_log_likelihood(theta.reshape(4, 5, -1))
        np.testing.assert_array_equal(deep.reshape(20, -1), target.grad_log_likelihood(theta))


def test_the_state_dependent_speed_has_its_derivative() -> None:
    speed, theta, h = tanh_speed(), np.linspace(-3, 3, 31), 1e-6
    slope = (speed.value(theta + h) - speed.value(theta - h)) / (2 * h)
    np.testing.assert_allclose(speed.derivative(theta), slope, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(tanh_speed(1.5).derivative(theta), 1.5 * speed.derivative(theta))


def test_a_grid_law_by_hand() -> None:
    law = GridLaw(lambda theta: -theta, 0, 40)
    assert law.mean == pytest.approx(1, abs=1e-3)
    np.testing.assert_allclose(law.cdf([0.0, 1.0, 100.0]), [0, 1 - np.exp(-1), 1], atol=1e-6)
    np.testing.assert_array_equal(law.pdf([-1.0, 50.0]), 0)


def test_moments_of_a_grid_law_by_hand() -> None:
    """Uniform on 2 … 5: mean 3.5, variance 9/12, ⟨θ²⟩ = 13, density 1/3."""
    law = GridLaw(np.zeros_like, 2, 5)
    assert law.mean == pytest.approx(3.5, rel=1e-4)
    assert law.variance == pytest.approx(0.75, rel=1e-3)
    assert law.expectation(np.square) == pytest.approx(13, rel=1e-3)
    np.testing.assert_allclose(law.pdf([2.5, 4.5, 1.9, 5.1]), [1 / 3, 1 / 3, 0, 0])
    np.testing.assert_allclose(law.cdf([1.0, 2.75, 9.0]), [0, 0.25, 1])


def test_the_speed_by_hand() -> None:
    """b(½ ln 3) = 1 + 0.8 · ½, and b′ = 0.8 (1 − ¼)."""
    speed = tanh_speed(2.0)
    assert speed.value(np.log(3) / 2) == pytest.approx(1.4)
    assert speed.derivative(np.log(3) / 2) == pytest.approx(2 * 0.6)


def test_what_the_equation_is_confused_with() -> None:
    assert {name: wrong.correction for name, wrong in WRONG_DRIFTS.items()} == {
        "no_b_prime": 0.0,
        "stratonovich": 1.5,
        "root_temperature": 1.0,
    }
    assert [wrong.temperature(9.0) for wrong in WRONG_DRIFTS.values()] == [9, 9, 3]


def test_modes_are_maxima() -> None:
    for target in TARGETS.values():
        for mode in target.modes:
            density = target.log_density(np.array([[mode - 1e-3], [mode], [mode + 1e-3]]))
            assert density[1] > max(density[0], density[2])
