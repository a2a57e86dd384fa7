"""Reading wav files."""

from __future__ import annotations

import warnings
from pathlib import Path

import librosa
import numpy as np
import soundfile
from numpy.typing import NDArray

from spikingsampling.errors import DataError

__all__ = ["read_wav"]


def _check_container(path: Path) -> None:
    """Refuse a file that is shorter than its RIFF header says; libsndfile would return what is left of it."""
    with path.open("rb") as file:
        header = file.read(12)
    if header[:4] != b"RIFF" or header[8:12] != b"WAVE":
        raise DataError(f"{path}: not a wav file")
    header_size, file_size = int.from_bytes(header[4:8], "little") + 8, path.stat().st_size
    if file_size < header_size:
        raise DataError(f"{path}: truncated, {file_size} of {header_size} bytes")


def read_wav(path: Path, sample_rate: int) -> NDArray[np.float32]:
    """One channel of sound at the given sample rate.

    Several channels are averaged and another sample rate is converted; a warning says so.

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
        Missing, unreadable, truncated, empty, silent, or with NaN or infinite samples; names the file.
    """
    try:
        _check_container(path)
        sound, rate = soundfile.read(path, dtype="float32", always_2d=True)
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
