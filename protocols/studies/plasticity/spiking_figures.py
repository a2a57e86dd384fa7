"""Figures of the experiments on spike-timing-dependent plasticity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from spikingsampling.plotting.style import class_colour, tidy
from spikingsampling.protocols.studies.plasticity.settings import SpikingExperiments
from spikingsampling.protocols.studies.plasticity.spiking import SJOSTROM, Pulses

__all__ = ["pairing_figure", "pulse_figure", "window_figure"]

Array = NDArray[np.float64]
#: Rules in words.
NAMES = {
    "pair": "pair rule",
    "visual_all": "triplet rule, visual cortex, all spikes",
    "visual_nearest": "triplet rule, visual cortex, nearest spikes",
    "hippocampal_all": "triplet rule, hippocampus, all spikes",
    "hippocampal_nearest": "triplet rule, hippocampus, nearest spikes",
}


def window_figure(
    lags: Array, windows: Mapping[str, Array], taus: tuple[float, float], settings: SpikingExperiments
) -> Figure:
    """Change over the lag t_post − t_pre (s), by rule; ``taus`` (ms) are the time constants of the pair rule."""
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


def pairing_figure(
    rates: Sequence[float], curves: Mapping[str, tuple[Array, ...]], settings: SpikingExperiments
) -> Figure:
    """Change over the rate (Hz) of pairs, by rule: the postsynaptic spike after and before the presynaptic one."""
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


def pulse_figure(settings: SpikingExperiments, pulses: Mapping[str, Pulses]) -> Figure:
    """Change over the rate of presynaptic pulses, by rule: mean with two standard errors, and expectation."""
    s = settings
    figure = Figure(figsize=(6.4, 4.4), layout="constrained")
    ax = figure.subplots()
    for number, (name, curve) in enumerate(pulses.items()):
        colour = class_colour(number)
        ax.errorbar(
            s.pulse_rates,
            curve.mean,
            2 * curve.error,
            fmt="o",
            color=colour,
            ms=4,
            capsize=2,
            label=NAMES[name],
        )
        ax.plot(s.pulse_rates, curve.expected, "-", color=colour, lw=1)
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
    ax.set_title("Trains of pulses in the manner of Dudek & Bear 1992", fontsize=9)
    ax.legend(frameon=False, fontsize=8)
    tidy(ax)
    return figure
