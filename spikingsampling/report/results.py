"""The metrics of a run as tables: measures that several conditions share stand side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..experiment.metrics import Metric
from . import page

__all__ = ["result_tables"]

#: From how many shared measures on conditions get columns.
_MIN_SHARED = 3


def _by_prefix(names: Sequence[str]) -> dict[str, list[str]]:
    """Measures by the first part of their names."""
    measures: dict[str, list[str]] = {}
    for name in names:
        prefix, _, measure = name.partition(".")
        if measure:
            measures.setdefault(prefix, []).append(measure)
    return measures


def _conditions(names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Prefixes that have the same measures, several of each, and these measures; the largest such group."""
    groups: dict[frozenset[str], list[str]] = {}
    measures = _by_prefix(names)
    for prefix, names_of_prefix in measures.items():
        groups.setdefault(frozenset(names_of_prefix), []).append(prefix)
    shared = [(key, group) for key, group in groups.items() if len(key) >= _MIN_SHARED and len(group) > 1]
    if not shared:
        return [], []
    _, prefixes = max(shared, key=lambda item: len(item[0]) * len(item[1]))
    return prefixes, measures[prefixes[0]]


def _with_interval(metric: Metric) -> str:
    bounds = " to ".join(page.number(bound) for bound in metric.interval or ())
    return page.number(metric.value) + (f" ({bounds})" if bounds else "")


def _sizes(metrics: Sequence[Metric]) -> str:
    sizes = sorted({metric.n for metric in metrics if metric.n is not None})
    return " to ".join(str(size) for size in sorted({sizes[0], sizes[-1]})) if sizes else ""


def _side_by_side(table: Mapping[str, Metric], conditions: Sequence[str], measures: Sequence[str]) -> str:
    cells = {measure: [table[f"{name}.{measure}"] for name in conditions] for measure in measures}
    rows = [(measure, *map(_with_interval, row), _sizes(row)) for measure, row in cells.items()]
    return _table(("measure", *conditions, "n"), rows, len(conditions) + 2)


def _list(metrics: Mapping[str, Metric]) -> str:
    rows = []
    for name, metric in metrics.items():
        interval = " to ".join(page.number(bound) for bound in metric.interval or ())
        extra = "; ".join(
            f"{entry} {key.removeprefix('n_')}" if key.startswith("n_") else f"{key} {page.number(entry)}"
            for key, entry in metric.more.items()
        )
        n = "" if metric.n is None else str(metric.n)
        rows.append((name, page.number(metric.value), interval, n, extra))
    return _table(("metric", "value", "95 % interval", "n", "also"), rows, 4)


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]], numeric: int) -> str:
    """A table without its empty columns; numbers stand in those from 1 to below ``numeric``."""
    columns = [column for column in range(len(headings)) if any(row[column] for row in rows)]
    return page.table(
        [headings[column] for column in columns],
        [[row[column] for column in columns] for row in rows],
        numeric=[place for place, column in enumerate(columns) if 1 <= column < numeric],
        code=(0,),
    )


def result_tables(metrics: Mapping[str, Metric]) -> list[str]:
    """Tables of metrics as HTML: conditions with the same measures side by side, then all others in a list."""
    conditions, measures = _conditions(list(metrics))
    matrix = {f"{name}.{measure}" for name in conditions for measure in measures}
    rest = {name: metric for name, metric in metrics.items() if name not in matrix}
    parts = [_side_by_side(metrics, conditions, measures)] if conditions else []
    return parts + ([_list(rest)] if rest else [])
