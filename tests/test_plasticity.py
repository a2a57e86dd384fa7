"""Spike-timing-dependent plasticity: against sums written out, published numbers, Brian2, and in a network."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_networks import (
    PARAMETERS,
    TIMING,
    Spikes,
    begin,
    by_neuron,
    chance,
    engine_of,
    resting_clocks,
    shown,
    small_network,
    small_stimuli,
)

from spikingsampling.errors import Interrupted, ParameterError
from spikingsampling.lesions import SynapseLesion
from spikingsampling.network import Network
from spikingsampling.plasticity import (
    PUBLISHED,
    PairSTDP,
    TripletSTDP,
    poisson_drift,
    synapse_code,
    weight_change,
)
from spikingsampling.rules import STDPRule
from spikingsampling.simulation import Simulation

#: No two constants alike, so that no exchange hides.
PAIR = {pairing: PairSTDP(a2_plus=0.03, a2_minus=0.01, pairing=pairing) for pairing in ("all", "nearest")}
RULES: dict[str, PairSTDP] = {**{f"pair_{pairing}": rule for pairing, rule in PAIR.items()}, **PUBLISHED}
#: Pfister & Gerstner 2006, 60 pairs, visual cortex, all spikes pair: rate (Hz) → change at +10 ms and −10 ms.
VISUAL_60_PAIRS = {10: (0.13, -0.33), 20: (0.25, -0.35), 40: (0.53, 0.15), 50: (0.74, 0.73)}

both_pairings = pytest.mark.parametrize("pairing", ["all", "nearest"])


def pairs(rate: float, lag: float, n: int = 60) -> tuple[np.ndarray, np.ndarray]:
    """Spikes of ``n`` pairs at a rate (Hz), the postsynaptic one ``lag`` (s) later."""
    pre = 0.1 + np.arange(n) / rate
    return pre, pre + lag


def written_out(rule: PairSTDP, pre: np.ndarray, post: np.ndarray) -> float:
    """The rule as sums over all pairs and triplets, or over the nearest."""

    def trace(spikes: np.ndarray, t: float, tau: float) -> float:
        past = spikes[spikes < t]
        return float(np.exp(-(t - (past if rule.pairing == "all" else past[-1:])) / tau).sum())

    triplet = rule if isinstance(rule, TripletSTDP) else TripletSTDP(a3_plus=0, a3_minus=0)
    up = sum(
        trace(pre, t, rule.tau_plus) * (rule.a2_plus + triplet.a3_plus * trace(post, t, triplet.tau_y))
        for t in post
    )
    down = sum(
        trace(post, t, rule.tau_minus) * (rule.a2_minus + triplet.a3_minus * trace(pre, t, triplet.tau_x))
        for t in pre
    )
    return up - down


# --- the rule itself ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(RULES))
@settings(max_examples=30)
@given(
    pre=st.lists(st.integers(0, 400), unique=True, max_size=15),
    post=st.lists(st.integers(0, 400), unique=True, max_size=15),
)
def test_the_change_is_the_sum_over_pairs_and_triplets(name: str, pre: list[int], post: list[int]) -> None:
    before, after = (np.sort(np.array(times, dtype=float)) * 1e-3 for times in (pre, post))
    expected = written_out(RULES[name], before, after)
    assert weight_change(RULES[name], before, after) == pytest.approx(expected, rel=1e-9, abs=1e-15)


@both_pairings
def test_one_pair(pairing: str) -> None:
    rule = PAIR[pairing]
    assert weight_change(rule, [0.0], [0.010]) == pytest.approx(0.03 * math.exp(-10 / 16.8))
    assert weight_change(rule, [0.010], [0.0]) == pytest.approx(-0.01 * math.exp(-10 / 33.7))
    assert weight_change(rule, [0.010], [0.010]) == 0


@pytest.mark.parametrize(
    ("name", "expected"),
    [  # P, table 4: A2+, A3+, A2−, A3− and τx, τy in ms
        ("visual_all", (5e-10, 6.2e-3, 7e-3, 2.3e-4, 101, 125)),
        ("visual_nearest", (8.8e-11, 5.3e-2, 6.6e-3, 3.1e-3, 714, 40)),
        ("hippocampal_all", (6.1e-3, 6.7e-3, 1.6e-3, 1.4e-3, 946, 27)),
        ("hippocampal_nearest", (4.6e-3, 9.1e-3, 3e-3, 7.5e-9, 575, 47)),
    ],
)
def test_published_parameters_by_what_single_pairs_and_triplets_do(name: str, expected: tuple) -> None:
    """One pair shows A2±, and a triplet τx or τy long shows A3±.

    Two spikes of one neuron, τx or τy apart, and one of the other 10 ms before the second: at the second it is
    A2 + A3/e that counts, after a change by the first pair.
    """
    rule = PUBLISHED[name]
    a2_plus, a3_plus, a2_minus, a3_minus, tau_x, tau_y = expected
    near = 0.010
    r1, o1 = math.exp(-10 / 16.8), math.exp(-10 / 33.7)
    assert weight_change(rule, [0.0], [near]) == pytest.approx(a2_plus * r1, rel=1e-9)
    assert weight_change(rule, [near], [0.0]) == pytest.approx(-a2_minus * o1, rel=1e-9)
    x, y = tau_x * 1e-3, tau_y * 1e-3
    # post, pre, post: the first pair depresses where it is near enough.
    early = a2_minus * math.exp(-(y - near) / 33.7e-3)
    found = weight_change(rule, [y - near], [0.0, y])
    assert found == pytest.approx(r1 * (a2_plus + a3_plus / math.e) - early, rel=1e-9)
    early = a2_plus * math.exp(-(x - near) / 16.8e-3)
    found = weight_change(rule, [0.0, x], [x - near])
    assert found == pytest.approx(early - o1 * (a2_minus + a3_minus / math.e), rel=1e-9)
    assert rule.pairing == name.split("_")[1]


def test_the_default_triplet_rule_is_that_of_visual_cortex() -> None:
    assert TripletSTDP() == PUBLISHED["visual_all"]


def test_nearest_pairs_only_the_last_spike() -> None:
    pre, post = [0.0, 0.006], [0.010]
    single = 0.03 * math.exp(-4 / 16.8)
    assert weight_change(PAIR["nearest"], pre, post) == pytest.approx(single)
    assert weight_change(PAIR["all"], pre, post) == pytest.approx(single + 0.03 * math.exp(-10 / 16.8))


def test_the_window_of_60_pairs_at_1_hz_has_the_published_time_constants() -> None:
    """Pairs a second apart interact by e^{−1000/33.7}, which no double sees."""
    lags = np.array([0.005, 0.015, 0.04, 0.08])
    rule = PairSTDP()
    for sign, tau, amplitude in ((1, 16.8e-3, 0.777), (-1, 33.7e-3, -0.273)):
        change = [weight_change(rule, *pairs(1, sign * lag)) for lag in lags]
        slope, at_zero = np.polyfit(lags, np.log(np.abs(change)), 1)
        assert -1 / slope == pytest.approx(tau, rel=1e-9)
        assert math.copysign(math.exp(at_zero), change[0]) == pytest.approx(amplitude, rel=1e-9)


@pytest.mark.parametrize("rate", list(VISUAL_60_PAIRS))
def test_frequency_dependence_of_60_pairs(rate: int) -> None:
    for lag, expected in zip((0.010, -0.010), VISUAL_60_PAIRS[rate], strict=True):
        found = weight_change(PUBLISHED["visual_all"], *pairs(rate, lag))
        assert abs(found - expected) <= 0.005 + 1e-12  # given to two digits


@pytest.mark.parametrize("name", ["pair_all", "pair_nearest", "visual_all", "visual_nearest"])
def test_poisson_trains_change_a_weight_at_the_expected_rate(name: str) -> None:
    rule, duration, n = RULES[name], 100.0, 30
    rng = np.random.default_rng(3)

    def train(rate: float) -> np.ndarray:
        return np.sort(rng.uniform(0, duration, rng.poisson(rate * duration)))

    found = np.array([weight_change(rule, train(12.0), train(25.0)) for _ in range(n)]) / duration
    error = found.std(ddof=1) / math.sqrt(n)
    expected = poisson_drift(rule, 12.0, 25.0)
    # Traces that begin at 0 lack one time constant of the longest trace.
    start = abs(expected) * 2 * 0.714 / duration
    assert abs(found.mean() - expected) < chance(4) * error + start
    assert error < 0.2 * abs(expected)


def test_drift_takes_rates_with_units() -> None:
    assert poisson_drift(RULES["visual_all"], "20 Hz", "0.01 kHz") == poisson_drift(
        RULES["visual_all"], 20, 10
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: weight_change(PairSTDP(), [0.2, 0.1], [0.3]),
            "pre = .*must be a 1-D array of finite, rising",
        ),
        (lambda: weight_change(PairSTDP(), [0.1, 0.1], [0.3]), "pre = .*rising"),
        (lambda: weight_change(PairSTDP(), [0.1], [math.nan]), "post = .*finite"),
        (lambda: weight_change(PairSTDP(), [0.1], [[0.2]]), "post = .*1-D"),
        (lambda: PairSTDP(a2_plus=-1), "PairSTDP.a2_plus = -1.0: must be at least 0"),
        (lambda: TripletSTDP(tau_x="0 ms"), "TripletSTDP.tau_x = 0.0: must be at least 1 ms"),
        (lambda: PairSTDP(pairing="both"), "PairSTDP.pairing = 'both'"),
        (lambda: STDPRule(bounds="none"), "STDPRule.bounds = 'none'"),
        (lambda: STDPRule(w_max=0), "STDPRule.w_max = 0.0: must be more than 0"),
        (lambda: synapse_code(PairSTDP(), (1.0, 0.0)), "low below high"),
    ],
)
def test_wrong_arguments(call: Any, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        call()


# --- as Brian2 code -----------------------------------------------------------------------------------------


def brian2_change(codes: list, pre: list[np.ndarray], post: list[np.ndarray], dt: float) -> np.ndarray:
    """Weights (n_codes, n_pairs) after the spike trains, from 1."""
    import brian2 as b2
    from brian2.devices import reset_device

    reset_device()
    b2.prefs.codegen.target = "numpy"
    b2.defaultclock.dt = dt * b2.second
    groups = []
    for trains in (pre, post):
        index = np.repeat(np.arange(len(trains)), [len(t) for t in trains])
        groups.append(b2.SpikeGeneratorGroup(len(trains), index, np.concatenate(trains) * b2.second))
    synapses = []
    for code in codes:
        made = b2.Synapses(groups[0], groups[1], code.model, on_pre=code.on_pre, on_post=code.on_post)
        made.connect(j="i")
        made.w = 1
        synapses.append(made)
    last = max(t[-1] for t in (*pre, *post))
    b2.Network(*groups, *synapses).run((last + 2 * dt) * b2.second)
    return np.array([np.array(s.w) for s in synapses])


def test_brian2_computes_what_the_sums_say() -> None:
    """All rules at once, on the pairing experiment and on random trains without spikes in common."""
    dt, rng = 5e-3, np.random.default_rng(1)
    trains = [pairs(rate, lag) for rate in VISUAL_60_PAIRS for lag in (0.010, -0.010)]
    for _ in range(4):
        steps = rng.permutation(1000)[:160]
        trains.append((np.sort(steps[:100]) * dt, np.sort(steps[100:]) * dt))
    pre, post = ([pair[k] for pair in trains] for k in (0, 1))
    found = brian2_change([synapse_code(rule) for rule in RULES.values()], pre, post, dt)
    expected = [
        [1 + weight_change(rule, a, b) for a, b in zip(pre, post, strict=True)] for rule in RULES.values()
    ]
    np.testing.assert_allclose(found, expected, rtol=1e-9)
    visual = found[list(RULES).index("visual_all"), : len(trains) - 4].reshape(-1, 2) - 1
    np.testing.assert_allclose(visual, list(VISUAL_60_PAIRS.values()), rtol=0, atol=0.005)


def test_bounds_clip_the_weight() -> None:
    trains = [pairs(10, lag) for lag in (0.010, -0.010)]
    code = synapse_code(PairSTDP(a2_plus=0.05, a2_minus=0.05), (0.25, 1.5))
    found = brian2_change([code], *([pair[k] for pair in trains] for k in (0, 1)), 5e-3)
    np.testing.assert_array_equal(found, [[1.5, 0.25]])


# --- in a network of circuits -------------------------------------------------------------------------------


def stdp_network(**changes: Any) -> Network:
    rule = STDPRule(**{"a2_plus": 0.08, "a2_minus": 0.05, "w_max": 0.7, **changes})
    return replace(small_network(PARAMETERS), rule=rule)


def membrane_weight(theta: np.ndarray) -> np.ndarray:
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


@both_pairings
@pytest.mark.parametrize("bounds", ["hard", "soft"])
def test_a_network_learns_by_pairs_of_spikes(pairing: str, bounds: str) -> None:
    """Feed-forward and lateral synapses, PSPs and lesioned synapses, over a border of segments."""
    network = stdp_network(pairing=pairing, bounds=bounds)
    spikes = Spikes.random(network, 2000, np.random.default_rng(4))
    state = resting_clocks(begin(network))
    for pathway in network.pathways:
        state[f"{pathway.name}.intact"][::5] = 0
    made = {p.name: np.ones(len(p)) for p in network.pathways}
    exists = by_neuron(network, made, 0.0) == 1
    intact = by_neuron(network, {n: state[f"{n}.intact"] for n in made}, 0.0)
    start = by_neuron(network, {n: membrane_weight(state[f"{n}.theta"]) for n in made}, 0.0)
    engine = engine_of("runtime", network, forced=True)
    middle = engine.advance(state, spikes.drive(stop=1000), "likelihood", 1).state
    end = engine.advance(middle, spikes.drive(first=1000), "likelihood", 2).state
    w, psp = step_by_step(network, spikes, start.copy(), intact)
    found = by_neuron(network, {n: membrane_weight(end[f"{n}.theta"]) for n in made}, 0.0)
    np.testing.assert_allclose(found[exists], w[exists], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose([end["neurons.psp_fall"], end["neurons.psp_rise"]], psp, rtol=1e-9)
    moved = np.abs(found - start)[exists & (intact == 1)]
    assert np.median(moved) > 0.01
    np.testing.assert_allclose(found[intact == 0], start[intact == 0], atol=1e-14)
    for name in made:
        np.testing.assert_array_equal(end[f"{name}.intact"], state[f"{name}.intact"])


def test_a_weight_of_0_is_an_absent_synapse_and_can_come_back() -> None:
    network = stdp_network()
    p = network.parameters
    theta = network.rule.begin(np.array([-2.0, 0.0, 0.4, 9.0]), p)
    w = network.rule.variables(theta, np.ones(4), p)["w"]
    assert theta[0] == theta[1] == w[0] == w[1] == 0
    assert w[2] == pytest.approx(membrane_weight(np.array(0.4)))
    assert w[3] == pytest.approx(0.7)
    np.testing.assert_allclose(network.rule.theta(w, p), theta, rtol=1e-14)
    assert network.rule.theta(np.zeros(1), p)[0] == 0  # not a rounding error above it


def test_both_engines_draw_the_same_spikes_and_weights() -> None:
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
    assert strength["likelihood"] == {"a_plus": 0.08, "a_minus": 0.05, "w_max": 0.7}
    assert strength["off"] == {"a_plus": 0, "a_minus": 0, "w_max": 0.7}


def test_the_default_rule_of_a_network() -> None:
    """Hard bounds at 1; a pair of spikes changes w by up to 1/200 or −1/400; the window is that of Bi & Poo."""
    constants = STDPRule().constants(PARAMETERS, "likelihood", 1.0)
    assert constants["synapses"] == {"a_plus": 1 / 200, "a_minus": 1 / 400, "w_max": 1}
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

    def live(name: str, resuming: bool = False, stop_after: int | None = None) -> dict[str, np.ndarray]:
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
            simulation.finish()
        return state

    whole = live("whole")
    with pytest.raises(Interrupted):
        live("killed", stop_after=2)
    resumed = live("killed", resuming=True)
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
