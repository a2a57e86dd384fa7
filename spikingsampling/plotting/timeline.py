"""The time axis of long runs: its unit, shaded phases and marked events."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from ..errors import ParameterError

__all__ = ["Phase", "duration_text", "mark_events", "shade_phases", "time_unit"]


@dataclass(frozen=True)
class Phase:
    """A stretch of a run.

    Parameters
    ----------
    name : str
    start, stop : float
        Seconds.

    Raises
    ------
    ParameterError
        ``start`` is not before ``stop``.
    """

    name: str
    start: float
    stop: float

    def __post_init__(self) -> None:
        if not self.start < self.stop:
            raise ParameterError(
                f"Phase {self.name!r} from {self.start} s to {self.stop} s: start must be before stop"
            )


def time_unit(longest: float) -> tuple[str, float]:
    """Name and length (s) of the unit that suits times up to ``longest`` (s)."""
    units = (("h", 3600.0), ("min", 60.0), ("s", 1.0))
    return next(unit for unit in units if longest >= 2 * unit[1] or unit[1] == 1)


def duration_text(seconds: float) -> str:
    """A duration in the unit that suits it, such as "30 min"."""
    unit, length = time_unit(seconds)
    return f"{seconds / length:.3g} {unit}"


def shade_phases(
    ax: Axes,
    phases: Sequence[Phase],
    unit: float,
    *,
    names: bool = True,
    span: tuple[float, float] = (-math.inf, math.inf),
) -> None:
    """Shade every other phase, and name all above the axes.

    Parameters
    ----------
    ax : matplotlib Axes
    phases : sequence of Phase
    unit : float
        That of the axis (s).
    names : bool
        Whether the names are written.
    span : (float, float)
        What the axis shows (s): a name stands in the middle of what is seen of its phase.
    """
    for number, phase in enumerate(phases):
        start, stop = max(phase.start, span[0]) / unit, min(phase.stop, span[1]) / unit
        if start >= stop:
            continue
        if number % 2:
            ax.axvspan(start, stop, color="#000000", alpha=0.07, lw=0, zorder=0)
        if names:
            _name(ax, (start + stop) / 2, phase.name)


def mark_events(ax: Axes, events: Mapping[str, float], unit: float, *, names: bool = True) -> None:
    """A vertical line at each event (s), with its name above the axes; ``unit`` is that of the axis (s)."""
    for name, time in events.items():
        ax.axvline(time / unit, color="black", lw=1, ls="--", zorder=1.5)
        if names:
            _name(ax, time / unit, name)


def _name(ax: Axes, x: float, name: str) -> None:
    transform = ax.get_xaxis_transform()
    ax.text(x, 1.01, name, transform=transform, ha="center", va="bottom", fontsize=8)
