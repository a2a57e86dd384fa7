"""Preparation of a sound: is it one, and where does the word in it begin and end."""

from __future__ import annotations

import librosa
import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...errors import ParameterError
from .parameters import CochleagramParameters

__all__ = ["trim_silence", "trimmed_sound"]


def trim_silence(waveform: NDArray, sample_rate: float, trim: float = 30.0) -> NDArray:
    """Cut leading and trailing parts that stay ``trim`` dB below the loudest 20 ms.

    Parameters
    ----------
    waveform : array, shape (n_samples,)
    sample_rate : float
        Hz.
    trim : float
        dB.

    Returns
    -------
    array, shape (n_kept,)
    """
    length = max(2, round(0.02 * sample_rate))
    return librosa.effects.trim(waveform, top_db=trim, frame_length=length, hop_length=max(1, length // 4))[0]


def trimmed_sound(
    waveform: ArrayLike, sample_rate: float, parameters: CochleagramParameters
) -> NDArray[np.float64]:
    """The sound without the silence around it, checked.

    Raises
    ------
    ParameterError
        The sound is empty, silent or not finite, or the sample rate is too low for ``f_max``.
    """
    sound = np.asarray(waveform, dtype=float)
    problem = ""
    if sound.ndim != 1 or sound.size == 0:
        problem = f"has shape {sound.shape}: must be one channel with at least one sample"
    elif not np.isfinite(sound).all():
        problem = "must be finite, has NaN or infinite samples"
    elif not sound.any():
        problem = "is silent: every sample is 0"
    if problem:
        raise ParameterError(f"waveform {problem}")
    if not (np.isfinite(sample_rate) and sample_rate >= 2 * parameters.f_max):
        raise ParameterError(
            f"sample_rate = {sample_rate!r} Hz: must be at least twice f_max = {parameters.f_max:g} Hz"
        )
    return trim_silence(sound, sample_rate, parameters.trim)
