"""Sweeps as job arrays of a SLURM that is played by stand-ins for its programs."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import psutil
import pytest

from helpers.runs import slurm_standin
from helpers.runs.sweeps import ENVIRONMENT, PATIENCE, begin, history, sweep, table, wait_for
from spikingsampling.errors import ParameterError, ResumeError
from spikingsampling.sweeps import slurm
from spikingsampling.sweeps.job_options import JobOptions
from spikingsampling.sweeps.plan import Plan
from spikingsampling.sweeps.schedule import SchedulerError
from spikingsampling.sweeps.sweep import Sweep

TOY = ("toy", "--set", "pause=0", "--scheduler", "slurm")


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a cluster whose programs are found first."""
    folder = tmp_path / "cluster"
    path = f"{slurm_standin.install(folder)}:{os.environ['PATH']}"
    monkeypatch.setitem(ENVIRONMENT, "PATH", path)
    monkeypatch.setenv("PATH", path)
    return folder


def empty(cluster: Path) -> bool:
    return not list((cluster / "queue").iterdir())


def states(directory: Path) -> list[str]:
    return [row["status"] for row in table(directory)]


def a_sweep(directory: Path, n_runs: int) -> Sweep:
    """A sweep whose run directories are empty."""
    the_sweep = Sweep(directory, Plan("toy", "quick", range(n_runs)))
    for run in the_sweep.runs:
        run.mkdir(parents=True)
    return the_sweep


def test_a_sweep_is_a_job_array_and_the_command_follows_it(tmp_path: Path, cluster: Path) -> None:
    directory = tmp_path / "it's a sweep, 100%"
    options = ("--partition", "long jobs", "--account", "me", "--time", "1:00", "--mem", "2G")
    options += ("--cpus-per-task", "2", "--sbatch=--comment=a 'b' c", "--workers", "2", "--wait")
    code, out, err = sweep(*TOY, "--seeds", "0:3", *options, "--out", str(directory))
    assert code == 0, err
    assert "3 done, 0 failed" in out
    assert "job 1001" in err and err.count(" done (seed = ") == 3
    (call,) = slurm_standin.calls(cluster)
    assert {"--partition=long jobs", "--account=me", "--time=1:00", "--mem=2G", "--cpus-per-task=2"} < {*call}
    assert {"--comment=a 'b' c", "--array=0-2%2", "--signal=B:USR1@60"} < {*call}
    assert "0000 done after" in (directory / "slurm" / "1001_0.out").read_text()
    assert [len(history(directory / "runs" / f"000{index}", "start")) for index in range(3)] == [1, 1, 1]


def test_only_what_is_neither_done_nor_queued_is_submitted_again(tmp_path: Path, cluster: Path) -> None:
    """One task is done, one waits for long, one is cancelled before it begins."""
    directory = tmp_path / "sweep"
    for index in (1, 2):
        (cluster / "held" / f"1001_{index}").touch()
    code, out, _ = sweep(*TOY, "--seeds", "0:3", "--workers", "1", "--out", str(directory))
    assert code == 0
    assert "0 done, 0 failed, 3 pending" in out
    (cluster / "queue" / "1001_2").unlink()
    wait_for(lambda: not (cluster / "queue" / "1001_0").exists())
    code, out, err = sweep("--resume", str(directory), "--scheduler", "slurm")
    assert code == 0, err
    assert "1 of 3 runs are queued already" in err and "1 of 3 runs of toy" in err
    assert "--array=2" in slurm_standin.calls(cluster)[1]
    for path in (cluster / "held").iterdir():
        path.unlink()
    wait_for(lambda: empty(cluster))
    code, out, _ = sweep("--resume", str(directory), "--scheduler", "slurm")
    assert (code, len(slurm_standin.calls(cluster))) == (0, 2)
    assert states(directory) == ["done"] * 3
    assert [len(history(directory / "runs" / f"000{index}", "start")) for index in range(3)] == [1] * 3


@pytest.mark.parametrize("time_is", ["nearly_over", "over"])
def test_a_task_whose_time_is_over_goes_on_when_submitted_again(
    time_is: str, tmp_path: Path, cluster: Path
) -> None:
    directory = tmp_path / "sweep"
    arguments = ("toy", "--set", "pause=0.3", "--set", "segments=8", "--seeds", "0", "--scheduler", "slurm")
    sweep(*arguments, "--out", str(directory))
    run = directory / "runs" / "0000"
    wait_for(lambda: history(run, "segment"))
    (cluster / time_is).touch()
    wait_for(lambda: empty(cluster))
    assert 1 <= len(history(run, "segment")) < 8
    text = (directory / "slurm" / "1001_0.out").read_text()
    told = {"nearly_over": "SIGUSR1", "over": "SIGTERM"}[time_is]
    assert "0000 pending after" in text and f"told to stop by {told}" in text
    (cluster / time_is).unlink()
    code, _, err = sweep("--resume", str(directory), "--scheduler", "slurm", "--wait")
    assert (code, states(directory)) == (0, ["done"]), err
    assert len(history(run, "segment")) == 8  # nothing was lost, nothing done twice


def test_a_task_that_is_killed_goes_on_when_submitted_again(tmp_path: Path, cluster: Path) -> None:
    """Its segment is longer than SLURM waits. Ctrl-C ends the command that follows, not the jobs."""
    directory = tmp_path / "sweep"
    arguments = ("toy", "--set", "pause=600", "--seeds", "0", "--scheduler", "slurm")
    sweep(*arguments, "--out", str(directory))
    run = directory / "runs" / "0000"
    wait_for(lambda: history(run, "start"))
    pid = int(history(run, "start")[0].split()[1])
    (cluster / "over").touch()
    wait_for(lambda: empty(cluster))
    wait_for(lambda: not psutil.pid_exists(pid))  # the run's process goes with its task
    (cluster / "over").unlink()
    (cluster / "held" / "1002_0").touch()
    process = begin("--resume", str(directory), "--scheduler", "slurm", "--wait")
    wait_for(lambda: (cluster / "queue" / "1002_0").exists())
    assert process.stderr is not None
    assert "1 of 1 runs of toy" in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    command = f"spikingsampling sweep --resume {directory} --scheduler=slurm --wait"
    assert err == f"interrupted; to continue: {command}\n"
    assert states(directory) == ["pending"] and not empty(cluster)
    (cluster / "queue" / "1002_0").unlink()
    (cluster / "held" / "1002_0").unlink()


def test_following_ends_when_nothing_is_queued_any_more(tmp_path: Path, cluster: Path) -> None:
    the_sweep = a_sweep(tmp_path / "sweep", 2)
    assert slurm.submit(the_sweep, [0, 1], JobOptions()) == ["1001"]  # the tasks fail: no sweep.toml
    wait_for(lambda: empty(cluster))
    (the_sweep.runs[0] / "error.txt").write_text("no luck")
    told: list[str] = []
    rows = slurm.follow(the_sweep, told.append, interval=0.01, queue_interval=0.01)
    assert [row.status for row in rows] == ["failed", "pending"]
    assert told == [] or told == ["[1/2] 0000 failed (seed = 0): no luck"]


@pytest.mark.parametrize("missing", [False, True])
def test_a_refused_submission_ends_at_once_and_leaves_the_sweep_usable(
    missing: bool, tmp_path: Path, cluster: Path
) -> None:
    directory = tmp_path / "sweep"
    refusal = "sbatch: error: Batch job submission failed: Invalid account specified\n"
    (cluster / "refusal").write_text(refusal)
    if missing:
        (cluster / "bin" / "sbatch").unlink()
    code, _, err = sweep(*TOY, "--seeds", "0:2", "--wait", "--out", str(directory))
    assert code == 2
    if missing:
        assert err.startswith("error: --scheduler slurm: there is no command sbatch here")
        assert not directory.exists()
        return
    assert err == f"error: {refusal.strip()}; to continue: spikingsampling sweep --resume {directory} " + (
        "--scheduler=slurm --wait\n"
    )
    assert states(directory) == ["pending"] * 2
    (cluster / "refusal").unlink()
    code, _, err = sweep("--resume", str(directory), "--scheduler", "slurm", "--wait")
    assert (code, states(directory)) == (0, ["done"] * 2), err


def test_a_dry_run_prints_what_would_be_submitted_and_writes_nothing(tmp_path: Path, cluster: Path) -> None:
    directory = tmp_path / "new"
    code, out, err = sweep(*TOY, "--seeds", "0:3", "--time", "2:00", "--print", "--out", str(directory))
    assert (code, err) == (0, "")
    script, command = out.rstrip("\n").rsplit("\n\n", 1)
    assert script.startswith("#!/bin/sh\n")
    assert str(directory) in script and "SLURM_ARRAY_TASK_ID" in script
    assert command.startswith("sbatch ") and " --time=2:00 " in command and " --array=0-2 " in command
    assert command.endswith("/slurm/array.sh")
    assert not directory.exists() and slurm_standin.calls(cluster) == []


def test_long_sweeps_are_several_arrays_whose_tasks_find_their_runs(tmp_path: Path, cluster: Path) -> None:
    (cluster / "max_array_size").write_text("2")
    directory = tmp_path / "sweep"
    code, _, err = sweep(*TOY, "--seeds", "0:5", "--workers", "2", "--wait", "--out", str(directory))
    assert (code, states(directory)) == (0, ["done"] * 5), err
    calls = slurm_standin.calls(cluster)
    assert [next(word for word in call if "--array" in word) for call in calls] == [
        "--array=0-1%2",
        "--array=0-1%2",
        "--array=0%2",
    ]
    assert [call[-1] for call in calls][1:] == ["2", "4"]
    assert calls[0][-1] == str(directory / "slurm" / "array.sh")
    # One after the other, so that no more than two tasks run at once.
    assert [word for call in calls for word in call if "dependency" in word] == [
        "--dependency=afterany:1001",
        "--dependency=afterany:1002",
    ]


def test_an_array_that_is_refused_after_another_was_taken_is_submitted_later(
    tmp_path: Path, cluster: Path
) -> None:
    (cluster / "max_array_size").write_text("2")
    the_sweep = a_sweep(tmp_path / "sweep", 4)
    taken = subprocess.run

    def take_one(command: list[str], **options: Any) -> Any:
        if command[0] == "sbatch" and command[-1] == "2":
            (cluster / "refusal").write_text("sbatch: error: QOSMaxSubmitJobPerUserLimit\n")
        return taken(command, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(slurm.subprocess, "run", take_one)
        with pytest.raises(
            SchedulerError, match=r"PerUserLimit; job 1001 was submitted before and stays queued"
        ):
            slurm.submit(the_sweep, range(4), JobOptions())
    (cluster / "queue" / "1001_1").touch()
    assert slurm.queued(the_sweep) <= {0, 1}


def test_indices_are_written_in_short() -> None:
    assert [array.specification for array in slurm.arrays([0, 1, 2, 5, 7, 8], 1000)] == ["0-2,5,7-8"]
    parts = slurm.arrays([998, 999, 1000, 2003], 1000)
    assert [(part.offset, part.specification) for part in parts] == [(0, "998-999"), (1000, "0"), (2000, "3")]
    assert slurm.arrays([], 1000) == []


@pytest.mark.parametrize(
    ("listing", "indices"),
    [
        ("7_3\n7_12\n", {3, 12}),
        ("CLUSTER: big\n 7_[4-6,9%2] \n", {4, 5, 6, 9}),
        ("7_[0-8:4]\n", {0, 4, 8}),
        ("17_3\n", set()),
        ("  7 \n", {1, 2, 5}),
        ("", set()),
    ],
)
def test_the_queue_is_read(listing: str, indices: set[int]) -> None:
    assert slurm._indices(listing, "7", "1-2,5") == indices


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"signal": "USR1@99999"}, "--signal 'USR1@99999'.*at most 65535"),
        ({"signal": "KILL@60"}, "--signal 'KILL@60'.*one of HUP, INT, TERM, USR1, USR2"),
        ({"cpus_per_task": 0}, "--cpus-per-task 0: must be at least 1"),
        ({"at_once": 0}, "--workers 0: must be at least 1"),
        ({"time": " "}, "--time ' ': must not be empty"),
        ({"others": ["qos=long"]}, "--sbatch 'qos=long': must be one option of sbatch"),
        ({"others": ["--qos long"]}, "--sbatch '--qos long': must be one option of sbatch"),
        ({"others": ["--array=0-3"]}, "--sbatch '--array=0-3': the sweep itself numbers its tasks"),
    ],
)
def test_wrong_options_are_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        JobOptions(**wrong)


def test_options_are_those_of_the_command_again() -> None:
    options = JobOptions(partition="p", signal="TERM@5", others=("--qos=long",), at_once=3)
    words = "--scheduler=slurm --partition=p --workers=3 --signal=TERM@5 --sbatch=--qos=long"
    assert options.command_line() == words.split()


def test_a_damaged_list_of_jobs_is_told(tmp_path: Path) -> None:
    the_sweep = a_sweep(tmp_path / "sweep", 1)
    (the_sweep.directory / "slurm").mkdir()
    for text in ("[", "[1]", '{"job": 1}', "7"):
        (the_sweep.directory / "slurm" / "jobs.json").write_text(text)
        with pytest.raises(ResumeError, match=r"jobs\.json is damaged"):
            slurm.queued(the_sweep)
