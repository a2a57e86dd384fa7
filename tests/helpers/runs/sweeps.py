"""Sweeps as processes, and what their directories hold, for the tests of sweeps."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from helpers import HELPERS
from spikingsampling.experiment.metrics import COSTS

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(HELPERS / "runs" / "sweep_protocols"), "COLUMNS": "200"}
SWEEP = ("toy", "--seeds", "0:2", "--grid", "temperature=0,1")
SLOWLY = (*SWEEP, "--set", "pause=0.4", "--set", "segments=6")
PATIENCE = 120.0


def begin(*arguments: str, **options: Any) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "spikingsampling", "sweep", *arguments]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, env=ENVIRONMENT, **pipes, **options)


def sweep(*arguments: str, patience: float = PATIENCE) -> tuple[int, str, str]:
    process = begin(*arguments)
    out, err = process.communicate(timeout=patience)
    assert "Traceback" not in err
    return process.returncode, out, err


def wait_for(condition: Callable[[], Any], patience: float = PATIENCE) -> Any:
    deadline = time.monotonic() + patience
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found


def table(directory: Path) -> list[dict[str, str]]:
    with (directory / "runs.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def results(directory: Path) -> list[dict[str, str]]:
    return [{name: row[name] for name in row if name not in COSTS} for row in table(directory)]


def history(run: Path, what: str = "") -> list[str]:
    path = run / "history"
    return [line for line in path.read_text().splitlines() if line.startswith(what)] if path.exists() else []


def runs(directory: Path) -> list[Path]:
    return [directory / "runs" / f"{index:04d}" for index in range(4)]


def begun(directory: Path) -> list[Path]:
    """Runs in mid-run: with a segment, and far from their end."""
    return [run for run in runs(directory) if 1 <= len(history(run, "segment")) < 4]


def children(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """The processes of the runs below a command."""

    def is_run(child: psutil.Process) -> bool:
        try:
            return "spikingsampling.cli.child" in child.cmdline()
        except psutil.Error:
            return False

    return [child for child in psutil.Process(process.pid).children(recursive=True) if is_run(child)]


def assert_all_end(processes: list[psutil.Process]) -> None:
    assert processes
    _, alive = psutil.wait_procs(processes, timeout=PATIENCE)
    assert not alive
