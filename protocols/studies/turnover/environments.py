"""Measures of a circuit in a standard and then in an enriched environment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikingsampling.analysis import Estimate, SurvivalFit, SynapseHistory, fit_survival
from spikingsampling.analysis.information import mutual_information
from spikingsampling.models.circuits import Environments

__all__ = ["parameter_metrics", "response_metrics", "survival_fit", "turnover_metrics"]

Array = NDArray[np.float64]


def response_metrics(counts: NDArray[np.int64], labels: NDArray[np.int64], period: float) -> dict[str, float]:
    """Rates of the neurons, and what a spike tells about the cluster.

    Parameters
    ----------
    counts : (n, n_neurons) array
        Spikes of each neuron in each presentation.
    labels : (n,) array
        Cluster of each presentation.
    period : float
        Duration of a presentation (s).

    Returns
    -------
    dict
        ``rate_lowest`` and ``rate_highest``: mean rates of the slowest and the fastest neuron (Hz).
        ``information_bits``: mutual information between the neuron that fired and the cluster.
    """
    rates = counts.sum(axis=0) / (len(counts) * period)
    by_cluster = np.array([counts[labels == cluster].sum(axis=0) for cluster in np.unique(labels)])
    return {
        "rate_lowest": float(rates.min()),
        "rate_highest": float(rates.max()),
        "information_bits": mutual_information(by_cluster),
    }


def parameter_metrics(theta: Array, theta_0: float) -> dict[str, float]:
    """Moments of the parameters θ (n_synapses,), the mean of w = e^(θ − θ_0), and the fraction that is active.

    w is that of the formula for retracted synapses, too, as the authors' code evaluates it.
    """
    return {
        "theta_mean": float(theta.mean()),
        "theta_sd": float(theta.std(ddof=1)),
        "w_mean": float(np.exp(theta - theta_0).mean()),
        "active": float(np.mean(theta > 0)),
    }


def survival_fit(history: SynapseHistory, environments: Environments) -> SurvivalFit | None:
    """Two exponentials fitted to the survival of the synapses that are new in the last enriched interval.

    None where the time after it has fewer than four intervals: the law has three parameters.
    """
    e, at = environments, environments.follow_up_times
    if len(at) < 4:
        return None
    return fit_survival(history.cohort(e.end - e.interval, e.end, at), "two_exponentials")


def turnover_metrics(histories: Mapping[str, SynapseHistory], environments: Environments) -> dict[str, Any]:
    """Formation and survival as the authors' code evaluates them, in fractions.

    Parameters
    ----------
    histories : mapping of str to SynapseHistory
        From the first sample to the end of the follow-up, by name of the branch. Up to the end of the enriched
        environment they are the same.
    environments : Environments

    Returns
    -------
    dict
        ``formation_se``: in the last interval of the standard environment. ``formation_ee_first``: in the first
        interval of the enriched one. ``formation_ee``: in its last interval, against the synapses at its onset.
        ``active_after_<phase>``: fraction of the potential synapses.
        ``survival_<branch>_<minutes>min``: of the synapses that are new in the last enriched interval.
        ``fit_<branch>.<parameter>``: of :func:`survival_fit` (time constants in s).
    """
    e, onset, end = environments, environments.standard, environments.end
    common = next(iter(histories.values()))
    n = common.active.shape[1]
    metrics: dict[str, Any] = {
        "formation_se": common.formation(onset - e.interval, onset).value,
        "formation_ee_first": common.formation(onset, onset + e.interval).value,
        "formation_ee": common.formation(end - e.interval, end, reference=onset).value,
        "active_after_se": common.count(onset) / n,
        "active_after_ee": common.count(end) / n,
    }
    for branch, history in histories.items():
        metrics[f"active_after_{branch}"] = history.count(end + e.follow_up) / n
        curve = history.survival(end - e.interval, end, e.follow_up_times)
        for number in range(1, len(e.follow_up_times) + 1):
            minutes = round(number * e.interval / 60, 6)
            metrics[f"survival_{branch}_{minutes:g}min"] = curve.at(number * e.interval)
        if (fit := survival_fit(history, e)) is not None:
            metrics |= {f"fit_{branch}.{name}": estimate for name, estimate in _estimates(fit).items()}
    return metrics


def _estimates(fit: SurvivalFit) -> dict[str, Estimate]:
    """The parameters of a fit with their 95 % intervals."""
    bounds = {name: (0.0, 1.0) if name == "fraction" else (0.0, np.inf) for name in fit.parameters}
    return {
        name: Estimate(value, fit.n_synapses, fit.intervals[name], bounds[name])
        for name, value in fit.parameters.items()
    }
