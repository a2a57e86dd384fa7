"""The network of model A: who is connected, how strongly and how late, what comes from outside."""

from __future__ import annotations

import math

import numpy as np
import pytest

from spikingsampling.engines.programs.cache import program_of_objects
from spikingsampling.engines.programs.program import Program
from spikingsampling.engines.programs.scratch import Scratch
from spikingsampling.errors import ParameterError
from spikingsampling.models.dynamics.activity import Activity
from spikingsampling.models.dynamics.brunel import STATES, BrunelNetwork

NETWORK = BrunelNetwork(n_excitatory=400, c_excitatory=40, weight=0.25)
EXCITATORY = np.arange(NETWORK.n_neurons) < 400


@pytest.fixture(scope="module")
def program() -> Program:
    return program_of_objects(NETWORK._make, ["neurons.v"])


def potentials(
    program: Program, v: np.ndarray, *, g: float = 5.0, arriving: float = 0.0, duration: float
) -> np.ndarray:
    return outcome(program, v, g=g, arriving=arriving, duration=duration)["neurons.v"]


def outcome(
    program: Program, v: np.ndarray, *, g: float = 5.0, arriving: float = 0.0, duration: float
) -> dict[str, np.ndarray]:
    with Scratch() as scratch:
        variables = {"neurons.v": v, "neurons.g": g, "neurons.arriving": arriving}
        got = program.run(
            scratch, variables, {}, duration=duration, seed=7, sizes={"neurons.v": NETWORK.n_neurons}
        )
    return got.arrays


def test_every_neuron_has_as_many_inputs_and_hears_them_after_the_delay(program: Program) -> None:
    for firing, effect in ((EXCITATORY, 40 * 0.25), (~EXCITATORY, -10 * 5 * 0.25)):
        start = np.where(firing, 25.0, 0.0)
        # They cross the threshold in the first step, which ends at 0.1 ms, so that PSPs stand at 1.6 ms. Those that
        # fired are refractory then, and hear nothing.
        before = potentials(program, start, duration=1.5e-3)
        after = potentials(program, start, duration=1.6e-3)
        assert (before[~firing] == 0).all()
        np.testing.assert_allclose(after[~firing], effect, rtol=1e-12)
        assert (after[firing] == 10).all()


def test_one_spike_makes_others_fire_after_exactly_the_delay(program: Program) -> None:
    """One inhibitory neuron, turned excitatory by its g, fires; its targets cross the threshold 1.5 ms later."""
    start = np.full(NETWORK.n_neurons, 19.5)  # 18.0 after 1.6 ms
    start[450] = 21.0
    got = outcome(program, start, g=-12.0, duration=1.8e-3)
    order = np.argsort(got["spikes.t"], kind="stable")
    times, neurons = got["spikes.t"][order], got["spikes.i"][order]
    assert times[0] == 0 and neurons[0] == 450
    assert 20 <= len(times) - 1 <= 90  # 50 on average, each of 500 hears 10 of 100
    np.testing.assert_allclose(times[1:], 1.5e-3, rtol=0, atol=1e-12)


def test_neurons_leak_and_wait(program: Program) -> None:
    v = potentials(program, np.full(NETWORK.n_neurons, 5.0), duration=10e-3)
    np.testing.assert_allclose(v, 5 * math.exp(-10 / 20), rtol=1e-9)
    # One that crosses the threshold by 0.1 ms stays at its reset for 2 ms, then leaks; the others hear it 1.5 ms later.
    single = np.zeros(NETWORK.n_neurons)
    single[3] = 21.0
    v = potentials(program, single, duration=4.1e-3)
    targets = np.delete(v, 3)
    assert v[3] == pytest.approx(10 * math.exp(-2 / 20), rel=1e-12)
    heard = targets[targets > 0]
    assert 20 <= len(heard) <= 80  # 50 on average, from neurons that choose 40 of 400
    np.testing.assert_allclose(heard, 0.25 * math.exp(-2.5 / 20), rtol=1e-12)


def test_what_comes_from_outside_is_poisson(program: Program) -> None:
    arriving = 2.0  # per step; within 1 ms nobody comes near the threshold
    v = potentials(program, np.zeros(NETWORK.n_neurons), arriving=arriving, duration=1e-3)
    kept = np.exp(-np.arange(10) * 1e-4 / 20e-3)  # the last spikes have not leaked yet
    mean, variance = 0.25 * arriving * kept.sum(), 0.25**2 * arriving * (kept**2).sum()
    error = math.sqrt(variance / NETWORK.n_neurons)
    assert v.mean() == pytest.approx(mean, abs=4 * error)
    assert v.var() == pytest.approx(variance, rel=4 * math.sqrt(2 / NETWORK.n_neurons) + 0.02)


def test_a_run_is_of_its_seed_and_state(program: Program) -> None:
    compiled = NETWORK.compiled()
    runs = [
        NETWORK.run(compiled, g, 2.0, 0.1, np.random.SeedSequence(seed))
        for g, seed in ((5, 1), (5, 1), (5, 2), (8, 1))
    ]
    assert np.array_equal(runs[0].times, runs[1].times) and np.array_equal(runs[0].neurons, runs[1].neurons)
    assert not np.array_equal(runs[0].times, runs[2].times)
    assert len(runs[3].times) < len(runs[0].times)
    late = runs[0].after(0.04)
    assert late.duration == pytest.approx(0.06)
    assert len(late.times) == (runs[0].times >= 0.04).sum()
    assert late.times.min() >= 0


@pytest.mark.slow
def test_the_full_network_fires_as_in_nest() -> None:
    """In the asynchronous state NEST has 37.43 Hz (37.21 to 37.66; docs/results/brunel.md), theory 37.25 in steps.

    Over runs of 1 s the standard deviation is 0.16 Hz.
    """
    network = BrunelNetwork()
    g, drive = STATES["asynchronous_irregular"]
    activity = network.run(network.compiled(), g, drive, 1.2, np.random.SeedSequence(1)).after(0.2)
    rate = len(activity.times) / network.n_neurons / activity.duration
    assert rate == pytest.approx(37.43, abs=4 * 0.16 + 0.23)
    assert rate == pytest.approx(network.theory(g, drive, network.dt).rate, rel=0.02)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"n_excitatory": 402}, "n_excitatory = 402: must be a multiple of 4"),
        ({"c_excitatory": 20_000}, "c_excitatory = 20000: must be at most n_excitatory = 10000"),
        ({"delay": 1.55e-3}, r"delay = 0.00155 s: must be a multiple of dt = 0.0001 s"),
        ({"dt": 3e-4}, r"refractory = 0.002 s: must be a multiple of dt = 0.0003 s"),
    ],
)
def test_wrong_settings(settings: dict[str, float], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        BrunelNetwork(**settings)


def test_sizes() -> None:
    assert BrunelNetwork().n_neurons == 12_500
    assert BrunelNetwork().n_synapses == 15_625_000
    assert Activity(np.array([0.1]), np.array([0]), 1, 0.2).after(0.15).times.size == 0
