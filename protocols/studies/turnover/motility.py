"""Spine motility: what prior and noise alone do to synapses, and the laws that it should follow."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import cumulative_trapezoid
from scipy.stats import kstest

from spikingsampling.analysis import PriorTurnover, SynapseHistory
from spikingsampling.inference.priors import GaussianMixturePrior, GaussianPrior, LaplacePrior, Prior

__all__ = [
    "PRIORS",
    "autocorrelation",
    "autocorrelation_metrics",
    "expected_metrics",
    "law_metrics",
    "tempered_cdf",
    "turnover_metrics",
]

Array = NDArray[np.float64]

#: Priors whose laws are sampled: one peak, two of different height and width, one with a kink.
PRIORS: dict[str, Prior] = {
    "gaussian": GaussianPrior(0.5, 1.0),
    "mixture": GaussianMixturePrior(weights=(0.4, 0.6), means=(-0.5, 1.1), sds=(0.5, 0.6)),
    "laplace": LaplacePrior(0.5, 0.8),
}


def turnover_metrics(history: SynapseHistory, interval: float, n_intervals: int) -> dict[str, float]:
    """Formation per interval and survival of all new synapses, pooled over the run.

    Parameters
    ----------
    history : SynapseHistory
    interval : float
        Seconds.
    n_intervals : int
        For how many intervals new synapses are followed; those that form too late for that are left out.

    Returns
    -------
    dict
        ``active`` (mean fraction over all samples), ``formation_<minutes>min``, and ``survival_<minutes>min`` for
        1 … ``n_intervals`` intervals.
    """
    minutes = interval / 60
    sampled = history.every(interval)
    formation = [sampled.formation(start, stop) for start, stop in pairwise(sampled.times)]
    ages = interval * np.arange(n_intervals + 1)
    curve = sampled.lifetimes(last=sampled.times[-1] - ages[-1]).survival(ages)
    return {
        "active": float(history.active.mean()),
        f"formation_{minutes:g}min": sum(f.count for f in formation) / sum(f.reference for f in formation),
        **{f"survival_{k * minutes:g}min": curve.at(ages[k]) for k in range(1, n_intervals + 1)},
    }


def expected_metrics(law: PriorTurnover, n_intervals: int) -> dict[str, float]:
    """The closed forms of :func:`turnover_metrics`."""
    minutes, survival = law.interval / 60, law.survival(n_intervals)
    return {
        "active": law.active,
        f"formation_{minutes:g}min": law.formation,
        **{f"survival_{k * minutes:g}min": float(survival[k]) for k in range(1, n_intervals + 1)},
    }


def autocorrelation(theta: Array, mean: float, lags: Sequence[int]) -> Array:
    """Correlation of θ (n_times, n_synapses) with itself some rows later, about its known mean.

    Over all synapses and all pairs of rows with that lag; normalised by the mean square.
    """
    centred = theta - mean
    square = float(np.mean(centred**2))
    return np.array([np.mean(centred[: len(centred) - lag] * centred[lag:]) / square for lag in lags])


def autocorrelation_metrics(correlations: Array, law: PriorTurnover) -> dict[str, float]:
    """Autocorrelations (n,) at 1 … n intervals of ``law``, each followed by its closed form."""
    metrics = {}
    for number, correlation in enumerate(correlations, start=1):
        lag = number * law.interval
        metrics[f"autocorrelation_{lag / 60:g}min"] = float(correlation)
        metrics[f"expected.autocorrelation_{lag / 60:g}min"] = law.autocorrelation(lag)
    return metrics


def tempered_cdf(prior: Prior, temperature: float, points: ArrayLike) -> Array:
    """Distribution function of the law p_S(θ)^{1/T}/Z, by quadrature on a fine grid."""
    grid = np.linspace(-60, 60, 240_001)
    log_density = prior.log_density(grid) / temperature
    density = np.exp(log_density - log_density.max())
    cumulated = cumulative_trapezoid(density, grid, initial=0.0)
    return np.interp(np.asarray(points, dtype=float), grid, cumulated / cumulated[-1])


def law_metrics(theta: Array, prior: Prior, temperature: float) -> dict[str, float]:
    """Distance of independent values θ (n,) from the law p_S^{1/T}.

    ``ks_distance`` (Kolmogorov-Smirnov), and ``p_value``: how often independent draws of the law are as far from it.
    """
    test = kstest(theta, lambda points: tempered_cdf(prior, temperature, points))
    return {"ks_distance": float(test.statistic), "p_value": float(test.pvalue)}
