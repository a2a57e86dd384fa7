"""A circuit that lives in a standard and then in an enriched environment (B, experiment 4).

The standard environment shows few clusters of stimuli, the enriched one others and more. After it the circuit either
stays (EE-EE) or returns (EE-SE): two branches from one moment, with the same seeds.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from spikingsampling.analysis import SurvivalFit, SynapseHistory, fit_survival
from spikingsampling.analysis.information import mutual_information
from spikingsampling.analysis.turnover.histories import read_history, read_parameters
from spikingsampling.models.clusters import draw_items
from spikingsampling.network.description import Network, Population, Source, all_to_all
from spikingsampling.network.parameters import CircuitParameters
from spikingsampling.parameters import Parameters, quantity
from spikingsampling.simulation.response import Response
from spikingsampling.simulation.simulation import Simulation
from spikingsampling.simulation.stimuli import Stimuli
from spikingsampling.units import Time

__all__ = [
    "BRANCHES",
    "PROJECTION",
    "Environments",
    "circuit_network",
    "live",
    "measure_phase",
    "survival_fit",
    "turnover_metrics",
]

PROJECTION = "input_to_circuit"
#: Branch → whether it stays in the enriched environment.
BRANCHES = {"ee_ee": True, "ee_se": False}

Metrics: TypeAlias = dict[str, Any]


class Environments(Parameters):
    """Which clusters each environment shows, and for how long. Which are "standard" in B is not known."""

    standard_clusters: tuple[int, ...] = Field((1, 2), min_length=1, description="clusters shown first")
    enriched_clusters: tuple[int, ...] = Field(
        (3, 4, 5, 6, 7), min_length=1, description="clusters of the enriched environment"
    )
    standard: Time = quantity(
        "3 h", "time in the standard environment", low="1 s", high="1000 h", source="M", dimension="time"
    )
    enriched: Time = quantity(
        "1 h", "time in the enriched environment", low="1 s", high="1000 h", source="M", dimension="time"
    )
    follow_up: Time = quantity(
        "5 h", "time after it, in both branches", low="1 s", high="1000 h", source="M", dimension="time"
    )
    interval: Time = quantity(
        "30 min", "interval of formation and survival", low="1 s", high="10 h", source="M", dimension="time"
    )
    measured: Time = quantity(
        "10 min", "end of each phase in which responses are measured", low="1 s", high="1 h", dimension="time"
    )

    @property
    def follow_up_times(self) -> NDArray[np.float64]:
        """Ends of the intervals after the enriched environment (s)."""
        end = self.standard + self.enriched
        return end + self.interval * np.arange(1, int(self.follow_up / self.interval + 1e-9) + 1)


def circuit_network(n_inputs: int, n_neurons: int, parameters: CircuitParameters) -> Network:
    """One circuit without lateral synapses, fed by all inputs."""
    source, population = Source("input", n_inputs), Population("circuit", 1, n_neurons)
    return Network([source], [population], [all_to_all(source, population)], parameters)


def live(
    simulation: Simulation,
    stimuli: Stimuli,
    clusters: Sequence[int],
    duration: float,
    measured: float,
    rng: np.random.Generator,
    name: str,
) -> Response:
    """Show random samples of ``clusters`` for ``duration`` seconds; what happened in the last ``measured`` of them."""
    simulation.note("environment", name=name, clusters=list(clusters))
    parts = [duration - measured, measured] if duration > measured else [duration]
    for part in parts:
        items, labels = draw_items(stimuli, clusters, round(part / stimuli.presentation_period), rng)
        response = simulation.present(items, learning="sampling", labels=labels, name=name)
    return response


def measure_phase(
    response: Response, recordings: Sequence[Path], time: float, name: str, parameters: CircuitParameters
) -> Metrics:
    """Activity in a response and the parameters at ``time`` (s), as ``<name>.<measure>``."""
    counts = response.counts("circuit")
    clusters = np.unique(response.labels)
    by_cluster = np.array([counts[response.labels == cluster].sum(axis=0) for cluster in clusters])
    rates = counts.sum(axis=0) / (len(counts) * response.period)
    times, snapshots = read_parameters(recordings, PROJECTION)
    theta = snapshots[np.searchsorted(times, time, side="right") - 1].astype(float)
    return {
        f"{name}.rate_lowest": float(rates.min()),
        f"{name}.rate_highest": float(rates.max()),
        f"{name}.information_bits": mutual_information(by_cluster),
        f"{name}.theta_mean": float(theta.mean()),
        f"{name}.theta_sd": float(theta.std(ddof=1)),
        f"{name}.w_mean": float(np.exp(theta - parameters.theta_0).mean()),
        f"{name}.active": float(np.mean(theta > 0)),
    }


def survival_fit(history: SynapseHistory, environments: Environments) -> SurvivalFit | None:
    """Two exponentials fitted to the survival of the synapses born in the last enriched interval.

    None where the time after it has too few intervals for the parameters of that law, and one more.
    """
    e = environments
    end, at = e.standard + e.enriched, e.follow_up_times
    return (
        fit_survival(history.cohort(end - e.interval, end, at), "two_exponentials") if len(at) >= 4 else None
    )


def turnover_metrics(trunk: Path, branches: dict[str, Path], environments: Environments) -> Metrics:
    """Formation and survival as the authors' code evaluates them, in fractions.

    ``formation_se``: in the last interval of the standard environment; ``formation_ee``: in the last one of the
    enriched environment against the synapses at its onset, ``formation_ee_first`` in the first one;
    ``survival_<branch>_<minutes>min``: of the synapses born in the last interval of the enriched environment, and
    ``fit_<branch>.<parameter>`` of :func:`survival_fit` (time constants in s).
    """
    e = environments
    history = read_history([trunk], PROJECTION)
    onset, end, n = e.standard, e.standard + e.enriched, history.active.shape[1]
    metrics: Metrics = {
        "formation_se": history.formation(onset - e.interval, onset).value,
        "formation_ee_first": history.formation(onset, onset + e.interval).value,
        "formation_ee": history.formation(end - e.interval, end, reference=onset).value,
        "active_after_se": history.count(onset) / n,
        "active_after_ee": history.count(end) / n,
    }
    at = e.follow_up_times
    for name, folder in branches.items():
        whole = read_history([trunk, folder], PROJECTION)
        curve = whole.survival(end - e.interval, end, at)
        metrics[f"active_after_{name}"] = whole.count(end + e.follow_up) / n
        for number in range(1, len(at) + 1):
            minutes = round(number * e.interval / 60, 6)
            metrics[f"survival_{name}_{minutes:g}min"] = curve.at(number * e.interval)
        if (fit := survival_fit(whole, e)) is not None:
            for parameter, value in fit.parameters.items():
                interval = list(fit.intervals[parameter])
                metrics[f"fit_{name}.{parameter}"] = {"value": value, "interval": interval}
    return metrics
