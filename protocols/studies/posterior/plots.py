"""Figures of samples beside the law they should follow."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator
from numpy.typing import NDArray

from spikingsampling.plotting.style import class_colour, tidy

__all__ = ["Panel", "plot_convergence", "plot_excess", "plot_panels", "plot_temperatures"]

Array = NDArray[np.float64]
Density = Callable[[Array], Array]


@dataclass(frozen=True)
class Panel:
    """Samples and their law.

    Parameters
    ----------
    title : str
    samples : (n,) or (n, 2) array
    density : callable
        Of θ (n,), or of points (..., 2).
    other : callable, optional
        A second density, dashed, with the name ``other_label``.
    """

    title: str
    samples: Array
    density: Density
    other: Density | None = None
    other_label: str = ""


def plot_panels(rows: Sequence[tuple[str, Sequence[Panel]]], *, title: str = "") -> Figure:
    """Histograms of samples with the exact density over them, in named rows; two dimensions as contours."""
    n_columns = max(len(panels) for _, panels in rows)
    figure = Figure(figsize=(3.1 * n_columns + 0.6, 2.6 * len(rows) + 0.7), layout="constrained")
    axes = figure.subplots(len(rows), n_columns, squeeze=False)
    for row, (name, panels) in enumerate(rows):
        for column in range(n_columns):
            ax = axes[row, column]
            if column >= len(panels):
                ax.set_axis_off()
                continue
            panel = panels[column]
            (_draw_line if panel.samples.ndim == 1 else _draw_plane)(ax, panel)
            ax.set_title(panel.title, fontsize=9)
            tidy(ax)
        axes[row, 0].set_ylabel(name, fontsize=10)
    handles, labels = axes[0, 0].get_legend_handles_labels()
    # On a narrow figure side by side they would be cut.
    columns = min(n_columns, len(labels))
    figure.legend(handles, labels, loc="outside lower center", ncols=columns, frameon=False, fontsize=9)
    figure.suptitle(title, fontsize=11)
    return figure


def _draw_line(ax: Axes, panel: Panel) -> None:
    low, high = np.quantile(panel.samples, (5e-4, 1 - 5e-4))
    margin = 0.1 * (high - low)
    grid = np.linspace(low - margin, high + margin, 400)
    edges = np.linspace(low - margin, high + margin, 61)
    heights, _ = np.histogram(panel.samples, edges)
    heights = heights / (len(panel.samples) * np.diff(edges))  # of all samples, with those outside the axis
    ax.stairs(heights, edges, fill=True, color=class_colour(4), alpha=0.7, label="samples")
    ax.plot(grid, panel.density(grid), color="black", lw=1.4, label="exact posterior")
    if panel.other is not None:
        ax.plot(grid, panel.other(grid), color=class_colour(1), lw=1.4, ls="--", label=panel.other_label)
    ax.set_xlabel("θ", fontsize=9)
    ax.set_yticks([])


def _draw_plane(ax: Axes, panel: Panel) -> None:
    centre, spread = panel.samples.mean(axis=0), 3.4 * panel.samples.std(axis=0).max()
    x, y = (np.linspace(middle - spread, middle + spread, 200) for middle in centre)
    extent = (x[0], x[-1], y[0], y[-1])
    ax.hexbin(*panel.samples.T, gridsize=45, extent=extent, cmap="Blues", linewidths=0)
    points = np.stack(np.meshgrid(x, y), axis=-1)
    density = panel.density(points)
    levels = density.max() * np.exp(-0.5 * np.array([3.0, 2.0, 1.0]) ** 2)
    ax.contour(x, y, density, levels=levels, colors="black", linewidths=1)
    ax.set_xlabel("θ₁; contours at 1, 2, 3 sd", fontsize=9)
    ax.set_yticks([])
    ax.set_aspect("equal")


def plot_temperatures(
    rows: Sequence[tuple[str, Mapping[float, tuple[Array, Density]], Sequence[float]]], *, title: str = ""
) -> Figure:
    """Samples and exact laws at several temperatures, one axis per target.

    Parameters
    ----------
    rows : sequence of (name, {temperature: (samples (n,), density)}, modes)
        ``modes`` are where T = 0 ends.
    """
    figure = Figure(figsize=(4.6 * len(rows) + 0.4, 3.8), layout="constrained")
    for ax, (name, laws, modes) in zip(figure.subplots(1, len(rows), squeeze=False)[0], rows, strict=True):
        widest = laws[max(laws)][0]
        low, high = np.quantile(widest, (0.002, 0.998))
        grid, edges = np.linspace(low, high, 600), np.linspace(low, high, 81)
        for number, (temperature, (samples, density)) in enumerate(sorted(laws.items())):
            colour = class_colour(number)
            heights, _ = np.histogram(samples, edges)
            ax.stairs(heights / (len(samples) * np.diff(edges)), edges, fill=True, color=colour, alpha=0.3)
            ax.plot(grid, density(grid), color=colour, lw=1.5, label=f"T = {temperature:g}")
        for number, mode in enumerate(modes):
            label = "T = 0 ends here" if number == 0 else None
            ax.axvline(mode, color="black", ls=":", lw=1.2, label=label)
        ax.set(xlabel="θ", ylabel="density", title=name)
        ax.legend(frameon=False, fontsize=8)
        tidy(ax)
    figure.suptitle(title, fontsize=11)
    return figure


def _name_ticks(ax: Axes, values: Array) -> None:
    """Ticks of a logarithmic axis at the values used, in place of all others."""
    ax.xaxis.set_major_locator(FixedLocator(np.unique(values)))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.xaxis.set_minor_locator(NullLocator())


def plot_excess(
    curves: Mapping[str, tuple[Sequence[float], Sequence[float], Sequence[float]]],
    theory: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    *,
    n_examples: int,
) -> Figure:
    """Excess variance over the posterior against N b Δt, measured with two standard errors, and from theory.

    Parameters
    ----------
    curves : {label: (b_dt, excess, standard errors)}
    theory : {label: (b_dt, excess)}
    n_examples : int
        N.
    """
    figure = Figure(figsize=(5.6, 4.4), layout="constrained")
    ax = figure.subplots()
    for number, (label, (b_dt, excess, errors)) in enumerate(curves.items()):
        colour = class_colour(number)
        ax.plot(n_examples * np.asarray(theory[label][0]), theory[label][1], color=colour, lw=1.3)
        ax.errorbar(
            n_examples * np.asarray(b_dt),
            excess,
            2 * np.asarray(errors),
            fmt="o",
            ms=4,
            color=colour,
            label=label,
        )
    ax.axhline(0, color="#888888", lw=0.8, ls=":")
    steps = n_examples * np.concatenate([np.asarray(b_dt) for b_dt, _, _ in curves.values()])
    ax.set_xlim(steps.min() / 1.4, steps.max() * 1.4)
    ax.set_xscale("log")
    _name_ticks(ax, steps)
    ax.set(
        xlabel="N b Δt: change per example × number of examples",
        ylabel="excess of the variance over the posterior's",
        title="One example at a time becomes exact as b falls\n(lines: theory; bars: 2 standard errors)",
    )
    figure.legend(loc="outside lower center", ncols=2, frameon=False, fontsize=8)
    tidy(ax)
    return figure


def plot_convergence(
    time_steps: Array,
    errors: Mapping[str, Array],
    measured: Mapping[str, tuple[Array, Array]],
    *,
    order: float,
) -> Figure:
    """Weak error over the time step: the law of the integrator as lines, samples as points with 2 standard errors.

    Parameters
    ----------
    time_steps : (n,) array
    errors : {label: (n,) array}
    measured : {label: ((m,) array, (m,) array)}
        Errors and standard errors at the first m time steps, drawn in the colour of the line of that label.
    order : float
        Measured order, for the title.
    """
    figure = Figure(figsize=(5.6, 4.4), layout="constrained")
    ax = figure.subplots()
    for number, (label, error) in enumerate(errors.items()):
        colour = class_colour(number)
        ax.loglog(time_steps, np.abs(error), color=colour, lw=1.4, label=label)
        if label in measured:
            values, deviations = measured[label]
            ax.errorbar(
                time_steps[: len(values)],
                np.abs(values),
                2 * deviations,
                fmt="o",
                ms=4,
                color=colour,
                capsize=2,
            )
    anchor = np.abs(next(iter(errors.values()))[-1]) / 2
    ax.loglog(
        time_steps, anchor * time_steps / time_steps[-1], color="#888888", ls=":", lw=1, label="order 1"
    )
    title = f"Weak convergence of order {order:.2f}\n(lines: law of the integrator"
    title += "; points: samples, 2 standard errors)" if measured else ")"
    _name_ticks(ax, time_steps)  # last: every logarithmic plot brings ticks of its own
    ax.set(
        xlabel="time step Δt (1/b)",
        ylabel="|error| of the moment",
    )
    ax.set_title(title, fontsize=10)
    figure.legend(loc="outside lower center", ncols=2, frameon=False, fontsize=8)
    tidy(ax)
    return figure
