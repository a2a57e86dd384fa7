"""Stages of an experiment with the association network: declared once, then both summed and run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from spikingsampling.models.association.task import SOURCES, AssociationTask, Split
from spikingsampling.network.rules import Learning
from spikingsampling.parameters import Parameters, quantity
from spikingsampling.simulation.response import Response
from spikingsampling.simulation.simulation import Simulation
from spikingsampling.units import Time

__all__ = ["TESTS", "RecallTest", "Stage", "run_stage", "total_duration", "training_stage"]


@dataclass(frozen=True)
class Stage:
    """A time in which random items of a split are presented.

    Attributes
    ----------
    name : str
        Kept with the recording, and shown.
    duration : float
        Seconds.
    split : {"train", "test"}
    learning : str
        As in :meth:`~spikingsampling.simulation.simulation.Simulation.present`.
    sources : tuple of str
        Those that show items; the others are silent.
    test : str, optional
        Name of the response; without it the response is not kept.
    snapshot : bool
        Whether θ and w at the end are recorded in any case.
    """

    name: str
    duration: float
    split: Split
    learning: Learning = "off"
    sources: tuple[str, ...] = SOURCES
    test: str | None = None
    snapshot: bool = False


def training_stage(duration: float, learning: Learning, name: str = "train") -> Stage:
    """Pairs of training items are learnt for ``duration`` seconds."""
    return Stage(name, duration, "train", learning)


#: What a test shows: the split, which sources show items, and whether the adaptation has to settle before.
TESTS: dict[str, tuple[Split, tuple[str, ...], bool]] = {
    "training": ("train", SOURCES, False),
    "joint": ("test", SOURCES, False),
    "auditory": ("test", SOURCES[1:], True),
    "visual": ("test", SOURCES[:1], True),
}


class RecallTest(Parameters):
    """Durations of a test, all with learning switched off."""

    settle: Time = quantity(
        "120 s",
        "time to let the adaptation settle when a modality falls silent or returns",
        low="0 s",
        high="1 h",
        dimension="time",
    )
    measure: Time = quantity(
        "60 s", "time for which responses are measured", low="1 s", high="10 h", dimension="time"
    )

    def stages(self, tests: Sequence[str] = tuple(TESTS), snapshot: bool = False) -> tuple[Stage, ...]:
        """The stages of a test.

        Parameters
        ----------
        tests : sequence of str
            ``training``: training items of both modalities (to fit a readout); ``joint``, ``auditory``, ``visual``:
            held-out items of both modalities, of sounds alone, of images alone.
        snapshot : bool
            Whether θ and w at the end of the last one are recorded in any case.
        """
        stages = []
        for name in tests:
            split, sources, settles = TESTS[name]
            if settles and self.settle:
                stages.append(Stage(f"settle {name}", self.settle, split, sources=sources))
            last = snapshot and name == tests[-1]
            stages.append(
                Stage(f"test {name}", self.measure, split, sources=sources, test=name, snapshot=last)
            )
        return tuple(stages)


def total_duration(stages: Iterable[Stage]) -> float:
    """Simulated time of some stages (s)."""
    return sum(stage.duration for stage in stages)


def run_stage(
    task: AssociationTask, simulation: Simulation, stage: Stage, rng: np.random.Generator
) -> Response:
    """Present the items of a stage, drawn with ``rng``."""
    n = round(stage.duration / task.stimuli.presentation_period)
    items, digits = task.draw(n, stage.split, rng, stage.sources)
    return simulation.present(
        items, learning=stage.learning, labels=digits, name=stage.name, snapshot=stage.snapshot
    )
