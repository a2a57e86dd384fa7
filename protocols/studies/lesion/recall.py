"""Recall of images from sounds: a test of it, and its course over two lesions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spikingsampling.analysis import Estimate, Recovery, Selectivity, recovery
from spikingsampling.models.association import (
    AUDITORY,
    VISUAL,
    ModalityReconstruction,
    population_selectivity,
    readout_accuracies,
    reconstruct_modality,
)
from spikingsampling.protocols.studies.association.session import Session
from spikingsampling.protocols.studies.lesion.schedule import RecallPoint

__all__ = ["LATERAL", "RecallCourse", "RecallMeasurement", "measure_recall"]

#: The projections that join the modalities.
LATERAL = (f"{AUDITORY}_to_{VISUAL}", f"{VISUAL}_to_{AUDITORY}")
#: Recall is what visual neurons tell when only a sound is shown.
DIRECTION = "audio_to_visual"


@dataclass(frozen=True, eq=False)
class RecallMeasurement:
    """A test of recall.

    Attributes
    ----------
    lesion : int
        0 before any lesion, then 1 or 2.
    learnt : float
        Learning time since that lesion (s).
    time : float
        Simulated time at its end (s).
    lesion_time : float or None
        Simulated time of that lesion (s).
    accuracy : Estimate
        Of a readout of the visual neurons from held-out sounds alone.
    reconstruction : ModalityReconstruction
        Images that the visual neurons reconstruct when they hear these sounds.
    tuning : Selectivity
        Of the visual neurons, when both modalities are shown.
    theta, w : dict of (n_synapses,) arrays
        Parameters and weights of each projection at its end.
    """

    lesion: int
    learnt: float
    time: float
    lesion_time: float | None
    accuracy: Estimate
    reconstruction: ModalityReconstruction
    tuning: Selectivity
    theta: dict[str, NDArray[np.floating]]
    w: dict[str, NDArray[np.floating]]

    def active(self, projections: Iterable[str] | None = None) -> dict[str, NDArray[np.bool_]]:
        """Which synapses (n_synapses,) of some projections, or of all, are active."""
        return {name: self.w[name] > 0 for name in (self.w if projections is None else projections)}

    @property
    def active_lateral(self) -> int:
        """Number of active synapses between the modalities."""
        return sum(int(np.count_nonzero(active)) for active in self.active(LATERAL).values())


def measure_recall(session: Session, point: RecallPoint, lesion_time: float | None) -> RecallMeasurement:
    """Run the stages of a test and measure; the readout is fitted anew at each test."""
    responses = session.run(point.stages)
    heard = responses["auditory"]
    theta, w = ({name: pair[k] for name, pair in heard.snapshots.items()} for k in (0, 1))
    return RecallMeasurement(
        point.lesion,
        point.learnt,
        session.simulation.time,
        lesion_time,
        readout_accuracies(responses, session.skip, (VISUAL,))[f"{DIRECTION}.accuracy"],
        reconstruct_modality(DIRECTION, session.task, session.network, theta, heard, session.skip),
        population_selectivity(responses["training"], VISUAL, session.skip),
        theta,
        w,
    )


@dataclass(frozen=True, eq=False)
class RecallCourse:
    """Recall in one condition, from the test before the lesions to the last one.

    Attributes
    ----------
    tests : tuple of RecallMeasurement
        In their order.
    """

    tests: tuple[RecallMeasurement, ...]

    def after(self, lesion: int) -> tuple[RecallMeasurement, ...]:
        """The tests after a lesion and before the next one."""
        return tuple(test for test in self.tests if test.lesion == lesion)

    def before(self, lesion: int) -> RecallMeasurement:
        """The last test before a lesion."""
        return [test for test in self.tests if test.lesion < lesion][-1]

    def is_last(self, test: RecallMeasurement) -> bool:
        """Whether a test is the last one before a lesion, or of all."""
        return test is self.after(test.lesion)[-1]

    def recovery(self, lesion: int, fraction: float) -> Recovery:
        """Recovery from a lesion to a fraction of the accuracy just before it.

        The fraction is that of the accuracy itself, not of what is above chance.
        """
        tests = self.after(lesion)
        return recovery(
            [test.learnt for test in tests],
            [test.accuracy.value for test in tests],
            0.0,
            before=self.before(lesion).accuracy.value,
            fraction=fraction,
        )

    def new_synapses(self, lesion: int) -> dict[str, int]:
        """By projection: synapses that are active at the end of a recovery and were not just after the lesion."""
        first, last = self.after(lesion)[0].active(), self.after(lesion)[-1].active()
        return {name: int(np.count_nonzero(last[name] & ~first[name])) for name in last}

    @property
    def lesion_seconds(self) -> list[float]:
        """Learning time (s) since lesion 1 at each lesion."""
        return [0.0, self.after(1)[-1].learnt]

    @property
    def seconds(self) -> list[float]:
        """Learning time (s) since lesion 1 at each test.

        The tests just before a lesion are put one second before it, so that they can be told from those after it.
        """
        lesions = (0.0, *self.lesion_seconds)
        last = (self.before(1), self.before(2))
        return [test.learnt + lesions[test.lesion] - (1.0 if test in last else 0.0) for test in self.tests]
