"""Effective sample size, R-hat, autocorrelation time, distances: against theory."""

from __future__ import annotations

import math

import numpy as np
import pytest
from arviz_stats.base import array_stats
from numpy.typing import NDArray
from scipy import stats

from spikingsampling.errors import ParameterError, UnknownNameError
from spikingsampling.inference.diagnostics import (
    autocorrelation_time,
    distance_to_law,
    effective_sample_size,
    split_rhat,
    standard_error,
    summarise,
)

Array = NDArray[np.float64]


def autoregressive(rng: np.random.Generator, phi: float, n_chains: int, n_draws: int) -> Array:
    """Stationary AR(1) chains with variance 1; their autocorrelation time is (1 + φ)/(1 − φ)."""
    chains = rng.standard_normal((n_chains, n_draws))
    chains[:, 1:] *= math.sqrt(1 - phi**2)
    for t in range(1, n_draws):
        chains[:, t] += phi * chains[:, t - 1]
    return chains


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(11)


@pytest.mark.parametrize("phi", [0.0, 0.5, 0.9])
def test_autocorrelation_time_of_an_autoregressive_process(rng: np.random.Generator, phi: float) -> None:
    n_chains, n_draws = 40, 4000
    estimates = [autocorrelation_time(autoregressive(rng, phi, n_chains, n_draws)) for _ in range(5)]
    exact = (1 + phi) / (1 - phi)
    # a sum over some 5 τ lags has the relative standard error √(2·(2·5τ + 1)/n) (Sokal 1997, eq. 3.19)
    error = exact * math.sqrt(2 * (10 * exact + 1) / (n_chains * n_draws) / len(estimates))
    # cutting the sum where pairs turn negative, and the halves' own means, shift it by order τ per half chain
    shift = exact * 4 * exact / n_draws
    assert abs(np.mean(estimates) - exact) < 4 * error + shift


@pytest.mark.parametrize("phi", [0.0, 0.8])
def test_the_standard_error_is_the_spread_of_means(rng: np.random.Generator, phi: float) -> None:
    runs = [autoregressive(rng, phi, 4, 500) for _ in range(200)]
    spread = np.std([chains.mean() for chains in runs], ddof=1)
    claimed = np.sqrt(np.mean([standard_error(chains) ** 2 for chains in runs]))
    # relative standard error of a standard deviation from 200 values: 1/√400; of the claim, far less
    assert abs(claimed / spread - 1) < 4 / math.sqrt(400)


def test_rhat_of_good_chains_is_near_one_and_of_bad_ones_is_not(rng: np.random.Generator) -> None:
    good = rng.standard_normal((4, 1000))
    # B/W of 8 halves of 500 independent draws is F(7, ∞)-like: R̂² ≤ 1 + χ²_7/(7·500)
    bound = math.sqrt(1 + stats.chi2.isf(1e-4, 7) / 7 / 500)
    assert split_rhat(good, rank=False) < bound
    assert split_rhat(good) < 1.01
    shifted = good + np.array([[0], [0], [0], [1]])
    # between-variance of the shifted means is 3/16 · 8/7, so R̂² → 1 + 3/14
    assert split_rhat(shifted, rank=False) == pytest.approx(math.sqrt(1 + 3 / 14), rel=0.02)
    trend = good + np.linspace(-1, 1, 1000)
    assert split_rhat(trend, rank=False) > 1.1
    wider = good * np.array([[1], [1], [1], [3]])
    assert split_rhat(wider, rank=False) < 1.01 < 1.1 < split_rhat(wider)


def test_rank_normalised_measures_do_not_see_a_monotone_map(rng: np.random.Generator) -> None:
    chains = autoregressive(rng, 0.5, 4, 300)
    assert effective_sample_size(np.exp(5 * chains)) == effective_sample_size(chains)
    heavy = np.tan(math.pi * (stats.norm.cdf(chains) - 0.5))  # a Cauchy law: no mean, but ranks
    assert effective_sample_size(heavy) == effective_sample_size(chains)


def test_a_summary_puts_everything_together(rng: np.random.Generator) -> None:
    chains = rng.normal([1.0, -3.0], [1.0, 2.0], (4, 2000, 2))
    first, second = summarise(chains)
    for summary, mean, sd in ((first, 1.0, 1.0), (second, -3.0, 2.0)):
        assert abs(summary.mean - mean) < 4 * summary.standard_error
        assert summary.standard_error == pytest.approx(sd / math.sqrt(8000), rel=0.2)
        assert summary.sd == pytest.approx(sd, rel=4 / math.sqrt(2 * 8000))
        assert summary.interval == pytest.approx(stats.norm.interval(0.9, mean, sd), abs=0.1 * sd)
        assert summary.ess == min(summary.ess_bulk, summary.ess_tail)
        assert summary.rhat < 1.01
    assert summarise(chains[..., 0]) == [first]


def test_the_distance_to_the_right_law_is_within_its_tolerance_as_often_as_it_says(
    rng: np.random.Generator,
) -> None:
    refused = sum(
        not distance_to_law(autoregressive(rng, 0.7, 8, 500), stats.norm.cdf, false_alarm=0.05).agrees
        for _ in range(200)
    )
    assert refused <= stats.binom.isf(1e-4, 200, 0.05)
    wrong = distance_to_law(autoregressive(rng, 0.7, 8, 5000), stats.norm(0.27).cdf)
    assert wrong.distance == pytest.approx(2 * stats.norm.cdf(0.135) - 1, abs=wrong.tolerance)
    assert not wrong.agrees


@pytest.mark.parametrize("phi", [0.0, 0.95, -0.6])
@pytest.mark.parametrize("shape", [(4, 1000), (2, 501), (8, 37)])
def test_rhat_is_that_of_arviz(rng: np.random.Generator, phi: float, shape: tuple[int, int]) -> None:
    chains = autoregressive(rng, phi, *shape)
    for values in (chains, np.round(chains, 1), chains**3):
        assert split_rhat(values) == pytest.approx(array_stats.rhat(values, method="rank"), rel=1e-8)
        assert split_rhat(values, rank=False) == pytest.approx(
            array_stats.rhat(values, method="split"), rel=1e-8
        )


@pytest.mark.parametrize(
    ("chains", "message"),
    [
        (np.zeros(10), r"chains has shape \(10,\): must be \(n_chains, n_draws\)"),
        (np.zeros((2, 10)), "chains holds the value 0.0 only"),
        (np.ones((2, 3)), "chains has 3 draws per chain: must be at least 4"),
        (np.array([[1.0, 2.0, 3.0, math.nan]]), "chains holds nan"),
        ([[1.0, 2.0], [3.0]], "chains: must be an array, its rows are of unequal length"),
    ],
)
@pytest.mark.parametrize("function", [split_rhat, effective_sample_size, standard_error, summarise])
def test_bad_chains_are_refused(function: object, chains: object, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        function(chains)


def test_unknown_method_and_false_alarm_are_refused(rng: np.random.Generator) -> None:
    chains = rng.standard_normal((2, 10))
    with pytest.raises(UnknownNameError, match="unknown method 'bluk'; did you mean 'bulk'"):
        effective_sample_size(chains, method="bluk")
    with pytest.raises(ParameterError, match="false_alarm = 0: must be between 0 and 1"):
        distance_to_law(chains, stats.norm.cdf, false_alarm=0)
