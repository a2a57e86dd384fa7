"""Uniform, two- and three-Gaussian priors: errors, likelihood, weights (S0, section 4.7).

Figure 6 of Fournier's report. S0 gives the spread 0.15 of the Gaussians as a variance, B is remembered to
give it as a standard deviation: both are run.

Expected on MNIST (seed 0, 5 repetitions, 95 % interval): held-out error 0.0563 (0.0554 to 0.0571) with the
uniform prior and 0.0764 (0.0757 to 0.0771) with two Gaussians of variance 0.15; held-out log-likelihood
higher by 56 (29 to 84) nats with the latter. Budget: about 15 s of processor time per repetition.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pydantic import Field

from spikingsampling.analysis import estimate_mean
from spikingsampling.cli import run_script
from spikingsampling.experiment.protocol import Protocol
from spikingsampling.experiment.run import Run
from spikingsampling.inference.priors import Prior, UniformPrior, prior_from_mapping
from spikingsampling.plotting.rbm import plot_errors, plot_histograms
from spikingsampling.protocols.studies.rbm.experiments import (
    RBMConfiguration,
    Trajectory,
    bimodal,
    error_curves,
    error_metrics,
    image_patterns,
    repetitions,
    spread,
    train,
    trimodal,
)

__all__ = ["PROTOCOL", "Configuration"]


class Configuration(RBMConfiguration):
    """Settings of the comparison of priors; the prior of ``rbm`` is not used."""

    digits: tuple[int, ...] = Field((1,), min_length=1, description="digits shown")
    spread: float = Field(0.15, gt=0, le=100, description="spread of the Gaussians, as variance and as sd")


def priors(spread: float) -> dict[str, Prior]:
    """The five priors by name."""
    found: dict[str, Prior] = {"uniform": UniformPrior()}
    for reading, sd in (("variance", spread**0.5), ("sd", spread)):
        found[f"two_{reading}"] = prior_from_mapping(bimodal(sd))
        found[f"three_{reading}"] = prior_from_mapping(trimodal(sd))
    return found


def run(context: Run[Configuration]) -> dict[str, Any]:
    """Train with each prior on the same images, from the same initial parameters and with the same noise."""
    c = context.configuration
    choices = priors(c.spread)
    trajectories: dict[str, list[Trajectory]] = {name: [] for name in choices}
    likelihood: dict[str, list[tuple[float, float]]] = {name: [] for name in choices}
    weights: dict[str, list[np.ndarray]] = {name: [] for name in choices}
    for _, seed in repetitions(context, c.repetitions):
        data_seed, machine_seed = seed.spawn(2)
        patterns = image_patterns(c.data, c.digits, np.random.default_rng(data_seed))
        for name, prior in choices.items():
            model = c.rbm.machine(patterns.train.shape[1], machine_seed, prior=prior)
            rng = np.random.default_rng(data_seed)
            trajectories[name].append(train(model, patterns, c.images, c.test_every, rng))
            means = [model.log_likelihood(spread(x)).mean() for x in (patterns.train, patterns.test)]
            likelihood[name].append((means[0], means[1]))
            weights[name].append(model.weights_)
    curves = {name.replace("_", ", "): error_curves(runs) for name, runs in trajectories.items()}
    context.save_figure(
        "6_errors",
        plot_errors(curves),
        "Reconstruction error on training and held-out images over the images shown: mean and range over the runs.",
    )
    histograms = {name.replace("_", ", "): (weights[name][0], choices[name]) for name in choices}
    context.save_figure(
        "6_weights",
        plot_histograms(histograms),
        "Weights at the end beside the prior that they were learnt with.",
    )
    metrics: dict[str, Any] = {}
    for name in choices:
        metrics |= error_metrics(name, trajectories[name])
        for i, split in enumerate(("train", "test")):
            metrics[f"{name}.{split}_log_likelihood"] = estimate_mean([pair[i] for pair in likelihood[name]])
        metrics[f"{name}.negative_weights"] = estimate_mean([float((w < 0).mean()) for w in weights[name]])
        metrics[f"{name}.weights_near_1"] = estimate_mean([float((w > 0.5).mean()) for w in weights[name]])
        metrics[f"{name}.weight_excess_kurtosis"] = estimate_mean(
            [_excess_kurtosis(w) for w in weights[name]]
        )
        if name == "uniform":
            continue
        pairs = list(zip(trajectories[name], trajectories["uniform"], strict=True))
        error = [a.test_error[-1] - b.test_error[-1] for a, b in pairs]
        gap = [
            (a.test_error[-1] - a.train_error[-1]) - (b.test_error[-1] - b.train_error[-1]) for a, b in pairs
        ]
        gain = [a[1] - b[1] for a, b in zip(likelihood[name], likelihood["uniform"], strict=True)]
        metrics[f"{name}_minus_uniform.test_error"] = estimate_mean(error)
        metrics[f"{name}_minus_uniform.generalisation_gap"] = estimate_mean(gap)
        metrics[f"{name}_minus_uniform.test_log_likelihood"] = estimate_mean(gain)
    return metrics


def _excess_kurtosis(values: np.ndarray) -> float:
    z = (values - values.mean()) / values.std()
    return float((z**4).mean() - 3)


PROTOCOL = Protocol(
    configuration=Configuration,
    presets={
        "smoke": {"images": 40, "test_every": 20, "repetitions": 2},
        "quick": {},
        "real": {"data": "real"},
    },
    run=run,
)

if __name__ == "__main__":
    run_script(PROTOCOL)
