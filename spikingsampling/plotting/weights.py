"""Figures of what synapses hold: receptive fields, distributions of θ, matrices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ..analysis import Selectivity
from ..inference.priors import Prior
from .style import class_colour, tidy

__all__ = ["plot_matrix", "plot_patterns", "plot_receptive_fields", "plot_theta"]


def plot_receptive_fields(
    weights: NDArray[np.float64],
    n_circuits: int,
    shape: tuple[int, int],
    tuning: Selectivity,
    *,
    title: str = "",
    upright: bool = False,
) -> Figure:
    """Feed-forward weights of every neuron as a picture, one row per circuit.

    Parameters
    ----------
    weights : (n_inputs, size) array
    n_circuits : int
    shape : (int, int)
        Of a picture; ``upright`` transposes it and puts its first row at the bottom (cochleagrams).
    tuning : Selectivity
        The frame of a picture has the colour of the preferred class, and the title its name and index.
    title : str
    upright : bool
    """
    columns = weights.shape[1] // n_circuits
    figure = Figure(figsize=(columns * 0.95 + 1.6, n_circuits * 1.2 + 0.7), layout="constrained")
    axes = figure.subplots(n_circuits, columns, squeeze=False)
    top = np.nanquantile(weights, 0.998)
    for neuron, ax in enumerate(axes.ravel()):
        picture = weights[:, neuron].reshape(shape)
        image = ax.imshow(
            picture.T if upright else picture,
            cmap="magma",
            vmin=0,
            vmax=top,
            origin="lower" if upright else "upper",
            aspect="auto",
            interpolation="nearest",
        )
        ax.set_box_aspect(1)
        colour = class_colour(int(tuning.preferred[neuron]))
        ax.set_xticks([])
        ax.set_yticks([])
        for spine in ax.spines.values():
            spine.set(color=colour, linewidth=2)
        ax.set_title(
            f"{tuning.preferred[neuron]}: {tuning.index[neuron]:.2f}", fontsize=7, color=colour, pad=2
        )
    for row in range(n_circuits):
        axes[row, 0].set_ylabel(f"circuit {row + 1}", fontsize=8)
    figure.colorbar(image, ax=axes, label="weight w", fraction=0.05, aspect=30, extend="max")
    figure.suptitle(title, fontsize=9)
    return figure


def plot_patterns(
    rows: Sequence[tuple[str, Sequence[NDArray[np.float64]]]],
    titles: Sequence[str],
    *,
    upright: Sequence[bool],
) -> Figure:
    """Pictures in rows, each row with a name and a scale of its own; for reconstructions beside the truth."""
    figure = Figure(figsize=(1.15 * len(titles) + 1.2, 1.15 * len(rows) + 0.4), layout="constrained")
    axes = figure.subplots(len(rows), len(titles), squeeze=False)
    for row, (name, pictures) in enumerate(rows):
        for column, picture in enumerate(pictures):
            ax = axes[row, column]
            ax.imshow(
                picture.T if upright[row] else picture,
                cmap="magma",
                origin="lower" if upright[row] else "upper",
                aspect="auto",
                interpolation="nearest",
            )
            ax.set_box_aspect(1)
            ax.set_xticks([])
            ax.set_yticks([])
            if row == 0:
                ax.set_title(titles[column], fontsize=8)
        axes[row, 0].set_ylabel(name, fontsize=8, rotation=0, ha="right", va="center")
    return figure


def plot_theta(theta: Mapping[str, NDArray[np.float64]], prior: Prior) -> Figure:
    """Distribution of θ of several projections (n_synapses,) against the prior density."""
    figure = Figure(figsize=(6, 3.8), layout="constrained")
    ax = figure.subplots()
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
    ax.set(xlabel="synaptic parameter θ (a synapse exists where θ > 0)", ylabel="density")
    ax.legend(frameon=False, fontsize=8)
    tidy(ax)
    return figure


def plot_matrix(
    matrix: NDArray[np.float64], pre: tuple[str, Selectivity], post: tuple[str, Selectivity], *, title: str
) -> Figure:
    """A weight matrix (n_pre, n_post) with both sides sorted by preferred class; grey where no synapse can be."""
    (pre_name, pre_tuning), (post_name, post_tuning) = pre, post
    ordered = matrix[np.ix_(pre_tuning.order, post_tuning.order)]
    figure = Figure(figsize=(5.2, 4.6), layout="constrained")
    ax = figure.subplots()
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
        along([np.flatnonzero(preferred == c).mean() for c in classes], [str(c) for c in classes])
    ax.set(
        ylabel=f"{pre_name} neuron (from), by preferred class",
        xlabel=f"{post_name} neuron (to), by preferred class",
        title=title,
    )
    figure.colorbar(image, ax=ax, label="weight w")
    return figure
