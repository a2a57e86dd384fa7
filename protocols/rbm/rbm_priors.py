"""Uniform, two- and three-Gaussian priors: errors, likelihood, weights.

Figure 6 and section 4.7 of Fournier's report. The report gives the spread 0.15 of the Gaussians as a variance. Whether
Kappel et al. (PLOS Comput Biol 2015) mean a standard deviation was not verified: both readings are run.

Expected on MNIST (seed 0, 5 repetitions, 95 % interval): held-out error 0.0563 (0.0554 to 0.0571) with the
uniform prior and 0.0764 (0.0757 to 0.0771) with two Gaussians of variance 0.15; held-out log-likelihood
higher by 56 (29 to 84) nats with the latter. Budget: about 15 s of processor time per repetition.
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
from spikingsampling.protocols.studies.rbm.drawing import plot_errors, plot_weights
from spikingsampling.protocols.studies.rbm.figures import ERRORS
from spikingsampling.protocols.studies.rbm.patterns import image_patterns
from spikingsampling.protocols.studies.rbm.priors import (
    TITLES,
    TrainedWithPrior,
    gaussian_priors,
    prior_metrics,
    train_with_prior,
)

__all__ = ["PROTOCOL", "Configuration"]


class Configuration(RBMConfiguration):
    """Settings of the comparison of priors; the prior of ``rbm`` is not used."""

    digits: tuple[int, ...] = Field((1,), min_length=1, description="digits shown")
    spread: float = Field(0.15, gt=0, le=100, description="spread of the Gaussians, as variance and as sd")


def run(context: Run[Configuration]) -> dict[str, Any]:
    """Train with each prior on the same images, from the same initial parameters and with the same noise."""
    c = context.configuration
    priors = gaussian_priors(c.spread)
    results: dict[str, list[TrainedWithPrior]] = {name: [] for name in priors}
    for _, seed in repetitions(context, c.repetitions):
        data_seed, machine_seed = seed.spawn(2)
        patterns = image_patterns(c.data, c.digits, np.random.default_rng(data_seed))
        for name, prior in priors.items():
            model = c.rbm.machine(patterns.train.shape[1], machine_seed, prior=prior)
            rng = np.random.default_rng(data_seed)
            results[name].append(train_with_prior(model, patterns, c.images, c.test_every, rng))
    titles = {name: TITLES[name].format(spread=c.spread) for name in priors}
    errors = {titles[name]: [run.trajectory for run in runs] for name, runs in results.items()}
    context.save_figure("6_errors", plot_errors(errors), ERRORS)
    context.save_figure(
        "6_weights",
        plot_weights({titles[name]: (runs[0].weights, priors[name]) for name, runs in results.items()}),
        "Weights at the end, and the prior that they were learnt with.",
    )
    return prior_metrics(results)


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
