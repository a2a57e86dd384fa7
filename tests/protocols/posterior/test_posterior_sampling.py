"""Sampling of the posterior experiments: what is sampled follows theory, and what is wrong is refused."""

from __future__ import annotations

import numpy as np
import pytest

from spikingsampling.errors import ParameterError
from spikingsampling.inference.sampling import ChainState
from spikingsampling.models.posterior.linear_regression import LinearRegression
from spikingsampling.models.posterior.targets import SPEEDS, TARGETS, WRONG_DRIFTS
from spikingsampling.protocols.studies.posterior.chains import SamplerSettings, spread_start
from spikingsampling.protocols.studies.posterior.regression_sampling import (
    judge_regression,
    sample_regression,
)
from spikingsampling.protocols.studies.posterior.target_sampling import (
    distance_to_modes,
    mode_error,
    sample_target,
    sample_wrong,
    wrong_law,
)
from spikingsampling.protocols.studies.posterior.weak_sampling import fine_grid, sample_weak

SHORT = SamplerSettings(n_chains=64, n_draws=100, dt="20 ms")


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(5)


def test_draws_begin_after_the_burn_in_and_stand_an_interval_apart(rng: np.random.Generator) -> None:
    """Steps that count: 6 of burn-in, then 4 from draw to draw; chains come first."""
    settings = SamplerSettings(n_chains=2, n_draws=10, dt="0.5 s", burn_in="3 s", interval="2 s")
    draws = settings.run(
        lambda state, _: ChainState(state.theta + 1, state.n_steps + 1), np.array([[0.0], [100]]), rng
    )
    np.testing.assert_array_equal(draws[..., 0], [10 + 4 * np.arange(10), 110 + 4 * np.arange(10)])


def test_chains_start_wider_than_the_targets() -> None:
    start = spread_start(3, 2, np.random.default_rng(1))
    np.testing.assert_allclose(start, 2 * np.random.default_rng(1).standard_normal((3, 2)))


def test_the_distance_to_the_nearest_mode() -> None:
    """0.1 from the first, 0.3 from the second mode."""
    assert distance_to_modes(np.array([[-0.9], [2.3]]), (-1.0, 2.0)) == pytest.approx(0.3)


def test_the_law_of_a_wrong_drift() -> None:
    """N(0, T) with the right b′; without it N(0, T)/b, whose mean is ⟨θ/b⟩/⟨1/b⟩."""
    assert wrong_law(1.0, 0.25, (-9.0, 9.0)).variance == pytest.approx(0.25, rel=1e-4)
    z, weight = np.polynomial.hermite_e.hermegauss(120)
    b = 1 + 0.8 * np.tanh(np.sqrt(2) * z)
    for correction, power in ((0.0, -1.0), (1.5, 0.5)):
        expected = weight @ (np.sqrt(2) * z * b**power) / (weight @ b**power)
        assert wrong_law(correction, 2.0, (-20.0, 20.0)).mean == pytest.approx(expected, rel=1e-3)


def test_the_grid_is_as_fine_as_the_noise() -> None:
    """√(2 · 0.2 · 0.2) = 0.283: 8/0.283/0.8 = 35.4 steps on each side."""
    grid = fine_grid(0.2)
    assert (len(grid), grid[0], grid[-1], grid[35]) == (71, -8, 8, 0)


def test_a_regression_is_judged_in_whitened_directions() -> None:
    """Two directions with precisions 4 and 1, chains (n, 2) shifted by 0.1 and with variances ¼ · 1.44 and 1."""
    x = np.array([[np.sqrt(3), 0, 0], [0, 0, 0]])
    model = LinearRegression(x)
    np.testing.assert_allclose(model.precision, np.diag([4, 1]))
    z = np.random.default_rng(0).standard_normal((4, 200, 2))
    z = (z - z.mean(axis=(0, 1))) / z.std(axis=(0, 1))
    result = judge_regression(z * [0.6, 1.0] + [0.1, 0.0], model, 0.01, 0.3)
    # White: 1.2 z₁ + 0.2 and z₂.
    assert result.excess == pytest.approx((1.44 + 0.04 + 1) / 2 - 1)
    assert (result.b_dt, result.expected) == (0.01, 0.3)
    white = 1.2 * z[..., 0] + 0.2
    first = result.summaries[0]
    assert first.mean == pytest.approx(0.2)
    assert first.sd == pytest.approx(1.2, rel=1e-3)
    assert result.mean_error == pytest.approx(0.2 / first.standard_error)
    square = (white**2 + z[..., 1] ** 2) / 2
    assert result.standard_error == pytest.approx(square.std() / np.sqrt(800), rel=0.3)
    low, high = result.interval
    assert high - low == pytest.approx(2 * 1.96 * result.standard_error)
    assert (low + high) / 2 == pytest.approx(result.excess)


def test_a_step_too_long_for_the_regression_is_reported(rng: np.random.Generator) -> None:
    model = LinearRegression.draw(np.random.default_rng(0), 20, 2)
    with pytest.raises(ParameterError, match=r"dt is too long|b_dt = 0.5"):
        sample_regression(model, 0.5, True, SHORT, rng)


@pytest.mark.parametrize("name", ["skewed", "bimodal"])
def test_at_temperature_zero_chains_end_in_the_modes(name: str, rng: np.random.Generator) -> None:
    for b in SPEEDS.values():
        assert mode_error(TARGETS[name], b, SamplerSettings(), rng) < 1e-3
    slope = TARGETS[name].prior.grad_log_density(np.array(TARGETS[name].modes))
    if name == "bimodal":
        assert len(TARGETS[name].modes) == 2
        np.testing.assert_allclose(slope, 0, atol=1e-3)


@pytest.mark.parametrize("name", WRONG_DRIFTS)
def test_wrong_drifts_are_refused_and_explained(name: str, rng: np.random.Generator) -> None:
    outcome = sample_wrong(name, SHORT, rng)
    assert not outcome.result.worst.agrees
    assert not outcome.result.passes
    assert outcome.agrees_with_theory


def test_a_target_at_another_temperature_is_refused(rng: np.random.Generator) -> None:
    result = sample_target(TARGETS["skewed"], 1.0, 1.0, SHORT, rng, law_temperature=2.0)
    assert result.mixes
    assert not result.passes


def test_regression_agrees_with_theory_and_not_with_the_posterior(rng: np.random.Generator) -> None:
    model = LinearRegression.draw(np.random.default_rng(0), 20, 2)
    settings = SamplerSettings(n_chains=32, n_draws=300)
    result = sample_regression(model, 5e-3, True, settings, rng)
    assert result.passes
    assert result.excess / result.standard_error > 4


def test_weak_errors_agree_with_samples(rng: np.random.Generator) -> None:
    weak = sample_weak((0.05, 0.2, 0.1), 2, SHORT, rng)
    np.testing.assert_array_equal(weak.time_steps, [0.2, 0.1, 0.05])
    assert weak.z.shape == (2, 2)
    assert np.abs(weak.z).max() < 4
    for error in weak.without.values():
        assert np.all(np.abs(error[:, 0]) > 0.1)
