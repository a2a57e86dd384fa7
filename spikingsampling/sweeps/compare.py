"""Compare a metric between settings: means with intervals, and paired tests over what the settings share.

Runs are paired that agree in everything but the settings compared: the same seed gives the same stimuli and
initial state, so that the spread between seeds drops out of a difference.
"""

from __future__ import annotations

import itertools
import json
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.table import Table
from scipy import stats

from ..errors import ParameterError, RecordingError, ResumeError, UnknownNameError
from ..experiment.configuration import RunFile, flatten
from ..experiment.metrics import scalars
from ..experiment.run_directory import CONFIG, read_metrics
from .sweep import Sweep, is_sweep

__all__ = [
    "Comparison",
    "Difference",
    "Group",
    "Result",
    "collect",
    "comparison",
    "difference_table",
    "plot_comparison",
    "summary_table",
    "varying",
]

#: The name under which runs of several directories are told apart.
DIRECTORY = "directory"


@dataclass(frozen=True)
class Result:
    """A finished run: its directory, its settings by dotted key and its metrics."""

    directory: Path
    settings: Mapping[str, Any]
    metrics: Mapping[str, Any]


@dataclass(frozen=True)
class Group:
    """The runs with one setting: its name, mean, 95 % interval of the mean (Student's t), values by pair."""

    name: str
    values: Mapping[str, float]

    @property
    def n(self) -> int:
        """Number of runs."""
        return len(self.values)

    @property
    def mean(self) -> float:
        """Mean over the runs."""
        return float(np.mean(list(self.values.values())))

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of the mean; NaN from one run."""
        return mean_interval(list(self.values.values()))


@dataclass(frozen=True)
class Difference:
    """Second group minus first over their common pairs.

    Attributes
    ----------
    first, second : str
    n : int
        Number of pairs.
    mean : float
    interval : (float, float)
        95 %, Student's t.
    p : float
        Paired t-test, adjusted for the number of comparisons (Holm, Scand J Stat 6:65, 1979).
    p_signed_rank : float
        Wilcoxon's signed-rank test, adjusted in the same way.
    """

    first: str
    second: str
    n: int
    mean: float
    interval: tuple[float, float]
    p: float
    p_signed_rank: float


@dataclass(frozen=True)
class Comparison:
    """A metric between groups of runs."""

    metric: str
    by: tuple[str, ...]
    groups: tuple[Group, ...]
    differences: tuple[Difference, ...]


def mean_interval(values: Sequence[float]) -> tuple[float, float]:
    """95 % interval of the mean of independent values (Student's t); NaN from fewer than two."""
    if len(values) < 2:
        return math.nan, math.nan
    half = stats.t.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / math.sqrt(len(values))
    return float(np.mean(values) - half), float(np.mean(values) + half)


def collect(directories: Sequence[Path]) -> list[Result]:
    """The finished runs of sweeps and run directories.

    Raises
    ------
    ResumeError
        One of them is neither a sweep nor a run.
    RecordingError
        The metrics of a run are damaged.
    ParameterError
        No run is finished.
    """
    results = []
    for directory in directories:
        runs = Sweep.open(directory).runs if is_sweep(directory) else [directory]
        for run in runs:
            try:
                if not is_sweep(directory):
                    RunFile.read(run / CONFIG)  # says what is wrong
                metrics = read_metrics(run)
                if metrics is None:
                    continue
                settings = flatten(tomllib.loads((run / CONFIG).read_text(encoding="utf-8")))
            except (json.JSONDecodeError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
                raise RecordingError(f"{run} is damaged: {error}") from None
            except FileNotFoundError:
                raise ResumeError(f"{run} is not a run directory: it has no {CONFIG}") from None
            named = {name.removeprefix("configuration."): value for name, value in settings.items()}
            results.append(Result(run, named | {DIRECTORY: str(directory)}, scalars(metrics)))
    if not results:
        raise ParameterError(f"{', '.join(map(str, directories))}: no run is finished")
    return results


def varying(results: Sequence[Result]) -> list[str]:
    """The settings in which the runs differ, apart from seed and directory."""
    names = dict.fromkeys(name for result in results for name in result.settings)
    differ = [n for n in names if any(r.settings.get(n) != results[0].settings.get(n) for r in results)]
    return [name for name in differ if name not in ("seed", DIRECTORY)]


def _setting(results: Sequence[Result], name: str) -> str:
    """The dotted key that a name means: itself, or the only one that ends with it."""
    known = dict.fromkeys(key for result in results for key in result.settings)
    longer = [key for key in known if key.endswith(f".{name}")]
    if name in known:
        return name
    if len(longer) != 1:
        raise UnknownNameError("parameter", name, longer or known)
    return longer[0]


def _value(result: Result, metric: str) -> float:
    if metric not in result.metrics:
        raise UnknownNameError(f"metric of {result.directory}", metric, result.metrics)
    value = result.metrics[metric]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ParameterError(f"metric {metric!r} of {result.directory} is {value!r}: must be a number")
    return float(value)


def comparison(results: Sequence[Result], metric: str, by: Sequence[str] | None = None) -> Comparison:
    """Compare a metric between the values of some settings.

    Parameters
    ----------
    results : sequence of Result
    metric : str
    by : sequence of str, optional
        Dotted keys or their unique ends, or ``directory``; None: all settings in which the runs differ.

    Raises
    ------
    UnknownNameError
        No such metric or setting.
    ParameterError
        A metric is not a number, or two runs have the same settings.
    """
    keys = tuple(varying(results)) if by is None else tuple(_setting(results, name) for name in by)
    others = ["seed", *(name for name in varying(results) if name not in keys)]
    others = [name for name in others if name not in keys]
    groups: dict[str, dict[str, float]] = {}
    seen: dict[tuple[str, str], Path] = {}
    for result in results:
        name = (
            ", ".join(f"{key.rpartition('.')[2]} = {_text(result.settings.get(key))}" for key in keys)
            or "all"
        )
        pair = json.dumps([result.settings.get(key) for key in others], default=str)
        if (name, pair) in seen:
            raise ParameterError(
                f"{seen[name, pair]} and {result.directory} have the same settings: "
                f"leave one out, or compare --by {DIRECTORY}"
            )
        seen[name, pair] = result.directory
        groups.setdefault(name, {})[pair] = _value(result, metric)
    made = tuple(Group(name, values) for name, values in groups.items())
    return Comparison(metric, keys, made, _differences(made))


def _text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    return value if isinstance(value, str) else json.dumps(value, default=str)


def _differences(groups: Sequence[Group]) -> tuple[Difference, ...]:
    rows = []
    for first, second in itertools.combinations(groups, 2):
        common = [pair for pair in first.values if pair in second.values]
        if len(common) < 2:
            continue
        steps = np.array([second.values[pair] - first.values[pair] for pair in common])
        rows.append((first.name, second.name, steps, *_paired_tests(steps)))
    ps, ranks = (holm([row[k] for row in rows]) for k in (3, 4))
    return tuple(
        Difference(first, second, len(steps), float(steps.mean()), mean_interval(steps.tolist()), p, rank)
        for (first, second, steps, *_), p, rank in zip(rows, ps, ranks, strict=True)
    )


def _paired_tests(steps: np.ndarray) -> tuple[float, float]:
    """p of the paired t-test and of the signed-rank test; 1 where no pair differs."""
    if not steps.any():
        return 1.0, 1.0
    with np.errstate(all="ignore"):
        t = stats.ttest_1samp(steps, 0.0).pvalue if np.ptp(steps) else 0.0
        return float(t), float(stats.wilcoxon(steps).pvalue)


def holm(p: Sequence[float]) -> list[float]:
    """p-values adjusted for their number (Holm 1979)."""
    adjusted, largest = [0.0] * len(p), 0.0
    for rank, index in enumerate(np.argsort(p)):
        largest = max(largest, min(1.0, (len(p) - rank) * p[index]))
        adjusted[index] = largest
    return adjusted


def _number(value: float) -> str:
    return f"{value:.4g}" if math.isfinite(value) else "–"


def _range(interval: tuple[float, float]) -> str:
    return f"{_number(interval[0])} to {_number(interval[1])}" if math.isfinite(interval[0]) else "–"


def summary_table(found: Comparison) -> Table:
    """Mean, 95 % interval and number of runs of each group."""
    table = Table(title=found.metric, title_justify="left", box=None, pad_edge=False)
    for heading in (" and ".join(found.by) or "runs", "mean", "95 % interval", "n"):
        table.add_column(heading, justify="right" if table.columns else "left", no_wrap=True)
    for group in found.groups:
        table.add_row(group.name, _number(group.mean), _range(group.interval), str(group.n))
    return table


def difference_table(found: Comparison) -> Table:
    """Differences over common seeds with their tests."""
    title = "differences over common seeds; p adjusted after Holm"
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for heading in ("second − first", "mean", "95 % interval", "pairs", "p (t-test)", "p (signed rank)"):
        table.add_column(heading, justify="right" if table.columns else "left", no_wrap=True)
    for row in found.differences:
        numbers = (
            _number(row.mean),
            _range(row.interval),
            str(row.n),
            _number(row.p),
            _number(row.p_signed_rank),
        )
        table.add_row(f"{row.second} − {row.first}", *numbers)
    return table


def plot_comparison(found: Comparison) -> Any:
    """Every run as a point, runs of a pair joined, means with 95 % intervals beside them."""
    from matplotlib.figure import Figure

    from ..plotting.style import class_colour, tidy

    figure = Figure(figsize=(max(4.5, 1.3 * len(found.groups) + 1.5), 3.8), layout="constrained")
    ax = figure.subplots()
    for pair in dict.fromkeys(pair for group in found.groups for pair in group.values):
        at = [(x, group.values[pair]) for x, group in enumerate(found.groups) if pair in group.values]
        ax.plot(*zip(*at, strict=True), "o-", color="#888888", alpha=0.5, lw=0.7, ms=3)
    for x, group in enumerate(found.groups):
        ax.plot(x + 0.15, group.mean, "s", color=class_colour(0), ms=6)
        ax.vlines(x + 0.15, *group.interval, color=class_colour(0), lw=2)
    labels = [group.name.replace(", ", "\n") for group in found.groups]
    ax.set_xticks(range(len(labels)), labels, rotation=0 if len(labels) < 7 else 60)
    ax.set(xlim=(-0.5, len(labels) - 0.5), ylabel=found.metric)
    ax.set_title("grey: runs, joined where all else is equal\nsquares: means with 95 % intervals", fontsize=8)
    tidy(ax)
    return figure
