"""Figures of the turnover of synapses: survival, active synapses over time, formation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter
from numpy.typing import ArrayLike, NDArray

from ..analysis import SurvivalCurve, SurvivalFit, estimate_mean
from ..analysis.samples import SAME_TIME
from .style import Panel, class_colour, tidy
from .timeline import Phase, shade_phases, time_unit

__all__ = ["plot_active", "plot_fractions", "plot_survival"]


def plot_survival(
    curves: Mapping[str, SurvivalCurve],
    *,
    fits: Mapping[str, SurvivalFit] | None = None,
    reference: tuple[str, ArrayLike, ArrayLike] | None = None,
    title: str = "",
    ax: Axes | None = None,
) -> Figure:
    """Survival of new synapses with 95 % bands, fitted laws and a law to compare with.

    Parameters
    ----------
    curves : mapping of str to SurvivalCurve
        By name in the legend.
    fits : mapping of str to SurvivalFit, optional
        By name of the curve that they were fitted to; drawn as lines through its points.
    reference : (str, times (n,), survival (n,)), optional
        Name, times since formation (s) and survival, for example of the prior alone.
    title : str
    ax : Axes, optional
        Where to draw; the axes of a new figure when None.
    """
    longest = max(float(curve.times[-1]) for curve in curves.values())
    unit, length = time_unit(longest)
    panel = Panel.of(ax, (6, 4.4))
    ax = panel.ax
    for number, (name, curve) in enumerate(curves.items()):
        colour, times = class_colour(number), curve.times / length
        fit = (fits or {}).get(name)
        ax.fill_between(times, curve.low, curve.high, color=colour, alpha=0.2, lw=0)
        style = "o-" if fit is None else "o"
        label = f"{name}, {curve.n_synapses} synapses"
        ax.plot(times, curve.survival, style, color=colour, ms=4, lw=1.4, label=label)
        if fit is not None:
            grid = np.linspace(0.0, longest / length, 300)
            ax.plot(grid, fit.survival(grid * length), color=colour, lw=1.4, label=f"fit: {_describe(fit)}")
    if reference is not None:
        name, seconds, survival = reference
        ax.plot(np.asarray(seconds) / length, survival, "s--", color="black", ms=3.5, lw=1, label=name)
    ax.set(xlabel=f"time since formation ({unit})", ylabel="fraction of new synapses still active")
    ax.set(title=title, xlim=(0, None), ylim=(0, 1.02))
    # With fits in one column, so that each stands below its curve.
    panel.legend("lower center", frameon=False, fontsize=8, ncols=1 if fits else 2)
    tidy(ax)
    return panel.figure


def _describe(fit: SurvivalFit) -> str:
    def time(name: str) -> str:
        unit, length = time_unit(fit.parameters[name])
        return f"{fit.parameters[name] / length:.2g} {unit}"

    p = fit.parameters
    match fit.law:
        case "exponential":
            return f"exponential, τ = {time('tau')}"
        case "exponential_offset":
            return f"exponential, τ = {time('tau')}, and {100 * p['stable']:.0f} % stable"
        case "two_exponentials":
            return f"{100 * p['fraction']:.0f} % with τ = {time('tau_fast')}, the rest {time('tau_slow')}"
        case _:
            return f"power law, exponent −{p['exponent']:.2g}"


def plot_active(
    times: ArrayLike,
    counts: Mapping[str, ArrayLike],
    *,
    phases: Sequence[Phase] = (),
    shared: float | None = None,
    ylabel: str = "active synapses per neuron",
    ax: Axes | None = None,
) -> Figure:
    """Counts of active synapses over time: a thin line for every neuron (or seed), a thick one for the mean.

    Parameters
    ----------
    times : (n_times,) array
        Seconds.
    counts : mapping of str to (n_times, n) array
        By condition.
    phases : sequence of Phase
        Shaded.
    shared : float, optional
        Up to this sampled time (s) all conditions are the same; that part is drawn once, in grey.
    ylabel : str
    ax : Axes, optional
        Where to draw; the axes of a new figure when None.
    """
    seconds = np.asarray(times, dtype=float)
    unit, length = time_unit(float(seconds.max()))
    panel = Panel.of(ax, (6.5, 4.2))
    ax = panel.ax

    def draw(rows: NDArray[np.float64], part: slice, colour: str, name: str) -> None:
        ax.plot(seconds[part] / length, rows[part], color=colour, lw=0.6, alpha=0.35)
        ax.plot(seconds[part] / length, rows[part].mean(axis=1), color=colour, lw=2.2, label=name)

    n_shared = 0 if shared is None else int(np.searchsorted(seconds, shared + SAME_TIME))
    if n_shared:
        draw(np.asarray(next(iter(counts.values())), dtype=float), slice(n_shared), "#777777", "common part")
    for number, (name, values) in enumerate(counts.items()):
        rows = np.asarray(values, dtype=float)
        label = f"{name}, mean of {rows.shape[1]}"
        # From the last common sample on, so that the lines are not broken there.
        draw(rows, slice(max(n_shared - 1, 0), None), class_colour(number), label)
    span = float(seconds.min()), float(seconds.max())
    shade_phases(ax, phases, length, span=span)
    ax.set(xlabel=f"simulated time ({unit})", ylabel=ylabel)
    ax.set(xlim=(span[0] / length, span[1] / length), ylim=(0, None))
    panel.legend("lower center", frameon=False, fontsize=8, ncols=3)
    tidy(ax)
    return panel.figure


def plot_fractions(
    groups: Mapping[str, ArrayLike],
    *,
    ylabel: str,
    references: Mapping[str, float] | None = None,
    ax: Axes | None = None,
) -> Figure:
    """Fractions as bars: the mean over seeds with its 95 % interval, every seed as a dot.

    Parameters
    ----------
    groups : mapping of str to (n_seeds,) array
        Fractions by name below the bar, for example the formation in two environments.
    ylabel : str
    references : mapping of str to float, optional
        Values to compare with, as lines.
    ax : Axes, optional
        Where to draw; the axes of a new figure when None.
    """
    panel = Panel.of(ax, (1.8 + 1.3 * len(groups), 4))
    ax = panel.ax
    highest = max((references or {}).values(), default=0.0)
    for number, values in enumerate(groups.values()):
        sample = np.atleast_1d(np.asarray(values, dtype=float))
        summary, colour = estimate_mean(sample), class_colour(number)
        ax.bar(number, summary.value, 0.6, color=colour, alpha=0.45)
        if summary.interval is not None:
            ax.vlines(number, *summary.interval, color="black", lw=1.6)
        ax.plot(number + 0.18 * _spread(summary.n), sample, "o", color=colour, ms=4, mec="white", mew=0.5)
        highest = max(highest, float(sample.max()), summary.interval[1] if summary.interval else 0.0)
    for number, (name, value) in enumerate((references or {}).items()):
        style = ("--", ":", "-.", (0, (1, 3)))[number % 4]
        ax.axhline(value, color="black", lw=1.2, ls=style, label=f"{name} ({100 * value:.1f} %)")
    ax.set_xticks(range(len(groups)), list(groups))
    ax.set(ylabel=ylabel, ylim=(0, 1.08 * highest))
    ax.yaxis.set_major_formatter(PercentFormatter(1.0, symbol=" %"))
    if references:
        panel.legend("upper center", frameon=False, fontsize=8)
    tidy(ax)
    return panel.figure


def _spread(n: int) -> NDArray[np.float64]:
    return np.linspace(-1, 1, n) if n > 1 else np.zeros(1)
