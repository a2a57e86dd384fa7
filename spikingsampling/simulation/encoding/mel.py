"""The mel front end: short-time spectrum of a sound in mel bands."""

from __future__ import annotations

import functools
from typing import Any

import librosa
import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import signal

from .frames import control_gain, mean_over_frames
from .parameters import CochleagramParameters
from .sound import trimmed_sound

__all__ = ["mel_cochleagram", "mel_frequencies"]

#: Fine time step of the spectrum before the frames are averaged (s).
_HOP = 0.005


def mel_frequencies(parameters: CochleagramParameters) -> NDArray[np.float64]:
    """Centres of the bands (Hz), evenly spaced on librosa's mel scale; the edges are at ``f_min`` and ``f_max``."""
    p = parameters
    return librosa.mel_frequencies(p.n_channels + 2, fmin=p.f_min, fmax=p.f_max)[1:-1]


@functools.lru_cache(maxsize=8)
def _mel_bank(
    sample_rate: float, length: int, n_fft: int, n_channels: int, f_min: float, f_max: float
) -> NDArray[np.float64]:
    """Weights (n_channels, n_bins) of the power spectrum; a tone of unit amplitude gives 1 at its channel."""
    bank = librosa.filters.mel(
        sr=sample_rate, n_fft=n_fft, n_mels=n_channels, fmin=f_min, fmax=f_max, norm=None, dtype=np.float64
    )
    # A band narrower than the window's main lobe catches only a part of the power of a tone.
    settings = CochleagramParameters(n_channels=n_channels, f_min=f_min, f_max=f_max)
    centre = mel_frequencies(settings)[:, np.newaxis]
    tones = np.exp(2j * np.pi * centre * np.arange(length) / sample_rate) / 2
    window = signal.get_window("hann", length)
    power = np.abs(np.fft.fft(tones * window, n_fft, axis=1)[:, : n_fft // 2 + 1]) ** 2
    return bank / np.sum(bank * power, axis=1, keepdims=True)


def mel_cochleagram(
    waveform: ArrayLike,
    sample_rate: float,
    parameters: CochleagramParameters | None = None,
    **changes: Any,
) -> NDArray[np.float64]:
    """Activity of mel bands: short-time amplitude spectrum, compression, gain control.

    Parameters
    ----------
    waveform : array, shape (n_samples,)
        Sound pressure in any unit.
    sample_rate : float
        Hz.
    parameters : CochleagramParameters, optional
    **changes
        Fields of ``parameters`` to change, for example ``n_frames=8``.

    Returns
    -------
    array, shape (n_frames, n_channels)
        Activity in [0, 1]. Independent of the amplitude of the sound.

    Raises
    ------
    ParameterError
        A setting is out of range, the sound is empty, silent or not finite, or the sample rate is too low.
    """
    settings = (parameters or CochleagramParameters()).replace(**changes)
    sound = trimmed_sound(waveform, sample_rate, settings)
    sample_rate = float(sample_rate)  # quotients of small integer types are in half or single precision
    length, hop = max(4, round(settings.window * sample_rate)), max(1, round(_HOP * sample_rate))
    # Zero-padded so that the narrowest mel band covers more than one bin.
    n_fft = 4 * 2 ** int(np.ceil(np.log2(length)))
    padded = np.pad(sound, n_fft // 2)
    spectrum = librosa.stft(padded, n_fft=n_fft, win_length=length, hop_length=hop, center=False)
    bank = _mel_bank(sample_rate, length, n_fft, settings.n_channels, settings.f_min, settings.f_max)
    amplitude = np.sqrt(bank @ np.abs(spectrum[:, : -(-sound.size // hop)]) ** 2)
    frames = mean_over_frames(
        amplitude**settings.compression, sound.size / sample_rate, hop / sample_rate, settings
    )
    return control_gain(frames, settings)
