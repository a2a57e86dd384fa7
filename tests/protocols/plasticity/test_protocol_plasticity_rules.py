"""The protocol of the rules of plasticity: its smoke preset, its figures, its streams and its settings."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from spikingsampling.errors import ParameterError
from spikingsampling.experiment.execution import execute
from spikingsampling.experiment.run_directory import create_directory
from spikingsampling.protocols.plasticity.plasticity_rules import PROTOCOL, run
from spikingsampling.protocols.studies.plasticity.components import START

FIGURES = {
    *("window", "pairing_frequency", "pulse_frequency"),
    *("pulse_frequency_bcm", "principal_components", "bcm_selectivity"),
}


def few(seed: int = 0, spiking: int = 2, rate: int = 2) -> dict[str, Any]:
    """The metrics of a run with few of everything; a figure without names of axes fails."""
    small = {"repetitions": rate, "passes": 2, "n_points": 50, "presentations": 100}
    rates = {"pulse_rates": ["1 Hz", "50 Hz"], "n_pulses": 10}
    pairs = {"repetitions": spiking, "pairing_rates": ["1 Hz", "2 Hz"]}
    layer = {"seed": seed, "spiking": pairs | rates, "rate": small | rates}
    configuration = PROTOCOL.configure("smoke", layer)

    def stream(name: str) -> Any:
        return np.random.SeedSequence([configuration.seed, *name.encode()])

    def save(name: str, figure: Any, caption: str) -> None:
        assert name in FIGURES
        assert caption
        assert all(ax.get_xlabel() for ax in figure.axes)

    return run(SimpleNamespace(configuration=configuration, stream=stream, save_figure=save))


def test_the_smoke_preset_writes_metrics_and_figures(tmp_path: Path) -> None:
    configuration = PROTOCOL.configure("smoke")
    with create_directory(PROTOCOL, "smoke", configuration, tmp_path / "run"):
        execute(PROTOCOL, configuration, tmp_path / "run")
    assert {path.stem for path in (tmp_path / "run" / "figures").glob("*.png")} == FIGURES
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert metrics["window.tau_plus_ms"] == pytest.approx(16.8, rel=1e-9)
    assert metrics["window.tau_minus_ms"] == pytest.approx(33.7, rel=1e-9)
    # Pfister & Gerstner's rule after 60 pairs, the postsynaptic spike 10 ms later and earlier.
    assert metrics["pairing.visual_all.plus_10hz"] == pytest.approx(0.13, abs=0.005)
    assert metrics["pairing.visual_all.minus_10hz"] == pytest.approx(-0.33, abs=0.005)
    assert metrics["pulses.bcm.threshold_hz"] == pytest.approx(10, abs=1e-3)
    assert metrics["oja.angle_variance_expected"] == pytest.approx(0.1 * 0.0547 * 0.01 / (2 * 0.0447))
    assert metrics["hebb.growth_expected"] == pytest.approx((1 + 0.1 * 0.0547) ** 1000)
    assert "pulses.pair.threshold_hz" not in metrics
    for name in ("oja.length", "bcm.selectivity", "bcm.fixed.runs_away"):
        low, high = metrics[name]["interval"]
        assert low <= metrics[name]["value"] <= high
        assert metrics[name]["n"] == 2
    assert metrics["bcm.fixed.runs_away"]["bounds"] == [0, 1]
    assert START.tolist() == [0.1, 0.4]


def test_the_two_halves_have_streams_of_their_own() -> None:
    """Settings of the one leave the other's random numbers alone; the seed decides both."""
    first = few()
    for other, same, changed in (
        (few(spiking=3), "oja.angle_variance", "pulses.pair.change_50hz"),
        (few(rate=3), "pulses.pair.change_50hz", "oja.angle_variance"),
    ):
        assert other[same] == first[same]
        assert other[changed] != first[changed]
    other = few(seed=1)
    assert other["oja.angle_variance"] != first["oja.angle_variance"]
    assert other["oja.lecture.length_last_pass"] == first["oja.lecture.length_last_pass"]
    spiking = [name for name in first if name.startswith(("window", "pairing"))]
    assert all(other[name] == first[name] for name in spiking)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"rate": {"n_points": 1}}, "RateExperiments.n_points = 1: must be at least 10"),
        ({"rate": {"thresholds": ["10 ms"]}}, "thresholds"),
        ({"rate": {"learning_rate": 0}}, "RateExperiments.learning_rate = 0.0: must be more than 0"),
        ({"rate": {"tau_theta": 0.5}}, "RateExperiments.tau_theta = 0.5: must be at least 1"),
        ({"rate": {"repetitions": 1}}, "RateExperiments.repetitions = 1: must be at least 2"),
        ({"spiking": {"n_pairs": 1}}, "SpikingExperiments.n_pairs = 1: must be at least 2"),
        ({"spiking": {"lag": "50 ms"}}, "SpikingExperiments.lag = .*must be at most 10 ms"),
        ({"spiking": {"pulse_rates": ["1 s", "2 Hz"]}}, "pulse_rates"),
        ({"spiking": {"repetitions": 1}}, "SpikingExperiments.repetitions = 1: must be at least 2"),
    ],
)
def test_wrong_settings(setting: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        PROTOCOL.configure("quick", setting)
