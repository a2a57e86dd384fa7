"""A plain network of the same size in NEST: what a general simulator takes for the same spikes and synapses.

NEST has no winner-take-all circuit that samples its synapses. Here inputs and neurons fire as Poisson processes,
inputs at the mean rate of the case and neurons at that of its winners, whatever their membrane potentials, and every
synapse has pairwise STDP (``stdp_synapse``). As many synapses are touched as often as in the other programs, but there
are no patterns, no competition, no PSP of two exponentials, no adaptation, no prior and no noise: NEST has less to do.
One generator serves all inputs, which is NEST's fastest way; one for each, with its own rate, doubles the time.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from ..cases import Case

__all__ = ["build", "nest_version", "network"]

_MS = 1e3


def nest_version() -> str | None:
    """The installed version of NEST (``pip install nest-simulator``), or None."""
    try:
        return version("nest-simulator")
    except PackageNotFoundError:
        return None


def network(case: Case, seed: int = 1) -> tuple[Any, Any]:
    """Make the network anew in NEST's kernel; its input nodes and its neurons."""
    os.environ["PYNEST_QUIET"] = "1"
    import nest

    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.ResetKernel()
    nest.set(resolution=_MS * case.dt, local_num_threads=1, rng_seed=seed)
    generator = nest.Create("poisson_generator", 1, {"rate": case.rates[case.schedule].mean()})
    inputs = nest.Create("parrot_neuron", case.n_inputs)  # plastic synapses cannot leave a generator
    nest.Connect(generator, inputs, "all_to_all", {"delay": _MS * case.dt})
    # without dead time or dependence on the potential a neuron is a Poisson process of rate c_2
    rate = case.parameters.rho_net / case.n_neurons
    fire = {"c_1": 0.0, "c_2": rate, "c_3": 0.0, "dead_time": 0.0}
    neurons = nest.Create("pp_psc_delta", case.n_hidden, fire)
    indptr, sources = case.connectivity()
    post = np.repeat(np.array(neurons.tolist()), np.diff(indptr))
    pre = np.array(inputs.tolist() + neurons.tolist())[sources]
    delays = np.where(sources < case.n_inputs, case.dt, case.parameters.lateral_delay)
    synapses = {
        "synapse_model": "stdp_synapse",
        "weight": np.exp(case.theta - case.parameters.theta_0),
        "delay": _MS * delays,
    }
    nest.Connect(pre, post, "one_to_one", synapses)
    return inputs, neurons


def build(case: Case) -> Callable[[float], float]:
    """The result simulates some seconds from rest and returns the wall time (s) without making the network."""

    def run(seconds: float) -> float:
        network(case)
        import nest

        start = time.perf_counter()
        nest.Simulate(_MS * seconds)
        return time.perf_counter() - start

    return run
