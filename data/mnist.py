"""MNIST: handwritten digits in IDX files (Y. LeCun, C. Cortes, C. J. C. Burges)."""

from __future__ import annotations

import gzip
import hashlib
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spikingsampling.data.types import IMAGE_SHAPE, ImageSet, check_digits, check_split
from spikingsampling.errors import DataError

__all__ = ["FILES", "NAME", "load", "parse_idx", "read_payload"]

NAME = "MNIST"
#: Image and label file of each split.
FILES = {
    "train": ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"),
    "test": ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"),
}
#: sha256 of the decompressed files: what is inside counts, not how it was compressed.
PAYLOAD_SHA256 = {
    "train-images-idx3-ubyte.gz": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte.gz": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte.gz": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte.gz": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
_UNSIGNED_BYTE = 0x08


def read_payload(path: Path, sha256: str | None = None) -> bytes:
    """Decompress a gzip file, and check its payload against ``sha256`` if given.

    Raises
    ------
    DataError
        Unreadable, not gzip, truncated, or with another checksum.
    """
    try:
        payload = gzip.decompress(path.read_bytes())
    except (EOFError, zlib.error) as error:
        raise DataError(f"{path}: truncated or damaged gzip file ({error})") from None
    except OSError as error:  # includes gzip.BadGzipFile
        raise DataError(f"{path}: cannot be read as a gzip file ({error})") from None
    if sha256 is not None and (digest := hashlib.sha256(payload).hexdigest()) != sha256:
        raise DataError(f"{path}: sha256 of the content is {digest}, must be {sha256}")
    return payload


def parse_idx(payload: bytes, n_dimensions: int, source: str) -> NDArray[np.uint8]:
    """An IDX file of unsigned bytes as an array.

    The format: two zero bytes, the type (0x08), the number of dimensions, their sizes as big-endian 32-bit
    numbers, the values.

    Parameters
    ----------
    payload : bytes
    n_dimensions : int
        3 for images, 1 for labels.
    source : str
        Named in error messages.

    Raises
    ------
    DataError
        Wrong magic number, or more or fewer values than the header says.
    """
    magic = (_UNSIGNED_BYTE << 8) + n_dimensions
    start = 4 * (1 + n_dimensions)
    if len(payload) < start:
        raise DataError(
            f"{source}: truncated IDX file, {len(payload)} bytes are less than its header of {start}"
        )
    number, *sizes = struct.unpack(f">{1 + n_dimensions}I", payload[:start])
    if number != magic:
        raise DataError(f"{source}: magic number is {number:#010x}, must be {magic:#010x}")
    expected = int(np.prod(sizes, dtype=object))
    if len(payload) - start != expected:
        raise DataError(
            f"{source}: header says {' x '.join(map(str, sizes))} values, but {len(payload) - start} of "
            f"{expected} are there"
        )
    return np.frombuffer(payload, dtype=np.uint8, offset=start).reshape(sizes)


def load(directory: Path, split: str, digits: Sequence[int]) -> ImageSet:
    """Images of some digits.

    Parameters
    ----------
    directory : Path
        Holds the four files of :data:`FILES`.
    split : {"train", "test"}
        60,000 and 10,000 images in all.
    digits : sequence of int

    Raises
    ------
    DataError
        A file is missing, truncated, altered or not what its name says.
    """
    image_file, label_file = FILES[check_split(split)]
    images = parse_idx(read_payload(directory / image_file, PAYLOAD_SHA256[image_file]), 3, image_file)
    labels = parse_idx(read_payload(directory / label_file, PAYLOAD_SHA256[label_file]), 1, label_file)
    if images.shape != (labels.size, *IMAGE_SHAPE):
        raise DataError(f"{directory}: images of shape {images.shape} do not fit {labels.size} labels")
    mask = np.isin(labels, check_digits(digits))
    return ImageSet(images[mask].astype(np.float32) / 255, labels[mask].astype(np.int64), NAME)
