"""Lesions: what is taken from a network for good, between two segments.

A lesion is a pure function of the state that the engines carry from segment to segment, so it works on both engines
and needs no recompiling. A removed synapse keeps its parameter θ, which goes on to drift with prior and noise, but it
carries no weight any more and takes no part in learning: it cannot become active again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._checks import index_array
from ..errors import ParameterError
from .description import Network, Population, Source
from .state import State

__all__ = ["COUNTS", "Lesion", "NeuronLesion", "SynapseLesion"]

#: The parts of a lesion's detail that depend on the state; the others say what was asked for.
COUNTS = ("synapses", "active")


@runtime_checkable
class Lesion(Protocol):
    """What can be done to a network by :meth:`spikingsampling.simulation.simulation.Simulation.lesion`."""

    @property
    def kind(self) -> str:
        """What the event is called in the recording."""
        ...

    def apply(self, network: Network, state: State) -> tuple[State, dict[str, Any]]:
        """The state after the lesion, and as values that JSON can hold what was asked for and the :data:`COUNTS`."""
        ...


@dataclass(frozen=True, eq=False)
class NeuronLesion:
    """Removes neurons of a population, with all synapses from and to them. They never fire again.

    Parameters
    ----------
    population : str
    neurons : (n,) array of int
        Indices inside the population.

    Raises
    ------
    ParameterError, UnknownNameError
        By :meth:`apply`: there is no such population or neuron, or none is named.
    """

    population: str
    neurons: ArrayLike

    kind = "neuron lesion"

    def apply(self, network: Network, state: State) -> tuple[State, dict[str, Any]]:
        """The state without the neurons; the detail counts the synapses that were intact and active until now."""
        population = network.population(self.population)
        selected = np.zeros(network.n_neurons, dtype=bool)
        selected[network.population_slices[self.population]] = _chosen(self.neurons, population)
        after = {name: values.copy() for name, values in state.items()}
        after["neurons.removed"][selected] = 1.0
        if network.has_lateral:
            after["axons.in_flight"][:, selected] = 0.0
        removed, active = 0, 0
        for pathway in network.pathways:
            mask = selected[pathway.post_index]
            if pathway.lateral:
                mask = mask | selected[pathway.pre_index]
            n_removed, n_active = _remove(after, pathway.name, mask)
            removed, active = removed + n_removed, active + n_active
        neurons = np.flatnonzero(_chosen(self.neurons, population)).tolist()
        return after, {
            "population": self.population,
            "neurons": neurons,
            "synapses": removed,
            "active": active,
        }


@dataclass(frozen=True, eq=False)
class SynapseLesion:
    """Removes synapses of a projection for good: they never become active again.

    Parameters
    ----------
    projection : str
    pre, post : (n,) array of int, optional
        Only synapses from and to these neurons: a block of the connection matrix. All when None.
    active_only : bool
        Only synapses that are active now (θ > 0); those retracted now may still become active.
    synapses : (n,) array of int, optional
        Only these, by their number in the projection. All when None.

    Raises
    ------
    ParameterError, UnknownNameError
        By :meth:`apply`: there is no such projection, neuron or synapse, or none is named.
    """

    projection: str
    pre: ArrayLike | None = None
    post: ArrayLike | None = None
    active_only: bool = False
    synapses: ArrayLike | None = None

    kind = "synapse lesion"

    def apply(self, network: Network, state: State) -> tuple[State, dict[str, Any]]:
        """The state without the synapses; the detail counts those that were intact and active until now."""
        projection = network.projection(self.projection)
        groups = {group.name: group for group in (*network.sources, *network.populations)}
        pathway = network.pathway(self.projection)
        part = pathway.slices[self.projection]
        mask = np.zeros(len(pathway), dtype=bool)
        mask[part] = True
        detail: dict[str, Any] = {"projection": self.projection, "active_only": bool(self.active_only)}
        for end, neurons in (("pre", self.pre), ("post", self.post)):
            if neurons is not None:
                selection = _chosen(neurons, groups[getattr(projection, end)])
                mask[part] &= selection[getattr(projection, f"{end}_index")]
                detail[end] = np.flatnonzero(selection).tolist()
        if self.synapses is not None:
            if np.size(self.synapses) == 0:
                raise ParameterError("synapses = []: must hold at least one integer")
            chosen = index_array(f"synapses of {self.projection!r}", self.synapses, len(projection))
            named = np.zeros(len(projection), dtype=bool)
            named[chosen] = True
            mask[part] &= named
            detail["numbers"] = np.flatnonzero(named).tolist()
        if self.active_only:
            mask &= state[f"{pathway.name}.theta"] > 0
        after = {name: values.copy() for name, values in state.items()}
        removed, active = _remove(after, pathway.name, mask)
        return after, {**detail, "synapses": removed, "active": active}


def _remove(state: State, pathway: str, synapses: NDArray[np.bool_]) -> tuple[int, int]:
    """Remove synapses of a pathway in place; how many were intact, and how many of these active."""
    intact = state[f"{pathway}.intact"]
    removed = synapses & (intact > 0)
    intact[removed] = 0.0
    return int(removed.sum()), int((removed & (state[f"{pathway}.theta"] > 0)).sum())


def _chosen(neurons: ArrayLike, group: Source | Population) -> NDArray[np.bool_]:
    """The neurons of a group as a mask (size,)."""
    if np.size(neurons) == 0:
        raise ParameterError(f"neurons of {group.name!r} = {neurons!r}: must hold at least one integer")
    index = index_array(f"neurons of {group.name!r}", neurons, group.size)
    mask = np.zeros(group.size, dtype=bool)
    mask[index] = True
    return mask
