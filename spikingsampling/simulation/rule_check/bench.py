"""A small network in which one can see what each synapse does, to check a learning rule.

Every synapse has a presynaptic and a postsynaptic neuron of its own, and all spikes are prescribed. So what a synapse
does can be read from the state of its neurons, and nothing but noise is random.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from ...engines.base import Drive, Engine
from ...engines.selection import make_engine
from ...errors import EngineError, ParameterError, SpikingSamplingError
from ...network.description import Network, Population, Source, connect
from ...network.parameters import CircuitParameters
from ...network.rules import Learning, SynapseRule
from ...network.state import State, initial_state
from ...network.timing import Timing

__all__ = ["TIMING", "Bench", "N", "sample_thetas", "wrong_rule"]

Array = NDArray[np.float64]
#: Inputs, neurons, and synapses of each kind.
N = 6
TIMING = Timing(dt=1e-3, frame_period=0.03, update_period=0.03, segment=0.06, delay=5e-3)


def wrong_rule(rule: SynapseRule, problem: str) -> ParameterError:
    """What :func:`~spikingsampling.simulation.rule_check.check_rule` raises."""
    return ParameterError(f"{type(rule).__name__}: {problem}")


class Bench:
    """A rule in the small network on one engine, with prescribed spikes."""

    def __init__(self, rule: SynapseRule, parameters: CircuitParameters, engine: str, seed: int) -> None:
        self.rule, self.p, self.engine_name, self.seed = rule, parameters, engine, seed
        source, population = Source("inputs", N), Population("neurons", 1, N)
        single = np.eye(N, dtype=bool)
        projections = [
            connect("forward", "inputs", "neurons", single),
            connect("sideways", "neurons", "neurons", np.roll(single, 1, axis=1)),
        ]
        self.network = Network([source], [population], projections, parameters, rule)
        self.pathways = {pathway.name: pathway for pathway in self.network.pathways}
        rng = np.random.default_rng(seed)
        steps = TIMING.steps + 1
        self.inputs = (rng.random((steps, N)) < 0.15).astype(float)
        self.winners = np.zeros((steps, N))
        fires = rng.random(steps) < 0.6
        self.winners[fires, rng.integers(N, size=steps)[fires]] = 1
        try:
            options = {"target": "numpy"} if engine == "runtime" else {}
            self._engine: Engine = make_engine(
                engine, self.network, TIMING, np.zeros((1, N)), forced=True, **options
            )
        except SpikingSamplingError:
            raise
        except Exception as error:
            raise self.wrong(f"code is refused by Brian2: {type(error).__name__}: {error}") from error

    def wrong(self, problem: str) -> ParameterError:
        """The error that says so."""
        return wrong_rule(self.rule, f"{problem} (engine {self.engine_name})")

    def start(self) -> State:
        """θ from retracted to large, at rest; no circuit fires of its own accord."""
        state = initial_state(self.network, np.random.default_rng(self.seed), TIMING)
        state["circuits.t_next"] = np.full(1, np.inf)
        theta = sample_thetas(self.rule, self.p)
        return state | {"feedforward.theta": theta, "lateral.theta": theta[::-1].copy()}

    def fires_last(self, state: State) -> State:
        """The state from which the circuit fires in the last step, for which immediate PSPs are added up."""
        return state | {"circuits.t_next": np.full(1, (TIMING.steps - 1.5) * TIMING.dt)}

    def psp(self, end: State) -> Array:
        """What PSPs have left at the neurons (N,): their slower part where they are kept, or their sum."""
        return end["neurons.psp_fall" if self.p.psp == "kept" else "neurons.psp"]

    def psp_of_one_spike(self, since: Array) -> Array:
        """The same of one spike that came so many seconds before, through a synapse of weight 1."""
        fall = np.exp(-since / self.p.tau_fall)
        return fall if self.p.psp == "kept" else fall - np.exp(-since / self.p.tau_rise)

    def run(
        self,
        state: State,
        learning: Learning,
        seed: int = 1,
        tables: tuple[Array, Array] | None = None,
        steps: int = TIMING.steps,
    ) -> State:
        """The state after a segment in which inputs and neurons fire as the two ``tables`` say."""
        inputs, winners = tables or (self.inputs, self.winners)
        drive = Drive(steps * TIMING.dt, np.zeros((0, 1), int), {"input_spikes": inputs, "winners": winners})
        try:
            return self._engine.advance(state, drive, learning, seed).state
        except EngineError as error:
            raise self.wrong(f"learning = {learning!r}: {error}") from error

    @cache  # noqa: B019 - a bench lives as long as its check
    def learnt(self, learning: Learning, seed: int = 1) -> State:
        """The end of a run with all spikes and without a lesion."""
        return self.run(self.start(), learning, seed)

    def close(self) -> None:
        """Free what the engine holds."""
        self._engine.close()


def sample_thetas(rule: SynapseRule, p: CircuitParameters) -> Array:
    """θ (N,) of new synapses, from retracted to large."""
    return np.array(rule.begin(np.linspace(-1.5, 2.5, N), p), dtype=float)
