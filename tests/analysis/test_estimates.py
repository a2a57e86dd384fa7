"""Estimates with known answers, their intervals and paired comparisons."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ttest_rel

from helpers.small.networks import chance
from spikingsampling.analysis import (
    Estimate,
    compare_paired,
    estimate_mean,
    estimate_proportion,
    holm,
)
from spikingsampling.errors import ParameterError

#: The 0.975 quantiles of Student's t with 1, 2 and 4 degrees of freedom.
T_1, T_2, T_4 = 12.706205, 4.302653, 2.776445


def test_a_mean_with_its_interval() -> None:
    # Of 1, 2, 3, 4, 10: mean 4, variance (9 + 4 + 1 + 0 + 36) / 4.
    half = T_4 * np.sqrt(12.5 / 5)
    found = estimate_mean([1, 2, 3, 4, 10])
    assert (found.value, found.n, found.n_stimuli) == (4, 5, None)
    assert found.interval == pytest.approx((4 - half, 4 + half), rel=1e-6)
    assert found.bounds == (-math.inf, math.inf)


def test_a_single_value_says_nothing_about_the_spread() -> None:
    assert estimate_mean([2.0]) == Estimate(2.0, 1, None)
    assert estimate_mean([0.25], (0, 1)) == Estimate(0.25, 1, None, (0, 1))


def test_the_interval_of_a_mean_stays_within_its_bounds() -> None:
    # Mean 0.75, standard error 0.1: 0.75 ± 1.27 without bounds.
    free = estimate_mean([0.65, 0.85])
    assert free.interval == pytest.approx((0.75 - 0.1 * T_1, 0.75 + 0.1 * T_1), rel=1e-6)
    assert estimate_mean([0.65, 0.85], (0, 1)).interval == (0, 1)
    assert estimate_mean([0.65, 0.85], (0, 1)).bounds == (0, 1)
    half_bounded = estimate_mean([0.65, 0.85], (0, math.inf)).interval
    assert half_bounded == (0, free.interval[1])
    # A bound that the interval does not reach changes nothing.
    assert estimate_mean([0.65, 0.85], (-9, 9)).interval == free.interval


@pytest.mark.parametrize("values", [[-0.1, 0.5], [0.5, 1.1]])
def test_values_outside_the_bounds_are_refused(values: list[float]) -> None:
    with pytest.raises(ParameterError, match=r"values from .*: must lie in 0 … 1"):
        estimate_mean(values, (0, 1))
    assert estimate_mean([0.0, 1.0], (0, 1)).value == 0.5


def test_what_has_no_mean_is_refused() -> None:
    with pytest.raises(ParameterError, match=r"values has shape \(0,\)"):
        estimate_mean([])
    with pytest.raises(ParameterError, match="values holds nan"):
        estimate_mean([1.0, math.nan])


def test_the_interval_of_a_mean_covers_it_95_times_in_100() -> None:
    rng = np.random.default_rng(3)
    n = 1000
    intervals = np.array([estimate_mean(row).interval for row in rng.normal(2.0, 3.0, (n, 5))])
    covered = np.mean((intervals[:, 0] <= 2) & (intervals[:, 1] >= 2))
    assert abs(covered - 0.95) < chance() * np.sqrt(0.95 * 0.05 / n)


def test_a_proportion_with_its_interval() -> None:
    # Wilson by hand, z = 1.959964: (0.8 + z²/20 ± z √(0.16/10 + z²/400)) / (1 + z²/10)
    found = estimate_proportion(0.8, 10)
    assert (found.value, found.n, found.bounds, found.n_stimuli) == (0.8, 10, (0, 1), None)
    assert found.interval == pytest.approx((0.490162, 0.943318), abs=1e-6)


def test_the_interval_of_repeated_stimuli_is_one_over_stimuli() -> None:
    found = estimate_proportion(0.8, 250, 10)
    assert (found.n, found.n_stimuli) == (250, 10)
    assert found.interval == estimate_proportion(0.8, 10).interval


def test_the_interval_of_none_and_all_reaches_the_bound() -> None:
    # At p = 0 the upper bound is z² / (n + z²).
    z2 = 1.959964**2
    assert estimate_proportion(0.0, 6).interval == pytest.approx((0, z2 / (6 + z2)), abs=1e-6)
    assert estimate_proportion(1.0, 6).interval == pytest.approx((6 / (6 + z2), 1), abs=1e-6)
    assert estimate_proportion(0.0, 7).interval[0] == 0
    assert estimate_proportion(1.0, 7).interval[1] == 1


def test_a_metric_holds_what_is_known() -> None:
    assert Estimate(0.5, 4, (0.25, 0.75)).metric() == {"value": 0.5, "n": 4, "interval": [0.25, 0.75]}
    assert Estimate(0.5, 4, None, (0, math.inf), 2).metric() == {
        "value": 0.5,
        "n": 4,
        "interval": None,
        "bounds": [0, None],
        "n_stimuli": 2,
    }


def test_the_text_of_an_estimate() -> None:
    assert Estimate(0.95512, 3, (0.9312, 0.98)).text() == "0.955 (0.931 … 0.980)"
    assert Estimate(160.4, 3, (141.0, 177.6)).text(0) == "160 (141 … 178)"
    assert Estimate(0.5, 1).text() == "0.500"


def test_pairs_are_compared_as_pairs() -> None:
    # Differences 1, 2, 6: mean 3, variance 7, t = 3 / √(7/3).
    found = compare_paired([11, 22, 36], [10, 20, 30])
    half = T_2 * np.sqrt(7 / 3)
    assert (found.difference.value, found.difference.n) == (3, 3)
    assert found.difference.interval == pytest.approx((3 - half, 3 + half), rel=1e-6)
    assert found.p_t == pytest.approx(ttest_rel([11, 22, 36], [10, 20, 30]).pvalue)
    assert found.p_wilcoxon == pytest.approx(2 / 2**3)  # all differences have one sign
    assert compare_paired([10, 20, 30], [11, 22, 36]).difference.value == -3


def test_a_difference_lies_within_the_distance_of_the_bounds() -> None:
    found = compare_paired([0.9, 1.0], [0.2, 0.6], (0, 1)).difference
    assert (found.bounds, found.interval) == ((-1, 1), (-1, 1))
    scaled = compare_paired([9, 11], [2, 1], (1, 12)).difference
    assert scaled.bounds == (-11, 11)
    assert compare_paired([9, 11], [2, 1], (0, math.inf)).difference.bounds == (-math.inf, math.inf)


def test_pairs_that_do_not_differ_and_single_pairs() -> None:
    same = compare_paired([1, 2, 3], [1, 2, 3])
    assert (same.difference.value, same.p_t, same.p_wilcoxon) == (0, 1, 1)
    single = compare_paired([1.0], [0.5])
    assert np.isnan(single.p_t)
    assert (single.p_wilcoxon, single.difference.interval) == (1, None)
    shifted = compare_paired([2, 3, 4], [1, 2, 3])
    assert shifted.p_t == 0
    with pytest.raises(ParameterError, match=r"second has shape \(2,\): must be \(3,\)"):
        compare_paired([1, 2, 3], [1, 2])


def test_holm_by_hand() -> None:
    # In rising order 0.01, 0.02, 0.03, 0.5 times 4, 3, 2, 1, and never below the one before.
    assert holm([0.03, 0.01, 0.5, 0.02]) == pytest.approx([0.06, 0.04, 0.5, 0.06])
    assert holm([0.6, 0.7]) == [1.0, 1.0]
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_is_its_definition(p: list[float]) -> None:
    adjusted = holm(p)
    m = len(p)
    for index, value in enumerate(adjusted):
        # The largest of (m - rank) p over all p that are not larger.
        order = sorted(range(m), key=lambda k: (p[k], k))
        upto = order[: order.index(index) + 1]
        expected = max(min(1.0, (m - rank) * p[k]) for rank, k in enumerate(upto))
        assert value == pytest.approx(expected)
