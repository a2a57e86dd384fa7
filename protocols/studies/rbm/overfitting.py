"""Overfitting of few images: conditions, exact log-likelihood and what it says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from spikingsampling.experiment.repetitions import Repeated, mean_curve
from spikingsampling.inference.priors import UniformPrior, prior_from_mapping
from spikingsampling.models.rbm import RBM
from spikingsampling.protocols.studies.rbm.configuration import bimodal
from spikingsampling.protocols.studies.rbm.measures import BOUNDS
from spikingsampling.protocols.studies.rbm.patterns import Patterns
from spikingsampling.protocols.studies.rbm.training import Trajectory

__all__ = ["TITLES", "conditions", "likelihood_measures", "likelihood_probes", "overfitting_metrics"]

#: The conditions in words, with the spread of the Gaussians to be filled in.
TITLES = {
    "flat": "flat prior",
    "bimodal_sd": "two Gaussians, standard deviation {spread:g}",
    "bimodal_variance": "two Gaussians, variance {spread:g}",
    "likelihood": "likelihood only (flat prior, no noise)",
}


def conditions(spread: float) -> dict[str, dict[str, Any]]:
    """Settings of the machine in each condition; the spread is read as standard deviation and as variance."""
    return {
        "flat": {"prior": UniformPrior()},
        "bimodal_sd": {"prior": prior_from_mapping(bimodal(spread))},
        "bimodal_variance": {"prior": prior_from_mapping(bimodal(spread**0.5))},
        "likelihood": {"prior": UniformPrior(), "mode": "likelihood"},
    }


def likelihood_probes(patterns: Patterns) -> dict[str, Callable[[RBM], float]]:
    """Probes for training: mean exact log-likelihood of the training (``train``) and held-out images (``test``)."""
    return {
        "train": lambda model: model.log_likelihood(patterns.train).mean(),
        "test": lambda model: model.log_likelihood(patterns.test).mean(),
    }


def likelihood_measures(train: ArrayLike, test: ArrayLike) -> dict[str, float]:
    """What log-likelihoods (n_times,) on training and held-out images say of overfitting (nats).

    Returns
    -------
    dict
        Both at the end; the highest held-out one and how far it has fallen since; training minus held-out at the end.
    """
    train, test = np.asarray(train, dtype=float), np.asarray(test, dtype=float)
    best = float(test.max())
    return {
        "train_log_likelihood": float(train[-1]),
        "test_log_likelihood": float(test[-1]),
        "best_test_log_likelihood": best,
        "loss_since_best": best - float(test[-1]),
        "gap": float(train[-1] - test[-1]),
    }


def overfitting_metrics(results: Mapping[str, Sequence[Trajectory]]) -> dict[str, Any]:
    """Metrics of every condition, its curves, and what it gains over the flat prior.

    The trajectories were probed by :func:`likelihood_probes`.
    """
    repeated = Repeated.measured(
        results, lambda run: likelihood_measures(run.probe("train"), run.probe("test")), BOUNDS
    )
    metrics: dict[str, Any] = dict(repeated.estimates())
    for name, runs in results.items():
        metrics[f"{name}.curve"] = mean_curve(
            "images",
            runs[0].steps,
            test_log_likelihood=[run.probe("test") for run in runs],
            train_log_likelihood=[run.probe("train") for run in runs],
        )
        if name != "flat":
            measure = "test_log_likelihood"
            metrics |= repeated.differences(name, "flat", [measure])
            better = repeated.of(name, measure) > repeated.of("flat", measure)
            metrics[f"{name}_minus_flat.runs_better"] = float(better.mean())
    return metrics
