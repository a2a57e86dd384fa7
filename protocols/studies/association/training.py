"""Training of the association network in several parts, each followed by a test of recall."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikingsampling.analysis import Estimate
from spikingsampling.errors import ParameterError
from spikingsampling.models.association import (
    DIRECTIONS,
    MODALITIES,
    Annealing,
    ModalityReconstruction,
    RecallTest,
    Stage,
    anneal,
    population_selectivity,
    readout_accuracies,
    reconstruct_modality,
    training_stage,
)
from spikingsampling.network.lesions import SynapseLesion
from spikingsampling.network.timing import steps_of
from spikingsampling.protocols.studies.association.session import AssociationExperiment, Session
from spikingsampling.simulation.moment import Moment
from spikingsampling.simulation.response import Response

__all__ = [
    "CURVES",
    "Round",
    "TrainedNetwork",
    "TrainingTest",
    "lateral_off_stages",
    "learning_curve",
    "measure_lateral_off",
    "response_metrics",
    "train_and_test",
    "training_parts",
    "training_rounds",
]

#: The accuracies in a learning curve.
CURVES = ("audio_to_visual.accuracy", "visual_to_audio.accuracy", "joint.visual_accuracy")


@dataclass(frozen=True)
class Round:
    """A part of the training, and the test after it.

    Attributes
    ----------
    trained : float
        Training time until the test (s).
    stages : tuple of Stage
    """

    trained: float
    stages: tuple[Stage, ...]


@dataclass(frozen=True, eq=False)
class TrainingTest:
    """A test after some training: its time (s), responses by test, and measures by name."""

    trained: float
    responses: dict[str, Response]
    metrics: dict[str, Estimate | float]

    def value(self, name: str) -> float:
        """A measure without its interval."""
        measure = self.metrics[name]
        return measure.value if isinstance(measure, Estimate) else measure


def training_parts(training: float, n_parts: int, grain: float) -> list[float]:
    """Durations (s) of about equal parts of the training, whole multiples of ``grain`` (s).

    Raises
    ------
    ParameterError
        There are more parts than grains.
    """
    parts = np.diff(np.rint(np.linspace(0, training / grain, n_parts + 1)) * grain)
    if not parts.all():
        raise ParameterError(
            f"tests = {n_parts}: training of {training:g} s is too short for so many; "
            f"at most {int(training / grain)}, one per {grain:g} s"
        )
    return [float(part) for part in parts]


def training_rounds(
    training: float,
    n_tests: int,
    grain: float,
    test: RecallTest,
    final_test: RecallTest,
    schedule: Sequence[Annealing] = (),
) -> list[Round]:
    """``n_tests`` rounds of training and test, the last one with ``final_test``; ``schedule`` changes constants.

    Raises
    ------
    ParameterError
        As :func:`training_parts`; a change of the schedule comes after the training, or between two grains.
    """
    for change in schedule:
        steps_of(change.after, grain, "schedule: after", "10 presentations")
        if change.after >= training:
            raise ParameterError(
                f"schedule: after = {change.after:g} s: must be less than training = {training:g} s"
            )
    parts = training_parts(training, n_tests, grain)
    times = np.cumsum(parts).tolist()
    tests = [test] * (n_tests - 1) + [final_test]
    return [
        Round(time, tuple(anneal((training_stage(part, "sampling"), *each.stages()), schedule, time - part)))
        for time, part, each in zip(times, parts, tests, strict=True)
    ]


def response_metrics(responses: dict[str, Response], skip: float) -> dict[str, Estimate | float]:
    """Accuracy of readouts, and selectivity of both populations in each test.

    ``<test>.<population>_selectivity``: mean over neurons, weighted by their rate.
    """
    metrics: dict[str, Estimate | float] = {**readout_accuracies(responses, skip)}
    for population in MODALITIES:
        for test in ("joint", *MODALITIES):
            tuning = population_selectivity(responses[test], population, skip)
            metrics[f"{test}.{population}_selectivity"] = tuning.weighted_mean
    return metrics


def learning_curve(tests: Sequence[TrainingTest]) -> dict[str, list[float]]:
    """Accuracies over ``seconds`` of training, which come first."""
    accuracies = {name: [test.value(name) for test in tests] for name in CURVES}
    return {"seconds": [test.trained for test in tests], **accuracies}


@dataclass(frozen=True, eq=False)
class TrainedNetwork:
    """What training left.

    Attributes
    ----------
    tests : list of TrainingTest
    theta : dict of (n_synapses,) arrays
        Parameters of each projection at the end.
    reconstructions : dict of ModalityReconstruction
        By direction of recall, in the last test.
    """

    tests: list[TrainingTest]
    theta: dict[str, NDArray[np.float64]]
    reconstructions: dict[str, ModalityReconstruction]

    def metrics(self) -> dict[str, Any]:
        """Measures of the last test, and accuracies over training time."""
        metrics: dict[str, Any] = dict(self.tests[-1].metrics)
        for direction, reconstruction in self.reconstructions.items():
            metrics |= reconstruction.metrics(direction)
        return metrics | {"learning_curve": learning_curve(self.tests)}


def train_and_test(session: Session, rounds: Sequence[Round], log: Any) -> TrainedNetwork:
    """Run all rounds; ``log`` gets a line of accuracies after each."""
    tests = []
    for number in rounds:
        responses = session.run(number.stages)
        tests.append(TrainingTest(number.trained, responses, response_metrics(responses, session.skip)))
        accuracies = ", ".join(f"{name} {tests[-1].value(name):.3f}" for name in CURVES)
        log.info("after %.0f s of training: %s", number.trained, accuracies)
    theta = session.theta()
    reconstructions = {
        direction: reconstruct_modality(
            direction, session.task, session.network, theta, responses[cue], session.skip
        )
        for direction, (_, cue) in DIRECTIONS.items()
    }
    return TrainedNetwork(tests, theta, reconstructions)


def lateral_off_stages(test: RecallTest) -> tuple[Stage, ...]:
    """The stages of :func:`measure_lateral_off`: settling, training items for the readouts, held-out items."""
    settle = (Stage("settle lateral off", test.settle, "train"),) if test.settle else ()
    return (*settle, *test.stages(("training", "joint")))


def measure_lateral_off(
    experiment: AssociationExperiment, start: Moment, test: RecallTest
) -> dict[str, Estimate]:
    """What each population tells by itself: ``lateral_off.<population>_accuracy``.

    From ``start`` on all lateral synapses are cut, so that both modalities can be shown at once. The adaptation
    settles, and readouts are fitted anew. The recording lies in the folder ``lateral_off`` of the run.
    """
    with experiment.session("lateral off", stream="lateral off", part="lateral_off", start=start) as session:
        for pathway in experiment.network.pathways:
            for name in pathway.slices if pathway.lateral else ():
                session.simulation.lesion(SynapseLesion(name))
        accuracies = readout_accuracies(session.run(lateral_off_stages(test)), session.skip)
    return {name.replace("joint", "lateral_off"): value for name, value in accuracies.items()}
