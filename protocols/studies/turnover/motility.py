"""Spine motility: what prior and noise alone do to synapses, and the laws that it should follow."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import cumulative_trapezoid
from scipy.stats import kstest

from spikingsampling.analysis import PriorTurnover, SynapseHistory
from spikingsampling.analysis.turnover.histories import read_parameters
from spikingsampling.inference.priors import GaussianMixturePrior, GaussianPrior, LaplacePrior, Prior
from spikingsampling.network.parameters import CircuitParameters
from spikingsampling.simulation.stimuli import Library, Stimuli

__all__ = [
    "PRIORS",
    "autocorrelation",
    "law_metrics",
    "prior_turnover",
    "silent_stimuli",
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


def silent_stimuli(n_inputs: int) -> Stimuli:
    """Inputs that never fire."""
    return Stimuli({"input": Library(np.zeros((1, n_inputs)), np.zeros(1, int), silent_rate=0.0)}, 0.5)


def prior_turnover(parameters: CircuitParameters, interval: float) -> PriorTurnover:
    """The closed forms for a circuit without input, whose prior must be Gaussian.

    Raises
    ------
    ParameterError
        A number is out of range, T = 0 among them.
    """
    return PriorTurnover(parameters.prior, parameters.b, interval, parameters.temperature)


def turnover_metrics(history: SynapseHistory, interval: float, n_intervals: int) -> dict[str, float]:
    """Formation per interval and survival of all births that can be followed, pooled over the run.

    ``active``, ``formation_<minutes>min`` and ``survival_<minutes>min`` for 1 … ``n_intervals`` intervals.
    """
    minutes = interval / 60
    times = history.times
    borders = times[0] + interval * np.arange(int((times[-1] - times[0]) / interval + 1e-9) + 1)
    formed = [history.formation(a, b) for a, b in pairwise(borders)]
    sampled = SynapseHistory(borders, history.active[np.searchsorted(times, borders - 1e-6)])
    curve = sampled.births(last=borders[-1] - n_intervals * interval).survival(
        interval * np.arange(n_intervals + 1)
    )
    return {
        "active": float(history.active.mean()),
        f"formation_{minutes:g}min": sum(f.count for f in formed) / sum(f.reference for f in formed),
        **{f"survival_{k * minutes:g}min": curve.at(k * interval) for k in range(1, n_intervals + 1)},
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


def tempered_cdf(prior: Prior, temperature: float, points: ArrayLike) -> Array:
    """Distribution function of the law p_S(θ)^{1/T}/Z, by quadrature on a fine grid."""
    grid = np.linspace(-60, 60, 240_001)
    log_density = prior.log_density(grid) / temperature
    density = np.exp(log_density - log_density.max())
    cumulated = cumulative_trapezoid(density, grid, initial=0.0)
    return np.interp(np.asarray(points, dtype=float), grid, cumulated / cumulated[-1])


def law_metrics(recording: Path, projection: str, prior: Prior, temperature: float) -> dict[str, Any]:
    """Distance of the final θ, one of each synapse and so independent, from p_S^{1/T}.

    ``ks_distance`` (Kolmogorov-Smirnov) and ``p_value``, what independent draws of the law exceed it with.
    """
    theta = read_parameters([recording], projection)[1][-1].astype(float)
    test = kstest(theta, lambda points: tempered_cdf(prior, temperature, points))
    return {"ks_distance": float(test.statistic), "p_value": float(test.pvalue)}
