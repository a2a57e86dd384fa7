"""Sweeps with real schedulers and workers: every process that takes part is killed once, in mid-run."""

from __future__ import annotations

import csv
import fcntl
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from helpers import HELPERS
from spikingsampling.experiment.metrics import COSTS
from spikingsampling.sweeps.worker import perform

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(HELPERS / "sweep_protocols"), "COLUMNS": "200"}
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


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, str]]:
    """The table that all the others must be equal to."""
    directory = tmp_path_factory.mktemp("undisturbed") / "sweep"
    code, out, err = sweep(*SLOWLY, "--set", "pause=0", "--workers", "2", "--out", str(directory))
    assert code == 0, err
    assert "4 done, 0 failed" in out
    assert err.count("done in") == 4
    for run in runs(directory):
        start, *segments = history(run)
        assert start.split()[2] == "1"  # one BLAS thread
        assert "machine: " in (run / "log.txt").read_text()
        assert len(segments) == 6
    return results(directory)


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


@pytest.mark.slow
def test_slurm_jobs_do_the_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With an `sbatch` that starts the job's script at once; the script is what dask-jobqueue writes."""
    tools = tmp_path / "bin"
    tools.mkdir()
    jobs = tmp_path / "jobs"
    lines = (f'cat "$1" > {jobs}.sh', 'sh "$1" > /dev/null 2>&1 &', f"echo $! >> {jobs}")
    (tools / "sbatch").write_text("\n".join(["#!/bin/sh", *lines, "echo Submitted batch job $!", ""]))
    (tools / "scancel").write_text('#!/bin/sh\nkill "$@" 2> /dev/null\nexit 0\n')
    for tool in tools.iterdir():
        tool.chmod(0o755)
    monkeypatch.setitem(ENVIRONMENT, "PATH", f"{tools}:{os.environ['PATH']}")
    monkeypatch.setitem(ENVIRONMENT, "DASK_JOBQUEUE__SLURM__WALLTIME", "02:30:00")
    monkeypatch.setitem(ENVIRONMENT, "DASK_JOBQUEUE__SLURM__INTERFACE", "lo")
    directory = tmp_path / "sweep"
    arguments = ("toy", "--seeds", "0:2", "--set", "pause=0", "--scheduler", "slurm", "--workers", "2")
    code, out, err = sweep(*arguments, "--out", str(directory))
    assert code == 0, err
    assert "2 done, 0 failed" in out
    script = Path(f"{jobs}.sh").read_text()
    assert "#SBATCH --cpus-per-task=1" in script and "02:30:00" in script
    assert "--nthreads 1" in script
    assert len(jobs.read_text().split()) == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["toi", "--seeds", "0:2", "--out", "new"], "unknown protocol 'toi'"),
        (["toy", "--out", "new"], "give --seeds"),
        (["toy", "--seeds", "0:2"], "give --out"),
        (["toy", "--seeds", "2:x", "--out", "new"], "--seeds '2:x': must be numbers or ranges"),
        (["toy", "--seeds", "0:2", "--grid", "temprature=1,2", "--out", "new"], "unknown key 'temprature'"),
        (["toy", "--seeds", "0:2", "--grid", "temperature=a,b", "--out", "new"], "temperature = 'a'"),
        (
            ["toy", "--seeds", "0:2", "--grid", "seed=1,2", "--out", "new"],
            "seed: must be given once, --seeds",
        ),
        (["toy", "--seeds", "0:2", "--scheduler", "cloud", "--out", "new"], "--scheduler 'cloud'"),
        (["toy", "--seeds", "0:2", "--workers", "0", "--out", "new"], "--workers 0: must be at least 1"),
        pytest.param(
            ["toy", "--seeds", "0", "--scheduler", "tcp://127.0.0.1:9", "--out", "new"],
            "cannot be reached",
            marks=pytest.mark.slow,  # Dask tries for 10 s
        ),
        (["--resume", "new"], "new is not a sweep: it has no sweep.toml"),
        (["--resume", "new", "--seeds", "0:3"], "a sweep keeps its settings; leave out --seeds"),
    ],
)
def test_a_wrong_request_is_one_message(
    arguments: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    from spikingsampling import protocols
    from spikingsampling.cli import app as cli

    monkeypatch.chdir(tmp_path)
    protocols.__path__.append(str(HELPERS / "sweep_protocols"))
    try:
        with pytest.raises(SystemExit) as left:
            cli.main(["sweep", *arguments])
    finally:
        protocols.__path__.pop()
    err = capsys.readouterr().err
    assert left.value.code == 2
    assert message in err
    assert err.startswith("error: ") and err.count("\n") == 1


def test_without_dask_the_extra_is_named(tmp_path: Path) -> None:
    script = (
        "import sys; sys.modules['distributed'] = None\n"
        "from spikingsampling import cli\n"
        f"cli.main(['sweep', 'toy', '--seeds', '0', '--out', {str(tmp_path / 'new')!r}])"
    )
    done = subprocess.run([sys.executable, "-c", script], env=ENVIRONMENT, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr == (
        "error: sweeps need the package 'distributed', which is not installed: "
        "python -m pip install 'spikingsampling[cluster]'\n"
    )
    assert not (tmp_path / "new").exists()


def test_a_run_that_still_goes_on_elsewhere_is_awaited(tmp_path: Path) -> None:
    """As when the command of a sweep was killed, and workers of another scheduler were not."""
    (tmp_path / "config.toml").write_text("")
    done = threading.Event()

    def work() -> None:
        perform(str(tmp_path), str(tmp_path / "stop"), pause=0.01)
        done.set()

    with (tmp_path / "config.toml").open() as elsewhere:
        fcntl.flock(elsewhere, fcntl.LOCK_EX)
        threading.Thread(target=work, daemon=True).start()
        assert not done.wait(0.3)
        (tmp_path / "metrics.json").write_text("{}")
    assert done.wait(PATIENCE)
    assert not (tmp_path / "error.txt").exists()  # no second process has tried the run
