"""The report of a sweep: its runs, the metrics over its grid, what has failed."""

from __future__ import annotations

import collections
import shlex
from html import escape
from pathlib import Path

from matplotlib.figure import Figure

from .._version import __version__
from ..errors import SpikingSamplingError
from ..experiment.configuration import flatten
from ..experiment.metrics import COSTS
from ..experiment.run_files import FinishedRun
from ..simulation.progress import format_duration
from ..sweeps.collect import collect
from ..sweeps.compare import Comparison, comparison
from ..sweeps.comparison_output import plot_comparison
from ..sweeps.sweep import Sweep
from ..sweeps.table import Row, Status
from . import page
from .figures import svg
from .grid import grid_figure
from .of_run import experiment, find_protocol

__all__ = ["sweep_report"]

#: Figures of metrics that differ between the settings; the table has all metrics.
MAX_FIGURES = 12
#: So many values of one setting stand side by side; more are drawn over an axis.
_MAX_SIDE_BY_SIDE = 4


def sweep_report(directory: Path) -> str:
    """The report of a sweep as HTML.

    Raises
    ------
    ResumeError
        There is no sweep.
    RecordingError
        The metrics of a run are damaged.
    """
    sweep = Sweep.open(directory)
    rows = sweep.rows()
    plan = sweep.plan
    finished = [row for row in rows if row.status is Status.DONE]
    counts = collections.Counter(row.status for row in rows)
    complete = counts[Status.DONE] == len(rows)
    title = f"Sweep of {plan.protocol_name}, preset {plan.preset}: {len(rows)} runs"
    word = "finished" if complete else ", ".join(f"{n} {status}" for status, n in sorted(counts.items()))
    mark = "" if complete else " failed" if counts[Status.FAILED] else " pending"
    protocol = find_protocol(plan.protocol)
    wall = sum(float(row.metrics.get("wall_seconds") or 0) for row in finished)
    facts = {
        "seeds": page.number(list(plan.seeds)),
        **{key: page.number(list(values)) for key, values in plan.grid.items()},
        "wall time of all runs together": format_duration(wall),
        "version": f"spikingsampling {plan.version}",
    }
    head = f'<h1>{escape(title)} <span class="status{mark}">{escape(word)}</span></h1>\n'
    head += f'<p class="lead">{escape(protocol.summary)}.</p>\n' if protocol else ""
    sections = [
        _failures(rows, directory),
        experiment(protocol),
        *(_comparisons(collect([directory]), list(plan.grid)) if finished else []),
        page.section("Runs", _runs(rows)),
        page.section("Settings of all runs", _overrides(sweep)),
    ]
    name = escape(directory.resolve().name)
    footer = f"Written by spikingsampling {__version__} from the sweep in <code>{name}</code>."
    return page.document(title, head + page.facts(facts), sections, footer)


def _failures(rows: list[Row], directory: Path) -> str:
    failed = [row for row in rows if row.status is Status.FAILED]
    if not failed:
        return ""
    items = "".join(f"<li>Run {row.name}: {escape(row.error)}</li>" for row in failed)
    command_line = escape(f"spikingsampling sweep --resume {shlex.quote(directory.name)} --retry")
    text = f"<h2>Failed runs</h2><ul>{items}</ul><p>Again: <code>{command_line}</code></p>"
    return f'<div class="warnings" role="note">{text}</div>'


def _numeric(results: list[FinishedRun]) -> list[str]:
    """Metrics that every run has as a number and that differ between runs."""
    names = []
    for name, first in results[0].metrics.items():
        values = [result.metrics.get(name) for result in results]
        numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
        if numbers and name not in COSTS and (len(results) == 1 or any(value != first for value in values)):
            names.append(name)
    return names


def _comparisons(results: list[FinishedRun], keys: list[str]) -> list[str]:
    rows: list[tuple[str, ...]] = []
    figures = []
    for name in _numeric(results):
        try:
            metric_comparison = comparison(results, name, keys)
        except SpikingSamplingError:  # a run without this metric
            continue
        for position, group in enumerate(metric_comparison.groups):
            estimate = group.estimate
            interval = " to ".join(page.number(bound) for bound in estimate.interval or ())
            metric = name if not position else ""
            rows.append((metric, group.name, page.number(estimate.value), interval, str(estimate.n)))
        if len(figures) < MAX_FIGURES and (figure := _figure(results, metric_comparison, keys)) is not None:
            figures.append(page.figure_svg(svg(figure, name), _caption(metric_comparison)))
    if not rows:
        return []
    headings = ("metric", "setting", "mean", "95 % interval", "n")
    drawn = f'<div class="figures">{"".join(figures)}</div>' if figures else ""
    return [page.section("Results", page.table(headings, rows, numeric=(2, 3, 4), code=(0,)), drawn)]


def _figure(results: list[FinishedRun], comparison: Comparison, keys: list[str]) -> Figure | None:
    """Few settings of one kind side by side, with their pairs; all else over the grid; None for a single run."""
    if len(results) < 2:
        return None
    if len(keys) == 1 and 1 < len(comparison.groups) <= _MAX_SIDE_BY_SIDE:
        figure: Figure = plot_comparison(comparison)
        return figure
    return grid_figure(results, comparison.metric, keys)


def _caption(comparison: Comparison) -> str:
    if len(comparison.groups) == 1:
        return f"{comparison.metric}: every run, by seed."
    clear = [d for d in comparison.differences if d.p < 0.05]
    n = len(comparison.differences)
    tests = f" {len(clear)} of {n} paired differences have p < 0.05 (t-test, Holm)." if n else ""
    names = " and ".join(key.rpartition(".")[2].replace("_", " ") for key in comparison.by)
    return f"{comparison.metric} by {names}: runs, and means with 95 % intervals.{tests}"


def _runs(rows: list[Row]) -> str:
    settings = list(dict.fromkeys(name for row in rows for name in row.settings))
    table = []
    for row in rows:
        wall = row.metrics.get("wall_seconds")
        seconds = format_duration(wall) if isinstance(wall, float) else ""
        values = [page.number(row.settings.get(name)) for name in settings]
        table.append((row.name, row.status.value, *values, seconds, row.error))
    return page.table(("run", "status", *settings, "wall time", "error"), table, code=(0,))


def _overrides(sweep: Sweep) -> str:
    rows = [(key, page.number(value)) for key, value in flatten(sweep.plan.overrides).items()]
    text = f"<p>Preset <code>{escape(sweep.plan.preset)}</code> of <code>{escape(sweep.plan.protocol_name)}</code>"
    return text + (" with</p>" + page.table(("setting", "value"), rows, code=(0,)) if rows else ".</p>")
