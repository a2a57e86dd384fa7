"""Files that are there whole or not at all, and arrays kept in them bit for bit."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from .errors import RecordingError

__all__ = ["Arrays", "load_arrays", "save_arrays", "sync_directory", "write_atomically"]

#: Arrays of numbers by name.
Arrays = Mapping[str, NDArray[Any]]


def write_atomically(path: Path, write: Callable[[IO[bytes]], None]) -> None:
    """Write a file so that, whatever happens, either the old or the new one is there, complete.

    Raises
    ------
    OSError
        The file cannot be written; the old one is untouched.
    """
    temporary = path.with_name(path.name + ".tmp")
    try:
        with open(temporary, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def sync_directory(directory: Path) -> None:
    """Make the renames in a directory permanent, as far as the disk keeps its word."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def save_arrays(path: Path, arrays: Arrays) -> None:
    """Write arrays of numbers to an ``.npz`` file, atomically; equal arrays give equal bytes.

    Raises
    ------
    RecordingError
        An array holds Python objects.
    OSError
        The file cannot be written.
    """
    for name, array in arrays.items():
        if np.asarray(array).dtype.hasobject:
            raise RecordingError(f"{path}: {name!r} holds Python objects; only arrays of numbers are kept")

    def write(file: IO[bytes]) -> None:
        with zipfile.ZipFile(file, "w") as archive:
            for name, array in arrays.items():
                entry = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
                with archive.open(entry, "w", force_zip64=True) as member:
                    np.lib.format.write_array(member, np.asarray(array), allow_pickle=False)

    write_atomically(path, write)


def load_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Read what :func:`save_arrays` wrote; RecordingError if it is missing, damaged or holds objects."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except FileNotFoundError:
        raise RecordingError(f"{path} is missing") from None
    except Exception as error:  # numpy and zipfile raise nearly anything on a damaged file
        raise RecordingError(f"{path} is damaged: {error}") from error
