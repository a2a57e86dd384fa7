"""The simulator of this package on the cases of the benchmarks: the only module here that imports it."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from spikingsampling.engines import Drive, StandaloneEngine
from spikingsampling.network.description import Network, Population, Projection, Source
from spikingsampling.network.state import initial_state
from spikingsampling.network.timing import Timing

from ..cases import Case

__all__ = ["build", "network_of"]

#: Longest segment (s); longer runs are several segments, as in use.
SEGMENT = 60.0


def network_of(case: Case) -> Network:
    """The network of a case; feed-forward and lateral synapses keep the order of ``case.theta``."""
    indptr, sources = case.connectivity()
    post = np.repeat(np.arange(len(indptr) - 1), np.diff(indptr)).astype(np.int32)
    inputs, neurons = Source("inputs", case.n_inputs), Population("neurons", case.n_circuits, case.n_neurons)
    forward = sources < case.n_inputs
    projections = [
        Projection("feedforward", "inputs", "neurons", sources[forward].astype(np.int32), post[forward])
    ]
    if not forward.all():
        lateral = (sources[~forward] - case.n_inputs).astype(np.int32)
        projections.append(Projection("lateral", "neurons", "neurons", lateral, post[~forward]))
    return Network([inputs], [neurons], projections, case.parameters)


def build(case: Case, segment: float = SEGMENT) -> Callable[[float], float]:
    """Prepare a case; the result simulates so many seconds from rest and returns the wall time of it (s).

    Prior and noise act once in a ``segment`` that is shorter than the case's ``update_period``.

    The wall time holds all that a segment costs in use: starting the program, handing it weights and stimuli, and
    reading the state and the spikes back. Compiling is not in it.
    """
    network = network_of(case)
    update_period = min(case.update_period, segment)
    timing = Timing(case.dt, case.pattern_duration, update_period, segment, case.parameters.lateral_delay)
    engine = StandaloneEngine(network, timing, case.rates)
    forward = case.connectivity()[1] < case.n_inputs

    def run(seconds: float) -> float:
        state = initial_state(network, np.random.default_rng(1), timing)
        state["feedforward.theta"] = case.theta[forward]
        if not forward.all():
            state["lateral.theta"] = case.theta[~forward]
        start, simulated, number = time.perf_counter(), 0.0, 0
        while seconds - simulated > 1e-9:
            length = min(segment, seconds - simulated)
            frames = np.arange(
                round(simulated / timing.frame_period), round((simulated + length) / timing.frame_period)
            )
            schedule = case.schedule[frames % len(case.schedule)][:, None]
            state = engine.advance(state, Drive(length, schedule), "sampling", number + 1).state
            simulated, number = simulated + length, number + 1
        return time.perf_counter() - start

    return run
