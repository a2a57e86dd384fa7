"""The time axis of long runs: its unit, shaded phases and marked events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from ..errors import ParameterError

__all__ = ["Phase", "mark_events", "shade_phases", "time_unit"]


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


def shade_phases(ax: Axes, phases: Sequence[Phase], unit: float, *, names: bool = True) -> None:
    """Shade every other phase, and name all above the axes; ``unit`` is that of the axis (s)."""
    for number, phase in enumerate(phases):
        start, stop = phase.start / unit, phase.stop / unit
        if number % 2:
            ax.axvspan(start, stop, color="#000000", alpha=0.07, lw=0, zorder=0)
        if names:
            ax.text(
                (start + stop) / 2,
                1.01,
                phase.name,
                transform=ax.get_xaxis_transform(),
                ha="center",
                va="bottom",
                fontsize=8,
            )


def mark_events(ax: Axes, events: Mapping[str, float], unit: float, *, names: bool = True) -> None:
    """A vertical line at each event (s), with its name above the axes."""
    for name, time in events.items():
        ax.axvline(time / unit, color="black", lw=1, ls="--", zorder=1.5)
        if names:
            ax.text(
                time / unit,
                1.01,
                name,
                transform=ax.get_xaxis_transform(),
                ha="center",
                va="bottom",
                fontsize=8,
            )
