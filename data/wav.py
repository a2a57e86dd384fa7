"""Reading wav files: RIFF, and RF64 or BW64, whose sizes have 64 bits."""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Iterator
from pathlib import Path

import librosa
import numpy as np
import soundfile
from numpy.typing import NDArray

from spikingsampling.errors import DataError

__all__ = ["read_wav"]

#: Formats whose samples stand one by one in the file.
READ = {0x0001: "PCM", 0x0003: "float", 0x0006: "A-law", 0x0007: "mu-law"}
#: Others that occur. Their blocks are filled up, so that the number of samples is not that of the sound.
NOT_READ = {0x0002: "Microsoft ADPCM", 0x0011: "IMA ADPCM", 0x0031: "GSM 6.10", 0x0050: "MPEG", 0x0055: "MP3"}
EXTENSIBLE = 0xFFFE
#: What the first bytes of a file say that is no wav file.
FOREIGN = {
    b"RIFX": "one with big-endian numbers (RIFX)",
    b"riff": "a Wave64 file",
    b"fLaC": "a FLAC file",
    b"FORM": "an AIFF file",
    b"OggS": "an Ogg file",
    b"ID3": "an MP3 file",
    b"\xff\xfb": "an MP3 file",
    b".snd": "an AU file",
    b"version https://git-lfs": "a pointer of Git LFS to a file that is not here",
}
#: An encoder that writes into a pipe does not know the sizes; it says one of this order: all that comes.
UNKNOWN_SIZE = 0x7FFF0000


def read_wav(path: Path, sample_rate: int) -> NDArray[np.float32]:
    """One channel of sound at the given sample rate.

    PCM, float, A-law and mu-law are read, of any width. Several channels are averaged and another sample rate is
    converted; a warning says so.

    Parameters
    ----------
    path : Path
    sample_rate : int
        Hz.

    Returns
    -------
    array of float32, shape (n_samples,)

    Raises
    ------
    DataError
        Missing, unreadable, truncated, empty, silent, in another format, or with NaN or infinite samples; it names
        the file.
    """
    try:
        content = _plain_wav(path, path.read_bytes())
        sound, rate = soundfile.read(io.BytesIO(content), dtype="float32", always_2d=True)
    except (OSError, soundfile.LibsndfileError) as error:
        raise DataError(f"{path}: cannot be read as a wav file ({error})") from None
    if not sound.size:
        raise DataError(f"{path}: empty, has no samples")
    if not np.isfinite(sound).all():
        raise DataError(f"{path}: has NaN or infinite samples")
    if sound.shape[1] > 1:
        warnings.warn(f"{path}: {sound.shape[1]} channels mixed down to one", stacklevel=2)
    mono = sound.mean(axis=1)
    if not mono.any():
        raise DataError(f"{path}: silent, every sample is 0")
    if rate != sample_rate:
        warnings.warn(f"{path}: resampled from {rate} Hz to {sample_rate} Hz", stacklevel=2)
        mono = librosa.resample(mono, orig_sr=rate, target_sr=sample_rate)
    return mono.astype(np.float32)


def _plain_wav(path: Path, content: bytes) -> bytes:
    """The same sound as a wav file of two chunks, format and data, whose sizes are right.

    libsndfile returns what is left of a truncated file, and does not read all that encoders write.

    Raises
    ------
    DataError
        Truncated, damaged or in another format.
    """
    kind = content[:4]
    if kind not in (b"RIFF", b"RF64", b"BW64") or content[8:12] != b"WAVE":
        what = next((f"; it is {name}" for start, name in FOREIGN.items() if content.startswith(start)), "")
        what = what if content else "; it has no bytes"
        raise DataError(f"{path}: not a wav file (RIFF, RF64 or BW64){what}")
    size = _number(content, 4)
    if kind == b"RIFF" and size < UNKNOWN_SIZE and len(content) < size + 8:
        raise DataError(f"{path}: truncated, {len(content)} of {size + 8} bytes")
    chunks: dict[bytes, bytes] = {}
    for name, start, size in _chunks(content):
        if name == b"data":
            if b"ds64" in chunks and size == 0xFFFFFFFF and len(chunks[b"ds64"]) >= 16:
                size = int.from_bytes(chunks[b"ds64"][8:16], "little")
            there = len(content) - start
            if there < size and (size < UNKNOWN_SIZE or b"ds64" in chunks):
                raise DataError(f"{path}: truncated, {there} of {size} bytes of sound")
            if (
                size == 0 and there and not content[start : start + 4].strip().isalnum()
            ):  # no other chunk follows
                raise DataError(
                    f"{path}: its header says that it is empty, but {there} bytes follow: "
                    "the program that wrote it did not finish it"
                )
        if name in (b"fmt ", b"data", b"ds64"):
            if name in chunks:
                raise DataError(f"{path}: damaged, has two chunks {name.decode()!r}")
            chunks[name] = content[start : start + size]
    for name in (b"fmt ", b"data"):
        if name not in chunks:
            raise DataError(f"{path}: damaged, has no chunk {name.decode()!r}")
    frame = _check_format(path, chunks[b"fmt "])
    if over := len(chunks[b"data"]) % frame:
        raise DataError(f"{path}: truncated, the last {over} bytes are no whole sample of {frame} bytes")
    parts = [b"WAVE"]
    for name in (b"fmt ", b"data"):
        chunk = chunks[name]
        parts += [name, struct.pack("<I", len(chunk)), chunk, bytes(len(chunk) % 2)]
    body = b"".join(parts)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _number(content: bytes, at: int, length: int = 4) -> int:
    return int.from_bytes(content[at : at + length], "little")


def _chunks(content: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Name, place and size of each chunk; some encoders forget the byte after a chunk of odd size."""
    at = 12
    while at + 8 <= len(content):
        name, size = content[at : at + 4], _number(content, at + 4)
        yield name, at + 8, size
        at += 8 + size
        at += size % 2 and content[at : at + 4] not in (b"fmt ", b"data")


def _check_format(path: Path, form: bytes) -> int:
    """DataError if such samples are not read; returns the bytes of a sample of all channels."""
    if len(form) < 16:
        raise DataError(f"{path}: damaged, its format has {len(form)} bytes, must have at least 16")
    tag, channels, rate, frame = (_number(form, at, n) for at, n in ((0, 2), (2, 2), (4, 4), (12, 2)))
    if tag == EXTENSIBLE:
        tag = _number(form, 24, 2)
    if tag not in READ:
        name = NOT_READ.get(tag, "an unknown format")
        raise DataError(f"{path}: holds {name} (0x{tag:04x}); must be {', '.join(READ.values())}")
    if not (channels and rate and frame):
        raise DataError(f"{path}: damaged, says {channels} channels, {rate} Hz, {frame} bytes per sample")
    return frame
