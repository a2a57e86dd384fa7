"""The experiments on rules of plasticity: what comes out, and against theory."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from helpers.small_networks import chance
from spikingsampling.errors import ParameterError
from spikingsampling.experiment.execution import execute
from spikingsampling.experiment.run_directory import create_directory
from spikingsampling.network.plasticity import PUBLISHED, PairSTDP, TripletSTDP, poisson_drift
from spikingsampling.protocols.plasticity.plasticity_rules import PROTOCOL
from spikingsampling.protocols.studies.plasticity.spiking import (
    SJOSTROM,
    SpikingExperiments,
    pulse_curve,
    run_spiking,
    threshold_rate,
)


@pytest.fixture(scope="module")
def metrics(tmp_path_factory: pytest.TempPathFactory) -> dict[str, float]:
    configuration = PROTOCOL.configure("smoke")
    directory = tmp_path_factory.mktemp("rules") / "run"
    create_directory(PROTOCOL, "smoke", configuration, directory)
    execute(PROTOCOL, configuration, directory)
    figures = {path.stem for path in Path(directory, "figures").glob("*.png")}
    assert {"window", "pairing_frequency", "pulse_frequency"} <= figures
    return json.loads((directory / "metrics.json").read_text())


def test_the_window_has_the_time_constants_of_the_rule(metrics: dict[str, float]) -> None:
    assert metrics["window.tau_plus_ms"] == pytest.approx(16.8, rel=1e-9)
    assert metrics["window.tau_minus_ms"] == pytest.approx(33.7, rel=1e-9)
    assert metrics["window.change_at_minus_1ms"] < 0 < metrics["window.change_at_plus_1ms"]


def test_pairs_at_several_rates(metrics: dict[str, float]) -> None:
    """The numbers of the triplet rule, and that it is nearer to the data than the pair rule."""
    found = [
        metrics[f"pairing.visual_all.{sign}_{rate:g}hz"] for sign in ("plus", "minus") for rate in SJOSTROM
    ]
    np.testing.assert_allclose(found, [0.13, 0.25, 0.53, 0.74, -0.33, -0.35, 0.15, 0.73], rtol=0, atol=0.005)
    data = [SJOSTROM[rate][k] for k in (0, 1) for rate in SJOSTROM]
    error = np.sqrt(np.mean((np.array(found) - data) ** 2))
    assert metrics["pairing.visual_all.rms_error"] == pytest.approx(error)
    assert error < metrics["pairing.pair.rms_error"]


def test_pulses_agree_with_the_expectation_of_poisson_trains() -> None:
    rates, rng = (3.0, 20.0), np.random.default_rng(2)
    for rule in (PairSTDP(), PUBLISHED["visual_nearest"]):
        found = pulse_curve(rule, rates, 400, 2.0, 20, rng)
        expected = [400 / rate * poisson_drift(rule, rate, 2 * rate) for rate in rates]
        np.testing.assert_allclose(found.expected, expected)
        # Trains begin without traces: what one time constant of the slowest, 0.714 s, would add is missing.
        start = np.abs(found.expected) * 2 * 0.714 * np.array(rates) / 400
        assert np.all(np.abs(found.mean - found.expected) < chance(4) * found.error + start)


def test_low_rates_depress_and_high_ones_potentiate(metrics: dict[str, float]) -> None:
    """900 ρ (A3+ τ+ τy − A3− τ− τx) ρ = 900 ρ (A2− τ− − A2+ τ+) at the threshold of equal rates."""
    r = PUBLISHED["visual_all"]
    slope = r.a3_plus * r.tau_plus * r.tau_y - r.a3_minus * r.tau_minus * r.tau_x
    threshold = (r.a2_minus * r.tau_minus - r.a2_plus * r.tau_plus) / slope
    assert metrics["pulses.visual_all.threshold_hz"] == pytest.approx(threshold)
    assert 10 < metrics["pulses.visual_nearest.threshold_hz"] < threshold < 20
    for name in ("visual_all", "visual_nearest"):
        assert metrics[f"pulses.{name}.change_3hz"] < 0 < metrics[f"pulses.{name}.change_50hz"]
    assert threshold_rate(TripletSTDP(a3_plus=0), 1.0) is None
    assert "pulses.pair.threshold_hz" not in metrics


def test_the_seed_decides_the_trains_only() -> None:
    settings = SpikingExperiments(n_pulses=20, repetitions=2)
    one, same, other = (
        run_spiking(settings, np.random.default_rng(seed), lambda *_: None) for seed in (1, 1, 2)
    )
    assert one == same
    changed = {name for name in one if one[name] != other[name]}
    assert changed
    assert all(name.startswith("pulses.") for name in changed)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"n_pairs": 1}, "SpikingExperiments.n_pairs = 1: must be at least 2"),
        ({"lag": "50 ms"}, "SpikingExperiments.lag = .*must be at most 10 ms"),
        ({"pulse_rates": ["1 s", "2 Hz"]}, "pulse_rates"),
        ({"repetitions": 1}, "SpikingExperiments.repetitions = 1: must be at least 2"),
    ],
)
def test_wrong_settings(setting: dict, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        PROTOCOL.configure("quick", {"spiking": setting})
