"""The protocol `posterior`: its figures, its presets and its settings; its smoke preset passes all checks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spikingsampling.errors import ParameterError
from spikingsampling.experiment.discovery import load
from spikingsampling.experiment.run import Run
from spikingsampling.protocols.studies.posterior.plots import plot_convergence

PROTOCOL = load("posterior")


@pytest.mark.slow
def test_the_smoke_preset_passes_all_its_checks(tmp_path: Path) -> None:
    metrics = dict(PROTOCOL.run(Run(PROTOCOL.configure("smoke"), tmp_path)))
    assert metrics["passed"] is True
    assert metrics["checks_passed"] == metrics["checks"] == 16
    assert {path.stem for path in (tmp_path / "figures").iterdir()} == {
        *("laws", "wrong_drifts", "sequential", "weak_convergence")
    }


def test_all_figures_of_a_full_run_are_drawn(tmp_path: Path) -> None:
    """4 chains of 4 s each have not mixed, so that checks fail; each is logged and the run goes on."""
    tiny = {"n_chains": 4, "n_draws": 40, "interval": "0.1 s", "burn_in": "1 s", "dt": "50 ms"}
    configuration = PROTOCOL.configure("quick", {"sampler": tiny, "regression": tiny, "b_steps": [5e-3]})
    metrics = PROTOCOL.run(Run(configuration, tmp_path))
    assert metrics["checks"] == 30
    assert metrics["passed"] is False
    assert metrics["largest_rhat"] > 1.01
    assert {path.stem for path in (tmp_path / "figures").iterdir()} == {
        *("laws", "temperatures", "wrong_drifts", "sequential", "weak_convergence")
    }


def test_time_steps_are_the_only_ticks_of_the_weak_convergence() -> None:
    time_steps = np.array([0.2, 0.1, 0.0125])
    figure = plot_convergence(
        time_steps, {"mean": time_steps / 2}, {"mean": (np.array([0.1]), np.array([0.01]))}, order=1.0
    )
    figure.draw_without_rendering()
    ax = figure.axes[0]
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["0.0125", "0.1", "0.2"]
    assert len(ax.get_xticks(minor=True)) == 0


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
