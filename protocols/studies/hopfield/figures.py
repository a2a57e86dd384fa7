"""Figures of Hopfield networks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike, NDArray

from spikingsampling.models.hopfield import theory as theory
from spikingsampling.plotting.style import class_colour, tidy

__all__ = [
    "CONVENTION_NAMES",
    "RULE_NAMES",
    "plot_bit_errors",
    "plot_capacity",
    "plot_lines",
    "plot_phases",
]

#: Storage rules in words.
RULE_NAMES = {
    "hebb": "Hebb's rule",
    "storkey": "Storkey's rule",
    "projection": "projection rule",
    "palimpsest": "palimpsest",
}
#: How the probability of firing depends on the field h and the temperature T.
CONVENTION_NAMES = {
    "glauber": "P(s = 1) = 1/(1 + e$^{−2h/T}$)",
    "logistic": "P(s = 1) = 1/(1 + e$^{−h/T}$), lecture 1",
}

Points = tuple[ArrayLike, ArrayLike]


def plot_lines(
    x: ArrayLike,
    curves: Mapping[str, ArrayLike],
    x_label: str,
    y_label: str,
    *,
    marks: Mapping[str, float] | None = None,
    theory_lines: Mapping[str, Points] | None = None,
    references: Mapping[str, Points] | None = None,
) -> Figure:
    """Curves of repetitions (n_runs, n): the mean, and the range as a band.

    ``marks`` are vertical lines by label, ``theory_lines`` dashed lines (x, y), ``references`` values (x, y) to
    compare with; the last two have the colour of a curve if their label is its label, and are black otherwise.
    """
    figure = Figure(figsize=(6.4, 4.8), layout="constrained")
    ax = figure.subplots()
    colours = {label: class_colour(number) for number, label in enumerate(curves)}
    lowest = min(float(np.min(runs)) for runs in curves.values())
    style = "o-" if len(x) < 50 else "-"
    for number, (label, runs) in enumerate(curves.items()):
        values = np.atleast_2d(runs)
        width = max(1.2, 3.6 - 0.8 * number)  # so that a curve shows beneath an equal one
        ax.plot(x, values.mean(axis=0), style, lw=width, ms=width + 2, color=colours[label], label=label)
        ax.fill_between(x, values.min(axis=0), values.max(axis=0), color=colours[label], alpha=0.2, lw=0)
    for label, place in (marks or {}).items():
        ax.axvline(place, color="#888888", ls=":", lw=1, label=label)
    for label, line in (theory_lines or {}).items():
        name = f"{label}, theory" if label in curves else label
        ax.plot(*line, "--", lw=1, color=colours.get(label, "black"), label=name)
    for label, points in (references or {}).items():
        name = f"{label}, reference value" if label in curves else label
        ax.plot(*points, "x", ms=8, mew=2, color=colours.get(label, "black"), label=name, zorder=4)
    ax.set(xlabel=x_label, ylabel=y_label, ylim=(min(-0.05, lowest - 0.02), 1.05))
    figure.legend(loc="outside lower center", ncols=2, frameon=False, fontsize=8)
    ax.xaxis.set_major_locator(MaxNLocator(6))
    tidy(ax)
    return figure


def plot_capacity(
    alphas: Sequence[float], curves: Mapping[str, ArrayLike], references: Mapping[str, Points] | None = None
) -> Figure:
    """m(α) of networks of several sizes, and the theory for N → ∞."""
    critical, last = theory.capacity()
    grid = np.append(np.linspace(0.005, critical, 200), critical)
    line = np.append([theory.overlap(a) for a in grid[:-1]], 0)
    return plot_lines(
        alphas,
        curves,
        "patterns per neuron α",
        "overlap m",
        marks={f"critical load {critical:.4f}, with m = {last:.3f}": critical},
        theory_lines={"theory, N → ∞": (grid, line)},
        references=references,
    )


def plot_bit_errors(
    alphas: Sequence[float], curves: Mapping[str, ArrayLike], references: Mapping[str, Points]
) -> Figure:
    """One-step bit errors over α, and ½ erfc(√(1/2α)); where no error was seen the logarithm leaves a gap."""
    grid = np.linspace(min(alphas), max(alphas), 200)
    figure = plot_lines(
        alphas,
        curves,
        "patterns per neuron α",
        "neurons wrong after one step",
        theory_lines={"½ erfc(√(1/2α))": (grid, theory.bit_error(grid))},
        references=references,
    )
    figure.axes[0].set(
        yscale="log", ylim=(theory.bit_error(min(alphas)) / 4, theory.bit_error(max(alphas)) * 2)
    )
    return figure


def plot_phases(
    alphas: Sequence[float], temperatures: Sequence[float], overlaps: NDArray[np.float64]
) -> Figure:
    """Overlap (n_temperatures, n_alphas) in the plane of α and T, with the theory's lines."""
    figure = Figure(figsize=(5.6, 5.2), layout="constrained")
    ax = figure.subplots()
    mesh = ax.pcolormesh(alphas, temperatures, overlaps, cmap="viridis", vmin=0, vmax=1, shading="nearest")
    figure.colorbar(mesh, ax=ax, label="overlap m")
    grid = np.concatenate([[0.02], np.linspace(0.05, 0.99, 40)])
    exists = [theory.retrieval_capacity(t) for t in grid]
    ax.plot(exists, grid, "w-", lw=1.5, label="retrieval states exist below this line")
    lowest = [theory.global_capacity(t) for t in grid]
    ax.plot(lowest, grid, "w--", lw=1.5, label="retrieval states are the lowest below")
    a = np.linspace(0, max(alphas), 100)
    ax.plot(a, theory.spin_glass_temperature(a), "w:", lw=1.5, label="spin-glass states exist below")
    ax.set(
        xlabel="patterns per neuron α",
        ylabel=f"temperature T, {CONVENTION_NAMES['glauber']}",
        ylim=(0, max(temperatures) * 1.02),
    )
    legend = figure.legend(fontsize=8, loc="outside lower center", facecolor="#444444", edgecolor="none")
    for text in legend.get_texts():
        text.set_color("white")
    return figure
