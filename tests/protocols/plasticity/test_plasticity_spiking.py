"""What pairs and trains of spikes do to a synapse: measures by hand, and against expectation."""

from __future__ import annotations

import numpy as np
import pytest

from helpers.small.networks import chance
from spikingsampling.network.plasticity import (
    PUBLISHED,
    PairSTDP,
    TripletSTDP,
    poisson_drift,
    weight_change,
)
from spikingsampling.protocols.studies.plasticity.spiking import (
    SJOSTROM,
    Pulses,
    fitted_time_constant,
    pairing_curve,
    pulse_curve,
    rms_error,
    threshold_rate,
    window,
)
from spikingsampling.protocols.studies.plasticity.spiking_experiments import (
    pairing_metrics,
    pulse_metrics,
    window_metrics,
)

PAIR = PairSTDP(a2_plus=0.5, a2_minus=0.2, tau_plus="10 ms", tau_minus="20 ms")


def test_the_window_of_two_pairs_by_hand() -> None:
    """Pairs 2 s apart do not meet: twice 0.5 e^{−1} at +10 ms, twice −0.2 e^{−½} at −10 ms."""
    change = window(PAIR, np.array([0.01, -0.01]), 2, 0.5)
    np.testing.assert_allclose(change, [2 * 0.5 * np.exp(-1), -2 * 0.2 * np.exp(-0.5)], rtol=1e-12)


def test_pairs_that_come_fast_meet() -> None:
    """Two pairs 50 ms apart, +10 ms: 10, 60 and 10 ms from pre to post, 40 ms from the first post to the second pre."""
    expected = 0.5 * (2 * np.exp(-1) + np.exp(-6)) - 0.2 * np.exp(-2)
    assert pairing_curve(PAIR, [20.0], 0.01, 2)[0] == pytest.approx(expected)
    slow, fast = pairing_curve(PAIR, [0.5, 20.0], -0.01, 2)
    assert slow == pytest.approx(-0.4 * np.exp(-0.5))
    # Post leads: from the first pre to the second post 40 ms; 10, 60 and 10 ms from post to pre.
    assert fast == pytest.approx(0.5 * np.exp(-4) - 0.2 * (2 * np.exp(-0.5) + np.exp(-3)))


@pytest.mark.parametrize("sign", [1, -1])
def test_a_time_constant_is_read_off(sign: int) -> None:
    lags = sign * np.array([0.001, 0.005, 0.03])
    assert fitted_time_constant(lags, -3 * np.exp(-np.abs(lags) / 0.02)) == pytest.approx(0.02)


def test_metrics_of_a_window_by_hand() -> None:
    lags = np.array([-0.03, -0.002, 0.001, 0.05])
    change = np.where(lags > 0, 2 * np.exp(-lags / 0.01), -1 * np.exp(lags / 0.04))
    assert window_metrics(lags, change) == pytest.approx(
        {
            "window.tau_plus_ms": 10,
            "window.change_at_plus_1ms": 2 * np.exp(-0.1),
            "window.tau_minus_ms": 40,
            "window.change_at_minus_1ms": -np.exp(-0.05),
        }
    )


def test_the_distance_to_the_data_by_hand() -> None:
    """0.1 too much after and 0.3 too little before: √((0.01 + 0.09)/2), whatever stands between the rates."""
    rates = [50.0, 7.0, 10.0, 20.0, 40.0]
    data = np.array([SJOSTROM.get(rate, (9.0, 9.0)) for rate in rates])
    after, before = data[:, 0] + 0.1, data[:, 1] - 0.3
    assert rms_error(rates, after, before) == pytest.approx(np.sqrt(0.05))
    metrics = pairing_metrics("rule", rates, after, before)
    assert metrics.pop("pairing.rule.rms_error") == pytest.approx(np.sqrt(0.05))
    assert metrics == pytest.approx(
        {f"pairing.rule.plus_{rate:g}hz": SJOSTROM[rate][0] + 0.1 for rate in SJOSTROM}
        | {f"pairing.rule.minus_{rate:g}hz": SJOSTROM[rate][1] - 0.3 for rate in SJOSTROM}
    )


def test_trains_of_pulses_by_hand() -> None:
    """10 pulses at 2 Hz take 5 s; the postsynaptic neuron fires at 6 Hz, and each train is drawn anew."""
    pulses, twin = pulse_curve(PAIR, [2.0], 10, 3.0, 3, np.random.default_rng(5)), np.random.default_rng(5)
    changes = []
    for _ in range(3):
        trains = []
        for rate in (2, 6):
            n = twin.poisson(rate * 5)
            trains.append(np.sort(twin.uniform(0, 5, n)))
        changes.append(weight_change(PAIR, *trains))
    assert pulses.mean[0] == pytest.approx(np.mean(changes))
    assert pulses.error[0] == pytest.approx(np.std(changes, ddof=1) / np.sqrt(3))
    # ρ_pre ρ_post (A2+ τ+ − A2− τ−) for 5 s.
    assert pulses.expected[0] == pytest.approx(5 * 2 * 6 * (0.5 * 0.01 - 0.2 * 0.02))


def test_metrics_of_trains_by_hand() -> None:
    pulses = Pulses(np.array([-0.5, 4.0]), np.array([0.1, 0.2]), np.zeros(2))
    expected = {
        "pulses.rule.change_1hz": -0.5,
        "pulses.rule.standard_error_1hz": 0.1,
        "pulses.rule.change_30hz": 4.0,
        "pulses.rule.standard_error_30hz": 0.2,
    }
    assert pulse_metrics("rule", (1.0, 30.0), pulses, None) == expected
    assert pulse_metrics("rule", (1.0, 30.0), pulses, 12.5) == expected | {"pulses.rule.threshold_hz": 12.5}


def test_the_threshold_is_where_the_expected_change_turns() -> None:
    """900 ρ (A3+ τ+ τy − A3− τ− τx) ρ = 900 ρ (A2− τ− − A2+ τ+) at the threshold of equal rates."""
    r = PUBLISHED["visual_all"]
    slope = r.a3_plus * r.tau_plus * r.tau_y - r.a3_minus * r.tau_minus * r.tau_x
    threshold = (r.a2_minus * r.tau_minus - r.a2_plus * r.tau_plus) / slope
    assert threshold_rate(r, 1.0) == pytest.approx(threshold)
    # With ρ_post = 3 ρ: A3+ τ+ τy 3ρ − A3− τ− τx ρ in place of the slope.
    steeper = 3 * r.a3_plus * r.tau_plus * r.tau_y - r.a3_minus * r.tau_minus * r.tau_x
    assert threshold_rate(r, 3.0) == pytest.approx(threshold * slope / steeper)
    assert threshold_rate(TripletSTDP(a3_plus=0), 1.0) is None
    assert threshold_rate(PAIR, 1.0) is None
    assert 10 < threshold_rate(PUBLISHED["visual_nearest"], 1.0) < threshold < 20


def test_pulses_agree_with_the_expectation_of_poisson_trains() -> None:
    rates, rng = (3.0, 20.0), np.random.default_rng(2)
    for rule in (PairSTDP(), PUBLISHED["visual_nearest"]):
        pulses = pulse_curve(rule, rates, 400, 2.0, 20, rng)
        expected = [400 / rate * poisson_drift(rule, rate, 2 * rate) for rate in rates]
        np.testing.assert_allclose(pulses.expected, expected)
        # Trains begin without traces: what one time constant of the slowest, 0.714 s, would add is missing.
        start = np.abs(pulses.expected) * 2 * 0.714 * np.array(rates) / 400
        assert np.all(np.abs(pulses.mean - pulses.expected) < chance(4) * pulses.error + start)


def test_pairs_at_several_rates() -> None:
    """The numbers of the triplet rule, and that it is nearer to the data than the pair rule."""
    rates = list(SJOSTROM)
    curves = {
        name: [pairing_curve(rule, rates, lag, 60) for lag in (0.01, -0.01)]
        for name, rule in (("pair", PairSTDP()), ("triplet", PUBLISHED["visual_all"]))
    }
    published = [[0.13, 0.25, 0.53, 0.74], [-0.33, -0.35, 0.15, 0.73]]
    np.testing.assert_allclose(curves["triplet"], published, rtol=0, atol=0.005)
    assert rms_error(rates, *curves["triplet"]) < rms_error(rates, *curves["pair"])
