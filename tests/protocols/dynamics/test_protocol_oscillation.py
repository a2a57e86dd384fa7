"""The protocol `oscillation`: its smoke preset, its figures and its settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from spikingsampling.errors import ParameterError
from spikingsampling.experiment.discovery import load
from spikingsampling.experiment.run import Run

PROTOCOL = load("oscillation")


@pytest.mark.slow
def test_the_smoke_preset_measures_and_draws_everything(tmp_path: Path) -> None:
    metrics = PROTOCOL.run(Run(PROTOCOL.configure("smoke"), tmp_path))
    for name in ("oscillation.hopf_frequency", "oscillation.hopf_w_ee.w_ii_0.2", "delay_5_ms.hopf_strength"):
        assert metrics[name]["value"] == pytest.approx(metrics[name]["theory"], rel=1e-5)
    assert metrics["wilson_cowan.cycle"]["input"] == [1.8, 1.5, 1.25]
    figures = {path.stem for path in (tmp_path / "figures").iterdir()}
    assert figures == {"pair", "delays", "wilson_cowan", "phase_planes"}


@pytest.mark.parametrize("preset", PROTOCOL.presets)
def test_presets_are_valid(preset: str) -> None:
    configuration = PROTOCOL.configure(preset)
    assert min(configuration.distances) < 0 < max(configuration.distances)
    assert 0 not in configuration.distances


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        ({"delays": ["0 ms"]}, r"delays = .*: must be from 0.1 ms to 1 s"),
        ({"w_ei": 0}, r"w_ei = 0.0: must be more than 0"),
        ({"distances": [0.1]}, r"distances"),
        ({"inputs": [1.25, 9]}, r"inputs.1 = 9: must be at most 5"),
        ({"end_tolerance": 0.1}, r"end_tolerance = 0.1: must be at most 1e-06"),
    ],
)
def test_bad_settings_are_refused(layer, message) -> None:
    with pytest.raises(ParameterError, match=message):
        PROTOCOL.configure("quick", layer)
