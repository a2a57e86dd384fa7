"""Tables on the terminal and in pipes: no digit is lost, however narrow the terminal is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from helpers.runs.report_runs import write_run
from spikingsampling.cli.terminal import metrics_text
from spikingsampling.experiment.metrics import number

LONG = "association.with_a_name_that_is_longer_than_any_terminal_is_wide_when_it_is_narrow.accuracy"
METRICS: dict[str, Any] = {
    LONG: {"value": 0.0003775, "n": 123456, "interval": [0.0001234, 0.9876]},
    "rate": 123456.75,
    "letters": list(range(20)),
    "text": "wide words",
    "curve": {"seconds": [1.0, 2.0], "accuracy": [0.5, 0.75]},
    "version": "0.1.0",
}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.95, "0.95"),
        (0.00037754, "0.0003775"),
        (1.23456e-7, "1.235e-07"),
        (9999.0, "9999"),
        (10_000.4, "10000"),
        (-123456.75, "-123457"),
        (1e15, "1e+15"),
        (600, "600"),
        ([1.5, 2], "[1.5, 2]"),
        (None, "None"),
        (True, "True"),
        ("[bold]", "[bold]"),
    ],
)
def test_numbers_keep_their_digits(value: Any, text: str) -> None:
    assert number(value) == text


def test_the_table_of_metrics() -> None:
    first, second, rate, text, version, letters = metrics_text(METRICS).splitlines()
    assert first.split() == ["metric", "value", "95", "%", "interval", "n"]
    assert second.split() == [LONG, "0.0003775", "0.0001234", "to", "0.9876", "123456"]
    assert rate.split() == ["rate", "123457"]
    assert text.split() == ["text", "wide", "words"]
    assert version.split() == ["version", "0.1.0"]
    assert letters == f"letters: {list(range(20))}"  # too wide for a column; the curve is left out


def shown(*arguments: str, columns: int) -> str:
    """What a command writes into a pipe."""
    done = subprocess.run(
        [sys.executable, "-m", "spikingsampling", *arguments],
        env={**os.environ, "COLUMNS": str(columns)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.mark.parametrize("columns", [40, 200])
def test_nothing_is_cut_in_a_pipe(tmp_path: Path, columns: int) -> None:
    run = write_run(tmp_path / "run", METRICS, recordings=(), figures=())
    out = shown("watch", "--once", str(run), columns=columns)
    assert metrics_text(METRICS) in out
    assert "…" not in out


@pytest.mark.parametrize("columns", ["40", "80"])
def test_a_finished_run_shows_its_metrics_whole(
    command: Any, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    command("run", "toy", "--out", "run")
    metrics = {**METRICS, "wall_seconds": 1.0}
    Path("run/metrics.json").write_text(json.dumps(metrics))
    assert metrics_text(metrics) in command("run", "--resume", "run")[1]
