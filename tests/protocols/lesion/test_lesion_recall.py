"""The course of recall over two lesions, on arrays made by hand."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pytest

from helpers.small.recall_courses import (
    ACTIVE,
    AUDITORY_TO_VISUAL,
    INPUT,
    TESTS,
    VISUAL_TO_AUDITORY,
    accuracy,
    course,
    measurement,
)
from helpers.small.tasks import make_task, response_of
from spikingsampling.models.association import (
    AUDITORY,
    SOURCES,
    VISUAL,
    AssociationParameters,
    association_network,
    reconstruct_modality,
)
from spikingsampling.protocols.studies.lesion.measures import condition_metrics, recall_curves
from spikingsampling.protocols.studies.lesion.recall import measure_recall
from spikingsampling.protocols.studies.lesion.schedule import RecallPoint


def test_a_test_knows_its_active_synapses() -> None:
    test = measurement(3)
    active = test.active()
    assert list(active) == [AUDITORY_TO_VISUAL, VISUAL_TO_AUDITORY, INPUT]
    np.testing.assert_array_equal(active[AUDITORY_TO_VISUAL], [False, False, True, True, False])
    assert list(test.active([INPUT])) == [INPUT]
    # 2 auditory → visual and 2 visual → auditory, not the 4 of the input; 3 and 1 at the end of a recovery.
    assert [measurement(place).active_lateral for place in range(7)] == [4, 2, 3, 4, 0, 2, 4]


def test_tests_before_and_after_a_lesion() -> None:
    tests = course().tests
    assert course().before(1).accuracy.value == 0.9
    assert course().before(2).accuracy.value == 0.84
    assert [test.accuracy.value for test in course().after(1)] == [0.5, 0.7, 0.84]
    assert [test.accuracy.value for test in course().after(2)] == [0.3, 0.6, 0.78]
    whole = course()
    assert [whole.is_last(test) for test in whole.tests] == [True, False, False, True, False, False, True]
    assert len(tests) == len(TESTS) == len(ACTIVE)


def test_recovery_is_measured_against_the_level_just_before_each_lesion() -> None:
    first, second = (course().recovery(lesion, 0.9) for lesion in (1, 2))
    # 0.81 between 0.7 at 60 s and 0.84 at 180 s.
    assert first.time == pytest.approx(60 + 120 * 0.11 / 0.14)
    assert (first.before, first.after, first.final, first.censored) == (0.9, 0.5, 0.84, False)
    # 0.9 of 0.84 is 0.756, between 0.6 at 100 s and 0.78 at 300 s; of the first level it would not be regained.
    assert second.time == pytest.approx(100 + 200 * 0.156 / 0.18)
    assert (second.before, second.after, second.final, second.censored) == (0.84, 0.3, 0.78, False)
    censored = course().recovery(1, 1.0)
    assert (censored.time, censored.censored) == (180.0, True)


def test_new_synapses_are_active_at_the_end_and_were_not_just_after_the_lesion() -> None:
    assert course().new_synapses(1) == {AUDITORY_TO_VISUAL: 2, VISUAL_TO_AUDITORY: 1, INPUT: 3}
    assert course().new_synapses(2) == {AUDITORY_TO_VISUAL: 2, VISUAL_TO_AUDITORY: 2, INPUT: 3}


def test_the_axis_of_learning_time() -> None:
    assert course().lesion_seconds == [0.0, 180.0]
    assert course().seconds == [-1.0, 0.0, 60.0, 179.0, 180.0, 280.0, 480.0]


def test_the_metrics_of_a_condition() -> None:
    metrics = condition_metrics("cool", course(), 0.9)
    first, second = (course().recovery(lesion, 0.9).time for lesion in (1, 2))
    assert metrics == {
        "cool.accuracy_before": accuracy(0.9),
        "cool.reconstruction_before": 0.8,
        "cool.recovered_accuracy": accuracy(0.78),
        "cool.accuracy_before_lesion_1": accuracy(0.9),
        "cool.accuracy_after_lesion_1": accuracy(0.5),
        "cool.recovered_accuracy_1": accuracy(0.84),
        "cool.recovery_time_1": first,
        "cool.recovery_censored_1": 0,
        "cool.new_synapses_1": 6,
        "cool.new_lateral_synapses_1": 3,
        "cool.reconstruction_after_lesion_1": 0.4,
        "cool.recovered_reconstruction_1": 0.6,
        "cool.accuracy_before_lesion_2": accuracy(0.84),
        "cool.accuracy_after_lesion_2": accuracy(0.3),
        "cool.recovered_accuracy_2": accuracy(0.78),
        "cool.recovery_time_2": second,
        "cool.recovery_censored_2": 0,
        "cool.new_synapses_2": 7,
        "cool.new_lateral_synapses_2": 4,
        "cool.reconstruction_after_lesion_2": 0.2,
        "cool.recovered_reconstruction_2": 0.5,
    }
    assert condition_metrics("map", course(), 1.0)["map.recovery_censored_1"] == 1


def test_the_curves_of_all_conditions_share_one_axis() -> None:
    curves = recall_curves({"sampling": course(), "map": course(0.05)})
    assert json.loads(json.dumps(curves)) == curves
    assert list(curves["recall"]) == ["seconds", "sampling", "map"]
    assert curves["recall"]["seconds"] == curves["reconstruction"]["seconds"] == course().seconds
    assert curves["recall"]["sampling"] == [0.9, 0.5, 0.7, 0.84, 0.3, 0.6, 0.78]
    np.testing.assert_allclose(curves["recall"]["map"], [0.95, 0.55, 0.75, 0.89, 0.35, 0.65, 0.83])
    assert curves["reconstruction"]["map"] == [0.8, 0.4, 0.45, 0.6, 0.2, 0.35, 0.5]
    assert curves["lesion_seconds"] == [0.0, 180.0]


def test_a_measurement_holds_what_the_responses_say() -> None:
    """The readout and the tuning are of training items, accuracy and snapshot of the response to sounds."""
    task = make_task()
    code = {1: 0, 2: 1}
    network = association_network(AssociationParameters(n_circuits=1, circuit_size=2), 784, 616)
    snapshots = {
        p.name: (np.linspace(-1, 2, len(p), dtype=np.float32), np.full(len(p), k, np.float32))
        for k, p in enumerate(network.projections)
    }
    responses = {
        "training": response_of(task, {VISUAL: code, AUDITORY: code}, "train", SOURCES),
        # To sounds all visual neurons answer as to digit 1.
        "auditory": response_of(
            task, {VISUAL: {1: 0, 2: 0}, AUDITORY: {1: 1, 2: 0}}, "test", SOURCES[1:], snapshots
        ),
    }
    asked = []
    session = SimpleNamespace(
        task=task,
        network=network,
        skip=0.04,
        simulation=SimpleNamespace(time=70.0),
        run=lambda stages: asked.append(stages) or responses,
    )
    stages = ("the stages",)
    test = measure_recall(session, RecallPoint(2, 30.0, stages), 25.0)
    assert asked == [stages]
    assert (test.lesion, test.learnt, test.time, test.lesion_time) == (2, 30.0, 70.0, 25.0)
    ones = np.mean(responses["auditory"].labels == 1)
    assert test.accuracy.value == pytest.approx(ones)
    assert (test.accuracy.n, test.accuracy.n_stimuli) == (60, 4)
    for name, (theta, w) in snapshots.items():
        np.testing.assert_array_equal(test.theta[name], theta)
        np.testing.assert_array_equal(test.w[name], w)
    np.testing.assert_array_equal(test.tuning.preferred, [1, 2])
    expected = reconstruct_modality("audio_to_visual", task, network, test.theta, responses["auditory"], 0.04)
    np.testing.assert_array_equal(test.reconstruction.patterns, expected.patterns)
