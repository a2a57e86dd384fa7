"""The protocol `geometry`: its changes and measures beside exact ones, its smoke preset and its settings."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

from helpers.small.networks import chance
from spikingsampling.analysis.geometry import Reading, delta_cdf, gaussian_floor
from spikingsampling.errors import ParameterError
from spikingsampling.experiment.discovery import load
from spikingsampling.experiment.execution import execute
from spikingsampling.experiment.run_directory import create_directory
from spikingsampling.inference import PNorm
from spikingsampling.models.geometry import fit, log_normal_weights
from spikingsampling.protocols.studies.geometry.configuration import RegressionSettings
from spikingsampling.protocols.studies.geometry.prior import drift, read_motility
from spikingsampling.protocols.studies.geometry.readings import MAPS, POTENTIALS, potential_of, summarise
from spikingsampling.protocols.studies.geometry.regression import (
    RATES,
    Outcome,
    choose_rate,
    log_weights,
    trained,
)
from spikingsampling.protocols.studies.geometry.robustness import TRUE, changed_weights, maps, read_changes

PROTOCOL = load("geometry")


@pytest.mark.parametrize("true", TRUE)
@pytest.mark.parametrize("start", ["log_normal", "normal"])
def test_changes_are_gaussian_in_their_dual(true: str, start: str) -> None:
    """With the size 0.1 φ′(0.1): 0.1303 (log 0.1 + 1), 0.01 and 0.001."""
    n, potential = 20_000, potential_of(true)
    before, after = changed_weights(potential, start, n, np.random.default_rng(1))
    change = potential.dual(after) - potential.dual(before)
    size = {"entropy": 0.1 * (math.log(10) - 1), "2-norm": 0.01, "3-norm": 0.001}[true]
    assert abs(change.std() / size - 1) < chance(6) / math.sqrt(2 * n)
    assert abs(change.mean()) < chance(6) * size / math.sqrt(n)
    width = 0.1 if start == "normal" else math.sqrt(2 / n)  # of log-normal ones: mean² + sd² = 2/n
    spread = before**2 / width**2
    assert abs(spread.mean() - 1) < chance(6) * spread.std() / math.sqrt(n)


def test_the_right_map_has_the_floor() -> None:
    n, repetitions = 1000, 60
    readings = read_changes(PNorm(2), "normal", n, repetitions, np.random.default_rng(2))
    right = np.array([reading["2-norm"].delta_cdf for reading in readings])
    error = right.std(ddof=1) / math.sqrt(repetitions)
    assert abs(right.mean() - gaussian_floor(n)) < chance() * error + 0.01 * gaussian_floor(n)
    assert list(readings[0]) == ["entropy", *(f"{p / 10:g}-norm" for p in range(11, 31))] == list(maps())


def test_readings_are_summarised_over_repetitions() -> None:
    ones = [{"a": Reading(value, 100, magnitude, 0.0)} for value, magnitude in ((0.1, 1.0), (0.3, 2.0))]
    metric = summarise(ones)["a"]
    assert (metric["value"], metric["n"], metric["magnitude"]) == (pytest.approx(0.2), 2, 1.5)
    assert (metric["floor"], metric["bound"]) == (ones[0]["a"].floor, ones[0]["a"].bound)
    assert [potential.name for potential in POTENTIALS] == list(MAPS)


def test_the_rate_is_that_of_the_least_loss() -> None:
    rng = np.random.default_rng(3)
    problem = rng.standard_normal(40) / 7, rng.standard_normal((5, 40)), rng.choice([-1.0, 1.0], 5)
    for name in RATES:
        rate, epochs = choose_rate(potential_of(name), problem, 100)
        losses = [fit(potential_of(name), *problem, [one], epochs)[1][0] for one in RATES[name]]
        assert rate == RATES[name][np.nanargmin(losses)]
        assert epochs == 100
    # Too few epochs: as many again, five times at most.
    assert choose_rate(PNorm(2), problem, 1)[1] == 5


def test_regression_starts_as_told_and_ends_fitted() -> None:
    c = RegressionSettings(sizes=(400,), repetitions=20)
    for normal in (True, False):
        outcome = trained(PNorm(2), c, 400, np.random.default_rng(4), normal=normal)
        assert outcome.start.shape == outcome.end.shape == (20, 400)
        assert outcome.loss < 1e-3
        absolute = 20 * np.abs(outcome.start)  # in units of 1/√D
        expected = math.sqrt(2 / math.pi) if normal else 1.0
        error = absolute.std() / math.sqrt(absolute.size)
        assert abs(absolute.mean() - expected) < chance(2) * error
        # The change lies in the span of 20 inputs: N = D^½.
        assert np.linalg.matrix_rank(outcome.end - outcome.start) == 20
        found = [reading["2-norm"].delta_cdf for reading in outcome.readings()]
        assert found == pytest.approx([delta_cdf(change) for change in outcome.end - outcome.start], abs=1e-9)


def test_a_rate_at_which_learning_diverges_is_halved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(RATES, "burg", np.array([10.0]))
    c = RegressionSettings(sizes=(100,), repetitions=3)
    outcome = trained(potential_of("burg"), c, 100, np.random.default_rng(9), normal=False)
    assert np.isfinite(outcome.end).all()
    assert outcome.loss < 1
    np.testing.assert_array_equal(np.sign(outcome.end), np.sign(outcome.start))


def test_signs_and_log_weights() -> None:
    start = np.array([[1.0, 2.0, -1.0, 3.0], [1.0, -1.0, 1.0, -1.0]])
    end = np.array([[1.0, -2.0, 1.0, 3.0], [2.0, -1.0, 1.0, -1.0]])
    assert Outcome(start, end, 0.0).sign_changes() == [0.5, 0.0]
    n = 5000
    logs = np.random.default_rng(5).permutation(norm.ppf((np.arange(n) + 0.5) / n))
    gaussian, other = log_weights(np.stack([-np.exp(2 * logs + 1), logs]))
    assert gaussian.delta_cdf < 10 / n
    assert other.delta_cdf > gaussian.bound
    w = log_normal_weights(n, 0.01, np.random.default_rng(6))
    assert log_weights(w[None])[0].delta_cdf < 2 * gaussian.bound


def test_prior_and_noise_make_an_ornstein_uhlenbeck_process() -> None:
    """Mean 0.5, sd 1, b = 1e-4/s: after 3 h the correlation is e^−1.08, and the law is as before."""
    n = 100_000
    start, end = drift(n, 10_800.0, np.random.default_rng(7))
    for theta in (start, end):
        assert abs(theta.mean() - 0.5) < chance(5) / math.sqrt(n)
        assert abs(theta.var() - 1) < chance(5) * math.sqrt(2 / n)
    correlation = math.exp(-1.08)
    found = np.mean((start - 0.5) * (end - 0.5))
    assert abs(found - correlation) < chance(5) * math.sqrt((1 + correlation**2) / n)


def test_theta_is_the_space_of_prior_and_noise() -> None:
    found = read_motility(50_000, 1800.0, np.random.default_rng(8))
    assert found["theta"].delta_cdf < chance() / norm.isf(0.05) * found["theta"].bound
    assert all(found[name].delta_cdf > 0.1 for name in ("w", "sqrt_w", "burg", "active_w"))
    assert 0 < found["survivors"].n < found["theta"].n


def test_the_smoke_preset_writes_metrics_and_figures(tmp_path: Path) -> None:
    configuration = PROTOCOL.configure("smoke")
    with create_directory(PROTOCOL, "smoke", configuration, tmp_path / "run"):
        execute(PROTOCOL, configuration, tmp_path / "run")
    figures = {path.stem for path in (tmp_path / "run" / "figures").glob("*.png")}
    assert figures == {"dale", "linear_regression", "motility", "readout", "recurrent", "robustness"}
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())
    for true in RATES:
        key = f"geometry.linear_regression.{true}"
        assert metrics[f"{key}.delta_cdf"] == metrics[f"{key}.D_324.as_{true}"]
        assert metrics[f"{key}.delta_cdf"]["n"] == 3
        assert metrics[f"geometry.readout.{true}.as_{true}"]["n"] == 3
    assert metrics["geometry.dale.entropy.sign_changes"]["value"] == 0
    assert metrics["geometry.dale.2-norm.sign_changes"]["value"] > 0
    for true in ("entropy", "2-norm", "3-norm"):
        assert f"geometry.robustness.normal.{true}.as_1.5-norm" in metrics
        assert metrics[f"geometry.recurrent.{true}.as_{true}"]["n"] == 2


@pytest.mark.parametrize("preset", PROTOCOL.presets)
def test_presets_are_valid(preset: str) -> None:
    assert PROTOCOL.configure(preset).regression.exponent == 0.5


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"regression": {"sizes": [10]}}, r"sizes.0 = 10: must be at least 16"),
        ({"regression": {"exponent": 1.0}}, "exponent = 1.0: must be at most 0.9"),
        ({"regression": {"power": 3.0}}, "power = 3.0: must be at most 2"),
        ({"recurrent": {"repetitions": 1}}, "repetitions = 1: must be at least 2"),
    ],
)
def test_wrong_settings(setting: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        PROTOCOL.configure("quick", setting)
