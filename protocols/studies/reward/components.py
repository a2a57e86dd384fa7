"""Principal components of parameters over the parts of a course."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from spikingsampling.analysis import principal_components
from spikingsampling.plotting.style import class_colour, tidy

__all__ = ["draw_components"]


def draw_components(ax: Axes, parts: Mapping[str, NDArray[np.float64]]) -> None:
    """Parameters (n_times, n_parameters) of parts that follow each other, in the two directions in which all vary most.

    Each part has a colour; its name is the label.
    """
    found = principal_components(np.concatenate(list(parts.values())), 2)
    ax.plot(*found.points.T, color="#bbbbbb", lw=0.8)
    begin = 0
    for number, (name, values) in enumerate(parts.items()):
        end = begin + len(values)
        ax.plot(*found.points[begin:end].T, ".", color=class_colour(number), label=name)
        begin = end
    first, second = found.explained[:2]
    ax.set(xlabel=f"PC 1 ({first:.0%} of variance)", ylabel=f"PC 2 ({second:.0%})")
    tidy(ax)
