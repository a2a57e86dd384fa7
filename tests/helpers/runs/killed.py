"""A run from the command line that is killed and goes on, beside one that is left alone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from spikingsampling.experiment.metrics import COSTS

__all__ = ["metrics_of", "whole_and_resumed"]


def metrics_of(run: Path) -> dict[str, Any]:
    """The metrics of a run but for its costs."""
    found = json.loads((run / "metrics.json").read_text())
    return {name: value for name, value in found.items() if name not in COSTS}


def whole_and_resumed(protocol: str, folder: Path, checkpoint: str) -> tuple[Path, Path]:
    """Two runs of the preset ``smoke``. The second gets SIGKILL as soon as ``checkpoint`` is there, and is resumed."""
    whole, killed = folder / "whole", folder / "killed"
    _finish(_start(protocol, "--preset", "smoke", "--no-figures", "--out", str(whole)))
    process = _start(protocol, "--preset", "smoke", "--no-figures", "--out", str(killed))
    while not (killed / checkpoint).exists():
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert not (killed / "metrics.json").exists()
    _finish(_start("--no-figures", "--resume", str(killed)))
    return whole, killed


def _start(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "spikingsampling", "run", *arguments]
    environment = os.environ | {"MPLBACKEND": "Agg"}
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def _finish(process: subprocess.Popen[str]) -> None:
    text = process.communicate()[0]
    assert process.returncode == 0, text
