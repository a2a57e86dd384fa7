"""Spine turnover in a standard and in an enriched environment.

Experiment 4 of Kappel et al., PLOS Comput Biol 2015. One circuit of 10 neurons with 1000 inputs samples for 3 h in a
standard environment (two clusters of stimuli) and for 1 h in an enriched one (five others). Then it stays for 5 h more
(EE-EE) or goes back (EE-SE): two branches from one moment. ``authors`` is a shortened schedule (1.5 h, 1 h, 1 h) with
the authors' own clusters. ``spikingsampling compare RUN… --table authors`` puts its runs beside two of the authors'
code.

Expected with ``paper``, mean over seeds 1 to 5: ``formation_se`` 0.072, ``formation_ee_first`` 0.263;
``survival_ee_ee_60min`` 0.632 and ``survival_ee_se_60min`` 0.213; after 300 min 0.539 and 0.093. With ``authors``,
none of 70 values of the authors lies outside our 95 % prediction intervals; 3.5 would by chance. All measures with
their intervals are in ``docs/results/turnover.md``.

Budget: about 1.5 ms on one core for each simulated second; ``authors`` has 4.5 h, ``paper`` 14 h in both branches.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from pydantic import Field, model_validator

from spikingsampling.analysis.samples import row_of
from spikingsampling.analysis.turnover.histories import read_history, read_parameters
from spikingsampling.cli import run_script
from spikingsampling.experiment.configuration import ProtocolConfiguration
from spikingsampling.experiment.protocol import Protocol
from spikingsampling.experiment.run import Run
from spikingsampling.models.circuits import (
    BRANCHES,
    INPUT_TO_CIRCUIT,
    Environments,
    Stay,
    circuit_network,
)
from spikingsampling.models.clusters import (
    ClusterParameters,
    Clusters,
    TuningCurves,
    cluster_stimuli,
    draw_items,
)
from spikingsampling.network.parameters import CircuitParameters
from spikingsampling.parameters import quantity
from spikingsampling.protocols.studies.turnover.authors import authors_clusters
from spikingsampling.protocols.studies.turnover.authors_table import authors_table
from spikingsampling.protocols.studies.turnover.environment_figures import save_figures
from spikingsampling.protocols.studies.turnover.environments import (
    parameter_metrics,
    response_metrics,
    turnover_metrics,
)
from spikingsampling.recording.settings import Recording
from spikingsampling.simulation.moment import Moment
from spikingsampling.simulation.response import Response
from spikingsampling.simulation.simulation import Simulation
from spikingsampling.simulation.stimuli import Stimuli
from spikingsampling.units import Time

__all__ = ["PROTOCOL", "Configuration"]


class Configuration(ProtocolConfiguration):
    """Settings of the enriched-environment protocol."""

    n_neurons: int = Field(10, ge=2, le=1000, description="neurons of the circuit (authors' code)")
    authors_clusters: bool = Field(False, description="the authors' own clusters instead of drawn ones")
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


def draw_stimuli(configuration: Configuration, rng: np.random.Generator) -> Stimuli:
    """Clusters, tuning curves and stimuli; the authors' clusters instead of drawn ones where they are wanted."""
    parameters = configuration.clusters
    clusters = Clusters.draw(parameters, rng)
    if configuration.authors_clusters:
        clusters = authors_clusters()
    return cluster_stimuli(parameters, clusters, TuningCurves.draw(parameters, rng), rng)


def present(simulation: Simulation, stay: Stay, measured: float, rng: np.random.Generator) -> Response:
    """Show random items of an environment for its whole duration; the response in the last ``measured`` seconds."""
    simulation.note("environment", name=stay.environment, clusters=list(stay.clusters))
    period = simulation.stimuli.presentation_period
    before = stay.duration - measured
    for part in (before, measured) if before > 0 else (stay.duration,):
        items, labels = draw_items(simulation.stimuli, stay.clusters, round(part / period), rng)
        response = simulation.present(items, learning="sampling", labels=labels, name=stay.environment)
    return response


def run(context: Run[Configuration]) -> dict[str, Any]:
    """Go through the environments, then measure turnover."""
    c, e = context.configuration, context.configuration.environments
    stimuli = draw_stimuli(c, np.random.default_rng(context.stream("environment")))
    network = circuit_network(c.clusters.n_inputs, c.n_neurons, c.circuit)
    context.progress.start(sum(stay.duration for stay in e.stays.values()), "enriched_environment")
    responses: dict[str, Response] = {}
    ends: dict[str, float] = {}

    def simulate(
        part: str, stays: Sequence[str], stream: str, items: str, start: Moment | None = None
    ) -> Moment:
        rng = np.random.default_rng(context.stream(items))
        settings = {"segment": c.segment, "recording": c.recording, "start": start}
        with context.simulation(network, stimuli, stream=stream, part=part, **settings) as simulation:
            for name in stays:
                responses[name] = present(simulation, e.stays[name], e.measured, rng)
                ends[name] = simulation.time
            moment = simulation.now
        return moment

    moment = simulate("trunk", ("se", "ee"), "network", "stimuli")
    for branch in BRANCHES:
        simulate(branch, (branch,), "follow-up", "follow-up stimuli", moment)
    recordings = {branch: [context.directory / "trunk", context.directory / branch] for branch in BRANCHES}
    histories = {branch: read_history(paths, INPUT_TO_CIRCUIT) for branch, paths in recordings.items()}
    metrics = turnover_metrics(histories, e)
    for name, response in responses.items():
        times, theta = read_parameters(recordings.get(name, recordings["ee_ee"]), INPUT_TO_CIRCUIT)
        final = theta[row_of("end", times, ends[name])].astype(float)
        measures = response_metrics(response.counts("circuit"), response.labels, response.period)
        measures |= parameter_metrics(final, c.circuit.theta_0)
        metrics |= {f"{name}.{measure}": value for measure, value in measures.items()}
    if context.figures_enabled:
        save_figures(context.save_figure, histories, e, network)
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
    tables={"authors": authors_table},
)

if __name__ == "__main__":
    run_script(PROTOCOL)
