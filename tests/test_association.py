"""The association model: which synapses it has, what it is shown, and what is measured of it."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from small_networks import chance
from spikingsampling.data import ImageSet, SpeechSet
from spikingsampling.models.association import (
    AUDITORY,
    MODALITIES,
    VISUAL,
    AssociationParameters,
    LateralBlocks,
    association_network,
    lateral_mask,
)
from spikingsampling.models.association_measures import feedforward_weights, imagine, readout_metrics
from spikingsampling.models.association_task import AssociationTask, RecallTest, Stimulation, run_test

from spikingsampling.encoding import equalise, mel_cochleagram
from spikingsampling.errors import DataError, ParameterError
from spikingsampling.response import Response
from spikingsampling.stimuli import SILENCE

SOURCES = ("visual_input", "auditory_input")
SPLITS = ("train", "test")
RATE = 8000

blocks = st.builds(LateralBlocks, **{name: st.booleans() for name in LateralBlocks.model_fields})


# The network


@given(blocks, st.integers(1, 4), st.integers(2, 4))
def test_every_lateral_block_has_the_synapses_it_names(
    chosen: LateralBlocks, n_circuits: int, size: int
) -> None:
    parameters = AssociationParameters(n_circuits=n_circuits, circuit_size=size, blocks=chosen)
    n = n_circuits * size
    inside, everywhere = n_circuits * size * size, n * n
    within = chosen.within_circuit * (inside - n) + chosen.across_circuits * (everywhere - inside)
    between = chosen.matching_circuit * inside + chosen.other_circuits * (everywhere - inside)
    assert lateral_mask(parameters, VISUAL, VISUAL).sum() == within
    assert lateral_mask(parameters, VISUAL, AUDITORY).sum() == between
    network = association_network(parameters, 5, 3)
    assert network.n_synapses == 5 * n + 3 * n + 2 * within + 2 * between
    lateral = {p.name for p in network.projections} - {f"{m}_input_to_{m}" for m in MODALITIES}
    expected = {f"{m}_to_{m}" for m in MODALITIES if within} | {
        name for name in ("visual_to_auditory", "auditory_to_visual") if between
    }
    assert lateral == expected


def test_blocks_are_told_apart_by_circuit() -> None:
    parameters = AssociationParameters(n_circuits=2, circuit_size=2)
    one_block = {
        "within_circuit": (VISUAL, VISUAL, [[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]]),
        "across_circuits": (AUDITORY, AUDITORY, [[0, 0, 1, 1], [0, 0, 1, 1], [1, 1, 0, 0], [1, 1, 0, 0]]),
        "matching_circuit": (AUDITORY, VISUAL, [[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 1], [0, 0, 1, 1]]),
        "other_circuits": (VISUAL, AUDITORY, [[0, 0, 1, 1], [0, 0, 1, 1], [1, 1, 0, 0], [1, 1, 0, 0]]),
    }
    for name, (pre, post, expected) in one_block.items():
        alone = LateralBlocks(**{block: block == name for block in LateralBlocks.model_fields})
        mask = lateral_mask(parameters.replace(blocks=alone), pre, post)
        np.testing.assert_array_equal(mask, np.array(expected, dtype=bool), err_msg=name)


def test_the_default_network_is_that_of_the_paper() -> None:
    network = association_network(AssociationParameters(), 784, 616)
    assert [(p.name, p.size) for p in network.populations] == [("visual", 40), ("auditory", 40)]
    assert network.n_circuits == 8
    # Feed-forward all to all; lateral between the modalities only.
    assert network.n_synapses == 784 * 40 + 616 * 40 + 2 * 40 * 40
    for name in MODALITIES:
        projection = network.projection(f"{name}_input_to_{name}")
        assert (projection.pre, projection.post) == (f"{name}_input", name)


# The task


def image_set(per_digit: dict[int, int], first: float) -> ImageSet:
    """Images that can be told apart by their first pixel."""
    labels = np.repeat(list(per_digit), list(per_digit.values()))
    images = np.zeros((len(labels), 28, 28))
    images[:, 10:14, 10:14] = 0.9
    images[:, 0, 0] = first + np.arange(len(labels)) / 1000
    return ImageSet(images, labels, "test images")


def speech_set(per_digit: dict[int, int], seed: int) -> SpeechSet:
    """Noisy tones, one frequency per digit."""
    labels = np.repeat(list(per_digit), list(per_digit.values()))
    rng, t = np.random.default_rng(seed), np.arange(1600) / RATE
    waves = [
        0.5 * np.sin(2 * np.pi * 300 * (1 + label) * t) + 0.05 * rng.standard_normal(t.size)
        for label in labels
    ]
    n = len(labels)
    return SpeechSet(tuple(waves), RATE, labels, np.full(n, "anna"), np.arange(n), "test speech")


IMAGES = {"train": image_set({1: 4, 2: 3}, 0.1), "test": image_set({1: 2, 2: 3}, 0.5)}
SPEECH = {"train": speech_set({1: 3, 2: 5}, 1), "test": speech_set({1: 2, 2: 2}, 2)}


def make_task(**settings: object) -> AssociationTask:
    plain = {"image_rate": "100 Hz", "sound_rate": "100 Hz", "sound_activity": 0}
    return AssociationTask.make((1, 2), IMAGES, SPEECH, Stimulation(**{**plain, **settings}))


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
    assert (stimuli.frames_per_presentation, stimuli.frame_period) == (frames, 0.2 / frames)
    assert stimuli.presentation_period == pytest.approx(0.2)
    pattern = mel_cochleagram(SPEECH["train"].waveforms[4], RATE, Stimulation().cochleagram, n_frames=8)
    np.testing.assert_allclose(library.rates[4].reshape(8, 77), 1 + 99 * pattern)
    rates, digits = task.rates("auditory_input", "test")
    assert rates.shape == (4, 616)
    np.testing.assert_array_equal(digits, SPEECH["test"].labels)
    np.testing.assert_array_equal(rates[0], library.rates[8].ravel())


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


# Tests and measures


class Recorder:
    """A simulation that only notes what it is asked to present."""

    def __init__(self) -> None:
        self.calls: list[SimpleNamespace] = []

    def present(
        self, items: dict, *, learning: str, labels: np.ndarray, name: str, snapshot: bool = False
    ) -> Response:
        self.calls.append(
            SimpleNamespace(items=items, learning=learning, labels=labels, name=name, snapshot=snapshot)
        )
        return Response(labels, items, 0.0, 0.2, {}, {})


def test_a_test_settles_and_measures_without_learning(task: AssociationTask) -> None:
    recorder = Recorder()
    phase = RecallTest(settle="4 s", measure="10 s")
    responses = run_test(task, recorder, phase, np.random.default_rng(0))
    assert [(c.name, len(c.labels)) for c in recorder.calls] == [
        ("test training", 50),
        ("test joint", 50),
        ("settle auditory", 20),
        ("test auditory", 50),
        ("settle visual", 20),
        ("test visual", 50),
    ]
    assert {c.learning for c in recorder.calls} == {"off"}
    for name, response in responses.items():
        for source in SOURCES:
            items = response.items[source]
            if name in MODALITIES and source != f"{name}_input":
                assert np.all(items == SILENCE)
            else:
                held_out = items >= task.n_train[source]
                assert not held_out.any() if name == "training" else held_out.all()


def test_without_settling_nothing_is_presented_for_it(task: AssociationTask) -> None:
    recorder = Recorder()
    run_test(task, recorder, RecallTest(settle="0 s", measure="2 s"), np.random.default_rng(0))
    assert [c.name for c in recorder.calls] == ["test training", "test joint", "test auditory", "test visual"]


def test_training_learns_by_sampling_from_training_pairs(task: AssociationTask) -> None:
    recorder = Recorder()
    task.run(recorder, 30.0, "train", np.random.default_rng(0), learning="sampling", name="train")
    (call,) = recorder.calls
    assert (len(call.labels), call.learning, call.name) == (150, "sampling", "train")
    assert all(np.all(call.items[source] < task.n_train[source]) for source in SOURCES)


def response_of(
    task: AssociationTask, codes: dict[str, dict[int, int]], split: str, sources: tuple
) -> Response:
    """A neuron of each population fires three times in a presentation: that of the digit in ``codes``."""
    items, digits = task.draw(60, split, np.random.default_rng(7), sources)
    onset = np.repeat(np.arange(60) * 0.2, 4)
    # The first of four spikes falls into the part that is skipped, on the neuron of the other digit.
    since = np.tile([0.01, 0.05, 0.1, 0.15], 60)
    first = np.tile([True, False, False, False], 60)
    spikes = {}
    for population, code in codes.items():
        right = np.repeat([code[d] for d in digits], 4)
        spikes[population] = (5.0 + onset + since, np.where(first, 1 - right, right))
    return Response(digits, items, 5.0, 0.2, spikes, {VISUAL: 2, AUDITORY: 2})


def test_readouts_are_fitted_to_training_and_tested_on_each_modality(task: AssociationTask) -> None:
    same, swapped = {1: 0, 2: 1}, {1: 1, 2: 0}
    shown = {"joint": SOURCES, "auditory": SOURCES[1:], "visual": SOURCES[:1]}
    responses = {
        name: response_of(task, {VISUAL: same, AUDITORY: same}, "test", sources)
        for name, sources in shown.items()
    }
    responses["training"] = response_of(task, {VISUAL: same, AUDITORY: swapped}, "train", SOURCES)
    found = readout_metrics(responses, 0.04)
    # Visual neurons answer alike in training and in test, auditory ones the other way round.
    for name, right in {
        "joint.visual_accuracy": 1.0,
        "audio_to_visual.accuracy": 1.0,
        "visual.own_accuracy": 1.0,
        "joint.auditory_accuracy": 0.0,
        "visual_to_audio.accuracy": 0.0,
        "auditory.own_accuracy": 0.0,
    }.items():
        assert found[name] == right
        assert found[f"{name}_n"] == 60
        low, high = found[f"{name}_interval"]
        assert low <= right <= high
    # Held-out sounds: four; held-out images: five.
    assert found["audio_to_visual.accuracy_n_stimuli"] == 4
    assert found["visual_to_audio.accuracy_n_stimuli"] == 5


@pytest.mark.parametrize("sound", ["static", "streamed"])
def test_neurons_whose_weights_are_the_class_means_imagine_them(sound: str) -> None:
    task = make_task(sound=sound, image_activity=0)
    n_visual, n_auditory = (task.stimuli.libraries[source].rates.shape[2] for source in SOURCES)
    parameters = AssociationParameters(n_circuits=1, circuit_size=2)
    network = association_network(parameters, n_visual, n_auditory)
    p = network.parameters
    code = {1: 0, 2: 1}
    theta = {}
    for name in MODALITIES:
        rates, digits = task.rates(f"{name}_input", "train")
        means = np.array([rates[digits == digit].mean(axis=0) for digit in (1, 2)])
        means = means.reshape(2, -1, network.source(f"{name}_input").size).mean(axis=1)
        x = 0.2 + 0.005 * means  # the PSPs that a learnt neuron expects, α e^w
        weights = np.log(x / p.alpha).T  # (n_inputs, 2)
        projection = network.projection(f"{name}_input_to_{name}")
        theta[projection.name] = p.theta_0 + np.log(weights[projection.pre_index, projection.post_index])
    np.testing.assert_allclose(
        feedforward_weights(network, theta, VISUAL)[:, 0],
        np.exp(theta["visual_input_to_visual"][:784] - 3),
    )
    for name, shown in (("audio_to_visual", AUDITORY), ("visual_to_audio", VISUAL)):
        response = response_of(task, {VISUAL: code, AUDITORY: code}, "test", (f"{shown}_input",))
        imagined = imagine(name, task, network, theta, response, 0.04)
        np.testing.assert_allclose(imagined.judged.right, 1)
        found = imagined.metrics(name)
        assert found[f"{name}.reconstruction_correlation"] == pytest.approx(1)
        assert found[f"{name}.reconstruction_correlation_wrong"] < 1
        assert found[f"{name}.reconstruction_accuracy"] == 1
        np.testing.assert_array_equal(imagined.heard, response.items[f"{shown}_input"])
        # Spikes of the other digit, counted when nothing is skipped, blur the picture.
        assert imagine(name, task, network, theta, response, 0.0).judged.right.max() < 1 - 1e-9


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
