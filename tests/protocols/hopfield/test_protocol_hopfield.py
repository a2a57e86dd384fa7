"""The protocol of the Hopfield network: smoke preset, repeatability, and its measurements."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.stats import t as student

from spikingsampling.experiment.execution import execute
from spikingsampling.experiment.run import Run
from spikingsampling.experiment.run_directory import create_directory
from spikingsampling.models.hopfield import theory as theory
from spikingsampling.protocols.hopfield.hopfield import PROTOCOL
from spikingsampling.protocols.studies.hopfield import experiments as experiments
from spikingsampling.protocols.studies.hopfield.measurements import capacity

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
        *("capacity", "bit_errors", "melting", "phases", "unlearning", "correlated", "sharing", "held"),
        *("palimpsest", "noise", "basins", "text", "completion"),
    }


def test_parts_are_repeatable_and_seeds_matter(tmp_path):
    configurations = [PROTOCOL.configure("smoke", {"seed": seed}) for seed in (0, 0, 1)]
    found = [capacity(Run(configuration, tmp_path, figures=False)) for configuration in configurations]
    assert found[0] == found[1] != found[2]


def test_bit_errors_and_melting_follow_the_theory():
    """Means of eight networks; one-step errors of 60 and 61 patterns per 400 neurons straddle the rounding of K."""
    rates = [experiments.bit_errors(400, 0.15, seed) for seed in SEED.spawn(8)]
    limit = student.ppf(1 - 5e-4, 7) * np.std(rates, ddof=1) / np.sqrt(8)
    assert theory.bit_error(59 / 400) - limit < np.mean(rates) < theory.bit_error(61 / 400) + limit
    for temperature, convention in ((0.6, "glauber"), (0.3, "logistic")):
        means = [experiments.melting(300, temperature, convention, seed, 20) for seed in SEED.spawn(8)]
        limit = student.ppf(1 - 5e-4, 7) * np.std(means, ddof=1) / np.sqrt(8)
        assert (
            abs(np.mean(means) - theory.overlap(2 / 300, 0.6)) < limit + 2 / 300
        )  # corrections of order 1/N


def test_unlearning_first_helps_and_then_destroys():
    before, best, after = experiments.unlearning(60, 0.3, 0.01, [0, 840, 4000], SEED)
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
