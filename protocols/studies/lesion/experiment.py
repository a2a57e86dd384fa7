"""The lesion experiment with the association network: two lesions, each followed by recovery.

After Kappel et al., NIPS 2015, section 4. Lesion 1 removes the visual neurons that are tuned to one digit. Lesion 2
removes all lateral synapses between the modalities that are active then, for good. After each the network goes on to
learn, and at fixed times its recall is tested with learning off.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikingsampling.analysis import Selectivity
from spikingsampling.errors import ParameterError
from spikingsampling.experiment.run import Run
from spikingsampling.models.association import VISUAL, Stage, training_stage
from spikingsampling.network.lesions import Lesion, NeuronLesion, SynapseLesion
from spikingsampling.network.rules import Learning
from spikingsampling.protocols.studies.association.session import AssociationExperiment, Session
from spikingsampling.protocols.studies.lesion.recall import LATERAL, RecallMeasurement, measure_recall
from spikingsampling.protocols.studies.lesion.schedule import LesionConfiguration, RecallPoint
from spikingsampling.simulation.response import Response

__all__ = ["LesionExperiment", "Unlesioned", "lesioned_part", "lesions", "tuned_neurons"]

#: Streams that draw the items of the recovery; conditions that share them see the same.
RECOVERY_STREAMS = ("recovery items", "test items")


def tuned_neurons(tuning: Selectivity, digit: int) -> NDArray[np.int64]:
    """Neurons that prefer a digit and are selective for it.

    Raises
    ------
    ParameterError
        There is none, or no others would be left.
    """
    neurons = np.flatnonzero((tuning.preferred == digit) & (tuning.index > 0))
    if not 0 < len(neurons) < len(tuning.index):
        raise ParameterError(
            f"lesion.digit = {digit}: {len(neurons)} of {len(tuning.index)} visual neurons are tuned to it; "
            "must be at least one, and not all"
        )
    return neurons


def lesioned_part(
    tuned: NDArray[np.int64], n_neurons: int, fraction: float, rng: np.random.Generator
) -> NDArray[np.int64]:
    """A part of ``n_neurons``, rounded, of which at least one goes and one stays: tuned ones first, then others.

    Both are drawn at random from all circuits. A circuit of which one neuron is left always fires it, and one of which
    none is left falls silent.
    """
    others = np.setdiff1d(np.arange(n_neurons), tuned)
    order = np.concatenate([rng.permutation(tuned), rng.permutation(others)])
    return np.sort(order[: min(max(1, round(fraction * n_neurons)), n_neurons - 1)])


def lesions(number: int, neurons: NDArray[np.int64]) -> list[Lesion]:
    """What lesion 1 or 2 removes; ``neurons`` are the visual ones that lesion 1 takes."""
    if number == 1:
        return [NeuronLesion(VISUAL, neurons)]
    return [SynapseLesion(projection, active_only=True) for projection in LATERAL]


@dataclass(frozen=True, eq=False)
class Unlesioned:
    """The trained network before the lesions.

    Attributes
    ----------
    responses : dict of Response
        Of the tests after training.
    tuning : dict of Selectivity
        Of both populations, when both modalities are shown.
    recall : RecallMeasurement
    neurons : (n,) int array
        Visual neurons that lesion 1 removes, or would if it were none of the sham ones.
    """

    responses: dict[str, Response]
    tuning: dict[str, Selectivity]
    recall: RecallMeasurement
    neurons: NDArray[np.int64]


class LesionExperiment(AssociationExperiment):
    """The association network, its lesions and its recovery.

    Parameters
    ----------
    context : Run
        Of a protocol whose configuration is a ``LesionConfiguration``.
    """

    def __init__(self, context: Run[Any]) -> None:
        super().__init__(context)
        c: LesionConfiguration = context.configuration
        self.schedule = c.lesion
        self.digit = c.lesion.removed_digit(c.digits)

    def training(self, learning: Learning, tests: Sequence[str] = ("joint",)) -> tuple[Stage, ...]:
        """Training, and the tests after it."""
        c: LesionConfiguration = self.context.configuration
        return (training_stage(c.training, learning), *self.schedule.test.stages(tests))

    def stages(self, training: Iterable[Stage], recoveries: Iterable[Sequence[RecallPoint]]) -> list[Stage]:
        """All stages of a training, the test of recall before the lesions, and recoveries."""
        points = [self.schedule.before(), *(point for recovery in recoveries for point in recovery)]
        return [*training, *(stage for point in points for stage in point.stages)]

    def train(self, session: Session, stages: Iterable[Stage]) -> Unlesioned:
        """Run the stages of :meth:`training`, test recall, and choose the neurons that lesion 1 removes."""
        responses = session.run(stages)
        recall = measure_recall(session, self.schedule.before(), None)
        tuning = self.tuning(responses["joint"])
        neurons = tuned_neurons(tuning[VISUAL], self.digit)
        self.context.log.info(
            "%d visual neurons are tuned to %d; recall %.3f", len(neurons), self.digit, recall.accuracy.value
        )
        if self.schedule.fraction is not None:
            size, rng = session.network.population(VISUAL).size, self.context.rng("removed neurons")
            neurons = lesioned_part(neurons, size, self.schedule.fraction, rng)
        return Unlesioned(responses, tuning, recall, neurons)

    def recover(
        self, session: Session, points: Iterable[RecallPoint], neurons: NDArray[np.int64]
    ) -> list[RecallMeasurement]:
        """Both lesions with recovery after each; all tests in order. Sham lesions remove nothing."""
        tests: list[RecallMeasurement] = []
        time = session.simulation.time
        for point in points:
            if point.learnt == 0:
                time = session.simulation.time
                for lesion in () if self.schedule.sham else lesions(point.lesion, neurons):
                    session.simulation.lesion(lesion)
            tests.append(measure_recall(session, point, time))
        accuracies = ", ".join(f"{test.accuracy.value:.3f}" for test in tests)
        part = session.simulation.directory
        self.context.log.info("%s: recall after the lesions %s", part.name if part else "", accuracies)
        return tests
