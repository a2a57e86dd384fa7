"""The association network with pair STDP in place of synaptic sampling: recall, and recovery after lesions.

Two networks learn the same stimuli from the same seeds, with the same circuits, adaptation (homeostasis), delays and
initial synapses: one by synaptic sampling, one by pair STDP of the weights on the membrane
(:class:`spikingsampling.network.rules.STDPRule`). Both are tested on held-out stimuli with one modality silent,
and then live through the two lesions of :mod:`spikingsampling.protocols.lesion.lesion`. A synapse at weight 0
counts as absent with either rule, and is what lesion 2 leaves to grow.

Found with ``paper``, seed 1 only (readout of the visual neurons from 250 sounds alone, chance 0.5): synaptic sampling
0.99 before lesion 1, 0.59 at once and 0.95 after 20 min, 0.48 and 0.76 (40 min) after lesion 2; pair STDP 0.64, 0.59
and 0.68, 0.50 and 0.52. Selectivity of the visual neurons 0.99 and 0.92, active synapses 42 and 99 %. The constants of
STDP (``stdp``) have not been searched for: a reference point, not the best that it can do. Budget: 4 h 40 min
simulated, 9 min on one core.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from spikingsampling.cli import run_script
from spikingsampling.experiment.protocol import Protocol
from spikingsampling.experiment.run import Run
from spikingsampling.models.association.measures import Imagined, population_selectivity, readout_metrics
from spikingsampling.models.association.task import run_test
from spikingsampling.network.rules import STDPRule
from spikingsampling.protocols.studies.association.configuration import (
    SMOKE,
    AssociationConfiguration,
    make_network,
    make_task,
)
from spikingsampling.protocols.studies.association.stdp_figures import RULES, active_fraction, save_figures
from spikingsampling.protocols.studies.lesion.experiment import (
    Check,
    LesionSchedule,
    check_recall,
    condition_metrics,
    imagined,
    learning_curves,
    lesion_and_recover,
    parameters_at,
    tuned_neurons,
)
from spikingsampling.recording.settings import Recording

__all__ = ["PROTOCOL", "Configuration"]


class Configuration(AssociationConfiguration):
    """Settings of the comparison of STDP with synaptic sampling."""

    stdp: STDPRule = STDPRule(pairing="nearest")
    lesion: LesionSchedule = LesionSchedule()
    recording: Recording = Recording(snapshot_period="10 min")


def run(context: Run[Configuration]) -> dict[str, Any]:
    """Train, test, lesion and test again with each of the two rules."""
    c, schedule = context.configuration, context.configuration.lesion
    task = make_task(c)
    sampling = make_network(c, task)
    networks = {"sampling": sampling, "stdp": replace(sampling, rule=c.stdp)}
    testing = 2 * schedule.test.settle + 4 * schedule.test.measure + schedule.test_duration
    context.progress.start(len(networks) * (c.training + testing + schedule.duration), "stdp_association")
    digit = c.digits[-1] if schedule.digit is None else schedule.digit
    metrics: dict[str, Any] = {}
    tests: dict[str, list[Check]] = {}
    images: dict[str, list[Imagined]] = {}
    joint, theta = {}, {}
    for name, learning in RULES.items():
        network, rng = networks[name], np.random.default_rng(context.stream("training"))
        with context.simulation(
            network, task.stimuli, stream="network", part=name, segment=c.segment, recording=c.recording
        ) as simulation:
            task.run(simulation, c.training, "train", rng, learning=learning, name="train")
            responses = run_test(task, simulation, schedule.test, rng)
            joint[name] = responses["joint"]
            found: dict[str, Any] = {**readout_metrics(responses, c.skip)}
            for modality in ("visual", "auditory"):
                tuning = population_selectivity(joint[name], modality, c.skip)
                found[f"joint.{modality}_selectivity"] = tuning.weighted_mean
            metrics |= {f"{name}.{measure}": value for measure, value in found.items()}
            before = check_recall(task, simulation, schedule, rng, c.skip)
            neurons = tuned_neurons(joint[name], digit, c.skip)
            streams = [context.stream("recovery items"), context.stream("test items")]
            later = lesion_and_recover(task, simulation, schedule, learning, neurons, streams, c.skip)
            simulation.finish()
        tests[name] = [before, *later]
        images[name] = [imagined(check, task, network, c.skip) for check in tests[name]]
        metrics |= condition_metrics(name, tests[name], images[name], schedule, network)
        metrics[f"{name}.removed_neurons"] = len(neurons)
        theta[name] = parameters_at(before, network)
        metrics[f"{name}.active_fraction"] = active_fraction(theta[name])
        context.log.info("%s: recall %s", name, ", ".join(f"{k.accuracy:.3f}" for k in tests[name]))
    metrics |= learning_curves(tests, images)
    if context.figures_enabled:
        save_figures(context.save_figure, task, networks, theta, joint, metrics["recall"], c.skip)
    return metrics


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
        "paper": {
            "data": "real",
            "speakers": ["jackson"],
            "training": "40 min",
        },
    },
    run=run,
)

if __name__ == "__main__":
    run_script(PROTOCOL)
