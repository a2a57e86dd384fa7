"""The metrics of a run, as tables, reports and comparisons want them: numbers with intervals, and curves.

In ``metrics.json`` a metric is a plain value; or ``{"value": …, "n": …, "interval": […]}``, what
:meth:`.Estimate.metric` makes; or a curve, a mapping of equally long lists whose first is the abscissa.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..tables import Table

__all__ = [
    "COSTS",
    "WIDEST_VALUE",
    "Curve",
    "Metric",
    "curves",
    "metrics_table",
    "number",
    "scalars",
    "tabulate",
]

#: What a run cost; it differs between two runs with the same result.
COSTS = ("wall_seconds", "cpu_seconds", "build_seconds", "peak_memory_mib")

#: A longer value stands below the table of metrics.
WIDEST_VALUE = 32
_KNOWN = ("value", "interval", "n", "bounds")


@dataclass(frozen=True)
class Metric:
    """A metric.

    Attributes
    ----------
    value : number, str, list or None
        None: not a number.
    interval : (float, float), optional
        95 %.
    n : int, optional
        Sample size.
    bounds : (float, float)
        Between what the quantity lies by its nature.
    more : mapping
        What else came with it.
    """

    value: Any
    interval: tuple[float, float] | None = None
    n: int | None = None
    bounds: tuple[float, float] = (-math.inf, math.inf)
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Curve:
    """Quantities along an abscissa, lists of one length by name."""

    name: str
    abscissa: str
    x: Sequence[float]
    series: Mapping[str, Sequence[float]]


def _is_curve(value: Any) -> bool:
    if not isinstance(value, Mapping) or len(value) < 2:
        return False
    lengths = {len(column) if isinstance(column, list) else -1 for column in value.values()}
    return len(lengths) == 1 and lengths.isdisjoint({-1, 0})


def _metric(value: Any) -> Metric:
    if not isinstance(value, Mapping):
        return Metric(value)
    interval, bounds = value.get("interval"), value.get("bounds") or (None, None)
    return Metric(
        value.get("value"),
        None if interval is None or None in interval else (interval[0], interval[1]),
        value.get("n"),
        (-math.inf if bounds[0] is None else bounds[0], math.inf if bounds[1] is None else bounds[1]),
        {key: entry for key, entry in value.items() if key not in _KNOWN},
    )


def tabulate(metrics: Mapping[str, Any]) -> dict[str, Metric]:
    """All metrics but the curves, by name, in their order."""
    return {name: _metric(value) for name, value in metrics.items() if not _is_curve(value)}


def scalars(metrics: Mapping[str, Any]) -> dict[str, float | int | bool | str | None]:
    """One value per metric; lists and curves are left out."""
    values = {name: metric.value for name, metric in tabulate(metrics).items()}
    return {name: value for name, value in values.items() if not isinstance(value, list | Mapping)}


def curves(metrics: Mapping[str, Any]) -> list[Curve]:
    """The curves among the metrics."""
    series = []
    for name, value in metrics.items():
        if _is_curve(value):
            abscissa, *others = value
            series.append(Curve(name, abscissa, value[abscissa], {other: value[other] for other in others}))
    return series


def metrics_table(metrics: Mapping[str, Any]) -> Table:
    """Metrics with their intervals; curves and values wider than :data:`WIDEST_VALUE` are left out."""
    rows = []
    for name, metric in tabulate(metrics).items():
        value = number(metric.value)
        interval = " to ".join(number(bound) for bound in metric.interval or ())
        if len(value) <= WIDEST_VALUE:
            rows.append((name, value, interval, "" if metric.n is None else str(metric.n)))
    return Table(("metric", "value", "95 % interval", "n"), rows)


def number(value: Any) -> str:
    """A value for people: four digits of a number, and never fewer than before the decimal point."""
    if not isinstance(value, float):
        return str(value)
    return f"{value:.0f}" if 1e4 <= abs(value) < 1e15 else f"{value:.4g}"
