"""Rewiring after lesions: the picture of Kappel et al., NIPS 2015, section 4.

The association network is trained, loses the visual neurons of one digit, recovers, loses all lateral synapses that
exist (without regrowth of these) and recovers again, by synaptic sampling throughout. Every minute all parameters are
recorded: which lateral synapses exist and which are new, when each is born and dies, and the path of 35 parameters in
their principal components, coloured by phase.

Expected (A): a new region of the parameters after each lesion. ``separation_<n>`` is to be read beside
``sham_separation``, what drift alone does. Found with ``paper``, seeds 1 and 2: 1.76 and 1.47, 1.83 and 1.60, beside
2.16 and 2.17, so that no new region is shown; after lesion 1 45 and 42 % of the lateral synapses that exist are new,
after lesion 2 32 and 51 %. Budget: 2 h 44 min simulated, 6 min on one core.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pydantic import Field

from spikingsampling.analysis import principal_components
from spikingsampling.analysis.turnover.histories import read_history
from spikingsampling.cli import run_script
from spikingsampling.experiment.protocol import Protocol
from spikingsampling.experiment.run import Run
from spikingsampling.models.association.measures import population_selectivity
from spikingsampling.models.association.network import MODALITIES
from spikingsampling.models.association.task import run_test
from spikingsampling.plotting.timeline import Phase
from spikingsampling.protocols.studies.association.configuration import (
    SMOKE,
    AssociationConfiguration,
    make_network,
    make_task,
)
from spikingsampling.protocols.studies.lesion.experiment import (
    LATERAL,
    LesionSchedule,
    check_recall,
    lesion_and_recover,
    tuned_neurons,
)
from spikingsampling.protocols.studies.lesion.rewiring import (
    chosen_parameters,
    connection_moments,
    region_metrics,
)
from spikingsampling.protocols.studies.lesion.rewiring_figures import save_figures
from spikingsampling.recording.settings import Recording

__all__ = ["PROTOCOL", "Configuration"]


class Configuration(AssociationConfiguration):
    """Settings of the rewiring protocol."""

    n_followed: int = Field(35, ge=2, le=10_000, description="parameters whose path is followed (A)")
    lesion: LesionSchedule = LesionSchedule()
    recording: Recording = Recording(snapshot_period="1 min")


def run(context: Run[Configuration]) -> dict[str, Any]:
    """Train, lesion, recover, lesion, recover; then look at the synapses."""
    c, schedule = context.configuration, context.configuration.lesion
    task = make_task(c)
    network = make_network(c, task)
    before = c.training + schedule.test_duration + schedule.test.measure
    context.progress.start(before + schedule.duration, "rewiring")
    rng = np.random.default_rng(context.stream("training"))
    with context.simulation(
        network, task.stimuli, stream="network", segment=c.segment, recording=c.recording
    ) as simulation:
        task.run(simulation, c.training, "train", rng, learning="sampling", name="train")
        joint = run_test(task, simulation, schedule.test, rng, ("joint",))["joint"]
        trained = check_recall(task, simulation, schedule, rng, c.skip)
        digit = c.digits[-1] if schedule.digit is None else schedule.digit
        neurons = tuned_neurons(joint, digit, c.skip)
        streams = [context.stream("recovery items"), context.stream("test items")]
        checks = lesion_and_recover(task, simulation, schedule, "sampling", neurons, streams, c.skip)
        simulation.finish()
    first, second = (next(check for check in checks if check.lesion == n) for n in (1, 2))
    lesions = [check.time - schedule.test_duration for check in (first, second)]
    phases = [
        Phase("training", 0.0, lesions[0]),
        Phase("after lesion 1", lesions[0], lesions[1]),
        Phase("after lesion 2", lesions[1], checks[-1].time),
    ]
    history = read_history([context.directory], *LATERAL)
    last_1 = [check for check in checks if check.lesion == 1][-1]
    moments = connection_moments(
        network, {"trained": trained, "after lesion 1": last_1, "after lesion 2": checks[-1]}, neurons
    )
    times, theta, w = chosen_parameters(
        context.directory,
        LATERAL,
        c.n_followed,
        neurons,
        network,
        np.random.default_rng(context.stream("followed")),
    )
    # θ stands still while learning is off, which would look like a region of its own.
    phase = np.searchsorted(lesions, times - 1e-6, side="right")
    components = principal_components(theta, min(3, *theta.shape))
    metrics = {
        "accuracy_before": trained.accuracy,
        **{f"accuracy_after_lesion_{k}": check.accuracy for k, check in ((1, first), (2, second))},
        "recovered_accuracy_1": last_1.accuracy,
        "recovered_accuracy_2": checks[-1].accuracy,
        "removed_neurons": len(neurons),
        "pc_explained_1": float(components.explained[0]),
        "pc_explained_2": float(components.explained[1]),
        "participation_ratio": components.participation_ratio,
    }
    for name, (_, active, new) in moments.items():
        key = name.replace(" ", "_")
        metrics |= {f"active_{key}": int(active.sum()), f"new_{key}": int(new.sum())}
    metrics |= region_metrics(times, theta, components, phase, lesions)
    if context.figures_enabled:
        tuning = {name: population_selectivity(joint, name, c.skip) for name in MODALITIES}
        save_figures(
            context.save_figure,
            network,
            moments,
            tuning,
            history,
            phases,
            (times, theta, w),
            components,
            phase,
        )
    return metrics


PROTOCOL = Protocol(
    configuration=Configuration,
    presets={
        "smoke": {
            **SMOKE,
            "training": "40 s",
            "lesion": {
                "test_times_1": ["40 s"],
                "test_times_2": ["40 s"],
                "test": {"settle": "2 s", "measure": "10 s"},
            },
            "n_followed": 8,
        },
        "quick": {
            "training": "15 min",
            "lesion": {
                "test_times_1": ["15 min"],
                "test_times_2": ["15 min"],
                "test": {"settle": "60 s", "measure": "40 s"},
            },
            "network": {"n_circuits": 2},
        },
        "paper": {
            "data": "real",
            "speakers": ["jackson"],
            "training": "60 min",
            "lesion": {"test_times_1": ["10 min", "40 min"], "test_times_2": ["10 min", "40 min"]},
        },
    },
    run=run,
)

if __name__ == "__main__":
    run_script(PROTOCOL)
