"""Figures of restricted Boltzmann machines, laid out as figures 1 to 10 of Fournier's report (S0)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from ..inference.priors import Prior, UniformPrior
from .style import class_colour, tidy

__all__ = [
    "ErrorCurves",
    "plot_counts",
    "plot_errors",
    "plot_histograms",
    "plot_likelihood",
    "plot_parameters",
    "plot_pictures",
]


@dataclass(frozen=True)
class ErrorCurves:
    """L1 errors after so many images, ``steps`` (n,), in every run: ``train`` and ``test`` (n_runs, n)."""

    steps: ArrayLike
    train: ArrayLike
    test: ArrayLike


def _band(ax: Axes, steps: ArrayLike, runs: ArrayLike, colour: str, label: str = "") -> None:
    """The mean over runs, and the range of the runs as a band."""
    values = np.atleast_2d(runs)
    ax.plot(steps, values.mean(axis=0), color=colour, lw=1.4, label=label)
    ax.fill_between(steps, values.min(axis=0), values.max(axis=0), color=colour, alpha=0.25, lw=0)


def plot_errors(
    curves: Mapping[str, ErrorCurves],
    *,
    along: Literal["rows", "columns"] = "columns",
    marks: Sequence[float] = (),
) -> Figure:
    """Training and validation errors of several trainings, mean and range over runs.

    ``along`` rows: one row per training, training errors on the left, validation errors on the right
    (figure 1b); columns: one column per training, training above validation (figures 2, 3, 4b, 6 to 10).
    Both share their scale. ``marks`` are vertical lines (lesions, changes of the data).
    """
    n = len(curves)
    rows, columns = (n, 2) if along == "rows" else (2, n)
    size = (7.0, 1.4 * n + 0.6) if along == "rows" else (3.0 * n + 1, 4.6)
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
    for i, (title, curve) in enumerate(curves.items()):
        for j, (name, runs) in enumerate((("training", curve.train), ("validation", curve.test))):
            ax = axes[i, j] if along == "rows" else axes[j, i]
            _band(ax, curve.steps, runs, class_colour(j))
            for mark in marks:
                ax.axvline(mark, color="#888888", ls=":", lw=1)
            if along == "columns" or i == 0:
                ax.set_title(f"{title}, {name}" if along == "columns" else name, fontsize=9)
            if along == "rows" and j == 0:
                ax.set_ylabel(title)
            tidy(ax)
    axes[0, 0].set_ylim(bottom=0)
    figure.supxlabel("images shown")
    figure.supylabel("L1 error of the reconstruction")
    return figure


def plot_pictures(rows: Sequence[tuple[str, Sequence[NDArray]]], *, upright: bool = False) -> Figure:
    """Rows of pictures (height, width), each row with its name: inputs above their reconstructions.

    ``upright`` transposes them and puts the first row at the bottom (spectra over time).
    """
    columns = max(len(pictures) for _, pictures in rows)
    height = 1.5 if upright else 0.9
    figure = Figure(figsize=(0.9 * columns + 1.6, height * len(rows) + 0.2), layout="constrained")
    axes = figure.subplots(len(rows), columns, squeeze=False)
    for ax in axes.flat:
        ax.set_xticks([])
        ax.set_yticks([])
        ax.spines[:].set_visible(False)
    for i, (name, pictures) in enumerate(rows):
        for ax, picture in zip(axes[i], pictures, strict=False):
            ax.imshow(
                picture.T if upright else picture,
                cmap="magma",
                origin="lower" if upright else "upper",
                aspect="auto" if upright else "equal",
            )
        axes[i, 0].set_ylabel(name, fontsize=8, rotation=0, ha="right", va="center")
    return figure


def plot_parameters(
    steps: ArrayLike,
    weights: Mapping[str, ArrayLike],
    biases: Mapping[str, ArrayLike],
    *,
    marks: Sequence[float] = (),
    picture: tuple[NDArray, Mapping[str, tuple[int, int]]] | None = None,
) -> Figure:
    """Weights above biases over the images shown, one column per pixel (figures 5a, 7b, 8c, 9b, 10c).

    Parameters
    ----------
    steps : (n,) array
    weights : mapping of str to (n, n_hidden) array
        By title.
    biases : mapping of str to (n, n_lines) array
        By title.
    marks : sequence of float
    picture : (image, mapping of str to (row, column)), optional
        An image on which the pixels are shown.
    """
    columns = max(len(weights), len(biases))
    figure = Figure(figsize=(3.0 * columns + (2.2 if picture else 0.4), 4.6), layout="constrained")
    axes = figure.subplots(2, columns + bool(picture), squeeze=False)
    for row, (name, panels) in enumerate((("weights", weights), ("biases", biases))):
        for ax, (title, lines) in zip(axes[row], panels.items(), strict=False):
            ax.plot(steps, np.reshape(lines, (len(np.asarray(steps)), -1)), lw=0.9)
            for mark in marks:
                ax.axvline(mark, color="#888888", ls=":", lw=1)
            ax.set_title(f"{name}, {title}", fontsize=9)
            tidy(ax)
        for ax in axes[row, len(panels) : columns]:
            ax.axis("off")
    if picture is not None:
        image, places = picture
        axes[0, -1].imshow(image, cmap="gray_r")
        for number, (title, (i, j)) in enumerate(places.items()):
            axes[0, -1].plot(j, i, "s", color=class_colour(number), ms=5, label=title)
        axes[0, -1].legend(frameon=False, fontsize=7, loc="upper center", bbox_to_anchor=(0.5, -0.02))
        axes[0, -1].axis("off")
        axes[1, -1].axis("off")
    figure.supxlabel("images shown")
    return figure


def plot_counts(steps: ArrayLike, counts: Mapping[str, ArrayLike], *, marks: Sequence[float] = ()) -> Figure:
    """Number of visible biases above −1 in every run, (n_runs, n) by title (figures 5b and 8b)."""
    figure = Figure(figsize=(5, 3.4), layout="constrained")
    ax = figure.subplots()
    for number, (title, runs) in enumerate(counts.items()):
        _band(ax, steps, runs, class_colour(number), title)
    for mark in marks:
        ax.axvline(mark, color="#888888", ls=":", lw=1)
    ax.set(xlabel="images shown", ylabel="visible biases above −1", ylim=(0, None))
    ax.legend(frameon=False, fontsize=8)
    tidy(ax)
    return figure


def plot_histograms(weights: Mapping[str, tuple[ArrayLike, Prior]]) -> Figure:
    """Histogram of the weights of several machines and the density of their priors (figures 6 and 10b)."""
    figure = Figure(figsize=(3.2 * len(weights) + 0.4, 3.0), layout="constrained")
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
    """Exact log-likelihood on training (left) and held-out images (right), (n_runs, n) each, by title."""
    figure = Figure(figsize=(8, 3.6), layout="constrained")
    axes = figure.subplots(1, 2, sharey=True)
    for ax, which, title in zip(axes, (0, 1), ("training images", "held-out images"), strict=True):
        for number, (name, runs) in enumerate(curves.items()):
            _band(ax, steps, runs[which], class_colour(number), name)
        ax.set(xlabel="images shown", title=title)
        tidy(ax)
    axes[0].set_ylabel("log-likelihood per image (nats)")
    axes[1].legend(frameon=False, fontsize=8)
    return figure
