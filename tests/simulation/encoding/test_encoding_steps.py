"""The steps of the front ends one by one, on numbers made by hand: frames, gain control, channels, rates."""

from __future__ import annotations

import math

import librosa
import numpy as np
import pytest

from spikingsampling.errors import ParameterError
from spikingsampling.simulation.encoding import CochleagramParameters, equalise, rates
from spikingsampling.simulation.encoding.frames import control_gain, mean_over_frames
from spikingsampling.simulation.encoding.gammatone import _gammatone_bank, gammatone_frequencies
from spikingsampling.simulation.encoding.mel import _mel_bank, mel_frequencies
from spikingsampling.simulation.encoding.sound import trimmed_sound

# --- frames -------------------------------------------------------------------------------------------------


def test_a_frame_is_the_mean_over_its_time_also_across_steps() -> None:
    """Steps of 0.1 s hold 1, 3, 5, 7 until 0.4 s; three frames end at 0.1333 and 0.2667 s."""
    values = np.array([[1.0, 3.0, 5.0, 7.0], [0.0, 0.0, 0.0, 8.0]])
    frames = mean_over_frames(values, 0.4, 0.1, CochleagramParameters(n_frames=3))
    np.testing.assert_allclose(frames[:, 0], [(1 * 0.75 + 3 * 0.25), (3 + 5) / 2, (5 * 0.25 + 7 * 0.75)])
    np.testing.assert_allclose(frames[:, 1], [0.0, 0.0, 6.0], atol=1e-12)


def test_the_last_frame_of_a_streamed_sound_is_shorter() -> None:
    parameters = CochleagramParameters(frame_period="0.15 s")
    frames = mean_over_frames(np.array([[1.0, 3.0, 5.0, 7.0]]), 0.4, 0.1, parameters)
    np.testing.assert_allclose(frames[:, 0], [(1 + 3 / 2) / 1.5, (3 / 2 + 5) / 1.5, 7.0])
    exact = mean_over_frames(np.array([[1.0, 3.0]]), 0.3, 0.15, parameters)
    np.testing.assert_allclose(exact[:, 0], [1.0, 3.0])  # a whole number of frames is not rounded up


def test_a_last_step_that_is_cut_counts_for_its_time() -> None:
    frames = mean_over_frames(np.array([[2.0, 6.0]]), 0.15, 0.1, CochleagramParameters(n_frames=1))
    np.testing.assert_allclose(frames, [[(2 * 0.1 + 6 * 0.05) / 0.15]])


# --- gain control -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("gain", [0.0, 0.25, 1.0])
def test_the_reference_lies_between_the_peak_of_all_and_of_the_frame(gain: float) -> None:
    """20 dB of range compressed by 0.5 leave a floor of 10^(−0.5); frames of peaks 8, 4 and 1 (below it)."""
    amplitude = np.array([[8.0, 4.0], [2.0, 4.0], [1.0, 0.5]])
    parameters = CochleagramParameters(dynamic_range=20, compression=0.5, gain_control=gain)
    floor = 10**-0.5
    peaks = [1.0, 0.5, floor]
    expected = [
        [min(max((v / 8 / peak**gain - floor) / (1 - floor), 0.0), 1.0) for v in row]
        for row, peak in zip(amplitude, peaks, strict=True)
    ]
    np.testing.assert_allclose(control_gain(amplitude, parameters), expected, rtol=1e-12)


# --- channels -----------------------------------------------------------------------------------------------


def test_channels_lie_on_their_scales() -> None:
    parameters = CochleagramParameters(n_channels=3, f_min="200 Hz", f_max="3 kHz")
    erb = gammatone_frequencies(parameters)
    assert (erb[0], erb[-1]) == (pytest.approx(200), pytest.approx(3000))
    # Evenly spaced where ERB-number is 21.4 log10(1 + 0.00437 f) (Glasberg & Moore 1990).
    number = np.log10(1 + 4.37e-3 * erb)
    assert number[1] == pytest.approx((number[0] + number[2]) / 2)
    mel = librosa.hz_to_mel([200, *mel_frequencies(parameters), 3000])
    np.testing.assert_allclose(np.diff(mel), np.diff(mel).mean())
    assert len(mel) == 5


def test_a_tone_at_its_channel_has_gain_one() -> None:
    bank = _gammatone_bank(8000, 4, 200.0, 3000.0)
    settings = CochleagramParameters(n_channels=4, f_min="200 Hz", f_max="3 kHz")
    for response, frequency in zip(bank, gammatone_frequencies(settings), strict=True):
        time = np.arange(len(response)) / 8000
        assert abs(response @ np.exp(-2j * math.pi * frequency * time)) == pytest.approx(1)
    n_fft, length = 1024, 256
    mel = _mel_bank(8000, length, n_fft, 4, 200.0, 3000.0)
    for weights, frequency in zip(mel, mel_frequencies(settings), strict=True):
        tone = np.cos(2 * math.pi * frequency * np.arange(length) / 8000) * np.hanning(length + 1)[:-1]
        power = np.abs(np.fft.rfft(tone, n_fft)) ** 2
        assert weights @ power == pytest.approx(1, rel=0.02)  # a real tone has a mirror image


def test_a_sound_is_trimmed_by_its_own_setting() -> None:
    sound = np.concatenate([np.full(4000, 1e-2), np.ones(4000)]) * np.resize([1.0, -1.0], 8000)
    kept = [trimmed_sound(sound, 8000, CochleagramParameters(trim=trim)).size for trim in (30, 60)]
    assert kept[0] < 4400
    assert kept[1] == 8000


# --- rates --------------------------------------------------------------------------------------------------


def test_rates_between_limits() -> None:
    np.testing.assert_allclose(rates([[0.0, 0.25], [0.5, 1.0]], "4 Hz", "0.1 kHz"), [[4, 28], [52, 100]])
    np.testing.assert_allclose(rates([0.3, 0.9], 7, 7), 7.0)


def test_patterns_are_equalised_each_for_itself() -> None:
    activity = np.array([[0.1, 0.3, 0.2, 0.2], [0.0, 1.0, 0.0, 0.6], [0.0] * 4, [0.9, 0.1, 0.1, 0.1]])
    expected = [[0.2, 0.6, 0.4, 0.4], [0.0, 1.0, 0.0, 0.6], [0.0] * 4, [1.0, 0.4 / 3, 0.4 / 3, 0.4 / 3]]
    np.testing.assert_allclose(equalise(activity, 0.4), expected)


@pytest.mark.parametrize(
    ("activity", "mean", "message"),
    [
        ([[0.5]], 0.0, r"mean = 0.0: must lie in \(0, 1\)"),
        ([[0.5]], 1.0, r"mean = 1.0"),
        ([0.5], 0.5, r"activity of shape \(1,\)"),
        ([[1.1]], 0.5, r"values in \[0, 1\]"),
        ([[-0.1]], 0.5, r"values in \[0, 1\]"),
    ],
)
def test_wrong_patterns_are_refused(activity: list, mean: float, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        equalise(activity, mean)
