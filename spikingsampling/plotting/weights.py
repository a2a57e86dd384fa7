"""Figures of what synapses hold: receptive fields, distributions of θ, matrices, and how they have changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, FigureBase
from matplotlib.image import AxesImage
from numpy.typing import NDArray

from ..analysis import Selectivity
from ..analysis.geometry import RecordedChange, gaussian_bound
from ..inference.priors import Prior
from .style import Panel, class_colour, class_name, curve_look, figure_of, tidy

__all__ = ["Picture", "plot_changes", "plot_matrix", "plot_patterns", "plot_receptive_fields", "plot_theta"]


@dataclass(frozen=True)
class Picture:
    """How a pattern (n_inputs,) is drawn.

    Parameters
    ----------
    shape : (int, int)
        Rows and columns; a pattern of several frames is averaged over them.
    x, y : str
        Names of the axes, with their unit.
    upright : bool
        Transposed, with the first row of the transpose at the bottom, as cochleagrams (frames, channels) are drawn.
    """

    shape: tuple[int, int]
    x: str = ""
    y: str = ""
    upright: bool = False

    def array(self, pattern: NDArray[np.float64]) -> NDArray[np.float64]:
        """The pattern as rows and columns of the picture."""
        frame = pattern.reshape(-1, *self.shape).mean(axis=0)
        return frame.T if self.upright else frame

    def draw(self, ax: Axes, pattern: NDArray[np.float64], **options: Any) -> AxesImage:
        """Draw a pattern as a square without ticks; ``options`` are those of ``imshow``."""
        image = ax.imshow(
            self.array(pattern),
            cmap="magma",
            origin="lower" if self.upright else "upper",
            aspect="auto",
            interpolation="nearest",
            **options,
        )
        ax.set_box_aspect(1)
        ax.set_xticks([])
        ax.set_yticks([])
        return image

    def label(self, ax: Axes, above: str = "") -> None:
        """Name the axes of a picture and number its first and last row and column; ``above`` precedes the ordinate."""
        n_rows, n_columns = self.shape[::-1] if self.upright else self.shape
        ax.set_xticks(sorted({0, n_columns - 1}))
        ax.set_yticks(sorted({0, n_rows - 1}))
        ax.tick_params(labelsize=6, length=2, pad=1)
        ax.set_xlabel(self.x, fontsize=7)
        ax.set_ylabel(f"{above}\n{self.y}".strip(), fontsize=7)


def plot_receptive_fields(
    weights: NDArray[np.float64],
    n_circuits: int,
    picture: Picture,
    tuning: Selectivity,
    *,
    title: str = "",
    names: Mapping[int, str] | None = None,
    figure: FigureBase | None = None,
) -> Figure:
    """Feed-forward weights of every neuron as a picture, one row per circuit.

    Parameters
    ----------
    weights : (n_inputs, size) array
    n_circuits : int
    picture : Picture
        How the inputs are drawn; the picture at the bottom left has ticks and names of its axes.
    tuning : Selectivity
        The frame of a picture has the colour of the preferred class, and the title its name and index.
    title : str
    names : mapping of int to str, optional
        What classes are called that are no digits.
    figure : Figure or SubFigure, optional
        Where to draw; a new figure when None.
    """
    columns = weights.shape[1] // n_circuits
    figure = figure_of(figure, (columns * 0.95 + 1.8, n_circuits * 1.2 + 0.9))
    axes = figure.subplots(n_circuits, columns, squeeze=False)
    top = np.nanquantile(weights, 0.998)
    for neuron, ax in enumerate(axes.ravel()):
        image = picture.draw(ax, weights[:, neuron], vmin=0, vmax=top)
        colour = class_colour(int(tuning.preferred[neuron]))
        for spine in ax.spines.values():
            spine.set(color=colour, linewidth=2)
        ax.set_title(
            f"{class_name(tuning.preferred[neuron], names)}: {tuning.index[neuron]:.2f}",
            fontsize=7,
            color=colour,
            pad=2,
        )
    for row in range(n_circuits):
        axes[row, 0].set_ylabel(f"circuit {row + 1}", fontsize=8)
    picture.label(axes[-1, 0], f"circuit {n_circuits}")
    figure.colorbar(image, ax=axes, label="weight w (dimensionless)", fraction=0.05, aspect=30, extend="max")
    figure.suptitle(title, fontsize=9)
    return figure


def plot_patterns(
    rows: Sequence[tuple[str, Picture, Sequence[NDArray[np.float64]]]],
    titles: Sequence[str],
    *,
    figure: FigureBase | None = None,
) -> Figure:
    """Patterns in rows, for reconstructions beside the truth.

    Parameters
    ----------
    rows : sequence of (name, picture, patterns)
        Each row has a colour scale of its own; its patterns (n_inputs,) are as many as the ``titles``.
    titles : sequence of str
        Of the columns.
    figure : Figure or SubFigure, optional
        Where to draw; a new figure when None.
    """
    figure = figure_of(figure, (1.15 * len(titles) + 1.4, 1.15 * len(rows) + 0.6))
    axes = figure.subplots(len(rows), len(titles), squeeze=False)
    for row, (name, picture, patterns) in enumerate(rows):
        for column, pattern in enumerate(patterns):
            picture.draw(axes[row, column], pattern)
            if row == 0:
                axes[row, column].set_title(titles[column], fontsize=8)
        axes[row, 0].set_ylabel(name, fontsize=8, rotation=0, ha="right", va="center")
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
