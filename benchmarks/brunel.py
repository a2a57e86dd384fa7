"""A simulated second of a network with 1.6·10⁷ synapses that do not learn, beside NEST where it is installed.

    python -m benchmarks.brunel [--rounds 3] [--seconds 0.5]

Both simulate the asynchronous state of Brunel's network (2000, model A; g = 5, input twice the threshold rate) on one
core, in turns. NEST's ``brunel_delta`` example is the same network: ``iaf_psc_delta`` with Poisson generators.
"""

from __future__ import annotations

import argparse
import statistics
import time

import numpy as np

from spikingsampling.models.dynamics.brunel import STATES, BrunelNetwork

__all__ = ["main"]

_STATE = "asynchronous_irregular"


def ours(seconds: float, seed: int) -> tuple[float, float]:
    """Wall time per simulated second, without making the connections, and the rate (Hz)."""
    network = BrunelNetwork()
    program = network.compiled()
    g, drive = STATES[_STATE]
    spent = []
    for duration in (network.dt, seconds):  # connecting takes as long in both
        start = time.perf_counter()
        activity = network.run(program, g, drive, duration, np.random.SeedSequence(seed))
        spent.append(time.perf_counter() - start)
    return (spent[1] - spent[0]) / seconds, len(activity.times) / network.n_neurons / seconds


def nest(seconds: float, seed: int) -> tuple[float, float] | None:
    """The same of NEST; None where it is not installed."""
    try:
        import nest as peer
    except ImportError:
        return None
    network, (g, drive) = BrunelNetwork(), STATES[_STATE]
    theory = network.theory(g, drive)
    peer.ResetKernel()
    peer.set_verbosity("M_ERROR")
    peer.SetKernelStatus({"resolution": 1e3 * network.dt, "rng_seed": seed + 1, "local_num_threads": 1})
    neuron = {"C_m": 1.0, "tau_m": 20.0, "t_ref": 2.0, "E_L": 0.0, "V_reset": 10.0, "V_th": 20.0}
    excitatory = peer.Create("iaf_psc_delta", network.n_excitatory, params=neuron)
    inhibitory = peer.Create("iaf_psc_delta", network.n_excitatory // 4, params=neuron)
    everybody = excitatory + inhibitory
    everybody.V_m = peer.random.uniform(0.0, 20.0)
    rate = network.c_excitatory * drive * theory.threshold_rate
    outside = peer.Create("poisson_generator", params={"rate": rate})
    delay = {"delay": 1e3 * network.delay}
    peer.Connect(outside, everybody, syn_spec={"weight": network.weight, **delay})
    for group, count, weight in (
        (excitatory, network.c_excitatory, network.weight),
        (inhibitory, network.c_excitatory // 4, -g * network.weight),
    ):
        rule = {"rule": "fixed_indegree", "indegree": count, "allow_multapses": False}
        peer.Connect(group, everybody, rule, {"weight": weight, **delay})
    recorder = peer.Create("spike_recorder")
    peer.Connect(everybody, recorder)
    peer.Prepare()
    start = time.perf_counter()
    peer.Run(1e3 * seconds)
    spent = time.perf_counter() - start
    peer.Cleanup()
    return spent / seconds, recorder.n_events / network.n_neurons / seconds


def main() -> None:
    """Print the medians of interleaved rounds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=0.5)
    options = parser.parse_args()
    mine, theirs = [], []
    for number in range(options.rounds):
        mine.append(ours(options.seconds, number))
        if (other := nest(options.seconds, number)) is not None:
            theirs.append(other)
    events = BrunelNetwork().c_excitatory * 1.25 * BrunelNetwork().n_neurons
    for name, rows in (("spikingsampling", mine), ("NEST", theirs)):
        if not rows:
            print(f"{name}: not installed")
            continue
        spent, rate = (statistics.median(column) for column in zip(*rows, strict=True))
        each = 1e9 * spent / (events * rate)
        print(
            f"{name}: {spent:.2f} s per simulated second at {rate:.1f} Hz, {each:.1f} ns per synaptic event"
        )
    if theirs:
        ratio = statistics.median(a[0] / b[0] for a, b in zip(mine, theirs, strict=True))
        print(f"ratio of the times, median of pairs: {ratio:.2f}")


if __name__ == "__main__":
    main()
