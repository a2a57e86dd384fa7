"""The association network with pair STDP in place of synaptic sampling: recall, and recovery after lesions.

Two networks learn the same stimuli from the same seeds, with the same circuits, adaptation, delays and initial
synapses: one by synaptic sampling, one by pair STDP of the weights on the membrane
(:class:`spikingsampling.network.rules.STDPRule`). Both are tested on held-out stimuli with one modality silent, and
then go through the two lesions of :mod:`spikingsampling.protocols.lesion.lesion`. A synapse at weight 0 counts as
retracted with either rule.

What to expect, ``paper``, five seeds (readout of the visual neurons from sounds alone, chance 0.5): synaptic sampling
0.98 before the lesions and 0.95 and 0.72 at the end of the recoveries, pair STDP 0.67, 0.63 and 0.50. The constants of
STDP have not been searched for: a reference point, not the best that it can do. Budget: 4 h 40 min simulated, 90 s of
one core. All numbers: ``docs/results/association.md``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from spikingsampling.cli import run_script
from spikingsampling.experiment.protocol import Protocol
from spikingsampling.experiment.run import Run
from spikingsampling.models.association.stages import TESTS
from spikingsampling.network.rules import STDPRule
from spikingsampling.protocols.studies.association.configuration import ONE_SPEAKER, SMOKE
from spikingsampling.protocols.studies.lesion.experiment import RECOVERY_STREAMS, LesionExperiment
from spikingsampling.protocols.studies.lesion.measures import (
    RULES,
    condition_metrics,
    recall_curves,
    rule_metrics,
)
from spikingsampling.protocols.studies.lesion.recall import RecallCourse
from spikingsampling.protocols.studies.lesion.rules_figures import save_figures
from spikingsampling.protocols.studies.lesion.schedule import LesionConfiguration

__all__ = ["PROTOCOL", "Configuration"]


class Configuration(LesionConfiguration):
    """Settings of the comparison of STDP with synaptic sampling."""

    stdp: STDPRule = STDPRule(pairing="nearest")


def run(context: Run[Configuration]) -> dict[str, Any]:
    """Train, test, lesion and test again with each of the two rules."""
    c = context.configuration
    experiment = LesionExperiment(context)
    networks = {"sampling": experiment.network, "stdp": replace(experiment.network, rule=c.stdp)}
    training = {name: experiment.training(learning, tuple(TESTS)) for name, learning in RULES.items()}
    recoveries = {name: c.lesion.after(learning) for name, learning in RULES.items()}
    experiment.announce(
        [stage for name in RULES for stage in experiment.stages(training[name], [recoveries[name]])],
        "stdp_association",
    )
    metrics: dict[str, Any] = {}
    trained, courses = {}, {}
    for name, network in networks.items():
        with experiment.session("training", part=name, network=network) as session:
            trained[name] = experiment.train(session, training[name])
            recovering = session.with_streams(*RECOVERY_STREAMS)
            tests = experiment.recover(recovering, recoveries[name], trained[name].neurons)
        courses[name] = RecallCourse((trained[name].recall, *tests))
        metrics |= rule_metrics(name, trained[name], experiment.skip)
        metrics |= condition_metrics(name, courses[name], c.lesion.recovered)
    if context.figures_enabled:
        save_figures(experiment, networks, trained, courses)
    return metrics | recall_curves(courses)


PROTOCOL = Protocol(
    configuration=Configuration,
    presets={
        "smoke": {
            **SMOKE,
            "lesion": {
                "test_times_1": ["10 s", "20 s"],
                "test_times_2": ["10 s", "20 s"],
                "test": {"settle": "2 s", "measure": "10 s"},
            },
        },
        "quick": {
            "training": "10 min",
            "lesion": {
                "test_times_1": ["2 min", "5 min"],
                "test_times_2": ["2 min", "5 min"],
                "test": {"settle": "60 s", "measure": "40 s"},
            },
            "network": {"n_circuits": 2},
        },
        "paper": {**ONE_SPEAKER, "training": "40 min"},
    },
    run=run,
)

if __name__ == "__main__":
    run_script(PROTOCOL)
