"""Files that are there whole or not at all, and arrays kept in them bit for bit."""

from __future__ import annotations

import errno
import io
import math
import os
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import RecordingError

__all__ = ["Arrays", "load_arrays", "save_arrays", "sync_directory", "write_atomically", "write_text"]

#: Arrays of numbers by name.
Arrays = Mapping[str, NDArray[Any]]


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file so that, whatever happens, either the old or the new one is there, complete.

    The new one is read back before it takes the place of the old one.

    Raises
    ------
    OSError
        The file cannot be written; the old one is untouched.
    """
    temporary = path.with_name(path.name + ".tmp")
    try:
        with open(temporary, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if temporary.read_bytes() != data:
            raise OSError(errno.EIO, "what was written reads back differently", str(temporary))
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):  # the failure at hand says more
            temporary.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def write_text(path: Path, text: str) -> None:
    """Write a text file so that a crash at any moment leaves either the old or the new one, complete.

    Raises
    ------
    OSError
        The disk is full or not writable; the old file is intact.
    """
    write_atomically(path, text.encode())


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

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, array in arrays.items():
            entry = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            with archive.open(entry, "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.asarray(array), allow_pickle=False)
    write_atomically(path, buffer.getvalue())


def load_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Read what :func:`save_arrays` wrote; RecordingError if it is missing, damaged or something else.

    No more memory is taken than the file is long.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries):
                raise ValueError("its arrays are packed, which they never are here")
            return {entry.filename.removesuffix(".npy"): _array(archive.read(entry)) for entry in entries}
    except FileNotFoundError:
        raise RecordingError(f"{path} is missing") from None
    except Exception as error:  # numpy and zipfile raise nearly anything on a damaged file
        raise RecordingError(f"{path} is damaged: {error}") from error


def _array(data: bytes) -> NDArray[Any]:
    """An array from the bytes of a ``.npy`` file."""
    stream = io.BytesIO(data)
    if (form := np.lib.format.read_magic(stream)) != (1, 0):
        raise ValueError(f"an array has format {form}")
    shape, in_fortran_order, dtype = np.lib.format.read_array_header_1_0(stream)
    start = stream.tell()
    if dtype.hasobject or math.prod(shape) * dtype.itemsize != len(data) - start:
        raise ValueError(f"an array of {dtype} has shape {shape}, which does not fit its {len(data)} bytes")
    return np.ndarray(shape, dtype, data, start, order="F" if in_fortran_order else "C").copy("K")
