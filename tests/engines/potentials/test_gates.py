"""Lateral spikes of amplitude X/(X + X_half), X the input of their circuit when it last fired, on both engines."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from helpers.small.networks import (
    ENGINES,
    PARAMETERS,
    SLOW_PSP,
    TIMING,
    Spikes,
    begin,
    both_engines,
    engine_of,
    shown,
    small_network,
)
from spikingsampling.errors import ParameterError
from spikingsampling.network.description import Network
from spikingsampling.network.parameters import CircuitParameters, SynapseConstants
from spikingsampling.network.reference.steps import lateral_amplitude, learning_step
from spikingsampling.network.rules import membrane_weight

#: Circuits fire once where they are told to, and then not for a minute or so.
GATED = SLOW_PSP.replace(psp="immediate", rho_net="0.01 Hz", lateral_half=3.0, b=0)
#: Their input when they fired last, at the start; and the gain of the image's synapses.
BEFORE, GAIN = np.array([0.5, 2.0, 30.0]), 1.7
LAST = 999


def network_of(parameters: CircuitParameters = GATED) -> Network:
    network = small_network(parameters)
    own = {"image_to_left": SynapseConstants(gain=GAIN)}
    projections = [replace(p, constants=own.get(p.name, p.constants)) for p in network.projections]
    return replace(network, projections=projections)


def matrix(network: Network, values: dict[str, np.ndarray], fill: float) -> np.ndarray:
    """Values by pathway as (n_neurons, n_inputs + n_neurons), ``fill`` where no synapse can be."""
    full = np.full((network.n_neurons, network.n_inputs + network.n_neurons), fill)
    for p in network.pathways:
        full[p.post_index, p.pre_index + network.n_inputs * p.lateral] = values[p.name]
    return full


def theta_of(network: Network, state: dict[str, np.ndarray]) -> np.ndarray:
    return matrix(network, {p.name: state[f"{p.name}.theta"] for p in network.pathways}, -4.0)


def started(network: Network, step: int) -> dict[str, np.ndarray]:
    """All circuits fire in this step, half a step early so that rounding does not matter."""
    clocks = np.full(network.n_circuits, (step - 0.5) * TIMING.dt)
    return begin(network, 3) | {"circuits.t_next": clocks, "circuits.input_sum": BEFORE}


def trace_of(step: int, steps: np.ndarray, tau: float) -> np.ndarray:
    """What spikes at ``steps`` have left of one exponential at a step; 0 of those that are not before it."""
    return np.where(steps < step, np.exp(-(step - steps) * TIMING.dt / tau), 0.0)


def kernel(step: int, steps: np.ndarray) -> np.ndarray:
    return trace_of(step, steps, 0.5) - trace_of(step, steps, 0.1)


def input_of(spikes: Spikes, step: int) -> np.ndarray:
    """X of the three circuits: the left one sees 40 inputs with a gain, both right ones hear the other 20."""
    x = np.bincount(spikes.inputs, kernel(step, spikes.input_steps), 60)
    return np.array([GAIN * x[:40].sum(), x[40:].sum(), x[40:].sum()])


def amplitudes(network: Network, spikes: Spikes, fired: int) -> np.ndarray:
    """Amplitude of each lateral spike when it arrives, in or after the step in which all circuits fire or before."""
    circuit = network.circuit[spikes.winners]
    late = spikes.output_steps + TIMING.delay_steps >= fired
    total = np.where(late, input_of(spikes, fired)[circuit], BEFORE[circuit])
    return total / (total + 3.0)


@both_engines
def test_lateral_spikes_have_the_amplitude_of_their_circuits_last_firing(name: str) -> None:
    network, fired, n_steps = network_of(), 620, 1000
    spikes = Spikes.random(network, n_steps, np.random.default_rng(6))
    engine = engine_of(name, network, forced=True)
    end = engine.advance(started(network, fired), spikes.drive(), "off", 1).state
    engine.close()
    np.testing.assert_allclose(end["circuits.input_sum"], input_of(spikes, fired), rtol=1e-10)
    assert np.abs(end["circuits.input_sum"] - BEFORE).min() > 0.1
    arrivals, a = spikes.output_steps + TIMING.delay_steps, amplitudes(network, spikes, fired)
    for trace, tau in (("x_fall", 0.5), ("x_rise", 0.1)):
        expected = np.bincount(spikes.winners, a * trace_of(n_steps, arrivals, tau), network.n_neurons)
        found = end[f"axons.{trace}"] * math.exp(end["axons.origin"][0] / tau)
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


def until_last(network: Network) -> Spikes:
    """Random spikes before the last step, in which one neuron of each circuit fires."""
    spikes = Spikes.random(network, LAST + 1, np.random.default_rng(8))
    early_in, early_out = spikes.input_steps < LAST, spikes.output_steps < LAST
    return Spikes(
        LAST + 1,
        spikes.input_steps[early_in],
        spikes.inputs[early_in],
        np.append(spikes.output_steps[early_out], [LAST] * 3),
        np.append(spikes.winners[early_out], [1, 5, 7]),
    )


def traces(network: Network, spikes: Spikes) -> np.ndarray:
    """x_i of inputs and neurons in the last step, in which the circuits fire, (n_inputs + n_neurons,)."""
    x = np.bincount(spikes.inputs, kernel(LAST, spikes.input_steps), network.n_inputs)
    arrivals = spikes.output_steps + TIMING.delay_steps
    lateral = kernel(LAST, arrivals) * amplitudes(network, spikes, LAST)
    return np.concatenate([x, np.bincount(spikes.winners, lateral, network.n_neurons)])


@both_engines
@pytest.mark.parametrize("normaliser", [False, True])
def test_potentials_have_these_amplitudes(name: str, normaliser: bool) -> None:
    network = network_of(GATED.replace(normaliser=normaliser))
    spikes = until_last(network)
    start = started(network, LAST)
    engine = engine_of(name, network, forced=True)
    end = engine.advance(start, spikes.drive(), "off", 1).state
    engine.close()
    m = membrane_weight(theta_of(network, start), GATED.theta_0)
    if normaliser:
        potential = matrix(network, {p.name: np.ones(len(p)) for p in network.pathways}, 0.0)
        for part in (slice(network.n_inputs), slice(network.n_inputs, None)):
            n = potential[:, part].sum(axis=1, keepdims=True)
            m[:, part] -= np.log((np.exp(m[:, part]) * potential[:, part]).sum(axis=1, keepdims=True) / n)
        m *= potential
    m[:4, : network.n_inputs] *= GAIN
    np.testing.assert_allclose(end["neurons.psp"], m @ traces(network, spikes), rtol=0, atol=1e-10)


@both_engines
def test_the_rule_sees_the_same_traces(name: str) -> None:
    """Neuron 5 fires in the last step; learning off before would need another segment, so only its row is compared."""
    p = GATED.replace(b=1e-4)
    network = network_of(p)
    spikes = until_last(network)
    mine = spikes.winners != 5
    mine[spikes.output_steps == LAST] = True  # 5 fires then only
    spikes = replace(spikes, output_steps=spikes.output_steps[mine], winners=spikes.winners[mine])
    start = started(network, LAST)
    engine = engine_of(name, network, forced=True)
    end = engine.advance(start, spikes.drive(), "likelihood", 1).state
    engine.close()
    before, after = (theta_of(network, state)[5] for state in (start, end))
    there = before > -4 + 1e-12  # potential synapses; the filling is −4
    expected = learning_step(before, np.exp(before - p.theta_0), traces(network, spikes), p)
    np.testing.assert_allclose(after[there], expected[there], rtol=0, atol=1e-12)
    assert np.abs(after - before)[network.n_inputs :].max() > 1e-5


@both_engines
def test_circuits_without_input_pass_nothing_on(name: str) -> None:
    network = network_of(GATED.replace(rho_net="100 Hz"))
    engine = engine_of(name, network, frames=np.zeros((1, network.n_inputs)))
    rest = begin(network, 1)
    outcome = engine.advance(rest, shown(2.0, row=0), "off", 1)
    engine.close()
    assert len(outcome.times) > 400  # they fire
    assert not outcome.state["axons.x_fall"].any()
    assert not outcome.state["neurons.psp"].any()


def test_the_amplitude_of_the_reference() -> None:
    x = np.array([0.5, 0.0, 1.5])
    assert lateral_amplitude(x, CircuitParameters(lateral_half=6.0)) == 0.25
    assert lateral_amplitude(x, CircuitParameters()) == 1
    assert lateral_amplitude(np.zeros(3), CircuitParameters(lateral_half=6.0)) == 0


@pytest.mark.parametrize("name", ENGINES)
def test_without_a_half_nothing_is_added(name: str) -> None:
    network = small_network(PARAMETERS)
    assert not network.has_gates
    assert "circuits.input_sum" not in begin(network)
    gated = small_network(PARAMETERS.replace(lateral_half=1.0))
    assert gated.has_gates
    assert begin(gated)["circuits.input_sum"].shape == (3,)
    alone = replace(gated, projections=gated.projections[:2])
    assert not alone.has_gates  # nothing lateral


def test_kept_psps_have_no_gate() -> None:
    with pytest.raises(ParameterError, match="lateral_half = 2: must be 0 where psp = 'kept'"):
        CircuitParameters(psp="kept", lateral_half=2.0)
