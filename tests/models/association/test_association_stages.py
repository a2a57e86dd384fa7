"""Stages of an experiment with the association network: what they declare is what is presented."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from helpers.small.tasks import SOURCES, make_task
from spikingsampling.models.association import (
    MODALITIES,
    Annealing,
    AssociationTask,
    RecallTest,
    Stage,
    anneal,
    run_stage,
    total_duration,
    training_stage,
)
from spikingsampling.simulation.response import Response
from spikingsampling.simulation.stimuli import SILENCE


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


def test_a_test_settles_before_a_modality_alone() -> None:
    stages = RecallTest(settle="4 s", measure="10 s").stages()
    assert [(s.name, s.duration, s.split, s.sources, s.test) for s in stages] == [
        ("test training", 10.0, "train", SOURCES, "training"),
        ("test joint", 10.0, "test", SOURCES, "joint"),
        ("settle auditory", 4.0, "test", ("auditory_input",), None),
        ("test auditory", 10.0, "test", ("auditory_input",), "auditory"),
        ("settle visual", 4.0, "test", ("visual_input",), None),
        ("test visual", 10.0, "test", ("visual_input",), "visual"),
    ]
    assert {stage.learning for stage in stages} == {"off"}
    assert not any(stage.snapshot for stage in stages)
    assert total_duration(stages) == 48
    assert total_duration([]) == 0


def test_a_snapshot_is_taken_at_the_end_only() -> None:
    stages = RecallTest(settle="4 s", measure="10 s").stages(("training", "auditory"), snapshot=True)
    assert [(stage.name, stage.snapshot) for stage in stages] == [
        ("test training", False),
        ("settle auditory", False),
        ("test auditory", True),
    ]


def test_of_many_tests_only_the_last_takes_a_snapshot() -> None:
    stages = RecallTest(settle="0 s", measure="10 s").stages(("training", "joint", "auditory"), snapshot=True)
    assert [stage.snapshot for stage in stages] == [False, False, True]


def test_without_settling_nothing_is_presented_for_it() -> None:
    stages = RecallTest(settle="0 s", measure="2 s").stages()
    assert [stage.test for stage in stages] == ["training", "joint", "auditory", "visual"]


def test_training_learns_pairs_of_training_items(task: AssociationTask) -> None:
    recorder, stage = Recorder(), training_stage(30.0, "map", "recovery 1")
    run_stage(task, recorder, stage, np.random.default_rng(0))
    (call,) = recorder.calls
    assert (len(call.labels), call.learning, call.name, call.snapshot) == (150, "map", "recovery 1", False)
    assert all(np.all(call.items[source] < task.n_train[source]) for source in SOURCES)
    assert training_stage(1.0, "sampling").name == "train"


def test_items_of_a_stage_are_those_that_its_stream_draws(task: AssociationTask) -> None:
    recorder, stage = Recorder(), Stage("a", 4.0, "test", sources=SOURCES[1:], snapshot=True)
    response = run_stage(task, recorder, stage, np.random.default_rng(5))
    items, digits = task.draw(20, "test", np.random.default_rng(5), SOURCES[1:])
    (call,) = recorder.calls
    assert call.snapshot
    np.testing.assert_array_equal(call.labels, digits)
    for source in SOURCES:
        np.testing.assert_array_equal(response.items[source], items[source])
    assert np.all(response.items["visual_input"] == SILENCE)
    assert set(MODALITIES) == {"visual", "auditory"}


def test_readouts_may_be_fitted_to_longer_responses() -> None:
    durations = {s.test: s.duration for s in RecallTest(settle="0 s", measure="10 s", fit="30 s").stages()}
    assert durations == {"training": 30.0, "joint": 10.0, "auditory": 10.0, "visual": 10.0}


def test_a_schedule_divides_what_learns_and_changes_constants_where_it_says() -> None:
    schedule = [Annealing(after="30 s", b="2e-5 /s"), Annealing(after="10 s", b="1e-4 /s", temperature=0.5)]
    tested = Stage("test joint", 60, "test")
    stages = [
        training_stage(20, "sampling"),
        tested,
        training_stage(10, "sampling"),
        training_stage(20, "sampling"),
    ]
    assert [(s.name, s.duration, dict(s.changes)) for s in anneal(stages, schedule)] == [
        ("train", 10, {}),
        ("train", 10, {"b": 1e-4, "temperature": 0.5}),
        ("test joint", 60, {}),
        ("train", 10, {}),
        ("train", 20, {"b": 2e-5}),
    ]
    # The same in two parts, the second of which knows how long has been learnt.
    parts = [*anneal(stages[:2], schedule), *anneal(stages[2:], schedule, trained=20)]
    assert parts == list(anneal(stages, schedule))
    assert list(anneal(stages, ())) == stages


def test_two_changes_at_once_are_made_together() -> None:
    schedule = [Annealing(after="0 s", b="1e-4 /s"), Annealing(after="0 s", temperature=0)]
    (stage,) = anneal([training_stage(20, "map")], schedule)
    assert (stage.duration, dict(stage.changes)) == (20, {"b": 1e-4, "temperature": 0})
