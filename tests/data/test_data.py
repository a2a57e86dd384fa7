"""Embedded data: splits, determinism, selection, wrong names, and that words and images can be told apart."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from spikingsampling.data import ImageSet, SpeechSet, load_images, load_speech, synthetic_speech
from spikingsampling.data.phonemes import PHONEMES
from spikingsampling.data.synthesis import SAMPLE_RATE, Speaker, synthesise
from spikingsampling.errors import DataError, ParameterError, UnknownNameError
from spikingsampling.simulation.encoding import mel_cochleagram


def nearest_mean_accuracy(
    train: np.ndarray, labels: np.ndarray, test: np.ndarray, truth: np.ndarray
) -> float:
    classes = np.unique(labels)
    means = np.array([train[labels == c].mean(axis=0) for c in classes])
    distance = ((test[:, np.newaxis] - means) ** 2).sum(axis=2)
    return float(np.mean(classes[distance.argmin(axis=1)] == truth))


def test_embedded_images_look_like_mnist():
    images = load_images("embedded", "train", range(10))
    assert images.images.shape == (len(images), 28, 28)
    assert images.images.dtype == np.float32
    assert (images.images.min(), images.images.max()) == (0.0, 1.0)
    border = images.images.copy()
    border[:, 4:24, 4:24] = 0
    assert not border.any()
    # The enlarged image averaged over the box keeps the mean grey value up to clipped overshoot.
    from sklearn.datasets import load_digits

    original = load_digits().images.mean() / 16
    assert images.images[:, 4:24, 4:24].mean() == pytest.approx(original, rel=0.05)


def test_embedded_images_split():
    train, test = (load_images("embedded", split, range(10)) for split in ("train", "test"))
    assert len(train) + len(test) == 1797
    shares = np.bincount(test.labels) / (np.bincount(test.labels) + np.bincount(train.labels))
    np.testing.assert_allclose(shares, 0.25, atol=0.005)
    assert not {image.tobytes() for image in train.images} & {image.tobytes() for image in test.images}
    flat = [images.images.reshape(len(images), -1) for images in (train, test)]
    assert nearest_mean_accuracy(flat[0], train.labels, flat[1], test.labels) > 0.8


def test_selected_digits_are_those_of_the_whole_set():
    some, every = load_images("embedded", "test", [2, 1]), load_images("embedded", "test", range(10))
    assert set(some.labels) == {1, 2}
    np.testing.assert_array_equal(some.images, every.images[np.isin(every.labels, [1, 2])])


def test_synthetic_speech_split():
    train, test = (load_speech("embedded", split, [1, 2]) for split in ("train", "test"))
    assert "synthetic" in train.name
    assert train.sample_rate == 8000
    items = [
        set(zip(s.labels.tolist(), s.speakers.tolist(), s.takes.tolist(), strict=True)) for s in (train, test)
    ]
    assert not items[0] & items[1]
    assert len(items[0]) == len(train)
    held_out = set(synthetic_speech.HELD_OUT_SPEAKERS)
    assert len(held_out) >= 2
    assert held_out <= set(test.speakers.tolist())
    assert not held_out & set(train.speakers.tolist())
    assert len(set(train.speakers.tolist())) >= 6
    known = ~np.isin(test.speakers, list(held_out))
    assert set(test.takes[known]) == {0, 1, 2}
    assert not {w.tobytes() for w in train.waveforms} & {w.tobytes() for w in test.waveforms}


def test_synthetic_speech_is_deterministic_and_does_not_depend_on_the_request():
    first = load_speech("embedded", "train", [3], ["synth02"])
    synthetic_speech._utterance.cache_clear()
    again = load_speech("embedded", "train", [7, 3], ["synth05", "synth02"]).select([3], ["synth02"])
    assert len(first) == len(again) == 9
    for one, other in zip(first.waveforms, again.waveforms, strict=True):
        np.testing.assert_array_equal(one, other)


def test_synthetic_words_are_told_apart_across_speakers():
    train = load_speech("embedded", "train", range(10), ["synth01", "synth04", "synth06"])
    test = load_speech("embedded", "test", range(10), ["synth09", "synth10"])
    patterns = [
        np.array([mel_cochleagram(w, s.sample_rate, n_frames=8).ravel() for w in s.waveforms])
        for s in (train, test)
    ]
    # Chance is 0.1; new speakers only.
    assert nearest_mean_accuracy(patterns[0], train.labels, patterns[1], test.labels) > 0.8


def test_waveforms_are_sane():
    speech = load_speech("embedded", "test", [6, 8], ["synth01", "synth10"])
    for waveform in speech.waveforms:
        assert waveform.dtype == np.float32
        assert np.isfinite(waveform).all()
        assert 0.09 < np.abs(waveform).max() < 0.81
        assert 0.2 < waveform.size / SAMPLE_RATE < 1.0


@pytest.mark.parametrize("pitch", [110.0, 210.0])
def test_pitch_of_a_voice(pitch):
    # "four" is voiced for most of its length; the median over utterances is within the spread of 6 %.
    found = []
    for seed in range(9):
        sound = synthesise(4, Speaker(pitch, 16.0, 1.0, 0.02), np.random.default_rng(seed))
        middle = sound[sound.size // 2 - 600 : sound.size // 2 + 600]
        correlation = signal.correlate(middle, middle)[middle.size - 1 :]
        lags = slice(int(SAMPLE_RATE / 350), int(SAMPLE_RATE / 70))
        found.append(SAMPLE_RATE / (lags.start + correlation[lags].argmax()))
    assert np.median(found) == pytest.approx(pitch, rel=0.08)


@pytest.mark.parametrize("tract_length", [17.5, 15.0])
def test_formants_scale_with_the_tract(tract_length):
    # The end of "two" is a steady vowel; breathed, its spectrum is that of the tract, without harmonics.
    target = PHONEMES["UW"].formants[0] * 17.5 / tract_length
    spectra = []
    for seed in range(20):
        sound = synthesise(2, Speaker(100, tract_length, 1.0, 30.0), np.random.default_rng(seed))
        frequency, power = signal.welch(sound[-2000:-600], SAMPLE_RATE, nperseg=512)
        spectra.append(power / power.sum())
    low = np.flatnonzero((frequency > 100) & (frequency < 650))
    peak = frequency[low[np.mean(spectra, axis=0)[low].argmax()]]
    # Bins are 16 Hz apart, and the mean over utterances of a spread of 2.5 % is known to 0.6 %.
    assert peak == pytest.approx(target, abs=16 + 3 * 0.006 * target)


def test_wrong_names_and_digits():
    with pytest.raises(UnknownNameError, match="did you mean 'embedded'"):
        load_images("embeded", "train", [1])
    with pytest.raises(UnknownNameError, match="did you mean 'train'"):
        load_images("embedded", "training", [1])
    with pytest.raises(UnknownNameError, match="did you mean 'synth05'"):
        load_speech("embedded", "train", [1], ["synth_05"])
    with pytest.raises(DataError, match="'synth10' is held out"):
        load_speech("embedded", "train", [1], ["synth10"])
    with pytest.raises(ParameterError, match="at least one of synth01"):
        load_speech("embedded", "train", [1], [])
    for digits in ([], [1, 1], [10], [-1], [1.5], ["1"], 3):
        with pytest.raises(ParameterError, match="distinct whole numbers from 0 to 9"):
            load_speech("embedded", "train", digits)


def test_sets_check_their_shapes_and_are_read_only():
    with pytest.raises(DataError, match=r"\(n, height, width\)"):
        ImageSet(np.zeros((3, 28, 28)), np.zeros(2), "x")
    with pytest.raises(DataError, match=r"in \[0, 1\]"):
        ImageSet(np.full((1, 28, 28), 255.0), np.zeros(1), "x")
    with pytest.raises(DataError, match="2 waveforms do not fit speakers"):
        SpeechSet((np.ones(3), np.ones(4)), 8000, np.zeros(2), np.array(["a"]), np.zeros(2), "x")
    images = load_images("embedded", "test", [1])
    with pytest.raises(ValueError, match="read-only"):
        images.images[0, 0, 0] = 1


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        *((values, "must hold integers") for values in ([1.7], [np.nan], [np.inf], [1e30])),
        ([2**63], "must fit into 64 bits"),
        *((values, "must hold real numbers") for values in (["1"], [True])),
    ],
)
def test_a_label_is_never_changed(labels, message):
    with pytest.raises(DataError, match=rf"x: labels holds .*{message}"):
        ImageSet(np.zeros((1, 28, 28)), np.array(labels), "x")
    with pytest.raises(DataError, match=rf"x: takes holds .*{message}"):
        SpeechSet((np.ones(3),), 8000, np.zeros(1), np.array(["a"]), np.array(labels), "x")
    assert ImageSet(np.zeros((1, 28, 28)), np.array([7.0]), "x").labels.tolist() == [7]
