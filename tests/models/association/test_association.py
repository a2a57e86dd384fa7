"""The association model: which synapses it has, what it is shown, and what is measured of it."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.small_tasks import SOURCES, make_task
from spikingsampling.models.association.measures import feedforward_weights, imagine, readout_metrics
from spikingsampling.models.association.network import (
    AUDITORY,
    MODALITIES,
    VISUAL,
    AssociationParameters,
    LateralBlocks,
    association_network,
    lateral_mask,
)
from spikingsampling.models.association.task import AssociationTask, RecallTest, run_test
from spikingsampling.simulation.response import Response
from spikingsampling.simulation.stimuli import SILENCE

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


# Tests and measures


@pytest.fixture(scope="module")
def task() -> AssociationTask:
    return make_task()


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
        assert found[name].value == right
        assert found[name].n == 60
    # Held-out sounds: four; held-out images: five.
    assert found["audio_to_visual.accuracy"].n_stimuli == 4
    assert found["visual_to_audio.accuracy"].n_stimuli == 5


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
