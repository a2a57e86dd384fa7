"""Pruning of the association network: which lateral synapses can go, and does learning bring recall back?

The trained network loses a part of its active lateral synapses for good: the weakest ones, those that have been active
for the shortest time, or some at random. Recall of images from sounds is tested at once, and again after learning has
gone on (synaptic sampling, lecture seed 003 on pruning; the question is ours). Over-production first:
``--set network.circuit.prior.mean=2`` trains with a prior that wants most synapses active.

What to expect (``paper``, five seeds; every number: ``docs/results/pruning.md``): with the strongest fifth of the
synapses recall is 0.92, with a random or the oldest fifth 0.84, of 0.96 before. Ten minutes of learning repair nothing.
After over-production learning has retracted a third of the synapses itself (five seeds).
Budget: ``paper`` 70 s of one core for each seed.
"""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from pydantic import Field

from spikingsampling.cli import run_script
from spikingsampling.experiment.protocol import Protocol
from spikingsampling.experiment.run import Run
from spikingsampling.models.association import training_stage
from spikingsampling.parameters import quantity
from spikingsampling.protocols.studies.association.configuration import ONE_SPEAKER, SMOKE
from spikingsampling.protocols.studies.lesion.experiment import RECOVERY_STREAMS, LesionExperiment
from spikingsampling.protocols.studies.lesion.pruning import (
    Criterion,
    lesions_of,
    plot_pruning,
    removed,
    scores,
)
from spikingsampling.protocols.studies.lesion.recall import LATERAL, measure_recall
from spikingsampling.protocols.studies.lesion.schedule import LesionConfiguration, RecallPoint
from spikingsampling.recording.settings import Recording
from spikingsampling.units import Time

__all__ = ["PROTOCOL", "Configuration"]


class Configuration(LesionConfiguration):
    """Settings of the pruning of lateral synapses; ``lesion.test`` is how recall is tested."""

    criteria: tuple[Criterion, ...] = Field(
        ("weight", "age", "random"), min_length=1, description="which synapses are removed first"
    )
    kept: tuple[Annotated[float, Field(gt=0, lt=1)], ...] = Field(
        (0.5, 0.2, 0.1, 0.05), min_length=1, description="fractions of the active lateral synapses that stay"
    )
    relearn: Time = quantity(
        "10 min", "learning after the removal", low="10 s", high="100 h", dimension="time"
    )
    recording: Recording = Recording(snapshot_period="1 min")


def run(context: Run[Configuration]) -> dict[str, Any]:
    """Train; then prune the same trained network in every way."""
    c = context.configuration
    experiment = LesionExperiment(context)
    training = experiment.training("sampling")
    tests = c.lesion.recall_stages()
    again = (training_stage(c.relearn, "sampling", "relearn"), *tests)
    branches = [(criterion, kept) for criterion in c.criteria for kept in c.kept]
    experiment.announce([*training, *tests, *((*tests, *again) * len(branches))], "lateral_pruning")
    with experiment.session("training", part="training") as session:
        before = experiment.train(session, training).recall
        moment = session.simulation.now
    sizes = {name: len(experiment.network.projection(name)) for name in LATERAL}
    metrics: dict[str, Any] = {
        "before.accuracy": before.accuracy,
        "before.active_lateral": before.active_lateral,
    }
    found: dict[str, dict[str, list[float]]] = {"at_once": {}, "later": {}}
    for criterion, kept in branches:
        score, active = scores(context.directory / "training", criterion, context.rng("order of synapses"))
        part = f"{criterion}_{100 * kept:g}"
        with experiment.session(*RECOVERY_STREAMS, stream="recovery", part=part, start=moment) as session:
            start = session.simulation.time
            for lesion in lesions_of(removed(score, active, kept), sizes):
                session.simulation.lesion(lesion)
            at_once = measure_recall(session, RecallPoint(1, 0.0, tests), start)
            later = measure_recall(session, RecallPoint(1, c.relearn, again), start)
        for name, test in (("at_once", at_once), ("later", later)):
            metrics[f"{criterion}.kept_{kept:g}.{name}"] = test.accuracy
            found[name].setdefault(criterion, []).append(test.accuracy.value)
        metrics[f"{criterion}.kept_{kept:g}.active_later"] = later.active_lateral
    if context.figures_enabled:
        curves = [{name: np.array(values) for name, values in found[moment_].items()} for moment_ in found]
        context.save_figure(
            "recall",
            plot_pruning(np.array(c.kept), *curves, before.accuracy.value, 1 / len(experiment.task.digits)),
            "Recall of images from sounds over the part of the active lateral synapses that is kept, at once and after "
            "learning went on.",
        )
    return metrics


PROTOCOL = Protocol(
    configuration=Configuration,
    presets={
        "smoke": {
            **SMOKE,
            "criteria": ["weight", "random"],
            "kept": [0.5, 0.2],
            "relearn": "10 s",
            "lesion": {"test": {"settle": "2 s", "measure": "10 s"}},
        },
        "quick": {
            "training": "10 min",
            "kept": [0.5, 0.1],
            "relearn": "2 min",
            "lesion": {"test": {"settle": "40 s", "measure": "40 s"}},
            "network": {"n_circuits": 2},
        },
        "paper": {**ONE_SPEAKER, "training": "40 min"},
    },
    run=run,
)

if __name__ == "__main__":
    run_script(PROTOCOL)
