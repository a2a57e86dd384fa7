"""Figures of patterns: inputs and their reconstructions as pictures in rows."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure, FigureBase
from numpy.typing import NDArray

from .style import figure_of

__all__ = ["plot_pictures"]


def plot_pictures(
    rows: Sequence[tuple[str, Sequence[NDArray]]],
    *,
    upright: bool = False,
    axes: tuple[str, str] = ("", ""),
    figure: FigureBase | None = None,
) -> Figure:
    """Rows of pictures (height, width), each row with its name, each picture with a scale of its own.

    Parameters
    ----------
    rows : sequence of (str, sequence of (height, width) array)
        From top to bottom: the name of a row and its pictures. A row may be shorter than others.
    upright : bool
        Transpose the pictures and put the first row at the bottom: spectra (time, frequency) with time to the right.
    axes : (str, str)
        What is along the horizontal and the vertical side of every picture.
    figure : Figure or SubFigure, optional
        Where to draw; a new figure when None.
    """
    columns = max(len(pictures) for _, pictures in rows)
    height = 1.5 if upright else 0.9
    figure = figure_of(figure, (0.9 * columns + 1.6, height * len(rows) + 0.2))
    panels = figure.subplots(len(rows), columns, squeeze=False)
    for panel in panels.flat:
        panel.set_xticks([])
        panel.set_yticks([])
        panel.spines[:].set_visible(False)
    for row, (name, pictures) in zip(panels, rows, strict=True):
        for panel, picture in zip(row, pictures, strict=False):
            panel.imshow(
                picture.T if upright else picture,
                cmap="magma",
                origin="lower" if upright else "upper",
                aspect="auto" if upright else "equal",
                interpolation="nearest",
            )
        row[0].set_ylabel(name, fontsize=8, rotation=0, ha="right", va="center")
    if axes[0]:
        figure.supxlabel(axes[0], fontsize=8)
    if axes[1]:
        figure.supylabel(axes[1], fontsize=8)
    return figure
