"""Front ends: shapes, ranges, where a tone lands, gain control, trimming; firing rates."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spikingsampling.errors import ParameterError, UnknownNameError
from spikingsampling.plotting.encoding import plot_front_ends
from spikingsampling.simulation.encoding import (
    FRONT_ENDS,
    CochleagramParameters,
    centre_frequencies,
    cochleagram,
    gammatone_cochleagram,
    mel_cochleagram,
    rates,
    trim_silence,
)

RATE = 8000


def tone(frequency: float, duration: float = 0.4) -> np.ndarray:
    return np.sin(2 * np.pi * frequency * np.arange(round(duration * RATE)) / RATE)


def chirp(duration: float = 0.5) -> np.ndarray:
    time = np.arange(round(duration * RATE)) / RATE
    return np.sin(2 * np.pi * (200 * time + 0.5 * (3000 - 200) / duration * time**2))


@pytest.mark.parametrize("front_end", FRONT_ENDS)
@pytest.mark.parametrize("n_channels", [20, 77])
@pytest.mark.parametrize("part", [0.2, 0.5, 0.8])
def test_tone_peaks_at_its_channel(front_end, n_channels, part):
    parameters = CochleagramParameters(n_channels=n_channels)
    channel = int(part * n_channels)
    frequency = centre_frequencies(front_end, parameters)[channel]
    activity = cochleagram(front_end, tone(frequency), RATE, parameters)
    # The first and last frames also see the onset and the end of the tone.
    assert set(activity[2:-2].argmax(axis=1)) == {channel}


@pytest.mark.parametrize("front_end", FRONT_ENDS)
def test_tones_of_equal_amplitude_excite_their_channels_equally(front_end):
    # Unit gain at the centre of every channel; the tone of the other channel adds a little by its tails.
    parameters = CochleagramParameters(gain_control=0, compression=1, dynamic_range=100)
    frequencies = centre_frequencies(front_end, parameters)[[20, 60]]
    pair = tone(frequencies[0]) + tone(frequencies[1])
    activity = cochleagram(front_end, pair, RATE, parameters)[4:-4].mean(axis=0)
    assert activity[20] == pytest.approx(activity[60], rel=0.15)


@pytest.mark.parametrize("front_end", FRONT_ENDS)
def test_chirp_rises_through_the_channels(front_end):
    ridge = cochleagram(front_end, chirp(), RATE, n_frames=8).argmax(axis=1)
    assert np.all(np.diff(ridge) > 0)


@pytest.mark.parametrize("front_end", FRONT_ENDS)
def test_shapes_and_range(front_end):
    sound = chirp(0.51)
    static = cochleagram(front_end, sound, RATE, n_frames=8)
    streamed = cochleagram(front_end, sound, RATE, frame_period="25 ms", trim=200)
    assert static.shape == (8, 77)
    assert streamed.shape == (21, 77)  # 510 ms in frames of 25 ms, the last one shorter
    for activity in (static, streamed):
        assert np.isfinite(activity).all()
        assert activity.min() == 0
        assert 0.5 < activity.max() <= 1


@pytest.mark.parametrize("front_end", FRONT_ENDS)
@pytest.mark.parametrize("gain", [1e-3, 30.0])
def test_independent_of_the_amplitude(front_end, gain):
    sound = chirp()
    reference = cochleagram(front_end, sound, RATE, n_frames=8)
    np.testing.assert_allclose(cochleagram(front_end, gain * sound, RATE, n_frames=8), reference, atol=1e-6)


@pytest.mark.parametrize("front_end", FRONT_ENDS)
def test_gain_control_lifts_quiet_frames(front_end):
    # The second half is 20 dB weaker; reference peak^(1-g) frame^g: relative level of its peak r^(c (1-g)).
    parameters = CochleagramParameters(compression=0.5, dynamic_range=60)
    sound = tone(800, 0.8)
    sound[sound.size // 2 :] *= 0.1
    floor = 10 ** (-60 / 20 * 0.5)
    for gain_control in (0.0, 0.5, 1.0):
        peaks = cochleagram(front_end, sound, RATE, parameters, gain_control=gain_control, n_frames=8).max(
            axis=1
        )
        expected = (0.1 ** (0.5 * (1 - gain_control)) - floor) / (1 - floor)
        # Frame 6 lies inside the weak half, frame 2 inside the loud one.
        assert peaks[6] / peaks[2] == pytest.approx(expected, rel=0.03)


@pytest.mark.parametrize("front_end", FRONT_ENDS)
def test_surrounding_silence_does_not_shift_the_pattern(front_end):
    sound = chirp()
    padded = np.concatenate([np.zeros(2000), sound, np.zeros(3000)])
    bare = cochleagram(front_end, sound, RATE, n_frames=8)
    assert np.abs(cochleagram(front_end, padded, RATE, n_frames=8) - bare).mean() < 0.03
    assert np.abs(cochleagram(front_end, padded, RATE, n_frames=8, trim=200) - bare).mean() > 0.1


def test_trim_keeps_the_word():
    sound = np.concatenate([1e-3 * tone(500, 0.3), tone(500, 0.2), 1e-3 * tone(500, 0.1)])
    kept = trim_silence(sound, RATE, 30.0)
    assert 0.2 * RATE <= kept.size <= 0.26 * RATE
    assert trim_silence(sound, RATE, 100.0).size == sound.size


@pytest.mark.parametrize("front_end", FRONT_ENDS)
def test_very_short_sound(front_end):
    activity = cochleagram(front_end, tone(1000, 0.005), RATE, n_frames=8)
    assert activity.shape == (8, 77)
    assert np.isfinite(activity).all()


@pytest.mark.parametrize(
    ("waveform", "message"),
    [
        ([], "at least one sample"),
        (np.zeros((2, 100)), "one channel"),
        (np.zeros(100), "silent"),
        ([0.1, np.nan], "NaN"),
    ],
)
@pytest.mark.parametrize("front_end", [mel_cochleagram, gammatone_cochleagram])
def test_wrong_sounds_are_refused(front_end, waveform, message):
    with pytest.raises(ParameterError, match=message):
        front_end(waveform, RATE)


def test_wrong_settings_are_refused():
    with pytest.raises(ParameterError, match="at least twice f_max = 3900 Hz"):
        mel_cochleagram(tone(500), 7000)
    with pytest.raises(ParameterError, match=r"n_channels.*at least 1"):
        mel_cochleagram(tone(500), RATE, n_channels=0)
    with pytest.raises(ParameterError, match=r"n_frames.*at least 1"):
        mel_cochleagram(tone(500), RATE, n_frames=0)
    with pytest.raises(ParameterError, match="f_min = 3000"):
        CochleagramParameters(f_min="3 kHz", f_max="2 kHz")
    with pytest.raises(ParameterError, match=r"did you mean 'n_frames'"):
        mel_cochleagram(tone(500), RATE, n_frame=8)
    with pytest.raises(UnknownNameError, match="did you mean 'mel'"):
        cochleagram("mell", tone(500), RATE)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
@settings(max_examples=50, deadline=None)
def test_rates_are_linear_in_activity(values):
    activity = np.array(values)
    np.testing.assert_allclose(rates(activity, "2 Hz", "0.05 kHz"), 2 + 48 * activity)


def test_rates_limits_and_errors():
    assert rates(np.zeros((2, 3))).tolist() == [[1.0] * 3] * 2
    assert rates(1.0) == 50.0
    for arguments, message in [
        (([1.1],), r"\[1.1, 1.1\]"),
        (([np.nan],), r"must be in \[0, 1\]"),
        (([0.5], "1 ms"), "low = '1 ms'"),
        (([0.5], "-1 Hz"), "0 Hz <= low <= high"),
        (([0.5], "60 Hz", "50 Hz"), "0 Hz <= low <= high"),
    ]:
        with pytest.raises(ParameterError, match=message):
            rates(*arguments)


def test_figure_shows_both_front_ends(tmp_path):
    figure = plot_front_ends(chirp(), RATE, title="chirp")
    titles = [axes.get_title() for axes in figure.axes]
    assert [title for title in titles if "streamed" in title] == ["mel, streamed", "gammatone, streamed"]
    assert [title for title in titles if "static" in title] == [
        "mel, static, 8 frames",
        "gammatone, static, 8 frames",
    ]
    figure.savefig(tmp_path / "front_ends.png")
    assert (tmp_path / "front_ends.png").stat().st_size > 10_000


@pytest.mark.parametrize("front_end", ["mel", "gammatone"])
def test_sound_and_sample_rate_may_be_integers(front_end: str) -> None:
    """Samples as in a wav file, the rate in 16 bits: its quotients would be in single precision."""
    sound = np.round(1000 * chirp()).astype(np.int16)
    found = cochleagram(front_end, sound, np.int16(RATE))
    np.testing.assert_array_equal(found, cochleagram(front_end, sound.astype(float), RATE))
