"""Stages of an experiment with the association network: declared once, then both summed and run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from spikingsampling.models.association.stimulation import Split
from spikingsampling.models.association.task import SOURCES, AssociationTask
from spikingsampling.network.rules import Learning
from spikingsampling.parameters import Parameters, quantity
from spikingsampling.simulation.response import Response
from spikingsampling.simulation.simulation import Simulation
from spikingsampling.units import Frequency, Number, Time

__all__ = [
    "TESTS",
    "Annealing",
    "RecallTest",
    "Stage",
    "anneal",
    "run_stage",
    "total_duration",
    "training_stage",
]


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
    changes : dict
        Constants of the circuits that change when the stage begins, as
        :meth:`~spikingsampling.simulation.simulation.Simulation.set_parameters` takes them.
    """

    name: str
    duration: float
    split: Split
    learning: Learning = "off"
    sources: tuple[str, ...] = SOURCES
    test: str | None = None
    snapshot: bool = False
    changes: Mapping[str, float] = field(default_factory=dict)


def training_stage(duration: float, learning: Learning, name: str = "train") -> Stage:
    """Pairs of training items are learnt for ``duration`` seconds."""
    return Stage(name, duration, "train", learning)


class Annealing(Parameters):
    """Constants of the circuits that change at a time of the training."""

    after: Time = quantity(
        "60 min", "training time after which they change", low="0 s", high="1000 h", dimension="time"
    )
    b: Frequency | None = quantity(None, "sampling speed b", low="0 /s", high="1 /s", dimension="frequency")
    temperature: Number | None = quantity(None, "temperature T of the sampling", low=0, high=1e4)

    @property
    def changes(self) -> dict[str, float]:
        """What changes, by name."""
        return {name: value for name in ("b", "temperature") if (value := getattr(self, name)) is not None}


def anneal(stages: Iterable[Stage], schedule: Sequence[Annealing], trained: float = 0.0) -> Iterator[Stage]:
    """The same stages, with changes of constants; stages that learn are divided where these fall into them.

    Only time in which the network learns counts, and it has learnt for ``trained`` seconds before. A change whose time
    lies before or behind the stages is not made.
    """
    due = sorted((c for c in schedule if c.after > trained - 1e-9), key=lambda change: change.after)
    for stage in stages:
        rest = stage
        while stage.learning != "off" and due and due[0].after < trained + rest.duration - 1e-9:
            change = due.pop(0)
            if (first := change.after - trained) > 1e-9:
                yield replace(rest, duration=first)
                rest, trained = replace(rest, duration=rest.duration - first, changes={}), change.after
            rest = replace(rest, changes={**rest.changes, **change.changes})
        yield rest
        if stage.learning != "off":
            trained += rest.duration


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
    fit: Time | None = quantity(
        None,
        "time for which responses to training items are measured, to which readouts are fitted; none: as the others",
        low="1 s",
        high="10 h",
        dimension="time",
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
            fits = name == "training" and self.fit is not None
            duration = self.fit if fits else self.measure
            stages.append(Stage(f"test {name}", duration, split, sources=sources, test=name, snapshot=last))
        return tuple(stages)


def total_duration(stages: Iterable[Stage]) -> float:
    """Simulated time of some stages (s)."""
    return sum(stage.duration for stage in stages)


def run_stage(
    task: AssociationTask, simulation: Simulation, stage: Stage, rng: np.random.Generator
) -> Response:
    """Present the items of a stage, drawn with ``rng``."""
    if stage.changes:
        simulation.set_parameters(**stage.changes)
    n = round(stage.duration / task.stimuli.presentation_period)
    items, digits = task.draw(n, stage.split, rng, stage.sources)
    return simulation.present(
        items, learning=stage.learning, labels=digits, name=stage.name, snapshot=stage.snapshot
    )
