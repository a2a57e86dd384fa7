"""A simulated second of a network with 1.6·10⁷ synapses that do not learn, beside NEST where it is installed.

    python -m benchmarks.brunel [--rounds 3] [--seconds 1]
    python -m benchmarks.brunel --rates [STATE …] [--rounds 3] [--seconds 1] [--settle 0.3] [--step 0.1]

Both simulate Brunel's network (2000, model A) on one core. The first command takes the time of the asynchronous
state (g = 5, input twice the threshold rate), in turns. The second prints the rates that NEST finds: they check ours
with a program that shares nothing with it. NEST's ``brunel_delta`` example is the same network: ``iaf_psc_delta`` with
a Poisson generator.
"""

from __future__ import annotations

import argparse
import math
import os
import statistics
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from spikingsampling.analysis import estimate_mean
from spikingsampling.models.dynamics.activity import Activity
from spikingsampling.models.dynamics.brunel import STATES, BrunelNetwork
from spikingsampling.protocols.studies.dynamics.spiking.activity import interval_cv, rate, spectrum

__all__ = ["Measured", "main", "make", "nest", "ours", "recorded"]

#: The state whose speed is measured.
_STATE = "asynchronous_irregular"


@dataclass(frozen=True)
class Measured:
    """A run: wall time and processor time per simulated second, without making the connections, and what fired."""

    wall: float
    processor: float
    activity: Activity


def processor_time() -> float:
    """Of this process and of the compiled programs that it has run (s)."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def ours(state: str, seconds: float, seed: int, network: BrunelNetwork) -> Measured:
    """Simulate a state here."""
    program = network.compiled()
    spent = []
    for duration in (network.dt, seconds):  # connecting takes as long in both
        start = time.perf_counter(), processor_time()
        activity = network.run(program, *STATES[state], duration, np.random.SeedSequence(seed))
        spent.append((time.perf_counter() - start[0], processor_time() - start[1]))
    wall, processor = (np.array(spent[1]) - spent[0]) / seconds
    return Measured(float(wall), float(processor), activity)


def make(peer: Any, network: BrunelNetwork, g: float, drive: float, seed: int) -> tuple[Any, Any]:
    """The network in NEST's kernel: all neurons, the excitatory ones first, and a recorder of their spikes."""
    theory = network.theory(g, 1.0)
    peer.verbosity = peer.VerbosityLevel.ERROR
    peer.ResetKernel()
    peer.set(resolution=1e3 * network.dt, rng_seed=seed + 1, local_num_threads=1)
    neuron = {
        "C_m": 1.0,
        "tau_m": 1e3 * theory.tau,
        "t_ref": 1e3 * theory.refractory,
        "E_L": 0.0,
        "V_reset": theory.reset,
        "V_th": theory.threshold,
    }
    excitatory = peer.Create("iaf_psc_delta", network.n_excitatory, params=neuron)
    inhibitory = peer.Create("iaf_psc_delta", network.n_excitatory // 4, params=neuron)
    everybody = excitatory + inhibitory
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
    return everybody, recorder


def recorded(recorder: Any, network: BrunelNetwork, seconds: float) -> Activity:
    """Its spikes, stamped with the start of their step as ours are; NEST says the end."""
    times, senders = (np.asarray(recorder.events[key]) for key in ("times", "senders"))
    return Activity(1e-3 * times - network.dt, senders.astype(np.int32) - 1, network.n_neurons, seconds)


def nest(state: str, seconds: float, seed: int, network: BrunelNetwork) -> Measured | None:
    """Simulate a state there; None where NEST is not installed."""
    try:
        import nest as peer
    except ImportError:
        return None
    everybody, recorder = make(peer, network, *STATES[state], seed)
    everybody.V_m = peer.random.uniform(0.0, network.theory(1, 1).threshold)
    peer.Prepare()
    start = time.perf_counter(), processor_time()
    peer.Run(1e3 * seconds)
    wall, processor = time.perf_counter() - start[0], processor_time() - start[1]
    peer.Cleanup()
    return Measured(wall / seconds, processor / seconds, recorded(recorder, network, seconds))


def _print_rates(
    network: BrunelNetwork, states: list[str], rounds: int, seconds: float, settle: float
) -> None:
    """What NEST finds in the states, as means over seeds with their 95 % intervals."""
    print("| state | theory (Hz) | NEST: rate (Hz) | CV | peak (Hz) | n | processor s per simulated s |")
    print("|---|---|---|---|---|---|---|")
    for state in states:
        rows, spent = [], []
        for number in range(rounds):
            run = nest(state, settle + seconds, number, network)
            if run is None:
                print("NEST is not installed")
                return
            late = run.activity.after(settle)
            rows.append((rate(late), interval_cv(late), spectrum(late).peak()))
            spent.append(run.processor)
        values = [estimate_mean(column, (0.0, math.inf)) for column in np.array(rows).T]
        cells = [estimate.text(digits) for estimate, digits in zip(values, (2, 3, 0), strict=True)]
        theory = network.theory(*STATES[state]).rate
        print(
            f"| {state} | {theory:.2f} | {' | '.join(cells)} | {rounds} | {statistics.median(spent):.1f} |",
            flush=True,
        )


def _print_speed(network: BrunelNetwork, rounds: int, seconds: float) -> None:
    """The medians of interleaved rounds."""
    mine, theirs = [], []
    for number in range(rounds):
        mine.append(ours(_STATE, seconds, number, network))
        if (other := nest(_STATE, seconds, number, network)) is not None:
            theirs.append(other)
    for name, runs in (("spikingsampling", mine), ("NEST", theirs)):
        if not runs:
            print(f"{name}: not installed")
            continue
        wall, processor = (
            statistics.median(getattr(run, what) for run in runs) for what in ("wall", "processor")
        )
        found = statistics.median(rate(run.activity) for run in runs)
        each = 1e9 * processor / (network.n_synapses * found)
        print(
            f"{name}: {processor:.1f} s of processor time per simulated second (wall time {wall:.1f} s) "
            f"at {found:.1f} Hz, {each:.1f} ns per synaptic event"
        )
    if theirs:
        ratios = [a.processor / b.processor for a, b in zip(mine, theirs, strict=True)]
        print(f"ratio of processor times, median of pairs: {statistics.median(ratios):.2f}")


def main() -> None:
    """Print the speed of one state, or the rates of all four in NEST."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--rates", nargs="*", choices=STATES, help="the rates of these states (all) in NEST, not the speed"
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--step", type=float, default=0.1, help="time step (ms)")
    parser.add_argument("--settle", type=float, default=0.3, help="time (s) before rates are measured")
    options = parser.parse_args()
    network = BrunelNetwork(dt=1e-3 * options.step)
    if options.rates is None:
        _print_speed(network, options.rounds, options.seconds)
    else:
        _print_rates(network, options.rates or list(STATES), options.rounds, options.seconds, options.settle)


if __name__ == "__main__":
    main()
