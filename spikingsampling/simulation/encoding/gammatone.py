"""The gammatone front end: filters on the ERB scale, half-wave rectified."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import signal

from .frames import control_gain, mean_over_frames
from .parameters import CochleagramParameters
from .sound import trimmed_sound

__all__ = ["gammatone_cochleagram", "gammatone_frequencies"]

#: Glasberg & Moore 1990, Hear. Res. 47, 103-138: ERB(f) = 24.7 (4.37 f/kHz + 1) Hz.
_ERB_AT_ZERO, _ERB_SLOPE = 24.7, 4.37e-3


def _erb_number(frequency: ArrayLike) -> NDArray[np.float64]:
    return np.log1p(np.asarray(frequency) * _ERB_SLOPE) / (_ERB_AT_ZERO * _ERB_SLOPE)


def gammatone_frequencies(parameters: CochleagramParameters) -> NDArray[np.float64]:
    """Centres of the filters (Hz) from ``f_min`` to ``f_max``, evenly spaced on the ERB-number scale.

    The scale is that of Glasberg & Moore 1990.
    """
    low, high = _erb_number([parameters.f_min, parameters.f_max])
    erb_number = np.linspace(low, high, parameters.n_channels)
    return np.expm1(erb_number * _ERB_AT_ZERO * _ERB_SLOPE) / _ERB_SLOPE


@functools.lru_cache(maxsize=8)
def _gammatone_bank(sample_rate: float, n_channels: int, f_min: float, f_max: float) -> NDArray[np.float64]:
    """Impulse responses (n_channels, n_taps) of gammatone filters of order 4, unit gain at their centre."""
    settings = CochleagramParameters(n_channels=n_channels, f_min=f_min, f_max=f_max)
    # Six decay times of the narrowest filter.
    n_taps = int(np.ceil(6 * sample_rate / (2 * np.pi * _ERB_AT_ZERO * (1 + _ERB_SLOPE * f_min))))
    time = np.arange(n_taps) / sample_rate
    responses = []
    for frequency in gammatone_frequencies(settings):
        # A filter centred at the Nyquist frequency does not exist in discrete time.
        response, _ = signal.gammatone(
            min(frequency, 0.499 * sample_rate), "fir", numtaps=n_taps, fs=sample_rate
        )
        gain = np.abs(np.sum(response * np.exp(-2j * np.pi * frequency * time)))
        responses.append(response / gain)
    return np.array(responses)


def gammatone_cochleagram(
    waveform: ArrayLike,
    sample_rate: float,
    parameters: CochleagramParameters | None = None,
    **changes: Any,
) -> NDArray[np.float64]:
    """Activity of a gammatone filter bank: rectification, compression, low-pass filter, gain control.

    Filters of order 4 and bandwidth 1.019 ERB (as :func:`scipy.signal.gammatone`), half-wave rectified.
    Parameters, result and errors as for :func:`~spikingsampling.simulation.encoding.mel.mel_cochleagram`.
    """
    settings = (parameters or CochleagramParameters()).replace(**changes)
    sound = trimmed_sound(waveform, sample_rate, settings)
    sample_rate = float(sample_rate)  # quotients of small integer types are in half or single precision
    bank = _gammatone_bank(sample_rate, settings.n_channels, settings.f_min, settings.f_max)
    filtered = signal.oaconvolve(sound[np.newaxis], bank, mode="full", axes=1)[:, : sound.size]
    compressed = np.maximum(filtered, 0) ** settings.compression
    low_pass = signal.butter(1, settings.low_pass, fs=sample_rate, output="sos")
    smooth = signal.sosfilt(low_pass, compressed, axis=1)
    return control_gain(
        mean_over_frames(smooth, sound.size / sample_rate, 1 / sample_rate, settings), settings
    )
