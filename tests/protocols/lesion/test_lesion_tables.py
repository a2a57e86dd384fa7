"""Lesion runs of several seeds as tables and a figure, from numbers made by hand."""

from __future__ import annotations

import copy
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from helpers.small.recall_courses import course
from spikingsampling.analysis import runs_needed
from spikingsampling.errors import DataError
from spikingsampling.protocols.studies.lesion.measures import condition_metrics, recall_curves
from spikingsampling.protocols.studies.lesion.table import (
    comparisons,
    lesion_tables,
    power,
    recall_over_seeds,
    recall_places,
    summary,
)

SECONDS = [-1.0, 0.0, 60.0, 179.0, 180.0, 280.0, 480.0]


def run_of(sampling: float, likelihood: float, fraction: float = 0.9) -> dict[str, Any]:
    """The metrics of a run whose accuracies are those of the course, shifted."""
    courses = {"sampling": course(sampling), "likelihood": course(likelihood)}
    metrics: dict[str, Any] = {}
    for name, each in courses.items():
        metrics |= condition_metrics(name, each, fraction)
    return {
        name: value.metric() if hasattr(value, "metric") else value for name, value in metrics.items()
    } | recall_curves(courses)


def test_places_of_the_tests_in_a_curve() -> None:
    first = recall_places(SECONDS, [0.0, 180.0], 1)
    assert first == {"before": 0, "just after": 1, "1 min": 2, "3 min": 3}
    second = recall_places(SECONDS, [0.0, 180.0], 2)
    assert second == {"before": 3, "just after": 4, "1.67 min": 5, "5 min": 6}


def test_a_line_per_condition_with_means_and_intervals() -> None:
    runs = [run_of(0.0, 0.1), run_of(0.02, 0.06)]
    runs[1]["sampling.recovery_time_2"] = 62.0
    table = summary(runs, 2)
    assert table.title == "Recall before and after lesion 2, n = 2"
    assert table.head == [
        *("condition", "before", "just after", "1.67 min", "5 min"),
        *("new lateral synapses", "new synapses, all", "recovery time (min), each run"),
    ]
    assert [row[0] for row in table.rows] == ["T = 1", "likelihood only"]
    # Two values 0.02 apart: standard error 0.01, t with one degree of freedom 12.706; accuracies end at 1.
    assert table.rows[0][1:5] == [
        "0.850 (0.723 … 0.977)",
        "0.310 (0.183 … 0.437)",
        "0.610 (0.483 … 0.737)",
        "0.790 (0.663 … 0.917)",
    ]
    assert table.rows[1][1] == "0.920 (0.666 … 1.000)"
    assert table.rows[0][5:7] == ["4 (4 … 4)", "7 (7 … 7)"]
    assert table.rows[0][7] == "5, 1"
    assert summary(runs, 1).rows[0][1].startswith("0.910")
    assert summary(runs, 1).rows[0][5:7] == ["3 (3 … 3)", "6 (6 … 6)"]
    alone = summary(runs[:1], 1).rows[0]
    assert alone[1:4] == ["0.900", "0.500", "0.700"]
    assert alone[7] == "3"


def test_censored_recovery_times_are_lower_bounds() -> None:
    rows = summary([run_of(0.0, 0.1, 1.0)], 1).rows
    assert rows[0][7] == ">3"


def test_conditions_are_compared_pair_by_pair() -> None:
    runs = [run_of(0.0, 0.1), run_of(0.02, 0.06), run_of(0.01, 0.03)]
    runs[1]["likelihood.new_lateral_synapses_2"] = 9
    for run, times in zip(runs, ((100.0, 90.0), (50.0, 80.0), (300.0, 200.0)), strict=True):
        run["likelihood.recovery_time_2"], run["sampling.recovery_time_2"] = times
    table = comparisons(runs, 2)
    assert table.title == "Paired differences after lesion 2, n = 3"
    assert table.head[0] == "against T = 1"
    (row,) = table.rows
    assert row[0] == "likelihood only"
    differences = np.array([0.1, 0.04, 0.02])
    half = 4.302653 * differences.std(ddof=1) / np.sqrt(3)
    assert row[1] == f"{0.16 / 3:.3f} ({0.16 / 3 - half:.3f} … {0.16 / 3 + half:.3f})"
    assert row[2] == "0.16"
    assert row[3] == f"2 ({5 / 3 - 4.302653 * 5 / 3:.0f} … {5 / 3 + 4.302653 * 5 / 3:.0f})"
    assert row[4] == "0.42"
    # Longer in two of three pairs; where both are censored, nothing is decided.
    assert row[5] == "2 / 1 / 0"
    assert row[6] == "1"
    assert 0 < float(row[7]) < 1
    runs[0]["likelihood.recovery_censored_2"] = runs[0]["sampling.recovery_censored_2"] = 1
    assert comparisons(runs, 2).rows[0][5] == "1 / 1 / 1"


def test_runs_that_a_difference_needs_follow_from_the_spread_of_pairs() -> None:
    runs = [run_of(0.0, 0.1), run_of(0.02, 0.06), run_of(0.01, 0.03)]
    for run in runs:
        run["sampling.recovered_accuracy_1"] = run["likelihood.recovered_accuracy_1"]
    table = power(runs)
    assert table.title == "Runs that a difference of recall needs, from n = 3"
    assert table.head == [
        *("lesion", "against T = 1", "s.d. of the difference"),
        *("runs for 0.02", "runs for 0.05", "runs for 0.1"),
    ]
    same, spread = table.rows
    assert same == ["1", "likelihood only", "0", "–", "–", "–"]
    # Differences 0.1, 0.04 and 0.02: s.d. 0.0416; 7.3778 and 0.050636 are quantiles of χ² with two degrees of freedom.
    sd = np.std([0.1, 0.04, 0.02], ddof=1)
    low, high = sd * np.sqrt(2 / np.array([7.377759, 0.05063562]))
    assert spread[:3] == ["2", "likelihood only", f"{sd:.3f} ({low:.3f} … {high:.3f})"]
    for text, difference in zip(spread[3:], (0.02, 0.05, 0.1), strict=True):
        numbers = [runs_needed(difference, s) for s in (sd, low, high)]
        assert text == f"{numbers[0]} ({numbers[1]} … {numbers[2]})"


def test_the_figure_shows_the_mean_of_the_runs() -> None:
    settings = {"digits": [1, 2, 5, 7]}
    runs = [SimpleNamespace(content=run, settings=settings) for run in (run_of(0.0, 0.1), run_of(0.02, 0.06))]
    figure = recall_over_seeds(runs)
    lines = [line for line in figure.axes[0].lines if len(line.get_ydata()) == 3]
    np.testing.assert_allclose(lines[1].get_ydata(), [0.31, 0.61, 0.79])
    (chance,) = (line for line in figure.axes[0].lines if line.get_label() == "chance")
    assert chance.get_ydata()[0] == 0.25


def test_two_tables_after_each_lesion() -> None:
    run = run_of(0.0, 0.1)
    tables = lesion_tables([SimpleNamespace(content=run)])
    assert [table.title for table in tables] == [
        "Recall before and after lesion 1, n = 1",
        "Paired differences after lesion 1, n = 1",
        "Recall before and after lesion 2, n = 1",
        "Paired differences after lesion 2, n = 1",
    ]
    several = lesion_tables([SimpleNamespace(content=each) for each in (run, run_of(0.02, 0.06))])
    assert [table.title[:4] for table in several] == ["Reca", "Pair", "Reca", "Pair", "Runs"]
    del run["recall"]["likelihood"]
    assert [table.title[:6] for table in lesion_tables([SimpleNamespace(content=run)])] == ["Recall"] * 2


def test_runs_that_do_not_fit_are_named() -> None:
    run = run_of(0.0, 0.1)
    with pytest.raises(DataError, match="not of the lesion protocol"):
        summary([run, {"accuracy": 0.5}], 1)
    other = copy.deepcopy(run)
    other["recall"]["seconds"][2] = 61.0
    with pytest.raises(DataError, match="tested at other times"):
        comparisons([run, other], 1)
    without = copy.deepcopy(run)
    del without["recall"]["likelihood"]
    assert [row[0] for row in summary([run, without], 1).rows] == ["T = 1"]
