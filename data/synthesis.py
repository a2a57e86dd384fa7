"""A small source-filter formant synthesiser for the digit words.

The source is a train of glottal pulses (with jitter, shimmer and falling pitch) plus noise; the vocal tract
is a cascade of time-varying second-order resonators, one per formant (D. H. Klatt, "Software for a
cascade/parallel formant synthesizer", J. Acoust. Soc. Am. 67, 971-995 (1980), doi:10.1121/1.383940). Noise of
fricatives and of the bursts of stops passes a resonator of its own, in parallel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from spikingsampling.data.phonemes import PHONEMES, WORDS, Phoneme

__all__ = ["SAMPLE_RATE", "Speaker", "synthesise"]

#: Samples per second (Hz), as in the Free Spoken Digit Dataset.
SAMPLE_RATE = 8000
_TRACT_LENGTH = 17.5
#: Control signals have one value per ms; the vocal tract changes every 8 ms.
_CONTROL = SAMPLE_RATE // 1000
_FRAME_MS = 8
_FRAME = _FRAME_MS * _CONTROL
#: Fourth formant of a tract of 17.5 cm, and the bandwidths of the formants (Hz).
_F4 = 3300.0
_BANDWIDTHS = np.array([60.0, 100.0, 200.0, 400.0])
#: No formant comes nearer to the Nyquist frequency than this (Hz).
_HIGHEST = 3700.0
#: Low-pass filters of the voice source (order 1) and of the recording (order 4), cut-off in Hz.
_TILT = signal.butter(1, 1500, fs=SAMPLE_RATE, output="sos")
_RECORDING = signal.butter(4, 3500, fs=SAMPLE_RATE, output="sos")
#: Part of a pitch period during which the glottis is open.
_OPEN = 0.6
#: Durations over which levels and formants pass from one phoneme to the next (ms).
_LEVEL_TRANSITION, _FORMANT_TRANSITION = 15, 60
#: Spread of an utterance around the speaker's mean, as standard deviation of the logarithm.
_SPREAD = {"pitch": 0.06, "rate": 0.08, "duration": 0.08, "formant": 0.025, "noise": 0.15}


@dataclass(frozen=True)
class Speaker:
    """A synthetic voice.

    Parameters
    ----------
    pitch : float
        Mean fundamental frequency (Hz).
    tract_length : float
        Length of the vocal tract (cm); formants are inversely proportional to it.
    rate : float
        Speaking rate relative to the durations of the word table.
    breathiness : float
        Level of the noise at the glottis relative to the pulses.
    """

    pitch: float
    tract_length: float
    rate: float
    breathiness: float


def _smooth(track: NDArray, duration: int) -> NDArray[np.float64]:
    """Hann-weighted running mean of a control signal (n,) over ``duration`` ms, edges held."""
    window = np.hanning(2 * (duration // 2) + 3)[1:-1]
    return np.convolve(np.pad(track, duration // 2, mode="edge"), window / window.sum(), mode="valid")


def _resonators(frequency: NDArray, bandwidth: NDArray) -> NDArray[np.float64]:
    """Second-order sections (n, 6) of resonators with unit gain at 0 Hz (Klatt 1980, equation 2)."""
    radius = np.exp(-np.pi * bandwidth / SAMPLE_RATE)
    a1 = -2 * radius * np.cos(2 * np.pi * frequency / SAMPLE_RATE)
    a2 = radius**2
    zero, one = np.zeros_like(a1), np.ones_like(a1)
    return np.stack([1 + a1 + a2, zero, zero, one, a1, a2], axis=-1)


def _vocal_tract(source: NDArray, formants: NDArray, bandwidths: NDArray) -> NDArray[np.float64]:
    """Pass the source (n,) through the cascade; formants and bandwidths (n_formants, n_frames) in Hz."""
    sections = np.ascontiguousarray(_resonators(formants.T, bandwidths.T))
    state = np.zeros((len(formants), 2))
    output = np.empty_like(source)
    for frame, sos in enumerate(sections):
        part = slice(frame * _FRAME, (frame + 1) * _FRAME)
        output[part], state = signal.sosfilt(sos, source[part], zi=state)
    return output


def _glottis(pitch: NDArray, rng: np.random.Generator) -> tuple[NDArray, NDArray]:
    """Derivative of the glottal flow for a pitch contour (n,) in Hz, and where the glottis is open.

    The flow of one period is t² (1 - t) over its open phase (D. H. Klatt and L. C. Klatt, J. Acoust. Soc.
    Am. 87, 820-857 (1990)). Period and height of every pulse vary by about 1 % and 5 %.
    """
    phase = np.cumsum(pitch) / SAMPLE_RATE + rng.random()
    n_cycles = int(phase[-1]) + 2
    cycle = phase.astype(int)
    jitter = np.concatenate([[0.0], 0.01 * rng.standard_normal(n_cycles)])
    fraction = phase - cycle
    # Moves the borders of each cycle while the phase stays continuous and increasing.
    warped = phase + jitter[cycle] * (1 - fraction) + jitter[cycle + 1] * fraction
    cycle = np.clip(np.floor(warped).astype(int), 0, n_cycles)
    shimmer = np.exp(0.05 * rng.standard_normal(n_cycles + 1))
    t = (warped - np.floor(warped)) / _OPEN
    is_open = t < 1
    return shimmer[cycle] * np.where(is_open, 2 * t - 3 * t**2, 0.0), is_open


def _noise(phoneme: Phoneme, scale: float, n: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Frication noise of unit root mean square, shape (n,)."""
    centre, bandwidth = phoneme.noise
    frequency = np.array(min(centre * scale, _HIGHEST))
    section = _resonators(frequency, np.array(bandwidth))
    noise = signal.lfilter([1, -1], 1, signal.sosfilt(section[np.newaxis], rng.standard_normal(n)))
    return noise / np.sqrt(np.mean(noise**2))


def synthesise(digit: int, speaker: Speaker, rng: np.random.Generator) -> NDArray[np.float32]:
    """One utterance of a digit word.

    Pitch, rate, durations, formants and levels vary from utterance to utterance; a little background noise
    and short pauses surround the word.

    Parameters
    ----------
    digit : int
        0 to 9.
    speaker : Speaker
    rng : numpy.random.Generator

    Returns
    -------
    array of float32, shape (n_samples,)
        At :data:`SAMPLE_RATE`; the peak lies between 0.1 and 0.8.
    """

    def vary(what: str) -> float:
        return float(np.exp(_SPREAD[what] * rng.standard_normal()))

    names, durations = zip(*WORDS[digit], strict=True)
    phonemes = [PHONEMES[name] for name in names]
    rate = speaker.rate * vary("rate")
    pauses = rng.integers(10, 50, 2)
    lengths = [round(ms / rate * vary("duration")) for ms in durations]

    targets: list[tuple[float, float, float]] = []
    for phoneme in reversed(phonemes):
        targets.insert(0, phoneme.formants or targets[0])
    # Pauses are silent phonemes with the formants of their neighbour.
    silence = PHONEMES["closure"]
    sequence = [silence, *phonemes, silence]
    repeats = [pauses[0], *lengths, pauses[1]]

    def track(values: Sequence[float], transition: int) -> NDArray[np.float64]:
        return _smooth(np.repeat(np.asarray(values, dtype=float), repeats), transition)

    def level(values: Sequence[float]) -> NDArray[np.float64]:
        control = track(values, _LEVEL_TRANSITION)
        return np.interp(np.arange(control.size * _CONTROL) / _CONTROL, np.arange(control.size), control)

    scale = _TRACT_LENGTH / speaker.tract_length
    tones = list(zip(*targets, strict=True))
    if _F4 * scale < _HIGHEST:  # else it lies outside the band, as for short vocal tracts
        tones.append((_F4,) * len(targets))
    # Formants move smoothly on a logarithmic scale.
    logarithms = [[np.log(f * scale * vary("formant")) for f in (tone[0], *tone, tone[-1])] for tone in tones]
    formants = np.exp([track(values, _FORMANT_TRANSITION)[::_FRAME_MS] for values in logarithms])
    damping = track([phoneme.damping for phoneme in sequence], _FORMANT_TRANSITION)[::_FRAME_MS]
    voicing = level([phoneme.voicing for phoneme in sequence])
    aspiration = level([phoneme.aspiration for phoneme in sequence])
    n = voicing.size

    fall = rng.uniform(0.1, 0.35)
    pitch = speaker.pitch * vary("pitch") * (1 + fall / 2 - fall * np.linspace(0, 1, n))
    pulses, is_open = _glottis(pitch, rng)
    breath = rng.standard_normal(n)
    pulses = signal.sosfilt(_TILT, pulses)
    source = voicing * (pulses + speaker.breathiness * breath * is_open) + aspiration * breath
    bandwidths = _BANDWIDTHS[: len(formants), np.newaxis] * damping
    voice = _vocal_tract(source, formants.clip(max=_HIGHEST), bandwidths)
    voice /= np.sqrt(np.mean(voice**2))

    for phoneme in dict.fromkeys(phonemes):
        if phoneme.frication:
            frication = level([p.frication if p is phoneme else 0.0 for p in sequence])
            voice += vary("noise") * frication * _noise(phoneme, scale, n, rng)
    voice = signal.sosfilt(_RECORDING, voice)
    voice += 10 ** (rng.uniform(-55, -45) / 20) * rng.standard_normal(n)
    return (voice * rng.uniform(0.1, 0.8) / np.abs(voice).max()).astype(np.float32)
