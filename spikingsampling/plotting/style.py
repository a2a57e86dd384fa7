"""What all figures share: colours that colour-blind people can tell apart, and a quiet layout."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes

__all__ = ["class_colour", "curve_look", "tidy"]

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


def tidy(axes: Axes) -> None:
    """Leave only the left and lower spine."""
    axes.spines[["top", "right"]].set_visible(False)


def curve_look(number: int) -> dict[str, Any]:
    """Colour, marker and line of a curve: equal curves can be told apart where they lie on each other."""
    return {
        "color": class_colour(number),
        "marker": _MARKERS[number % len(_MARKERS)],
        "ls": _LINES[number % len(_LINES)],
        "ms": 4,
    }
