"""Spike-timing-dependent plasticity: against sums written out, published numbers, and as Brian2 code."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.small.networks import (
    chance,
)
from spikingsampling.errors import ParameterError
from spikingsampling.network.plasticity import (
    PUBLISHED,
    PairSTDP,
    TripletSTDP,
    poisson_drift,
    weight_change,
)
from spikingsampling.network.rules import STDPRule
from spikingsampling.network.synapse_code import synapse_code

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
        (lambda: weight_change(PairSTDP(), [0.1], [math.nan]), "post holds nan: every value must be finite"),
        (lambda: weight_change(PairSTDP(), [0.1], [[0.2]]), r"post has shape \(1, 1\)"),
        (lambda: PairSTDP(a2_plus=-1), "PairSTDP.a2_plus = -1.0: must be at least 0"),
        (lambda: TripletSTDP(tau_x="0 ms"), "TripletSTDP.tau_x = 0.0: must be at least 1 ms"),
        (lambda: PairSTDP(pairing="both"), "PairSTDP.pairing = 'both'"),
        (lambda: STDPRule(bounds="none"), "STDPRule.bounds = 'none'"),
        (lambda: STDPRule(w_max=0), "STDPRule.w_max = 0.0: must be more than 0"),
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
    code = synapse_code(PairSTDP(a2_plus=0.05, a2_minus=0.05), bounds=(0.25, 1.5))
    found = brian2_change([code], *([pair[k] for pair in trains] for k in (0, 1)), 5e-3)
    np.testing.assert_array_equal(found, [[1.5, 0.25]])


def test_spikes_of_the_same_step_pair_as_pre_before_post() -> None:
    code, train = synapse_code(PAIR["all"]), np.array([0.020])
    np.testing.assert_allclose(brian2_change([code], [train], [train], 5e-3), [[1 + 0.03]], rtol=1e-12)
