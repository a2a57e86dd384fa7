"""The temporary files of a program: where they lie, and what is said where there is no room for them."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import tempfile
import time
import weakref
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import EngineError
from ...locks import NO_FLOCK

__all__ = ["Scratch", "cannot_write", "memory_folder", "named", "write_array"]

#: Where Linux keeps a file system in memory.
MEMORY = Path("/dev/shm")
_PREFIX = "spikingsampling-"
#: A folder younger than this (s) may not be held yet.
_YOUNG = 60.0


class Scratch:
    """A temporary folder that goes with this object and with its process, but not with a forked child.

    Parameters
    ----------
    size : int, optional
        Bytes that its files may take. With room for them the folder lies in memory, if it can be locked there: others
        remove what nobody holds.

    Raises
    ------
    EngineError
        It cannot be made.
    """

    def __init__(self, size: int | None = None) -> None:
        folder = None if size is None else memory_folder(size)
        if folder is not None:
            _clear_out(folder)
        try:
            self.path, held = _make(folder)
        except OSError as error:
            parent = folder or Path(os.environ.get("TMPDIR") or tempfile.tempdir or "/tmp")
            raise EngineError(cannot_write(parent / f"{_PREFIX}…", error)) from error
        self.close = weakref.finalize(self, _remove, self.path, os.getpid(), held)

    def __enter__(self) -> Path:
        return self.path

    def __exit__(self, *_: object) -> None:
        self.close()


def _make(memory: Path | None) -> tuple[Path, int | None]:
    """A new folder, and what holds it where it lies in memory."""
    if memory is not None:
        path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=memory))
        try:
            return path, _hold(path)
        except OSError as error:
            path.rmdir()
            if error.errno not in NO_FLOCK:
                raise
    return Path(tempfile.mkdtemp(prefix=_PREFIX)), None


def _remove(path: Path, owner: int, held: int | None) -> None:
    if os.getpid() == owner:
        shutil.rmtree(path, ignore_errors=True)
        if held is not None:
            os.close(held)


def _hold(folder: Path) -> int:
    """Lock a folder for as long as this process lives; BlockingIOError where another one holds it."""
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BaseException:
        os.close(held)
        raise
    return held


@cache
def _clear_out(memory: Path) -> None:
    """Remove, once, what killed processes have left in memory: nobody else would until the machine starts anew."""
    for folder in memory.glob(f"{_PREFIX}*"):
        try:
            if time.time() - folder.stat().st_mtime < _YOUNG:
                continue
            held = _hold(folder)
        except OSError:  # someone works there, or it is another user's
            continue
        shutil.rmtree(folder, ignore_errors=True)
        os.close(held)


def memory_folder(size: int, memory: Path | None = None) -> Path | None:
    """A folder in memory if it has room for ``size`` bytes four times over, else None: the system's own choice.

    Four times, since other runs and programs use it, too. ``TMPDIR``, where set, is what the user wants.
    """
    memory = memory or MEMORY
    if os.environ.get("TMPDIR") or not os.access(memory, os.W_OK | os.X_OK):
        return None
    return memory if shutil.disk_usage(memory).free > 4 * size else None


def write_array(path: Path, values: Any) -> None:
    """Write an array as the program reads it: raw, as doubles.

    Raises
    ------
    EngineError
        It cannot be written, for example since the disk is full.
    """
    try:
        with open(path, "wb") as file:
            file.write(np.ascontiguousarray(values, dtype=np.float64))
    except OSError as error:
        raise EngineError(cannot_write(path, error)) from error


def cannot_write(path: Path, error: OSError) -> str:
    """The message where input or output of a program does not fit into its folder."""
    reason = error.strerror or str(error)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        reason = "no space left"
    return f"{reason} in {named(path)}, where {path.name!r} was to be written; make room, or set TMPDIR"


def named(path: Path) -> str:
    """How a message names the place of a file: memory, TMPDIR, or else its folder."""
    if os.environ.get("TMPDIR") or not path.is_relative_to(MEMORY):
        try:
            temporary = Path(tempfile.gettempdir())
        except OSError:  # none can be written
            return str(path.parent)
        return f"TMPDIR = {temporary}" if path.is_relative_to(temporary) else str(path.parent)
    return str(MEMORY)
