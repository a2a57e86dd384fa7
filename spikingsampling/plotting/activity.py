"""Figures of what neurons do: rasters, learning curves, and what classes are taken for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, FigureBase
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from ..analysis import Selectivity
from ..simulation.response import Response
from .style import Panel, class_colour, class_name, curve_look, figure_of, tidy
from .timeline import time_unit

__all__ = ["plot_confusions", "plot_curves", "plot_rasters"]


def plot_rasters(
    responses: Mapping[str, Response],
    selectivity: Mapping[str, Selectivity],
    *,
    duration: float = 4.0,
    names: Mapping[int, str] | None = None,
    figure: FigureBase | None = None,
) -> Figure:
    """Rasters of the first ``duration`` seconds of several responses, one column each, one row per population.

    Neurons are sorted and coloured by the class that they prefer; the bar above shows the class presented.

    Parameters
    ----------
    responses : mapping of str to Response
        By title.
    selectivity : mapping of str to Selectivity
        By population.
    duration : float
        Seconds.
    names : mapping of int to str, optional
        What classes are called that are no digits.
    figure : Figure or SubFigure, optional
        Where to draw; a new figure when None.
    """
    given, figure = figure, figure_of(figure, (3.6 * len(responses) + 1, 2.4 * len(selectivity) + 1))
    if given is None:
        figure.get_layout_engine().set(wspace=0.04)
    axes = figure.subplots(len(selectivity), len(responses), squeeze=False, sharex=True, sharey="row")
    for column, (title, response) in enumerate(responses.items()):
        for row, (population, tuning) in enumerate(selectivity.items()):
            ax = axes[row, column]
            times, neurons = response.spikes[population]
            since = times - response.start
            early = since < duration
            rank = np.argsort(tuning.order)
            colours = [class_colour(int(tuning.preferred[n])) for n in neurons[early]]
            ax.scatter(since[early], rank[neurons[early]], s=3, c=colours, marker="|", linewidths=0.9)
            size = response.sizes[population]
            for k, label in enumerate(response.labels[: int(np.ceil(duration / response.period - 1e-9))]):
                start = k * response.period
                ax.axvspan(start, start + response.period, ymin=0.96, color=class_colour(int(label)), lw=0)
                if k % max(1, round(0.4 / response.period)) == 0 and row == 0:
                    ax.text(
                        start,
                        1.02,
                        class_name(label, names),
                        fontsize=7,
                        color=class_colour(int(label)),
                        transform=ax.get_xaxis_transform(),
                    )
            ax.set(xlim=(0, duration), ylim=(-1, size * 1.06))
            ax.yaxis.set_major_locator(MaxNLocator(5, integer=True, prune="upper"))
            tidy(ax)
            if row == 0:
                ax.set_title(title, pad=14)
            if row == len(selectivity) - 1:
                ax.set_xlabel("time (s)")
            if column == 0:
                ax.set_ylabel(f"{population} neuron,\nby preferred class")
    return figure


def plot_confusions(
    confusions: Mapping[str, ArrayLike],
    classes: Sequence[int],
    *,
    names: Mapping[int, str] | None = None,
    figure: FigureBase | None = None,
) -> Figure:
    """Matrices of what each class is taken for, side by side; fractions from 0.005 are written into the fields.

    Parameters
    ----------
    confusions : mapping of str to (n_classes, n_classes) array
        By title: fraction of the presentations of the class of a row that are taken for that of a column; NaN is left
        white.
    classes : (n_classes,) sequence of int
    names : mapping of int to str, optional
        What classes are called that are no digits.
    figure : Figure or SubFigure, optional
        Where to draw; a new figure when None.
    """
    side = max(2.6, 0.38 * len(classes))
    figure = figure_of(figure, ((side + 0.6) * len(confusions) + 0.6, side + 0.9))
    axes = figure.subplots(1, len(confusions), squeeze=False)[0]
    ticks = [class_name(label, names) for label in classes]
    for ax, (title, values) in zip(axes, confusions.items(), strict=True):
        matrix = np.asarray(values, dtype=float)
        image = ax.imshow(np.ma.masked_invalid(matrix), cmap="Blues", vmin=0, vmax=1)
        for (row, column), value in np.ndenumerate(matrix):
            if value >= 0.005:
                ax.text(
                    *(column, row, f"{value:.2f}".removeprefix("0")),
                    ha="center",
                    va="center",
                    fontsize=7,
                    color="white" if value > 0.5 else "black",
                )
        ax.set(title=title, xlabel="taken for", ylabel="shown")
        ax.set_xticks(range(len(classes)), ticks)
        ax.set_yticks(range(len(classes)), ticks)
    figure.colorbar(image, ax=list(axes), label="fraction of presentations", shrink=0.8)
    return figure


def plot_curves(
    time: ArrayLike,
    curves: Mapping[str, Sequence[float]],
    *,
    ylabel: str,
    chance: float | None = None,
    intervals: Mapping[str, Sequence[tuple[float, float]]] | None = None,
    ax: Axes | None = None,
) -> Figure:
    """Several quantities over training time (s), with intervals where given.

    Parameters
    ----------
    time : (n,) array
        Seconds; the axis has the unit that suits them.
    curves : mapping of str to (n,) sequence
        By name in the legend.
    ylabel : str
    chance : float, optional
        Drawn as a line.
    intervals : mapping of str to (n,) sequence of (low, high), optional
        Of any of the curves.
    ax : Axes, optional
        Where to draw; the axes of a new figure when None.
    """
    seconds = np.asarray(time, dtype=float)
    unit, length = time_unit(float(seconds.max()))
    panel = Panel.of(ax, (6, 3.8))
    ax = panel.ax
    # Points are set apart a little, so that equal ones and their intervals can be told from each other.
    spread = 0.008 * seconds.max() / length
    for number, (name, values) in enumerate(curves.items()):
        shifted = seconds / length + spread * (number - (len(curves) - 1) / 2)
        look = curve_look(number)
        ax.plot(shifted, values, label=name, **look)
        if intervals and name in intervals:
            low, high = np.transpose(intervals[name])
            ax.vlines(shifted, low, high, color=look["color"], alpha=0.4)
    if chance is not None:
        ax.axhline(chance, color="#888888", ls=":", label="chance")
    ax.set(xlabel=f"simulated training time ({unit})", ylabel=ylabel)
    ax.set(xlim=(0, 1.06 * seconds.max() / length), ylim=(min(0.0, ax.get_ylim()[0]), 1.02))
    panel.legend("upper center", frameon=False, fontsize=8, ncols=2)
    tidy(ax)
    return panel.figure
