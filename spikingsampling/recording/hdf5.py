"""HDF5 used with care: writing that survives a full disk, reading that trusts no file.

Text is kept without HDF5's global heap, in which the library goes round for ever once it is damaged. A single text is
an attribute of fixed length. A column of texts is a group with their bytes, one after another, and their lengths.

Nothing in a file that is read is executed. Links and data outside the file are refused, and sizes are checked before
memory is taken. Whatever is wrong with a file is one RecordingError.
"""

from __future__ import annotations

import errno
import io
import math
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from ..errors import RecordingError, SpikingSamplingError

__all__ = [
    "DiskFile",
    "create_extendable",
    "create_texts",
    "extend",
    "extend_texts",
    "find_dataset",
    "find_group",
    "guarded",
    "read_attribute",
    "read_texts",
    "write_attribute",
]

_FILTERS = {h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_FLETCHER32}
#: The most that deflate can pack into a byte; a dataset that claims more is not what it says.
_MAX_COMPRESSION = 1040
#: HDF5 unpacks whole chunks, however little is read of them: the largest (256 MiB); ours have up to 64 MiB.
_MAX_CHUNK = 2**28


class DiskFile(io.FileIO):
    """A file below HDF5 that keeps its first failure in ``error`` instead of raising it at once.

    A write that fails inside HDF5 (disk full) leaves its file open for ever, and the process then crashes
    when the library shuts down. So HDF5 is told that all is well, and the writer asks afterwards.

    Raises
    ------
    OSError
        The file cannot be created.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, "w+")
        self.error: OSError | None = None

    def write(self, buffer: Any) -> int:
        """Write all of ``buffer``; a failure of the disk is kept in ``error`` and all goes on as if written."""
        view = memoryview(buffer).cast("B")
        n_written = 0
        try:
            while self.error is None and n_written < len(view):
                taken = super().write(view[n_written:])
                if not taken:
                    raise OSError(errno.EIO, os.strerror(errno.EIO))
                n_written += taken
        except OSError as error:
            self.error = error
        return len(view)

    def readinto(self, buffer: Any) -> int | None:
        """Read back what was written; a failure of the disk is kept in ``error``, too."""
        try:
            return super().readinto(buffer)
        except OSError as error:
            self.error = error
            raise

    def truncate(self, size: int | None = None) -> int:
        """Set the size of the file, with failures as in :meth:`write`."""
        try:
            if self.error is None:
                return super().truncate(size)
        except OSError as error:
            self.error = error
        return size or 0

    def sync(self) -> None:
        """Wait until all is on the disk; OSError if that fails."""
        os.fsync(self.fileno())


def create_extendable(
    group: h5py.Group,
    name: str,
    dtype: Any,
    *,
    units: str = "",
    chunk: int = 256,
    width: int = 0,
    packed: bool = False,
) -> h5py.Dataset:
    """An empty dataset that grows along its first axis.

    Parameters
    ----------
    units : str
        Written as an attribute.
    chunk : int
        Rows that are stored together.
    width : int
        Length of a second axis; 0 for none.
    packed : bool
        Whether it is compressed.
    """
    packing = {"compression": "gzip", "compression_opts": 4, "shuffle": True} if packed else {}
    row, chunks = ((width,), (chunk, min(width, 65536))) if width else ((), (chunk,))
    dataset = group.create_dataset(
        name, (0, *row), dtype, maxshape=(None, *row), chunks=chunks, track_times=False, **packing
    )
    if units:
        write_attribute(dataset, "units", units)
    return dataset


def extend(dataset: h5py.Dataset, values: Any) -> None:
    """Append rows to what :func:`create_extendable` made."""
    if len(values):
        size = len(dataset)
        dataset.resize(size + len(values), axis=0)
        dataset[size:] = values


def write_attribute(item: h5py.Group | h5py.Dataset, name: str, value: Any) -> None:
    """Set an attribute; a text has fixed length."""
    if isinstance(value, str):
        data = value.encode()
        item.attrs.create(name, data, dtype=h5py.string_dtype("utf-8", max(1, len(data))))
    else:
        item.attrs[name] = value


def create_texts(group: h5py.Group, name: str) -> None:
    """An empty column of texts that grows."""
    column = group.create_group(name)
    create_extendable(column, "bytes", np.uint8, chunk=4096, packed=True)
    create_extendable(column, "lengths", np.int64)


def extend_texts(column: h5py.Group, texts: Sequence[str]) -> None:
    """Append to what :func:`create_texts` made."""
    encoded = [text.encode() for text in texts]
    extend(column["bytes"], np.frombuffer(b"".join(encoded), np.uint8))
    extend(column["lengths"], [len(text) for text in encoded])


@contextmanager
def guarded(path: Path, what: str) -> Iterator[None]:
    """Whatever h5py raises on a damaged file becomes a RecordingError that names ``path`` and ``what``."""
    try:
        yield
    except SpikingSamplingError:
        raise
    except Exception as error:
        raise RecordingError(f"{path}: {what} is damaged or cannot be read: {error}") from error


def _child(group: h5py.Group, name: str) -> Any:
    where = f"{group.name.rstrip('/')}/{name}"
    link = group.get(name, getlink=True)
    if link is None:
        raise RecordingError(f"the recording has no {where}")
    if not isinstance(link, h5py.HardLink):
        raise RecordingError(f"{where} of the recording is a link to elsewhere; links are not followed")
    return group[name]


def find_group(parent: h5py.Group, path: str) -> h5py.Group:
    """A group below ``parent`` that lies in the file itself; RecordingError otherwise."""
    for name in path.split("/"):
        parent = _child(parent, name)
        if not isinstance(parent, h5py.Group):
            raise RecordingError(f"{parent.name} of the recording is not a group")
    return parent


def find_dataset(
    group: h5py.Group, name: str, kinds: str, length: int | None = None, width: int | None = None
) -> h5py.Dataset:
    """A dataset of ``group`` that is what it is expected to be.

    Parameters
    ----------
    kinds : str
        Allowed kinds of NumPy types, ``"O"`` for text.
    length, width : int, optional
        Length that it must have, and the second dimension.

    Raises
    ------
    RecordingError
        It is missing, in another file, of another type or shape, or claims more than the file can hold.
    """
    data = _child(group, name)
    if not isinstance(data, h5py.Dataset):
        raise RecordingError(f"{data.name} of the recording is not a dataset")
    text = h5py.check_string_dtype(data.dtype) is not None
    properties = data.id.get_create_plist()
    filters = {properties.get_filter(i)[0] for i in range(properties.get_nfilters())}
    problem = ""
    if data.external or data.is_virtual:
        problem = "keeps its data in another file"
    elif not filters <= _FILTERS:
        problem = "is packed with a filter that is not used here"
    elif text != (kinds == "O") or data.dtype.kind not in kinds:
        problem = f"holds {data.dtype}"
    elif data.shape is None or data.shape[1:] != (() if width is None else (width,)):
        problem = f"has shape {data.shape}"
    elif math.prod(data.shape) * data.dtype.itemsize > _MAX_COMPRESSION * data.id.get_storage_size():
        problem = f"claims {data.shape} values, more than are in the file"
    elif math.prod(data.chunks or ()) * data.dtype.itemsize > _MAX_CHUNK:
        problem = f"is stored in pieces of {data.chunks} values, which is too large"
    elif length is not None and len(data) != length:
        problem = f"has {len(data)} values, {length} belong there"
    if problem:
        raise RecordingError(f"{data.name} of the recording {problem}")
    return data


def read_texts(group: h5py.Group, name: str, length: int, *, heap: bool) -> list[str]:
    """A column of texts.

    Parameters
    ----------
    length : int
        How many there must be.
    heap : bool
        Whether they are of variable length, in the global heap, as format 1 kept them.

    Raises
    ------
    RecordingError
        The column is not what it should be.
    """
    if heap:
        data = find_dataset(group, name, "O", length)
        return [str(value) for value in data.asstr()[:]] if len(data) else []
    column = find_group(group, name)
    lengths = find_dataset(column, "lengths", "i", length)[:]
    whole = find_dataset(column, "bytes", "u")[:].tobytes()
    if lengths.min(initial=0) < 0 or lengths.max(initial=0) > len(whole) or lengths.sum() != len(whole):
        raise RecordingError(f"{column.name} of the recording has lengths that do not fit its texts")
    ends = np.cumsum(lengths).tolist()
    return [whole[first:last].decode() for first, last in zip([0, *ends], ends, strict=False)]


def read_attribute(item: h5py.Group | h5py.Dataset, name: str, *, heap: bool) -> Any:
    """An attribute as a plain Python value.

    Raises
    ------
    RecordingError
        It is text in the global heap, unless ``heap`` says that it may be.
    """
    dtype = item.attrs.get_id(name).dtype
    if dtype.hasobject and not (heap and h5py.check_string_dtype(dtype)):
        raise RecordingError(f"attribute {name!r} of {item.name} of the recording is not stored in its place")
    value = item.attrs[name]
    if isinstance(value, bytes):
        return value.decode()
    return value.tolist() if isinstance(value, np.generic | np.ndarray) else value
