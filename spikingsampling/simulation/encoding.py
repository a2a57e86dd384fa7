"""Front ends: sound to channel activity, and activity of channels or pixels to firing rates.

Two models of the cochlea give the same kind of result, activity in [0, 1] of shape (n_frames, n_channels):

- :func:`mel_cochleagram`: short-time spectrum in mel bands.
- :func:`gammatone_cochleagram`: gammatone filters on the ERB scale, half-wave rectified.

Both trim the silence around the word, compress the amplitude by a power law and control the gain. The frames
have either a fixed period (a streamed sound) or divide the sound into ``n_frames`` equal parts (a static
spectro-temporal pattern, for example 8 frames of 77 channels = 616 activities).
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Literal

import librosa
import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import model_validator
from scipy import signal

from ..errors import ParameterError, UnknownNameError
from ..parameters import Parameters, quantity
from ..units import Frequency, Number, Time, parse_quantity

__all__ = [
    "FRONT_ENDS",
    "CochleagramParameters",
    "centre_frequencies",
    "cochleagram",
    "equalise",
    "gammatone_cochleagram",
    "mel_cochleagram",
    "rates",
    "trim_silence",
]

FrontEnd = Literal["mel", "gammatone"]


class CochleagramParameters(Parameters):
    """Settings of both front ends.

    ``n_frames`` None streams the sound with one frame per ``frame_period``; a number divides it into as many
    equal parts, and ``frame_period`` is not used.
    """

    n_channels: int = quantity(77, "number of frequency channels", low=1, high=1000, source="after A")
    n_frames: int | None = quantity(None, "number of frames of a static pattern", low=1, high=10000)
    frame_period: Time = quantity(
        "25 ms", "period of the frames of a streamed sound", low="1 ms", high="1 s", dimension="time"
    )
    f_min: Frequency = quantity(
        "100 Hz", "lower edge of the frequency range", low="20 Hz", high="20 kHz", dimension="frequency"
    )
    f_max: Frequency = quantity(
        "3900 Hz", "upper edge of the frequency range", low="20 Hz", high="20 kHz", dimension="frequency"
    )
    window: Time = quantity(
        "32 ms", "window of the short-time spectrum (mel)", low="2 ms", high="1 s", dimension="time"
    )
    low_pass: Frequency = quantity(
        "50 Hz", "cut-off of the low-pass filter (gammatone)", low="1 Hz", high="1 kHz", dimension="frequency"
    )
    compression: Number = quantity(0.4, "exponent of the compression of the amplitude", low=0.05, high=2)
    dynamic_range: Number = quantity(
        40.0, "range of levels below the reference that is kept (dB)", low=1, high=200
    )
    gain_control: Number = quantity(
        0.5, "0: one gain for the whole sound; 1: every frame has its own gain", low=0, high=1
    )
    trim: Number = quantity(
        30.0, "level below the loudest frame (dB) at which a sound begins and ends", low=1, high=200
    )

    @model_validator(mode="after")
    def _check_range(self) -> CochleagramParameters:
        if not self.f_min < self.f_max:
            raise ValueError(f"f_min = {self.f_min} Hz must be less than f_max = {self.f_max} Hz")
        return self


#: Fine time step of the mel spectrum before the frames are averaged (s).
_HOP = 0.005
#: Glasberg & Moore 1990, Hear. Res. 47, 103-138: ERB(f) = 24.7 (4.37 f/kHz + 1) Hz.
_ERB_AT_ZERO, _ERB_SLOPE = 24.7, 4.37e-3


def _checked(
    waveform: ArrayLike, sample_rate: float, parameters: CochleagramParameters
) -> NDArray[np.float64]:
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
    return sound


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


def _erb_number(frequency: ArrayLike) -> NDArray[np.float64]:
    return np.log1p(np.asarray(frequency) * _ERB_SLOPE) / (_ERB_AT_ZERO * _ERB_SLOPE)


def centre_frequencies(front_end: FrontEnd, parameters: CochleagramParameters) -> NDArray[np.float64]:
    """Centre frequencies of the channels in Hz, increasing, shape (n_channels,).

    Mel bands are spaced evenly on librosa's mel scale (edges at ``f_min`` and ``f_max``), gammatone channels
    on the ERB-number scale of Glasberg & Moore 1990 (first and last channel at ``f_min`` and ``f_max``).

    Raises
    ------
    UnknownNameError
        No such front end.
    """
    if front_end == "mel":
        return librosa.mel_frequencies(
            parameters.n_channels + 2, fmin=parameters.f_min, fmax=parameters.f_max
        )[1:-1]
    if front_end == "gammatone":
        low, high = _erb_number([parameters.f_min, parameters.f_max])
        erb_number = np.linspace(low, high, parameters.n_channels)
        return np.expm1(erb_number * _ERB_AT_ZERO * _ERB_SLOPE) / _ERB_SLOPE
    raise UnknownNameError("front end", str(front_end), FRONT_ENDS)


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
    centre = centre_frequencies("mel", settings)[:, np.newaxis]
    tones = np.exp(2j * np.pi * centre * np.arange(length) / sample_rate) / 2
    window = signal.get_window("hann", length)
    power = np.abs(np.fft.fft(tones * window, n_fft, axis=1)[:, : n_fft // 2 + 1]) ** 2
    return bank / np.sum(bank * power, axis=1, keepdims=True)


@functools.lru_cache(maxsize=8)
def _gammatone_bank(sample_rate: float, n_channels: int, f_min: float, f_max: float) -> NDArray[np.float64]:
    """Impulse responses (n_channels, n_taps) of gammatone filters of order 4, unit gain at their centre."""
    settings = CochleagramParameters(n_channels=n_channels, f_min=f_min, f_max=f_max)
    # Six decay times of the narrowest filter.
    n_taps = int(np.ceil(6 * sample_rate / (2 * np.pi * _ERB_AT_ZERO * (1 + _ERB_SLOPE * f_min))))
    time = np.arange(n_taps) / sample_rate
    responses = []
    for frequency in centre_frequencies("gammatone", settings):
        # A filter centred at the Nyquist frequency does not exist in discrete time.
        response, _ = signal.gammatone(
            min(frequency, 0.499 * sample_rate), "fir", numtaps=n_taps, fs=sample_rate
        )
        gain = np.abs(np.sum(response * np.exp(-2j * np.pi * frequency * time)))
        responses.append(response / gain)
    return np.array(responses)


def _frames(
    values: NDArray, duration: float, step: float, parameters: CochleagramParameters
) -> NDArray[np.float64]:
    """Mean of values (n_channels, n_steps) over each frame, exact also where borders fall between steps."""
    if parameters.n_frames is not None:
        edges = np.linspace(0, duration, parameters.n_frames + 1)
    else:
        edges = np.arange(np.ceil(duration / parameters.frame_period - 1e-9) + 1) * parameters.frame_period
        edges[-1] = duration
    time = np.append(np.arange(values.shape[1]) * step, duration)
    integral = np.concatenate(
        [np.zeros((values.shape[0], 1)), np.cumsum(values * np.diff(time), axis=1)], axis=1
    )
    at_edges = np.stack([np.interp(edges, time, channel) for channel in integral])
    return (np.diff(at_edges, axis=1) / np.diff(edges)).T


def _control_gain(amplitude: NDArray, parameters: CochleagramParameters) -> NDArray[np.float64]:
    """Compressed amplitudes (n_frames, n_channels) to activity in [0, 1].

    The reference of a frame is peak^(1-g) · frame peak^g with g = ``gain_control``; amplitudes more than
    ``dynamic_range`` dB below the peak of the sound count as silence.
    """
    floor = 10 ** (-parameters.dynamic_range / 20 * parameters.compression)
    relative = amplitude / amplitude.max()
    frame_peak = np.maximum(relative.max(axis=1, keepdims=True), floor)
    level = relative / frame_peak**parameters.gain_control
    return np.clip((level - floor) / (1 - floor), 0.0, 1.0)


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
    sound = trim_silence(_checked(waveform, sample_rate, settings), sample_rate, settings.trim)
    length, hop = max(4, round(settings.window * sample_rate)), max(1, round(_HOP * sample_rate))
    # Zero-padded so that the narrowest mel band covers more than one bin.
    n_fft = 4 * 2 ** int(np.ceil(np.log2(length)))
    padded = np.pad(sound, n_fft // 2)
    spectrum = librosa.stft(padded, n_fft=n_fft, win_length=length, hop_length=hop, center=False)
    bank = _mel_bank(sample_rate, length, n_fft, settings.n_channels, settings.f_min, settings.f_max)
    amplitude = np.sqrt(bank @ np.abs(spectrum[:, : -(-sound.size // hop)]) ** 2)
    frames = _frames(amplitude**settings.compression, sound.size / sample_rate, hop / sample_rate, settings)
    return _control_gain(frames, settings)


def gammatone_cochleagram(
    waveform: ArrayLike,
    sample_rate: float,
    parameters: CochleagramParameters | None = None,
    **changes: Any,
) -> NDArray[np.float64]:
    """Activity of a gammatone filter bank: rectification, compression, low-pass filter, gain control.

    Filters of order 4 and bandwidth 1.019 ERB (as :func:`scipy.signal.gammatone`), half-wave rectified.
    Parameters, result and errors as for :func:`mel_cochleagram`.
    """
    settings = (parameters or CochleagramParameters()).replace(**changes)
    sound = trim_silence(_checked(waveform, sample_rate, settings), sample_rate, settings.trim)
    bank = _gammatone_bank(sample_rate, settings.n_channels, settings.f_min, settings.f_max)
    filtered = signal.oaconvolve(sound[np.newaxis], bank, mode="full", axes=1)[:, : sound.size]
    compressed = np.maximum(filtered, 0) ** settings.compression
    low_pass = signal.butter(1, settings.low_pass, fs=sample_rate, output="sos")
    smooth = signal.sosfilt(low_pass, compressed, axis=1)
    return _control_gain(_frames(smooth, sound.size / sample_rate, 1 / sample_rate, settings), settings)


#: The front ends by name.
FRONT_ENDS: dict[str, Callable[..., NDArray[np.float64]]] = {
    "mel": mel_cochleagram,
    "gammatone": gammatone_cochleagram,
}


def cochleagram(
    front_end: FrontEnd,
    waveform: ArrayLike,
    sample_rate: float,
    parameters: CochleagramParameters | None = None,
    **changes: Any,
) -> NDArray[np.float64]:
    """The activity that the front end of this name gives; see :func:`mel_cochleagram`.

    Raises
    ------
    UnknownNameError
        No such front end.
    """
    if front_end not in FRONT_ENDS:
        raise UnknownNameError("front end", str(front_end), FRONT_ENDS)
    return FRONT_ENDS[front_end](waveform, sample_rate, parameters, **changes)


def rates(activity: ArrayLike, low: Any = "1 Hz", high: Any = "50 Hz") -> NDArray[np.float64]:
    """Firing rates (Hz) of inputs with activity in [0, 1]: low + (high - low) · activity.

    Parameters
    ----------
    activity : array of any shape
        Activity of channels, or grey values of pixels.
    low, high : quantity
        Rates at activity 0 (a silenced modality has it everywhere) and 1, for example ``"1 Hz"``.

    Returns
    -------
    array of the same shape
        Hz.

    Raises
    ------
    ParameterError
        Activity outside [0, 1] or NaN, a rate with a wrong unit or sign, or ``high`` below ``low``.
    """
    values = np.asarray(activity, dtype=float)
    if values.size and not (values.min() >= 0 and values.max() <= 1):
        raise ParameterError(f"activity is in [{values.min():g}, {values.max():g}]: must be in [0, 1]")
    limits = {}
    for name, value in (("low", low), ("high", high)):
        try:
            limits[name] = parse_quantity(value, "frequency")
        except ValueError as error:
            raise ParameterError(f"rates: {name} = {value!r}: {error}") from None
    if not 0 <= limits["low"] <= limits["high"]:
        raise ParameterError(f"rates: low = {low!r}, high = {high!r}: must be 0 Hz <= low <= high")
    return limits["low"] + (limits["high"] - limits["low"]) * values


def equalise(activity: ArrayLike, mean: float) -> NDArray[np.float64]:
    """Scale patterns to one mean activity, as gain control in the retina does; activities above 1 are cut.

    The membrane potential of the circuits has no term for how much a neuron expects in total, so a class with more
    active inputs would win for the wrong reason.

    Parameters
    ----------
    activity : (n, n_inputs) array
        In [0, 1].
    mean : float
        Mean over the inputs, in (0, 1).

    Returns
    -------
    (n, n_inputs) array
        In [0, 1]; its mean is below ``mean`` where activities were cut; empty patterns stay empty.

    Raises
    ------
    ParameterError
        Wrong shape, activity outside [0, 1], or ``mean`` outside (0, 1).
    """
    values = np.asarray(activity, dtype=float)
    if not 0 < mean < 1:
        raise ParameterError(f"mean = {mean!r}: must lie in (0, 1)")
    if values.ndim != 2 or not np.all((values >= 0) & (values <= 1)):
        raise ParameterError(f"activity of shape {values.shape}: must be (n, n_inputs) with values in [0, 1]")
    present = values.mean(axis=1, keepdims=True)
    gain = np.divide(mean, present, out=np.zeros_like(present), where=present > 0)
    return np.minimum(gain * values, 1.0)
