"""A bandit with two arms, the smallest task whose law under reward-based synaptic sampling is known.

One parameter θ chooses arm 1 with probability σ(θ) = 1/(1 + e^{−θ}). With a = 1 or 0 for the arm, e = a − σ(θ) is the
derivative of the logarithm of what was done (Williams 1992), so that ⟨r e⟩ = ∂V/∂θ, with V the expected reward. Divided
by V it is ∂log V/∂θ, and

dθ = b (∂log p_S/∂θ + (r/V + α) e) dt + √(2Tb) dW

has the law (p_S V)^{1/T} for slow b (Kappel et al., eNeuro 2018). It is not (p_S e^V)^{1/T}.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from spikingsampling.errors import ParameterError
from spikingsampling.inference.priors import GaussianPrior, Prior
from spikingsampling.models.posterior.targets import GridLaw
from spikingsampling.models.posterior.weak_convergence import stationary_law

__all__ = ["TwoArmedBandit", "stationary_moments"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class TwoArmedBandit:
    """Two arms that pay 1 with a probability of their own, else nothing.

    Parameters
    ----------
    chances : (float, float)
        Probability of a reward on arm 1 and on the other; 0 < chance ≤ 1.
    prior : Prior
        p_S(θ).

    Raises
    ------
    ParameterError
        A chance is not one.
    """

    chances: tuple[float, float] = (1.0, 0.2)
    prior: Prior = field(default_factory=lambda: GaussianPrior(0.0, 2.0))

    def __post_init__(self) -> None:
        if len(self.chances) != 2 or not all(0 < chance <= 1 for chance in self.chances):
            raise ParameterError(f"chances = {self.chances!r}: must be two, each more than 0 and at most 1")

    def value(self, theta: Array) -> Array:
        """V(θ), the expected reward, of the shape of ``theta``."""
        first, second = self.chances
        return second + (first - second) * expit(theta)

    def law(self, temperature: float) -> GridLaw:
        """(p_S V)^{1/T}."""
        return GridLaw(
            lambda theta: (self.prior.log_density(theta) + np.log(self.value(theta))) / temperature, -20, 20
        )

    def mistaken_law(self, temperature: float) -> GridLaw:
        """(p_S e^V)^{1/T}, with which the law is often confused."""
        return GridLaw(
            lambda theta: (self.prior.log_density(theta) + self.value(theta)) / temperature, -20, 20
        )

    def pull(self, theta: Array, rng: np.random.Generator) -> tuple[Array, Array]:
        """Choose an arm for each θ; the rewards r and e = a − σ(θ), of the shape of ``theta``."""
        probability = expit(theta)
        arm = rng.random(theta.shape) < probability
        reward = rng.random(theta.shape) < np.where(arm, *self.chances)
        return reward.astype(float), arm - probability

    def step(
        self,
        theta: Array,
        reward: Array,
        eligibility: Array,
        noise: Array,
        b_dt: float,
        temperature: float,
    ) -> Array:
        """θ after a trial: ``reward`` is r/V + α, ``noise`` standard normal, all of the shape of ``theta``."""
        drift = self.prior.grad_log_density(theta) + reward * eligibility
        return theta + b_dt * drift + np.sqrt(2 * temperature * b_dt) * noise


def stationary_moments(
    bandit: TwoArmedBandit, b_dt: float, temperature: float, offset: float = 0.0
) -> tuple[float, float]:
    """Mean and variance of the law of trials with a finite step b Δt, without sampling error.

    A trial is a mixture of four Gaussian steps: two arms, with and without a reward. The gradient's noise adds
    b Δt Var(r e)/2 to T, so that the law differs from ``bandit.law(temperature)`` by O(b Δt).

    Parameters
    ----------
    offset : float
        α, which is added to the reward r/V.
    """
    sd = np.sqrt(2 * temperature * b_dt)
    grid = np.linspace(
        -12, 12, int(24 / sd) + 2
    )  # the trapezoid rule of a Gaussian is exact to 1e-8 up to there
    probability, matrix = expit(grid), np.zeros((len(grid), len(grid)))
    for arm, chance in zip((1, 0), bandit.chances, strict=True):
        for paid in (0, 1):
            weight = (probability if arm else 1 - probability) * (chance if paid else 1 - chance)
            reward = paid / bandit.value(grid) + offset
            zeros = np.zeros_like(grid)
            centre = bandit.step(grid, reward, arm - probability, zeros, b_dt, temperature)
            step = np.exp(-0.5 * ((grid - centre[:, None]) / sd) ** 2)
            matrix += weight[:, None] * step / step.sum(axis=1, keepdims=True)
    law = stationary_law(matrix)
    mean = float(law @ grid)
    return mean, float(law @ (grid - mean) ** 2)
