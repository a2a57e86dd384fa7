"""A known short input gives the known spikes: what a compiled program does, against the same steps in NumPy.

It takes a few milliseconds, once for each program and kind of machine, and finds a program that was compiled for
another processor, a broken library of mathematics, or random numbers that are not those of its generator.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from ...errors import EngineError
from ...network import gates
from ...network.description import Network
from ...network.parameters import CircuitParameters
from ...network.rules import SamplingRule, STDPRule
from ...network.state import State, initial_state
from ...network.timing import Timing
from ..base import Array, sizes_at_end, variables_at_start
from ..templates import chosen_templates
from .program import Program
from .scratch import Scratch
from .streams import Stream

__all__ = ["check_program", "expected"]

_SEED = 1
_RATE = 100.0  # Hz, of every input
_THETA = 1.0
#: Rounding may differ where a compiler reorders sums; a wrong function differs by far more.
_TOLERANCE = 1e-9


def check_program(program: Program, network: Network, timing: Timing, *, forced: bool = False) -> None:
    """Run a program on a known input.

    Raises
    ------
    EngineError
        It fails, or gives other spikes or traces than it should.
    """
    compiled_in = {
        name: getattr(network.parameters, name) for name in ("prior", "psp", "normaliser", "lateral_half")
    }
    network = replace(network, parameters=CircuitParameters(**compiled_in))
    steps = _steps(network, timing)
    state = _start(network, timing)
    variables = variables_at_start(network, state, "off", timing.update_period)
    # Nearly everything is the same for all members of a group, so that no file is needed.
    numbers: dict[str, float | Array] = {
        name: float(np.ravel(value)[0]) for name, value in variables.items() if np.size(value)
    }
    if network.parameters.normaliser:
        numbers |= {name: value for name, value in variables.items() if name.startswith("neurons.intact_")}
    tables = {"input_spikes": 0.0, "winners": 0.0} if forced else {"frames": _RATE, "schedule": 0.0}
    if network.has_lateral:
        tables["in_flight"] = 0.0
    advice = "; try another compiler (CXX), or go on without one: --engine runtime"
    with Scratch() as scratch:
        try:
            got = program.run(
                scratch,
                numbers,
                tables,
                duration=steps * timing.dt,
                seed=_SEED,
                sizes=sizes_at_end(network),
            )
        except EngineError as error:
            raise EngineError(f"on a known input {error}{advice}") from error
    if got.steps != steps:
        raise EngineError(f"the compiled program makes {got.steps} steps where it was given {steps}{advice}")
    if forced or not isinstance(network.rule, SamplingRule | STDPRule):
        return  # nothing is drawn, or what the synapses do is not known here
    for name, values in expected(network, timing, state, steps).items():
        found = got.arrays[name]
        if len(found) != len(values) or not np.allclose(found, values, rtol=_TOLERANCE, atol=_TOLERANCE):
            raise EngineError(
                f"the compiled program in {program.directory} gives wrong results: {name} on a known input{advice}"
            )


def _steps(network: Network, timing: Timing) -> int:
    """A few steps of the first frame, fewer for a large network."""
    n_synapses = sum(len(pathway) for pathway in network.pathways)
    within = (timing.frame_period, timing.update_period, timing.segment)
    return min(40, max(2, 2_000_000 // max(1, n_synapses)), *(round(period / timing.dt) for period in within))


def _start(network: Network, timing: Timing) -> State:
    """At rest, with equal θ; all circuits fire in the first step."""
    rest = initial_state(network, np.random.default_rng(_SEED), timing)
    theta = network.rule.begin(np.full(1, _THETA), network.parameters)[0]
    state = {
        name: np.full_like(values, theta) if name.endswith(".theta") else values
        for name, values in rest.items()
    }
    return state | {"circuits.t_next": np.zeros(network.n_circuits)}


def expected(network: Network, timing: Timing, state: State, steps: int) -> Mapping[str, Array]:
    """What the network does in the first ``steps``, learning off, with the program's order of random numbers."""
    p, n = network.parameters, network.n_neurons
    draws = np.random.RandomState(_SEED)  # the generator that Brian2 copies
    purposes = ("inputs_frame", "inputs_spike_resetter", "circuits_spike_resetter", "draw_pre")
    own = chosen_templates() == "vector"
    streams = {name: Stream(_SEED, f"{name}_codeobject") if own else draws for name in purposes}

    def waits(purpose: str, count: int, rate: float) -> Array:
        return -np.log(1 - streams[purpose].random_sample(count)) / rate

    w = {
        x.name: x.constants.gain * np.expm1(state[f"{x.name}.theta"]) * np.exp(-p.theta_0)
        for x in network.pathways
    }
    if p.normaliser:  # equal weights are all log⟨e^w⟩
        w = {name: np.zeros_like(values) for name, values in w.items()}
    noisy = "randn()" in network.rule.code(p).every_update
    names = sorted([*(pathway.name for pathway in network.pathways), "inputs"])
    for name in names:  # what acts at the beginning of the frame, by name
        if name == "inputs":
            t_next = waits("inputs_frame", network.n_inputs, _RATE)
        elif noisy:
            draws.standard_normal(len(w[name]))
    clocks = state["circuits.t_next"].copy()
    traces = {f"inputs.x_{name}": np.zeros(network.n_inputs) for name in ("fall", "rise")}
    # PSPs are kept as traces of the neurons, or added up from those of all that is before them.
    psp, total, adaptation = np.zeros((2, n)), np.zeros(n), np.zeros((2, n))
    x = {"inputs": np.zeros((2, network.n_inputs)), "axons": np.zeros((2, n))}
    taus = {"psp": np.array([p.tau_fall, p.tau_rise])[:, None]}
    taus["adaptation"] = np.array([p.tau_adaptation_fall, p.tau_adaptation_rise])[:, None]
    fired: list[tuple[int, int]] = []
    input_sum, amplitude = np.zeros(network.n_circuits), np.ones(n)
    forward = [path for path in network.pathways if network.has_gates and not path.lateral]
    afferents = [(path.constants.gain, *gates.afferents(network, path)) for path in forward]
    for step in range(steps):
        t = step * timing.dt
        for trace in (psp, *x.values()):
            trace *= np.exp(-timing.dt / taus["psp"])
        adaptation *= np.exp(-timing.dt / taus["adaptation"])
        circuits = np.flatnonzero(t >= clocks)
        clocks[circuits] += waits("circuits_spike_resetter", len(circuits), p.rho_net)
        if network.has_gates:
            seen = x["inputs"][0] - x["inputs"][1]
            heard = sum(gain * np.bincount(j, seen[i], network.n_circuits) for gain, i, j in afferents)
            input_sum[circuits] = heard[circuits]
            amplitude = (input_sum / (input_sum + p.lateral_half))[network.circuit]
        candidates = np.flatnonzero(np.isin(network.circuit, circuits))
        if p.psp == "kept":
            total = psp[0] - psp[1]
        else:
            total[candidates] = sum(
                np.bincount(path.post_index, w[path.name] * (before[0] - before[1])[path.pre_index], n)
                for path in network.pathways
                for before in (x["axons" if path.lateral else "inputs"],)
            )[candidates]
        u = total + p.adaptation * (adaptation[0] - adaptation[1])
        keys = np.full(n, -np.inf)
        drawn = streams["draw_pre"].random_sample(len(candidates))
        keys[candidates] = u[candidates] - np.log(-np.log(1 - drawn))
        members = [np.flatnonzero(network.circuit == circuit) for circuit in circuits]
        winners = sorted(int(neurons[np.argmax(keys[neurons])]) for neurons in members)
        inputs = t >= t_next
        arriving = np.zeros(n, dtype=bool)
        arriving[[neuron for then, neuron in fired if then + timing.delay_steps == step]] = True
        for pathway in network.pathways:
            hit = (arriving if pathway.lateral else inputs)[pathway.pre_index]
            psp += np.bincount(pathway.post_index[hit], w[pathway.name][hit], n)
        x["inputs"] += inputs
        x["axons"] += amplitude * arriving
        for name, tau in (("fall", p.tau_fall), ("rise", p.tau_rise)):
            traces[f"inputs.x_{name}"][inputs] += np.exp(t / tau)
        t_next[inputs] += waits("inputs_spike_resetter", int(inputs.sum()), _RATE)
        adaptation[:, winners] += 1
        fired += [(step, neuron) for neuron in winners]
    return traces | {
        "spikes.t": np.array([step * timing.dt for step, _ in fired]),
        "spikes.i": np.array([neuron for _, neuron in fired], dtype=np.int32),
        "inputs.t_next": t_next,
        "circuits.t_next": clocks,
        **({"circuits.input_sum": input_sum} if network.has_gates else {}),
        **(
            {"neurons.psp_fall": psp[0], "neurons.psp_rise": psp[1]}
            if p.psp == "kept"
            else {"neurons.psp": total}
        ),
        **{f"neurons.adaptation_{name}": adaptation[k] for k, name in enumerate(("fall", "rise"))},
    }
