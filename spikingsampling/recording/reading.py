"""How a recording is opened, be it finished or still growing."""

from __future__ import annotations

import io
import os
import time as clock
from pathlib import Path

import h5py

from ..errors import RecordingError
from .hdf5 import guarded, read_attribute
from .reader import RecordingReader

__all__ = ["open_recording"]


def open_recording(path: str | os.PathLike[str]) -> RecordingReader:
    """Open a recording, or the one of a run directory, for reading.

    The run may still be going on: then the recording is read as it stands now; open it again to see more.

    Parameters
    ----------
    path : path
        ``recording.h5`` or the run directory that has it.

    Returns
    -------
    RecordingReader
        A context manager.

    Raises
    ------
    RecordingError
        There is no such file, it is not a recording, it is damaged, its format is newer, or the directory has
        several in folders of its own (the message names them).

    Examples
    --------
    >>> with open_recording("runs/association") as recording:  # doctest: +SKIP
    ...     times, neurons = recording.spikes("visual", start=0, stop=10)
    ...     theta = recording.theta("lateral")
    """
    path = Path(path)
    if path.is_dir():
        parts = sorted(str(part.parent) for part in path.glob("*/recording.h5"))
        path = path / "recording.h5"
        if parts and not path.exists():
            raise RecordingError(f"{path.parent}: this run has several recordings: {', '.join(parts)}")
    if not path.exists():
        raise RecordingError(f"{path}: there is no such recording")
    with guarded(path, "file"), open(path, "rb") as file:
        if file.read(8) != b"\x89HDF\r\n\x1a\n":
            raise RecordingError(f"{path} is not an HDF5 file")
    growing = (path.parent / "journal").is_dir() and not _is_complete(path)
    return _open_growing(path) if growing else RecordingReader(path, path)


def _is_complete(path: Path) -> bool:
    try:
        with h5py.File(path, "r", locking=False) as file:
            return read_attribute(file, "complete", heap=False) is True
    except (OSError, KeyError, RuntimeError, ValueError, RecordingError):
        return False


def _open_growing(path: Path) -> RecordingReader:
    """A recording that another process may be writing to: a copy in memory, taken between two segments."""
    attempts = 10
    for attempt in range(attempts):
        before = path.stat()
        clock.sleep(0.02)  # longer than the pauses within the writing of one segment
        with guarded(path, "file"):
            copy = io.BytesIO(path.read_bytes())
        after = path.stat()
        last = attempt == attempts - 1
        if last or (before.st_mtime_ns, before.st_ino) == (after.st_mtime_ns, after.st_ino):
            try:
                return RecordingReader(path, copy)
            except RecordingError:
                if last or clock.time_ns() - after.st_mtime_ns > 1_000_000_000:  # nobody is writing to it
                    raise
    raise AssertionError("the last attempt returns or raises")
