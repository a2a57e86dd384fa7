"""When the association network is lesioned and tested, and in which order that is done."""

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from helpers.small.recall_courses import tuning
from spikingsampling.errors import ParameterError
from spikingsampling.experiment.discovery import load
from spikingsampling.models.association import RecallTest, total_duration
from spikingsampling.network.lesions import NeuronLesion, SynapseLesion
from spikingsampling.protocols.studies.lesion import experiment as study
from spikingsampling.protocols.studies.lesion.experiment import (
    LesionExperiment,
    lesioned_part,
    lesions,
    tuned_neurons,
)
from spikingsampling.protocols.studies.lesion.schedule import LesionSchedule, duration_text

SCHEDULE = LesionSchedule(
    test_times_1=("20 s", "50 s"), test_times_2=("30 s",), test=RecallTest(settle="2 s", measure="10 s")
)
RECALL = [("test training", 10.0), ("settle auditory", 2.0), ("test auditory", 10.0)]


def told(stages: Any) -> list[tuple[str, float]]:
    return [(stage.name, stage.duration) for stage in stages]


def test_recall_is_tested_at_once_and_while_the_network_recovers() -> None:
    points = SCHEDULE.after("map")
    assert [(point.lesion, point.learnt) for point in points] == [
        (1, 0.0),
        (1, 20.0),
        (1, 50.0),
        (2, 0.0),
        (2, 30.0),
    ]
    assert [told(point.stages) for point in points] == [
        RECALL,
        [("recovery 1", 20.0), *RECALL],
        [("recovery 1", 30.0), *RECALL],
        RECALL,
        [("recovery 2", 30.0), *RECALL],
    ]
    stages = [stage for point in points for stage in point.stages]
    assert total_duration(stages) == 50 + 30 + 5 * 22
    assert {stage.learning for stage in stages if stage.name.startswith("recovery")} == {"map"}
    assert {stage.split for stage in stages if stage.name.startswith("recovery")} == {"train"}
    assert {stage.learning for stage in stages if "recovery" not in stage.name} == {"off"}
    assert [stage.snapshot for stage in points[0].stages] == [False, False, True]
    assert [stage.test for stage in points[0].stages] == ["training", None, "auditory"]
    before = SCHEDULE.before()
    assert (before.lesion, before.learnt, told(before.stages)) == (0, 0.0, RECALL)


def test_durations_in_headings() -> None:
    assert [duration_text(t) for t in (20.0, 59.0, 60.0, 150.0, 2400.0)] == [
        *("20 s", "59 s", "1 min", "2.5 min", "40 min")
    ]


def test_lesion_1_takes_the_neurons_of_a_digit() -> None:
    assert SCHEDULE.removed_digit((4, 7)) == 7
    assert SCHEDULE.replace(digit=4).removed_digit((4, 7)) == 4
    assert tuned_neurons(tuning(), 2).tolist() == [0, 2]
    assert tuned_neurons(tuning(), 1).tolist() == [1]  # a neuron without preference is nobody's
    with pytest.raises(ParameterError, match=r"lesion.digit = 3: 0 of 4 visual neurons are tuned to it"):
        tuned_neurons(tuning(), 3)
    everyone = SimpleNamespace(preferred=np.array([2, 2]), index=np.array([0.5, 1.0]))
    with pytest.raises(ParameterError, match="2 of 2 visual neurons"):
        tuned_neurons(everyone, 2)


def test_a_part_of_the_neurons_begins_with_those_that_are_tuned() -> None:
    tuned, rng = np.array([1, 4, 6]), np.random.default_rng(0)
    # 0.75 of 8 are six: the three tuned ones and three of the other five, not always the same.
    parts = [lesioned_part(tuned, 8, 0.75, rng) for _ in range(50)]
    assert all(len(part) == 6 and np.isin(tuned, part).all() for part in parts)
    assert all((np.diff(part) > 0).all() and part.max() < 8 for part in parts)
    taken = np.array([np.isin(np.arange(8), part) for part in parts])
    assert (taken[:, [0, 2, 3, 5, 7]].any(axis=0) & ~taken[:, [0, 2, 3, 5, 7]].all(axis=0)).all()
    # A quarter are two of the tuned ones.
    few = [lesioned_part(tuned, 8, 0.25, rng) for _ in range(50)]
    assert all(len(part) == 2 and np.isin(part, tuned).all() for part in few)
    assert set(np.concatenate(few)) == {1, 4, 6}
    assert [len(lesioned_part(tuned, 8, fraction, rng)) for fraction in (0.01, 0.99)] == [1, 7]


def test_lesion_2_takes_the_active_synapses_between_the_modalities() -> None:
    (first,) = lesions(1, np.array([3, 5]))
    assert isinstance(first, NeuronLesion)
    assert (first.population, list(first.neurons)) == ("visual", [3, 5])
    second = lesions(2, np.array([3, 5]))
    assert all(isinstance(lesion, SynapseLesion) and lesion.active_only for lesion in second)
    assert [lesion.projection for lesion in second] == ["auditory_to_visual", "visual_to_auditory"]


class Simulated:
    """A simulation that only notes the lesions and the time."""

    directory = None

    def __init__(self) -> None:
        self.time, self.log = 100.0, []

    def lesion(self, lesion: Any) -> None:
        self.log.append((self.time, lesion.kind))


def test_lesions_come_before_the_first_test_after_them(monkeypatch: pytest.MonkeyPatch) -> None:
    simulation = Simulated()

    def measure(session: Any, point: Any, lesion_time: float) -> Any:
        simulation.time += total_duration(point.stages)
        return SimpleNamespace(point=point, time=lesion_time, accuracy=SimpleNamespace(value=0.5))

    monkeypatch.setattr(study, "measure_recall", measure)
    experiment = object.__new__(LesionExperiment)
    experiment.context = SimpleNamespace(log=logging.getLogger())
    experiment.schedule = SCHEDULE
    points = SCHEDULE.after("sampling")
    tests = experiment.recover(SimpleNamespace(simulation=simulation), points, np.array([1]))
    assert [test.point for test in tests] == points
    second = 100.0 + 3 * 22 + 50
    assert [test.time for test in tests] == [100.0, 100.0, 100.0, second, second]
    assert simulation.log == [
        (100.0, "neuron lesion"),
        (second, "synapse lesion"),
        (second, "synapse lesion"),
    ]


def test_sham_lesions_remove_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    simulation = Simulated()
    measured = []

    def measure(session: Any, point: Any, lesion_time: float) -> Any:
        simulation.time += total_duration(point.stages)
        measured.append((point.lesion, lesion_time))
        return SimpleNamespace(accuracy=SimpleNamespace(value=0.5))

    monkeypatch.setattr(study, "measure_recall", measure)
    for sham in (True, False):
        experiment = object.__new__(LesionExperiment)
        experiment.context = SimpleNamespace(log=logging.getLogger())
        experiment.schedule = SCHEDULE.replace(sham=sham)
        simulation.time = 100.0
        experiment.recover(SimpleNamespace(simulation=simulation), SCHEDULE.after("sampling"), np.array([1]))
        assert len(simulation.log) == (0 if sham else 3)
    assert measured[:5] == measured[5:]


def test_all_stages_of_a_run_are_summed() -> None:
    experiment = object.__new__(LesionExperiment)
    experiment.schedule = SCHEDULE
    experiment.context = SimpleNamespace(configuration=SimpleNamespace(training=40.0))
    training = experiment.training("likelihood")
    assert told(training) == [("train", 40.0), ("test joint", 10.0)]
    assert training[0].learning == "likelihood"
    # Training, one joint test, recall before, and two conditions with 5 tests each.
    stages = experiment.stages(training, [SCHEDULE.after("map"), SCHEDULE.after("sampling")])
    assert total_duration(stages) == 40 + 10 + 22 + 2 * (80 + 5 * 22)


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        ({"conditions": ["sampling", "mapp"]}, "unknown condition 'mapp'; did you mean 'map'"),
        ({"conditions": []}, "conditions"),
        ({"lesion": {"digit": 3}}, "must be one of digits"),
        ({"lesion": {"test_times_2": ["5 min", "2 min"]}}, "must be more than 0 s and rise"),
        ({"lesion": {"test_times_1": ["0 s", "2 min"]}}, "must be more than 0 s and rise"),
        ({"lesion": {"recovered": 0}}, "more than 0"),
        ({"lesion": {"fraction": 1.0}}, "fraction = 1.0: must be less than 1"),
        ({"lesion": {"fraction": 0}}, "fraction = 0: must be more than 0"),
    ],
)
def test_wrong_settings_of_the_lesion_are_named(layer: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        load("lesion").configure("smoke", layer)
