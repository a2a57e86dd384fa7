"""Linear regression by mirror descent against closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest

from helpers.small.networks import chance
from spikingsampling.inference import BurgEntropy, NegativeEntropy, PNorm, Potential
from spikingsampling.models.geometry import (
    MirrorDescent,
    correlated_inputs,
    cosine,
    dual_change,
    fit,
    interpolation,
    log_normal_weights,
)

N, D = 6, 60
RATES = {"burg": 0.2, "entropy": 0.1, "2-norm": 0.01, "3-norm": 1e-3}
POTENTIALS = (BurgEntropy(), NegativeEntropy(), PNorm(2), PNorm(3))


@pytest.fixture(scope="module")
def problem() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Inputs, labels and weights; labels are near to what the weights give, so that changes are small."""
    rng = np.random.default_rng(1)
    inputs = correlated_inputs(N, D, 2.0, rng)
    w0 = log_normal_weights(D, 1 / math.sqrt(D), rng)
    return inputs, inputs @ w0 + 1e-3 * rng.standard_normal(N), w0


def test_gradient_descent_ends_at_the_nearest_weights_that_fit(problem: tuple) -> None:
    inputs, _, w0 = problem
    labels = np.where(np.arange(N) % 2, 1.0, -1.0)  # not near at all: for p = 2 the closed form is exact
    (w,), (loss,) = fit(PNorm(2), w0, inputs, labels, [0.02], 3000)
    exact = interpolation(w0, inputs, labels)
    np.testing.assert_allclose(exact, w0 - np.linalg.pinv(inputs) @ (inputs @ w0 - labels), atol=1e-12)
    np.testing.assert_allclose(w, exact, atol=1e-6)
    assert loss < 1e-12


@pytest.mark.parametrize("potential", POTENTIALS)
def test_the_dual_moves_within_the_span_of_the_inputs(potential: Potential, problem: tuple) -> None:
    """For any potential and any number of steps: φ′(w) − φ′(w0) = Xᵀa for some a."""
    inputs, labels, w0 = problem
    (w,), _ = fit(potential, w0, inputs, labels, [RATES[potential.name]], 7)
    change = potential.dual(w) - potential.dual(w0)
    _, residual, rank, _ = np.linalg.lstsq(inputs.T, change, rcond=None)
    assert rank == N
    assert np.linalg.norm(change) > 0
    assert residual[0] < 1e-20 * max(1.0, float(np.square(potential.dual(w0)).sum()))


@pytest.mark.parametrize("potential", POTENTIALS)
def test_small_changes_have_the_closed_form(potential: Potential, problem: tuple) -> None:
    """To first order: the error falls with the square of what labels are off."""
    inputs, labels, w0 = problem
    errors = []
    for scale in (1.0, 0.5):
        near = inputs @ w0 + scale * (labels - inputs @ w0)
        (w,), (loss,) = fit(potential, w0, inputs, near, [RATES[potential.name]], 20_000)
        assert loss < 1e-16
        change = potential.dual(w) - potential.dual(w0)
        expected = dual_change(potential.curvature(w0), w0, inputs, near)
        errors.append(np.linalg.norm(change - expected) / np.linalg.norm(expected))
    assert errors[0] < 0.1
    if potential != PNorm(2):
        assert errors[1] == pytest.approx(errors[0] / 2, rel=0.1)


def test_rates_side_by_side_are_alone() -> None:
    rng = np.random.default_rng(2)
    inputs, labels, w0 = rng.standard_normal((3, 9)), np.ones(3), rng.standard_normal(9)
    both, losses = fit(PNorm(3), w0, inputs, labels, [1e-3, 1e9], 20)
    alone, loss = fit(PNorm(3), w0, inputs, labels, [1e-3], 20)
    np.testing.assert_allclose(both[0], alone[0], rtol=1e-12)
    assert losses[0] == pytest.approx(loss[0], rel=1e-12)
    assert not losses[1] < losses[0]


def test_outputs_side_by_side_are_alone() -> None:
    rng = np.random.default_rng(5)
    inputs, labels, w0 = rng.standard_normal((3, 9)), rng.standard_normal((2, 3)), rng.standard_normal((2, 9))
    both, losses = fit(NegativeEntropy(), w0, inputs, labels, [1e-3, 1e-2], 20)
    for output in range(2):
        alone, _ = fit(NegativeEntropy(), w0[output], inputs, labels[output], [1e-3, 1e-2], 20)
        np.testing.assert_allclose(both[:, output], alone, rtol=1e-12)
    np.testing.assert_allclose(losses, np.square(both @ inputs.T - labels).mean(axis=(1, 2)), rtol=1e-12)


def test_momentum_and_cosine() -> None:
    descent = MirrorDescent(PNorm(2), 0.1)
    w = descent.step(np.array([1.0]), np.array([1.0]))
    w = descent.step(w, np.array([2.0]), 0.5)
    assert w[0] == pytest.approx(1 - 0.1 - 0.05 * (0.9 + 2.0))
    assert [cosine(k, 4) for k in (0, 2)] == pytest.approx([1, 0.5])


@pytest.mark.parametrize("power", [1.0, 2.0])
def test_covariance_of_the_inputs(power: float) -> None:
    """(−1)^k/(1 + k^power), and 1/12 more on the diagonal; each entry within its standard error."""
    n, dimension = 20_000, 8
    x = correlated_inputs(n, dimension, power, np.random.default_rng(3))
    lag = np.abs(np.subtract.outer(np.arange(dimension), np.arange(dimension)))
    expected = (-1.0) ** lag / (1 + lag**power) + np.eye(dimension) / 12
    products = x[:, :, None] * x[:, None, :]
    error = products.std(axis=0) / math.sqrt(n)
    assert (np.abs(products.mean(axis=0) - expected) < chance(2 * dimension**2) * error).all()
    assert (np.abs(x.mean(axis=0)) < chance(2 * dimension) * x.std(axis=0) / math.sqrt(n)).all()


def test_log_normal_weights() -> None:
    n = 100_000
    w = log_normal_weights(n, 0.3, np.random.default_rng(4))
    logs = np.log(np.abs(w))
    assert abs(np.abs(w).mean() - 0.3) < chance(4) * 0.3 / math.sqrt(n)
    assert abs(logs.mean() - math.log(0.3) + math.log(2) / 2) < chance(4) * math.sqrt(math.log(2) / n)
    assert abs(logs.var() / math.log(2) - 1) < chance(4) * math.sqrt(2 / n)
    assert abs(np.sign(w).mean()) < chance(4) / math.sqrt(n)
