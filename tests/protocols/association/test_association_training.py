"""Training of the association network in parts with tests, on responses and arrays made by hand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from helpers.small.tasks import SOURCES, make_task, response_of
from spikingsampling.analysis import Reconstruction
from spikingsampling.errors import ParameterError
from spikingsampling.models.association import (
    AUDITORY,
    VISUAL,
    Annealing,
    AssociationParameters,
    ModalityReconstruction,
    RecallTest,
    Stage,
    association_network,
    readout_accuracies,
    training_stage,
)
from spikingsampling.protocols.studies.association import figures
from spikingsampling.protocols.studies.association import session as sessions
from spikingsampling.protocols.studies.association import training as study
from spikingsampling.protocols.studies.association.session import Session
from spikingsampling.simulation.response import Response


def test_parts_of_the_training_are_whole_grains() -> None:
    assert study.training_parts(20, 3, 2) == [6, 8, 6]
    assert study.training_parts(20, 1, 2) == [20]
    assert study.training_parts(7, 2, 2) == [4, 4]  # rounded to whole grains
    with pytest.raises(ParameterError, match=r"tests = 11: training of 20 s .* at most 10, one per 2 s"):
        study.training_parts(20, 11, 2)


def test_the_last_test_is_another_one() -> None:
    short, long = RecallTest(settle="0 s", measure="2 s"), RecallTest(settle="3 s", measure="5 s")
    rounds = study.training_rounds(20, 3, 2, short, long)
    assert [each.trained for each in rounds] == [6, 14, 20]
    training = [each.stages[0] for each in rounds]
    assert [(stage.name, stage.duration, stage.learning) for stage in training] == [
        ("train", 6, "sampling"),
        ("train", 8, "sampling"),
        ("train", 6, "sampling"),
    ]
    assert [each.stages[1:] for each in rounds] == [short.stages(), short.stages(), long.stages()]


def test_constants_change_where_the_schedule_says() -> None:
    test = RecallTest(settle="0 s", measure="2 s")
    schedule = (Annealing(after="6 s", b="2e-5 /s"), Annealing(after="10 s", temperature=0))
    rounds = study.training_rounds(20, 3, 2, test, test, schedule)
    learning = [[s for s in each.stages if s.learning != "off"] for each in rounds]
    assert [[(s.duration, dict(s.changes)) for s in stages] for stages in learning] == [
        [(6, {})],
        [(4, {"b": 2e-5}), (4, {"temperature": 0})],
        [(6, {})],
    ]


def responses_of(task: Any) -> dict[str, Response]:
    same, always, swapped = {1: 0, 2: 1}, {1: 0, 2: 0}, {1: 1, 2: 0}
    codes = {
        "training": (same, same, "train", SOURCES),
        "joint": (same, always, "test", SOURCES),
        "auditory": (always, same, "test", SOURCES[1:]),
        "visual": (swapped, always, "test", SOURCES[:1]),
    }
    return {
        name: response_of(task, {VISUAL: visual, AUDITORY: auditory}, split, sources)
        for name, (visual, auditory, split, sources) in codes.items()
    }


def test_selectivity_of_each_population_in_each_test() -> None:
    """Neurons that fire for one digit only have selectivity 1, those that always fire 0."""
    responses = responses_of(make_task())
    metrics = study.response_metrics(responses, 0.04)
    assert {name: value for name, value in metrics.items() if "selectivity" in name} == {
        "joint.visual_selectivity": 1,
        "visual.visual_selectivity": 1,
        "auditory.visual_selectivity": 0,
        "joint.auditory_selectivity": 0,
        "visual.auditory_selectivity": 0,
        "auditory.auditory_selectivity": 1,
    }
    accuracies = readout_accuracies(responses, 0.04)
    assert {name: metrics[name] for name in accuracies} == accuracies


def measured(trained: float, values: tuple[float, float, float]) -> study.TrainingTest:
    return study.TrainingTest(trained, {}, dict(zip(study.CURVES, values, strict=True)))


def test_the_learning_curve_has_a_point_per_test() -> None:
    tests = [measured(6.0, (0.1, 0.2, 0.3)), measured(14.0, (0.4, 0.5, 0.6))]
    curve = {
        "seconds": [6.0, 14.0],
        "audio_to_visual.accuracy": [0.1, 0.4],
        "visual_to_audio.accuracy": [0.2, 0.5],
        "joint.visual_accuracy": [0.3, 0.6],
    }
    assert study.learning_curve(tests) == curve
    judged = Reconstruction(np.array([0.5, 0.25, 0.75]), np.array([0.25, 0.5, 0.5]))
    reconstruction = ModalityReconstruction(np.zeros((3, 2)), np.arange(3), np.arange(3), judged)
    trained = study.TrainedNetwork(tests, {}, {"visual_to_audio": reconstruction})
    assert trained.metrics() == {
        **dict(zip(study.CURVES, (0.4, 0.5, 0.6), strict=True)),
        "visual_to_audio.reconstruction_correlation": 0.5,
        "visual_to_audio.reconstruction_correlation_wrong": pytest.approx(1.25 / 3),
        "visual_to_audio.reconstruction_accuracy": pytest.approx(2 / 3),
        "learning_curve": curve,
    }


def test_the_last_responses_are_reconstructed_with_the_last_parameters(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    task = make_task()
    first, last = responses_of(task), responses_of(task)
    asked = []
    monkeypatch.setattr(study, "reconstruct_modality", lambda *arguments: asked.append(arguments))
    session = SimpleNamespace(
        task="task",
        network="network",
        skip=0.04,
        theta=lambda: "theta",
        run=lambda stages: {"first": first, "last": last}[stages],
    )
    lines: list[str] = []
    log = SimpleNamespace(info=lambda text, *values: lines.append(text % values))
    rounds = [study.Round(6.0, "first"), study.Round(14.0, "last")]
    trained = study.train_and_test(session, rounds, log)
    assert [test.trained for test in trained.tests] == [6.0, 14.0]
    assert trained.tests[1].responses is last
    assert asked == [
        ("audio_to_visual", "task", "network", "theta", last["auditory"], 0.04),
        ("visual_to_audio", "task", "network", "theta", last["visual"], 0.04),
    ]
    ones = np.mean(last["auditory"].labels == 1)
    assert lines[1] == (
        f"after 14 s of training: audio_to_visual.accuracy {ones:.3f}, "
        f"visual_to_audio.accuracy {ones:.3f}, joint.visual_accuracy 1.000"
    )


def test_items_of_learning_and_of_tests_come_from_two_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[tuple[str, Any]] = []

    def run_stage(task: Any, simulation: Any, stage: Stage, rng: Any) -> str:
        drawn.append((stage.name, rng))
        return f"response to {stage.name}"

    monkeypatch.setattr(sessions, "run_stage", run_stage)
    context = SimpleNamespace(stream=lambda name: {"items": 1, "tests": 2}[name])
    session = Session(context, None, None, None, "training", "testing", 0.04)
    test = RecallTest(settle="2 s", measure="5 s").stages(("joint", "visual"))
    responses = session.run([training_stage(10.0, "map"), *test])
    assert responses == {"joint": "response to test joint", "visual": "response to test visual"}
    assert drawn == [
        ("train", "training"),
        ("test joint", "testing"),
        ("settle visual", "testing"),
        ("test visual", "testing"),
    ]
    later = session.with_streams("items", "tests")
    for rng, seed in ((later.training, 1), (later.testing, 2)):
        assert rng.random() == np.random.default_rng(seed).random()
    assert later.skip == 0.04


def test_examples_are_the_first_items_of_each_digit() -> None:
    labels = np.array([2, 1, 1, 2, 1, 2, 1, 2])
    cues = np.array([9, 5, 3, 8, 3, 8, 7, 6])
    reconstruction = ModalityReconstruction(np.zeros((8, 1)), labels, cues, None)
    # Digit 1: items 3, 5, 7 first at 2, 1, 6; digit 2: items 6, 8, 9 first at 7, 3, 0.
    assert figures.example_columns(reconstruction, (1, 2)) == [2, 1, 6, 7, 3, 0]
    assert figures.example_columns(reconstruction, (2, 1), at_most=4) == [7, 3, 2, 1]
    assert figures.example_columns(reconstruction, (1,), at_most=0) == [2]


def test_weights_as_a_matrix() -> None:
    network = association_network(AssociationParameters(n_circuits=1, circuit_size=2), 3, 2)
    name = f"{VISUAL}_input_to_{VISUAL}"
    projection = network.projection(name)
    theta = np.arange(6) - 1.0
    weights = figures.dense_weights(network, {name: theta}, name)
    assert weights.shape == (3, 2)
    for pre, post, value in zip(projection.pre_index, projection.post_index, theta, strict=True):
        assert weights[pre, post] == pytest.approx(max(0, np.exp(value - 3) - np.exp(-3)))
    within = association_network(
        AssociationParameters(n_circuits=2, circuit_size=2, blocks={"within_circuit": True}), 3, 2
    )
    lateral = figures.dense_weights(within, {"visual_to_visual": np.ones(4)}, "visual_to_visual")
    assert np.isnan(lateral).sum() == 12


def test_a_sound_is_drawn_with_time_to_the_right_and_low_frequencies_below() -> None:
    picture = figures.sound_picture(make_task(sound_frames=3, cochleagram={"n_channels": 4}))
    assert (picture.shape, picture.upright) == ((3, 4), True)
    np.testing.assert_array_equal(picture.array(np.arange(12.0)), np.arange(12).reshape(3, 4).T)
