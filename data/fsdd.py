"""Free Spoken Digit Dataset v1.0.10: six speakers, 50 recordings of each digit, 8 kHz (Z. Jackson et al.)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from spikingsampling.data.types import SpeechSet, check_digits, check_speakers, check_split
from spikingsampling.data.wav import read_wav
from spikingsampling.errors import DataError

__all__ = ["NAME", "SAMPLE_RATE", "SPEAKERS", "TAKES", "file_names", "load", "recordings_sha256"]

NAME = "Free Spoken Digit Dataset v1.0.10"
SAMPLE_RATE = 8000
SPEAKERS = ("george", "jackson", "lucas", "nicolas", "theo", "yweweler")
#: The official split: recordings 0 to 4 are the test set.
TAKES = {"train": range(5, 50), "test": range(5)}
#: sha256 of the names and bytes of all recordings, see :func:`recordings_sha256`.
RECORDINGS_SHA256 = "2f17dea19a57e5b41c96377cc76619e34da46105a595ef978b7d26466f8a9689"


def file_names(
    digits: Sequence[int] = range(10), speakers: Sequence[str] = SPEAKERS, takes: Sequence[int] = range(50)
) -> dict[str, tuple[int, str, int]]:
    """File name → (digit, speaker, take) of these recordings, by digit, then speaker, then take."""
    return {f"{d}_{s}_{t}.wav": (d, s, t) for d in digits for s in speakers for t in takes}


def recordings_sha256(directory: Path) -> str:
    """sha256 over the wav files of a directory by name: name, zero byte, length in 8 bytes, content."""
    digest = hashlib.sha256()
    for path in sorted(directory.glob("*.wav"), key=lambda path: path.name):
        content = path.read_bytes()
        digest.update(path.name.encode() + b"\0" + len(content).to_bytes(8, "little") + content)
    return digest.hexdigest()


def load(
    directory: Path, split: str, digits: Sequence[int], speakers: Sequence[str] | None = None
) -> SpeechSet:
    """Recordings of some digits by some speakers.

    Parameters
    ----------
    directory : Path
        Holds the wav files.
    split : {"train", "test"}
        Official split: takes 5 to 49 and 0 to 4.
    digits : sequence of int
    speakers : sequence of str, optional
        Default: all six.

    Raises
    ------
    UnknownNameError
        No such split or speaker.
    DataError
        A recording is missing, truncated, empty, silent or not a wav file.
    """
    takes = TAKES[check_split(split)]
    names = file_names(check_digits(digits), check_speakers(speakers, SPEAKERS), takes)
    missing = [name for name in names if not (directory / name).is_file()]
    if missing:
        raise DataError(
            f"{directory}: {len(missing)} of {len(names)} recordings are missing, first {missing[0]}; "
            "get them with `spikingsampling data fetch`"
        )
    waveforms = tuple(read_wav(directory / name, SAMPLE_RATE) for name in names)
    labels, voices, numbers = zip(*names.values(), strict=True)
    return SpeechSet(waveforms, SAMPLE_RATE, np.array(labels), np.array(voices), np.array(numbers), NAME)
