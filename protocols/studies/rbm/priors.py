"""Priors of the weights, and what they do to errors, likelihood and weights (Fournier's report, section 4.7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikingsampling.experiment.repetitions import Repeated
from spikingsampling.inference.priors import Prior, UniformPrior, prior_from_mapping
from spikingsampling.models.rbm import RBM
from spikingsampling.protocols.studies.rbm.configuration import bimodal, trimodal
from spikingsampling.protocols.studies.rbm.measures import (
    BOUNDS,
    error_metrics,
    final_errors,
    weight_measures,
)
from spikingsampling.protocols.studies.rbm.patterns import Patterns, subsample
from spikingsampling.protocols.studies.rbm.training import Trajectory, train

__all__ = ["TITLES", "TrainedWithPrior", "gaussian_priors", "prior_metrics", "train_with_prior"]

#: The priors in words, with the spread of the Gaussians to be filled in.
TITLES = {
    "uniform": "uniform",
    "two_variance": "two Gaussians,\nvariance {spread:g}",
    "three_variance": "three Gaussians,\nvariance {spread:g}",
    "two_sd": "two Gaussians,\nstandard deviation {spread:g}",
    "three_sd": "three Gaussians,\nstandard deviation {spread:g}",
}


def gaussian_priors(spread: float) -> dict[str, Prior]:
    """The five priors by name; the spread is read as variance and as standard deviation."""
    priors: dict[str, Prior] = {"uniform": UniformPrior()}
    for reading, sd in (("variance", spread**0.5), ("sd", spread)):
        priors[f"two_{reading}"] = prior_from_mapping(bimodal(sd))
        priors[f"three_{reading}"] = prior_from_mapping(trimodal(sd))
    return priors


@dataclass(frozen=True)
class TrainedWithPrior:
    """A training, and at its end mean log-likelihoods of training and held-out images (nats), and the weights."""

    trajectory: Trajectory
    train_log_likelihood: float
    test_log_likelihood: float
    weights: NDArray


def train_with_prior(
    model: RBM, patterns: Patterns, images: int, test_every: int, rng: np.random.Generator
) -> TrainedWithPrior:
    """Train a machine in place, see :func:`train`; log-likelihoods are exact, of at most 500 examples of each part."""
    trajectory = train(model, patterns, images, test_every, rng)
    means = [float(model.log_likelihood(subsample(x)).mean()) for x in (patterns.train, patterns.test)]
    return TrainedWithPrior(trajectory, *means, model.weights_)


def prior_measures(result: TrainedWithPrior) -> dict[str, float]:
    """All that is measured of one training but its errors."""
    likelihoods = {name: getattr(result, name) for name in ("train_log_likelihood", "test_log_likelihood")}
    return likelihoods | weight_measures(result.weights)


def prior_metrics(results: Mapping[str, Sequence[TrainedWithPrior]]) -> dict[str, Any]:
    """Metrics with every prior, and differences to the uniform one."""
    metrics = error_metrics({name: [run.trajectory for run in runs] for name, runs in results.items()})
    repeated = Repeated.measured(
        results, lambda run: final_errors(run.trajectory) | prior_measures(run), BOUNDS
    )
    metrics |= repeated.estimates()
    for name in results:
        if name != "uniform":
            compared = ("test_error", "generalisation_gap", "test_log_likelihood")
            metrics |= repeated.differences(name, "uniform", compared)
    return metrics
