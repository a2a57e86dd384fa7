"""Runs of the association protocol through the real command line, watched, killed and compared."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from spikingsampling.experiment.metrics import COSTS

PROGRAM = (sys.executable, "-m", "spikingsampling")
SMOKE = ("run", "association", "--preset", "smoke")
#: As short as the ranges allow.
SHORT = [
    part
    for setting in ("training=10 s", "final_test.settle=0 s", "final_test.measure=1 s")
    for part in ("--set", setting)
]


def call(*command: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def metrics(directory: Path) -> dict[str, Any]:
    return json.loads((directory / "metrics.json").read_text())


def same_results(run: Path, other: Path) -> bool:
    """Whether two runs recorded the same bits and measured the same."""
    first, second = (
        {name: value for name, value in metrics(path).items() if name not in COSTS} for path in (run, other)
    )
    return first == second and (run / "recording.h5").read_bytes() == (other / "recording.h5").read_bytes()


class Started:
    """A run in another process, watched through its log."""

    def __init__(self, command: tuple[str, ...], directory: Path, **environment: str) -> None:
        self.log = directory / "log.txt"
        self.before = self.segments()
        self.process = subprocess.Popen(
            command,
            cwd=directory.parent,
            env={**os.environ, **environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def segments(self) -> int:
        return self.log.read_text().count("speed") if self.log.exists() else 0

    def wait_for(self, segments: int) -> bool:
        """Wait until so many segments are done in this process; False if it ends before."""
        deadline = time.monotonic() + 300
        while self.segments() < self.before + segments:
            if self.process.poll() is not None:
                return False
            assert time.monotonic() < deadline
            time.sleep(0.005)
        return True

    def end(self) -> tuple[int, str]:
        _, err = self.process.communicate(timeout=300)
        return self.process.returncode, err
