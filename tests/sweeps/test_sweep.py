"""Sweeps with real workers: every process that takes part is killed once, in mid-run."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import psutil
import pytest

from helpers.runs.sweeps import (
    PATIENCE,
    SLOWLY,
    assert_all_end,
    begin,
    begun,
    children,
    history,
    results,
    runs,
    sweep,
    table,
    wait_for,
)


def test_the_table_has_settings_metrics_and_status(undisturbed: list[dict[str, str]]) -> None:
    assert [row["status"] for row in undisturbed] == ["done"] * 4
    assert [(row["seed"], row["circuit.temperature"]) for row in undisturbed] == [
        (seed, temperature) for seed in "01" for temperature in "01"
    ]
    first, second, third, _ = (float(row["mean"]) for row in undisturbed)
    assert second - first == pytest.approx(1.0)  # the same seed
    assert abs(third - first) > 1e-3  # another seed


def test_a_killed_worker_does_not_take_the_sweep_along(tmp_path: Path, undisturbed: Any) -> None:
    directory = tmp_path / "sweep"
    process = begin(*SLOWLY, "--workers", "2", "--out", str(directory))
    wait_for(lambda: len(begun(directory)) == 2)
    victim = children(process)[0]
    worker = victim.parent()
    assert worker is not None and worker.pid != process.pid
    worker.kill()
    assert_all_end([victim])
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, err
    assert results(directory) == undisturbed
    starts = sorted(len(history(run, "start")) for run in runs(directory))
    assert starts == [1, 1, 1, 2]
    # It went on from its checkpoint; only what was not in it was done again.
    assert all(6 <= len(history(run, "segment")) <= 7 for run in runs(directory))


def test_a_killed_command_leaves_nothing_running_and_is_resumed(tmp_path: Path, undisturbed: Any) -> None:
    directory = tmp_path / "sweep"
    process = begin(*SLOWLY, "--workers", "2", "--out", str(directory))
    wait_for(lambda: table(directory)[0]["status"] == "done" if (directory / "runs.csv").exists() else False)
    wait_for(lambda: begun(directory))
    everything = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.communicate(timeout=PATIENCE)
    assert_all_end(everything)
    assert "pending" in {row["status"] for row in table(directory)}
    code, _, err = sweep("--resume", str(directory), "--workers", "2")
    assert code == 0, err
    assert results(directory) == undisturbed
    assert len(history(runs(directory)[0], "start")) == 1  # finished runs are not repeated
    assert max(len(history(run, "start")) for run in runs(directory)) == 2
    (directory / "runs.csv").unlink()
    assert sweep("--resume", str(directory))[::2] == (0, "")  # no cluster for nothing
    assert results(directory) == undisturbed


@pytest.mark.slow
def test_simulations_go_on_from_their_checkpoints(tmp_path: Path) -> None:
    """Recordings of a sweep killed in mid-run are those of an undisturbed one, byte for byte."""
    arguments = (
        "association",
        "--preset",
        "smoke",
        "--set",
        "training=60 s",
        "--seeds",
        "0:2",
        "--workers",
        "2",
    )
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    assert sweep(*arguments, "--out", str(whole), patience=1800)[0] == 0
    process = begin(*arguments, "--out", str(killed))
    wait_for(lambda: list(killed.glob("runs/*/checkpoint.npz")), 600)
    everything = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.communicate()
    assert_all_end(everything)
    assert {row["status"] for row in table(killed)} == {"pending"}
    assert sweep("--resume", str(killed), "--workers", "2", patience=1800)[0] == 0
    assert results(killed) == results(whole)
    for run in ("0000", "0001"):
        one, other = (directory / "runs" / run / "recording.h5" for directory in (whole, killed))
        assert one.read_bytes() == other.read_bytes()


@pytest.mark.slow
def test_ctrl_c_stops_runs_at_their_segments(tmp_path: Path, undisturbed: Any) -> None:
    directory = tmp_path / "sweep"
    process = begin(*SLOWLY, "--workers", "2", "--out", str(directory), start_new_session=True)
    wait_for(lambda: len(begun(directory)) == 2)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all processes of the group
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert err.endswith(f"interrupted; to continue: spikingsampling sweep --resume {directory}\n")
    assert "Traceback" not in err
    assert {row["status"] for row in table(directory)} == {"pending"}
    assert sweep("--resume", str(directory), "--workers", "2")[0] == 0
    assert results(directory) == undisturbed
    assert [len(history(run, "segment")) for run in runs(directory)] == [6] * 4  # nothing was lost


def test_a_failed_run_is_shown_and_retried_on_request(tmp_path: Path) -> None:
    directory, file = tmp_path / "sweep", tmp_path / "corpus.bin"
    grid = ("--grid", f"needs='',{file}", "--set", "pause=0")
    code, out, err = sweep("toy", "--seeds", "3", *grid, "--workers", "1", "--out", str(directory))
    assert code == 1
    assert "1 done, 1 failed" in out
    assert [row["status"] for row in table(directory)] == ["done", "failed"]
    assert table(directory)[1]["error"] == f"{file} is not there"
    assert f"sweep --resume {directory} --retry" in err
    file.write_text("")
    assert sweep("--resume", str(directory), "--workers", "1")[0] == 1
    assert len(history(runs(directory)[1], "start")) == 1
    assert sweep("--resume", str(directory), "--retry", "--workers", "1")[0] == 0
    assert [row["status"] for row in table(directory)] == ["done", "done"]
    assert [row["error"] for row in table(directory)] == ["", ""]
    assert len(history(runs(directory)[0], "start")) == 1
