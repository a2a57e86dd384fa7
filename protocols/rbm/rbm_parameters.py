"""Weights and biases of single pixels over training, and how many biases exceed −1.

Figures 5a and 5b and section 4.6 of Fournier's report.

Expected on MNIST (seed 0, 5 repetitions, 95 % interval, 4000 images): visible biases above −1 fall from 392
(382 to 403) to 126 (110 to 143), then rise by 18 (8 to 29). Budget: 5 s of processor time per repetition.
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
from spikingsampling.protocols.studies.rbm.drawing import plot_counts, plot_pixels
from spikingsampling.protocols.studies.rbm.figures import pixel_panels
from spikingsampling.protocols.studies.rbm.measures import parameter_metrics
from spikingsampling.protocols.studies.rbm.patterns import image_patterns, pictures
from spikingsampling.protocols.studies.rbm.training import Trajectory, pixel_probes, train

__all__ = ["PROTOCOL", "Configuration"]

#: (row, column): hardly ever on, nearly always on, sometimes on in a "1".
PIXELS = ((0, 0), (14, 14), (20, 10))


class Configuration(RBMConfiguration):
    """Settings of the observation of parameters."""

    digits: tuple[int, ...] = Field((1,), min_length=1, description="digits shown")
    test_every: int = Field(100, ge=1, le=10**8, description="images between two measurements")


def run(context: Run[Configuration]) -> dict[str, Any]:
    """Train and record the parameters of three pixels."""
    c = context.configuration
    results: list[Trajectory] = []
    for number, seed in repetitions(context, c.repetitions):
        data_seed, machine_seed = seed.spawn(2)
        rng = np.random.default_rng(data_seed)
        patterns = image_patterns(c.data, c.digits, rng)
        model = c.rbm.machine(patterns.train.shape[1], machine_seed)
        results.append(train(model, patterns, c.images, c.test_every, rng, probes=pixel_probes(PIXELS)))
        if number == 0:
            (example,) = pictures(patterns.train[:1])
    steps = results[0].steps
    places = {f"pixel {pixel}": pixel for pixel in PIXELS}
    context.save_figure(
        "5a_parameters",
        plot_pixels(steps, *pixel_panels(results[0], PIXELS), picture=(example, places)),
        "Weights (a line per hidden unit) and biases of single pixels, marked in the image, over the images shown.",
    )
    context.save_figure(
        "5b_biases",
        plot_counts(steps, {"sampling": [result.probe("high_biases") for result in results]}),
        "Visible biases above −1 over the images shown: mean and range over the runs.",
    )
    return parameter_metrics(results, PIXELS)


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
