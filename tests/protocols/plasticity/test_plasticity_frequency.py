"""Change by trains of pulses over their rate: BCM and the triplet rules, by hand and against closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from spikingsampling.network.plasticity import PUBLISHED, poisson_drift
from spikingsampling.protocols.studies.plasticity.frequency import (
    FrequencyCurves,
    bcm_change,
    bcm_curve,
    frequency_curves,
    no_change_rate,
    triplet_curve,
)
from spikingsampling.protocols.studies.plasticity.settings import RateExperiments

SETTINGS = RateExperiments()


@pytest.fixture(scope="module")
def metrics() -> dict[str, float]:
    return frequency_curves(SETTINGS).metrics(SETTINGS.pulse_rates)


def test_two_pulses_by_hand() -> None:
    """At twice the threshold w grows by 0.1 · 2w (2w − 1): from 1 by 0.2, from 1.2 by 0.336."""
    assert bcm_change(20.0, 10.0, 1, 0.1) == pytest.approx(0.2, rel=1e-12)
    assert bcm_change(20.0, 10.0, 2, 0.1) == pytest.approx(0.536, rel=1e-12)


def test_the_curve_is_in_units_of_the_deepest_depression() -> None:
    """0.1 x (x − 1) is −0.025, 0 and 0.2 at x = ½, 1 and 2."""
    np.testing.assert_allclose(bcm_curve(np.array([5.0, 10, 20]), 10.0, 1, 0.1), [-1, 0, 8], atol=1e-12)


def test_bcm_turns_at_its_threshold() -> None:
    assert no_change_rate(7.0, 100, 1e-6) == pytest.approx(7, abs=1e-3)


def test_the_curves_become_metrics_at_the_rates_asked_for() -> None:
    rates = np.array([1.0, 2.5, 5.0])
    curves = FrequencyCurves(rates, {"bcm": np.array([-1.0, 2, 7]), "other": np.array([3.0, 4, 5])}, {})
    assert curves.metrics((5.0, 1.0)) == {
        "pulses.bcm.relative_change_5hz": 7,
        "pulses.bcm.relative_change_1hz": -1,
        "pulses.other.relative_change_5hz": 5,
        "pulses.other.relative_change_1hz": 3,
    }


def test_the_first_threshold_is_that_of_the_comparison() -> None:
    few = RateExperiments(n_pulses=10, pulse_rates=["3 Hz", "12 Hz"], thresholds=["6 Hz", "4 Hz"])
    curves = frequency_curves(few)
    assert curves.rates[[0, -1]].tolist() == [3, 12]
    assert list(curves.by_threshold) == [6, 4]
    assert list(curves.by_rule) == ["bcm", "visual_all", "visual_nearest"]
    np.testing.assert_array_equal(curves.by_rule["bcm"], curves.by_threshold[6])
    # 4x(x − 1) to first order in η.
    np.testing.assert_allclose(
        [curves.by_threshold[6][0], curves.by_threshold[4][0], curves.by_threshold[4][-1]],
        [-1, 4 * 0.75 * -0.25, 4 * 3 * 2],
        rtol=1e-3,
    )
    deepest = triplet_curve(PUBLISHED["visual_nearest"], np.geomspace(0.1, 200, 500)).min()
    assert deepest == pytest.approx(-1, rel=1e-12)


@pytest.mark.parametrize(("rate", "threshold"), [(1, 10), (5, 10), (15, 10), (100, 10), (10, 20), (10, 5)])
def test_bcm_with_a_fixed_threshold_follows_bernoullis_equation(rate: float, threshold: float) -> None:
    """1/w = x + (1 − x) e^{ηxn} after n pulses at x = rate/threshold; Euler's steps are off by ½ηx|2x − 1|."""
    n, eta, x = 900, 1e-6, rate / threshold
    expected = 1 / (x + (1 - x) * np.exp(eta * x * n)) - 1
    change = bcm_change(rate, threshold, n, eta)
    # Twice that, as w grows by 8 % at most.
    assert change == pytest.approx(expected, rel=eta * x * abs(2 * x - 1))


def test_bcm_has_the_curve_of_dudek_and_bear(metrics: dict[str, float]) -> None:
    """LTD at 1 to 3 Hz, none at 10, LTP at 50; 4x(x − 1) in units of the deepest depression, which is at θ/2."""
    eta, n = 1e-6, 900

    def law(x: float) -> float:
        return 1 / (x + (1 - x) * np.exp(eta * x * n)) - 1

    assert metrics["pulses.bcm.relative_change_10hz"] == 0
    for rate in SETTINGS.pulse_rates:
        x, change = rate / 10, metrics[f"pulses.bcm.relative_change_{rate:g}hz"]
        assert change == pytest.approx(law(x) / -law(0.5), rel=eta * x * abs(2 * x - 1) + eta)
        # To first order in η 4x(x − 1), as w hardly changes.
        assert change == pytest.approx(4 * x * (x - 1), rel=2 * eta * n * x**2 + eta * n)
    assert metrics["pulses.bcm.relative_change_5hz"] == -1


def test_the_triplet_rule_in_which_all_spikes_pair_is_bcm(metrics: dict[str, float]) -> None:
    """Its change by Poisson trains of equal rates ρ is proportional to ρ(ρ − θ), as that of BCM."""
    r = PUBLISHED["visual_all"]
    threshold = (r.a2_minus * r.tau_minus - r.a2_plus * r.tau_plus) / (
        r.a3_plus * r.tau_plus * r.tau_y - r.a3_minus * r.tau_minus * r.tau_x
    )
    deepest = poisson_drift(r, threshold / 2, threshold / 2) / (threshold / 2)
    for rate in (1.0, 10.0, 30.0, 100.0):
        triplets = poisson_drift(r, rate, rate) / rate / -deepest
        n, eta = 100, 1e-9
        assert bcm_change(rate, threshold, n, eta) / (n * eta / 4) == pytest.approx(triplets, rel=1e-5)
    for rate in SETTINGS.pulse_rates:  # the deepest of 500 rates is within 1e-4 of the deepest of all
        x = rate / threshold
        change = metrics[f"pulses.visual_all.relative_change_{rate:g}hz"]
        assert change == pytest.approx(4 * x * (x - 1), rel=1e-4)
