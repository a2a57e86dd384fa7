"""Survival of new synapses: lifetimes and the Kaplan-Meier estimate by hand, and the coverage of its band."""

from __future__ import annotations

import numpy as np
import pytest

from helpers.small.networks import chance
from spikingsampling.analysis import Lifetimes, SynapseHistory


def test_the_band_is_exact_where_all_are_active() -> None:
    curve = Lifetimes(np.full(10, 5.0), np.full(10, np.inf)).survival([0.0, 5.0])
    np.testing.assert_array_equal(curve.survival, 1)
    np.testing.assert_allclose(curve.low, [1, 0.025**0.1])


def test_the_band_is_exact_where_all_have_retracted() -> None:
    curve = Lifetimes(np.array([0.0, 0.0, 5.0, 5.0]), np.array([5.0, 5.0, 10.0, 10.0])).survival()
    np.testing.assert_array_equal(curve.times, [0, 5, 10])
    np.testing.assert_array_equal(curve.survival, [1, 0.5, 0])
    assert curve.at_risk.tolist() == [4, 4, 2]
    assert curve.low[2] == 0
    # With two at risk that both retract, 1 − 0.025^(1/2); the band never rises.
    assert curve.high[2] == pytest.approx(min(curve.high[1], 1 - np.sqrt(0.025)))
    assert (curve.n_synapses, curve.n_censored) == (4, 0)


def test_survival_after_one_and_two_steps_of_the_same_cohort() -> None:
    """Of five new synapses four are left after one step and one after two: no other pair of measures agrees."""
    active = np.array([[0, 0, 0, 0, 0], [1, 1, 1, 1, 1], [1, 1, 1, 1, 0], [0, 1, 0, 0, 1]], dtype=bool)
    curve = SynapseHistory([0, 10, 20, 30], active).survival(0, 10)
    assert [curve.at(time) for time in (0, 10, 20)] == pytest.approx([1, 0.8, 0.2])
    lifetimes = SynapseHistory([0, 10, 20, 30], active).cohort(0, 10)
    np.testing.assert_array_equal(lifetimes.last_active, [10, 20, 10, 10, 0])
    np.testing.assert_array_equal(lifetimes.first_inactive, [20, np.inf, 20, 20, 10])


def test_the_band_covers_the_truth_about_95_times_in_100() -> None:
    rng = np.random.default_rng(5)
    n_synapses, n_times, p, n_repeats = 200, 4, 0.8, 200
    covered = 0
    for _ in range(n_repeats):
        still = np.cumprod(rng.random((n_times, n_synapses)) < p, axis=0).astype(bool)
        rows = np.vstack([np.zeros((1, n_synapses), dtype=bool), np.ones((1, n_synapses), dtype=bool), still])
        curve = SynapseHistory(np.arange(n_times + 2), rows).survival(0, 1)
        covered += curve.low[-1] <= p**n_times <= curve.high[-1]
    assert abs(covered / n_repeats - 0.95) < chance() * np.sqrt(0.05 * 0.95 / n_repeats)
