"""The experiments with rate-based rules (:mod:`spikingsampling.models.hebbian`): metrics and figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from spikingsampling.analysis.estimates import UNBOUNDED, estimate_mean
from spikingsampling.plotting.saving import SaveFigure
from spikingsampling.protocols.studies.plasticity.components import (
    EIGENVALUES,
    PRINCIPAL,
    START,
    angle_variance,
    fresh_points,
    hebb_path,
    learn_lecture,
    oja_path,
)
from spikingsampling.protocols.studies.plasticity.frequency import frequency_curves, no_change_rate
from spikingsampling.protocols.studies.plasticity.rate_figures import (
    cloud_figure,
    frequency_figure,
    selectivity_figure,
)
from spikingsampling.protocols.studies.plasticity.selectivity import learn_selectivity
from spikingsampling.protocols.studies.plasticity.settings import RateExperiments

__all__ = ["run_rate"]

#: Bounds of measures that have some.
_BOUNDS = {
    "oja.cosine": (0.0, 1.0),
    "sanger.cosine_1": (0.0, 1.0),
    "sanger.cosine_2": (0.0, 1.0),
    "bcm.selectivity": (0.0, 1.0),
    "bcm.fixed.runs_away": (0.0, 1.0),
}


def run_rate(settings: RateExperiments, rng: np.random.Generator, save: SaveFigure) -> dict[str, Any]:
    """All experiments with rate-based rules: measures, and figures through ``save``."""
    return (
        _run_frequency(settings, save)
        | _run_components(settings, rng, save)
        | _run_selectivity(settings, rng, save)
    )


def _estimates(measures: Mapping[str, Sequence[float]]) -> dict[str, Any]:
    return {name: estimate_mean(values, _BOUNDS.get(name, UNBOUNDED)) for name, values in measures.items()}


def _run_frequency(s: RateExperiments, save: SaveFigure) -> dict[str, Any]:
    curves = frequency_curves(s)
    save(
        "pulse_frequency_bcm",
        frequency_figure(curves, s.n_pulses),
        "The same curve by BCM, beside that of the triplet rules; each in units of its deepest depression.",
    )
    threshold = no_change_rate(s.thresholds[0], s.n_pulses, s.pulse_learning_rate)
    return curves.metrics(s.pulse_rates) | {"pulses.bcm.threshold_hz": threshold}


def _run_components(s: RateExperiments, rng: np.random.Generator, save: SaveFigure) -> dict[str, Any]:
    lecture, steps = learn_lecture(s), np.arange(s.n_points + 1, dtype=float)
    lengths = {
        name: np.linalg.norm(path(PRINCIPAL @ START, EIGENVALUES, s.learning_rate, steps), axis=1)
        for name, path in (("oja", oja_path), ("hebb", hebb_path))
    }
    save(
        "principal_components",
        cloud_figure(lecture, lengths),
        "The lecture's points with the weights that Oja's and Sanger's rules learn from them, and their length under "
        "Hebb's rule, which has no fixed point.",
    )
    growth = hebb_path(np.ones(2), EIGENVALUES, s.learning_rate, np.array([float(s.n_points)]))
    expected = {
        "oja.angle_variance_expected": angle_variance(s.learning_rate),
        "hebb.growth_expected": float(growth[0, 0]),
    }
    return lecture.metrics() | _estimates(fresh_points(s, rng)) | expected


def _run_selectivity(s: RateExperiments, rng: np.random.Generator, save: SaveFigure) -> dict[str, Any]:
    measures, sliding, fixed = learn_selectivity(s, rng)
    save(
        "bcm_selectivity",
        selectivity_figure(sliding, fixed),
        "Responses of a neuron that learns by BCM to each pattern over time: with a sliding threshold it keeps one "
        "pattern, with a fixed one it runs away.",
    )
    return _estimates(measures)
