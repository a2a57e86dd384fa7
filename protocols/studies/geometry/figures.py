"""Figures of the protocol ``geometry``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter
from numpy.typing import NDArray
from scipy.stats import norm

from spikingsampling.analysis.geometry import gaussian_bound, gaussian_floor
from spikingsampling.plotting.style import class_colour, curve_look, draw_band, tidy

from .readings import Readings

__all__ = ["LABELS", "plot_by_map", "plot_dale", "plot_motility", "plot_regression", "plot_robustness"]

#: How the maps are called in figures.
LABELS = {
    "burg": "−1/w",
    "entropy": "log w",
    **{f"{p:g}-norm": f"p = {p:g}" for p in (1.5, 2, 2.5, 3)},
    **{
        "theta": "θ",
        "w": "w",
        "sqrt_w": "√w",
        "active_w": "w, 0 if\nretracted",
        "survivors": "θ, active\nat both ends",
    },
}
_SIZE = 3.2


def _panels(n: int, height: float = 3.4) -> tuple[Figure, Sequence[Axes]]:
    figure = Figure(figsize=(0.8 + _SIZE * n, height), layout="constrained")
    return figure, np.atleast_1d(figure.subplots(1, n, sharey=True)).tolist()


def plot_robustness(curves: Mapping[str, Mapping[str, Sequence[Readings]]], n: int) -> Figure:
    """ΔCDF over the p of the map: start → true potential → readings; p = 1 is negative entropy."""
    figure, panels = _panels(len(curves))
    for ax, (start, by_true) in zip(panels, curves.items(), strict=True):
        for number, (true, readings) in enumerate(by_true.items()):
            p = [1.0 if name == "entropy" else float(name.split("-")[0]) for name in readings[0]]
            runs = [[reading.delta_cdf for reading in one.values()] for one in readings]
            draw_band(ax, p, runs, class_colour(number), f"changed as {LABELS[true]}")
        ax.axhspan(0, gaussian_bound(n), color="#000000", alpha=0.1, lw=0, label="95 % of Gaussian changes")
        ax.set(title=f"{start.replace('_', '-')} weights", xlabel="p of the map (1: log w)", ylim=(0, None))
        tidy(ax)
    panels[0].set_ylabel("ΔCDF")
    panels[0].legend(frameon=False, fontsize=8)
    return figure


def plot_regression(outcomes: Mapping[str, Mapping[int, Sequence[Readings]]]) -> Figure:
    """ΔCDF over the number of weights D: potential → D → readings, one panel for each potential."""
    figure, panels = _panels(len(outcomes), 3.8)
    for ax, (true, by_size) in zip(panels, outcomes.items(), strict=True):
        sizes = np.array(list(by_size))
        for number, name in enumerate(next(iter(by_size.values()))[0]):
            middle = [np.median([one[name].delta_cdf for one in readings]) for readings in by_size.values()]
            width = 2.2 if name == true else 1.0
            ax.plot(sizes, middle, **curve_look(number), lw=width, label=f"read as {LABELS[name]}")
        ax.plot(sizes, [gaussian_floor(int(d)) for d in sizes], "k:", lw=1, label="Gaussian, mean")
        ax.plot(sizes, [gaussian_bound(int(d)) for d in sizes], "k--", lw=1, label="Gaussian, 95 %")
        ax.set(title=f"trained as {LABELS[true]}", xlabel="weights D", xscale="log", yscale="log")
        ax.set_ylim(0.5 * gaussian_floor(int(sizes[-1])), 1)
        ax.xaxis.set_minor_formatter(NullFormatter())
        ax.yaxis.set_minor_formatter(NullFormatter())
        tidy(ax)
    panels[0].set_ylabel("ΔCDF (median)")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, frameon=False, fontsize=8, ncols=4, loc="outside lower center")
    return figure


def plot_by_map(outcomes: Mapping[str, Sequence[Readings]]) -> Figure:
    """ΔCDF by map, one point for each repetition, a line through the medians: potential → readings."""
    figure, (ax,) = _panels(1)
    figure.set_size_inches(7.6, 3.6)
    names = list(next(iter(outcomes.values()))[0])
    for number, (true, readings) in enumerate(outcomes.items()):
        values = np.array([[one[name].delta_cdf for name in names] for one in readings])
        look = curve_look(number)
        ax.plot(np.arange(len(names)), np.median(values, axis=0), **look, label=f"trained as {LABELS[true]}")
        for row in values:
            ax.plot(np.arange(len(names)), row, ls="", marker=".", ms=3, color=look["color"])
    first = next(iter(outcomes.values()))[0][names[0]]
    ax.axhspan(1e-3, first.bound, color="#000000", alpha=0.1, lw=0, label="95 % of Gaussian changes")
    ax.set_xticks(np.arange(len(names)), [LABELS[name] for name in names])
    ax.set(xlabel="read as", ylabel="ΔCDF", yscale="log", ylim=(first.floor / 3, 1))
    figure.legend(frameon=False, fontsize=8, loc="outside right upper")
    tidy(ax)
    return figure


def plot_dale(weights: Mapping[str, tuple[NDArray, NDArray]]) -> Figure:
    """Weights before and after: potential → start and end (D,); a histogram of log|w| below each."""
    figure = Figure(figsize=(0.8 + _SIZE * len(weights), 5.6), layout="constrained")
    rows = figure.subplots(2, len(weights), squeeze=False)
    for number, (name, (start, end)) in enumerate(weights.items()):
        above, below = rows[:, number]
        same = np.sign(start) == np.sign(end)
        scale = np.sqrt(len(start))
        above.plot(
            scale * start[same], scale * end[same], ".", ms=2, color=class_colour(0), label="sign kept"
        )
        if not same.all():
            above.plot(
                scale * start[~same],
                scale * end[~same],
                ".",
                ms=3,
                color=class_colour(1),
                label="sign changed",
            )
        above.set(title=f"trained as {LABELS[name]}", xlabel="√D w before", ylabel="√D w after")
        above.set(xlim=(-4, 4), ylim=(-4, 4))
        above.legend(frameon=False, fontsize=8, loc="upper left")
        logs = np.log(scale * np.abs(end))
        z = (logs - logs.mean()) / logs.std(ddof=1)
        below.hist(z, 60, range=(-6, 4), density=True, color=class_colour(0), alpha=0.5, lw=0)
        grid = np.linspace(-6, 4, 300)
        below.plot(grid, norm.pdf(grid), "k-", lw=1, label="log-normal")
        below.set(xlabel="log|w| after (standardised)", ylabel="density" if number == 0 else "")
        below.legend(frameon=False, fontsize=8)
        tidy(above)
        tidy(below)
    return figure


def plot_motility(by_lag: Mapping[str, Readings]) -> Figure:
    """ΔCDF of prior and noise alone by map, for each lag."""
    figure, (ax,) = _panels(1)
    figure.set_size_inches(7.6, 3.4)
    names = list(next(iter(by_lag.values())))
    for number, (lag, readings) in enumerate(by_lag.items()):
        values = [readings[name].delta_cdf for name in names]
        ax.plot(np.arange(len(names)), values, **curve_look(number) | {"ls": ""}, label=f"after {lag}")
    bound = by_lag[next(iter(by_lag))]["theta"].bound
    ax.axhline(bound, color="k", ls="--", lw=1, label="95 % of Gaussian changes")
    ax.set_xticks(np.arange(len(names)), [LABELS[name] for name in names])
    ax.set(ylabel="ΔCDF", yscale="log")
    figure.legend(frameon=False, fontsize=8, loc="outside right upper")
    tidy(ax)
    return figure
