"""Rewiring after lesions: the picture of Kappel et al., NIPS 2015, section 4.

The association network is trained, loses the visual neurons of one digit, recovers, loses all active lateral synapses
for good and recovers again, by synaptic sampling throughout. Every minute all parameters are recorded: which lateral
synapses are active and which are new, when each is formed and retracted, and the path of 35 parameters in their
principal components, coloured by phase.

What to expect: the paper shows a new region of the parameters after each lesion. Whether it is one is told by a run
with sham lesions (``lesion.sham=true``). With ``paper``, five seeds: in all lateral parameters that the lesions
leave, ``lateral.separation_1`` and ``_2`` are 2.31 and 2.21, beside 1.60 and 1.76 with sham lesions. A classifier tells
the phase at other times a little better after lesion 1 (``lateral.phase_accuracy_1`` 0.80, beside 0.74), and not after
lesion 2. Of the active lateral synapses 39 % are new after lesion 1, beside 5 %. Budget of ``paper``: 2 h 44 min
simulated, 75 s of one core for each run. All numbers: ``docs/results/turnover.md``.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field

from spikingsampling.cli import run_script
from spikingsampling.experiment.protocol import Protocol
from spikingsampling.experiment.run import Run
from spikingsampling.protocols.studies.association.configuration import ONE_SPEAKER, SMOKE
from spikingsampling.protocols.studies.lesion.experiment import RECOVERY_STREAMS, LesionExperiment
from spikingsampling.protocols.studies.lesion.recall import RecallCourse
from spikingsampling.protocols.studies.lesion.rewiring import follow_path, rewiring_metrics
from spikingsampling.protocols.studies.lesion.rewiring_figures import save_figures
from spikingsampling.protocols.studies.lesion.schedule import LesionConfiguration
from spikingsampling.recording.settings import Recording

__all__ = ["PROTOCOL", "Configuration"]


class Configuration(LesionConfiguration):
    """Settings of the rewiring protocol."""

    n_followed: int = Field(
        35, ge=2, le=10_000, description="parameters whose path is followed (Kappel et al., NIPS 2015)"
    )
    recording: Recording = Recording(snapshot_period="1 min")


def run(context: Run[Configuration]) -> dict[str, Any]:
    """Train, lesion, recover, lesion, recover; then look at the synapses."""
    c = context.configuration
    experiment = LesionExperiment(context)
    training, points = experiment.training("sampling"), c.lesion.after("sampling")
    experiment.announce(experiment.stages(training, [points]), "rewiring")
    with experiment.session("training") as session:
        trained = experiment.train(session, training)
        tests = experiment.recover(session.with_streams(*RECOVERY_STREAMS), points, trained.neurons)
    course = RecallCourse((trained.recall, *tests))
    path = follow_path(experiment, course, trained.neurons, c.n_followed)
    if context.figures_enabled:
        save_figures(experiment, course, trained, path)
    return rewiring_metrics(experiment.network, course, trained.neurons, path)


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
            **ONE_SPEAKER,
            "training": "60 min",
            "lesion": {"test_times_1": ["10 min", "40 min"], "test_times_2": ["10 min", "40 min"]},
        },
    },
    run=run,
)

if __name__ == "__main__":
    run_script(PROTOCOL)
