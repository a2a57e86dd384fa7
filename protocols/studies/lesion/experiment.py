"""The lesion experiment with the association network (A, section 4): two lesions, each followed by recovery.

Lesion 1 removes the visual neurons that are tuned to one digit. Lesion 2 removes all lateral synapses between the
modalities that exist then, and forbids that these grow again. After each the network goes on to learn, and at fixed
times its recall is tested with learning off.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator

from spikingsampling.analysis import Estimate, Recovery, recovery
from spikingsampling.errors import ParameterError
from spikingsampling.models.association.measures import (
    Imagined,
    imagine,
    population_selectivity,
    readout_metrics,
)
from spikingsampling.models.association.network import AUDITORY, VISUAL
from spikingsampling.models.association.task import AssociationTask, RecallTest, run_test
from spikingsampling.network.description import Network
from spikingsampling.network.lesions import NeuronLesion, SynapseLesion
from spikingsampling.network.rules import Learning
from spikingsampling.parameters import Parameters, quantity
from spikingsampling.recording.reading import open_recording
from spikingsampling.simulation.response import Response
from spikingsampling.simulation.simulation import Simulation
from spikingsampling.units import Number, Time

__all__ = [
    "CONDITIONS",
    "LATERAL",
    "Check",
    "LesionSchedule",
    "check_recall",
    "condition_metrics",
    "imagined",
    "learning_curves",
    "learning_seconds",
    "lesion_and_recover",
    "parameters_at",
    "tuned_neurons",
]

Metrics: TypeAlias = dict[str, object]

#: Condition → mode of learning after the lesions, and whether its temperature is the low one.
CONDITIONS: dict[str, tuple[Learning, bool]] = {
    "sampling": ("sampling", False),
    "map": ("map", False),
    "likelihood": ("likelihood", False),
    "cool": ("sampling", True),
}
#: The projections that join the modalities.
LATERAL = (f"{AUDITORY}_to_{VISUAL}", f"{VISUAL}_to_{AUDITORY}")
RECALL = "audio_to_visual"


class LesionSchedule(Parameters):
    """What is removed, and when recall is tested after it."""

    digit: int | None = Field(
        None,
        ge=0,
        le=9,
        description="digit whose visual neurons lesion 1 removes; the last one if none (A: 2)",
    )
    test_times_1: tuple[Time, ...] = Field(
        ("5 min", "10 min", "20 min"),
        min_length=1,
        validate_default=True,
        description="learning time after lesion 1 at which recall is tested, besides at once",
    )
    test_times_2: tuple[Time, ...] = Field(
        ("5 min", "10 min", "20 min", "40 min"),
        min_length=1,
        validate_default=True,
        description="the same after lesion 2",
    )
    recovered: Number = quantity(
        0.9, "fraction of the accuracy before a lesion that counts as recovered", above=0, high=1
    )
    test: RecallTest = RecallTest(settle="100 s", measure="50 s")

    @field_validator("test_times_1", "test_times_2")
    @classmethod
    def _rises(cls, times: tuple[float, ...]) -> tuple[float, ...]:
        if times[0] <= 0 or any(b <= a for a, b in pairwise(times)):
            raise ValueError("must be more than 0 s and rise")
        return times

    def test_times(self, lesion: int) -> tuple[float, ...]:
        """Learning times (s) at which recall is tested after lesion 1 or 2."""
        return (self.test_times_1, self.test_times_2)[lesion - 1]

    @property
    def duration(self) -> float:
        """Simulated time of one condition (s)."""
        both = (self.test_times_1, self.test_times_2)
        return sum(times[-1] + (1 + len(times)) * self.test_duration for times in both)

    @property
    def test_duration(self) -> float:
        """Simulated time of one test (s)."""
        return self.test.settle + 2 * self.test.measure


@dataclass(frozen=True, eq=False)
class Check:
    """A test of recall.

    Attributes
    ----------
    lesion : int
        0 before any lesion, then 1 or 2.
    learnt : float
        Learning time since that lesion (s).
    time : float
        Simulated time at its end (s), when a snapshot was taken.
    responses : dict of str to Response
        ``training`` and ``auditory``.
    recall : Estimate
        Accuracy of the readout of the visual neurons from sounds alone, with its interval over stimuli.
    recording : Path
        Directory of the recording that holds the snapshot.
    """

    lesion: int
    learnt: float
    time: float
    recording: Path
    responses: dict[str, Response]
    recall: Estimate

    @property
    def accuracy(self) -> float:
        """Accuracy of recall."""
        return self.recall.value


def check_recall(
    task: AssociationTask,
    simulation: Simulation,
    schedule: LesionSchedule,
    rng: np.random.Generator,
    skip: float,
    lesion: int = 0,
    learnt: float = 0.0,
) -> Check:
    """Test what visual neurons recall from sounds alone, with a readout that is fitted anew."""
    responses = run_test(task, simulation, schedule.test, rng, ("training", "auditory"), snapshot=True)
    recall = readout_metrics(responses, skip, (VISUAL,))[f"{RECALL}.accuracy"]
    assert simulation.directory is not None
    return Check(lesion, learnt, simulation.time, simulation.directory, responses, recall)


def tuned_neurons(response: Response, digit: int, skip: float) -> NDArray[np.int64]:
    """Visual neurons that prefer a digit, by their spikes when both modalities show it.

    Raises
    ------
    ParameterError
        There is none, or no others would be left.
    """
    tuning = population_selectivity(response, VISUAL, skip)
    neurons = np.flatnonzero((tuning.preferred == digit) & (tuning.index > 0))
    if not 0 < len(neurons) < len(tuning.index):
        raise ParameterError(
            f"lesion.digit = {digit}: {len(neurons)} of {len(tuning.index)} visual neurons are tuned to it; "
            "the lesion needs some, and some others"
        )
    return neurons


def lesion_and_recover(
    task: AssociationTask,
    simulation: Simulation,
    schedule: LesionSchedule,
    learning: Learning,
    neurons: NDArray[np.int64],
    streams: Sequence[np.random.SeedSequence],
    skip: float,
) -> list[Check]:
    """Both lesions with recovery after each; all tests in order.

    ``streams`` seed the items that are learnt and tested; conditions that share them see the same.
    """
    training, testing = (np.random.default_rng(stream) for stream in streams)
    checks = []
    for number in (1, 2):
        if number == 1:
            simulation.lesion(NeuronLesion(VISUAL, neurons))
        else:
            for projection in LATERAL:
                simulation.lesion(SynapseLesion(projection, active_only=True))
        checks.append(check_recall(task, simulation, schedule, testing, skip, number, 0.0))
        for before, learnt in pairwise((0.0, *schedule.test_times(number))):
            name = f"recovery {number}"
            task.run(simulation, learnt - before, "train", training, learning=learning, name=name)
            checks.append(check_recall(task, simulation, schedule, testing, skip, number, learnt))
    return checks


def recoveries(tests: Sequence[Check], schedule: LesionSchedule) -> list[Recovery]:
    """Recovery from lesion 1 against the level before all, and from lesion 2 against the one at its time.

    ``tests`` begin before the lesions. The level that counts as recovered is a fraction of the accuracy itself, not of
    what is above chance.
    """
    found, level = [], tests[0].accuracy
    for number in (1, 2):
        mine = [check for check in tests if check.lesion == number]
        found.append(
            recovery(
                [check.learnt for check in mine],
                [check.accuracy for check in mine],
                0.0,
                before=level,
                fraction=schedule.recovered,
            )
        )
        level = mine[-1].accuracy
    return found


def parameters_at(check: Check, network: Network, variable: str = "theta") -> dict[str, NDArray[np.float32]]:
    """θ or w of every projection at a test, from its recording."""
    with open_recording(check.recording) as recording:
        read = {"theta": recording.theta, "w": recording.w}[variable]
        return {projection.name: read(projection.name, check.time) for projection in network.projections}


def imagined(check: Check, task: AssociationTask, network: Network, skip: float) -> Imagined:
    """Images that the visual neurons stand for when they hear a sound, with the weights of that time."""
    return imagine(RECALL, task, network, parameters_at(check, network), check.responses["auditory"], skip)


def new_synapses(first: Check, last: Check, network: Network) -> dict[str, int]:
    """By projection: synapses that are active (w > 0) at one test and were not at an earlier one."""
    before, after = (parameters_at(check, network, "w") for check in (first, last))
    return {name: int(np.count_nonzero((after[name] > 0) & ~(before[name] > 0))) for name in after}


def condition_metrics(
    name: str,
    tests: Sequence[Check],
    images: Sequence[Imagined],
    schedule: LesionSchedule,
    network: Network,
) -> Metrics:
    """The measures of a condition, as ``<condition>.<measure>``; after lesion n with ``_n`` behind.

    ``accuracy_before``, ``accuracy_after_lesion``, ``recovered_accuracy``, with intervals over stimuli
    (at all test times: :func:`learning_curves`), ``recovery_time`` (s of learning, with
    ``recovery_censored``: 1 if it was not regained, then the time is a lower bound), ``new_synapses`` and
    ``new_lateral_synapses`` at the end of the recovery, ``reconstruction_before``, ``reconstruction_after_lesion`` and
    ``recovered_reconstruction``: how often the image reconstructed from a sound is closest to the right digit.
    ``tests`` and ``images`` begin before the lesions.
    """
    closest = [image.judged.closer_to_right for image in images]
    metrics: Metrics = {
        f"{name}.accuracy_before": tests[0].recall,
        f"{name}.reconstruction_before": closest[0],
    }
    for number, found in enumerate(recoveries(tests, schedule), start=1):
        mine = [place for place, check in enumerate(tests) if check.lesion == number]
        first, last = mine[0], mine[-1]
        grown = new_synapses(tests[first], tests[last], network)
        metrics |= {
            f"{name}.accuracy_before_lesion_{number}": tests[first - 1].recall,
            f"{name}.accuracy_after_lesion_{number}": tests[first].recall,
            f"{name}.recovered_accuracy_{number}": tests[last].recall,
            f"{name}.recovery_time_{number}": found.time,
            f"{name}.recovery_censored_{number}": int(found.censored),
            f"{name}.new_synapses_{number}": sum(grown.values()),
            f"{name}.new_lateral_synapses_{number}": sum(grown[projection] for projection in LATERAL),
            f"{name}.reconstruction_after_lesion_{number}": closest[first],
            f"{name}.recovered_reconstruction_{number}": closest[last],
        }
    return metrics | {f"{name}.recovered_accuracy": tests[-1].recall}


def learning_seconds(tests: Sequence[Check]) -> list[float]:
    """Learning time (s) since lesion 1 of the test before the lesions and of all later ones.

    The tests just before a lesion lie one second before it, at −1 s and at the end of the first recovery.
    """
    first = max(check.learnt for check in tests if check.lesion == 1)
    seconds = []
    for check in tests:
        before_lesion = check.lesion == 0 or (check.lesion == 1 and check.learnt == first)
        seconds.append(check.learnt + (first if check.lesion == 2 else 0.0) - (1.0 if before_lesion else 0.0))
    return seconds


def learning_curves(
    tests: Mapping[str, Sequence[Check]], images: Mapping[str, Sequence[Imagined]]
) -> dict[str, dict[str, list[float]]]:
    """``recall`` and ``reconstruction``: the accuracy in each condition over ``seconds``, which come first.

    ``tests`` and ``images`` begin before the lesions; all conditions are tested at the same times.
    """
    time = {"seconds": learning_seconds(next(iter(tests.values())))}
    recall = {name: [check.accuracy for check in mine] for name, mine in tests.items()}
    made = {name: [image.judged.closer_to_right for image in mine] for name, mine in images.items()}
    return {"recall": time | recall, "reconstruction": time | made}
