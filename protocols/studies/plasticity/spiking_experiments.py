"""The experiments with spiking rules: the pair rule and the four triplet rules of Pfister & Gerstner 2006."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikingsampling.network.plasticity import PUBLISHED, PairSTDP
from spikingsampling.plotting.saving import SaveFigure
from spikingsampling.protocols.studies.plasticity.settings import SpikingExperiments
from spikingsampling.protocols.studies.plasticity.spiking import (
    SJOSTROM,
    Pulses,
    fitted_time_constant,
    pairing_curve,
    pulse_curve,
    rms_error,
    threshold_rate,
    window,
)
from spikingsampling.protocols.studies.plasticity.spiking_figures import (
    pairing_figure,
    pulse_figure,
    window_figure,
)

__all__ = ["pairing_metrics", "pulse_metrics", "run_spiking", "window_metrics"]

Array = NDArray[np.float64]


def window_metrics(lags: Array, change: Array) -> dict[str, float]:
    """Time constants of the window of a rule, and its change at the shortest lags, from lags (s) of both signs."""
    metrics = {}
    for sign, part in (("plus", lags > 0), ("minus", lags < 0)):
        shortest = np.argmin(np.abs(lags[part]))
        metrics[f"window.tau_{sign}_ms"] = 1e3 * fitted_time_constant(lags[part], change[part])
        metrics[f"window.change_at_{sign}_1ms"] = float(change[part][shortest])
    return metrics


def pairing_metrics(name: str, rates: Sequence[float], after: Array, before: Array) -> dict[str, float]:
    """Changes at the rates of the data, and how far they are from it."""
    metrics = {
        f"pairing.{name}.{sign}_{rate:g}hz": float(curve[list(rates).index(rate)])
        for sign, curve in (("plus", after), ("minus", before))
        for rate in SJOSTROM
    }
    return metrics | {f"pairing.{name}.rms_error": rms_error(rates, after, before)}


def pulse_metrics(
    name: str, rates: Sequence[float], pulses: Pulses, threshold: float | None
) -> dict[str, float]:
    """Mean change and its standard error at each rate; the threshold where there is one."""
    metrics = {}
    for rate, value, error in zip(rates, pulses.mean, pulses.error, strict=True):
        metrics[f"pulses.{name}.change_{rate:g}hz"] = float(value)
        metrics[f"pulses.{name}.standard_error_{rate:g}hz"] = float(error)
    if threshold is not None:  # JSON knows no "none" for a number
        metrics[f"pulses.{name}.threshold_hz"] = threshold
    return metrics


def run_spiking(settings: SpikingExperiments, rng: np.random.Generator, save: SaveFigure) -> dict[str, Any]:
    """All experiments with all rules: measures, and figures through ``save``."""
    rules = {"pair": PairSTDP(), **PUBLISHED}
    return (
        _run_window(settings, rules, save)
        | _run_pairing(settings, rules, save)
        | _run_pulses(settings, rules, rng, save)
    )


def _run_window(s: SpikingExperiments, rules: Mapping[str, PairSTDP], save: SaveFigure) -> dict[str, Any]:
    lags = np.concatenate([-np.geomspace(0.1, 1e-3, 40), np.geomspace(1e-3, 0.1, 40)])
    windows = {name: window(rule, lags, s.n_pairs, s.window_rate) for name, rule in rules.items()}
    metrics = window_metrics(lags, windows["pair"])
    save(
        "window",
        window_figure(lags, windows, (metrics["window.tau_plus_ms"], metrics["window.tau_minus_ms"]), s),
        "Change of a weight by pairs of spikes, over the time from the presynaptic to the postsynaptic one.",
    )
    return metrics


def _run_pairing(s: SpikingExperiments, rules: Mapping[str, PairSTDP], save: SaveFigure) -> dict[str, Any]:
    rates = sorted({*s.pairing_rates, *SJOSTROM})
    curves = {
        name: tuple(pairing_curve(rule, rates, lag, s.n_pairs) for lag in (s.lag, -s.lag))
        for name, rule in rules.items()
    }
    metrics: dict[str, Any] = {}
    for name, (after, before) in curves.items():
        metrics |= pairing_metrics(name, rates, after, before)
    save(
        "pairing_frequency",
        pairing_figure(rates, curves, s),
        "Change of a weight by pairs of spikes 10 ms apart, over the rate at which pairs come. Points: Sjöström et al. "
        "2001, as used by Pfister & Gerstner 2006.",
    )
    return metrics


def _run_pulses(
    s: SpikingExperiments, rules: Mapping[str, PairSTDP], rng: np.random.Generator, save: SaveFigure
) -> dict[str, Any]:
    pulses = {
        name: pulse_curve(rule, s.pulse_rates, s.n_pulses, s.post_ratio, s.repetitions, rng)
        for name, rule in rules.items()
    }
    metrics: dict[str, Any] = {}
    for name, rule in rules.items():
        metrics |= pulse_metrics(name, s.pulse_rates, pulses[name], threshold_rate(rule, s.post_ratio))
    save(
        "pulse_frequency",
        pulse_figure(s, pulses),
        "Change of a weight by presynaptic pulses at several rates, mean and standard error, in the manner of Dudek & "
        "Bear 1992.",
    )
    return metrics
