"""Figures of what synapses hold: receptive fields, distributions of θ, matrices, and how they have changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, FigureBase
from numpy.typing import NDArray

from ..analysis import Selectivity
from ..analysis.geometry import RecordedChange, gaussian_bound
from ..inference.priors import Prior
from .pictures import Picture
from .style import Panel, class_colour, class_name, curve_look, figure_of, tidy

__all__ = ["plot_changes", "plot_matrix", "plot_receptive_fields", "plot_theta"]

#: Neurons beside each other in a figure of receptive fields.
_COLUMNS = 10


def plot_receptive_fields(
    weights: NDArray[np.float64],
    n_circuits: int,
    picture: Picture,
    tuning: Selectivity,
    *,
    title: str = "",
    label: str = "weight w (dimensionless)",
    names: Mapping[int, str] | None = None,
    figure: FigureBase | None = None,
) -> Figure:
    """Feed-forward weights of every neuron as a picture, ten neurons in a row; a circuit begins a new row.

    Parameters
    ----------
    weights : (n_inputs, size) array
    n_circuits : int
    picture : Picture
        How the inputs are drawn; the picture at the bottom left has ticks and names of its axes.
    tuning : Selectivity
        The frame of a picture has the colour of the preferred class, and the title its name and index.
    title : str
    label : str
        What the colours tell, if it is not the weights.
    names : mapping of int to str, optional
        What classes are called that are no digits.
    figure : Figure or SubFigure, optional
        Where to draw; a new figure when None.
    """
    size = weights.shape[1] // n_circuits
    columns = min(size, _COLUMNS)
    lines = -(-size // columns)
    figure = figure_of(figure, (columns * 0.95 + 1.8, n_circuits * lines * 1.2 + 0.9))
    axes = figure.subplots(n_circuits * lines, columns, squeeze=False)
    fields = axes.reshape(n_circuits, -1)[:, :size].ravel()
    top = np.nanquantile(weights, 0.998)
    for neuron, ax in enumerate(fields):
        image = picture.draw(ax, weights[:, neuron], vmin=0, vmax=top)
        colour = class_colour(int(tuning.preferred[neuron]))
        for spine in ax.spines.values():
            spine.set(color=colour, linewidth=2)
        ax.set_title(
            f"{class_name(tuning.preferred[neuron], names)}: {tuning.index[neuron]:.2f}",
            fontsize=10,
            color=colour,
            pad=2,
        )
    for row in range(n_circuits):
        axes[row * lines, 0].set_ylabel(f"circuit {row + 1}", fontsize=11)
    for ax in axes.reshape(n_circuits, -1)[:, size:].ravel():
        ax.set_axis_off()
    picture.label(axes[-1, 0], f"circuit {n_circuits}" if lines == 1 else "")
    figure.colorbar(image, ax=axes, label=label, fraction=0.05, aspect=30, extend="max")
    figure.suptitle(title, fontsize=max(9, 1.2 * columns))
    return figure


def plot_theta(theta: Mapping[str, NDArray[np.float64]], prior: Prior, *, ax: Axes | None = None) -> Figure:
    """Distribution of θ of several projections (n_synapses,) against the prior density.

    Parameters
    ----------
    theta : mapping of str to (n_synapses,) array
        By name in the legend.
    prior : Prior
    ax : Axes, optional
        Where to draw; the axes of a new figure when None.
    """
    panel = Panel.of(ax, (6, 3.8))
    ax = panel.ax
    values = np.concatenate(list(theta.values()))
    low, high = float(values.min()), float(values.max())
    for number, (name, sample) in enumerate(theta.items()):
        label = f"{name} ({np.mean(sample > 0):.0%} active)"
        # Few synapses get few bins (Rice's rule), or noise would hide the shape.
        bins = min(80, int(2 * np.cbrt(sample.size)))
        ax.hist(
            sample,
            bins,
            range=(low, high),
            density=True,
            histtype="step",
            color=class_colour(number),
            lw=1.4,
            label=label,
        )
    grid = np.linspace(low, high, 400)
    ax.plot(grid, np.exp(prior.log_density(grid)), "k--", lw=1, label="prior")
    ax.axvline(0, color="#888888", ls=":", lw=1)
    ax.set(xlabel="synaptic parameter θ (a synapse is active where θ > 0)", ylabel="probability density")
    panel.legend("upper center", frameon=False, fontsize=8, ncols=2)
    tidy(ax)
    return panel.figure


def plot_matrix(
    matrix: NDArray[np.float64],
    pre: tuple[str, Selectivity],
    post: tuple[str, Selectivity],
    *,
    title: str,
    names: Mapping[int, str] | None = None,
    ax: Axes | None = None,
) -> Figure:
    """A weight matrix (n_pre, n_post), sorted by preferred class; grey where there is no potential synapse.

    Parameters
    ----------
    matrix : (n_pre, n_post) array
    pre, post : (str, Selectivity)
        Name and selectivity of the two populations.
    title : str
    names : mapping of int to str, optional
        What classes are called that are no digits.
    ax : Axes, optional
        Where to draw; the axes of a new figure when None.
    """
    (pre_name, pre_tuning), (post_name, post_tuning) = pre, post
    ordered = matrix[np.ix_(pre_tuning.order, post_tuning.order)]
    panel = Panel.of(ax, (5.2, 4.6))
    ax = panel.ax
    ax.set_facecolor("#bbbbbb")
    image = ax.imshow(np.ma.masked_invalid(ordered), cmap="magma", vmin=0, interpolation="nearest")
    for tuning, line, along in (
        (pre_tuning, ax.axhline, ax.set_yticks),
        (post_tuning, ax.axvline, ax.set_xticks),
    ):
        preferred = tuning.preferred[tuning.order]
        for border in np.flatnonzero(np.diff(preferred)) + 0.5:
            line(border, color="white", lw=0.8)
        classes = np.unique(preferred)
        along(
            [np.flatnonzero(preferred == c).mean() for c in classes], [class_name(c, names) for c in classes]
        )
    ax.set(
        ylabel=f"{pre_name} neuron (from), by preferred class",
        xlabel=f"{post_name} neuron (to), by preferred class",
        title=title,
    )
    panel.figure.colorbar(image, ax=ax, label="weight w (dimensionless)")
    return panel.figure


def plot_changes(changes: Sequence[RecordedChange], *, figure: FigureBase | None = None) -> Figure:
    """ΔCDF of the change of synapses, by map: a panel for each projection, a colour for each group.

    A dashed line is the 95 % bound of Gaussian changes of that group.

    Parameters
    ----------
    changes : sequence of RecordedChange
    figure : Figure or SubFigure, optional
        Where to draw; a new figure when None.
    """
    projections = list(dict.fromkeys(change.projection for change in changes))
    figure = figure_of(figure, (1.2 + 3.2 * len(projections), 3.8))
    panels = figure.subplots(1, len(projections), sharey=True, squeeze=False)[0]
    names = list(dict.fromkeys(name for change in changes for name in change.readings))
    for ax, projection in zip(panels, projections, strict=True):
        own = [change for change in changes if change.projection == projection]
        for number, change in enumerate(own):
            look = curve_look(number) | {"ls": ""}
            values = [reading.delta_cdf for reading in change.readings.values()]
            places = [names.index(name) for name in change.readings]
            ax.plot(places, values, **look, label=f"{change.group} (n = {change.n})")
            if change.readings:
                bound = gaussian_bound(change.n, centred=True)
                ax.axhline(bound, color=look["color"], ls="--", lw=0.8)
        ax.set_xticks(range(len(names)), names)
        title = f"{projection}\n{own[0].start:g} to {own[0].stop:g} s"
        ax.set(xlim=(-0.5, len(names) - 0.5), xlabel="read as", yscale="log")
        ax.set_title(title, fontsize=9)
        ax.legend(frameon=False, fontsize=7, ncols=2, loc="upper center", bbox_to_anchor=(0.5, -0.2))
        tidy(ax)
    panels[0].set_ylabel("ΔCDF (dashed: 95 % of Gaussian changes)")
    return figure
