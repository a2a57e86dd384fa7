"""Single circuits without lateral synapses, and the environments that one of them goes through."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from spikingsampling.network.description import Network, Population, Source, all_to_all
from spikingsampling.network.parameters import AUTHORS_CODE, CircuitParameters
from spikingsampling.parameters import Parameters, quantity
from spikingsampling.simulation.stimuli import Library, Stimuli
from spikingsampling.units import Time

__all__ = [
    "BRANCHES",
    "INPUT_TO_CIRCUIT",
    "VISUAL_INPUT_TO_VISUAL",
    "Environments",
    "Stay",
    "circuit_network",
    "silent_stimuli",
    "visual_network",
]

#: The projections of the two networks.
INPUT_TO_CIRCUIT, VISUAL_INPUT_TO_VISUAL = "input_to_circuit", "visual_input_to_visual"

#: The stays after the enriched environment: two branches from one moment.
BRANCHES = ("ee_ee", "ee_se")


def circuit_network(n_inputs: int, n_neurons: int, parameters: CircuitParameters) -> Network:
    """One circuit without lateral synapses; all inputs project to all of its neurons."""
    source, population = Source("input", n_inputs), Population("circuit", 1, n_neurons)
    return Network([source], [population], [all_to_all(source, population)], parameters)


def visual_network(
    n_inputs: int, n_circuits: int, circuit_size: int, parameters: CircuitParameters
) -> Network:
    """The visual part of the association network alone, without lateral synapses."""
    source, population = Source("visual_input", n_inputs), Population("visual", n_circuits, circuit_size)
    return Network([source], [population], [all_to_all(source, population)], parameters)


def silent_stimuli(n_inputs: int) -> Stimuli:
    """Inputs that never fire, in presentations of 0.5 s."""
    return Stimuli({"input": Library(np.zeros((1, n_inputs)), np.zeros(1, int), silent_rate=0.0)}, 0.5)


class Stay(NamedTuple):
    """A stay in an environment: its name, the clusters that it shows, and how long it takes (s)."""

    environment: str
    clusters: tuple[int, ...]
    duration: float


class Environments(Parameters):
    """Which clusters of stimuli each environment shows, and for how long.

    The standard environment shows few clusters, the enriched one others and more. After it the circuit stays there
    (EE-EE) or returns (EE-SE). Which clusters are "standard" in Kappel et al., PLOS Comput Biol 2015, is not known.
    """

    standard_clusters: tuple[int, ...] = Field(
        (1, 2), min_length=1, description="clusters of the standard environment, which comes first"
    )
    enriched_clusters: tuple[int, ...] = Field(
        (3, 4, 5, 6, 7), min_length=1, description="clusters of the enriched environment"
    )
    standard: Time = quantity(
        "3 h",
        "time in the standard environment",
        low="1 s",
        high="1000 h",
        source=AUTHORS_CODE,
        dimension="time",
    )
    enriched: Time = quantity(
        "1 h",
        "time in the enriched environment",
        low="1 s",
        high="1000 h",
        source=AUTHORS_CODE,
        dimension="time",
    )
    follow_up: Time = quantity(
        "5 h",
        "time after it, in both branches",
        low="1 s",
        high="1000 h",
        source=AUTHORS_CODE,
        dimension="time",
    )
    interval: Time = quantity(
        "30 min",
        "interval of formation and survival",
        low="1 s",
        high="10 h",
        source=AUTHORS_CODE,
        dimension="time",
    )
    measured: Time = quantity(
        "10 min", "end of each phase in which responses are measured", low="1 s", high="1 h", dimension="time"
    )

    @property
    def stays(self) -> dict[str, Stay]:
        """The stays in the order of time: ``se`` and ``ee``, then the two branches ``ee_ee`` and ``ee_se``."""
        return {
            "se": Stay("standard", self.standard_clusters, self.standard),
            "ee": Stay("enriched", self.enriched_clusters, self.enriched),
            "ee_ee": Stay("ee_ee", self.enriched_clusters, self.follow_up),
            "ee_se": Stay("ee_se", self.standard_clusters, self.follow_up),
        }

    @property
    def end(self) -> float:
        """End of the enriched environment, where the branches begin (s)."""
        return self.standard + self.enriched

    @property
    def follow_up_times(self) -> NDArray[np.float64]:
        """Ends of the intervals after the enriched environment (s)."""
        return self.end + self.interval * np.arange(1, int(self.follow_up / self.interval + 1e-9) + 1)
