"""The protocol `working_memory`: its measures, its smoke preset and its settings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from spikingsampling.errors import ParameterError
from spikingsampling.experiment.discovery import load
from spikingsampling.experiment.run import Run
from spikingsampling.models.dynamics.ring_attractor import RingAttractor
from spikingsampling.protocols.studies.dynamics.working_memory import (
    diffusion,
    displacements,
    held_direction,
    pull,
    settled_bump,
    size_exponent,
)

PROTOCOL = load("working_memory")
RING = RingAttractor(n=64)


def test_diffusion_is_the_squared_displacement_over_time() -> None:
    moved = np.array([[0.0, 0.0], [0.5, -1.0], [1.0, -3.0]])
    np.testing.assert_allclose(diffusion(np.array([0.0, 1.0, 2.0]), moved), [0.5, 4.5])


def test_the_exponent_of_a_power_law() -> None:
    """One repetition falls as 1/N, the other as 1/N²."""
    sizes = np.array([64, 128, 512])
    found = size_exponent(sizes, np.stack([3.0 / sizes, 5.0 / sizes**2], axis=1))
    np.testing.assert_allclose(found, [-1, -2])


def test_displacements_go_round_the_ring() -> None:
    """Strong noise: directions pass ±π, and displacements do not jump there."""
    times, moved = displacements(RING, 0.2, 0.5, 1e-3, 130, np.random.default_rng(1), every=1e-3)
    assert moved.shape == (501, 130)
    np.testing.assert_allclose(times[[0, -1]], [0, 0.5])
    assert np.all(moved[0] == 0)
    assert np.abs(moved).max() > np.pi
    assert np.abs(np.diff(moved, axis=0)).max() < np.pi


def test_a_bump_settles_anywhere() -> None:
    first, second = (settled_bump(RING, 1e-3, np.random.default_rng(seed)) for seed in (1, 2))
    assert abs(RING.decode(first) - RING.decode(second)) > 0.1
    assert RING.shape(first) == pytest.approx(RING.shape(second), rel=1e-2)


def test_a_distractor_pulls_by_what_theory_leaves() -> None:
    """To first order in its strength, 1e-3, relative to the input, which is 2."""
    ring = RingAttractor(n=256, h0=2.0)
    found = pull(ring, 1.0, 1e-3, 0.25, 1e-3)
    assert 1 - found == pytest.approx(float(ring.pulled(1.0, 2e-3, 0.25)), abs=1e-3)


def test_a_trial_follows_cue_and_distractor() -> None:
    """Without noise the bump stays where the cue has put it, and is drawn towards the distractor."""
    held = held_direction(RING, 0.0, 1e-3, 0.5, (0.5, 5e-3), 0.25, np.random.default_rng(1))
    assert (held.cue[1:], held.distractor[1:]) == (pytest.approx((0.1, 0.35)), pytest.approx((0.85, 1.1)))
    assert held.times[-1] == pytest.approx(1.6)
    assert held.rates.shape == (160, 64)
    assert held.directions[held.times > 0.351][0] == pytest.approx(np.pi / 2, abs=0.02)
    before, after = held.directions[held.times < 0.849][-1], held.directions[-1]
    assert before == pytest.approx(np.pi / 2, abs=np.pi / 64)  # half of the distance of two neurons
    assert after - before == pytest.approx(np.pi / 2 - RING.pulled(np.pi / 2, 5e-3, 0.25), abs=np.pi / 64)


def test_the_smoke_preset_measures_and_draws_everything(tmp_path: Path) -> None:
    metrics = PROTOCOL.run(Run(PROTOCOL.configure("smoke"), tmp_path))
    width = metrics["working_memory.half_width_degrees"]
    assert width["value"] == pytest.approx(width["theory"], rel=1e-4)
    found = metrics["working_memory.diffusion"]
    assert found == metrics["working_memory.diffusion.n_128"]
    assert found["n"] == 100
    assert found["theory"] == pytest.approx(0.01119, abs=1e-5)
    pulls = metrics["working_memory.pull_degrees.strength_0.001"]
    np.testing.assert_allclose(pulls["pull"], pulls["theory"], rtol=0.05)
    figures = {path.stem for path in (tmp_path / "figures").iterdir()}
    assert figures == {"bumps", "diffusion", "distractors", "trial"}


@pytest.mark.parametrize("preset", PROTOCOL.presets)
def test_presets_are_valid(preset: str) -> None:
    configuration = PROTOCOL.configure(preset)
    assert configuration.n in configuration.sizes


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        ({"j1": 2}, r"j1 = 2.0: must be more than 2"),
        ({"distances": [180]}, r"distances.0 = 180: must be less than 180"),
        ({"sizes": [64]}, r"sizes"),
        ({"sigma": 0}, r"sigma = 0.0: must be more than 0"),
    ],
)
def test_bad_settings_are_refused(layer, message) -> None:
    with pytest.raises(ParameterError, match=message):
        PROTOCOL.configure("quick", layer)
