"""The protocol `posterior`: its smoke preset passes, what it computes follows theory, its checks can fail."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import integrate, special, stats

from spikingsampling.errors import ParameterError
from spikingsampling.experiment.discovery import load
from spikingsampling.experiment.run import Run
from spikingsampling.models.posterior.linear_regression import LinearRegression
from spikingsampling.models.posterior.targets import SPEEDS, TARGETS, WRONG_DRIFTS, GridLaw, tanh_speed
from spikingsampling.protocols.studies.posterior.experiments import (
    SamplerSettings,
    mode_error,
    sample_regression,
    sample_target,
    sample_weak,
    sample_wrong,
)

PROTOCOL = load("posterior")
SHORT = SamplerSettings(n_chains=64, n_draws=100, dt="20 ms")


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(5)


@pytest.fixture(scope="module")
def smoke(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    directory = tmp_path_factory.mktemp("posterior")
    return directory, dict(PROTOCOL.run(Run(PROTOCOL.configure("smoke"), directory)))


def test_the_smoke_preset_passes_all_its_checks(smoke: tuple[Path, dict[str, Any]]) -> None:
    _, metrics = smoke
    assert metrics["passed"] is True
    assert metrics["checks_passed"] == metrics["checks"] == 16
    assert metrics["largest_rhat"] < 1.01
    assert metrics["smallest_ess"] > 400
    for key, entry in metrics.items():
        if key.startswith("target.") and key.endswith(".distance"):
            assert entry["value"] <= entry["tolerance"]
            assert entry["rhat"] < 1.01
            assert entry["ess"] > 400
    wrong = metrics["wrong_drift.stratonovich.distance"]
    assert wrong["value"] > wrong["tolerance"]


def test_figures_are_drawn(smoke: tuple[Path, dict[str, Any]]) -> None:
    directory, _ = smoke
    written = {path.stem for path in (directory / "figures").iterdir()}
    assert written == {"laws", "wrong_drifts", "sequential", "weak_convergence"}


def test_all_figures_of_a_full_run_are_drawn(tmp_path: Path) -> None:
    tiny = {"n_chains": 4, "n_draws": 40, "interval": "0.1 s", "burn_in": "1 s", "dt": "50 ms"}
    configuration = PROTOCOL.configure("quick", {"sampler": tiny, "regression": tiny, "b_steps": [5e-3]})
    metrics = PROTOCOL.run(Run(configuration, tmp_path))
    assert metrics["checks"] == 30
    assert metrics["passed"] is False  # 4 chains of 4 s each have not mixed
    assert len(list((tmp_path / "figures").iterdir())) == 5


@pytest.mark.parametrize("preset", PROTOCOL.presets)
def test_presets_are_valid(preset: str) -> None:
    configuration = PROTOCOL.configure(preset)
    assert configuration.seed == 0
    assert min(configuration.temperatures) > 0


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        ({"temperatures": [0.0]}, r"temperatures.0 = 0.0: must be more than 0"),
        ({"temperatures": [8.0]}, r"temperatures.0 = 8.0: must be at most 4"),
        ({"b_steps": [-1e-3]}, r"b_steps.0 = -0.001: must be more than 0"),
        ({"time_steps": [0.1, 0.05, 0.0]}, r"time_steps.2 = 0.0: must be at least 0.0001"),
        ({"sampler": {"n_chains": 1}}, r"sampler: SamplerSettings.n_chains = 1: must be at least 2"),
        (
            {"sampler": {"dt": "0 s"}},
            r"sampler: SamplerSettings.dt = 0.0: must be at least 0.1 ms",
        ),
    ],
)
def test_bad_settings_are_refused(layer: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        PROTOCOL.configure("quick", layer)


def test_a_step_too_long_for_the_regression_is_reported(rng: np.random.Generator) -> None:
    model = LinearRegression.draw(np.random.default_rng(0), 20, 2)
    with pytest.raises(ParameterError, match=r"dt is too long|b_dt = 0.5"):
        sample_regression(model, 0.5, True, SHORT, rng)


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


def test_the_state_dependent_speed_has_its_derivative() -> None:
    speed, theta, h = tanh_speed(), np.linspace(-3, 3, 31), 1e-6
    slope = (speed.value(theta + h) - speed.value(theta - h)) / (2 * h)
    np.testing.assert_allclose(speed.derivative(theta), slope, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(tanh_speed(1.5).derivative(theta), 1.5 * speed.derivative(theta))


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


def test_a_grid_law_by_hand() -> None:
    law = GridLaw(lambda theta: -theta, 0, 40)
    assert law.mean == pytest.approx(1, abs=1e-3)
    np.testing.assert_allclose(law.cdf([0.0, 1.0, 100.0]), [0, 1 - np.exp(-1), 1], atol=1e-6)
    np.testing.assert_array_equal(law.pdf([-1.0, 50.0]), 0)
