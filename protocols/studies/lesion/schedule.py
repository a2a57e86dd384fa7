"""When the association network is lesioned, and when its recall is tested afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from pydantic import Field, field_validator, model_validator

from spikingsampling.data import ClassName, class_labels
from spikingsampling.models.association import RecallTest, Stage, training_stage
from spikingsampling.network.rules import Learning
from spikingsampling.parameters import Parameters, quantity
from spikingsampling.protocols.studies.association.configuration import AssociationConfiguration
from spikingsampling.units import Number, Time

__all__ = ["CONDITIONS", "LesionConfiguration", "LesionSchedule", "RecallPoint", "duration_text"]

#: Condition → mode of learning after the lesions, and whether its temperature is the low one.
CONDITIONS: dict[str, tuple[Learning, bool]] = {
    "sampling": ("sampling", False),
    "map": ("map", False),
    "likelihood": ("likelihood", False),
    "cool": ("sampling", True),
}


@dataclass(frozen=True)
class RecallPoint:
    """A test of recall, and what comes before it.

    Attributes
    ----------
    lesion : int
        0 before any lesion, then 1 or 2.
    learnt : float
        Learning time since that lesion (s); at 0 the lesion comes first.
    stages : tuple of Stage
        Learning since the last test, and the test.
    """

    lesion: int
    learnt: float
    stages: tuple[Stage, ...]


def duration_text(seconds: float) -> str:
    """A learning time for headings: ``"20 s"``, ``"2.5 min"``."""
    return f"{seconds:.3g} s" if seconds < 60 else f"{seconds / 60:.3g} min"


class LesionSchedule(Parameters):
    """What is removed, and when recall is tested after it."""

    digit: ClassName | None = Field(
        None,
        description="digit or class whose visual neurons lesion 1 removes; the last one if none "
        "(Kappel et al., NIPS 2015: 2)",
    )
    fraction: float | None = Field(
        None,
        gt=0,
        lt=1,
        description="part of the visual neurons that lesion 1 removes: those tuned to the digit first, then others at "
        "random; none: those tuned to the digit",
    )
    sham: bool = Field(
        False,
        description="whether the lesions remove nothing, to see what time alone does; all else is the same",
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

    def removed_digit(self, digits: Sequence[ClassName]) -> int:
        """The digit whose neurons lesion 1 removes, of those that the network knows."""
        return class_labels(digits)[str(digits[-1] if self.digit is None else self.digit)]

    def recall_stages(self) -> tuple[Stage, ...]:
        """A test of recall: responses to training pairs, then to held-out sounds alone, and a snapshot."""
        return self.test.stages(("training", "auditory"), snapshot=True)

    def before(self) -> RecallPoint:
        """The test before the lesions."""
        return RecallPoint(0, 0.0, self.recall_stages())

    def after(self, learning: Learning) -> list[RecallPoint]:
        """The tests after both lesions in their order, at once after each and while the network recovers."""
        points = []
        for lesion, times in enumerate((self.test_times_1, self.test_times_2), start=1):
            points.append(RecallPoint(lesion, 0.0, self.recall_stages()))
            for earlier, learnt in pairwise((0.0, *times)):
                training = training_stage(learnt - earlier, learning, f"recovery {lesion}")
                points.append(RecallPoint(lesion, learnt, (training, *self.recall_stages())))
        return points


class LesionConfiguration(AssociationConfiguration):
    """Settings of an experiment that lesions the association network."""

    lesion: LesionSchedule = LesionSchedule()

    @model_validator(mode="after")
    def _known_digit(self) -> LesionConfiguration:
        if self.lesion.digit is not None and self.lesion.digit not in self.digits:
            raise ValueError(f"lesion.digit = {self.lesion.digit}: must be one of digits = {self.digits}")
        return self
