"""Figures of patterns: inputs and their reconstructions as pictures in rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, FigureBase
from matplotlib.image import AxesImage
from numpy.typing import NDArray

from .style import figure_of

__all__ = ["Picture", "edge_bars", "plot_patterns", "plot_pictures"]


def edge_bars(maps: NDArray[np.float64], orientations: int, side: int = 9) -> NDArray[np.float64]:
    """Maps of edges by orientation as one picture: in each patch a bar along every edge, as bright as it is strong.

    Where bars cross, the brightest is seen. A bar is 3 dots wide and as long as its patch; a steep gradient at
    k · 180°/``orientations`` from the direction of rising columns towards rising rows has its edge at right angles.

    Parameters
    ----------
    maps : (rows, orientations · columns) array
        As :func:`~spikingsampling.simulation.encoding.edge_maps` makes them: side by side.
    orientations : int
    side : int
        Dots along each side of a patch; an odd number has one in the middle.

    Returns
    -------
    (rows · side, columns · side) array
    """
    rows, columns = maps.shape[0], maps.shape[1] // orientations
    strength = maps.reshape(rows, orientations, columns)
    down, right = np.mgrid[:side, :side] - (side - 1) / 2
    angle = np.arange(orientations)[:, None, None] * np.pi / orientations
    across = np.abs(right * np.cos(angle) + down * np.sin(angle))
    bars = (across <= 1 + 1e-9) & (np.hypot(down, right) <= side / 2)
    dots = np.where(bars[None, :, None], strength[..., None, None], 0.0)  # row, orientation, column, dots
    return dots.max(axis=1).transpose(0, 2, 1, 3).reshape(rows * side, columns * side)


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
    orientations : int
        Where the pattern holds maps of edges side by side, the number of maps: it is drawn as :func:`edge_bars`.
    """

    shape: tuple[int, int]
    x: str = ""
    y: str = ""
    upright: bool = False
    orientations: int = 0

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns as they are drawn; of edges those of the patches."""
        rows, columns = self.shape[::-1] if self.upright else self.shape
        return rows, columns // max(self.orientations, 1)

    def array(self, pattern: NDArray[np.float64]) -> NDArray[np.float64]:
        """The pattern as rows and columns of the picture."""
        frame = pattern.reshape(-1, *self.shape).mean(axis=0)
        if self.orientations:
            return edge_bars(frame, self.orientations)
        return frame.T if self.upright else frame

    def draw(self, ax: Axes, pattern: NDArray[np.float64], **options: Any) -> AxesImage:
        """Draw a pattern as a square without ticks; ``options`` are those of ``imshow``."""
        rows, columns = self.size
        image = ax.imshow(
            self.array(pattern),
            cmap="magma",
            origin="lower" if self.upright else "upper",
            extent=(-0.5, columns - 0.5, *((-0.5, rows - 0.5) if self.upright else (rows - 0.5, -0.5))),
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
        n_rows, n_columns = self.size
        ax.set_xticks(sorted({0, n_columns - 1}))
        ax.set_yticks(sorted({0, n_rows - 1}))
        ax.tick_params(labelsize=7, length=2, pad=1)
        ax.set_xlabel(self.x, fontsize=8)
        ax.set_ylabel(f"{above}\n{self.y}".strip(), fontsize=8)


def plot_patterns(
    rows: Sequence[tuple[str, Picture, Sequence[NDArray[np.float64]]]],
    titles: Sequence[str],
    *,
    units: Sequence[str] = (),
    fontsize: float = 8,
    figure: FigureBase | None = None,
) -> Figure:
    """Patterns in rows, for reconstructions beside the truth.

    Parameters
    ----------
    rows : sequence of (name, picture, patterns)
        Each row has a colour scale of its own, from 0 to its largest value; its patterns (n_inputs,) are as many as the
        ``titles``.
    titles : sequence of str
        Of the columns.
    units : sequence of str
        What the colours of each row tell; with these each row has a colour bar.
    fontsize : float
        Of names and titles (points).
    figure : Figure or SubFigure, optional
        Where to draw; a new figure when None.
    """
    margin = 0.16 * fontsize + bool(units)
    figure = figure_of(figure, (1.1 * len(titles) + margin, 1.1 * len(rows) + 0.6))
    axes = figure.subplots(len(rows), len(titles), squeeze=False)
    for row, (name, picture, patterns) in enumerate(rows):
        largest = np.nanmax([0.0, *np.ravel(patterns)])
        for column, pattern in enumerate(patterns):
            image = picture.draw(axes[row, column], pattern, vmin=0, vmax=largest or 1.0)
            if row == 0:
                axes[row, column].set_title(titles[column], fontsize=fontsize)
        axes[row, 0].set_ylabel(name, fontsize=fontsize, rotation=0, ha="right", va="center")
        if units:
            bar = figure.colorbar(image, ax=axes[row].tolist(), fraction=0.05, pad=0.01, aspect=12)
            bar.set_label(units[row], fontsize=fontsize - 1)
            bar.ax.tick_params(labelsize=fontsize - 1)
    return figure


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
