"""Lesions of the association network, and recovery with and without noise (Kappel et al., NIPS 2015, section 4).

The association network is trained by synaptic sampling. Then the visual neurons tuned to one digit are removed, and
after a time of recovery all active lateral synapses, for good. Four conditions go on from the same trained state, on
the same stimuli: ``sampling`` (T = 1), ``map`` (no noise), ``likelihood`` (neither noise nor prior) and ``cool``
(T = 0.1). Recall: what the visual neurons tell from held-out sounds alone.

What to expect, ``paper``, five seeds: recall of 0.96 falls to chance at each lesion. It returns to 0.93 … 0.95 within
20 min after lesion 1, to 0.64 … 0.69 within 40 min after lesion 2, in all conditions alike. More lateral synapses are
new with noise (107 after lesion 2, beside 69 to 85). Recall does not return faster with it. It needs noise only
where retracted synapses do not learn and the mean of the prior is below 0
(``network.circuit.retracted_learn=false``, ``network.circuit.prior.mean=-1``). Budget: 6 h 44 min simulated, 2 to
3 min on one core. Tables with intervals, tests and the search: ``docs/results/lesion.md``.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field, field_validator

from spikingsampling.cli import run_script
from spikingsampling.errors import nearest
from spikingsampling.experiment.protocol import Protocol
from spikingsampling.experiment.run import Run
from spikingsampling.parameters import quantity
from spikingsampling.protocols.studies.association.configuration import ONE_SPEAKER, SMOKE, make_network
from spikingsampling.protocols.studies.lesion.experiment import RECOVERY_STREAMS, LesionExperiment
from spikingsampling.protocols.studies.lesion.figures import save_figures
from spikingsampling.protocols.studies.lesion.measures import condition_metrics, recall_curves
from spikingsampling.protocols.studies.lesion.recall import RecallCourse
from spikingsampling.protocols.studies.lesion.schedule import CONDITIONS, LesionConfiguration
from spikingsampling.protocols.studies.lesion.table import lesion_tables, recall_over_seeds
from spikingsampling.units import Number

__all__ = ["PROTOCOL", "Configuration"]


class Configuration(LesionConfiguration):
    """Settings of the lesion protocol."""

    conditions: tuple[str, ...] = Field(
        tuple(CONDITIONS),
        min_length=1,
        description=f"how the network learns after a lesion: {', '.join(CONDITIONS)}",
    )
    cool_temperature: Number = quantity(0.1, "temperature of the condition `cool`", low=0, high=1e4)

    @field_validator("conditions")
    @classmethod
    def _known_conditions(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if name not in CONDITIONS:
                raise ValueError(f"unknown condition {name!r}{nearest(name, CONDITIONS)}")
        return names


def run(context: Run[Configuration]) -> dict[str, Any]:
    """Train, then let every condition go through both lesions."""
    c = context.configuration
    experiment = LesionExperiment(context)
    training = experiment.training("sampling")
    recoveries = {name: c.lesion.after(CONDITIONS[name][0]) for name in c.conditions}
    experiment.announce(experiment.stages(training, recoveries.values()), "lesion")
    with experiment.session("training", part="training") as session:
        trained = experiment.train(session, training)
        moment = session.simulation.now
    courses = {}
    for name, points in recoveries.items():
        cool = CONDITIONS[name][1]
        settings = c.with_temperature(c.cool_temperature) if cool else c
        network = make_network(settings, experiment.task)
        with experiment.session(
            *RECOVERY_STREAMS, stream="recovery", part=name, start=moment, network=network
        ) as session:
            tests = experiment.recover(session, points, trained.neurons)
        courses[name] = RecallCourse((trained.recall, *tests))
    if context.figures_enabled:
        save_figures(experiment, courses)
    metrics: dict[str, Any] = {"removed_neurons": len(trained.neurons)}
    for name, course in courses.items():
        metrics |= condition_metrics(name, course, c.lesion.recovered)
    return metrics | recall_curves(courses)


PROTOCOL = Protocol(
    configuration=Configuration,
    presets={
        "smoke": {
            **SMOKE,
            "lesion": {
                "test_times_1": ["20 s"],
                "test_times_2": ["20 s"],
                "test": {"settle": "2 s", "measure": "10 s"},
            },
        },
        "quick": {
            "training": "10 min",
            "lesion": {
                "test_times_1": ["2 min", "5 min"],
                "test_times_2": ["3 min", "6 min"],
                "test": {"settle": "40 s", "measure": "40 s"},
            },
            "network": {"n_circuits": 2},
        },
        "paper": {**ONE_SPEAKER, "training": "40 min"},
    },
    run=run,
    tables={"lesion": lesion_tables},
    plots={"lesion": recall_over_seeds},
)

if __name__ == "__main__":
    run_script(PROTOCOL)
