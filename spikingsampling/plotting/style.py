"""What all figures share: colours that colour-blind people can tell apart, and a quiet layout."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, FigureBase
from numpy.typing import ArrayLike

__all__ = [
    "Panel",
    "class_colour",
    "class_name",
    "curve_look",
    "draw_band",
    "draw_marks",
    "figure_of",
    "tidy",
]

#: Okabe & Ito's palette (Color Universal Design, 2008), without yellow, which vanishes on white, and three of Tol's
#: (2021, "muted"), so that ten digits have ten colours.
_PALETTE = (
    *("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000"),
    *("#882255", "#999933", "#332288"),
)
_MARKERS = ("o", "s", "^", "D", "v", "P", "X")
_LINES = ("-", "--", "-.", ":")


def class_colour(label: int) -> str:
    """The colour of a class in every figure; grey for silence (-1)."""
    return "#888888" if label < 0 else _PALETTE[label % len(_PALETTE)]


def class_name(label: int, names: Mapping[int, str] | None = None) -> str:
    """What a class is called in every figure."""
    return (names or {}).get(int(label), str(label))


def figure_of(figure: FigureBase | None, size: tuple[float, float]) -> Any:
    """The figure that is given, or a new one of this size (inches)."""
    return Figure(figsize=size, layout="constrained") if figure is None else figure


@dataclass(frozen=True)
class Panel:
    """The axes that one picture is drawn on: those that the user gives, or those of a figure of its own.

    What stands outside of the axes of a figure of its own, the legend and the title, stands at the axes else.
    """

    figure: Any
    ax: Any
    own: bool

    @classmethod
    def of(cls, ax: Axes | None, size: tuple[float, float], **options: Any) -> Panel:
        """The axes ``ax``, or new ones in a figure of this size (inches), made with ``options`` of ``subplots``."""
        if ax is not None:
            return cls(ax.get_figure(), ax, False)
        figure = Figure(figsize=size, layout="constrained")
        return cls(figure, figure.subplots(**options), True)

    def legend(self, place: str, **options: Any) -> None:
        """The legend, at this place outside of the axes (``"upper center"``) or, on given axes, where there is room."""
        if self.own:
            self.figure.legend(loc=f"outside {place}", **options)
        else:
            self.ax.legend(**options)

    def title(self, text: str) -> None:
        """The title above everything."""
        if self.own:
            self.figure.suptitle(text, fontsize=10)
        elif text:
            self.ax.set_title(text, fontsize=10)


def tidy(axes: Axes) -> None:
    """Leave only the left and lower spine."""
    axes.spines[["top", "right"]].set_visible(False)


def draw_band(axes: Axes, x: ArrayLike, runs: ArrayLike, colour: str, label: str = "") -> None:
    """The mean of runs (n_runs, n) as a line over ``x`` (n,), and their range as a band."""
    values = np.atleast_2d(runs)
    axes.plot(x, values.mean(axis=0), color=colour, lw=1.4, label=label)
    axes.fill_between(x, values.min(axis=0), values.max(axis=0), color=colour, alpha=0.25, lw=0)


def draw_marks(axes: Axes, places: Iterable[float]) -> None:
    """Vertical dotted lines where something happens, for example a lesion."""
    for place in places:
        axes.axvline(place, color="#888888", ls=":", lw=1)


def curve_look(number: int) -> dict[str, Any]:
    """Colour, marker and line of a curve: equal curves can be told apart where they lie on each other."""
    return {
        "color": class_colour(number),
        "marker": _MARKERS[number % len(_MARKERS)],
        "ls": _LINES[number % len(_LINES)],
        "ms": 4,
    }
