"""Power of the paired t-test against simulation and tables, and the number of runs that follows."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm, ttest_1samp

from spikingsampling.analysis import power_of_paired_t, runs_needed, sd_interval
from spikingsampling.errors import ParameterError


@pytest.mark.parametrize(
    ("difference", "sd", "n"), [(0.05, 0.05, 5), (-0.05, 0.03, 4), (0.02, 0.07, 12), (0.0, 1.0, 3)]
)
def test_power_is_how_often_the_test_finds_the_difference(difference: float, sd: float, n: int) -> None:
    n_trials = 40_000
    values = np.random.default_rng(7).normal(difference, sd, (n, n_trials))
    found = np.mean(ttest_1samp(values, 0.0).pvalue < 0.05)
    power = power_of_paired_t(difference, sd, n)
    assert abs(found - power) < 4 * math.sqrt(power * (1 - power) / n_trials)


def test_runs_needed_are_those_of_published_tables() -> None:
    # Cohen, Statistical Power Analysis (1988), one sample, two-sided 0.05, power 0.8: d = 0.5 and 0.8.
    assert (runs_needed(0.5, 1.0), runs_needed(0.8, 1.0)) == (34, 15)
    # The normal formula holds for many runs: Student's t adds z²/2 = 1.92.
    z = float(norm.isf(0.025) + norm.isf(0.2))
    assert runs_needed(0.01, 1.0) == math.ceil((z / 0.01) ** 2 + norm.isf(0.025) ** 2 / 2)


@pytest.mark.parametrize("ratio", [0.001, 0.1, 0.3, 0.7, 2.0, 7.0])
@pytest.mark.parametrize("power", [0.06, 0.5, 0.8, 0.95])
def test_one_run_fewer_is_not_enough(ratio: float, power: float) -> None:
    n = runs_needed(-1.0, ratio, power)
    assert power_of_paired_t(1.0, ratio, n) >= power
    assert n == 2 or power_of_paired_t(1.0, ratio, n - 1) < power


def test_power_far_out_is_one() -> None:
    assert power_of_paired_t(1.0, 1e-3, 2) == 1.0
    assert power_of_paired_t(1.0, 0.02, 2) == pytest.approx(1.0, abs=1e-6)


def test_the_interval_of_sd_holds_it_as_often_as_it_says() -> None:
    n, n_trials = 5, 40_000
    sd = np.random.default_rng(3).normal(0.0, 2.0, (n, n_trials)).std(axis=0, ddof=1)
    low, high = sd_interval(1.0, n)
    held = np.mean((low * sd < 2) & (high * sd > 2))
    assert abs(held - 0.95) < 4 * math.sqrt(0.95 * 0.05 / n_trials)
    # 2.776 and 11.143 are the quantiles of χ² with 4 degrees of freedom.
    assert sd_interval(0.5, 5) == pytest.approx((math.sqrt(1 / 11.1433), math.sqrt(1 / 0.484419)), rel=1e-5)


def test_wrong_arguments_are_named() -> None:
    with pytest.raises(ParameterError, match=r"sd = 0.0: must be more than 0"):
        runs_needed(0.05, 0.0)
    with pytest.raises(ParameterError, match=r"difference\| = 0.0: must be more than 0"):
        runs_needed(0.0, 1.0)
    with pytest.raises(ParameterError, match=r"power = 1.0: must be between 0.05 and 1"):
        runs_needed(0.05, 1.0, 1.0)
    with pytest.raises(ParameterError, match="n = 1: must be a whole number, at least 2"):
        power_of_paired_t(0.05, 1.0, 1)
    with pytest.raises(ParameterError, match="difference"):
        power_of_paired_t(math.nan, 1.0, 3)
