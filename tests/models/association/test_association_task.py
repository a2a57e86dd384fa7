"""The task of the association experiment: items, rates, and patterns scaled to one mean activity."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from helpers.small.networks import chance
from helpers.small.tasks import IMAGES, RATE, SOURCES, SPEECH, SPLITS, image_set, make_task, speech_set
from spikingsampling.errors import DataError, ParameterError
from spikingsampling.models.association import (
    AssociationParameters,
    AssociationTask,
    Stimulation,
    association_network,
)
from spikingsampling.protocols.studies.association.configuration import AssociationConfiguration
from spikingsampling.simulation.encoding import (
    EdgeParameters,
    edge_maps,
    equalise,
    mel_cochleagram,
    spectral_edges,
    upright,
)
from spikingsampling.simulation.stimuli import SILENCE


@pytest.fixture(scope="module")
def task() -> AssociationTask:
    return make_task()


def test_items_of_the_splits_are_disjoint_and_have_the_right_digit(task: AssociationTask) -> None:
    numbers = {"visual_input": {(1, "train"): 4, (2, "train"): 3, (1, "test"): 2, (2, "test"): 3}}
    numbers["auditory_input"] = {(1, "train"): 3, (2, "train"): 5, (1, "test"): 2, (2, "test"): 2}
    for source in SOURCES:
        library = task.stimuli.libraries[source]
        every = [task.items(source, split, digit) for split in SPLITS for digit in (1, 2)]
        np.testing.assert_array_equal(np.sort(np.concatenate(every)), np.arange(len(library)))
        for (digit, split), n in numbers[source].items():
            items = task.items(source, split, digit)
            assert len(items) == n
            assert np.all(library.labels[items] == digit)


def test_training_items_come_from_the_training_set() -> None:
    """The first pixel of an image is its mark: below 0.5 for training images, in the order of the set."""
    task = make_task(image_activity=0.01)
    marks = task.stimuli.libraries["visual_input"].rates[:, 0, 0]
    body = task.stimuli.libraries["visual_input"].rates[:, 0, 10 * 28 + 10]
    expected = np.concatenate([IMAGES[s].images[:, 0, 0] for s in SPLITS])
    # Equalising scales a whole image, and 1 Hz is the rate of a black pixel.
    np.testing.assert_allclose((marks - 1) / (body - 1), expected / np.float32(0.9), rtol=1e-6)


def test_both_sources_show_the_same_digit_and_only_items_of_the_split(task: AssociationTask) -> None:
    for split in SPLITS:
        items, digits = task.draw(500, split, np.random.default_rng(1))
        for source in SOURCES:
            np.testing.assert_array_equal(task.stimuli.libraries[source].labels[items[source]], digits)
            trained = items[source] < task.n_train[source]
            assert np.all(trained) if split == "train" else not np.any(trained)
        # Image and sound of a digit are paired anew each time: all pairs of its items occur.
        pairs = set(zip(*(items[source][digits == 2].tolist() for source in SOURCES), strict=True))
        n = [len(task.items(source, split, 2)) for source in SOURCES]
        assert len(pairs) == n[0] * n[1]


def test_digits_and_items_are_drawn_uniformly(task: AssociationTask) -> None:
    n = 6000
    items, digits = task.draw(n, "train", np.random.default_rng(2))
    assert abs(np.mean(digits == 1) - 0.5) < chance() * np.sqrt(0.25 / n)
    shares = np.bincount(items["auditory_input"][digits == 2], minlength=8)[3:] / np.sum(digits == 2)
    assert np.all(np.abs(shares - 0.2) < chance(5) * np.sqrt(0.16 / np.sum(digits == 2)))


def test_a_source_left_out_is_silent(task: AssociationTask) -> None:
    items, digits = task.draw(50, "test", np.random.default_rng(3), ["auditory_input"])
    assert np.all(items["visual_input"] == SILENCE)
    np.testing.assert_array_equal(
        task.stimuli.libraries["auditory_input"].labels[items["auditory_input"]], digits
    )


def test_draws_are_reproducible(task: AssociationTask) -> None:
    first, again, other = (task.draw(50, "train", np.random.default_rng(seed)) for seed in (4, 4, 5))
    np.testing.assert_array_equal(first[1], again[1])
    for source in SOURCES:
        np.testing.assert_array_equal(first[0][source], again[0][source])
    assert not np.array_equal(first[1], other[1])


def test_rates_reach_from_the_silent_rate_to_the_full_one() -> None:
    task = make_task(image_rate="80 Hz", sound_rate="60 Hz", silent_rate="3 Hz", image_activity=0)
    image, sound = (task.stimuli.libraries[source] for source in SOURCES)
    # Images as they are: black 3 Hz, grey 0.9 → 3 + 0.9·77 Hz.
    np.testing.assert_allclose(image.rates[0, 0, 10 * 28 + 10], 3 + 0.9 * 77, rtol=1e-6)
    assert image.rates.min() == 3
    assert sound.rates.min() == pytest.approx(3)
    assert sound.rates.max() == pytest.approx(60)
    assert (image.silent_rate, sound.silent_rate) == (3, 3)


def test_images_are_scaled_to_one_mean_activity() -> None:
    task = make_task(image_activity=0.015)
    rates, _ = task.rates("visual_input", "train")
    np.testing.assert_allclose((rates.mean(axis=1) - 1) / 99, 0.015)


@pytest.mark.parametrize("sound", ["static", "streamed"])
def test_sounds_are_scaled_to_one_mean_activity_of_all_frames(sound: str) -> None:
    rates, _ = make_task(sound=sound, sound_activity=0.02).rates("auditory_input", "train")
    as_they_are, _ = make_task(sound=sound).rates("auditory_input", "train")
    np.testing.assert_allclose((rates.mean(axis=1) - 1) / 99, 0.02)
    gain = (rates - 1) / np.maximum(as_they_are - 1, 1e-12)
    loud = as_they_are[0] > 2
    np.testing.assert_allclose(gain[0][loud], gain[0][loud][0])  # one gain for the whole sound


@pytest.mark.parametrize("sound", ["static", "streamed"])
def test_sounds_are_shown_at_once_or_frame_by_frame(sound: str) -> None:
    task = make_task(sound=sound)
    library, stimuli = task.stimuli.libraries["auditory_input"], task.stimuli
    frames = 1 if sound == "static" else 8
    assert library.rates.shape == ((12, 1, 616) if sound == "static" else (12, 8, 77))
    assert task.sound_shape == ((8, 77) if sound == "static" else (1, 77))
    assert (stimuli.frames_per_presentation, stimuli.frame_period) == (frames, 0.2 / frames)
    assert stimuli.presentation_period == pytest.approx(0.2)
    pattern = mel_cochleagram(SPEECH["train"].waveforms[4], RATE, Stimulation().cochleagram, n_frames=8)
    np.testing.assert_allclose(library.rates[4].reshape(8, 77), 1 + 99 * pattern)
    rates, digits = task.rates("auditory_input", "test")
    assert rates.shape == (4, 616)
    np.testing.assert_array_equal(digits, SPEECH["test"].labels)
    np.testing.assert_array_equal(rates[0], library.rates[8].ravel())


def test_images_are_edges_of_upright_images_where_asked_for() -> None:
    task = make_task(image_front_end="edges", upright=True, edges={"grid": 4}, image_activity=0.1)
    library = task.stimuli.libraries["visual_input"]
    assert (library.rates.shape, task.image_shape) == ((12, 1, 64), (4, 16))
    assert (task.image_axes, task.orientations) == (("column (patch)", "row (patch)"), 4)
    shown = np.concatenate([IMAGES[split].images for split in SPLITS])
    expected = equalise(edge_maps(upright(shown), EdgeParameters(grid=4)).reshape(12, -1), 0.1)
    np.testing.assert_allclose(library.rates[:, 0], 1 + 99 * expected)
    pixels = make_task(upright=True, image_activity=0)
    rates = pixels.stimuli.libraries["visual_input"].rates[:, 0]
    np.testing.assert_allclose(rates, 1 + 99 * upright(shown).reshape(12, -1))
    assert (pixels.image_shape, pixels.image_axes) == ((28, 28), ("column (pixel)", "row (pixel)"))
    assert pixels.orientations == 0


@pytest.mark.parametrize("sound", ["static", "streamed"])
def test_sounds_are_spectral_edges_where_asked_for(sound: str) -> None:
    task = make_task(sound_inputs="edges", sound=sound, sound_activity=0.05, cochleagram={"n_channels": 20})
    library = task.stimuli.libraries["auditory_input"]
    frames = 8 if sound == "static" else 1
    assert (task.sound_shape, library.rates.shape[2]) == ((frames, 36), 36 * frames)
    assert task.sound_axes == ("time (frame)", "channel (rise, fall)")
    levels = [
        mel_cochleagram(wave, RATE, n_channels=20, n_frames=8)
        for split in SPLITS
        for wave in SPEECH[split].waveforms
    ]
    expected = equalise(spectral_edges(np.array(levels)).reshape(12, -1), 0.05)
    np.testing.assert_allclose(library.rates.reshape(12, -1), 1 + 99 * expected)
    with pytest.raises(
        ParameterError, match=r"n_channels = 2: must be at least 3 with sound_inputs = 'edges'"
    ):
        Stimulation(sound_inputs="edges", cochleagram={"n_channels": 2})


def test_images_per_digit_are_limited() -> None:
    task = make_task(max_images=2)
    assert [len(task.items("visual_input", split, d)) for split in SPLITS for d in (1, 2)] == [2, 2, 2, 2]
    assert len(task.items("auditory_input", "train", 2)) == 5


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ("images", "no test item of digit 2 for visual_input"),
        ("speech", "no train item of digit 1 for auditory_input"),
    ],
)
def test_a_digit_without_items_is_named(broken: str, message: str) -> None:
    images, speech = dict(IMAGES), dict(SPEECH)
    if broken == "images":
        images["test"] = image_set({1: 2}, 0.5)
    else:
        speech["train"] = speech_set({2: 3}, 1)
    with pytest.raises(DataError, match=message):
        AssociationTask.make((1, 2), images, speech, Stimulation())


@pytest.mark.parametrize("sound", ["static", "streamed"])
def test_the_inputs_get_the_rates_of_the_items_frame_by_frame(sound: str) -> None:
    task = make_task(sound=sound)
    libraries = [task.stimuli.libraries[source] for source in SOURCES]
    network = association_network(AssociationParameters(), *(library.rates.shape[2] for library in libraries))
    items = {"visual_input": np.array([3, SILENCE]), "auditory_input": np.array([5, 6])}
    schedule = task.stimuli.schedule(items, SOURCES)
    table = task.stimuli.table(network)
    frames = task.stimuli.frames_per_presentation
    assert schedule.shape == (2 * frames, 2)
    visual, auditory = (network.source_slices[source] for source in SOURCES)
    for presentation, sound_item in enumerate(items["auditory_input"]):
        rows = schedule[presentation * frames : (presentation + 1) * frames]
        np.testing.assert_array_equal(table[rows[:, 1], auditory], libraries[1].rates[sound_item])
        image = libraries[0].rates[3] if presentation == 0 else np.ones((1, 784))
        np.testing.assert_array_equal(table[rows[:, 0], visual], np.repeat(image, frames, axis=0))


# Equalised patterns


@given(
    arrays(float, st.tuples(st.integers(1, 4), st.just(6)), elements=st.just(0.0) | st.floats(1e-6, 1)),
    st.floats(0.01, 0.9),
)
def test_equalised_patterns_have_the_wanted_mean_unless_cut(activity: np.ndarray, mean: float) -> None:
    scaled = equalise(activity, mean)
    assert np.all((scaled >= 0) & (scaled <= 1))
    for before, after in zip(activity, scaled, strict=True):
        if not before.any():
            assert not after.any()
        elif mean / before.mean() * before.max() <= 1:
            np.testing.assert_allclose(after, before * mean / before.mean())
            assert after.mean() == pytest.approx(mean)
        else:
            assert after.mean() < mean
            assert after.max() == 1


@pytest.mark.parametrize(
    ("activity", "mean", "message"),
    [
        ([[0.5]], 0.0, r"mean = 0.0: must lie in \(0, 1\)"),
        ([[0.5]], 1.0, "mean = 1.0"),
        ([[0.5]], float("nan"), "mean = nan"),
        ([0.5], 0.5, r"activity of shape \(1,\)"),
        ([[1.5]], 0.5, "values in"),
        ([[float("nan")]], 0.5, "values in"),
    ],
)
def test_equalise_refuses_what_is_not_activity(activity: list, mean: float, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        equalise(activity, mean)


# Speakers


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"max_speakers": 2}, {"synth01", "synth02"}),
        ({"max_speakers": 1, "speakers": ["synth04", "synth03"]}, {"synth04"}),
        ({"speakers": ["synth04"]}, {"synth04"}),
    ],
)
def test_speakers_are_the_named_ones_or_the_first(settings: dict, expected: set[str]) -> None:
    configuration = AssociationConfiguration(digits=(1, 2), **settings)
    for split in ("train", "test"):
        assert set(configuration.speech(split).speakers) == expected
