"""Kept and immediate PSPs on both engines: potentials of prescribed spikes while synapses learn."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from helpers.small.networks import (
    SLOW_PSP,
    TIMING,
    Spikes,
    begin,
    both_engines,
    by_neuron,
    engine_of,
    resting_clocks,
    small_network,
    theta_of,
)
from spikingsampling.engines import Drive, make_engine
from spikingsampling.inference.priors import GaussianPrior
from spikingsampling.network.description import Network, Population, Source, all_to_all
from spikingsampling.network.parameters import CircuitParameters
from spikingsampling.network.reference import replay
from spikingsampling.network.reference.steps import membrane_potential, weights
from spikingsampling.network.rules import STDPRule, membrane_weight
from spikingsampling.network.state import initial_state

#: Circuits fire once where they are told to, and then not for a minute or so.
IMMEDIATE = SLOW_PSP.replace(psp="immediate", rho_net="0.01 Hz")
FLAT = GaussianPrior(0.0, 1e9)


def asked_at(state: dict[str, np.ndarray], step: int) -> dict[str, np.ndarray]:
    """The state in which all circuits fire in this step, half a step early so that rounding does not matter."""
    return state | {"circuits.t_next": np.full_like(state["circuits.t_next"], (step - 0.5) * TIMING.dt)}


def traces(network: Network, spikes: Spikes, step: int) -> np.ndarray:
    """x_i of inputs and, one delay later, of neurons, in a step (n_inputs + n_neurons,)."""
    pre = np.concatenate([spikes.inputs, network.n_inputs + spikes.winners])
    steps = np.concatenate([spikes.input_steps, spikes.output_steps + TIMING.delay_steps])
    age = (step - steps) * TIMING.dt
    p = network.parameters
    kernel = np.where(age > 0, np.exp(-age / p.tau_fall) - np.exp(-age / p.tau_rise), 0.0)
    return np.bincount(pre, kernel, network.n_inputs + network.n_neurons)


def before(spikes: Spikes, step: int) -> Spikes:
    """The spikes before a step, in a time that it ends."""
    early_in, early_out = spikes.input_steps < step, spikes.output_steps < step
    return Spikes(
        step + 1,
        spikes.input_steps[early_in],
        spikes.inputs[early_in],
        spikes.output_steps[early_out],
        spikes.winners[early_out],
    )


@both_engines
@pytest.mark.parametrize("normaliser", [False, True])
def test_immediate_psps_have_the_weights_of_now(name: str, normaliser: bool) -> None:
    """Nothing learns in the last step, so the weights of the sum are those at the end; a lesion took some of them.

    The circuits fire in every step, so that only rows that change are weighed anew.
    """
    network = small_network(IMMEDIATE.replace(normaliser=normaliser))
    last = 999
    spikes = before(Spikes.random(network, 1000, np.random.default_rng(6)), last)
    start = begin(network, 3) | {"circuits.t_next": np.full(3, -1e9)}
    rng = np.random.default_rng(4)
    for pathway in network.pathways:
        start[f"{pathway.name}.intact"] = (rng.random(len(pathway)) < 0.6).astype(float)
    engine = engine_of(name, network, forced=True)
    end = engine.advance(start, spikes.drive(), "map", 1).state
    engine.close()
    intact = by_neuron(network, {p.name: end[f"{p.name}.intact"] for p in network.pathways}, 0.0)

    def psp(state: dict[str, np.ndarray]) -> np.ndarray:
        m = membrane_weight(theta_of(network, state), IMMEDIATE.theta_0)
        if normaliser:
            for part in (slice(network.n_inputs), slice(network.n_inputs, None)):
                n = np.maximum(1, intact[:, part].sum(axis=1, keepdims=True))
                mean = (np.exp(m[:, part]) * intact[:, part]).sum(axis=1, keepdims=True) / n
                m[:, part] -= np.log(np.maximum(1, mean))
        return (intact * m) @ traces(network, spikes, last)

    assert np.abs(psp(end) - psp(start)).max() > 0.1  # learning is seen
    np.testing.assert_allclose(end["neurons.psp"], psp(end), rtol=0, atol=1e-10)


@both_engines
def test_stdp_has_immediate_psps_too(name: str) -> None:
    network = replace(small_network(IMMEDIATE), rule=STDPRule(a2_plus=0.1, a2_minus=0.08))
    last = 999
    spikes = before(Spikes.random(network, 1000, np.random.default_rng(6)), last)
    start = asked_at(begin(network, 3), last)
    engine = engine_of(name, network, forced=True)
    end = engine.advance(start, spikes.drive(), "likelihood", 1).state
    engine.close()
    first, final = (
        by_neuron(
            network, {p.name: np.expm1(s[f"{p.name}.theta"]) * math.exp(-3) for p in network.pathways}, 0.0
        )
        for s in (start, end)
    )
    x = traces(network, spikes, last)
    assert np.abs((final - first) @ x).max() > 0.1
    np.testing.assert_allclose(end["neurons.psp"], final @ x, rtol=0, atol=1e-10)


@both_engines
def test_winners_are_drawn_with_the_psps_of_now(name: str) -> None:
    """Two halves of the inputs take turns, and a neuron for each is ahead by some 100 nats while its half fires.

    The circuit fires at 5 Hz, about once a turn: with the potential of its last spike it would be wrong half the time.
    """
    network = small_network(
        IMMEDIATE.replace(tau_fall="20 ms", tau_rise="2 ms", rho_net="5 Hz", b=0, adaptation=0)
    )
    frames = np.full((2, network.n_inputs), 1.0)
    frames[0, :20] = frames[1, 20:40] = 100.0
    theta = np.full((network.n_neurons, network.n_inputs + network.n_neurons), -1.0)
    theta[0, :20] = theta[1, 20:40] = 5.0
    start = begin(network, lateral=False)
    pathway = network.pathways[0]
    start["feedforward.theta"] = theta[pathway.post_index, pathway.pre_index]
    engine = engine_of(name, network, frames=frames)
    turns = np.repeat(np.arange(30)[:, None] % 2, 2, axis=1)
    outcome = engine.advance(start, Drive(6.0, turns), "off", 1)
    engine.close()
    turn, phase = np.divmod(np.rint(outcome.times / TIMING.dt).astype(int), 200)
    settled = (outcome.neurons < 4) & (phase > 100)
    assert settled.sum() >= 5
    np.testing.assert_array_equal(outcome.neurons[settled], turn[settled] % 2)


# --- the authors' fixture: their spikes, on the grid, and their θ with its extremes -------------------------


def authors_spikes(folder: Path) -> tuple[Spikes, np.ndarray]:
    """Their spikes moved to steps, at most one of a neuron in each, and θ (5, 40) at the start."""
    with np.load(folder / "fixture_learn.npz") as file:
        data = dict(file)
    input_steps, inputs = np.unique([np.rint(data["in_t"] / TIMING.dt), data["in_idx"]], axis=1).astype(int)
    output_steps, first = np.unique(np.rint(data["out_t"] / TIMING.dt).astype(int), return_index=True)
    return Spikes(2000, input_steps, inputs, output_steps, data["winner"][first].astype(int)), data[
        "theta_init"
    ]


@both_engines
def test_potentials_at_the_authors_spikes_are_those_of_the_reference(name: str, authors: Path) -> None:
    """The reference is theirs to 1e-9 (:mod:`network.test_reference`), and the engines are the reference to rounding.

    Steps of output spikes, in which the row of the winner learns after the potential is taken.
    """
    spikes, theta = authors_spikes(authors)
    source, population = Source("inputs", 40), Population("neurons", 1, 5)
    p = CircuitParameters(psp="immediate", rho_net="0.01 Hz")
    network = Network([source], [population], [all_to_all(source, population)], p)
    timing = replace(TIMING, segment=2.0)
    engine = make_engine(
        name,
        network,
        timing,
        np.zeros((1, 40)),
        forced=True,
        **({"target": "numpy"} if name == "runtime" else {}),
    )
    run = replay(
        spikes.inputs,
        spikes.input_steps * TIMING.dt,
        spikes.output_steps * TIMING.dt,
        spikes.winners,
        theta,
        2.0,
        p.replace(prior=FLAT),
    )
    kept = replay(
        spikes.inputs,
        spikes.input_steps * TIMING.dt,
        spikes.output_steps * TIMING.dt,
        spikes.winners,
        theta,
        2.0,
        p.replace(prior=FLAT, psp="kept"),
    )
    start = initial_state(network, np.random.default_rng(1), timing) | {"feedforward.theta": theta.ravel()}
    tables = {}
    for table, steps, members, size in (
        ("input_spikes", spikes.input_steps, spikes.inputs, 40),
        ("winners", spikes.output_steps, spikes.winners, 5),
    ):
        tables[table] = np.zeros((timing.steps + 1, size))
        tables[table][steps, members] = 1
    for j in (40, 110, 180):
        state = asked_at(start, spikes.output_steps[j])
        end = engine.advance(state, Drive(2.0, np.zeros((0, 1), int), tables), "likelihood", 1).state
        expected = membrane_potential(run.w[:, :, j], run.x[:, j], np.zeros(5), p)
        np.testing.assert_allclose(end["neurons.psp"], expected, rtol=0, atol=1e-10)
        np.testing.assert_allclose(end["feedforward.theta"], run.theta.ravel(), rtol=0, atol=1e-12)
    engine.close()
    assert np.abs(run.u - kept.u).max() > 1  # nats


# --- kept PSPs ----------------------------------------------------------------------------------------------


@both_engines
def test_kept_psps_are_those_of_the_reference_while_it_learns(name: str) -> None:
    """Feed-forward synapses of the first circuit alone, which needs no other circuit's spikes."""
    p = SLOW_PSP.replace(psp="kept")
    network = small_network(p)
    spikes = Spikes.random(network, 1000, np.random.default_rng(5))
    start = resting_clocks(begin(network, 1, lateral=False))
    engine = engine_of(name, network, forced=True)
    end = engine.advance(start, spikes.drive(), "likelihood", 1).state
    engine.close()
    mine = spikes.winners < 4
    theta = theta_of(network, start)[:4, :40]
    seen = spikes.inputs < 40
    run = replay(
        spikes.inputs[seen],
        spikes.input_steps[seen] * TIMING.dt,
        spikes.output_steps[mine] * TIMING.dt,
        spikes.winners[mine],
        theta,
        1.0,
        p.replace(prior=FLAT),
    )
    now = membrane_potential(weights(run.theta, p), run.state.x, np.zeros(4), p)
    assert np.abs(now - (run.state.kept_fall - run.state.kept_rise)).max() > 0.1  # another model
    for trace, tau in (("fall", p.tau_fall), ("rise", p.tau_rise)):
        psp = end[f"neurons.psp_{trace}"][:4] * math.exp(-TIMING.dt / tau)
        np.testing.assert_allclose(psp, getattr(run.state, f"kept_{trace}"), rtol=1e-10)
