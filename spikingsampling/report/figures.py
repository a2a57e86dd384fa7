"""Figures of a report that no protocol draws: rates, turnover of synapses, the curves among the metrics."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..experiment.metrics import Curve
from ..plotting.style import class_colour, tidy
from ..plotting.timeline import time_unit
from ..recording.borders import first_at
from ..recording.reader import RecordingReader

__all__ = ["curve_figure", "rate_figure", "svg", "turnover_figure"]

_MARKERS = "os^Dv<>p"
_UNITS = {"seconds": "simulated time (s)", "images": "images shown", "epochs": "epochs"}
_RATE_BINS = 240


def svg(figure: Figure, name: str) -> str:
    """A figure as inline SVG; ``name`` keeps its ids apart from those of other figures."""
    text = io.StringIO()
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": name, "font.family": "sans-serif"}):
        figure.savefig(
            text, format="svg", metadata={"Date": None, "Creator": None, "Type": None, "Format": None}
        )
    body = text.getvalue()
    return body[body.index("<svg") :]


def _draw(
    ylabel: str, xlabel: str, draw: Callable[[Axes], None], *, columns: int = 2, lines: int = 1
) -> Figure:
    figure = Figure(figsize=(6.4, 3.3 + 0.18 * max(0, lines // columns - 1)), layout="constrained")
    ax = figure.subplots()
    draw(ax)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    low, high = ax.get_ylim()
    ax.set_ylim(min(0.0, low), high)
    if lines > 1:
        figure.legend(frameon=False, fontsize=8, loc="outside upper center", ncols=columns)
    tidy(ax)
    return figure


def _lines(ax: Axes, x: Any, series: Mapping[str, Any], marked: bool) -> None:
    for number, (name, values) in enumerate(series.items()):
        marker = _MARKERS[number % len(_MARKERS)] if marked else ""
        numbers = np.array([np.nan if value is None else value for value in values], dtype=float)
        ax.plot(x, numbers, marker=marker, ms=4, color=class_colour(number), label=name)


def curve_figure(curve: Curve) -> Figure | None:
    """A curve among the metrics over its abscissa; None if it does not hold numbers."""
    values = [*curve.x, *(value for column in curve.series.values() for value in column)]
    if any(isinstance(value, str | bool | list | Mapping) for value in values) or None in curve.x:
        return None
    x, xlabel = np.asarray(curve.x, dtype=float), _UNITS.get(curve.abscissa, curve.abscissa)
    if curve.abscissa == "seconds":
        unit, length = time_unit(float(x.max()))
        x, xlabel = x / length, f"simulated time ({unit})"
    single = len(curve.series) == 1
    ylabel = next(iter(curve.series)).replace("_", " ") if single else _common(curve)
    return _draw(ylabel, xlabel, lambda ax: _lines(ax, x, curve.series, len(x) < 60), lines=len(curve.series))


def _common(curve: Curve) -> str:
    """What several curves are: the last part of their names if they share it, else the name of all."""
    ends = {name.rpartition(".")[2].rpartition("_")[2] for name in curve.series}
    return ends.pop() if len(ends) == 1 else curve.name.rpartition(".")[2].replace("_", " ")


def rate_figure(recording: RecordingReader) -> Figure | None:
    """Mean rate of each population over time."""
    if (
        not recording.segments
        or recording.duration <= recording.segments[0].start
        or not recording.populations
    ):
        return None
    edges = np.linspace(recording.segments[0].start, recording.duration, _RATE_BINS + 1)
    unit, length = time_unit(recording.duration)
    covered = _covered(recording, edges)
    series = {}
    for name, size in recording.populations.items():
        borders = np.append(edges[:-1], np.inf)
        counts = np.diff(first_at(recording.spikes(name)[0], borders, recording.dt))
        series[name] = np.divide(counts, covered * size, out=np.full(len(counts), np.nan), where=covered > 0)
    centres = (edges[1:] + edges[:-1]) / 2 / length
    return _draw(
        "mean rate per neuron (Hz)",
        f"simulated time ({unit})",
        lambda ax: _lines(ax, centres, series, False),
        lines=len(series),
    )


def _covered(recording: RecordingReader, edges: Any) -> Any:
    """How much of each bin was simulated (s): segments need not follow each other at once."""
    covered = np.zeros(len(edges) - 1)
    for row in recording.segments:
        covered += np.clip(np.minimum(edges[1:], row.stop) - np.maximum(edges[:-1], row.start), 0, None)
    return covered


def turnover_figure(recording: RecordingReader) -> Figure | None:
    """Active synapses over time, and those formed and lost since the snapshot before; None without two snapshots."""
    names = [name for name in recording.projections if len(recording.snapshot_times(name)) > 1]
    if not names:
        return None
    unit, length = time_unit(recording.duration)
    figure = Figure(figsize=(6.4, 4.8 + 0.18 * (len(names) // 2)), layout="constrained")
    upper, lower = figure.subplots(2, sharex=True)
    for number, name in enumerate(names):
        times = recording.snapshot_times(name)
        active, formed, lost = _turnover(recording, name, times)
        colour, marker = class_colour(number), _MARKERS[number % len(_MARKERS)] if len(times) < 60 else ""
        upper.plot(times / length, active, color=colour, marker=marker, ms=4, label=name)
        lower.plot(times[1:] / length, formed, color=colour, marker=marker, ms=4)
        lower.plot(times[1:] / length, lost, color=colour, marker=marker, ms=4, ls="--", mfc="white")
    upper.set(ylabel="active synapses (%)")
    lower.set(
        ylabel="formed (solid) and\nlost (dashed) since the\nsnapshot before (%)",
        xlabel=f"simulated time ({unit})",
    )
    for ax in (upper, lower):
        ax.set_ylim(bottom=0)
        tidy(ax)
    figure.legend(frameon=False, fontsize=8, loc="outside upper center", ncols=2)
    return figure


def _turnover(
    recording: RecordingReader, name: str, times: Sequence[float]
) -> tuple[list[float], list[float], list[float]]:
    """Of all potential synapses, in per cent: active at each snapshot; formed and lost since the one before."""
    active, formed, lost = [], [], []
    before = None
    for time in times:
        now = recording.w(name, time) > 0
        active.append(100 * float(now.mean()))
        if before is not None:
            formed.append(100 * float((now & ~before).mean()))
            lost.append(100 * float((before & ~now).mean()))
        before = now
    return active, formed, lost
