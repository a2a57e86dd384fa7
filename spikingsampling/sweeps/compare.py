"""Compare metrics between settings: means with intervals, and paired tests over what the settings share.

Runs are paired that agree in everything but the settings compared: the same seed gives the same stimuli and
initial state, so that the spread between seeds drops out of a difference.
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..analysis import Estimate, compare_paired, estimate_mean, holm
from ..errors import ParameterError, UnknownNameError
from ..experiment.run_files import FinishedRun
from .collect import DIRECTORY, full_name, varying

__all__ = ["Comparison", "Difference", "Group", "compare", "comparison"]

Bounds = tuple[float, float]


@dataclass(frozen=True)
class Group:
    """The runs with one setting.

    Attributes
    ----------
    name : str
    values : mapping
        The metric by pair: runs of the same pair differ in nothing but the settings compared.
    bounds : (float, float)
        Between what the metric lies by its nature.
    """

    name: str
    values: Mapping[str, float]
    bounds: Bounds = (-math.inf, math.inf)

    @cached_property
    def estimate(self) -> Estimate:
        """Mean over the runs with its 95 % interval."""
        return estimate_mean(list(self.values.values()), self.bounds)


@dataclass(frozen=True)
class Difference:
    """Second group minus first over their common pairs.

    Attributes
    ----------
    metric, first, second : str
    estimate : Estimate
    p : float
        Paired t-test, adjusted for the number of comparisons (Holm).
    p_signed_rank : float
        Wilcoxon's signed-rank test, adjusted in the same way.
    """

    metric: str
    first: str
    second: str
    estimate: Estimate
    p: float
    p_signed_rank: float


@dataclass(frozen=True)
class Comparison:
    """A metric between groups of runs."""

    metric: str
    by: tuple[str, ...]
    groups: tuple[Group, ...]
    differences: tuple[Difference, ...]


def compare(
    runs: Sequence[FinishedRun], metrics: Sequence[str], by: Sequence[str] | None = None
) -> list[Comparison]:
    """Compare metrics between the values of some settings.

    One metric is compared between all groups; several are compared between the first group and each other one. All
    p-values are adjusted together.

    Parameters
    ----------
    runs : sequence of FinishedRun
    metrics : sequence of str
    by : sequence of str, optional
        Dotted keys or their unique ends, or ``directory``; None: all settings in which the runs differ.

    Raises
    ------
    UnknownNameError
        No such metric or setting.
    ParameterError
        A metric is not a number, or two runs have the same settings.
    """
    keys = tuple(varying(runs)) if by is None else tuple(full_name(runs, name) for name in by)
    members = _members(runs, keys)
    groups = {metric: _groups(members, metric) for metric in metrics}
    differences = _differences(
        [
            (metric, *pair)
            for metric, metric_groups in groups.items()
            for pair in _pairs(metric_groups, len(groups) > 1)
        ]
    )
    return [
        Comparison(metric, keys, metric_groups, tuple(row for row in differences if row.metric == metric))
        for metric, metric_groups in groups.items()
    ]


def comparison(runs: Sequence[FinishedRun], metric: str, by: Sequence[str] | None = None) -> Comparison:
    """:func:`compare` for a single metric."""
    return compare(runs, [metric], by)[0]


def _members(runs: Sequence[FinishedRun], keys: Sequence[str]) -> dict[str, dict[str, FinishedRun]]:
    """The runs of each group by pair."""
    others = [name for name in ("seed", *varying(runs)) if name not in keys]
    members: dict[str, dict[str, FinishedRun]] = {}
    for run in runs:
        name = ", ".join(f"{key.rpartition('.')[2]} = {_text(run.settings.get(key))}" for key in keys)
        group = members.setdefault(name or "all", {})
        pair = json.dumps([run.settings.get(key) for key in others], default=str)
        if pair in group:
            raise ParameterError(
                f"{group[pair].directory} and {run.directory} have the same settings: "
                f"leave one out, or compare --by {DIRECTORY}"
            )
        group[pair] = run
    return members


def _text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    return value if isinstance(value, str) else json.dumps(value, default=str)


def _groups(members: Mapping[str, Mapping[str, FinishedRun]], metric: str) -> tuple[Group, ...]:
    values = {
        name: {pair: _value(run, metric) for pair, run in runs.items()} for name, runs in members.items()
    }
    bounds = [run.measured[metric].bounds for runs in members.values() for run in runs.values()]
    widest = (min(low for low, _ in bounds), max(high for _, high in bounds))
    return tuple(Group(name, by_pair, widest) for name, by_pair in values.items())


def _value(run: FinishedRun, metric: str) -> float:
    if metric not in run.metrics:
        raise UnknownNameError(f"metric of {run.directory}", metric, run.metrics)
    value = run.metrics[metric]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ParameterError(f"metric {metric!r} of {run.directory} is {value!r}: must be a number")
    return float(value)


def _pairs(groups: Sequence[Group], only_first: bool) -> Iterable[tuple[Group, Group]]:
    """Each group with each later one; ``only_first``: the first one with each later one."""
    return itertools.product(groups[:1], groups[1:]) if only_first else itertools.combinations(groups, 2)


def _differences(tests: Sequence[tuple[str, Group, Group]]) -> list[Difference]:
    """Of each metric between two groups that have at least two common pairs."""
    comparisons = []
    for metric, first, second in tests:
        common = [pair for pair in first.values if pair in second.values]
        if len(common) > 1:
            second_values, first_values = (
                [group.values[pair] for pair in common] for group in (second, first)
            )
            comparisons.append(
                (metric, first.name, second.name, compare_paired(second_values, first_values, first.bounds))
            )
    ps = holm([paired.p_t for *_, paired in comparisons])
    ranks = holm([paired.p_wilcoxon for *_, paired in comparisons])
    return [
        Difference(metric, first, second, paired.difference, p, rank)
        for (metric, first, second, paired), p, rank in zip(comparisons, ps, ranks, strict=True)
    ]
