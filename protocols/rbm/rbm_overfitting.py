"""Five training images: does a prior protect from overfitting? Exact held-out likelihood (after B).

B trains on five images of the digit 1 and reports that a flat prior overfits and a bimodal one does not.
Here the same five images, initial parameters and noise are used with each condition of a run: flat prior;
bimodal prior with its spread 0.15 read as standard deviation and as variance; and likelihood only (flat
prior without noise), which tells overfitting from the effect of the noise. Not in the report (S0); its
section 4.7 asks the question on all images.

Expected on MNIST after 1000 images (seed 0, 20 repetitions, 95 % interval): held-out log-likelihood higher
by 27 (20 to 35) nats than with the flat prior when 0.15 is the standard deviation, by 1 (−2 to 5) nats when
it is the variance. Budget: about 3 s of processor time per repetition and 1000 images.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pydantic import Field

from spikingsampling.analysis import estimate_mean
from spikingsampling.cli import run_script
from spikingsampling.experiment.protocol import Protocol
from spikingsampling.experiment.run import Run
from spikingsampling.inference.priors import UniformPrior, prior_from_mapping
from spikingsampling.plotting.rbm import plot_likelihood
from spikingsampling.protocols.studies.rbm.experiments import (
    Patterns,
    RBMConfiguration,
    bimodal,
    image_patterns,
    repetitions,
    spread,
    train,
)

__all__ = ["PROTOCOL", "Configuration"]


class Configuration(RBMConfiguration):
    """Settings of overfitting; prior and mode of ``rbm`` are not used."""

    digits: tuple[int, ...] = Field((1,), min_length=1, description="digits shown")
    n_train: int = Field(5, ge=1, description="training images")
    spread: float = Field(0.15, gt=0, le=100, description="spread of the Gaussians, as variance and as sd")
    images: int = Field(4000, ge=1, le=10**8, description="images shown, one after the other")
    repetitions: int = Field(20, ge=2, le=10000, description="runs, each with five images of its own")


def run(context: Run[Configuration]) -> dict[str, Any]:
    """Train with each condition on the same few images, and measure the exact log-likelihood."""
    c = context.configuration
    conditions = {
        "flat": {"prior": UniformPrior()},
        "bimodal_sd": {"prior": prior_from_mapping(bimodal(c.spread))},
        "bimodal_variance": {"prior": prior_from_mapping(bimodal(c.spread**0.5))},
        "likelihood": {"prior": UniformPrior(), "mode": "likelihood"},
    }
    found: dict[str, dict[str, list[np.ndarray]]] = {name: {"train": [], "test": []} for name in conditions}
    for _, seed in repetitions(context, c.repetitions):
        data_seed, machine_seed = seed.spawn(2)
        rng = np.random.default_rng(data_seed)
        every = image_patterns(c.data, c.digits, rng)
        chosen = rng.choice(len(every.train), c.n_train, replace=False)
        patterns = Patterns(every.train[chosen], spread(every.test))
        probes = {
            "train": lambda model, X=patterns.train: model.log_likelihood(X).mean(),
            "test": lambda model, X=patterns.test: model.log_likelihood(X).mean(),
        }
        for name, changes in conditions.items():
            model = c.rbm.machine(patterns.train.shape[1], machine_seed, **changes)
            order = np.random.default_rng(data_seed)
            trajectory = train(model, patterns, c.images, c.test_every, order, probes=probes)
            for split, runs in found[name].items():
                runs.append(trajectory.probe(split))
    curves = {name.replace("_", ", "): (runs["train"], runs["test"]) for name, runs in found.items()}
    context.save_figure(
        "likelihood",
        plot_likelihood(trajectory.steps, curves),
        "Exact log-likelihood of the five training images and of held-out ones over the images shown.",
    )
    metrics: dict[str, Any] = {}
    test = {name: np.array(runs["test"]) for name, runs in found.items()}
    for name, runs in found.items():
        metrics[f"{name}.train_log_likelihood"] = estimate_mean([values[-1] for values in runs["train"]])
        metrics[f"{name}.test_log_likelihood"] = estimate_mean(test[name][:, -1])
        metrics[f"{name}.best_test_log_likelihood"] = estimate_mean(test[name].max(axis=1))
        metrics[f"{name}.loss_since_best"] = estimate_mean(test[name].max(axis=1) - test[name][:, -1])
        gap = [a[-1] - b[-1] for a, b in zip(runs["train"], runs["test"], strict=True)]
        metrics[f"{name}.gap"] = estimate_mean(gap)
        metrics[f"{name}.curve"] = {
            "images": trajectory.steps,
            "test_log_likelihood": test[name].mean(axis=0),
            "train_log_likelihood": np.mean(runs["train"], axis=0),
        }
        if name != "flat":
            gain = test[name][:, -1] - test["flat"][:, -1]
            metrics[f"{name}_minus_flat.test_log_likelihood"] = estimate_mean(gain)
            metrics[f"{name}_minus_flat.runs_better"] = float((gain > 0).mean())
    return metrics


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
