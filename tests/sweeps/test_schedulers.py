"""Sweeps on the cluster of others: a Dask scheduler that runs already."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from helpers.runs.sweeps import ENVIRONMENT, PATIENCE, SLOWLY, begin, begun, results, sweep, wait_for


@pytest.fixture
def dask(tmp_path: Path) -> Iterator[Callable[[], tuple[str, list[subprocess.Popen[bytes]]]]]:
    """Start a scheduler and two workers as somebody else's cluster would be: processes of their own."""
    started: list[subprocess.Popen[bytes]] = []

    def start() -> tuple[str, list[subprocess.Popen[bytes]]]:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            address = f"tcp://127.0.0.1:{free.getsockname()[1]}"

        def run(*arguments: str) -> subprocess.Popen[bytes]:
            command = [sys.executable, "-m", "distributed.cli." + arguments[0], *arguments[1:]]
            quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            started.append(subprocess.Popen(command, env=ENVIRONMENT, cwd=tmp_path, **quiet))
            return started[-1]

        port = address.rpartition(":")[2]
        scheduler = run("dask_scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard")
        one = ("--nthreads", "1", "--host", "127.0.0.1", "--no-dashboard", "--memory-limit", "0")
        workers = [run("dask_worker", address, *one, "--death-timeout", "60") for _ in range(2)]
        return address, [scheduler, *workers]

    yield start
    for process in started:
        for child in (
            [*psutil.Process(process.pid).children(recursive=True), process] if process.poll() is None else ()
        ):
            child.kill()
        process.wait()


@pytest.mark.slow
def test_a_killed_scheduler_is_a_clear_error_and_the_sweep_goes_on_with_another(
    tmp_path: Path, undisturbed: Any, dask: Any
) -> None:
    directory = tmp_path / "sweep"
    address, (scheduler, *_) = dask()
    process = begin(*SLOWLY, "--scheduler", address, "--out", str(directory))
    wait_for(lambda: begun(directory))
    scheduler.kill()
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 2
    assert f"error: the scheduler is gone; to continue: spikingsampling sweep --resume {directory}" in err
    address, _ = dask()
    code, _, err = sweep("--resume", str(directory), "--scheduler", address)
    assert code == 0, err
    assert results(directory) == undisturbed
