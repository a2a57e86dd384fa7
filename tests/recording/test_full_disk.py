"""A disk that is full or fails: one clear error, and nothing is lost."""

from __future__ import annotations

import errno
import os
import subprocess
import sys

import pytest

from helpers import TESTS
from helpers.runs.recording_samples import (
    ENVIRONMENT,
    N_SEGMENTS,
    advance,
    contents,
    create,
    initial_state,
    resume,
    simulate,
)
from spikingsampling import files as atomic
from spikingsampling.errors import RecordingError
from spikingsampling.files import write_atomically
from spikingsampling.recording import pieces


class FullDisk:
    """Fails every call of a function of ``os`` from the n-th on, as a full disk does."""

    def __init__(self, monkeypatch, name, n):
        self._function, self._left = getattr(os, name), n
        monkeypatch.setattr(atomic.os, name, self)

    def __call__(self, *arguments):
        if not self._left:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._left -= 1
        return self._function(*arguments)


@pytest.mark.parametrize("name", ["fsync", "replace"])
def test_a_full_disk_loses_nothing(tmp_path, reference, name):
    """Whichever call is the first to fail: one clear error, and the run goes on when there is room."""
    failures = 0
    for n in range(100):
        run = tmp_path / f"{name}{n}"
        with pytest.MonkeyPatch.context() as patch:
            FullDisk(patch, name, n)
            try:
                simulate(run)
            except RecordingError as error:
                assert "No space left on device" in str(error)
                failures += 1
            else:
                break
        simulate(run)
        assert contents(run) == reference
    assert failures >= 2 * N_SEGMENTS


def test_a_file_that_cannot_grow_ends_in_one_error(tmp_path, reference):
    """A real failure of a write below HDF5, which would crash the process when it ends."""
    script = """
import pathlib, resource, sys
from helpers.runs.recording_samples import simulate
from spikingsampling.errors import RecordingError
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
try:
    simulate(pathlib.Path(sys.argv[1]))
except RecordingError as error:
    print(error, file=sys.stderr)
    sys.exit(2)
"""
    size = len(reference["recording.h5"])
    for number, limit in enumerate((size // 4, size // 2, size - 100)):
        run = tmp_path / f"run{number}"
        command = [sys.executable, "-c", script, str(run), str(limit)]
        done = subprocess.run(command, env=ENVIRONMENT, cwd=TESTS, capture_output=True, text=True)
        assert done.returncode == 2, done.stderr
        assert "File too large" in done.stderr and len(done.stderr.splitlines()) == 1
        simulate(run)
        assert contents(run) == reference


def test_a_failed_store_writes_no_more(tmp_path):
    with create(tmp_path / "run") as store:
        record, state = advance(0, initial_state())
        with pytest.MonkeyPatch.context() as patch:
            FullDisk(patch, "fsync", 0)
            with pytest.raises(RecordingError, match="No space left"):
                store.commit(record, state)
        with pytest.raises(RecordingError, match="closed for writing"):
            store.commit(record, state)


def test_a_journal_that_cannot_be_removed_is_told_and_goes_later(tmp_path, reference, monkeypatch):
    run = tmp_path / "run"

    def fail(path, **options):
        raise OSError(errno.EIO, os.strerror(errno.EIO)) if path.exists() else FileNotFoundError

    with monkeypatch.context() as patch:
        patch.setattr(pieces.shutil, "rmtree", fail)
        with pytest.warns(UserWarning, match=r"journal.done is not needed, and could not be removed: Input"):
            simulate(run)
    assert list((run / "journal.done").iterdir())
    with resume(run) as store:
        assert store.finished
    assert contents(run) == reference


def test_an_atomic_write_that_fails_leaves_the_old_file(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"old")
    with pytest.MonkeyPatch.context() as patch:
        FullDisk(patch, "fsync", 0)
        with pytest.raises(OSError, match="No space left"):
            write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(path), "read_bytes", lambda self: b"ne")  # a disk that keeps half of it
        with pytest.raises(OSError, match="reads back differently"):
            write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
