"""The protocol `memory_sampling`: what is learnt, what is held, its smoke preset and its settings."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from spikingsampling.errors import ParameterError
from spikingsampling.experiment.discovery import load
from spikingsampling.experiment.run import Run
from spikingsampling.models.dynamics.memory.learnt_ring import LearntRing
from spikingsampling.protocols.studies.dynamics.memory.sampling import hold, kernel, learn, settle, speed_of

PROTOCOL = load("memory_sampling")
RING = LearntRing(n=32, n_directions=32, laps=16)


def test_weights_by_distance() -> None:
    n = np.arange(5)
    assert kernel(np.asarray((n - n[:, None]) % 5, dtype=float)).tolist() == [0, 1, 2, 3, 4]


def test_speed_is_one_turn_of_the_strongest_synapse() -> None:
    b = speed_of(RING, 0.5)
    assert b * RING.stiffness.max() * 0.5 == pytest.approx(1)
    assert speed_of(RING, math.inf) == 0


def test_without_noise_a_moving_bump_teaches_the_maximum() -> None:
    """From the prior's mean, e^{−3}, to within 2 % of the largest weight."""
    courses, theta = learn(RING, 0.0, 300, np.random.default_rng(1))
    best = kernel(np.exp(RING.map_theta - 3))
    np.testing.assert_allclose(courses[0], math.exp(-3), rtol=1e-12)
    errors = np.abs(courses - best).max(axis=1) / best[0]
    assert errors[0] > 0.9
    assert errors[-1] < 0.02
    assert theta.shape == (32, 32)


def test_settled_synapses_have_the_law_of_the_posterior() -> None:
    """At low T, θ is normal around the maximum with variance T/κ, but for the step's b κ Δt/2 of at most 0.035."""
    theta = settle(RING, 0.01, np.random.default_rng(2))
    strong = RING.stiffness > 20
    z = (theta - RING.map_theta)[strong] / np.sqrt(0.01 / RING.stiffness[strong])
    n = int(strong.sum())
    assert abs(z.mean()) < 4 / math.sqrt(n) + 0.02
    assert z.var() == pytest.approx(1, abs=0.035 + 4 * math.sqrt(2 / n))
    assert (settle(RING, 0.0, np.random.default_rng(2)) == RING.map_theta).all()


def test_synapses_at_the_maximum_stay_there() -> None:
    """T = 0: whatever b, the bump moves by the noise of neurons alone. θ steps draw numbers, so noise is left out."""
    paths = [
        hold(RING, RING.map_theta, 0.0, b, 0.3, 5, 0.0, np.random.default_rng(7))[1] for b in (0.0, 0.01)
    ]
    np.testing.assert_allclose(paths[0], paths[1], rtol=0, atol=1e-9)
    off = RING.map_theta + 0.3 * np.random.default_rng(8).standard_normal((32, 32))
    resting, turning = (
        hold(RING, off, 0.0, b, 0.3, 5, 0.0, np.random.default_rng(7))[1] for b in (0.0, 0.01)
    )
    assert np.abs(resting - turning).max() > 1e-3


def test_turnover_moves_what_rests_otherwise() -> None:
    theta = settle(RING, 1.0, np.random.default_rng(3))
    times, rest = hold(RING, theta, 1.0, 0.0, 0.5, 6, 0.0, np.random.default_rng(4))
    _, again = hold(RING, theta, 1.0, 0.0, 0.5, 6, 0.0, np.random.default_rng(4))
    _, turning = hold(RING, theta, 1.0, speed_of(RING, 0.2), 0.5, 6, 0.0, np.random.default_rng(4))
    np.testing.assert_allclose(times, 0.1 * np.arange(6))
    assert (rest == again).all()
    assert np.abs(rest - turning)[-1].max() > 0.01


def test_deviations_of_weights_move_bumps_as_theory_says() -> None:
    """No noise of neurons, T = 0.01, 12 sets of synapses: mean squares with their standard error."""
    ring = LearntRing(n=128)
    rng = np.random.default_rng(11)
    for turnover in (math.inf, 0.2):
        b = speed_of(ring, turnover)
        found = []
        for _ in range(12):
            theta = ring.map_theta + np.sqrt(0.01 / ring.stiffness) * rng.standard_normal((128, 128))
            times, moved = hold(ring, theta, 0.01, b, 0.5, 24, 0.0, rng)
            found.append((moved[-1] ** 2).mean())
        expected = float(ring.displacement_variance(times[-1], 0.0, 0.01, b))
        error = np.std(found, ddof=1) / math.sqrt(12)
        assert np.mean(found) == pytest.approx(expected, abs=4 * error)
        assert error < 0.25 * expected


def test_the_smoke_preset_measures_and_draws_everything(tmp_path: Path) -> None:
    metrics = PROTOCOL.run(Run(PROTOCOL.configure("smoke"), tmp_path))
    rest, turning = (
        metrics[f"memory_sampling.diffusion.T_1.{name}"] for name in ("at_rest", "turnover_0.2s")
    )
    assert rest["n"] == turning["n"] == 3
    assert rest["theory"] > turning["theory"] > metrics["memory_sampling.diffusion.T_0.at_rest"]["theory"]
    difference = metrics["memory_sampling.minus_at_rest.T_1.turnover_0.2s"]["value"]
    assert difference == pytest.approx(turning["value"] - rest["value"])
    figures = {path.stem for path in tmp_path.rglob("*.png")}
    assert figures == {"learning", "displacement", "diffusion", "paths"}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"turnover": ["0.05 s"]}, "must be at least 0.1 s each"),
        ({"temperatures": [-1.0]}, "temperatures"),
        ({"networks": 1}, "networks"),
        ({"n": 8}, "n = 8"),
    ],
)
def test_wrong_settings_are_told(changes: dict[str, object], told: str) -> None:
    with pytest.raises(ParameterError, match=told):
        PROTOCOL.configure("smoke").replace(**changes)
