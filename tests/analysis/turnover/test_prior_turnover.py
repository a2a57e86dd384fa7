"""Turnover under prior and noise alone against orthant probabilities, Kac's recurrence and simulated paths."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_normal, norm

from helpers.small.networks import chance
from spikingsampling.analysis import PriorTurnover, SynapseHistory
from spikingsampling.errors import ParameterError
from spikingsampling.inference.priors import GaussianPrior

#: Deliberately not the default: a prior that is not standard, a temperature that is not 1.
COOL = PriorTurnover(GaussianPrior(0.3, 0.8), b=2e-4, interval=1000.0, temperature=0.5, threshold=0.1)


def test_the_baseline_of_the_default_prior() -> None:
    """Numbers made by simulation: 0.6915, 11.7 % per half hour, and survival to three digits."""
    turnover = PriorTurnover()
    assert turnover.active == pytest.approx(0.6915, abs=5e-5)
    assert turnover.formation == pytest.approx(0.117, abs=1.5e-3)
    expected = [1, 0.745, 0.618, 0.535, 0.474, 0.426, 0.386]
    np.testing.assert_allclose(turnover.survival(6), expected, atol=2.5e-3)


@pytest.mark.parametrize("turnover", [PriorTurnover(), COOL], ids=["default", "cool"])
def test_survival_is_a_ratio_of_orthant_probabilities(turnover: PriorTurnover) -> None:
    """P(inactive, active, …, active)/P(inactive, active) from multivariate normal laws."""
    lag = turnover.interval * np.abs(np.subtract.outer(np.arange(5), np.arange(5)))
    variance = turnover.prior.sd**2 * turnover.temperature
    covariance = variance * np.exp(-turnover.b * lag / turnover.prior.sd**2)
    distance = turnover.prior.mean - turnover.threshold

    def all_active(n: int) -> float:
        """Of n samples in a row; −θ is below −threshold."""
        if n == 1:
            return float(norm.cdf(distance / np.sqrt(variance)))
        mean = np.full(n, -distance)
        settings = {"maxpts": 300_000, "abseps": 1e-6, "releps": 1e-6}
        return float(multivariate_normal.cdf(np.zeros(n), mean, covariance[:n, :n], **settings))

    together = np.array([all_active(n) for n in range(1, 5)])
    first = together[:-1] - together[1:]  # inactive, then n active ones
    # Each orthant probability is known to 1e-6, so each of `first` to 2e-6 and their ratio (at most 1) to:
    error = 2 * 2e-6 / first[0]
    np.testing.assert_allclose(turnover.survival(2), first / first[0], rtol=0, atol=error)
    assert turnover.active == pytest.approx(together[0], abs=1e-12)
    assert turnover.formation == pytest.approx(first[0] / together[0], abs=1e-6)


def test_closed_forms_at_a_threshold_that_is_the_mean() -> None:
    """Sheppard: P(+, +) = 1/4 + asin(ρ)/2π, P(+, +, +) = 1/8 + (2 asin ρ + asin ρ²)/4π."""
    turnover = PriorTurnover(GaussianPrior(0.7, 2.0), threshold=0.7, interval=5000.0)
    rho = np.exp(-1e-4 * 5000 / 4)
    two = 0.25 + np.arcsin(rho) / (2 * np.pi)
    three = 0.125 + (2 * np.arcsin(rho) + np.arcsin(rho**2)) / (4 * np.pi)
    assert turnover.formation == pytest.approx(1 - 2 * two, abs=1e-10)
    assert turnover.survival(1)[1] == pytest.approx((two - three) / (0.5 - two), abs=1e-10)


@pytest.mark.parametrize("turnover", [PriorTurnover(), COOL], ids=["default", "cool"])
def test_lifetimes_and_formation_balance(turnover: PriorTurnover) -> None:
    """The sum of S_n is the mean lifetime in intervals, which Kac's recurrence gives as 1/formation."""
    assert turnover.survival(500).sum() == pytest.approx(1 / turnover.formation, rel=1e-8)


def test_short_and_long_intervals() -> None:
    long = PriorTurnover(interval=1e6)  # samples are independent
    np.testing.assert_allclose(long.survival(3), long.active ** np.arange(4), rtol=1e-9)
    assert long.formation == pytest.approx(1 - long.active, rel=1e-9)
    # Seen often, θ is a random walk with overshoot x ∝ 1 − Φ(x): S_1 = ∫Φ(1 − Φ)/∫(1 − Φ) = 1/√2, up to O(bΔ).
    often = PriorTurnover(GaussianPrior(0.0, 1.0), interval=10.0)
    assert often.survival(1)[1] == pytest.approx(np.sqrt(0.5), abs=1e-3)


def test_temperature_widens_and_leaves_the_time_scale() -> None:
    hot = PriorTurnover(temperature=4.0)
    assert hot.stationary_sd == 2.0
    assert hot.autocorrelation(1800.0) == pytest.approx(np.exp(-0.18))
    same = PriorTurnover(GaussianPrior(0.25, 1.0))  # threshold 0.25 sd below the mean in both
    np.testing.assert_allclose(hot.survival(4), same.survival(4), rtol=1e-12)
    wide = PriorTurnover(GaussianPrior(0.5, 2.0))
    assert wide.autocorrelation(1800.0) == pytest.approx(np.exp(-0.18 / 4))


def test_a_simulated_process_is_measured_as_computed() -> None:
    rng = np.random.default_rng(7)
    n, n_times = 20_000, 8
    decay, sd = COOL.prior.transition(COOL.b * COOL.interval, COOL.temperature)
    theta = [rng.normal(COOL.prior.mean, COOL.stationary_sd, n)]
    for _ in range(n_times - 1):
        theta.append(COOL.prior.mean + decay * (theta[-1] - COOL.prior.mean) + sd * rng.standard_normal(n))
    times = COOL.interval * np.arange(n_times)
    history = SynapseHistory(times, np.array(theta) > COOL.threshold)
    limit = chance(20)

    def check(found: float, expected: float, n_trials: int) -> None:
        assert abs(found - expected) < limit * np.sqrt(expected * (1 - expected) / n_trials)

    check(history.count(times[3]) / n, COOL.active, n)
    new = COOL.formation * COOL.active  # per potential synapse, so a plain proportion
    check(history.formation(times[2], times[3]).count / n, new, n)
    check(history.elimination(times[2], times[3]).count / n, new, n)
    cohort, expected = history.survival(times[0], times[1]), COOL.survival(n_times - 2)
    for found, value in zip(cohort.survival[1:], expected[1:], strict=True):
        check(found, value, cohort.n_synapses)
    pooled = history.lifetimes().survival()
    # Two lifetimes of the same synapse are hardly related; at risk at the last time counts for the whole curve.
    for found, value, at_risk in zip(pooled.survival, expected, pooled.at_risk, strict=False):
        if value < 1:
            check(found, value, at_risk)


@pytest.mark.parametrize("name", ["b", "interval", "temperature"])
@pytest.mark.parametrize("value", [0.0, -1.0, np.nan, np.inf])
def test_a_wrong_number_is_named(name: str, value: float) -> None:
    with pytest.raises(
        ParameterError,
        match=rf"PriorTurnover.{name} = {value}: must be (a finite number|finite and more than 0)",
    ):
        PriorTurnover(**{name: value})


def test_what_cannot_be_computed_is_refused() -> None:
    with pytest.raises(ParameterError, match=r"interval = 0.1 s: must be at least about 0.\d+ s"):
        PriorTurnover(interval=0.1).survival(1)
    with pytest.raises(ParameterError, match="n_intervals = -1: must be a whole number, at least 0"):
        PriorTurnover().survival(-1)
    with pytest.raises(ParameterError, match="threshold = nan"):
        PriorTurnover(threshold=np.nan)
