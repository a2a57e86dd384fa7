"""Bayesian linear regression: its closed form, and synaptic sampling of it, all examples at once and one by one."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from spikingsampling.errors import ParameterError
from spikingsampling.inference.diagnostics import effective_sample_size, split_rhat, standard_error
from spikingsampling.inference.langevin import SynapticSampling, ornstein_uhlenbeck
from spikingsampling.inference.priors import GaussianPrior
from spikingsampling.inference.sampling import advance, batch, initial, sample, sequential
from spikingsampling.models.posterior.linear_regression import LinearRegression

Array = NDArray[np.float64]


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(2)


@pytest.fixture
def model() -> LinearRegression:
    return LinearRegression.draw(np.random.default_rng(0), 20, 2)


def test_gradients_of_examples_add_up(model: LinearRegression, rng: np.random.Generator) -> None:
    theta = rng.normal(size=(5, 3, 2))
    each = np.stack([model.grad_example(theta, np.broadcast_to(x, (5, 3, 3))) for x in model.examples])
    np.testing.assert_allclose(each.sum(axis=0), model.grad_all(theta), atol=1e-10)
    at_mean = model.grad_all(model.mean) + model.prior.grad_log_density(model.mean)
    np.testing.assert_allclose(at_mean, 0, atol=1e-10)
    shift = np.array([1e-6, 0.0])
    slope = (model.grad_all(model.mean + shift) - model.grad_all(model.mean - shift)) / 2e-6
    np.testing.assert_allclose(-slope + np.array([1, 0]), model.precision[0], rtol=1e-6)


@pytest.mark.parametrize("mode", ["batch", "random", "cyclic"])
def test_regression_reaches_the_posterior(
    mode: str, model: LinearRegression, rng: np.random.Generator
) -> None:
    """Means and (but for cyclic order, whose covariance is not known) covariances at a finite step."""
    b_dt = 2e-3
    sampling = SynapticSampling(model.prior, b=0.1)
    step = (
        batch(sampling, model.grad_all, b_dt / 0.1, ornstein_uhlenbeck)
        if mode == "batch"
        else sequential(sampling, model.grad_example, model.examples, b_dt / 0.1, ornstein_uhlenbeck, mode)
    )
    start = advance(step, initial(rng.normal(size=(64, 2))), rng, 1000)
    chains = np.moveaxis(sample(step, start, rng, 200, 101)[1], 0, 1)
    covariance = model.stationary_covariance(b_dt, sequential=mode != "batch")
    whiten = np.linalg.inv(np.linalg.cholesky(covariance))
    white = (chains - model.mean) @ whiten.T
    for k in range(2):
        assert split_rhat(white[..., k]) < 1.01
        assert effective_sample_size(white[..., k]) > 400
        # cyclic order leaves a shift of the mean of order b Δt N
        shift = b_dt * 20 if mode == "cyclic" else 0.0
        assert abs(white[..., k].mean()) < 4.5 * standard_error(white[..., k]) + shift
    if mode != "cyclic":
        for square in (white[..., 0] ** 2 - 1, white[..., 1] ** 2 - 1, white[..., 0] * white[..., 1]):
            assert abs(square.mean()) < 4.5 * standard_error(square)


def test_sequential_tends_to_the_posterior_as_b_falls(model: LinearRegression) -> None:
    excess = [model.excess(model.stationary_covariance(b_dt, sequential=True)) for b_dt in (1e-3, 1e-4, 1e-5)]
    assert excess[0] > 0.05
    assert excess[1] / excess[0] == pytest.approx(0.1, rel=0.1)
    assert excess[2] / excess[1] == pytest.approx(0.1, rel=0.01)
    with pytest.raises(ParameterError, match=r"b_dt = 0.5: the step is too long"):
        model.stationary_covariance(0.5, sequential=True)


def test_bad_regressions_are_refused() -> None:
    with pytest.raises(ParameterError, match=r"LinearRegression.examples has shape"):
        LinearRegression(np.zeros(3))
    with pytest.raises(ParameterError, match=r"LinearRegression.noise_sd = 0.0: must be more than 0"):
        LinearRegression(np.zeros((3, 2)), noise_sd=0)


#: x = 1, 2 and y = 3, 5 with σ = 2, and the prior N(½, 2²): precision 1.5, mean 2.25.
HAND = LinearRegression(np.array([[1.0, 3], [2, 5]]), 2.0, GaussianPrior(0.5, 2.0))


def test_a_regression_by_hand() -> None:
    assert HAND.n_parameters == 1
    np.testing.assert_allclose(HAND.precision, [[1.5]])
    np.testing.assert_allclose(HAND.mean, [2.25])
    np.testing.assert_allclose(HAND.grad_all(np.array([1.0])), [2])
    np.testing.assert_allclose(HAND.grad_example(np.array([1.0]), HAND.examples[1]), [1.5])
    assert HAND.excess(np.array([[0.8]])) == pytest.approx(0.2)


def test_the_stationary_covariance_by_hand() -> None:
    """θ → θ + η(A θ + c): A = −1.5 for both examples, −0.75 and −2.25 for one, whose kicks are ∓1/16."""
    b_dt, temperature = 0.2, 0.5
    decay = np.exp(-b_dt / 4)
    eta, noise = 4 * (1 - decay), 4 * temperature * (1 - decay**2)
    batch_law = HAND.stationary_covariance(b_dt, sequential=False, temperature=temperature)
    np.testing.assert_allclose(batch_law, [[noise / (1 - (1 - 1.5 * eta) ** 2)]])
    squares = ((1 - 0.75 * eta) ** 2 + (1 - 2.25 * eta) ** 2) / 2
    sequential_law = HAND.stationary_covariance(b_dt, sequential=True, temperature=temperature)
    np.testing.assert_allclose(sequential_law, [[(noise + (eta / 16) ** 2) / (1 - squares)]])


def test_examples_are_drawn_from_the_model() -> None:
    drawn, twin = LinearRegression.draw(np.random.default_rng(4), 5, 2), np.random.default_rng(4)
    x = twin.standard_normal((5, 2))
    y = x @ twin.standard_normal(2) + twin.standard_normal(5)
    np.testing.assert_allclose(drawn.examples, np.column_stack([x, y]))
    assert (drawn.noise_sd, drawn.prior.mean, drawn.prior.sd) == (1, 0, 1)
