"""What of a network is recorded: how its parts are named, its spikes by population, snapshots of θ and w."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..engines.base import Outcome
from ..errors import EngineError, ParameterError
from ..network.description import Network
from ..network.rules import membrane_weight
from ..network.state import State
from ..recording.record import Layout, ProjectionLayout

__all__ = ["active_synapses", "check_outcome", "json_text", "layout_of", "snapshots_of", "spikes_of"]


def layout_of(network: Network) -> Layout:
    """The parts of a network as its recording names them."""
    return Layout(
        populations={p.name: p.size for p in network.populations},
        projections={
            p.name: ProjectionLayout(p.pre, p.post, p.pre_index, p.post_index) for p in network.projections
        },
        sources={s.name: s.size for s in network.sources},
    )


def check_outcome(network: Network, before: State, outcome: Outcome, duration: float) -> None:
    """See that a segment ended with all that the network has, before anything of it is believed.

    Parameters
    ----------
    network : Network
    before : State
        From which the segment started.
    outcome : Outcome
    duration : float
        Length of the segment (s).

    Raises
    ------
    EngineError
        An array of the state is missing, of another type or shape, or holds NaN, or there are spikes of neurons or
        at times that the segment does not have.
    """
    problems = []
    for name in sorted({*before, *outcome.state}):
        old, new = before.get(name), outcome.state.get(name)
        if old is None or new is None:
            problems.append(f"{name} is {'new' if old is None else 'missing'}")
        elif (new.dtype, new.shape) != (old.dtype, old.shape):
            problems.append(f"{name} has {new.dtype} {new.shape} after {old.dtype} {old.shape}")
        elif np.isnan(new).any():
            problems.append(f"{name} is not a number")
    times, neurons = outcome.times, outcome.neurons
    if times.ndim != 1 or times.shape != neurons.shape:
        problems.append(f"{times.shape} times and {neurons.shape} neurons of spikes")
    elif len(times):
        if not (times.min() >= 0 and times.max() <= duration + 1e-9) or (np.diff(times) < 0).any():
            problems.append(
                f"spikes from {times.min():g} s to {times.max():g} s, or not in the order of time"
            )
        if not (neurons.min() >= 0 and neurons.max() < network.n_neurons):
            problems.append(f"spikes of neurons {neurons.min()} to {neurons.max()} of {network.n_neurons}")
    if problems:
        raise EngineError(
            f"the engine gave back something else than a segment of {duration:g} s of this network: "
            f"{'; '.join(problems)}. Nothing of it is kept"
        )


def spikes_of(
    network: Network, outcome: Outcome, populations: Iterable[str], start: float
) -> dict[str, tuple[NDArray[np.float64], NDArray[np.int64]]]:
    """Times (s) and neurons of the spikes of each population in a segment that began at ``start`` (s)."""
    spikes = {}
    for population in populations:
        part = network.population_slices[population]
        inside = (outcome.neurons >= part.start) & (outcome.neurons < part.stop)
        spikes[population] = (start + outcome.times[inside], outcome.neurons[inside] - part.start)
    return spikes


def snapshots_of(network: Network, state: State) -> dict[str, tuple[NDArray, NDArray]]:
    """θ and w of every projection, (n_synapses,); w on the membrane: 0 where a synapse is not active."""
    snapshots = {}
    for pathway in network.pathways:
        theta, intact = state[f"{pathway.name}.theta"], state[f"{pathway.name}.intact"]
        w = intact * membrane_weight(theta, network.parameters.theta_0)
        snapshots |= {name: (theta[part], w[part]) for name, part in pathway.slices.items()}
    return snapshots


def active_synapses(network: Network, state: Mapping[str, NDArray[np.float64]]) -> int:
    """Number of active synapses: θ > 0, and not removed by a lesion."""
    return sum(
        int(np.count_nonzero((state[f"{p.name}.theta"] > 0) & (state[f"{p.name}.intact"] > 0)))
        for p in network.pathways
    )


def json_text(detail: Mapping[str, Any]) -> str:
    """The detail of an event as JSON; arrays and numbers of NumPy are written as lists and numbers.

    Raises
    ------
    ParameterError
        Something that JSON cannot hold.
    """

    def plain(value: Any) -> Any:
        if isinstance(value, np.ndarray | np.generic):
            return value.tolist()
        raise ParameterError(f"{value!r} in an event: must be text, a number, or a list or mapping of these")

    return json.dumps(dict(detail), default=plain)
