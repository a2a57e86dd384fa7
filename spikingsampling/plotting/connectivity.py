"""Figures of which synapses are active: matrices at moments of a run, and a raster of formation and retraction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure, FigureBase
from matplotlib.patches import Patch
from numpy.typing import ArrayLike, NDArray

from ..analysis import Selectivity, SynapseHistory
from ..analysis.samples import SAME_TIME
from .style import class_colour, figure_of, tidy
from .timeline import Phase, mark_events, shade_phases, time_unit

__all__ = ["plot_connections", "plot_synapse_raster"]

_NO_SYNAPSE, _ABSENT = "#c8c8c8", "#ffffff"
#: Of the columns of :func:`plot_connections`.
_COLUMNS = {"potential": "#56B4E9", "active": "#0072B2", "new": "#D55E00"}


def plot_connections(
    moments: Mapping[str, tuple[ArrayLike, ArrayLike, ArrayLike]],
    pre: tuple[str, Selectivity],
    post: tuple[str, Selectivity],
    *,
    title: str = "",
    figure: FigureBase | None = None,
) -> Figure:
    """Potential, active and new synapses side by side, one row per moment of a run.

    Both sides are sorted by preferred class, the most selective neuron of a class first. Grey: no potential
    synapse, or one that a lesion took; white: a potential synapse that is not in this set.

    Parameters
    ----------
    moments : mapping of str to (potential, active, new)
        By name of the moment; each a (n_pre, n_post) bool array.
    pre, post : (str, Selectivity)
        Name and selectivity of the two populations.
    title : str
    figure : Figure or SubFigure, optional
        Where to draw; a new figure when None.
    """
    order = np.ix_(pre[1].order, post[1].order)
    figure = figure_of(figure, (8.4, 2.7 * len(moments) + 0.7))
    axes = figure.subplots(len(moments), 3, squeeze=False, sharex=True, sharey=True)
    for row, (name, sets) in enumerate(moments.items()):
        potential = np.asarray(sets[0], dtype=bool)[order]
        for ax, (column, colour), members in zip(axes[row], _COLUMNS.items(), sets, strict=True):
            member = np.asarray(members, dtype=bool)[order]
            kinds = np.where(member, 2, np.where(potential, 1, 0))
            colours = ListedColormap([_NO_SYNAPSE, _ABSENT, colour])
            aspect = "equal" if 1 / 3 < kinds.shape[0] / kinds.shape[1] < 3 else "auto"
            ax.imshow(kinds, cmap=colours, vmin=0, vmax=2, interpolation="nearest", aspect=aspect)
            ax.set_title(f"{column}: {member.sum()}", fontsize=9)
            _class_ticks(ax, pre[1], post[1])
        axes[row, 0].set_ylabel(f"{name}\n{pre[0]} neuron (from)", fontsize=9)
    for ax in axes[-1]:
        ax.set_xlabel(f"{post[0]} neuron (to)", fontsize=9)
    kinds = {"no potential synapse": _NO_SYNAPSE, "potential, but not in the set": _ABSENT}
    patches = [Patch(facecolor=c, edgecolor="black", lw=0.5, label=name) for name, c in kinds.items()]
    figure.legend(handles=patches, frameon=False, fontsize=8, loc="outside lower center", ncols=2)
    figure.suptitle(title, fontsize=10)
    return figure


def _class_ticks(ax: Axes, pre: Selectivity, post: Selectivity) -> None:
    for tuning, line, along in ((pre, ax.axhline, ax.set_yticks), (post, ax.axvline, ax.set_xticks)):
        preferred = tuning.preferred[tuning.order]
        for border in np.flatnonzero(np.diff(preferred)) + 0.5:
            line(border, color="black", lw=0.8)
        classes = np.unique(preferred)
        along([np.flatnonzero(preferred == c).mean() for c in classes], [f"“{c}”" for c in classes])
    ax.tick_params(length=0, labelsize=8)


def plot_synapse_raster(
    history: SynapseHistory,
    *,
    phases: Sequence[Phase] = (),
    events: Mapping[str, float] | None = None,
    title: str = "",
    figure: FigureBase | None = None,
) -> Figure:
    """Formation and retraction of synapses: a line while a synapse is active, coloured by the phase of its formation.

    Synapses are sorted by their first formation and then by how long they are active; the others are left
    out. Below, formed (up) and retracted (down) synapses from sample to sample.

    Parameters
    ----------
    history : SynapseHistory
    phases : sequence of Phase
        Give the colours. Without them there are two: active from the first sample on, and formed later.
    events : mapping of str to float, optional
        Times (s), marked.
    title : str
    figure : Figure or SubFigure, optional
        Where to draw; a new figure when None.
    """
    times, active = history.times, history.active
    unit, length = time_unit(float(times[-1]))
    names = [phase.name for phase in phases] or ["formed in the run"]
    formation = _formation_phase(times, active, phases)
    ever = np.flatnonzero(active.any(axis=0))
    first = active[:, ever].argmax(axis=0)
    order = ever[np.lexsort((-active[:, ever].sum(axis=0), first))]
    colours = ["#b0b0b0", *(class_colour(number) for number in range(len(names)))]
    figure = figure_of(figure, (7.5, 5.5))
    top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=(3.4, 1))
    picture = np.ma.masked_equal(formation[:, order].T, -1)
    top.pcolormesh(
        _edges(times) / length,
        np.arange(len(order) + 1),
        picture,
        cmap=ListedColormap(colours),
        vmin=-0.5,
        vmax=len(colours) - 0.5,
        rasterized=True,
    )
    top.set(
        ylabel=f"synapse, by formation\n({len(order)} of {active.shape[1]} ever active)", ylim=(len(order), 0)
    )
    labels = ["active at the start", *(f"formed: {name}" if phases else name for name in names)]
    patches = [Patch(color=colour, label=label) for colour, label in zip(colours, labels, strict=True)]
    figure.legend(
        handles=patches, frameon=False, fontsize=8, loc="outside lower center", ncols=min(4, len(patches))
    )
    formed, retracted = (~active[:-1] & active[1:]).sum(axis=1), (active[:-1] & ~active[1:]).sum(axis=1)
    for counts, colour in ((formed, "#009E73"), (-retracted, "#882255")):
        bottom.stairs(counts, times / length, fill=True, color=colour)
    # A lesion takes more in one step than are retracted in all others: logarithmic above the usual numbers.
    threshold = max(1.0, float(np.quantile([formed, retracted], 0.9)))
    if max(formed.max(), retracted.max()) > 3 * threshold:
        bottom.set_yscale("symlog", linthresh=threshold)
    bottom.axhline(0, color="black", lw=0.8)
    interval = float(np.median(np.diff(times)))
    name, scale = time_unit(interval)
    bottom.set(
        xlabel=f"simulated time ({unit})", ylabel=f"formed,\nretracted\nin {interval / scale:.3g} {name}"
    )
    bottom.yaxis.set_major_formatter(lambda value, _: f"{abs(value):g}")
    for ax in (top, bottom):
        mark_events(ax, events or {}, length, names=ax is top)
        ax.set_xlim(times[0] / length, times[-1] / length)
        tidy(ax)
    if not events:
        shade_phases(top, phases, length)
    figure.suptitle(title, fontsize=10)
    return figure


def _formation_phase(
    times: NDArray[np.float64], active: NDArray[np.bool_], phases: Sequence[Phase]
) -> NDArray[np.int64]:
    """For every sample and synapse: −1 inactive, 0 active since the first sample, else 1 + phase of its formation."""
    starts = np.array([phase.start for phase in phases]) if phases else np.array([-np.inf])
    number = 1 + np.clip(np.searchsorted(starts, times - SAME_TIME) - 1, 0, len(starts) - 1)
    formation = np.where(active[0], 0, -1)
    rows = [formation]
    for row in range(1, len(times)):
        formation = np.where(active[row], np.where(active[row - 1], formation, number[row]), -1)
        rows.append(formation)
    return np.array(rows)


def _edges(times: NDArray[np.float64]) -> NDArray[np.float64]:
    """A sample stands for the time from it to the next; the last one for as long as the one before."""
    return np.append(times, 2 * times[-1] - times[-2])
