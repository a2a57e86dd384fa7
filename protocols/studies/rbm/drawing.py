"""Figures of restricted Boltzmann machines, laid out as figures 1 to 10 of Fournier's report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from spikingsampling.inference.priors import Prior, UniformPrior
from spikingsampling.plotting.style import class_colour, draw_band, draw_marks, tidy
from spikingsampling.protocols.studies.rbm.training import Trajectory

__all__ = ["plot_counts", "plot_errors", "plot_likelihood", "plot_pixels", "plot_weights"]


def plot_errors(
    results: Mapping[str, Sequence[Trajectory]],
    *,
    along: Literal["rows", "columns"] = "columns",
    marks: Sequence[float] = (),
    items: str = "images",
) -> Figure:
    """Training and held-out errors of several trainings over the images shown: mean and range over runs.

    Parameters
    ----------
    results : mapping of str to sequence of Trajectory
        Title of a training → its repetitions.
    along : {"rows", "columns"}
        ``rows``: one row per training, training errors on the left and held-out errors on the right.
        ``columns``: one column per training, training errors above held-out errors. All share their scale.
    marks : sequence of float
        Vertical lines, for example lesions.
    items : str
        What is shown: images, or words.
    """
    n, rows = len(results), along == "rows"
    size = (7.0, 1.4 * n + 0.6) if rows else (2.6 * n + 1, 4.6)
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots(n, 2, squeeze=False, sharex=True, sharey=True) if rows else None
    axes = figure.subplots(2, n, squeeze=False, sharex=True, sharey=True).T if axes is None else axes
    for panels, (title, runs) in zip(axes, results.items(), strict=True):
        for number, (ax, which) in enumerate(zip(panels, ("train_error", "test_error"), strict=True)):
            draw_band(ax, runs[0].steps, [getattr(run, which) for run in runs], class_colour(number))
            draw_marks(ax, marks)
            tidy(ax)
        if rows:
            panels[0].set_ylabel(title)
        else:
            panels[0].set_title(title, fontsize=9)
    for ax, part in zip(axes[0], (f"training {items}", f"held-out {items}"), strict=True):
        if rows:
            ax.set_title(part, fontsize=9)
        else:
            ax.set_ylabel(part)
    axes[0, 0].set_ylim(bottom=0)
    figure.supxlabel(f"{items} shown", fontsize=10)
    figure.supylabel("L1 error of the reconstruction", fontsize=10)
    return figure


def plot_pixels(
    steps: ArrayLike,
    weights: Mapping[str, ArrayLike],
    biases: Mapping[str, ArrayLike],
    *,
    marks: Sequence[float] = (),
    picture: tuple[NDArray, Mapping[str, tuple[int, int]]] | None = None,
) -> Figure:
    """Weights above biases over the images shown: one column per pixel, one line per hidden unit.

    Parameters
    ----------
    steps : (n,) array
    weights : mapping of str to (n, n_hidden) array
        Title → weights from each hidden unit.
    biases : mapping of str to (n, n_lines) array
        Title → biases.
    marks : sequence of float
        Vertical lines, for example lesions.
    picture : (image, mapping of str to (row, column)), optional
        An image on which the pixels are shown.
    """
    columns = max(len(weights), len(biases))
    figure = Figure(figsize=(3.0 * columns + (2.2 if picture else 0.6), 4.6), layout="constrained")
    axes = figure.subplots(2, columns + bool(picture), squeeze=False)
    for row, (name, panels) in zip(axes, (("weight", weights), ("bias", biases)), strict=True):
        for ax, (title, values) in zip(row, panels.items(), strict=False):
            lines = np.reshape(values, (len(np.asarray(steps)), -1))
            for number, line in enumerate(lines.T):
                ax.plot(steps, line, lw=0.9, color=class_colour(number))
            draw_marks(ax, marks)
            ax.set_title(title, fontsize=9)
            tidy(ax)
        row[0].set_ylabel(name)
        for ax in row[len(panels) :]:
            ax.axis("off")
    if picture is not None:
        image, places = picture
        axes[0, -1].imshow(image, cmap="gray_r")
        for number, (title, (i, j)) in enumerate(places.items()):
            axes[0, -1].plot(j, i, "s", color=class_colour(number), ms=5, label=title)
        handles, titles = axes[0, -1].get_legend_handles_labels()
        axes[1, -1].legend(handles, titles, frameon=False, fontsize=8, loc="upper center")
    figure.supxlabel("images shown", fontsize=10)
    return figure


def plot_counts(steps: ArrayLike, counts: Mapping[str, ArrayLike], *, marks: Sequence[float] = ()) -> Figure:
    """Number of visible biases above −1 in every run, (n_runs, n) by title: mean and range over runs."""
    figure = Figure(figsize=(5, 3.4), layout="constrained")
    ax = figure.subplots()
    for number, (title, runs) in enumerate(counts.items()):
        draw_band(ax, steps, runs, class_colour(number), title)
    draw_marks(ax, marks)
    ax.set(xlabel="images shown", ylabel="visible biases above −1", ylim=(0, None))
    ax.legend(frameon=False, fontsize=8)
    tidy(ax)
    return figure


def plot_weights(weights: Mapping[str, tuple[ArrayLike, Prior]]) -> Figure:
    """Histogram of the weights of several machines, by title, and the density of their priors."""
    figure = Figure(figsize=(2.8 * len(weights) + 0.4, 3.0), layout="constrained")
    axes = figure.subplots(1, len(weights), squeeze=False, sharex=True)[0]
    for ax, (title, (values, prior)) in zip(axes, weights.items(), strict=True):
        flat = np.ravel(values)
        ax.hist(flat, 100, density=True, color=class_colour(0))
        if not isinstance(prior, UniformPrior):
            grid = np.linspace(flat.min(), flat.max(), 400)
            ax.plot(grid, np.exp(prior.log_density(grid)), "k--", lw=1, label="prior")
            ax.legend(frameon=False, fontsize=8)
        ax.set_title(title, fontsize=9)
        ax.set_xlabel("weight")
        tidy(ax)
    axes[0].set_ylabel("density")
    return figure


def plot_likelihood(steps: ArrayLike, curves: Mapping[str, tuple[ArrayLike, ArrayLike]]) -> Figure:
    """Log-likelihoods on training (left) and held-out images (right), (n_runs, n) each, by title."""
    figure = Figure(figsize=(8, 3.8), layout="constrained")
    axes = figure.subplots(1, 2, sharey=True)
    for ax, which, title in zip(axes, (0, 1), ("training images", "held-out images"), strict=True):
        for number, (name, runs) in enumerate(curves.items()):
            draw_band(ax, steps, runs[which], class_colour(number), name)
        ax.set(xlabel="images shown", title=title)
        tidy(ax)
    axes[0].set_ylabel("log-likelihood per image (nats)")
    figure.legend(
        *axes[1].get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False, fontsize=8
    )
    return figure
