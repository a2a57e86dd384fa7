"""What an engine is: it advances the state of a network by one segment.

The engines know nothing of protocols, recordings or checkpoints. A segment is a pure function: the same state,
drive, plasticity and seed give the same bits (on one engine and version).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn, Protocol

import numpy as np
from numpy.typing import NDArray

from ..errors import EngineError, ParameterError
from ..network.description import Network
from ..network.rules import Learning
from ..network.state import State, carried_variables, check_finite, intact_synapses, traces_of_rule
from ..network.timing import Timing, steps_of

__all__ = ["Drive", "Engine", "Outcome"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Drive:
    """What reaches the network from outside during a segment.

    Attributes
    ----------
    duration
        Seconds; at most ``Timing.segment``, a whole multiple of ``frame_period`` and ``update_period``.
    schedule : (n_frames, n_sources) int
        Row of the table of rates that each source shows in each frame.
    tables
        Further tables, for networks whose spikes are prescribed: ``input_spikes`` (n_steps, n_inputs) and
        ``winners`` (n_steps, n_neurons), 1 where there is a spike.
    """

    duration: float
    schedule: NDArray[np.integer]
    tables: Mapping[str, Array] | None = None


@dataclass(frozen=True)
class Outcome:
    """A segment's end: the state to go on from and the spikes fired, times in seconds from the segment's start."""

    state: State
    times: Array
    neurons: NDArray[np.int32]


class Engine(Protocol):
    """Runs segments of one network."""

    name: str
    #: May be replaced by one that differs in constants.
    network: Network
    #: Seconds spent to generate and compile code; 0 where a compiled program was found.
    build_seconds: float

    def advance(self, state: State, drive: Drive, learning: Learning, seed: int) -> Outcome:
        """Advance ``state`` by one segment. ``seed`` is an integer below 2³²."""
        ...

    def close(self) -> None:
        """Free temporary files."""
        ...


def variables_at_start(
    network: Network, state: State, learning: Learning, update_period: float
) -> dict[str, float | Array]:
    """Every Brian2 variable that a segment sets before it starts, ``"group.variable"`` → value."""
    p = network.parameters
    values: dict[str, float | Array] = {k: v for k, v in state.items() if k != "axons.in_flight"}
    traces = {"tau_fall": p.tau_fall, "tau_rise": p.tau_rise}
    constants: dict[str, dict[str, float]] = {
        "inputs": dict(traces),
        "neurons": {
            **traces,
            "tau_adaptation_fall": p.tau_adaptation_fall,
            "tau_adaptation_rise": p.tau_adaptation_rise,
            "adaptation": p.adaptation,
            "learning": float(learning != "off"),
            "key": -1.0,  # below ``best``: nobody fires before a circuit's first draw
        },
        "circuits": {"rho_net": p.rho_net, "best": 0.0},
    }
    if network.has_lateral:
        constants["axons"] = {**traces, "arrived": -1e3}
    if network.has_gates:
        constants["axons"]["lateral_half"] = p.lateral_half
        constants |= {
            f"{x.name}_input": {"gain": x.constants.gain} for x in network.pathways if not x.lateral
        }
    rule = network.rule.constants(p, learning, update_period)
    if network.rule.code(p).weigh:
        counts = intact_synapses(network, state)
        values |= {f"neurons.intact_{name}": np.maximum(1, count) for name, count in counts.items()}
    for group in traces_of_rule(network):
        constants[group] |= rule["post" if group == "neurons" else "pre"]
    for pathway in network.pathways:
        own = network.rule.constants(pathway.constants.of(p), learning, update_period)["synapses"]
        constants[pathway.name] = own | ({"gain": pathway.constants.gain} if "gain" in own else {})
        theta, intact = values.pop(f"{pathway.name}.theta"), state[f"{pathway.name}.intact"]
        synapses = network.rule.variables(theta, intact, p)
        values |= {f"{pathway.name}.{name}": value for name, value in synapses.items()}
    for group, settings in constants.items():
        values |= {f"{group}.{name}": value for name, value in settings.items()}
    return values


def tables_at_start(network: Network, timing: Timing, state: State, drive: Drive) -> dict[str, Array]:
    """The tables that a segment reads, padded to the length for which the program was built."""
    tables: dict[str, Array] = dict(drive.tables or {})
    if not tables:
        padding = timing.frames - len(drive.schedule)
        tables["schedule"] = np.pad(drive.schedule, ((0, padding), (0, 0)), mode="edge").astype(float)
    if network.has_lateral:
        tables["in_flight"] = state["axons.in_flight"]
    return tables


def steps_in(drive: Drive, timing: Timing) -> int:
    """Time steps of a segment."""
    return steps_of(drive.duration, timing.dt, "duration", "dt")


def check_steps(steps: int, drive: Drive, timing: Timing) -> None:
    """EngineError unless ``steps``, which an engine reports, are those of the segment that was asked for."""
    if steps != (asked := steps_in(drive, timing)):
        raise EngineError(
            f"the engine reached {steps * timing.dt:g} s ({steps} steps) of {drive.duration:g} s ({asked} steps)"
        )


def sizes_at_end(network: Network) -> dict[str, int]:
    """How many numbers each variable has that an engine reads at the end of a segment."""
    groups = {"inputs": network.n_inputs, "neurons": network.n_neurons, "axons": network.n_neurons}
    groups |= {"circuits": network.n_circuits} | {p.name: len(p) for p in network.pathways}
    names = carried_variables(network)
    return {name: 1 if name.endswith(".origin") else groups[name.partition(".")[0]] for name in names}


def state_at_end(
    network: Network, timing: Timing, duration: float, read: Mapping[str, Array], times: Array, neurons: Array
) -> State:
    """The state after a segment, with times counted from its end.

    Raises
    ------
    EngineError
        An array has another size than the network, or is no longer finite.
    """
    for name, size in sizes_at_end(network).items():
        if np.shape(read[name]) != (size,):
            raise EngineError(f"the engine gave {name} of shape {np.shape(read[name])}: must be {(size,)}")
    if len(times) != len(neurons):
        raise EngineError(f"the engine gave {len(times)} times of spikes and {len(neurons)} neurons")
    check_finite(network, read)
    state = dict(read)
    learnt = network.rule.code(network.parameters).learnt
    for pathway in network.pathways:
        theta = network.rule.theta(state.pop(f"{pathway.name}.{learnt}"), network.parameters)
        state[f"{pathway.name}.theta"] = theta
    for name in ("inputs.origin", "inputs.t_next", "axons.origin", "circuits.t_next"):
        if name in state:
            state[name] = state[name] - duration
    if network.has_lateral:
        in_flight = np.zeros((timing.delay_steps + 1, network.n_neurons))
        due = np.rint((times - duration) / timing.dt).astype(int) + timing.delay_steps
        late = due >= 0
        in_flight[due[late], neurons[late]] = 1
        state["axons.in_flight"] = in_flight
    return state


class NotCopied:
    """What has its own files and its own place in time: a copy would share both."""

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError(
            f"a {type(self).__name__} cannot be copied or pickled: take `now`, the moment a simulation has reached, "
            "and begin another Simulation with it as `start`"
        )


def check_drive(drive: Drive, timing: Timing, n_frames: int, n_sources: int) -> None:
    """ParameterError if a drive does not fit the network and timing it is meant for."""
    if drive.duration > timing.segment * (1 + 1e-9):
        raise ParameterError(
            f"duration = {drive.duration:g} s: must be at most a segment, {timing.segment:g} s"
        )
    if drive.duration < timing.delay:  # spikes in flight would have to be carried over two borders
        raise ParameterError(
            f"duration = {drive.duration:g} s: must be at least the lateral delay, {timing.delay:g} s"
        )
    frames = steps_of(drive.duration, timing.frame_period, "duration", "frame_period")
    steps_of(drive.duration, timing.update_period, "duration", "update_period")
    if drive.tables:
        return
    if drive.schedule.shape != (frames, n_sources):
        raise ParameterError(f"schedule has shape {drive.schedule.shape}: must be {(frames, n_sources)}")
    if drive.schedule.size and not (drive.schedule.min() >= 0 and drive.schedule.max() < n_frames):
        raise ParameterError(f"schedule: frames must lie in 0 … {n_frames - 1}")
