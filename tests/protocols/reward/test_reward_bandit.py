"""The protocol `reward_bandit`: its samples beside the laws of the model, its smoke preset and its settings."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.special import expit

from helpers.small.networks import chance
from spikingsampling.errors import ParameterError
from spikingsampling.experiment.execution import execute
from spikingsampling.experiment.run_directory import create_directory
from spikingsampling.inference.priors import GaussianPrior
from spikingsampling.models.reward import TwoArmedBandit
from spikingsampling.protocols.reward.reward_bandit import PROTOCOL
from spikingsampling.protocols.studies.reward.bandit import Case, case_metrics, mode_of, sample_bandit

BANDIT = TwoArmedBandit()


@pytest.mark.parametrize("offset", [0.0, 1.0])
def test_samples_have_the_law_of_their_trials(offset: float) -> None:
    case = Case("test", 1.0, offset=offset)
    draws = sample_bandit(BANDIT, case, 0.05, 4000, 5, np.random.default_rng(3))
    metrics = case_metrics(BANDIT, case, 0.05, draws)
    for name in ("mean", "variance"):
        metric = metrics[f"test.T1.{name}"]
        error = (metric["interval"][1] - metric["value"]) / 1.96
        assert abs(metric["value"] - metric["finite_step"]) < chance(4) * error, name
        assert metric["n"] == 4000


def test_without_temperature_chains_end_at_the_maximum() -> None:
    grid = np.linspace(-3, 3, 600_001)
    density = BANDIT.prior.log_density(grid) + np.log(BANDIT.value(grid))
    mode = mode_of(BANDIT)
    assert mode == pytest.approx(grid[np.argmax(density)], abs=2e-5)
    n, b = 2000, 0.005
    draws = sample_bandit(BANDIT, Case("test", 0.0), b, n, 1, np.random.default_rng(4))
    # The noise of the gradient makes an Ornstein-Uhlenbeck process around the mode: variance b Var(r e/V)/(2k), with k
    # the slope of the drift there. Its curvature shifts the mean.
    theta = mode + np.array([-1e-3, 0, 1e-3])
    sigma, value = expit(theta), BANDIT.value(theta)
    drift = -theta / 4 + 0.8 * sigma * (1 - sigma) / value
    k, curvature = -(drift[2] - drift[0]) / 2e-3, (drift[2] - 2 * drift[1] + drift[0]) / 1e-6
    square = (sigma * (1 - sigma) ** 2 + 0.2 * (1 - sigma) * sigma**2) / value**2
    variance = b * (square[1] - (0.8 * sigma * (1 - sigma) / value)[1] ** 2) / (2 * k)
    mean = mode + curvature * variance / (2 * k)
    assert abs(draws.mean() - mean) < chance(2) * math.sqrt(variance / n)
    assert abs(draws.var() / variance - 1) < chance(2) * math.sqrt(2 / n)
    assert "expected" not in case_metrics(BANDIT, Case("test", 0.0), b, draws)["test.T0.variance"]


def test_an_offset_is_added_to_the_divided_reward() -> None:
    """A sure reward less 1 is nothing: without noise θ decays by the prior alone, in 8 relaxations of 10 trials."""
    certain = TwoArmedBandit((1.0, 1.0), GaussianPrior(0.0, 1.0))
    draws = sample_bandit(certain, Case("test", 0.0, offset=-1.0), 0.1, 50, 1, np.random.default_rng(5))
    start = certain.prior.sample(np.random.default_rng(5), 50)
    np.testing.assert_allclose(draws[0], start * 0.9**80, rtol=1e-10)


def test_a_running_mean_is_that_of_the_last_trials() -> None:
    """With one trial it is the last reward: after a trial without one the next reward would be infinite."""
    certain = TwoArmedBandit((1.0, 1.0), GaussianPrior(0.0, 1.0))
    exact = sample_bandit(certain, Case("a", 1.0), 0.1, 50, 2, np.random.default_rng(5))
    running = sample_bandit(certain, Case("b", 1.0, n_mean=1), 0.1, 50, 2, np.random.default_rng(5))
    np.testing.assert_array_equal(exact, running)  # all rewards are 1, and so is their mean
    uncertain = TwoArmedBandit((0.5, 0.5), GaussianPrior(0.0, 1.0))
    with np.errstate(all="ignore"):
        wild = sample_bandit(uncertain, Case("c", 1.0, n_mean=1), 0.1, 50, 1, np.random.default_rng(5))
    assert not np.isfinite(wild).all()


def test_the_smoke_preset_writes_metrics_and_figures(tmp_path: Path) -> None:
    configuration = PROTOCOL.configure("smoke")
    with create_directory(PROTOCOL, "smoke", configuration, tmp_path / "run"):
        execute(PROTOCOL, configuration, tmp_path / "run")
    assert [path.stem for path in (tmp_path / "run" / "figures").glob("*.png")] == ["law"]
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert metrics["bandit.mean"] == metrics["exact_mean.T1.mean"]
    assert metrics["bandit.mean"]["expected"] == pytest.approx(0.8076, abs=5e-5)
    assert metrics["exact_mean.T0.25.variance"]["expected"] == pytest.approx(0.7012, abs=5e-5)
    cases = {name.rpartition(".")[0] for name in metrics if "T" in name}
    kinds = ("exact_mean", "offset_1", "running_mean")
    assert cases == {f"{kind}.T{t}" for kind in kinds for t in ("1", "0.25")} | {"exact_mean.T0"}
    assert "finite_step" not in metrics["running_mean.T1.mean"]


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"chances": [0.0, 1.0]}, "chances"),
        ({"temperatures": [0.0]}, "temperatures"),
        ({"b_dt": 1.0}, "Configuration.b_dt = 1.0: must be at most 0.1"),
        ({"n_chains": 1}, "n_chains = 1"),
    ],
)
def test_wrong_settings(setting: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        PROTOCOL.configure("quick", setting)
