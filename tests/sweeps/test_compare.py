"""Comparisons of runs: groups, intervals, paired tests, what is refused."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from helpers.report_runs import write_run
from spikingsampling.cli import app as cli
from spikingsampling.errors import ParameterError, ResumeError, UnknownNameError
from spikingsampling.sweeps.compare import (
    Result,
    collect,
    comparison,
    holm,
    mean_interval,
    plot_comparison,
    varying,
)


def results(values: dict[tuple[int, float], float], **settings: Any) -> list[Result]:
    return [
        Result(
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


def test_groups_have_mean_interval_and_n() -> None:
    values = sample()
    found = comparison(results(values), "accuracy", ["temperature"])
    assert [group.name for group in found.groups] == [f"temperature = {t}" for t in (0, 1, 2)]
    for group, temperature in zip(found.groups, (0.0, 1.0, 2.0), strict=True):
        expected = [value for (_, t), value in values.items() if t == temperature]
        assert group.n == 8
        assert group.mean == pytest.approx(np.mean(expected))
        low, high = stats.ttest_1samp(expected, 0).confidence_interval(0.95)
        assert group.interval == pytest.approx((low, high))


def test_tests_are_paired_by_seed() -> None:
    values = sample()
    found = comparison(results(values), "accuracy", ["temperature"])
    assert [(d.first[-1], d.second[-1]) for d in found.differences] == [("0", "1"), ("0", "2"), ("1", "2")]
    columns = {t: np.array([values[s, t] for s in range(8)]) for t in (0.0, 1.0, 2.0)}
    ps = [stats.ttest_rel(columns[b], columns[a]).pvalue for a, b in ((0, 1), (0, 2), (1, 2))]
    ranks = [stats.wilcoxon(columns[b], columns[a]).pvalue for a, b in ((0, 1), (0, 2), (1, 2))]
    for difference, p, rank in zip(found.differences, holm(ps), holm(ranks), strict=True):
        assert difference.n == 8
        assert difference.p == pytest.approx(p)
        assert difference.p_signed_rank == pytest.approx(rank)
    first = columns[1.0] - columns[0.0]
    assert found.differences[0].mean == pytest.approx(first.mean())
    # The spread between seeds, ten times the effect, is not in the interval of the difference.
    assert found.differences[0].interval == pytest.approx(mean_interval(first.tolist()))
    assert np.diff(found.differences[0].interval) < 0.1 * np.diff(found.groups[0].interval)


def test_pairs_need_not_be_complete() -> None:
    values = sample()
    del values[2, 1.0], values[5, 0.0]
    found = comparison(results(values), "accuracy", ["temperature"])
    assert [group.n for group in found.groups] == [7, 7, 8]
    assert [difference.n for difference in found.differences] == [6, 7, 7]


def test_other_settings_are_paired_too() -> None:
    first = results({(s, t): s + t for s in range(3) for t in (0.0, 1.0)}, size=4)
    second = results({(s, t): 3 * s + t for s in range(3) for t in (0.0, 1.0)}, size=8)
    found = comparison([*first, *second], "accuracy", ["size"])
    assert [group.n for group in found.groups] == [6, 6]
    assert found.differences[0].mean == pytest.approx(2.0)
    assert found.differences[0].n == 6
    assert varying([*first, *second]) == ["circuit.temperature", "size"]
    assert len(comparison([*first, *second], "accuracy").groups) == 4


def test_equal_and_constant_differences() -> None:
    equal = comparison(results({(s, t): float(s) for s in range(4) for t in (0.0, 1.0)}), "accuracy")
    assert (equal.differences[0].p, equal.differences[0].p_signed_rank) == (1.0, 1.0)
    shifted = comparison(results({(s, t): s + t for s in range(4) for t in (0.0, 1.0)}), "accuracy")
    assert shifted.differences[0].p == 0.0
    single = comparison(results({(0, 0.0): 1.0, (0, 1.0): 2.0}), "accuracy")
    assert single.differences == ()
    assert math.isnan(single.groups[0].interval[0])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm(p: list[float]) -> None:
    adjusted = holm(p)
    m = len(p)
    for index, value in enumerate(adjusted):
        # Holm's definition: the largest of (m - rank) p over all p that are not larger.
        order = sorted(range(m), key=lambda k: (p[k], k))
        upto = order[: order.index(index) + 1]
        expected = max(min(1.0, (m - rank) * p[k]) for rank, k in enumerate(upto))
        assert value == pytest.approx(expected)


def test_what_cannot_be_compared() -> None:
    runs = results(sample())
    with pytest.raises(UnknownNameError, match="did you mean 'accuracy'"):
        comparison(runs, "acuracy")
    with pytest.raises(UnknownNameError, match="unknown parameter 'temprature'"):
        comparison(runs, "accuracy", ["temprature"])
    with pytest.raises(ParameterError, match=r"have the same settings.*--by directory"):
        comparison([*runs, runs[0]], "accuracy", ["temperature"])
    with pytest.raises(ParameterError, match="is None: must be a number"):
        comparison([Result(Path("x"), {"seed": 0}, {"accuracy": None})], "accuracy")


def test_runs_of_several_directories(tmp_path: Path) -> None:
    for seed in range(3):
        for name, change in (("old", 0.0), ("new", 0.5)):
            metrics = {"joint.accuracy": 0.1 * seed**2 + change}
            write_run(tmp_path / f"{name}{seed}", metrics, seed=seed, recordings=(), figures=())
    write_run(tmp_path / "going on", None, seed=7, recordings=(), figures=())
    found = collect(sorted(tmp_path.iterdir()))
    assert len(found) == 6
    with pytest.raises(ParameterError, match=r"have the same settings.*--by directory"):
        comparison(found, "joint.accuracy")
    groups = comparison(found, "joint.accuracy", ["directory"]).groups
    assert sorted(group.name for group in groups) == sorted(f"directory = {r.directory}" for r in found)
    with pytest.raises(ParameterError, match="no run is finished"):
        collect([tmp_path / "going on"])
    with pytest.raises(ResumeError, match="not a run directory"):
        collect([tmp_path])


def test_the_figure_shows_every_run_and_mean() -> None:
    figure = plot_comparison(comparison(results(sample()), "accuracy", ["temperature"]))
    (ax,) = figure.axes
    lines = [line for line in ax.lines if line.get_marker() == "o"]
    assert len(lines) == 8 and all(len(line.get_xdata()) == 3 for line in lines)
    assert [label.get_text() for label in ax.get_xticklabels()] == [f"temperature = {t}" for t in (0, 1, 2)]
    assert ax.get_ylabel() == "accuracy"


def test_the_command(tmp_path: Path, capsys: Any) -> None:
    for seed in range(3):
        for temperature in (0.25, 0.5):
            metrics = {"joint.accuracy": 0.1 * seed**2 + temperature}
            name = f"run{seed}-{temperature}"
            write_run(tmp_path / name, metrics, seed=seed, temperature=temperature, recordings=(), figures=())
    with pytest.raises(SystemExit) as left:
        directories = [str(path) for path in sorted(tmp_path.iterdir())]
        figure = str(tmp_path / "figure.png")
        cli.main(
            ["compare", *directories, "--metric", "joint.accuracy", "--by", "temperature", "--figure", figure]
        )
    assert not left.value.code
    out = capsys.readouterr().out
    assert "temperature = 0.25" in out and "0.4167" in out  # the mean of 0.25, 0.35, 0.65
    assert "temperature = 0.5 − temperature = 0.25" in out
    assert "0.25 to 0.25" in out
    assert Path(figure).stat().st_size > 1000
