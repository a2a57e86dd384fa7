"""What an engine is: it advances the state of a network by one segment.

The engines know nothing of protocols, recordings or checkpoints. A segment is a pure function: the same state,
drive, plasticity and seed give the same bits (on one engine and version).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..errors import EngineError, ParameterError
from ..network import Network
from ..rules import LEARNING_MODES, Learning

__all__ = ["LEARNING_MODES", "Drive", "Engine", "Learning", "Outcome", "State", "Timing", "initial_state"]

Array = NDArray[np.float64]
#: Named arrays, ``"group.variable"``: all that a network remembers between two segments.
State = dict[str, Array]


def steps_of(duration: float, period: float, name: str, period_name: str) -> int:
    """``duration / period`` as a whole number; ParameterError if it is not one."""
    count = round(duration / period) if math.isfinite(duration / period) else 0
    if count < 1 or not math.isclose(count * period, duration, rel_tol=1e-9):
        raise ParameterError(
            f"{name} = {duration:g} s: must be a whole multiple of {period_name} = {period:g} s"
        )
    return count


@dataclass(frozen=True)
class Timing:
    """The periods of a simulation, all in seconds.

    Attributes
    ----------
    dt
        Time step. Spikes lie on its grid; an input fires at most once a step.
    frame_period
        Time for which the rates of the inputs are constant.
    update_period
        Time between two steps of prior and noise. b times it should be at most 1e-3.
    segment
        Length of a segment: a whole multiple of the other periods.
    delay
        Delay of lateral synapses.

    Raises
    ------
    ParameterError
        A period is not a whole multiple of the one it has to be.
    """

    dt: float = 1e-3
    frame_period: float = 0.2
    update_period: float = 1.0
    segment: float = 60.0
    delay: float = 5e-3

    def __post_init__(self) -> None:
        if not (self.dt > 0 and math.isfinite(self.dt)):
            raise ParameterError(f"dt = {self.dt!r} s: must be more than 0")
        if self.frame_period > 0.5:
            # Presynaptic traces grow as e^(t/τ_r) inside a frame: 0.5 s at τ_r = 1 ms is near the limit of a double.
            raise ParameterError(
                f"frame_period = {self.frame_period:g} s: must be at most 0.5 s; show a frame twice"
            )
        for name in ("frame_period", "update_period", "segment", "delay"):
            steps_of(getattr(self, name), self.dt, name, "dt")
        steps_of(self.segment, self.frame_period, "segment", "frame_period")
        steps_of(self.segment, self.update_period, "segment", "update_period")

    @property
    def steps(self) -> int:
        """Time steps in a segment."""
        return round(self.segment / self.dt)

    @property
    def frames(self) -> int:
        """Frames in a segment."""
        return round(self.segment / self.frame_period)

    @property
    def delay_steps(self) -> int:
        """Time steps of the lateral delay."""
        return round(self.delay / self.dt)


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
    #: Seconds spent to generate and compile code; 0 where a compiled program was found.
    build_seconds: float

    def advance(self, state: State, drive: Drive, learning: Learning, seed: int) -> Outcome:
        """Advance ``state`` by one segment. ``seed`` is an integer below 2³²."""
        ...

    def close(self) -> None:
        """Free temporary files."""
        ...


def initial_state(network: Network, rng: np.random.Generator, timing: Timing) -> State:
    """A network at rest whose parameters θ are drawn from the prior (M)."""
    p = network.parameters
    n = network.n_neurons
    state: State = {
        "inputs.x_fall": np.zeros(network.n_inputs),
        "inputs.x_rise": np.zeros(network.n_inputs),
        "inputs.origin": np.zeros(1),
        "inputs.t_next": np.full(network.n_inputs, np.inf),
        "circuits.t_next": rng.exponential(1 / p.rho_net, network.n_circuits),
    }
    for name in ("psp_fall", "psp_rise", "adaptation_fall", "adaptation_rise"):
        state[f"neurons.{name}"] = np.zeros(n)
    state["neurons.removed"] = np.zeros(n)
    if len(network.lateral):
        state |= {"axons.x_fall": np.zeros(n), "axons.x_rise": np.zeros(n), "axons.origin": np.zeros(1)}
        state["axons.in_flight"] = np.zeros((timing.delay_steps + 1, n))
    for group, traces in traces_of_rule(network).items():
        size = network.n_inputs if group == "inputs" else n
        state |= {f"{group}.{name}": np.zeros(size) for name in traces}
    for pathway in network.pathways:
        state[f"{pathway.name}.theta"] = network.rule.begin(p.prior.sample(rng, len(pathway)), p)
        state[f"{pathway.name}.intact"] = np.ones(len(pathway))
    return state


def traces_of_rule(network: Network) -> dict[str, tuple[str, ...]]:
    """The variables of inputs, axons and neurons that the network's rule adds to what is carried over."""
    code = network.rule.code(network.parameters)
    pre = ("inputs", "axons") if len(network.lateral) else ("inputs",)
    return {**dict.fromkeys(pre, code.pre_traces), "neurons": code.post_traces}


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
    if len(network.lateral):
        constants["axons"] = {**traces, "arrived": -1e3}
    rule = network.rule.constants(p, learning, update_period)
    for group in traces_of_rule(network):
        constants[group] |= rule["post" if group == "neurons" else "pre"]
    for pathway in network.pathways:
        constants[pathway.name] = rule["synapses"]
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
    if len(network.lateral):
        tables["in_flight"] = state["axons.in_flight"]
    return tables


def state_at_end(
    network: Network, timing: Timing, duration: float, read: Mapping[str, Array], times: Array, neurons: Array
) -> State:
    """The state after a segment, with times counted from its end.

    Raises
    ------
    EngineError
        The network has diverged: an array is no longer finite.
    """
    state = dict(read)
    timeless = {
        name: values for name, values in read.items() if not name.endswith("t_next")
    }  # that may be never
    if diverged := [name for name, values in timeless.items() if not np.isfinite(values).all()]:
        p = network.parameters
        raise EngineError(
            f"the network has diverged ({', '.join(diverged)} not finite): weights grow without bound where PSPs "
            f"stay above alpha_cap = {p.alpha_cap:g} (input rates above about "
            f"{p.alpha_cap / (p.tau_fall - p.tau_rise) / 2:.0f} Hz) or where n_examples * b = "
            f"{p.n_examples * p.b:g} /s is too large a step"
        )
    learnt = network.rule.code(network.parameters).learnt
    for pathway in network.pathways:
        theta = network.rule.theta(state.pop(f"{pathway.name}.{learnt}"), network.parameters)
        state[f"{pathway.name}.theta"] = theta
    for name in ("inputs.origin", "inputs.t_next", "axons.origin", "circuits.t_next"):
        if name in state:
            state[name] = state[name] - duration
    if len(network.lateral):
        in_flight = np.zeros((timing.delay_steps + 1, network.n_neurons))
        due = np.rint((times - duration) / timing.dt).astype(int) + timing.delay_steps
        late = due >= 0
        in_flight[due[late], neurons[late]] = 1
        state["axons.in_flight"] = in_flight
    return state


def carried(network: Network) -> list[str]:
    """The Brian2 variables that an engine reads at the end of a segment."""
    names = [f"inputs.{v}" for v in ("x_fall", "x_rise", "origin", "t_next")] + ["circuits.t_next"]
    names += [
        f"neurons.{v}" for v in ("psp_fall", "psp_rise", "adaptation_fall", "adaptation_rise", "removed")
    ]
    if len(network.lateral):
        names += [f"axons.{v}" for v in ("x_fall", "x_rise", "origin")]
    names += [f"{group}.{v}" for group, traces in traces_of_rule(network).items() for v in traces]
    learnt = network.rule.code(network.parameters).learnt
    return names + [f"{pathway.name}.{v}" for pathway in network.pathways for v in (learnt, "intact")]


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
