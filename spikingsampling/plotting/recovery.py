"""Figures of function over time, with lesions."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter
from numpy.typing import ArrayLike

from ..analysis import estimate_mean
from ..analysis.samples import SAME_TIME
from .style import Panel, curve_look, tidy
from .timeline import mark_events, time_unit

__all__ = ["plot_recovery"]


def plot_recovery(
    times: ArrayLike,
    curves: Mapping[str, ArrayLike],
    *,
    lesions: Mapping[str, float] | None = None,
    chance: float | None = None,
    ylabel: str = "recall accuracy on held-out stimuli",
    fractions: bool = True,
    seeds: bool = False,
    xlabel: str = "simulated time",
    title: str = "",
    ax: Axes | None = None,
) -> Figure:
    """Learning curves of several conditions with lesions marked: mean over seeds and its 95 % interval.

    Conditions are set apart a little in time, so that equal curves do not hide each other.

    Parameters
    ----------
    times : (n_times,) array
        When the measure was taken (s).
    curves : mapping of str to (n_seeds, n_times) array
        Fractions, by condition.
    lesions : mapping of str to float, optional
        Times (s), by name.
    chance : float, optional
        Drawn as a line.
    ylabel : str
    fractions : bool
        Otherwise counts, on an axis from 0.
    seeds : bool
        Whether every seed is drawn as well, as a thin line.
    xlabel : str
        Name of the abscissa without its unit.
    title : str
    ax : Axes, optional
        Where to draw; the axes of a new figure when None.
    """
    seconds = np.asarray(times, dtype=float)
    unit, length = time_unit(float(seconds.max()))
    panel = Panel.of(ax, (7, 4.2))
    ax = panel.ax
    lowest = 0.0 if chance is None else chance
    counts = set()
    bounds = (0.0, 1.0 if fractions else np.inf)
    # A lesion cuts the lines: between the measurements before and after it nothing is known to be on the way.
    cuts = np.searchsorted(seconds, np.array(sorted((lesions or {}).values())) - SAME_TIME)
    parts = [part for part in np.split(np.arange(len(seconds)), cuts) if len(part)]
    spread = 0.01 * np.ptp(seconds) / length
    # The last point before a lesion is shifted away from it, all others are shifted to the right.
    left = np.isin(np.arange(len(seconds)), cuts - 1)
    for number, (name, values) in enumerate(curves.items()):
        rows = np.atleast_2d(np.asarray(values, dtype=float))
        counts.add(len(rows))
        estimates = [estimate_mean(column, bounds) for column in rows.T]
        means = np.array([estimate.value for estimate in estimates])
        # Without an interval, that of a single seed, the band has no height.
        low, high = np.transpose([estimate.interval or (estimate.value,) * 2 for estimate in estimates])
        shifted = seconds / length + spread * np.where(left, number - len(curves) + 1, number)
        look = curve_look(number) | {"lw": 1.6}
        for part in parts:
            ax.plot(shifted[part], means[part], zorder=3, **look)
            if len(rows) > 1:
                ax.fill_between(shifted[part], low[part], high[part], color=look["color"], alpha=0.15, lw=0)
            if seeds:
                ax.plot(shifted[part], rows[:, part].T, color=look["color"], lw=0.6, alpha=0.5)
        ax.plot([], [], label=name, **look)
        lowest = min(lowest, float(rows.min()))
    if chance is not None:
        ax.axhline(chance, color="#888888", ls=":", lw=1.2, label="chance")
    mark_events(ax, lesions or {}, length)
    n_seeds = f"n = {min(counts)}" if len(counts) == 1 else f"n = {min(counts)} to {max(counts)}"
    band = f" (mean, 95 % interval, {n_seeds})" if max(counts) > 1 else ""
    ax.set(xlabel=f"{xlabel} ({unit})", ylabel=f"{ylabel}\n{band}" if band else ylabel)
    margin = 0.02 * np.ptp(seconds) / length + spread * (len(curves) - 1)
    ax.set_xlim(seconds.min() / length - margin, seconds.max() / length + margin)
    if fractions:
        ax.set_ylim(min(lowest - 0.03, 0.97), 1.02)
        ax.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
    else:
        ax.set_ylim(bottom=0)
    panel.legend("upper center", frameon=False, fontsize=9, ncols=min(5, len(curves) + 1))
    panel.title(title)
    tidy(ax)
    return panel.figure
