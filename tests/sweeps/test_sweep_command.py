"""The command ``sweep``: what is refused, and what a worker waits for."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from helpers import HELPERS
from helpers.runs.recording_samples import contents
from helpers.runs.sweep_protocols import toy
from helpers.runs.sweeps import ENVIRONMENT, PATIENCE, history, wait_for
from helpers.runs.toy_runs import protocol
from spikingsampling.errors import InUse, ParameterError
from spikingsampling.experiment.run_directory import create_directory
from spikingsampling.experiment.run_files import LOCK
from spikingsampling.locks import locked
from spikingsampling.sweeps import worker
from spikingsampling.sweeps.plan import Plan
from spikingsampling.sweeps.sweep import Sweep
from spikingsampling.sweeps.worker import perform


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
    from spikingsampling import cli, protocols

    monkeypatch.chdir(tmp_path)
    protocols.__path__.append(str(HELPERS / "runs" / "sweep_protocols"))
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

    with locked(tmp_path / LOCK):
        threading.Thread(target=work, daemon=True).start()
        assert not done.wait(0.3)
        (tmp_path / "metrics.json").write_text("{}")
    assert done.wait(PATIENCE)
    assert not (tmp_path / "error.txt").exists()  # no second process has tried the run


def test_a_run_of_which_nothing_can_be_known_is_not_awaited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the locks of a file system, as another machine left it."""
    holder = {"pid": 1, "host": "node7", "place": "node7", "system": False}
    (tmp_path / LOCK).write_text(json.dumps(holder))
    with pytest.raises(InUse, match="process 1 of node7"):
        perform(str(tmp_path), str(tmp_path / "stop"), pause=0.01)


def test_a_second_sweep_in_the_same_directory_is_refused(tmp_path: Path) -> None:
    """Both while it is made and while it runs; nothing of the first is changed."""
    directory, plan = tmp_path / "sweep", Plan("toy", "quick", (0, 1), {})

    @contextmanager
    def begun() -> Iterator[None]:
        sweep = Sweep.propose(directory, plan, protocol())
        with sweep.locked():
            sweep.begin(protocol())
            yield

    directory.mkdir()
    with locked(directory / LOCK):
        with pytest.raises(InUse, match="sweep is in use: process"), begun():
            pass
        assert contents(directory) == {}
    with begun():
        before = contents(directory)
        with pytest.raises(InUse, match="sweep is in use: process"), begun():
            pass
        with pytest.raises(InUse, match="sweep is in use: process"), Sweep.open(directory).locked():
            pass
        assert contents(directory) == before
    with pytest.raises(ParameterError, match="must be a new or empty directory"), begun():
        pass


@pytest.mark.parametrize("asked", [False, True])
def test_a_run_that_is_asked_to_stop_has_not_failed(
    asked: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At a walltime, the signal for the worker may hit the programs of its run as well."""
    (tmp_path / "config.toml").write_text("")
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho lost a program >&2\nexit 2\n")
    broken.chmod(0o755)
    monkeypatch.setattr(worker.sys, "executable", str(broken))
    answers = iter([False])  # before the run begins
    worker.carry_out(tmp_path, lambda: next(answers, asked), pause=0.01)
    assert (tmp_path / "error.txt").exists() is not asked


def test_a_run_that_is_asked_to_stop_in_many_ways_ends_with_its_segment(tmp_path: Path) -> None:
    configuration = toy.PROTOCOL.configure("quick", {"pause": 1.0, "segments": 5})
    with create_directory(toy.PROTOCOL, "quick", configuration, tmp_path / "run") as run:
        pass
    command = [sys.executable, "-m", "spikingsampling.cli.child", str(run)]
    environment = {**ENVIRONMENT, "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, bufsize=0)
    wait_for(lambda: history(run, "segment"))
    process.terminate()
    process.send_signal(signal.SIGUSR1)
    assert process.stdin is not None
    process.stdin.write(b".")
    assert process.wait(PATIENCE) == 130
    assert 2 <= len(history(run, "segment")) < 5
    assert len(json.loads((run / "state").read_text())) == len(history(run, "segment"))
