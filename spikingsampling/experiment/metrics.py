"""The metrics of a run, as tables, reports and comparisons want them: numbers with intervals, and curves.

A protocol writes numbers, ``{"value": …, "n": …, "interval": […]}``, or a number with ``NAME_n`` and
``NAME_interval`` beside it; and curves, mappings of lists of one length whose first is the abscissa.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["COSTS", "Curve", "Metric", "curves", "scalars", "tabulate"]

#: What a run cost; it differs between two runs with the same result.
COSTS = ("wall_seconds", "cpu_seconds", "build_seconds", "peak_memory_mib")

_PARTS = ("_interval", "_n_stimuli", "_n")


@dataclass(frozen=True)
class Metric:
    """A metric: its value (None: not a number), 95 % interval, sample size, and what else came with it."""

    value: Any
    interval: tuple[float, float] | None = None
    n: int | None = None
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


def _interval(value: Any) -> tuple[float, float] | None:
    numbers = isinstance(value, list | tuple) and len(value) == 2 and None not in value
    return (value[0], value[1]) if numbers else None


def tabulate(metrics: Mapping[str, Any]) -> dict[str, Metric]:
    """All metrics but the curves, by name, in their order."""
    owned = {f"{name}{part}" for name in metrics for part in _PARTS if f"{name}{part}" in metrics}
    table = {}
    for name, value in metrics.items():
        if name in owned or _is_curve(value):
            continue
        if isinstance(value, Mapping):
            more = {key: entry for key, entry in value.items() if key not in ("value", "interval", "n")}
            table[name] = Metric(value.get("value"), _interval(value.get("interval")), value.get("n"), more)
        else:
            beside = {part: metrics.get(f"{name}{part}") for part in _PARTS}
            more = {} if beside["_n_stimuli"] is None else {"n_stimuli": beside["_n_stimuli"]}
            table[name] = Metric(value, _interval(beside["_interval"]), beside["_n"], more)
    return table


def scalars(metrics: Mapping[str, Any]) -> dict[str, float | int | bool | str | None]:
    """One value per metric; lists and curves are left out."""
    values = {name: metric.value for name, metric in tabulate(metrics).items()}
    return {name: value for name, value in values.items() if not isinstance(value, list | Mapping)}


def curves(metrics: Mapping[str, Any]) -> list[Curve]:
    """The curves among the metrics."""
    found = []
    for name, value in metrics.items():
        if _is_curve(value):
            abscissa, *others = value
            found.append(Curve(name, abscissa, value[abscissa], {other: value[other] for other in others}))
    return found
