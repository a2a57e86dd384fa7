"""SIGKILL at random moments of a sweep, to the command, a worker or a run: the table is always the same."""

from __future__ import annotations

import random
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from helpers.runs.sweeps import PATIENCE, SLOWLY, assert_all_end, begin, results, runs

KILLS = 100


@pytest.mark.slow
def test_a_sweep_that_is_killed_again_and_again_gives_the_same_table(
    tmp_path: Path, undisturbed: Any
) -> None:
    rng, kills, sweeps = random.Random(0), 0, 0
    while kills < KILLS:
        directory, sweeps = tmp_path / str(sweeps), sweeps + 1
        arguments: tuple[str, ...] = (*SLOWLY, "--workers", "2", "--out", str(directory))
        attempts = 0
        while True:
            process = begin(*arguments)
            if attempts < 6:  # then leave it alone, so that it comes to its end
                time.sleep(rng.uniform(0.5, 8.0))
                kills += kill_one(process, rng)
                attempts += 1
            code = process.poll()
            if code is None or code >= 0:
                _, err = process.communicate(timeout=PATIENCE)
                assert process.returncode in (0, 1), err
                if process.returncode == 0:
                    break
            arguments = ("--resume", str(directory), "--workers", "2")
            if (directory / "sweep.toml").exists():
                arguments = (*arguments, "--retry")  # a run whose process was killed has failed
            else:
                arguments = (*SLOWLY, "--workers", "2", "--out", str(directory))
        assert results(directory) == undisturbed, f"sweep {sweeps}"
        assert all((run / "metrics.json").exists() for run in runs(directory))
    print(kills, "kills,", sweeps, "sweeps")


def kill_one(process: Any, rng: random.Random) -> int:
    """Kill the command or a process below it, and wait until all that must end with it has ended."""
    try:
        family = psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return 0
    if process.poll() is not None:
        return 0
    if not family or rng.random() < 0.5:
        process.kill()
        process.communicate(timeout=PATIENCE)
        if family:
            assert_all_end(family)
        return 1
    try:
        rng.choice(family).kill()
    except psutil.NoSuchProcess:
        return 0
    return 1
