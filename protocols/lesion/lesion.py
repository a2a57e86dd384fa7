"""Lesions of the association network, and recovery with and without noise (Kappel et al., NIPS 2015, section 4).

The association network is trained by synaptic sampling. Then the visual neurons tuned to one digit are removed, and
after a time of recovery all lateral synapses that exist, which may not grow again. Four conditions go on from the same
trained state, on the same stimuli: ``sampling`` (T = 1), ``map`` (no noise), ``likelihood`` (neither noise nor prior)
and ``cool`` (T = 0.1). Recall: what the visual neurons tell from held-out sounds alone.

Expected, ``paper``, seeds 1 to 5, mean with its 95 % interval (the README has all measures and tests, and the search):

================ ======== ==================== ==================== =============================
recall           before   lesion 1, at the end lesion 2, at the end new lateral synapses, lesion 2
================ ======== ==================== ==================== =============================
sampling         0.955    0.950 (0.908, 0.992) 0.793 (0.736, 0.849) 160 (141, 178)
map              0.955    0.934 (0.905, 0.962) 0.782 (0.686, 0.878) 122 (104, 140)
likelihood       0.955    0.942 (0.904, 0.980) 0.798 (0.737, 0.860) 127 (104, 150)
cool             0.955    0.930 (0.905, 0.955) 0.774 (0.676, 0.873) 122 (104, 140)
================ ======== ==================== ==================== =============================

Measures, for each condition: ``accuracy_…`` and ``recovered_accuracy_…`` of recall; ``recovery_time_…``, seconds of
learning until 90 % of the level before the lesion (a lower bound where ``recovery_censored_…`` is 1);
``new_synapses_…`` at the end of a recovery; ``…reconstruction_…``, how often the reconstructed image is closest to its
digit.

Just after a lesion recall is at chance (0.53, 0.48). More synapses form with noise; recall does not return faster with
it, unless retracted synapses do not learn and the mean of the prior is below 0: then it does not return from lesion 2
without noise (``network.circuit.retracted_learn=false``, ``network.circuit.prior.mean=-1``).
Budget: 6 h 44 min simulated, 14 min on one core.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pydantic import Field, model_validator

from spikingsampling.cli import run_script
from spikingsampling.errors import nearest
from spikingsampling.experiment.protocol import Protocol
from spikingsampling.experiment.run import Run
from spikingsampling.models.association.measures import Imagined
from spikingsampling.models.association.task import run_test
from spikingsampling.parameters import quantity
from spikingsampling.protocols.studies.association.configuration import (
    SMOKE,
    AssociationConfiguration,
    make_network,
    make_task,
)
from spikingsampling.protocols.studies.lesion.experiment import (
    CONDITIONS,
    Check,
    LesionSchedule,
    check_recall,
    condition_metrics,
    imagined,
    learning_curves,
    lesion_and_recover,
    tuned_neurons,
)
from spikingsampling.protocols.studies.lesion.figures import save_figures
from spikingsampling.recording.settings import Recording
from spikingsampling.units import Number

__all__ = ["PROTOCOL", "Configuration"]


class Configuration(AssociationConfiguration):
    """Settings of the lesion protocol."""

    conditions: tuple[str, ...] = Field(
        tuple(CONDITIONS),
        min_length=1,
        description=f"how the network learns after a lesion: {', '.join(CONDITIONS)}",
    )
    cool_temperature: Number = quantity(0.1, "temperature of the condition `cool`", low=0, high=1e4)
    lesion: LesionSchedule = LesionSchedule()
    recording: Recording = Recording(snapshot_period="10 min")

    @model_validator(mode="after")
    def _check(self) -> Configuration:
        for name in self.conditions:
            if name not in CONDITIONS:
                raise ValueError(f"conditions: unknown condition {name!r}{nearest(name, CONDITIONS)}")
        if self.lesion.digit is not None and self.lesion.digit not in self.digits:
            raise ValueError(f"lesion.digit = {self.lesion.digit}: must be one of digits = {self.digits}")
        return self


def run(context: Run[Configuration]) -> dict[str, Any]:
    """Train, then let every condition live through both lesions."""
    c, schedule = context.configuration, context.configuration.lesion
    task = make_task(c)
    network = make_network(c, task)
    settings = {"segment": c.segment, "recording": c.recording}
    testing = schedule.test_duration + schedule.test.measure
    context.progress.start(c.training + testing + len(c.conditions) * schedule.duration, "lesion")
    rng = np.random.default_rng(context.stream("training"))
    with context.simulation(
        network, task.stimuli, stream="network", part="training", **settings
    ) as simulation:
        task.run(simulation, c.training, "train", rng, learning="sampling", name="train")
        joint = run_test(task, simulation, schedule.test, rng, ("joint",))["joint"]
        before = check_recall(task, simulation, schedule, rng, c.skip)
        trained = simulation.now
        simulation.finish()
    digit = c.digits[-1] if schedule.digit is None else schedule.digit
    neurons = tuned_neurons(joint, digit, c.skip)
    context.log.info("%d visual neurons are tuned to %d; recall %.3f", len(neurons), digit, before.accuracy)
    tests: dict[str, list[Check]] = {}
    images: dict[str, list[Imagined]] = {}
    metrics: dict[str, Any] = {"removed_neurons": len(neurons)}
    for name in c.conditions:
        learning, cool = CONDITIONS[name]
        changed = make_network(c.with_temperature(c.cool_temperature) if cool else c, task)
        with context.simulation(
            changed, task.stimuli, stream="recovery", part=name, start=trained, **settings
        ) as simulation:
            streams = [context.stream("recovery items"), context.stream("test items")]
            later = lesion_and_recover(task, simulation, schedule, learning, neurons, streams, c.skip)
            simulation.finish()
        tests[name] = [before, *later]
        images[name] = [imagined(check, task, changed, c.skip) for check in tests[name]]
        metrics |= condition_metrics(name, tests[name], images[name], schedule, changed)
        context.log.info("%s: recall %s", name, ", ".join(f"{check.accuracy:.3f}" for check in later))
    curves = learning_curves(tests, images)
    if context.figures_enabled:
        save_figures(context.save_figure, task, network, tests, images, **curves, skip=c.skip)
    return metrics | curves


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
