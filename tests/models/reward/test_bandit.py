"""The two-armed bandit: its law by independent quadrature, the law of its trials, and what a trial gives."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import integrate

from helpers.small.networks import chance
from spikingsampling.errors import ParameterError
from spikingsampling.models.reward import TwoArmedBandit, stationary_moments

BANDIT = TwoArmedBandit()


def quadrature(temperature: float, exponential: bool) -> tuple[float, float]:
    def weight(theta: float) -> float:
        value = 0.2 + 0.8 / (1 + math.exp(-theta))
        return (math.exp(-(theta**2) / 8) * (math.exp(value) if exponential else value)) ** (1 / temperature)

    def moment(k: int) -> float:
        return integrate.quad(lambda theta: theta**k * weight(theta), -30, 30, epsabs=1e-13, limit=200)[0]

    mean = moment(1) / moment(0)
    return mean, moment(2) / moment(0) - mean**2


@pytest.mark.parametrize(("temperature", "mean", "variance"), [(1.0, 0.8076, 3.3478), (0.25, 0.8783, 0.7012)])
def test_the_law(temperature: float, mean: float, variance: float) -> None:
    law = BANDIT.law(temperature)
    assert (law.mean, law.variance) == pytest.approx((mean, variance), abs=5e-5)
    assert (law.mean, law.variance) == pytest.approx(quadrature(temperature, False), rel=1e-6)
    mistaken = BANDIT.mistaken_law(temperature)
    assert (mistaken.mean, mistaken.variance) == pytest.approx(quadrature(temperature, True), rel=1e-6)


@pytest.mark.parametrize("offset", [0.0, 1.0, -1.0])
@pytest.mark.parametrize("temperature", [1.0, 0.25])
def test_slow_trials_have_the_law_whatever_the_offset(temperature: float, offset: float) -> None:
    """Without sampling error: the law of trials goes to (p_S V)^{1/T} with b Δt, at order 1.

    The error of twice the step is 2 + O(b Δt) times as large, which it is for no other limit.
    """
    law = BANDIT.law(temperature)
    expected = np.array([law.mean, law.variance])
    slow, fast = (np.array(stationary_moments(BANDIT, b, temperature, offset)) for b in (0.01, 0.02))
    np.testing.assert_allclose((fast - expected) / (slow - expected), 2, rtol=0.05)


def test_rewards_and_eligibilities() -> None:
    """P(arm 1) = σ(θ), e = a − σ(θ), ⟨r⟩ = V and ⟨r e⟩ = ∂V/∂θ."""
    n, theta = 400_000, 0.7
    bandit = TwoArmedBandit((0.6, 0.3))
    reward, e = bandit.pull(np.full(n, theta), np.random.default_rng(1))
    sigma = 1 / (1 + math.exp(-theta))
    assert set(np.unique(reward)) == {0, 1}
    np.testing.assert_allclose(np.unique(e), [-sigma, 1 - sigma])
    for values, expected in (
        (e, 0.0),
        (reward, 0.3 + 0.3 * sigma),
        (reward * e, 0.3 * sigma * (1 - sigma)),
    ):
        assert abs(values.mean() - expected) < chance(3) * values.std() / math.sqrt(n)


@pytest.mark.parametrize("chances", [(0.0, 0.5), (0.5, 1.1), (0.5,)])
def test_wrong_chances(chances: tuple[float, ...]) -> None:
    with pytest.raises(ParameterError, match=r"chances = .*: must be two, each more than 0 and at most 1"):
        TwoArmedBandit(chances)  # type: ignore[arg-type]
