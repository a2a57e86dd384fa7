"""Exact and annealed likelihood of restricted Boltzmann machines, against enumeration of all joint states."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy.integrate import dblquad

from spikingsampling.errors import ParameterError
from spikingsampling.models.rbm import (
    RBM,
    annealed_log_partition,
    exact_gradient,
    exact_log_partition,
    free_energy,
    hidden_states,
)


def machine(
    n_hidden: int = 3, n_visible: int = 4, seed: int = 0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.normal(0, 1, (n_hidden, n_visible)), rng.normal(0, 1, n_visible), rng.normal(0, 1, n_hidden)


def joint(weights: np.ndarray, b: np.ndarray, c: np.ndarray) -> dict[tuple, float]:
    """exp(zᵀWx + bᵀx + cᵀz) summed over z, by plain loops."""
    table: dict[tuple, float] = {}
    for x in itertools.product((0, 1), repeat=len(b)):
        total = 0.0
        for z in itertools.product((0, 1), repeat=len(c)):
            energy = sum(z[i] * weights[i, j] * x[j] for i in range(len(c)) for j in range(len(b)))
            total += math.exp(energy + float(np.dot(b, x)) + float(np.dot(c, z)))
        table[x] = total
    return table


def test_likelihood_by_enumeration():
    parameters = machine()
    table = joint(*parameters)
    x = np.array(list(table))
    weights = np.array(list(table.values()))
    np.testing.assert_allclose(-free_energy(x, *parameters), np.log(weights), rtol=1e-12)
    assert exact_log_partition(*parameters) == pytest.approx(math.log(weights.sum()), rel=1e-12)
    model = RBM(3, random_state=0).fit(x)
    model.weights_, model.visible_bias_, model.hidden_bias_ = parameters
    np.testing.assert_allclose(model.log_likelihood(x), np.log(weights / weights.sum()), rtol=1e-10)


def test_gradient_by_finite_differences():
    parameters = machine()
    x = np.array([[1, 0, 1, 1], [0, 0, 1, 0], [1, 1, 1, 1]])

    def mean_log_likelihood(theta: np.ndarray) -> float:
        table = joint(theta[:12].reshape(3, 4), theta[12:16], theta[16:])
        return sum(math.log(table[tuple(row)] / sum(table.values())) for row in x.tolist()) / len(x)

    theta = np.concatenate([p.ravel() for p in parameters])
    step = 1e-5 * np.eye(19)
    numeric = [(mean_log_likelihood(theta + d) - mean_log_likelihood(theta - d)) / 2e-5 for d in step]
    exact = np.concatenate([g.ravel() for g in exact_gradient(x, *parameters)])
    np.testing.assert_allclose(exact, numeric, atol=1e-8)


def test_sum_over_states_in_parts():
    """More states than are worked on at a time: a machine without weights has a known Z."""
    b, c = np.array([0.3, -2.0]), np.linspace(-1, 1, 12)
    expected = np.log1p(np.exp(b)).sum() + np.log1p(np.exp(c)).sum()
    assert exact_log_partition(np.zeros((12, 2)), b, c) == pytest.approx(expected, rel=1e-12)


def test_gaussian_visible_units_by_quadrature():
    weights, b, c = machine(2, 2)
    score = dblquad(
        lambda y, x: math.exp(-free_energy([[x, y]], weights, b, c, gaussian=True)[0]),
        -12,
        12,
        -12,
        12,
        epsrel=1e-6,
    )[0]
    assert exact_log_partition(weights, b, c, gaussian=True) == pytest.approx(math.log(score), abs=1e-5)


def test_extreme_parameters_stay_finite():
    weights, b, c = np.full((3, 4), 400.0), np.full(4, -500.0), np.full(3, 300.0)
    assert np.isfinite(exact_log_partition(weights, b, c))
    assert np.isfinite(free_energy([[1, 0, 1, 1]], weights, b, c)).all()


def test_annealing_agrees_with_the_sum():
    weights, b, c = machine(8, 20, seed=2)
    exact = exact_log_partition(weights, b, c)
    found = annealed_log_partition(weights, b, c, np.random.default_rng(0), steps=500, chains=100)
    assert found.low < exact < found.high
    assert found.low < found.value < found.high
    assert found.high - found.low < 0.5


def test_annealing_is_exact_without_weights():
    b, c = np.array([0.5, -1.0]), np.array([0.2, 2.0, -3.0])
    found = annealed_log_partition(np.zeros((3, 2)), b, c, np.random.default_rng(1), steps=3, chains=2)
    exact = exact_log_partition(np.zeros((3, 2)), b, c)
    np.testing.assert_allclose([found.value, found.low, found.high], exact)


def test_interval_of_annealing_is_three_standard_errors_of_z():
    """It lies evenly about Z, and is as wide as the estimates of independent runs are spread."""
    parameters = machine(4, 6, seed=1)
    exact = exact_log_partition(*parameters)
    ratios, errors = [], []
    for seed in range(200):
        found = annealed_log_partition(*parameters, np.random.default_rng(seed), steps=20, chains=30)
        value, low, high = (math.exp(each - exact) for each in (found.value, found.low, found.high))
        assert high - value == pytest.approx(value - low)
        ratios.append(value)
        errors.append((high - value) / 3)
    assert abs(np.mean(ratios) - 1) < 4 * np.std(ratios) / np.sqrt(200)
    assert np.sqrt(np.mean(np.square(errors))) == pytest.approx(np.std(ratios), rel=4 / np.sqrt(2 * 200))


def test_too_many_hidden_units():
    with pytest.raises(ParameterError, match=r"n_hidden = 17: .* possible to 16; annealed_log_partition"):
        hidden_states(17)
    model = RBM(17, random_state=0).fit(np.eye(3))
    with pytest.raises(ParameterError, match="n_hidden = 17"):
        model.log_likelihood(np.eye(3))
    assert np.isfinite(model.score_samples(np.eye(3))).all()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"steps": 0}, "steps = 0: must be a whole number, at least 1"),
        ({"steps": 1.5}, "steps = 1.5: must be a whole number"),
        ({"chains": 1}, "chains = 1: must be a whole number, at least 2"),
    ],
)
def test_bad_annealing(settings: dict, message: str):
    with pytest.raises(ParameterError, match=message):
        annealed_log_partition(*machine(), np.random.default_rng(0), **settings)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"X": np.zeros((2, 3))}, r"X has shape \(2, 3\): must be \(n, 4\)"),
        ({"X": [[0, 1, math.nan, 1]]}, "X holds nan: every value must be finite"),
        ({"weights": np.zeros(4)}, r"weights has shape \(4,\): must be \(n_hidden, n_visible\)"),
        ({"visible_bias": np.zeros(3)}, r"visible_bias has shape \(3,\): must be \(4,\)"),
        ({"hidden_bias": np.full(3, math.inf)}, "hidden_bias holds inf"),
    ],
)
def test_bad_machines_and_data(values: dict, message: str):
    arguments = {"X": np.eye(4)} | dict(
        zip(("weights", "visible_bias", "hidden_bias"), machine(), strict=True)
    )
    for function in (free_energy, exact_gradient):
        with pytest.raises(ParameterError, match=message):
            function(**(arguments | values))
