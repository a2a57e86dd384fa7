"""Spine turnover in a standard and in an enriched environment (Kappel et al., PLOS Comput Biol 2015, experiment 4).

One circuit of 10 neurons with 1000 inputs samples for 3 h in a standard environment (two clusters of stimuli) and for
1 h in an enriched one (five others). Then it stays for 5 h more (EE-EE) or goes back (EE-SE): two branches from one
moment. ``authors`` is the shortened schedule (1.5 h, 1 h, 1 h), with the authors' own clusters, for which statistics of
their code are at hand.

Expected, ``authors``, seeds 1 to 10, mean ± s.d., beside two runs of the authors' own code (all 35 measures are in
``protocols/README.md``; 2 of 70 of their values lie outside our 95 % prediction intervals, 3.5 would by chance):

====================== ============= ===============
measure                ours          authors' code
====================== ============= ===============
formation_se           0.088 ± 0.007 0.089 and 0.092
formation_ee_first     0.298 ± 0.015 0.301 and 0.289
formation_ee           0.146 ± 0.006 0.146 and 0.140
active_after_se        0.390 ± 0.012 0.391 and 0.402
survival_ee_ee_60min   0.572 ± 0.026 0.551 and 0.594
survival_ee_se_60min   0.225 ± 0.020 0.177 and 0.245
====================== ============= ===============

``paper``, seeds 1 to 5, mean with its 95 % interval (more in ``protocols/README.md``):

====================== ======================
measure                ours
====================== ======================
formation_se           0.070 (0.055 … 0.086)
formation_ee_first     0.265 (0.137 … 0.392)
survival_ee_ee_60min   0.638 (0.594 … 0.682)
survival_ee_se_60min   0.234 (0.179 … 0.288)
survival_ee_ee_300min  0.541 (0.482 … 0.600)
survival_ee_se_300min  0.097 (0.052 … 0.142)
====================== ======================

Budget: about 6 ms on one core for each simulated second; ``authors`` 4.5 h simulated, ``paper`` 14 h in both branches.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import Field, model_validator

from spikingsampling.cli import run_script
from spikingsampling.errors import DataError
from spikingsampling.experiment.configuration import ProtocolConfiguration
from spikingsampling.experiment.protocol import Protocol
from spikingsampling.experiment.run import Run
from spikingsampling.models.clusters import ClusterParameters, Clusters, TuningCurves, cluster_stimuli
from spikingsampling.network.parameters import CircuitParameters
from spikingsampling.parameters import quantity
from spikingsampling.protocols.studies.turnover.environment_figures import save_figures
from spikingsampling.protocols.studies.turnover.environments import (
    BRANCHES,
    Environments,
    circuit_network,
    live,
    measure_phase,
    turnover_metrics,
)
from spikingsampling.recording.settings import Recording
from spikingsampling.units import Time

__all__ = ["PROTOCOL", "Configuration"]

REFERENCE_VARIABLE = "SPIKINGSAMPLING_REFERENCE"


class Configuration(ProtocolConfiguration):
    """Settings of the enriched-environment protocol."""

    n_neurons: int = Field(10, ge=2, le=1000, description="neurons of the circuit (M)")
    authors_clusters: bool = Field(
        False, description="the authors' clusters instead of drawn ones, from the file `reference`"
    )
    reference: str | None = Field(
        None, description=f"the file reference_stats.npz; by default in the folder {REFERENCE_VARIABLE}"
    )
    clusters: ClusterParameters = ClusterParameters()
    environments: Environments = Environments()
    circuit: CircuitParameters = CircuitParameters()
    segment: Time = quantity("10 min", "time between checkpoints", low="1 s", high="1 h", dimension="time")
    recording: Recording = Recording(snapshot_period="10 min")

    @model_validator(mode="after")
    def _intervals_are_sampled(self) -> Configuration:
        e = self.environments
        for name in ("standard", "enriched", "follow_up", "interval"):
            period = max(self.recording.snapshot_period, self.segment)
            steps = getattr(e, name) / period
            if abs(steps - round(steps)) > 1e-9:
                raise ValueError(
                    f"environments.{name} = {getattr(e, name):g} s: must be a multiple of the time between "
                    f"snapshots, {period:g} s"
                )
        if e.interval > min(e.enriched, e.follow_up) or e.interval >= e.standard:
            raise ValueError(
                f"environments.interval = {e.interval:g} s: must fit into every phase, and be shorter than the first "
                f"one, {e.standard:g} s, since nothing is recorded at its start"
            )
        return self


def reference_file(configuration: Configuration) -> Path:
    """Where the authors' statistics are.

    Raises
    ------
    DataError
        Neither the setting nor the environment variable names them.
    """
    if configuration.reference is not None:
        return Path(configuration.reference)
    if folder := os.environ.get(REFERENCE_VARIABLE):
        return Path(folder) / "reference_stats.npz"
    raise DataError(
        "the authors' clusters are in the file reference_stats.npz: name it with --set reference=FILE, or its "
        f"folder in the environment variable {REFERENCE_VARIABLE}"
    )


def run(context: Run[Configuration]) -> dict[str, Any]:
    """Live through the environments, then measure turnover."""
    c, e = context.configuration, context.configuration.environments
    rng = np.random.default_rng(context.stream("environment"))
    clusters = Clusters.draw(c.clusters, rng)
    if c.authors_clusters:
        clusters = Clusters.read(reference_file(c))
    stimuli = cluster_stimuli(c.clusters, clusters, TuningCurves.draw(c.clusters, rng), rng)
    network = circuit_network(c.clusters.n_inputs, c.n_neurons, c.circuit)
    settings = {"segment": c.segment, "recording": c.recording}
    context.progress.start(e.standard + e.enriched + 2 * e.follow_up, "enriched_environment")
    trunk = context.directory / "trunk"
    metrics: dict[str, Any] = {}
    shown = np.random.default_rng(context.stream("stimuli"))
    with context.simulation(network, stimuli, stream="network", part="trunk", **settings) as simulation:
        responses = {
            "se": live(simulation, stimuli, e.standard_clusters, e.standard, e.measured, shown, "standard"),
            "ee": live(simulation, stimuli, e.enriched_clusters, e.enriched, e.measured, shown, "enriched"),
        }
        moment = simulation.now
        simulation.finish()
    for name, stays in BRANCHES.items():
        shown = np.random.default_rng(context.stream("follow-up stimuli"))
        chosen = e.enriched_clusters if stays else e.standard_clusters
        with context.simulation(
            network, stimuli, stream="follow-up", part=name, start=moment, **settings
        ) as simulation:
            responses[name] = live(simulation, stimuli, chosen, e.follow_up, e.measured, shown, name)
            simulation.finish()
    branches = {name: context.directory / name for name in BRANCHES}
    metrics |= turnover_metrics(trunk, branches, e)
    times = {"se": e.standard, "ee": e.standard + e.enriched}
    for name, response in responses.items():
        until = times.get(name, times["ee"] + e.follow_up)
        metrics |= measure_phase(response, [branches.get(name, trunk)], until, name, c.circuit)
    if context.figures_enabled:
        save_figures(context.save_figure, trunk, branches, e, network)
    return metrics


PROTOCOL = Protocol(
    configuration=Configuration,
    presets={
        "smoke": {
            "n_neurons": 4,
            "clusters": {"n_inputs": 50, "samples": 20},
            "environments": {
                "standard": "80 s",
                "enriched": "40 s",
                "follow_up": "60 s",
                "interval": "20 s",
                "measured": "20 s",
            },
            "circuit": {"b": "1e-3 /s"},
            "segment": "20 s",
            "recording": {"snapshot_period": "20 s"},
        },
        "quick": {"environments": {"standard": "1 h", "enriched": "1 h", "follow_up": "1 h"}},
        "paper": {},
        "authors": {
            "authors_clusters": True,
            "environments": {"standard": "1.5 h", "enriched": "1 h", "follow_up": "1 h"},
            "segment": "60 s",
            "recording": {"snapshot_period": "1 min"},
        },
    },
    run=run,
)

if __name__ == "__main__":
    run_script(PROTOCOL)
