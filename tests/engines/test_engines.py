"""Both engines: prior and noise against closed forms, and the modes of learning."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from helpers.small.networks import (
    FAST,
    PARAMETERS,
    begin,
    both_engines,
    chance,
    engine_of,
    resting_clocks,
    shown,
    small_network,
)
from spikingsampling.errors import ParameterError
from spikingsampling.network.parameters import CircuitParameters
from spikingsampling.network.rules import SamplingRule
from spikingsampling.network.timing import Timing

# --- prior and noise ----------------------------------------------------------------------------------------


@both_engines
def test_without_examples_theta_is_an_ornstein_uhlenbeck_process(name: str) -> None:
    """Closed-form mean and variance after each of three segments, and noise that never repeats."""
    b, temperature, length = 0.2, 0.6, 1.0
    network = small_network(PARAMETERS.replace(b=b, temperature=temperature, n_examples=0))
    state = begin(network)
    for pathway in network.pathways:
        state[f"{pathway.name}.theta"] = np.full(len(pathway), 1.7)
    engine = engine_of(name, network)
    seeds = {"standalone": range(10), "runtime": range(2)}[name]
    paths = []
    for seed in seeds:
        path, now = [state], state
        for segment in range(3):
            now = engine.advance(now, shown(length), "sampling", 100 * seed + segment).state
            path.append(now)
        paths.append([np.concatenate([s["feedforward.theta"], s["lateral.theta"]]) for s in path])
    engine.close()
    theta = np.array(paths)  # (seeds, borders, synapses)
    n = theta[:, 0].size
    for segment in (1, 2, 3):
        decay = math.exp(-b * segment * length / 0.8**2)
        mean, variance = 0.3 + decay * (1.7 - 0.3), temperature * 0.8**2 * (1 - decay**2)
        found = theta[:, segment].ravel()
        assert abs(found.mean() - mean) < chance(6) * math.sqrt(variance / n)
        assert abs(found.var() - variance) < chance(6) * variance * math.sqrt(2 / n)
    step = math.exp(-b * length / 0.8**2)
    noise = theta[:, 1:] - (0.3 + step * (theta[:, :-1] - 0.3))
    streams = noise.reshape(-1, theta.shape[2])  # one row per seed and segment
    correlation = np.corrcoef(streams)[np.triu_indices(len(streams), 1)]
    assert np.abs(correlation).max() < chance(len(correlation)) / math.sqrt(theta.shape[2])


class LogisticPrior:
    """p(θ) = e^{−θ}/(1 + e^{−θ})²."""

    grad_log_density_code = "-tanh(theta/2)"

    def log_density(self, theta):
        return stats.logistic.logpdf(theta)

    def grad_log_density(self, theta):
        return -np.tanh(np.asarray(theta) / 2)

    def sample(self, rng, size):
        return rng.logistic(size=size)


def test_another_prior_is_reached_by_its_gradient() -> None:
    """30 units of b t from a point: the slowest decay of this process is e^{−bt/4}, so 5e-4 of it is left."""
    timing = Timing(dt=0.1, frame_period=0.1, update_period=0.1, segment=300.0, delay=0.1)
    temperature = 1.0
    p = CircuitParameters(
        prior=LogisticPrior(), b=0.1, n_examples=0, theta_floor=-50, temperature=temperature
    )
    network = small_network(p)
    state = resting_clocks(begin(network, timing=timing))
    for pathway in network.pathways:
        state[f"{pathway.name}.theta"] = np.full(len(pathway), 2.0)
    engine = engine_of("runtime", network, timing=timing, frames=np.zeros((1, 60)))
    end = engine.advance(state, shown(300.0, timing=timing, row=0), "sampling", 3).state
    theta = np.concatenate([end["feedforward.theta"], end["lateral.theta"]])
    # An Euler step of bD = 0.01 widens the law by about 0.1 %, the standard error of the variance is 10 %.
    assert stats.kstest(theta, stats.logistic.cdf).pvalue > 1e-4
    variance = math.pi**2 / 3
    assert abs(theta.var() - variance) < chance() * variance * math.sqrt(3.2 / len(theta))


# --- learning modes -----------------------------------------------------------------------------------------


@both_engines
def test_learning_modes(name: str) -> None:
    network, cold = small_network(FAST), small_network(FAST.replace(temperature=0))
    state, drive = begin(network), shown(1.0)
    engine, at_zero = engine_of(name, network), engine_of(name, cold)
    end = {mode: engine.advance(state, drive, mode, 5).state for mode in ("sampling", "map", "off")}
    frozen = at_zero.advance(state, drive, "sampling", 5).state
    for closing in (engine, at_zero):
        closing.close()
    for variable in ("feedforward.theta", "lateral.theta"):
        np.testing.assert_array_equal(end["map"][variable], frozen[variable])
        np.testing.assert_array_equal(end["off"][variable], state[variable])
        assert np.abs(end["sampling"][variable] - end["map"][variable]).max() > 0.01
    with pytest.raises(ParameterError, match=r"learning = 'hebb'.*sampling, map, likelihood, off"):
        engine.advance(state, drive, "hebb", 5)


class _Ungated(SamplingRule):
    """Its constants are those of learning even where learning is off."""

    def constants(self, parameters, learning, update_period):
        return super().constants(parameters, "likelihood", update_period)


@both_engines
def test_where_learning_is_off_the_rule_is_not_executed(name: str) -> None:
    """Learning that is off costs nothing, whatever the rule: not its constants stop it, but that nothing happens."""
    network = replace(small_network(FAST), rule=_Ungated())
    state = begin(network)
    engine = engine_of(name, network)
    end = {mode: engine.advance(state, shown(1.0), mode, 5).state for mode in ("likelihood", "off")}
    engine.close()
    for variable in ("feedforward.theta", "lateral.theta"):
        assert np.abs(end["likelihood"][variable] - state[variable]).max() > 0.01
        np.testing.assert_array_equal(end["off"][variable], state[variable])


class _WithAlphaTrace(SamplingRule):
    """Its neurons keep a trace of two equations, one of which depends on the other."""

    def code(self, parameters):
        return replace(
            super().code(parameters),
            post="dlate/dt = (early - late)/(0.3*second) : 1\ndearly/dt = -early/(0.3*second) : 1\n",
            post_spike="early += 1\n",
            post_traces=("late", "early"),
        )


@both_engines
def test_coupled_equations_of_a_rule_are_solved_exactly(name: str) -> None:
    """late = Σ s e^{−s}, s the time since a spike in units of the time constant."""
    network = replace(small_network(FAST), rule=_WithAlphaTrace())
    engine = engine_of(name, network)
    outcome = engine.advance(begin(network), shown(1.0), "likelihood", 5)
    engine.close()
    ago = (1.0 - 1e-3 - outcome.times) / 0.3  # variables decay at the beginning of a step
    late = np.bincount(outcome.neurons, ago * np.exp(-ago), network.n_neurons)
    assert len(ago) > 200
    np.testing.assert_allclose(outcome.state["neurons.late"], late, rtol=1e-9)


@both_engines
def test_likelihood_without_input_only_shrinks_the_winners(name: str) -> None:
    """θ −= N b w min(cap, α e^w) at each spike of the neuron, and nothing else, floor and cap included."""
    network = small_network(FAST.replace(alpha_cap=0.2, n_examples=300))
    state = begin(network, lateral=False)
    engine = engine_of(name, network, frames=np.zeros((5, network.n_inputs)))
    outcome = engine.advance(state, shown(1.0, row=0), "likelihood", 5)
    engine.close()
    theta = state["feedforward.theta"].copy()
    spikes = np.bincount(outcome.neurons, minlength=network.n_neurons)
    assert spikes.sum() > 200
    for k, n in enumerate(spikes):
        row = network.pathways[0].post_index == k
        for _ in range(n):
            w = np.exp(theta[row] - 3)
            theta[row] -= 0.3 * w * np.minimum(0.2, math.exp(-2) * np.exp(w))
    np.testing.assert_allclose(outcome.state["feedforward.theta"], theta, rtol=0, atol=1e-12)


@both_engines
def test_the_floor_holds(name: str) -> None:
    network = small_network(PARAMETERS.replace(b=1.0, temperature=50.0, theta_floor=-1.0, n_examples=0))
    engine = engine_of(name, network)
    theta = engine.advance(begin(network), shown(1.0), "sampling", 1).state["feedforward.theta"]
    engine.close()
    assert theta.min() == -1
    assert 0 < np.mean(theta == -1) < 0.9


@both_engines
def test_a_synapse_that_is_gone_never_carries_weight_again(name: str) -> None:
    """Its θ may rise under prior and noise, but no PSP passes and no learning moves it."""
    network = small_network(PARAMETERS.replace(b=0.05, n_examples=1, adaptation=0))
    state = begin(network)
    for pathway in network.pathways:
        state[f"{pathway.name}.theta"] = np.full(len(pathway), 3.0)
        state[f"{pathway.name}.intact"] = np.zeros(len(pathway))
    kept = network.pathways[0].post_index == 2
    state["feedforward.intact"][kept] = 1
    engine = engine_of(name, network)
    end = engine.advance(state, shown(1.0), "sampling", 1).state
    learnt = engine.advance(state, shown(1.0), "likelihood", 1).state
    engine.close()
    assert end["neurons.psp"][2] > 0
    assert not np.delete(end["neurons.psp"], 2).any()
    np.testing.assert_array_equal(end["feedforward.intact"], state["feedforward.intact"])
    assert np.ptp(end["feedforward.theta"][~kept]) > 0.1
    np.testing.assert_array_equal(learnt["feedforward.theta"][~kept], 3.0)
    assert np.all(learnt["feedforward.theta"][kept] != 3.0)
