"""Figures of what neurons do: rasters and learning curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from ..analysis import Selectivity
from ..simulation import Response
from .style import class_colour, tidy

__all__ = ["plot_curves", "plot_rasters"]


def plot_rasters(
    responses: Mapping[str, Response],
    selectivity: Mapping[str, Selectivity],
    *,
    duration: float = 4.0,
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
    """
    figure = Figure(figsize=(3.6 * len(responses) + 1, 2.4 * len(selectivity) + 1), layout="constrained")
    axes = figure.subplots(len(selectivity), len(responses), squeeze=False, sharex=True, sharey="row")
    for column, (title, response) in enumerate(responses.items()):
        for row, (population, tuning) in enumerate(selectivity.items()):
            ax = axes[row, column]
            times, neurons = response.spikes[population]
            since = times - response.start
            shown = since < duration
            rank = np.argsort(tuning.order)
            colours = [class_colour(int(tuning.preferred[n])) for n in neurons[shown]]
            ax.scatter(since[shown], rank[neurons[shown]], s=3, c=colours, marker="|", linewidths=0.9)
            size = response.sizes[population]
            for k, label in enumerate(response.labels[: int(np.ceil(duration / response.period - 1e-9))]):
                start = k * response.period
                ax.axvspan(start, start + response.period, ymin=0.95, color=class_colour(int(label)), lw=0)
                if k % max(1, round(0.4 / response.period)) == 0 and row == 0:
                    ax.text(start, size * 1.07, str(label), fontsize=7, color=class_colour(int(label)))
            ax.set(xlim=(0, duration), ylim=(-1, size * 1.06))
            tidy(ax)
            if row == 0:
                ax.set_title(title, pad=14)
            if row == len(selectivity) - 1:
                ax.set_xlabel("time (s)")
            if column == 0:
                ax.set_ylabel(f"{population} neuron,\nby preferred class")
    return figure


def plot_curves(
    time: ArrayLike,
    curves: Mapping[str, Sequence[float]],
    *,
    ylabel: str,
    chance: float | None = None,
    intervals: Mapping[str, Sequence[tuple[float, float]]] | None = None,
) -> Figure:
    """Several quantities over training time (s), with intervals where given."""
    hours = np.asarray(time, dtype=float) / 3600
    figure = Figure(figsize=(6, 3.8), layout="constrained")
    ax = figure.subplots()
    # Points of different curves are set apart a little, so that their intervals can be told from each other.
    spread = 0.006 * (hours.max() if len(hours) else 1.0)
    for number, (name, values) in enumerate(curves.items()):
        shifted = hours + spread * (number - (len(curves) - 1) / 2)
        colour = class_colour(number)
        ax.plot(shifted, values, "o-", color=colour, label=name, ms=4)
        if intervals and name in intervals:
            low, high = np.transpose(intervals[name])
            ax.vlines(shifted, low, high, color=colour, alpha=0.4)
    if chance is not None:
        ax.axhline(chance, color="#888888", ls=":", label="chance")
    ax.set(xlabel="simulated training time (h)", ylabel=ylabel, ylim=(min(0.0, ax.get_ylim()[0]), 1.02))
    ax.legend(frameon=False, fontsize=8)
    tidy(ax)
    return figure
