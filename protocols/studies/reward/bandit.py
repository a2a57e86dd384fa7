"""Chains of a two-armed bandit under reward-based synaptic sampling, and their moments beside the exact law."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.optimize import brentq

from spikingsampling.analysis import estimate_mean
from spikingsampling.models.reward.bandit import TwoArmedBandit, stationary_moments
from spikingsampling.protocols.studies.posterior.plots import Panel, plot_panels

__all__ = ["Case", "case_metrics", "law_figure", "mode_of", "sample_bandit"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    """How a bandit is played.

    Parameters
    ----------
    label : str
        Its name in metrics.
    temperature : float
    offset : float
        α, added to the reward that is divided by its mean.
    n_mean : int, optional
        Trials over which the running mean averages; None divides by the exact V(θ).
    """

    label: str
    temperature: float
    offset: float = 0.0
    n_mean: int | None = None

    @property
    def name(self) -> str:
        """The case with its temperature."""
        return f"{self.label}.T{self.temperature:g}"


def sample_bandit(
    bandit: TwoArmedBandit, case: Case, b_dt: float, n_chains: int, n_draws: int, rng: np.random.Generator
) -> Array:
    """θ as (n_draws, n_chains), from draws of the prior.

    The prior relaxes in sd²/(b Δt) trials. Eight of them come before the first draw, and one before each other. A
    running mean begins at the V of its θ.
    """
    relaxation = round(bandit.prior.sd**2 / b_dt)
    theta = bandit.prior.sample(rng, n_chains)
    mean, draws = bandit.value(theta), np.empty((n_draws, n_chains))
    for draw in range(n_draws):
        for _ in range(relaxation if draw else 8 * relaxation):
            paid, eligibility = bandit.pull(theta, rng)
            if case.n_mean is None:
                mean = bandit.value(theta)
            reward = paid / mean + case.offset
            noise = rng.standard_normal(n_chains)
            theta = bandit.step(theta, reward, eligibility, noise, b_dt, case.temperature)
            if case.n_mean is not None:
                mean = mean + (paid - mean) / case.n_mean
        draws[draw] = theta
    return draws


def mode_of(bandit: TwoArmedBandit) -> float:
    """Where the drift ∂log(p_S V)/∂θ is 0."""

    def slope(theta: float) -> float:
        step = 1e-5
        log = np.log(bandit.value(np.array([theta + step, theta - step])))
        return float(bandit.prior.grad_log_density(theta)) + float(log[0] - log[1]) / (2 * step)

    return float(brentq(slope, -20, 20))


def case_metrics(bandit: TwoArmedBandit, case: Case, b_dt: float, draws: Array) -> dict[str, Any]:
    """Mean and variance of ``draws`` (n_draws, n_chains), over independent chains, with the exact law's.

    ``expected`` is the law for slow b. ``finite_step``, where V is exact, is the law of trials with this b Δt. At T = 0
    ``expected`` is the maximum, and there is no variance but that of the gradient's noise.
    """
    centred = draws - draws.mean()
    mean = estimate_mean(draws.mean(axis=0)).metric()
    variance = estimate_mean((centred**2).mean(axis=0)).metric()
    if case.temperature == 0:
        return {f"{case.name}.mean": mean | {"expected": mode_of(bandit)}, f"{case.name}.variance": variance}
    law = bandit.law(case.temperature)
    mean["expected"], variance["expected"] = law.mean, law.variance
    if case.n_mean is None:
        finite = stationary_moments(bandit, b_dt, case.temperature, case.offset)
        mean["finite_step"], variance["finite_step"] = finite
    return {f"{case.name}.mean": mean, f"{case.name}.variance": variance}


def law_figure(bandit: TwoArmedBandit, samples: Mapping[Case, Array]) -> Figure:
    """Samples with their exact law and the one that is often taken for it; T > 0 only."""
    panels = [
        Panel(
            f"T = {case.temperature:g}: mean {draws.mean():.3f}, law {bandit.law(case.temperature).mean:.3f}",
            draws.ravel(),
            bandit.law(case.temperature).pdf,
            bandit.mistaken_law(case.temperature).pdf,
            "exp(V) in place of V",
        )
        for case, draws in samples.items()
    ]
    return plot_panels([("", panels)], title="Two-armed bandit: θ samples from $(p_S V)^{1/T}$")
