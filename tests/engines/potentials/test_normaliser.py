"""The normaliser of the potential, u_k = Σ_i x_i (m_ki − log⟨e^m_k⟩) + β_k, on both engines and in the reference."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

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
from spikingsampling.errors import ParameterError
from spikingsampling.network.parameters import CircuitParameters
from spikingsampling.network.reference.steps import learning_step, membrane_potential
from spikingsampling.network.rules import STDPRule, membrane_weight

NORMALISED = SLOW_PSP.replace(normaliser=True)


def log_shares(theta: np.ndarray, intact: np.ndarray) -> np.ndarray:
    """m_ki − log⟨e^m_k⟩ for matrices (n_neurons, n_pre), the mean over intact synapses of a pathway; 0 for others."""
    m = membrane_weight(theta, NORMALISED.theta_0)
    n_inputs = theta.shape[1] - theta.shape[0]
    shares = np.zeros(theta.shape)
    for part in (slice(n_inputs), slice(n_inputs, None)):
        n = np.maximum(1, intact[:, part].sum(axis=1, keepdims=True))
        mean = (np.exp(m[:, part]) * intact[:, part]).sum(axis=1, keepdims=True) / n
        shares[:, part] = intact[:, part] * (m[:, part] - np.log(np.maximum(1, mean)))
    return shares


def intact_of(network, state: dict) -> np.ndarray:
    return by_neuron(network, {p.name: state[f"{p.name}.intact"] for p in network.pathways}, 0.0)


def psp_at_end(end: dict) -> np.ndarray:
    """PSPs (n_neurons,) dt after the last step of a segment."""
    fall, rise = (
        end[f"neurons.psp_{name}"] * math.exp(-TIMING.dt / tau)
        for name, tau in (("fall", 0.5), ("rise", 0.1))
    )
    return fall - rise


def traces(spikes: Spikes, network, n_steps: int) -> np.ndarray:
    """x_i of inputs and, one delay later, of neurons at the end of a segment, (n_inputs + n_neurons,)."""
    pre = np.concatenate([spikes.inputs, network.n_inputs + spikes.winners])
    steps = np.concatenate([spikes.input_steps, spikes.output_steps + TIMING.delay_steps])
    age = (n_steps - steps) * TIMING.dt
    kernel = np.where(age > 0, np.exp(-age / 0.5) - np.exp(-age / 0.1), 0.0)
    return np.bincount(pre, kernel, network.n_inputs + network.n_neurons)


@both_engines
def test_potentials_are_those_of_normalised_weights_also_after_a_lesion(name: str) -> None:
    network = small_network(NORMALISED.replace(b=0))
    spikes = Spikes.random(network, 1000, np.random.default_rng(6))
    state = resting_clocks(begin(network, 3))
    rng = np.random.default_rng(4)
    for pathway in network.pathways:
        state[f"{pathway.name}.intact"] = (rng.random(len(pathway)) < 0.6).astype(float)
    engine = engine_of(name, network, forced=True)
    end = engine.advance(state, spikes.drive(), "sampling", 1).state
    engine.close()
    shares = log_shares(theta_of(network, state), intact_of(network, state))
    np.testing.assert_allclose(psp_at_end(end), shares @ traces(spikes, network, 1000), rtol=0, atol=1e-10)


@both_engines
def test_a_row_is_weighed_anew_when_it_learns_and_when_the_prior_moves_it(name: str) -> None:
    """Neuron 0 fires at steps 700 and 1300, the prior acts at 0 and 1000; inputs fire between and in these steps."""
    p = NORMALISED.replace(b=1e-3)
    network = small_network(p)
    state = resting_clocks(begin(network, 3))
    winner_steps, n_steps = np.array([700, 1300]), 2000
    input_steps = np.array([650, 700, 900, 1000, 1250, 1300, 1999])
    inputs = np.array([3, 5, 7, 8, 2, 4, 1])
    spikes = Spikes(n_steps, input_steps, inputs, winner_steps, np.zeros(2, dtype=int))
    engine = engine_of(name, network, forced=True)
    end = engine.advance(state, spikes.drive(), "map", 1).state
    engine.close()

    theta, intact, psp = theta_of(network, state), intact_of(network, state), np.zeros(network.n_neurons)
    arrivals = dict(zip(input_steps, inputs, strict=True))
    arrivals |= dict.fromkeys(winner_steps + TIMING.delay_steps, network.n_inputs)  # the axon of neuron 0

    def kernel(steps: np.ndarray) -> np.ndarray:
        return np.exp(-steps * TIMING.dt / 0.5) - np.exp(-steps * TIMING.dt / 0.1)

    for step in range(n_steps):
        if step % 1000 == 0:
            theta = p.prior.mean + (theta - p.prior.mean) * math.exp(
                -p.b * TIMING.update_period / p.prior.sd**2
            )
        if step in winner_steps:
            past = [then for then in arrivals if then < step]
            x = np.zeros(theta.shape[1])
            np.add.at(x, [arrivals[then] for then in past], kernel(step - np.array(past)))
            row = learning_step(theta[0], np.exp(theta[0] - p.theta_0), x, p)
            theta[0] = np.where(intact[0] > 0, row, theta[0])
        if step in arrivals:
            psp += log_shares(theta, intact)[:, arrivals[step]] * kernel(np.array(n_steps - step))
    np.testing.assert_allclose(psp_at_end(end), psp, rtol=0, atol=1e-12)
    assert np.abs(psp).max() > 0.01


def test_differences_of_potentials_are_log_likelihood_ratios_of_multinomials() -> None:
    rng = np.random.default_rng(1)
    parameters = CircuitParameters(normaliser=True)
    w = np.exp(rng.normal(0, 1, (3, 8)))
    x = rng.integers(0, 4, 8)
    m = np.maximum(0, w - math.exp(-parameters.theta_0))
    shares = np.exp(m) / np.exp(m).sum(axis=1, keepdims=True)
    log_likelihood = stats.multinomial.logpmf(x, x.sum(), shares)
    u = membrane_potential(w, x.astype(float), np.zeros(3), parameters)
    assert np.diff(u) == pytest.approx(np.diff(log_likelihood), abs=1e-10)


def test_stdp_has_no_normaliser() -> None:
    with pytest.raises(ParameterError, match="normaliser = True: must be False with STDP"):
        STDPRule().code(CircuitParameters(normaliser=True))
