"""Comparisons as tables and as a figure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..analysis import Estimate
from ..tables import Table
from .compare import Comparison

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["difference_table", "plot_comparison", "summary_table"]


def summary_table(comparisons: Sequence[Comparison], *, exact: bool = False) -> Table:
    """Groups in rows: of each metric the mean over runs with its 95 % interval, then the number of runs.

    Parameters
    ----------
    comparisons : sequence of Comparison
        Of the same groups, as :func:`~spikingsampling.sweeps.compare.compare` returns them.
    exact : bool
        All digits, and a column for each bound, for a program that reads the table.
    """
    head = [" and ".join(comparisons[0].by) or "runs"]
    for comparison in comparisons:
        head += _headings(comparison.metric, exact)
    rows = []
    for place, group in enumerate(comparisons[0].groups):
        cells = [
            cell for comparison in comparisons for cell in _cells(comparison.groups[place].estimate, exact)
        ]
        rows.append([group.name, *cells, str(group.estimate.n)])
    return Table([*head, "n"], rows, "means over runs with 95 % intervals")


def difference_table(comparisons: Sequence[Comparison], *, exact: bool = False) -> Table | None:
    """Differences over common seeds with their tests, of each metric; None if there are none.

    Parameters as for :func:`summary_table`.
    """
    rows = [
        [
            row.metric,
            f"{row.second} − {row.first}",
            *_cells(row.estimate, exact),
            str(row.estimate.n),
            _number(row.p, exact),
            _number(row.p_signed_rank, exact),
        ]
        for comparison in comparisons
        for row in comparison.differences
    ]
    if not rows:
        return None
    head = ["metric", "groups", *_headings("difference", exact), "pairs", "p (t-test)", "p (signed rank)"]
    return Table(head, rows, "differences over common seeds with 95 % intervals; p adjusted after Holm")


def _headings(name: str, exact: bool) -> list[str]:
    return [name, f"{name}, low", f"{name}, high"] if exact else [name]


def _cells(estimate: Estimate, exact: bool) -> list[str]:
    numbers = [_number(number, exact) for number in (estimate.value, *(estimate.interval or ()))]
    if exact:
        return numbers if estimate.interval else [*numbers, "", ""]
    return [f"{numbers[0]} ({numbers[1]} … {numbers[2]})" if estimate.interval else numbers[0]]


def _number(value: float, exact: bool) -> str:
    return repr(value) if exact else f"{value:.4g}"


def plot_comparison(comparison: Comparison) -> Figure:
    """Every run as a point, runs of a pair joined, means with 95 % intervals beside them."""
    from matplotlib.figure import Figure

    from ..plotting.style import class_colour, tidy

    figure = Figure(figsize=(max(4.5, 1.3 * len(comparison.groups) + 1.5), 3.8), layout="constrained")
    ax = figure.subplots()
    for pair in dict.fromkeys(pair for group in comparison.groups for pair in group.values):
        at = [(x, group.values[pair]) for x, group in enumerate(comparison.groups) if pair in group.values]
        ax.plot(*zip(*at, strict=True), "o-", color="#888888", alpha=0.5, lw=0.7, ms=3)
    for x, group in enumerate(comparison.groups):
        estimate = group.estimate
        ax.plot(x + 0.15, estimate.value, "s", color=class_colour(0), ms=6)
        if estimate.interval is not None:
            ax.vlines(x + 0.15, *estimate.interval, color=class_colour(0), lw=2)
    labels = [group.name.replace(", ", "\n") for group in comparison.groups]
    ax.set_xticks(range(len(labels)), labels, rotation=0 if len(labels) < 7 else 60)
    ax.set(xlim=(-0.5, len(labels) - 0.5), ylabel=comparison.metric)
    ax.set_title("grey: runs, joined where all else is equal\nsquares: means with 95 % intervals", fontsize=8)
    tidy(ax)
    return figure
