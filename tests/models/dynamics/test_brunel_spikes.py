"""A network that is wholly connected and hears nothing from outside: its spikes and potentials are known one by one."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

from benchmarks import brunel as benchmark
from spikingsampling.engines.programs.cache import program_of_objects
from spikingsampling.engines.programs.scratch import Scratch
from spikingsampling.models.dynamics.brunel import BrunelNetwork

NETWORK = BrunelNetwork(n_excitatory=80, c_excitatory=80, weight=0.3)
#: Ends between two volleys, when those that fired in the last one but one leak again.
G, DURATION = 1.0, 61e-3
START = np.random.default_rng(1).uniform(10, 22, NETWORK.n_neurons)


@dataclass
class Course:
    """Step and neuron of each spike; potentials at the end."""

    spikes: set[tuple[int, int]]
    potentials: np.ndarray


def pairs(times: np.ndarray, neurons: np.ndarray) -> set[tuple[int, int]]:
    return {(round(t / NETWORK.dt), int(i)) for t, i in zip(times, neurons, strict=True)}


def compiled() -> Course:
    with Scratch() as scratch:
        variables = {"neurons.v": START, "neurons.g": G, "neurons.arriving": 0.0}
        program = program_of_objects(NETWORK._make, ["neurons.v"])
        sizes = {"neurons.v": NETWORK.n_neurons}
        got = program.run(scratch, variables, {}, duration=DURATION, seed=1, sizes=sizes).arrays
    return Course(pairs(got["spikes.t"], got["spikes.i"]), got["neurons.v"])


def in_nest() -> Course:
    peer = pytest.importorskip("nest", reason="NEST is not installed")
    everybody, recorder = benchmark.make(peer, NETWORK, G, 0.0, 1)
    everybody.V_m = START
    peer.Simulate(1e3 * DURATION)
    got = benchmark.recorded(recorder, NETWORK, DURATION)
    return Course(pairs(got.times, got.neurons), np.array(everybody.V_m))


def by_the_equations(delay: int = 15, rest: int = 20) -> Course:
    """Leak, PSPs of the spikes ``delay`` steps ago, threshold; after a spike ``rest`` steps at the reset."""
    v, wait, sent, spikes = START.copy(), np.zeros(len(START), dtype=int), [0.0] * delay, set()
    weights = NETWORK.weight * np.where(np.arange(len(v)) < NETWORK.n_excitatory, 1, -G)
    for step in range(round(DURATION / NETWORK.dt)):
        free = wait == 0
        wait -= ~free
        v[free] = v[free] * math.exp(-NETWORK.dt / 20e-3) + sent[step]
        fired = v > 20
        sent.append(weights[fired].sum())
        v[fired], wait[fired] = 10, rest
        spikes |= {(step, int(i)) for i in np.flatnonzero(fired)}
    return Course(spikes, v)


@pytest.mark.parametrize("simulate", [compiled, in_nest])
def test_spike_for_spike(simulate: Callable[[], Course]) -> None:
    expected, found = by_the_equations(), simulate()
    assert len(expected.spikes) > 500
    assert found.spikes == expected.spikes
    np.testing.assert_allclose(found.potentials, expected.potentials, rtol=1e-9)


@pytest.mark.parametrize("wrong", [{"delay": 14}, {"delay": 16}, {"rest": 19}, {"rest": 21}])
def test_a_step_more_or_less_would_be_seen(wrong: dict[str, int]) -> None:
    expected, found = by_the_equations(), by_the_equations(**wrong)
    assert not np.allclose(found.potentials, expected.potentials, rtol=1e-3)
    assert (found.spikes == expected.spikes) == ("rest" in wrong)
