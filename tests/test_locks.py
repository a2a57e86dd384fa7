"""One process at a time, with the locks of the system and without them."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from spikingsampling import locks
from spikingsampling.errors import InUse
from spikingsampling.locks import locked

HOLD = """
import sys, warnings
from pathlib import Path
warnings.simplefilter("ignore")
from spikingsampling.locks import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""
NO_FLOCK = "#include <errno.h>\nint flock(int fd, int op) { errno = ENOSYS; return -1; }\n"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library that takes ``flock`` from a process, as some network file systems do."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None or not sys.platform.startswith("linux"):
        pytest.skip("needs a C compiler and LD_PRELOAD")
    folder = tmp_path_factory.mktemp("noflock")
    (folder / "noflock.c").write_text(NO_FLOCK)
    subprocess.run([compiler, "-shared", "-fPIC", "-o", "noflock.so", "noflock.c"], cwd=folder, check=True)
    return folder / "noflock.so"


@pytest.fixture(params=["flock", "no flock"])
def environment(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The system, and what other processes need to have the same."""
    monkeypatch.setattr(locks, "_warned", True)
    if request.param == "flock":
        return dict(os.environ)
    take_flock(monkeypatch, errno.ENOSYS)
    return {**os.environ, "LD_PRELOAD": str(request.getfixturevalue("library"))}


def take_flock(monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    def flock(descriptor: int, operation: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(fcntl, "flock", flock)


class Holder:
    """Another process that holds a lock."""

    def __init__(self, path: Path, environment: dict[str, str]) -> None:
        pipes = dict.fromkeys(("stdin", "stdout"), subprocess.PIPE)
        command = [sys.executable, "-c", HOLD, str(path)]
        self.process = subprocess.Popen(command, env=environment, text=True, **pipes)
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "held\n"

    def end(self, how: int = 0) -> None:
        if how:
            self.process.send_signal(how)
        self.process.communicate()


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "run").mkdir()
    yield tmp_path / "run" / ".lock"


def test_one_at_a_time(path: Path, environment: dict[str, str]) -> None:
    holder = Holder(path, environment)
    with pytest.raises(InUse, match=f"{path.parent} is in use: process {holder.process.pid} "), locked(path):
        pass
    holder.end()
    with locked(path):
        with pytest.raises(InUse, match=f"process {os.getpid()} "), locked(path):  # nor twice in one process
            pass
        done = subprocess.run(
            [sys.executable, "-c", HOLD, str(path)], env=environment, capture_output=True, text=True
        )
        assert "InUse" in done.stderr
    assert path.read_bytes() == b""
    with locked(path):
        pass
    assert os.listdir(path.parent) == [path.name]


def test_a_holder_that_was_killed_is_no_holder(path: Path, environment: dict[str, str]) -> None:
    Holder(path, environment).end(signal.SIGKILL)
    assert path.read_bytes()
    with locked(path):
        assert json.loads(path.read_text())["pid"] == os.getpid()


def test_a_zombie_is_no_holder(path: Path, environment: dict[str, str]) -> None:
    holder = Holder(path, environment)
    holder.process.kill()
    os.waitid(os.P_PID, holder.process.pid, os.WEXITED | os.WNOWAIT)
    with locked(path):
        pass
    holder.end()


def test_waiting(path: Path, environment: dict[str, str]) -> None:
    holder = Holder(path, environment)
    command = [sys.executable, "-c", HOLD.replace("argv[1])", "argv[1]), wait=True"), str(path)]
    pipes = dict.fromkeys(("stdin", "stdout"), subprocess.PIPE)
    waiting = subprocess.Popen(command, env=environment, text=True, **pipes)
    with pytest.raises(subprocess.TimeoutExpired):
        waiting.wait(1)
    holder.end(signal.SIGKILL)
    assert waiting.stdout is not None
    assert waiting.stdout.readline() == "held\n"
    waiting.communicate()
    assert waiting.returncode == 0


def test_a_lock_that_was_deleted_while_it_was_awaited(path: Path, environment: dict[str, str]) -> None:
    """With its folder, of a run that could not begin, say: the next holder has the file that others would open."""
    taken, done = threading.Event(), threading.Event()

    def wait() -> None:
        with locked(path, wait=True):
            taken.set()
            done.wait(60)

    with locked(path):
        thread = threading.Thread(target=wait, daemon=True)
        thread.start()
        assert not taken.wait(0.3)
        path.unlink()
    assert taken.wait(60)
    with pytest.raises(InUse), locked(path):
        pass
    done.set()
    thread.join()


def test_a_forked_child_does_not_hold_the_lock(path: Path, environment: dict[str, str]) -> None:
    """A child that outlives its parent, such as a worker of a pool, must not keep a run locked."""
    script = HOLD.replace(
        'print("held", flush=True)',
        """
    import os, time
    child = os.fork()
    if child == 0:
        try:
            print("held", os.getpid(), flush=True)
            time.sleep(60)
        finally:
            os._exit(0)""",
    )
    pipes = dict.fromkeys(("stdin", "stdout"), subprocess.PIPE)
    process = subprocess.Popen([sys.executable, "-c", script, str(path)], env=environment, text=True, **pipes)
    assert process.stdout is not None
    child = int(process.stdout.readline().split()[1])
    process.kill()
    process.wait()
    try:
        with locked(path):
            pass
    finally:
        os.kill(child, signal.SIGKILL)
        process.communicate()


def test_a_forked_child_that_unwinds_does_not_release_the_lock(
    path: Path, environment: dict[str, str]
) -> None:
    """As ``sys.exit`` in a worker of a pool does, which leaves the parent's block in the child."""
    try:
        with locked(path):
            if os.fork() == 0:
                raise SystemExit
            assert os.wait()[1] == 0
            with pytest.raises(InUse), locked(path):
                pass
    except SystemExit:
        os._exit(0)


@pytest.mark.parametrize("code", [errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP])
def test_that_the_system_has_no_locks_is_said_once(
    path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    take_flock(monkeypatch, code)
    monkeypatch.setattr(locks, "_warned", False)
    with pytest.warns(UserWarning, match="has no locks") as said:
        for _ in range(2):
            with locked(path):
                pass
    assert len(said) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with locked(path):
            pass


def test_other_failures_of_flock_are_errors(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    take_flock(monkeypatch, errno.EIO)
    with pytest.raises(OSError, match="Input/output"), locked(path):
        pass


@pytest.mark.parametrize("environment", ["no flock"], indirect=True)
def test_a_holder_on_another_machine_is_not_guessed_about(path: Path, environment: dict[str, str]) -> None:
    holder = {"pid": 1, "host": "node7", "place": "node7 elsewhere", "system": False, "started": "then"}
    path.write_text(json.dumps(holder))
    with pytest.raises(InUse, match=rf"process 1 of node7 .* if it has ended, delete {path}"), locked(path):
        pass
    path.unlink()
    with locked(path):
        pass


@pytest.mark.parametrize("environment", ["no flock"], indirect=True)
def test_a_process_that_got_the_number_of_the_holder_is_not_the_holder(
    path: Path, environment: dict[str, str]
) -> None:
    with locked(path):
        holder = json.loads(path.read_text())
    path.write_text(json.dumps({**holder, "started": "another boot"}))
    with locked(path):
        pass


@pytest.mark.parametrize("environment", ["no flock"], indirect=True)
def test_with_and_without_flock_exclude_each_other(path: Path, environment: dict[str, str]) -> None:
    holder = Holder(path, dict(os.environ))
    with pytest.raises(InUse), locked(path):
        pass
    holder.end()
    holder = Holder(path, environment)
    done = subprocess.run([sys.executable, "-c", HOLD, str(path)], capture_output=True, text=True, input="")
    assert "InUse" in done.stderr
    holder.end()


@pytest.mark.parametrize("environment", ["no flock"], indirect=True)
def test_a_guard_that_stayed_says_how_to_go_on(
    path: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "_GUARD_PATIENCE", 0.1)
    guard = path.with_name(".lock.guard")
    guard.touch()
    with pytest.raises(InUse, match=r"\.lock\.guard is left .* delete that file"), locked(path):
        pass
    guard.unlink()
    with locked(path):
        pass


def test_a_full_disk(path: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """With the locks of the system the name is for messages only; without them it is the lock."""
    monkeypatch.setattr(os, "pwrite", lambda *_: 0)
    if "LD_PRELOAD" not in environment:
        with locked(path):
            pass
        return
    with pytest.raises(OSError, match="No space left"), locked(path):
        pass
    assert path.read_bytes() == b""
