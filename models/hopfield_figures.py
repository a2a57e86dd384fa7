"""Figures of Hopfield networks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from spikingsampling.plotting.style import class_colour, tidy

from . import hopfield_theory as theory

__all__ = ["plot_capacity", "plot_lines", "plot_phases"]


def plot_lines(
    x: ArrayLike,
    curves: Mapping[str, ArrayLike],
    x_label: str,
    y_label: str,
    marks: Mapping[str, float] | None = None,
) -> Figure:
    """Curves of repetitions (n_runs, n): the mean, and the range as a band; vertical ``marks`` by label."""
    figure = Figure(figsize=(5.4, 3.6), layout="constrained")
    ax = figure.subplots()
    for number, (label, runs) in enumerate(curves.items()):
        values = np.atleast_2d(runs)
        ax.plot(x, values.mean(axis=0), "o-", ms=3, color=class_colour(number), label=label)
        ax.fill_between(
            x, values.min(axis=0), values.max(axis=0), color=class_colour(number), alpha=0.2, lw=0
        )
    for label, place in (marks or {}).items():
        ax.axvline(place, color="#888888", ls=":", lw=1, label=label)
    ax.set(xlabel=x_label, ylabel=y_label, ylim=(-0.05, 1.05))
    ax.legend(frameon=False, fontsize=8)
    tidy(ax)
    return figure


def plot_capacity(alphas: Sequence[float], curves: Mapping[str, ArrayLike]) -> Figure:
    """m(α) of networks of several sizes, and the theory for N → ∞."""
    critical = theory.capacity()[0]
    figure = plot_lines(
        alphas, curves, "patterns per neuron α", "overlap m", {f"α_c = {critical:.4f}": critical}
    )
    grid = np.linspace(0.005, critical, 200)
    ax = figure.axes[0]
    ax.plot(grid, [theory.overlap(a) for a in grid], "k--", lw=1, label="theory, N → ∞")
    ax.legend(frameon=False, fontsize=8)
    return figure


def plot_phases(
    alphas: Sequence[float], temperatures: Sequence[float], overlaps: NDArray[np.float64]
) -> Figure:
    """Overlap (n_temperatures, n_alphas) in the plane of α and T, with the theory's lines."""
    figure = Figure(figsize=(5.6, 4.4), layout="constrained")
    ax = figure.subplots()
    mesh = ax.pcolormesh(alphas, temperatures, overlaps, cmap="viridis", vmin=0, vmax=1, shading="nearest")
    figure.colorbar(mesh, ax=ax, label="overlap m")
    grid = np.concatenate([[0.02], np.linspace(0.05, 0.99, 40)])
    ax.plot([theory.retrieval_capacity(t) for t in grid], grid, "w-", lw=1.5, label="T_M: retrieval exists")
    ax.plot(
        [theory.global_capacity(t) for t in grid],
        grid,
        "w--",
        lw=1.5,
        label="T_c: retrieval is global minimum",
    )
    a = np.linspace(0, max(alphas), 100)
    ax.plot(a, theory.spin_glass_temperature(a), "w:", lw=1.5, label="T_g: spin glass")
    ax.set(
        xlabel="patterns per neuron α", ylabel="temperature T (glauber)", ylim=(0, max(temperatures) * 1.02)
    )
    legend = ax.legend(fontsize=7, loc="upper right", facecolor="#444444", edgecolor="none")
    for text in legend.get_texts():
        text.set_color("white")
    return figure
