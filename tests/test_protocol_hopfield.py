"""The protocol of the Hopfield network: smoke preset, repeatability, and its measurements."""

from __future__ import annotations

import json

import numpy as np
import pytest
from spikingsampling.models import hopfield_experiments as experiments
from spikingsampling.protocols.hopfield import PROTOCOL, capacity

from spikingsampling.run import Run, execute
from spikingsampling.run_directory import create_directory

SEED = np.random.SeedSequence(1)


def test_smoke_preset(tmp_path):
    configuration = PROTOCOL.configure("smoke", {})
    folder = create_directory(PROTOCOL, "smoke", configuration, tmp_path / "run")
    execute(PROTOCOL, configuration, folder)
    metrics = json.loads((folder / "metrics.json").read_text())
    assert metrics["theory.alpha_c"] == pytest.approx(0.1379, abs=5e-5)
    assert metrics["capacity.n_60.alpha_0.05"]["n"] == 2
    assert metrics["text.projection.lecture"] == 1.0
    names = {path.stem for path in (folder / "figures").glob("*.png")}
    assert names == {
        *("capacity", "phases", "unlearning", "correlated", "sharing"),
        *("palimpsest", "noise", "basins", "text", "completion"),
    }


def test_parts_are_repeatable_and_seeds_matter(tmp_path):
    configurations = [PROTOCOL.configure("smoke", {"seed": seed}) for seed in (0, 0, 1)]
    found = [capacity(Run(configuration, tmp_path, figures=False)) for configuration in configurations]
    assert found[0] == found[1] != found[2]


def test_unlearning_first_helps_and_then_destroys():
    before, best, after = experiments.unlearning(60, 0.3, 0.01, [0, 840, 6000], SEED)
    assert best > 0.95 > 0.8 > before
    assert after < before


def test_noise_in_recall_escapes_spurious_minima():
    """Lecture 4: with noise that fades, random states end in a pattern more often than without."""
    without, with_noise = (experiments.escape(200, 4, t, SEED) for t in (0.0, 0.6))
    # Two fractions of 200 states: three standard errors of a difference are 0.15 at most.
    assert with_noise > without + 0.15


def test_basins_shrink_with_the_load():
    empty, full = (experiments.basin(300, alpha, [0.0, 0.3, 0.5], SEED) for alpha in (0.02, 0.13))
    assert empty[0] == 1.0
    assert empty[1] > full[1]
    assert empty[2] < 0.5  # nothing is left of the pattern


def test_hebb_loses_patterns_that_share_neurons_and_projection_keeps_them():
    assert experiments.held_sharing("projection", 200, 10, 0.5, SEED) == 1.0
    assert experiments.held_sharing("hebb", 200, 10, 0.5, SEED) < 0.9
    assert experiments.held_sharing("hebb", 200, 10, 0.0, SEED) > 0.95
