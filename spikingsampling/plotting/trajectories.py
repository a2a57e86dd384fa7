"""Figures of parameters over time: in their principal components, and one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, FigureBase
from numpy.typing import ArrayLike

from ..analysis import PrincipalComponents
from ..errors import ParameterError
from .style import Panel, class_colour, figure_of, tidy
from .timeline import Phase, mark_events, shade_phases, time_unit

__all__ = ["plot_synapse_traces", "plot_trajectory"]


def plot_trajectory(
    components: PrincipalComponents,
    phase: ArrayLike,
    names: Sequence[str],
    *,
    n_dimensions: int = 2,
    title: str = "",
    ax: Axes | None = None,
) -> Figure:
    """A trajectory in its first two or three principal components, coloured by phase, with start and end.

    Parameters
    ----------
    components : PrincipalComponents
    phase : (n_times,) int array
        Which of ``names`` each sample belongs to.
    names : sequence of str
        Of the phases.
    n_dimensions : {2, 3}
    title : str
    ax : Axes, optional
        Where to draw, with a 3-D projection for three dimensions; the axes of a new figure when None.

    Raises
    ------
    ParameterError
        Another number of dimensions, or fewer components.
    """
    n_components = components.points.shape[1]
    if n_dimensions not in (2, 3) or n_dimensions > n_components:
        raise ParameterError(
            f"n_dimensions = {n_dimensions!r}: must be 2 or 3, and at most the {n_components} components"
        )
    label = np.asarray(phase)
    points = components.points[:, :n_dimensions]
    panel = Panel.of(ax, (6, 5), subplot_kw={"projection": "3d"} if n_dimensions == 3 else {})
    ax = panel.ax
    for number, name in enumerate(names):
        samples = np.flatnonzero(label == number)
        if not len(samples):
            continue
        # With the step that led here, so that the line is not broken between two phases.
        path = np.arange(max(samples[0] - 1, 0), samples[-1] + 1)
        colour = class_colour(number)
        ax.plot(*points[path].T, "-", color=colour, lw=1.2, alpha=0.8)
        ax.plot(*points[samples].T, "o", color=colour, ms=3.5, label=name)
    marks = ((0, "o", "white", "start"), (-1, "s", "black", "end"))
    for row, marker, face, name in marks:
        ax.plot(*points[[row]].T, marker, mfc=face, mec="black", ms=9, mew=1.5, ls="", label=name, zorder=5)
    setters = (ax.set_xlabel, ax.set_ylabel, getattr(ax, "set_zlabel", None))
    for number, setter in enumerate(setters[:n_dimensions]):
        assert setter is not None
        share = f"{100 * components.explained[number]:.0f} % of the variance"
        if n_dimensions == 3:
            setter(f"PC {number + 1} of θ ({share.split(' of')[0]})", fontsize=9, labelpad=2)
        else:
            setter(f"principal component {number + 1} ({share}), units of θ")
    if n_dimensions == 3:
        ax.set_box_aspect(None, zoom=0.9)
        ax.tick_params(labelsize=8, pad=0)
        ax.locator_params(nbins=4)
    else:
        ax.set_aspect("equal", adjustable="datalim")  # distances must be comparable
        tidy(ax)
    panel.legend("upper center", frameon=False, fontsize=8, ncols=min(5, len(names) + 2), markerscale=1.2)
    panel.title(title)
    return panel.figure


def plot_synapse_traces(
    times: ArrayLike,
    theta: ArrayLike,
    weights: ArrayLike,
    *,
    phases: Sequence[Phase] = (),
    events: Mapping[str, float] | None = None,
    groups: Mapping[str, ArrayLike] | None = None,
    title: str = "",
    figure: FigureBase | None = None,
) -> Figure:
    """θ and w of a few synapses over time, with phases shaded and events marked.

    Parameters
    ----------
    times : (n_times,) array
        Seconds.
    theta, weights : (n_times, n) array
    phases : sequence of Phase
    events : mapping of str to float, optional
        Times (s).
    groups : mapping of str to (k,) int array, optional
        Columns that share a colour, by name in the legend; columns in no group are grey. Without groups every
        synapse has a colour of its own, and colours repeat after ten.
    title : str
    figure : Figure or SubFigure, optional
        Where to draw; a new figure when None.
    """
    seconds = np.asarray(times, dtype=float)
    span = float(seconds.min()), float(seconds.max())
    unit, length = time_unit(float(seconds.max()))
    figure = figure_of(figure, (7, 5))
    axes = figure.subplots(2, 1, sharex=True)
    columns = np.asarray(theta).shape[1]
    colours = ["#999999"] * columns if groups else [class_colour(k) for k in range(columns)]
    for number, members in enumerate((groups or {}).values()):
        for column in np.asarray(members, dtype=int):
            colours[column] = class_colour(number)
    for ax, values in zip(axes, (np.asarray(theta), np.asarray(weights)), strict=True):
        for column, colour in enumerate(colours):
            ax.plot(seconds / length, values[:, column], color=colour, lw=1, alpha=0.8)
        shade_phases(ax, phases, length, names=ax is axes[0] and not events, span=span)
        mark_events(ax, events or {}, length, names=ax is axes[0])
        tidy(ax)
    axes[0].axhline(0, color="black", lw=1, ls=":")
    axes[0].set_ylabel("parameter θ\n(active above 0)")
    axes[1].set(xlabel=f"simulated time ({unit})", ylabel="weight w", ylim=(0, None))
    axes[1].set_xlim(span[0] / length, span[1] / length)
    if groups:
        for number, name in enumerate(groups):
            axes[0].plot([], [], color=class_colour(number), lw=2, label=name)
        figure.legend(frameon=False, fontsize=8, loc="outside lower center", ncols=min(4, len(groups)))
    figure.suptitle(title, fontsize=10)
    return figure
