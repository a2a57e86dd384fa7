"""Weights and biases of single pixels over training, and how many biases exceed −1 (S0, section 4.6).

Figures 5a and 5b of Fournier's report.

Expected on MNIST (seed 0, 5 repetitions, 95 % interval, 4000 images): visible biases above −1 fall from 392
(382 to 403) to 126 (110 to 143), then rise by 18 (8 to 29). Budget: 5 s of processor time per repetition.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pydantic import Field

from spikingsampling.analysis import estimate_mean
from spikingsampling.cli import run_script
from spikingsampling.experiment.protocol import Protocol
from spikingsampling.experiment.run import Run
from spikingsampling.plotting.rbm import plot_counts, plot_parameters
from spikingsampling.protocols.studies.rbm.experiments import (
    IMAGE_SHAPE,
    RBMConfiguration,
    image_patterns,
    pixel_probes,
    repetitions,
    train,
)

__all__ = ["PROTOCOL", "Configuration"]

#: (row, column): hardly ever on, nearly always on, sometimes on in a "1".
PIXELS = {"(0, 0)": (0, 0), "(14, 14)": (14, 14), "(20, 10)": (20, 10)}


class Configuration(RBMConfiguration):
    """Settings of the observation of parameters."""

    digits: tuple[int, ...] = Field((1,), min_length=1, description="digits shown")
    test_every: int = Field(100, ge=1, le=10**8, description="images between two measurements")


def run(context: Run[Configuration]) -> dict[str, Any]:
    """Train and record the parameters of three pixels."""
    c = context.configuration
    weights, biases, counts, steps = [], [], [], []
    for number, seed in repetitions(context, c.repetitions):
        data_seed, machine_seed = seed.spawn(2)
        rng = np.random.default_rng(data_seed)
        patterns = image_patterns(c.data, c.digits, rng)
        model = c.rbm.machine(patterns.train.shape[1], machine_seed)
        probes = pixel_probes(list(PIXELS.values()))
        trajectory = train(model, patterns, c.images, c.test_every, rng, probes=probes)
        weights.append(trajectory.probe("weights"))
        biases.append(trajectory.probe("biases"))
        counts.append(trajectory.probe("active"))
        if number == 0:
            steps, example = trajectory.steps, patterns.train[0].reshape(IMAGE_SHAPE)
    lines = {name: weights[0][:, i] for i, name in enumerate(PIXELS)}
    offsets = {name: biases[0][:, i] for i, name in enumerate(PIXELS)}
    figure = plot_parameters(steps, lines, offsets, picture=(example, PIXELS))
    context.save_figure(
        "5a_parameters",
        figure,
        "Weights and biases of single pixels, marked in the image, over the images shown.",
    )
    context.save_figure(
        "5b_biases",
        plot_counts(steps, {"sampling": counts}),
        "Visible biases above −1 over the images shown, each run and their mean.",
    )
    metrics: dict[str, Any] = {}
    for i, (row, column) in enumerate(PIXELS.values()):
        name = f"pixel_{row}_{column}"
        metrics[f"{name}.bias"] = estimate_mean([b[-1, i] for b in biases])
        metrics[f"{name}.mean_weight"] = estimate_mean([w[-1, i].mean() for w in weights])
        metrics[f"{name}.weight_sd"] = estimate_mean([w[-1, i].std() for w in weights])
    n = np.array(counts)  # (repetition, time)
    metrics["biases_above_-1.start"] = estimate_mean(n[:, 0])
    metrics["biases_above_-1.lowest"] = estimate_mean(n.min(axis=1))
    metrics["biases_above_-1.lowest_after_images"] = estimate_mean([steps[i] for i in n.argmin(axis=1)])
    metrics["biases_above_-1.end"] = estimate_mean(n[:, -1])
    metrics["biases_above_-1.rise_after_lowest"] = estimate_mean(n[:, -1] - n.min(axis=1))
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
