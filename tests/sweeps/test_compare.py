"""Comparisons of runs: groups, intervals, paired tests, what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from spikingsampling.analysis import estimate_mean, holm
from spikingsampling.errors import ParameterError, UnknownNameError
from spikingsampling.experiment.run_files import FinishedRun
from spikingsampling.sweeps.collect import varying
from spikingsampling.sweeps.compare import compare, comparison


def finished(values: dict[tuple[int, float], Any], **settings: Any) -> list[FinishedRun]:
    """Runs by (seed, temperature) with one metric."""
    return [
        FinishedRun(
            Path(f"{seed}-{temperature}"),
            {"seed": seed, "circuit.temperature": temperature, "directory": "here", **settings},
            {"accuracy": value},
        )
        for (seed, temperature), value in values.items()
    ]


def sample(n: int = 8, effect: float = 0.1) -> dict[tuple[int, float], float]:
    rng = np.random.default_rng(3)
    level = rng.normal(0.5, 0.2, n)
    return {(s, t): level[s] + effect * t + rng.normal(0, 0.01) for s in range(n) for t in (0.0, 1.0, 2.0)}


def test_a_group_is_the_mean_over_its_runs() -> None:
    values = {(0, 0.5): 1.0, (1, 0.5): 2.0, (2, 0.5): 6.0, (0, 2.0): 8.0, (1, 2.0): 9.0}
    cold, hot = comparison(finished(values), "accuracy", ["temperature"]).groups
    assert (cold.name, hot.name) == ("temperature = 0.5", "temperature = 2")
    assert cold.estimate == estimate_mean([1.0, 2.0, 6.0])
    assert (hot.estimate.value, hot.estimate.n) == (8.5, 2)


def test_differences_are_the_second_group_minus_the_first_over_common_seeds() -> None:
    values = {(0, 0.0): 1.0, (1, 0.0): 2.0, (2, 0.0): 4.0, (3, 0.0): 100.0}
    values |= {(2, 1.0): 10.0, (1, 1.0): 4.0, (0, 1.0): 2.0}  # 1, 2 and 6 more; seed 3 has no partner
    (found,) = comparison(finished(values), "accuracy").differences
    assert (found.metric, found.first, found.second) == ("accuracy", "temperature = 0", "temperature = 1")
    assert found.estimate == estimate_mean([1.0, 2.0, 6.0])
    assert found.p == pytest.approx(stats.ttest_1samp([1.0, 2.0, 6.0], 0).pvalue)
    assert found.p_signed_rank == pytest.approx(2 / 2**3)


def test_intervals_stay_within_the_bounds_of_the_metric() -> None:
    accuracies = {(0, 0.0): 0.6, (1, 0.0): 0.9, (0, 1.0): 0.9, (1, 1.0): 1.0}
    runs = [
        {"value": value, "n": 10, "interval": [0.2, 1], "bounds": [0, 1]} for value in accuracies.values()
    ]
    found = comparison(finished(dict(zip(accuracies, runs, strict=True))), "accuracy")
    first, second = (group.estimate.interval for group in found.groups)
    assert first == (0, 1)
    assert second == (pytest.approx(0.95 - 0.05 * 12.706205), 1)
    (difference,) = found.differences  # 0.3 and 0.1: 0.2 ± 1.27
    assert difference.estimate.interval == (-1, 1)
    # Where one run does not know the bounds, nothing is cut.
    mixed = finished(dict(zip(accuracies, [0.6, *runs[1:]], strict=True)))
    low, high = comparison(mixed, "accuracy").groups[0].estimate.interval
    assert low < 0 and high > 1


def test_tests_are_paired_by_seed_and_adjusted_for_all_pairs_of_groups() -> None:
    values = sample()
    found = comparison(finished(values), "accuracy", ["temperature"])
    assert [(d.first[-1], d.second[-1]) for d in found.differences] == [("0", "1"), ("0", "2"), ("1", "2")]
    columns = {t: np.array([values[s, t] for s in range(8)]) for t in (0.0, 1.0, 2.0)}
    ps = [stats.ttest_rel(columns[b], columns[a]).pvalue for a, b in ((0, 1), (0, 2), (1, 2))]
    ranks = [stats.wilcoxon(columns[b], columns[a]).pvalue for a, b in ((0, 1), (0, 2), (1, 2))]
    assert [d.p for d in found.differences] == pytest.approx(holm(ps))
    assert [d.p_signed_rank for d in found.differences] == pytest.approx(holm(ranks))
    # The spread between seeds, ten times the effect, is not in the interval of the difference.
    assert np.diff(found.differences[0].estimate.interval) < 0.1 * np.diff(found.groups[0].estimate.interval)


def test_several_metrics_are_compared_with_the_first_group_and_adjusted_together() -> None:
    values, rng = sample(), np.random.default_rng(5)
    runs = [
        FinishedRun(run.directory, run.settings, {**run.content, "time": float(rng.normal())})
        for run in finished(values)
    ]
    accuracy, time = compare(runs, ["accuracy", "time"], ["temperature"])
    assert (accuracy.metric, time.metric) == ("accuracy", "time")
    for found in (accuracy, time):
        assert [(d.first[-1], d.second[-1]) for d in found.differences] == [("0", "1"), ("0", "2")]
        assert {d.metric for d in found.differences} == {found.metric}
    raw = [
        stats.ttest_rel(
            *[
                [r.metrics[name] for r in runs if r.settings["circuit.temperature"] == t]
                for t in (second, 0.0)
            ]
        ).pvalue
        for name in ("accuracy", "time")
        for second in (1.0, 2.0)
    ]
    assert [d.p for found in (accuracy, time) for d in found.differences] == pytest.approx(holm(raw))
    assert [group.estimate for group in accuracy.groups] == [
        group.estimate for group in comparison(runs, "accuracy", ["temperature"]).groups
    ]


def test_pairs_need_not_be_complete() -> None:
    values = sample()
    del values[2, 1.0], values[5, 0.0]
    found = comparison(finished(values), "accuracy", ["temperature"])
    assert [group.estimate.n for group in found.groups] == [7, 7, 8]
    assert [difference.estimate.n for difference in found.differences] == [6, 7, 7]


def test_other_settings_are_paired_too() -> None:
    first = finished({(s, t): s + t for s in range(3) for t in (0.0, 1.0)}, size=4)
    second = finished({(s, t): 3 * s + t for s in range(3) for t in (0.0, 1.0)}, size=8)
    found = comparison([*first, *second], "accuracy", ["size"])
    assert [group.estimate.n for group in found.groups] == [6, 6]
    assert found.differences[0].estimate == estimate_mean([0.0, 0.0, 2.0, 2.0, 4.0, 4.0])
    assert varying([*first, *second]) == ["circuit.temperature", "size"]
    assert len(comparison([*first, *second], "accuracy").groups) == 4


def test_equal_and_constant_differences_and_single_pairs() -> None:
    equal = comparison(finished({(s, t): float(s) for s in range(4) for t in (0.0, 1.0)}), "accuracy")
    assert (equal.differences[0].p, equal.differences[0].p_signed_rank) == (1.0, 1.0)
    shifted = comparison(finished({(s, t): s + t for s in range(4) for t in (0.0, 1.0)}), "accuracy")
    assert shifted.differences[0].p == 0.0
    single = comparison(finished({(0, 0.0): 1.0, (0, 1.0): 2.0}), "accuracy")
    assert single.differences == ()
    assert single.groups[0].estimate.interval is None


def test_what_cannot_be_compared() -> None:
    runs = finished(sample())
    with pytest.raises(UnknownNameError, match="did you mean 'accuracy'"):
        comparison(runs, "acuracy")
    with pytest.raises(UnknownNameError, match="unknown parameter 'temprature'"):
        comparison(runs, "accuracy", ["temprature"])
    ambiguous = finished(sample(), **{"prior.temperature": 1.0})
    with pytest.raises(UnknownNameError, match=r"unknown parameter 'temperature'"):
        comparison(ambiguous, "accuracy", ["temperature"])
    with pytest.raises(ParameterError, match=r"0-0.0 and 0-0.0 have the same settings.*--by directory"):
        comparison([*runs, runs[0]], "accuracy", ["temperature"])
    for value in (None, True, "much"):
        with pytest.raises(ParameterError, match=f"is {value!r}: must be a number"):
            comparison([FinishedRun(Path("x"), {"seed": 0}, {"accuracy": value})], "accuracy")
