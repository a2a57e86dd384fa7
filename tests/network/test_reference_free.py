"""The reference simulator when it draws its own spikes: statistics, priors, continuation."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from scipy import stats

from helpers.small.reference_cases import DEFAULTS, P_MIN, STATIC
from spikingsampling import CircuitParameters
from spikingsampling.inference.priors import GaussianPrior
from spikingsampling.network.reference import CircuitState, ReferenceRun, replay, simulate

RATES = np.array([[40.0, 5.0, 0.0, 20.0], [0.0, 30.0, 60.0, 20.0]])


def free_run(
    p: CircuitParameters, seed: int, presentations: int = 150
) -> tuple[CircuitState, Any, ReferenceRun]:
    rng = np.random.default_rng(seed)
    start = CircuitState.at_rest(rng.normal(2.0, 1.0, (4, 4)))
    schedule = rng.integers(0, 2, presentations)
    return start, schedule, simulate(start, RATES, schedule, "200 ms", p, rng=rng)


def test_free_run_without_noise_is_its_own_replay() -> None:
    p = DEFAULTS.replace(temperature=0, b=1e-3)
    start, schedule, run = free_run(p, seed=1)
    again = replay(
        run.input_indices, run.input_times, run.output_times, run.winners, start.theta, 0.2 * len(schedule), p
    )
    for ours, theirs in zip(run.state, again.state, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)


@pytest.mark.parametrize("adaptation", [0.0, -8.0])
def test_winners_are_drawn_from_the_softmax(adaptation: float) -> None:
    """Given the past, winners are draws from p: counts − Σp are a martingale, covariance Σ(diag p − pp')."""
    p = DEFAULTS.replace(b=0, adaptation=adaptation)
    start, schedule, run = free_run(p, seed=2)
    prob = replay(
        run.input_indices, run.input_times, run.output_times, run.winners, start.theta, 0.2 * len(schedule), p
    ).p
    assert prob.max() > 0.8 and np.ptp(prob.mean(axis=1)) > (0.1 if adaptation == 0 else 0.0)
    # Also weighted with the probability itself: fails if the winners are only right on average.
    for weight in np.ones(len(run.winners)), prob[0] - prob[1]:
        difference = (np.eye(4)[run.winners].T - prob) @ weight
        covariance = np.diag(prob @ weight**2) - (prob * weight**2) @ prob.T
        chi2 = difference[:3] @ np.linalg.solve(covariance[:3, :3], difference[:3])
        assert stats.chi2.sf(chi2, 3) > P_MIN


def test_input_and_output_spikes_are_poisson() -> None:
    _, schedule, run = free_run(STATIC, seed=3, presentations=500)
    shown = schedule[(run.input_times / 0.2).astype(int)]
    counts = np.zeros((2, 4))
    np.add.at(counts, (shown, run.input_indices), 1)
    expected = RATES * 0.2 * np.bincount(schedule)[:, None]
    fires = RATES > 0
    assert np.all(counts[~fires] == 0)
    chi2 = np.sum((counts - expected)[fires] ** 2 / expected[fires])
    assert stats.chi2.sf(chi2, fires.sum()) > P_MIN and stats.chi2.cdf(chi2, fires.sum()) > P_MIN

    assert np.all(np.diff(run.input_times) >= 0) and np.all(np.diff(run.output_times) >= 0)
    assert stats.kstest(np.diff(run.output_times), "expon", args=(0, 0.01)).pvalue > P_MIN
    steady = run.input_times[run.input_indices == 3]  # 20 Hz in both patterns
    assert stats.kstest(np.diff(steady), "expon", args=(0, 0.05)).pvalue > P_MIN
    # Fano factor of counts in 200 ms: 1 with standard error √((2 + 1/mean)/n).
    per_window = np.bincount((steady / 0.2).astype(int), minlength=500)
    fano = per_window.var(ddof=1) / per_window.mean()
    assert fano == pytest.approx(1, abs=4 * math.sqrt((2 + 1 / 4) / 500))


@pytest.mark.parametrize("temperature", [1.0, 0.3])
def test_theta_follows_the_ornstein_uhlenbeck_process(temperature: float) -> None:
    """Inputs off, N = 0 (the rule shrinks a silent synapse else). Standard errors from 8000 synapses."""
    b, mean, sd = 0.05, -1.0, 0.8
    p = DEFAULTS.replace(
        b=b, prior=GaussianPrior(mean, sd), temperature=temperature, n_examples=0, theta_floor=-100
    )
    start = CircuitState.at_rest(np.full((10, 800), 2.0))
    at = np.array([0.0, 3.0, 10.0, 20.0])
    run = simulate(start, np.zeros((1, 800)), [0], 20.0, p, rng=np.random.default_rng(4), snapshot_times=at)
    for t, theta in zip([*at, 20.0], [*run.theta, run.state.theta], strict=True):
        decay = math.exp(-b * t / sd**2)
        variance = temperature * sd**2 * (1 - decay**2)
        error = math.sqrt(variance / theta.size)
        # The Euler step is off by a relative b dt/(2 sd²) = 4e-4 of b t/sd², a tenth of a standard error.
        assert theta.mean() == pytest.approx(mean + decay * (2 - mean), abs=4 * error + 1e-12)
        assert theta.var() == pytest.approx(variance, abs=4 * variance * math.sqrt(2 / theta.size))


@dataclass(frozen=True)
class SechPrior:
    """p_S ∝ sech θ; at temperature T the stationary density is ∝ sech^{1/T} θ."""

    grad_log_density_code: str = "-tanh(theta)"

    def log_density(self, theta: Any) -> Any:
        return -np.log(np.cosh(theta)) - math.log(math.pi)

    def grad_log_density(self, theta: Any) -> Any:
        return -np.tanh(theta)

    def sample(self, rng: np.random.Generator, size: Any) -> Any:
        return np.log(np.tan(math.pi / 2 * rng.random(size)))


def test_any_prior_is_sampled() -> None:
    """sech² at T = 1/2 is the logistic density of scale 1/2; 12 relaxation times from its wrong start."""
    p = DEFAULTS.replace(b=1.0, prior=SechPrior(), temperature=0.5, n_examples=0, theta_floor=-100)
    start = CircuitState.at_rest(np.full((4, 500), 1.0))
    run = simulate(start, np.zeros((1, 500)), [0], 12.0, p, rng=np.random.default_rng(5))
    assert stats.kstest(run.state.theta.ravel(), "logistic", args=(0, 0.5)).pvalue > P_MIN


def test_a_run_goes_on_from_the_state_of_another() -> None:
    """Two halves carry traces and adaptation over: together they are the replay of the joined spikes."""
    p = DEFAULTS.replace(temperature=0, b=0)
    start, schedule, first = free_run(p, seed=6, presentations=10)
    second = simulate(first.state, RATES, schedule, 0.2, p, rng=np.random.default_rng(7))

    def joined(name: str, shift: float = 0.0) -> Any:
        return np.concatenate([getattr(first, name), getattr(second, name) + shift])

    whole = replay(
        joined("input_indices").astype(int),
        joined("input_times", 2.0),
        joined("output_times", 2.0),
        joined("winners").astype(int),
        start.theta,
        4.0,
        p,
    )
    assert second.state.x == pytest.approx(whole.state.x, abs=1e-12)
    assert second.state.beta(p) == pytest.approx(whole.state.beta(p), abs=1e-9)
    assert np.all(whole.state.beta(p) < 0)


def test_same_seed_same_run() -> None:
    _, _, a = free_run(DEFAULTS, seed=8, presentations=5)
    _, _, b = free_run(DEFAULTS, seed=8, presentations=5)
    _, _, c = free_run(DEFAULTS, seed=9, presentations=5)
    assert np.array_equal(a.state.theta, b.state.theta) and np.array_equal(a.winners, b.winners)
    assert not np.array_equal(a.state.theta, c.state.theta)
