"""A metric of a sweep over its grid: one line for each combination of the settings that are not on the axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ..analysis.estimates import estimate_mean
from ..plotting.style import class_colour, tidy
from . import page

__all__ = ["Line", "axis_of", "grid_figure", "lines_of"]

#: More lines cannot be told apart.
MAX_LINES = 8
#: From this ratio of the largest to the smallest value on, an axis is logarithmic.
_LOGARITHMIC = 100.0
#: Lines stand beside each other by this part of the distance between two values.
_OFFSET = 0.04


class Result(Protocol):
    """A finished run: its settings by dotted key, and its metrics."""

    @property
    def settings(self) -> Mapping[str, Any]:
        """By dotted key."""

    @property
    def metrics(self) -> Mapping[str, Any]:
        """One value per metric."""


@dataclass(frozen=True)
class Line:
    """A line of a figure.

    Attributes
    ----------
    name : str
        The settings that are not on the axis.
    places : tuple of int
        Indices into the values on the axis, ascending.
    values : tuple of tuples of float
        Those of the runs at each place.
    """

    name: str
    places: tuple[int, ...]
    values: tuple[tuple[float, ...], ...]


def axis_of(results: Sequence[Result], keys: Sequence[str]) -> str:
    """The key on the axis: the one with the most values, numbers before words; the seed if there is no key."""

    def rank(key: str) -> tuple[bool, int]:
        values = _values(results, key)
        return _numbers(values), len(values)

    return max(keys, key=rank) if keys else "seed"


def _values(results: Sequence[Result], key: str) -> list[Any]:
    values: list[Any] = []
    for result in results:
        if (value := result.settings.get(key)) not in values:
            values.append(value)
    return sorted(values) if _numbers(values) else values


def _numbers(values: Sequence[Any]) -> bool:
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)


def lines_of(results: Sequence[Result], metric: str, keys: Sequence[str], axis: str) -> list[Line]:
    """The runs sorted into lines and places.

    Parameters
    ----------
    results : sequence of Result
        Runs without the metric, or in which it is no number, are left out.
    metric : str
    keys : sequence of str
        Dotted keys of the grid.
    axis : str
        The key on the axis; its sorted values are the places.
    """
    places = _values(results, axis)
    others = [key for key in keys if key != axis]
    cells: dict[str, dict[int, list[float]]] = {}
    for result in results:
        value = result.metrics.get(metric)
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        name = ", ".join(f"{_short(key)} = {page.number(result.settings.get(key))}" for key in others)
        place = places.index(result.settings.get(axis))
        cells.setdefault(name, {}).setdefault(place, []).append(float(value))
    return [
        Line(name, tuple(sorted(row)), tuple(tuple(row[place]) for place in sorted(row)))
        for name, row in cells.items()
    ]


def _short(key: str) -> str:
    return key.rpartition(".")[2]


def grid_figure(results: Sequence[Result], metric: str, keys: Sequence[str]) -> Figure | None:
    """Every run as a point, means with 95 % intervals as lines; None if there are too many lines."""
    axis = axis_of(results, keys)
    lines = lines_of(results, metric, keys, axis)
    if not lines or len(lines) > MAX_LINES:
        return None
    values = _values(results, axis)
    numeric = bool(keys) and _numbers(values) and len(values) > 2
    at = np.array(values, dtype=float) if numeric else np.arange(len(values), dtype=float)
    logarithmic = numeric and at[0] > 0 and at[-1] >= _LOGARITHMIC * at[0]
    figure = Figure(figsize=(6.4, 3.5 + 0.18 * (len(lines) // 2)), layout="constrained")
    ax = figure.subplots()
    for number, line in enumerate(lines):
        x = _shifted(at[list(line.places)], at, number - (len(lines) - 1) / 2, logarithmic)
        _draw(ax, x, line, class_colour(number))
    ax.set(xlabel=_short(axis).replace("_", " "), ylabel=metric)
    if logarithmic:
        ax.set_xscale("log")
    elif not numeric:
        ax.set_xticks(at, [page.number(value) for value in values], rotation=0 if len(at) < 9 else 60)
    if len(lines) > 1:
        figure.legend(frameon=False, fontsize=8, loc="outside upper center", ncols=2)
    tidy(ax)
    return figure


def _shifted(
    x: NDArray[np.float64], at: NDArray[np.float64], steps: float, logarithmic: bool
) -> NDArray[np.float64]:
    """``x`` moved by a small part of the axis, so that the intervals of two lines do not hide each other."""
    if len(at) < 2:
        return x + _OFFSET * steps
    part = _OFFSET * steps / (len(at) - 1)
    shifted: NDArray[np.float64] = (
        x * (at[-1] / at[0]) ** part if logarithmic else x + part * (at[-1] - at[0])
    )
    return shifted


def _draw(ax: Axes, x: NDArray[np.float64], line: Line, colour: str) -> None:
    means = []
    for place, values in zip(x, line.values, strict=True):
        estimate = estimate_mean(values)
        means.append(estimate.value)
        ax.plot([place] * len(values), values, "o", color=colour, mfc="white", ms=3, mew=0.8, zorder=3)
        if estimate.interval is not None:
            ax.vlines(place, *estimate.interval, color=colour, lw=1.5)
    marker = "s-" if any(len(values) > 1 for values in line.values) else "o-"
    ax.plot(x, means, marker, color=colour, ms=4.5, lw=1.2, label=line.name or None)
