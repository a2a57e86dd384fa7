"""The command ``compare``: runs of several directories, tables, figures."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from matplotlib.figure import Figure

from helpers.runs import report_runs
from helpers.runs.report_runs import write_run
from spikingsampling import cli
from spikingsampling.analysis import Estimate
from spikingsampling.errors import ParameterError, RecordingError, ResumeError, UnknownNameError
from spikingsampling.experiment.protocol import Protocol
from spikingsampling.experiment.run_files import FinishedRun
from spikingsampling.sweeps.collect import collect, the_protocol
from spikingsampling.sweeps.compare import Comparison, Difference, Group, comparison
from spikingsampling.sweeps.comparison_output import difference_table, plot_comparison, summary_table
from spikingsampling.tables import Table

COLD, HOT = Group("T = 0", {"0": 1.0, "1": 2.0, "2": 6.0}), Group("T = 1", {"0": 3.0, "1": 4.0})
SIZES = Group("T = 0", {"0": 1 / 3, "1": 1 / 3, "2": 1 / 3}), Group("T = 1", {"0": 0.5, "1": 0.5})
DIFFERENCE = Difference("accuracy", "T = 0", "T = 1", Estimate(2.0, 2, (1.25, 2.75)), 0.04567, 0.5)
COMPARISONS = [
    Comparison("accuracy", ("circuit.temperature",), (COLD, HOT), (DIFFERENCE,)),
    Comparison("size", ("circuit.temperature",), SIZES, ()),
]


def test_the_summary_has_a_column_per_metric() -> None:
    # 3 ± 4.302653 √(7/3) and 3.5 ± 12.706205 · 0.5
    assert summary_table(COMPARISONS).rows == [
        ["T = 0", "3 (-3.572 … 9.572)", "0.3333 (0.3333 … 0.3333)", "3"],
        ["T = 1", "3.5 (-2.853 … 9.853)", "0.5 (0.5 … 0.5)", "2"],
    ]
    assert summary_table(COMPARISONS).head == ["circuit.temperature", "accuracy", "size", "n"]
    single = Comparison("x", (), (Group("all", {"0": 0.25}),), ())
    assert summary_table([single]).rows == [["all", "0.25", "1"]]
    assert summary_table([single]).head == ["runs", "x", "n"]


def test_exact_tables_have_all_digits_and_a_column_per_bound() -> None:
    table = summary_table([COMPARISONS[1], Comparison("x", (), (Group("", {"0": 0.1}),) * 2, ())], exact=True)
    assert table.head == [
        *("circuit.temperature", "size", "size, low", "size, high", "x", "x, low", "x, high", "n")
    ]
    assert table.rows[0] == ["T = 0", *["0.3333333333333333"] * 3, "0.1", "", "", "3"]


def test_differences_stand_below_each_other() -> None:
    table = difference_table(COMPARISONS)
    assert table is not None
    assert table.head == ["metric", "groups", "difference", "pairs", "p (t-test)", "p (signed rank)"]
    assert table.rows == [["accuracy", "T = 1 − T = 0", "2 (1.25 … 2.75)", "2", "0.04567", "0.5"]]
    assert difference_table(COMPARISONS[1:]) is None


def test_the_figure_shows_every_run_and_mean() -> None:
    single = Group("T = 2", {"2": 7.0})
    figure = plot_comparison(Comparison("accuracy", (), (COLD, HOT, single), ()))
    (ax,) = figure.axes
    lines = [(list(line.get_xdata()), list(line.get_ydata())) for line in ax.lines]
    assert lines[:3] == [([0, 1], [1.0, 3.0]), ([0, 1], [2.0, 4.0]), ([0, 2], [6.0, 7.0])]
    assert lines[3:] == [([0.15], [3.0]), ([1.15], [3.5]), ([2.15], [7.0])]
    bars = [collection.get_segments()[0] for collection in ax.collections]
    assert len(bars) == 2  # a single run has no interval
    assert bars[1][:, 1] == pytest.approx(HOT.estimate.interval)
    assert [label.get_text() for label in ax.get_xticklabels()] == ["T = 0", "T = 1", "T = 2"]
    assert ax.get_ylabel() == "accuracy"


def test_runs_of_several_directories(tmp_path: Path) -> None:
    for seed in range(3):
        for name, change in (("old", 0.0), ("new", 0.5)):
            metrics = {"joint.accuracy": 0.1 * seed**2 + change}
            write_run(tmp_path / f"{name}{seed}", metrics, seed=seed, recordings=(), figures=())
    write_run(tmp_path / "going on", None, seed=7, recordings=(), figures=())
    found = collect(sorted(tmp_path.iterdir()))
    assert len(found) == 6
    assert the_protocol(found) == "toy"
    with pytest.raises(ParameterError, match=r"have the same settings.*--by directory"):
        comparison(found, "joint.accuracy")
    groups = comparison(found, "joint.accuracy", ["directory"]).groups
    assert sorted(group.name for group in groups) == sorted(f"directory = {r.directory}" for r in found)
    with pytest.raises(ParameterError, match="no run is finished"):
        collect([tmp_path / "going on"])
    with pytest.raises(ResumeError, match="not a run directory"):
        collect([tmp_path])
    (tmp_path / "old0" / "metrics.json").write_text("{")
    with pytest.raises(RecordingError, match="old0: the metrics are damaged"):
        collect([tmp_path / "old0"])
    other = FinishedRun(Path("x"), {"protocol": "hopfield"}, {})
    with pytest.raises(ParameterError, match="several protocols: hopfield, toy"):
        the_protocol([*found, other])


@pytest.fixture
def directories(tmp_path: Path) -> list[str]:
    """Runs of three seeds and two temperatures."""
    made = []
    for seed in range(3):
        for temperature in (0.25, 0.5):
            metrics = {"joint.accuracy": 0.1 * seed**2 + temperature, "long": 10.0 * temperature, "n": seed}
            made.append(str(tmp_path / f"run{seed}-{temperature}"))
            write_run(Path(made[-1]), metrics, seed=seed, temperature=temperature, recordings=(), figures=())
    return made


def compare(*arguments: str, protocols: Any = None) -> int:
    with pytest.raises(SystemExit) as left:
        cli.main(["compare", *arguments], protocols=protocols)
    return int(left.value.code or 0)


def test_the_command(directories: list[str], tmp_path: Path, capsys: Any) -> None:
    figure = tmp_path / "figure.png"
    assert not compare(
        *directories, "--metric", "joint.accuracy", "--by", "temperature", "--figure", str(figure)
    )
    out = capsys.readouterr().out
    assert "temperature = 0.25   0.4167 (" in out  # the mean of 0.25, 0.35, 0.65
    assert "temperature = 0.5 − temperature = 0.25  0.25 (0.25 … 0.25)" in out
    assert figure.stat().st_size > 1000
    assert not compare(*directories, "--metric", "long", "--by", "temperature")
    assert (Path(directories[0]) / "compare-long.png").exists()


def test_several_metrics_make_one_table_in_each_format(directories: list[str], capsys: Any) -> None:
    metrics = ("--metric", "joint.accuracy", "--metric", "long", "--by", "temperature")
    assert not compare(*directories, *metrics, "--format", "csv")
    summary, differences = (list(csv.reader(io.StringIO(t))) for t in capsys.readouterr().out.split("\n\n"))
    assert summary[1][:2] == ["temperature = 0.25", "0.4166666666666667"]
    assert [row[0] for row in differences] == ["metric", "joint.accuracy", "long"]
    for name in ("joint.accuracy", "long"):
        assert (Path(directories[0]) / f"compare-{name}.png").exists()
    assert not compare(*directories, *metrics, "--format", "markdown")
    assert "| circuit.temperature | joint.accuracy | long | n |\n| --- |" in capsys.readouterr().out
    assert compare(*directories, *metrics, "--format", "html") == 2
    assert "unknown format 'html'" in capsys.readouterr().err


def totals(runs: list[FinishedRun]) -> list[Table]:
    """A table of a protocol's own."""
    return [Table(("total",), [[str(sum(run.metrics["n"] for run in runs))]], str(len(runs)))]


def bars(runs: list[FinishedRun]) -> Figure:
    figure = Figure()
    figure.subplots().bar(range(len(runs)), [run.metrics["n"] for run in runs])
    return figure


def test_a_protocol_offers_tables_of_its_own(directories: list[str], tmp_path: Path, capsys: Any) -> None:
    settings = (report_runs.Configuration, {"quick": {}}, len)
    plotted = Protocol(
        *settings, name="toy", tables={"totals": totals, "other": totals}, plots={"totals": bars}
    )
    figure = tmp_path / "totals.png"
    arguments = (*directories, "--table", "totals")
    assert not compare(*arguments, "--figure", str(figure), protocols={"toy": plotted})
    assert capsys.readouterr().out == "6\ntotal\n6\n"
    assert figure.stat().st_size > 1000
    assert not compare(*arguments, "--format", "csv", protocols={"toy": plotted})
    assert capsys.readouterr().out == "total\n6\n"
    for wrong, message in {
        ("--table", "totls"): "unknown table of toy 'totls'; did you mean 'totals'",
        ("--table", "other", "--figure", "x.png"): "the table other of toy has no figure",
        ("--table", "totals", "--by", "seed"): "--by goes with --metric",
        ("--table", "totals", "--metric", "n"): "give --metric, or --table",
        (): "give --metric, or --table",
    }.items():
        assert compare(*directories, *wrong, protocols={"toy": plotted}) == 2
        assert message in capsys.readouterr().err


def test_a_plot_needs_its_table() -> None:
    settings = (report_runs.Configuration, {"quick": {}}, len)
    with pytest.raises(ParameterError, match="plots of toy: there is no table 'totals'"):
        Protocol(*settings, name="toy", plots={"totals": bars})
    with pytest.raises(UnknownNameError, match="unknown table of toy 'totals'"):
        Protocol(*settings, name="toy").table("totals")
