"""Five training images: does a prior protect from overfitting? Exact held-out likelihood.

Kappel et al. (PLOS Comput Biol 2015) train on five images of the digit 1. They report that a flat prior overfits and
a bimodal one does not. Here the same five images, initial parameters and noise are used with each condition of a run:
flat prior; bimodal prior with its spread 0.15 read as standard deviation and as variance; and likelihood only (flat
prior without noise), which tells overfitting from the effect of the noise. Section 4.7 of Fournier's report asks the
question on all images.

Expected on MNIST after 1000 images (seed 0, 20 repetitions, 95 % interval): held-out log-likelihood higher
by 27 (20 to 35) nats than with the flat prior when 0.15 is the standard deviation, by 1 (−2 to 5) nats when
it is the variance. Budget: about 3 s of processor time per repetition and 1000 images.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pydantic import Field

from spikingsampling.cli import run_script
from spikingsampling.experiment.protocol import Protocol
from spikingsampling.experiment.repetitions import repetitions
from spikingsampling.experiment.run import Run
from spikingsampling.protocols.studies.rbm.configuration import RBMConfiguration
from spikingsampling.protocols.studies.rbm.drawing import plot_likelihood
from spikingsampling.protocols.studies.rbm.overfitting import (
    TITLES,
    conditions,
    likelihood_probes,
    overfitting_metrics,
)
from spikingsampling.protocols.studies.rbm.patterns import Patterns, image_patterns, subsample
from spikingsampling.protocols.studies.rbm.training import Trajectory, train

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
    settings = conditions(c.spread)
    results: dict[str, list[Trajectory]] = {name: [] for name in settings}
    for _, seed in repetitions(context, c.repetitions):
        data_seed, machine_seed = seed.spawn(2)
        rng = np.random.default_rng(data_seed)
        every = image_patterns(c.data, c.digits, rng)
        indices = rng.choice(len(every.train), c.n_train, replace=False)
        patterns = Patterns(every.train[indices], subsample(every.test))
        for name, changes in settings.items():
            model = c.rbm.machine(patterns.train.shape[1], machine_seed, **changes)
            order = np.random.default_rng(data_seed)
            probes = likelihood_probes(patterns)
            results[name].append(train(model, patterns, c.images, c.test_every, order, probes=probes))
    curves = {
        TITLES[name].format(spread=c.spread): tuple(
            [run.probe(part) for run in runs] for part in ("train", "test")
        )
        for name, runs in results.items()
    }
    context.save_figure(
        "likelihood",
        plot_likelihood(results["flat"][0].steps, curves),
        f"Exact log-likelihood of the {c.n_train} training images and of held-out ones over the images shown: "
        "mean and range over the runs.",
    )
    return overfitting_metrics(results)


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
