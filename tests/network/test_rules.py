"""Weights by hand; networks that learn by pair STDP: step by step, on both engines, with lesions, resumed."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from helpers.small.networks import (
    PARAMETERS,
    TIMING,
    Spikes,
    begin,
    by_neuron,
    engine_of,
    resting_clocks,
    shown,
    small_network,
    small_stimuli,
)
from spikingsampling.errors import Interrupted, ParameterError
from spikingsampling.network.description import Network
from spikingsampling.network.lesions import SynapseLesion
from spikingsampling.network.rules import STDPRule, membrane_weight, on_membrane, rule_weight
from spikingsampling.simulation.simulation import Simulation


def stdp_network(**changes: Any) -> Network:
    rule = STDPRule(**{"a2_plus": 0.08, "a2_minus": 0.05, "w_max": 0.7, **changes})
    return replace(small_network(PARAMETERS), rule=rule)


def weight_of(theta: np.ndarray) -> np.ndarray:
    return np.exp(theta - PARAMETERS.theta_0) - math.exp(-PARAMETERS.theta_0)


def step_by_step(
    network: Network, spikes: Spikes, w: np.ndarray, intact: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Weights (n_neurons, n_pre) and both PSP traces (2, n_neurons) after prescribed spikes, step by step."""
    rule, p = network.rule, network.parameters
    assert isinstance(rule, STDPRule)
    r, o, psp = np.zeros(w.shape[1]), np.zeros(w.shape[0]), np.zeros((2, w.shape[0]))
    fall = np.exp(-TIMING.dt / np.array([[p.tau_fall], [p.tau_rise]]))
    for step in range(spikes.n_steps):
        r *= math.exp(-TIMING.dt / rule.tau_plus)
        o *= math.exp(-TIMING.dt / rule.tau_minus)
        psp *= fall
        winners = spikes.winners[spikes.output_steps == step]
        arriving = spikes.winners[spikes.output_steps == step - TIMING.delay_steps]
        pre = np.concatenate([spikes.inputs[spikes.input_steps == step], network.n_inputs + arriving])
        for k in winners:
            room = rule.w_max if rule.bounds == "hard" else rule.w_max - w[k]
            w[k] = np.clip(w[k] + intact[k] * rule.a2_plus * r * room, 0, rule.w_max)
        for i in pre:
            psp += intact[:, i] * w[:, i]
            room = rule.w_max if rule.bounds == "hard" else w[:, i]
            w[:, i] = np.clip(w[:, i] - intact[:, i] * rule.a2_minus * o * room, 0, rule.w_max)
        for trace, who in ((r, pre), (o, winners)):
            trace[who] = 1 if rule.pairing == "nearest" else trace[who] + 1
    return w, psp


@pytest.mark.parametrize("pairing", ["all", "nearest"])
@pytest.mark.parametrize("bounds", ["hard", "soft"])
def test_a_network_learns_by_pairs_of_spikes(pairing: str, bounds: str) -> None:
    """Feed-forward and lateral synapses, PSPs and lesioned synapses, over a border of segments."""
    network = stdp_network(pairing=pairing, bounds=bounds)
    network = replace(network, parameters=network.parameters.replace(psp="kept"))
    spikes = Spikes.random(network, 2000, np.random.default_rng(4))
    state = resting_clocks(begin(network))
    for pathway in network.pathways:
        state[f"{pathway.name}.intact"][::5] = 0
    made = {p.name: np.ones(len(p)) for p in network.pathways}
    potential = by_neuron(network, made, 0.0) == 1
    intact = by_neuron(network, {n: state[f"{n}.intact"] for n in made}, 0.0)
    start = by_neuron(network, {n: weight_of(state[f"{n}.theta"]) for n in made}, 0.0)
    engine = engine_of("runtime", network, forced=True)
    middle = engine.advance(state, spikes.drive(stop=1000), "likelihood", 1).state
    end = engine.advance(middle, spikes.drive(first=1000), "likelihood", 2).state
    w, psp = step_by_step(network, spikes, start.copy(), intact)
    found = by_neuron(network, {n: weight_of(end[f"{n}.theta"]) for n in made}, 0.0)
    np.testing.assert_allclose(found[potential], w[potential], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose([end["neurons.psp_fall"], end["neurons.psp_rise"]], psp, rtol=1e-9)
    moved = np.abs(found - start)[potential & (intact == 1)]
    assert np.median(moved) > 0.01
    np.testing.assert_allclose(found[intact == 0], start[intact == 0], atol=1e-14)
    for name in made:
        np.testing.assert_array_equal(end[f"{name}.intact"], state[f"{name}.intact"])


def test_a_weight_of_0_is_a_retracted_synapse_and_can_become_active() -> None:
    network = stdp_network()
    p = network.parameters
    theta = network.rule.begin(np.array([-2.0, 0.0, 0.4, 9.0]), p)
    w = network.rule.variables(theta, np.ones(4), p)["w"]
    assert theta[0] == theta[1] == w[0] == w[1] == 0
    assert w[2] == pytest.approx(weight_of(np.array(0.4)))
    assert w[3] == pytest.approx(0.7)
    np.testing.assert_allclose(network.rule.theta(w, p), theta, rtol=1e-14)
    assert network.rule.theta(np.zeros(1), p)[0] == 0  # not a rounding error above it


def test_both_engines_draw_the_same_spikes_and_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPIKINGSAMPLING_TEMPLATES", "rows")  # with Brian2's random numbers
    network = stdp_network(pairing="nearest")
    outcomes = []
    for name in ("standalone", "runtime"):
        engine, now, found = engine_of(name, network), begin(network), []
        for seed in (7, 8):
            found.append(engine.advance(now, shown(1.0, seed), "likelihood", seed))
            now = found[-1].state
        outcomes.append(found)
        engine.close()
    for one, other in zip(*outcomes, strict=True):
        np.testing.assert_array_equal(one.neurons, other.neurons)
        np.testing.assert_allclose(one.times, other.times, rtol=0, atol=1e-12)
        for variable, value in one.state.items():
            np.testing.assert_allclose(other.state[variable], value, rtol=1e-9, atol=1e-12, err_msg=variable)
    assert np.abs(outcomes[0][1].state["lateral.theta"] - begin(network)["lateral.theta"]).max() > 0.1


def test_off_changes_nothing() -> None:
    network = stdp_network()
    strength = {
        mode: network.rule.constants(network.parameters, mode, 1.0)["synapses"]
        for mode in ("likelihood", "off")
    }
    assert strength["likelihood"] == {"a_plus": 0.08, "a_minus": 0.05, "w_max": 0.7, "gain": 1}
    assert strength["off"] == {"a_plus": 0, "a_minus": 0, "w_max": 0.7, "gain": 1}


def test_the_default_rule_of_a_network() -> None:
    """Hard bounds at 1; a pair of spikes changes w by up to 1/200 or −1/400; the window is that of Bi & Poo."""
    constants = STDPRule().constants(PARAMETERS, "likelihood", 1.0)
    assert constants["synapses"] == {"a_plus": 1 / 200, "a_minus": 1 / 400, "w_max": 1, "gain": 1}
    assert constants["pre"] == {"tau_plus": pytest.approx(16.8e-3)}
    assert constants["post"] == {"tau_minus": pytest.approx(33.7e-3)}
    assert STDPRule().code(PARAMETERS) == STDPRule(bounds="hard", pairing="all").code(PARAMETERS)


@pytest.mark.parametrize("learning", ["sampling", "map"])
def test_stdp_has_no_prior_and_no_noise(learning: Any) -> None:
    network = stdp_network()
    with pytest.raises(ParameterError, match=rf"learning = '{learning}': must be one of likelihood, off"):
        network.rule.constants(network.parameters, learning, 1.0)


def test_a_killed_simulation_resumes_to_the_same_bits(tmp_path: Any) -> None:
    """Stopped after a segment and a lesion; traces, weights and the lesion are in the checkpoint."""

    def simulate(name: str, resuming: bool = False, stop_after: int | None = None) -> dict[str, np.ndarray]:
        done = 0

        def count() -> None:
            nonlocal done
            done += 1
            if done == stop_after:
                raise Interrupted

        with Simulation(
            stdp_network(),
            small_stimuli(),
            seed=5,
            engine="runtime",
            target="numpy",
            segment=1.0,
            directory=tmp_path / name,
            resuming=resuming,
            after_segment=count,
        ) as simulation:
            items = {"image": np.arange(5) % 4, "sound": np.arange(5) % 4}
            simulation.present(items, learning="likelihood")
            simulation.lesion(SynapseLesion("left_to_right", active_only=True))
            simulation.present(items, learning="likelihood")
            simulation.present(items, learning="likelihood")
            state = simulation.now.state
        return state

    whole = simulate("whole")
    with pytest.raises(Interrupted):
        simulate("killed", stop_after=2)
    resumed = simulate("killed", resuming=True)
    assert whole["inputs.r_plus"].any()
    assert whole["neurons.o_minus"].any()
    assert not whole["lateral.intact"].all()
    for variable, value in whole.items():
        np.testing.assert_array_equal(resumed[variable], value, err_msg=variable)


def test_rules_that_differ_in_numbers_only_share_a_program() -> None:
    """Amplitudes, time constants and w_max are arguments of the program, not code."""
    networks = [stdp_network(), stdp_network(a2_plus=0.01, w_max=2.0, tau_plus="30 ms")]
    codes = [network.rule.code(network.parameters) for network in networks]
    assert codes[0] == codes[1]
    constants = [n.rule.constants(n.parameters, "likelihood", 1.0) for n in networks]
    assert constants[0] != constants[1]


# --- weights


def test_weights_by_hand() -> None:
    theta = np.array([[-1.0, 0.0, 0.5], [2.0, 3.0, 5.0]])
    np.testing.assert_allclose(rule_weight(theta, 2.0), np.exp([[-3.0, -2.0, -1.5], [0.0, 1.0, 3.0]]))
    gone = math.exp(-2)
    expected = [[0.0, 0.0, math.exp(-1.5) - gone], [1 - gone, math.e - gone, math.exp(3) - gone]]
    np.testing.assert_allclose(membrane_weight(theta, 2.0), expected, rtol=1e-14)
    np.testing.assert_allclose(on_membrane([0.1, 1.0, 3.0], 2.0), [0.0, 1 - gone, 3 - gone], rtol=1e-14)


def test_a_retracted_synapse_weighs_exactly_nothing() -> None:
    for theta_0 in (-2.0, 0.3, 3.0, 7.7):
        np.testing.assert_array_equal(membrane_weight([0.0, -1e-9, -5.0], theta_0), 0.0)
        assert membrane_weight([1e-9], theta_0)[0] > 0
