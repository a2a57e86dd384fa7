"""One small network for the tests of engines and simulation, so that few programs have to be compiled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from spikingsampling.engines import Drive, make_engine
from spikingsampling.inference.priors import GaussianPrior
from spikingsampling.network.description import Network, Population, Source, all_to_all
from spikingsampling.network.parameters import CircuitParameters
from spikingsampling.network.state import initial_state
from spikingsampling.network.timing import Timing
from spikingsampling.simulation.stimuli import Library, Stimuli

#: Neither mean 0 nor variance 1, so that no factor hides.
PRIOR = GaussianPrior(0.3, 0.8)
PARAMETERS = CircuitParameters(prior=PRIOR, adaptation=-0.5)
#: Learns and forgets enough within a second.
FAST = PARAMETERS.replace(b=1e-3)
#: PSPs that outlast a segment, so that its end shows all that happened in it.
SLOW_PSP = PARAMETERS.replace(psp="kept", tau_fall="0.5 s", tau_rise="0.1 s", b=1e-4)
IMAGE, SOUND = Source("image", 40), Source("sound", 20)
LEFT, RIGHT = Population("left", 1, 4), Population("right", 2, 3)
TIMING = Timing(dt=1e-3, frame_period=0.2, update_period=1.0, segment=20.0, delay=5e-3)
N_ITEMS = 4

#: Engine and its options; the runtime engine with NumPy starts at once and needs no compiler.
ENGINES = {"standalone": {}, "runtime": {"target": "numpy"}}


def small_network(parameters: CircuitParameters = PARAMETERS) -> Network:
    """60 inputs, 3 circuits with 10 neurons, 280 feed-forward and 60 lateral synapses."""
    projections = [
        all_to_all(IMAGE, LEFT),
        all_to_all(SOUND, RIGHT),
        all_to_all(LEFT, RIGHT),
        all_to_all(RIGHT, LEFT),
        all_to_all(LEFT, LEFT),
    ]
    return Network([IMAGE, SOUND], [LEFT, RIGHT], projections, parameters)


def small_stimuli(seed: int = 0, low: float = 2.0, high: float = 40.0, silent_rate: float = 1.0) -> Stimuli:
    """Four items per source; each input is either on or off in an item."""
    rng = np.random.default_rng(seed)
    labels = np.arange(N_ITEMS)

    def library(size: int) -> Library:
        return Library(np.where(rng.random((N_ITEMS, size)) < 0.4, high, low), labels, silent_rate)

    return Stimuli({s.name: library(s.size) for s in (IMAGE, SOUND)}, TIMING.frame_period)


def engine_of(
    name: str, network: Network, *, timing: Timing = TIMING, forced: bool = False, frames: Any = None
):
    """An engine of the small network."""
    table = small_stimuli().table(network) if frames is None else frames
    return make_engine(name, network, timing, table, forced=forced, **ENGINES[name])


def begin(network: Network, seed: int = 0, *, timing: Timing = TIMING, lateral: bool = True):
    """The initial state; ``lateral=False`` takes all lateral synapses away."""
    state = initial_state(network, np.random.default_rng(seed), timing)
    if not lateral:
        state["lateral.intact"] = np.zeros(len(network.pathways[1]))
    return state


def shown(duration: float, seed: int = 0, *, timing: Timing = TIMING, row: int | None = None) -> Drive:
    """Random items, or always one row of the table."""
    n = round(duration / timing.frame_period)
    rows = (
        np.random.default_rng(seed).integers(1, 1 + N_ITEMS, (n, 2)) if row is None else np.full((n, 2), row)
    )
    return Drive(duration, rows)


@dataclass(frozen=True)
class Spikes:
    """Prescribed spikes on the grid of the time step: step and neuron of each, in a time of ``n_steps``."""

    n_steps: int
    input_steps: np.ndarray
    inputs: np.ndarray
    output_steps: np.ndarray
    winners: np.ndarray

    @classmethod
    def random(cls, network: Network, n_steps: int, rng: np.random.Generator) -> Spikes:
        """Inputs at 20 Hz and one winner per circuit at 100 Hz, at steps of 1 ms."""
        input_steps, inputs = np.nonzero(rng.random((n_steps, network.n_inputs)) < 0.02)
        steps, circuits = np.nonzero(rng.random((n_steps, network.n_circuits)) < 0.1)
        winners = np.array([rng.choice(np.flatnonzero(network.circuit == c)) for c in circuits])
        return cls(n_steps, input_steps, inputs, steps, winners)

    def drive(self, timing: Timing = TIMING, first: int = 0, stop: int | None = None) -> Drive:
        """Steps ``first`` to ``stop`` as a segment of the small network."""
        stop = self.n_steps if stop is None else stop
        tables = {}
        for name, steps, neurons, size in (
            ("input_spikes", self.input_steps, self.inputs, IMAGE.size + SOUND.size),
            ("winners", self.output_steps, self.winners, LEFT.size + RIGHT.size),
        ):
            table = np.zeros((timing.steps + 1, size))
            inside = (steps >= first) & (steps < stop)
            table[steps[inside] - first, neurons[inside]] = 1
            tables[name] = table
        return Drive((stop - first) * timing.dt, np.zeros((0, 2), dtype=int), tables)


def resting_clocks(state: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The state without spikes of the circuits' own: winners are prescribed or not wanted."""
    return state | {"circuits.t_next": np.full_like(state["circuits.t_next"], np.inf)}


def by_neuron(network: Network, values: dict[str, np.ndarray], fill: float) -> np.ndarray:
    """Values per pathway as a matrix (n_neurons, n_inputs + n_neurons), ``fill`` where no synapse can be."""
    matrix = np.full((network.n_neurons, network.n_inputs + network.n_neurons), fill)
    matrix[network.pathways[0].post_index, network.pathways[0].pre_index] = values["feedforward"]
    matrix[network.pathways[1].post_index, network.n_inputs + network.pathways[1].pre_index] = values[
        "lateral"
    ]
    return matrix


def theta_of(network: Network, state: dict[str, np.ndarray], fill: float = -4.0) -> np.ndarray:
    """θ of all synapses as :func:`by_neuron`."""
    return by_neuron(network, {p.name: state[f"{p.name}.theta"] for p in network.pathways}, fill)


def chance(n_tests: int = 1) -> float:
    """Number of standard errors that a Gaussian exceeds once in 10 000 times in ``n_tests`` tries."""
    from scipy import stats

    return float(stats.norm.isf(0.5e-4 / n_tests))


both_engines = pytest.mark.parametrize("name", list(ENGINES))
