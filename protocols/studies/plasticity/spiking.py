"""The experiments on spike-timing-dependent plasticity: the window, pairs at several rates, long trains of pulses.

Weights begin at 1 and are not bounded; all changes are exact, spike by spike
(:mod:`spikingsampling.network.plasticity`). Sources:
**P** Pfister & Gerstner 2006; **S** Sjöström, Turrigiano & Nelson 2001,
whose data P gives; **D** Dudek & Bear 1992.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from pydantic import Field
from scipy.optimize import brentq

from spikingsampling.network.plasticity import PUBLISHED, PairSTDP, poisson_drift, weight_change
from spikingsampling.parameters import Parameters, quantity
from spikingsampling.plotting.saving import SaveFigure
from spikingsampling.plotting.style import class_colour, tidy
from spikingsampling.units import Frequency, Number, Time

__all__ = [
    "SJOSTROM",
    "Pulses",
    "SpikingExperiments",
    "fitted_time_constant",
    "pairing_curve",
    "pulse_curve",
    "run_spiking",
    "threshold_rate",
    "window",
]

Array = NDArray[np.float64]
#: Data of S (P): rate (Hz) → relative change after 60 pairs at +10 ms and at −10 ms.
SJOSTROM: dict[float, tuple[float, float]] = {
    10.0: (0.14, -0.41),
    20.0: (0.29, -0.34),
    40.0: (0.53, 0.56),
    50.0: (0.56, 0.75),
}
NAMES = {
    "pair": "pair rule",
    "visual_all": "triplets, visual cortex, all",
    "visual_nearest": "triplets, visual cortex, nearest",
    "hippocampal_all": "triplets, hippocampal, all",
    "hippocampal_nearest": "triplets, hippocampal, nearest",
}


class SpikingExperiments(Parameters):
    """Protocols of stimulation."""

    n_pairs: int = Field(60, ge=2, le=10_000, description="pairs of spikes (Bi & Poo; S)")
    window_rate: Frequency = quantity(
        "1 Hz", "rate of the pairs of the window", low="0.01 Hz", high="2 Hz", dimension="frequency"
    )
    pairing_rates: tuple[Frequency, ...] = Field(
        ("0.1 Hz", "5 Hz", "10 Hz", "15 Hz", "20 Hz", "25 Hz", "30 Hz", "35 Hz", "40 Hz", "45 Hz", "50 Hz"),
        min_length=2,
        validate_default=True,
        description="rates of pairs 10 ms apart; those of the data are always among them",
    )
    lag: Time = quantity(
        "10 ms", "time between the spikes of a pair", low="1 ms", high="10 ms", dimension="time"
    )
    n_pulses: int = Field(900, ge=10, le=100_000, description="presynaptic spikes of a train (D)")
    pulse_rates: tuple[Frequency, ...] = Field(
        ("1 Hz", "3 Hz", "5 Hz", "7 Hz", "10 Hz", "15 Hz", "20 Hz", "30 Hz", "50 Hz", "100 Hz"),
        min_length=2,
        validate_default=True,
        description="rates of presynaptic trains (D)",
    )
    post_ratio: Number = quantity(1.0, "postsynaptic over presynaptic rate in a train", above=0, high=100)
    repetitions: int = Field(40, ge=2, le=10_000, description="pairs of Poisson trains of each rate")


def window(rule: PairSTDP, lags: Array, n_pairs: int, rate: float) -> Array:
    """Change by ``n_pairs`` pairs at ``rate`` (Hz) for each lag t_post − t_pre (s)."""
    pre = 1.0 + np.arange(n_pairs) / rate
    return np.array([weight_change(rule, pre, pre + lag) for lag in lags])


def fitted_time_constant(lags: Array, change: Array) -> float:
    """Decay time (s) of |change| over |lag|, by a line through its logarithm."""
    slope, _ = np.polyfit(np.abs(lags), np.log(np.abs(change)), 1)
    return float(-1 / slope)


def pairing_curve(rule: PairSTDP, rates: Sequence[float], lag: float, n_pairs: int) -> Array:
    """Change by ``n_pairs`` pairs at each rate (Hz), with the postsynaptic spike ``lag`` (s) later."""
    return np.array([window(rule, np.array([lag]), n_pairs, rate)[0] for rate in rates])


@dataclass(frozen=True)
class Pulses:
    """Change by trains of pulses: mean, its standard error and its expectation at each rate."""

    mean: Array
    error: Array
    expected: Array


def pulse_curve(
    rule: PairSTDP,
    rates: Sequence[float],
    n_pulses: int,
    post_ratio: float,
    repetitions: int,
    rng: np.random.Generator,
) -> Pulses:
    """Change by independent Poisson trains with ``n_pulses`` presynaptic spikes on average.

    The time is ``n_pulses`` over the presynaptic rate (Hz); the postsynaptic rate is ``post_ratio`` times that.
    """
    changes = []
    for rate in rates:
        duration = n_pulses / rate

        def train(rate: float, duration: float = duration) -> Array:
            return np.sort(rng.uniform(0, duration, rng.poisson(rate * duration)))

        changes.append(
            [weight_change(rule, train(rate), train(post_ratio * rate)) for _ in range(repetitions)]
        )
    found = np.array(changes)
    expected = [n_pulses / rate * poisson_drift(rule, rate, post_ratio * rate) for rate in rates]
    return Pulses(found.mean(1), found.std(1, ddof=1) / np.sqrt(repetitions), np.array(expected))


def threshold_rate(rule: PairSTDP, post_ratio: float, low: float = 0.1, high: float = 200.0) -> float | None:
    """Presynaptic rate (Hz) at which the expected change by Poisson trains turns from depression to potentiation."""

    def drift(rate: float) -> float:
        return poisson_drift(rule, rate, post_ratio * rate)

    return float(brentq(drift, low, high)) if drift(low) < 0 < drift(high) else None


def run_spiking(settings: SpikingExperiments, rng: np.random.Generator, save: SaveFigure) -> dict[str, Any]:
    """All experiments with the pair rule and the four triplet rules: measures, and figures through ``save``."""
    s, rules = settings, {"pair": PairSTDP(), **PUBLISHED}
    lags = np.concatenate([-np.geomspace(0.1, 1e-3, 40), np.geomspace(1e-3, 0.1, 40)])
    windows = {name: window(rule, lags, s.n_pairs, s.window_rate) for name, rule in rules.items()}
    metrics: dict[str, Any] = {}
    for sign, part in (("plus", lags > 0), ("minus", lags < 0)):
        tau = fitted_time_constant(lags[part], windows["pair"][part])
        metrics[f"window.tau_{sign}_ms"] = 1e3 * tau
        nearest = np.argmin(np.abs(lags[part]))
        metrics[f"window.change_at_{sign}_1ms"] = float(windows["pair"][part][nearest])
    taus = (metrics["window.tau_plus_ms"], metrics["window.tau_minus_ms"])
    save(
        "window",
        _window_figure(lags, windows, taus, s),
        "Change of a weight by pairs of spikes, over the time from the presynaptic to the postsynaptic one.",
    )

    rates = sorted({*s.pairing_rates, *SJOSTROM})
    curves = {
        name: tuple(pairing_curve(rule, rates, lag, s.n_pairs) for lag in (s.lag, -s.lag))
        for name, rule in rules.items()
    }
    for name, both in curves.items():
        for sign, curve in zip(("plus", "minus"), both, strict=True):
            for rate in SJOSTROM:
                metrics[f"pairing.{name}.{sign}_{rate:g}hz"] = float(curve[rates.index(rate)])
        residuals = [both[k][rates.index(rate)] - data[k] for rate, data in SJOSTROM.items() for k in (0, 1)]
        metrics[f"pairing.{name}.rms_error"] = float(np.sqrt(np.mean(np.square(residuals))))
    save(
        "pairing_frequency",
        _pairing_figure(rates, curves, s),
        "Change of a weight by pairs of spikes 10 ms apart, over the rate at which pairs come. Points: Sjöström et al. "
        "2001, as used by Pfister & Gerstner 2006.",
    )

    pulses = {
        name: pulse_curve(rule, s.pulse_rates, s.n_pulses, s.post_ratio, s.repetitions, rng)
        for name, rule in rules.items()
    }
    for name, found in pulses.items():
        for rate, value, error in zip(s.pulse_rates, found.mean, found.error, strict=True):
            metrics[f"pulses.{name}.change_{rate:g}hz"] = float(value)
            metrics[f"pulses.{name}.standard_error_{rate:g}hz"] = float(error)
        threshold = threshold_rate(rules[name], s.post_ratio)
        if threshold is not None:  # JSON knows no "none" for a number
            metrics[f"pulses.{name}.threshold_hz"] = threshold
    save(
        "pulse_frequency",
        _pulse_figure(s, pulses),
        "Change of a weight by presynaptic pulses at several rates, mean and standard error, in the manner of Dudek & "
        "Bear 1992.",
    )
    return metrics


def _window_figure(
    lags: Array, windows: Mapping[str, Array], taus: tuple[float, float], settings: SpikingExperiments
) -> Figure:
    figure = Figure(figsize=(6.4, 4), layout="constrained")
    ax = figure.subplots()
    ax.axhline(0, color="#888888", lw=0.8)
    ax.axvline(0, color="#888888", lw=0.8)
    for number, (name, change) in enumerate(windows.items()):
        for part in (lags < 0, lags > 0):
            label = NAMES[name] if part[0] else None
            ax.plot(1e3 * lags[part], change[part], color=class_colour(number), lw=1.6, label=label)
    pair = windows["pair"]
    for tau, lag, sign in ((taus[0], 15e-3, "+"), (taus[1], -25e-3, "−")):
        text = f"τ{sign} = {tau:.1f} ms"
        where = np.argmin(np.abs(lags - lag))
        place = (1e3 * lag + 8, 0.45) if sign == "+" else (1e3 * lag - 22, 0.12)
        arrow = {"arrowstyle": "-", "color": class_colour(0), "lw": 0.8}
        ax.annotate(text, (1e3 * lags[where], pair[where]), place, color=class_colour(0), arrowprops=arrow)
    ax.set_title("Bi & Poo 1998: the order of the spikes decides the sign", fontsize=10)
    ylabel = f"relative change of w after {settings.n_pairs} pairs at {settings.window_rate:g} Hz"
    ax.set(xlabel="t_post − t_pre (ms)", ylabel=ylabel)
    ax.legend(frameon=False, fontsize=8, loc="lower right")
    tidy(ax)
    return figure


def _pairing_figure(
    rates: Sequence[float], curves: Mapping[str, tuple[Array, ...]], settings: SpikingExperiments
) -> Figure:
    figure = Figure(figsize=(9, 4), layout="constrained")
    axes = figure.subplots(1, 2, sharey=True)
    for k, (ax, sign) in enumerate(zip(axes, "+−", strict=True)):
        for number, (name, both) in enumerate(curves.items()):
            ax.plot(rates, both[k], "-", color=class_colour(number), lw=1.6, label=NAMES[name])
        data = [pair[k] for pair in SJOSTROM.values()]
        ax.plot(
            list(SJOSTROM), data, "s", color="black", ms=6, mfc="none", label="data (Sjöström et al. 2001)"
        )
        ax.axhline(0, color="#888888", lw=0.8)
        ax.set(xlabel="rate of the pairs (Hz)", title=f"t_post − t_pre = {sign}{1e3 * settings.lag:g} ms")
        ax.set_ylim(-1, 1.2)  # the hippocampal set with all spikes leaves the picture
        tidy(ax)
    axes[0].set_ylabel(f"relative change of w after {settings.n_pairs} pairs")
    figure.legend(
        *axes[0].get_legend_handles_labels(), frameon=False, fontsize=8, loc="outside upper center", ncols=3
    )
    return figure


def _pulse_figure(settings: SpikingExperiments, pulses: Mapping[str, Pulses]) -> Figure:
    s = settings
    figure = Figure(figsize=(6.4, 4.4), layout="constrained")
    ax = figure.subplots()
    for number, (name, found) in enumerate(pulses.items()):
        colour = class_colour(number)
        ax.errorbar(
            s.pulse_rates,
            found.mean,
            2 * found.error,
            fmt="o",
            color=colour,
            ms=4,
            capsize=2,
            label=NAMES[name],
        )
        ax.plot(s.pulse_rates, found.expected, "-", color=colour, lw=1)
    ax.axhline(0, color="#888888", lw=0.8)
    ax.set_xscale("log")
    ax.set_yscale("symlog", linthresh=0.5)
    ax.set_yticks([-100, -10, -1, 0, 1, 10, 100], ["−100", "−10", "−1", "0", "1", "10", "100"])
    ax.set_xticks(s.pulse_rates, [f"{rate:g}" for rate in s.pulse_rates])
    ax.minorticks_off()
    ax.set(
        xlabel=f"presynaptic rate (Hz); postsynaptic rate {s.post_ratio:g} times that, Poisson",
        ylabel=f"relative change of an unbounded w\nafter {s.n_pulses} pulses (points: mean ± 2 s.e., lines: theory)",
    )
    ax.set_title("Dudek & Bear 1992, as remembered: LTD at 1–3 Hz, none near 10, LTP at 50", fontsize=9)
    ax.legend(frameon=False, fontsize=8)
    tidy(ax)
    return figure
