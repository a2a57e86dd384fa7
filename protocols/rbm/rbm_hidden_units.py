"""A machine of 9, 3 and 1 hidden units: how few are enough (S0, section 4.5).

Figure 3 of Fournier's report.

Expected on MNIST (seed 0, 5 repetitions, 95 % interval): held-out error 0.058 (0.056 to 0.060) with 9 hidden
units and 0.085 (0.078 to 0.092) with 1. Budget: about 5 s of processor time per repetition.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pydantic import Field

from spikingsampling.analysis import estimate_mean
from spikingsampling.cli import run_script
from spikingsampling.experiment.protocol import Protocol
from spikingsampling.experiment.run import Run
from spikingsampling.plotting.rbm import plot_errors, plot_pictures
from spikingsampling.protocols.studies.rbm.experiments import (
    IMAGE_SHAPE,
    RBMConfiguration,
    Trajectory,
    error_curves,
    error_metrics,
    image_patterns,
    repetitions,
    train,
)

__all__ = ["PROTOCOL", "Configuration"]


class Configuration(RBMConfiguration):
    """Settings of the comparison of sizes."""

    digits: tuple[int, ...] = Field((1,), min_length=1, description="digits shown")
    sizes: tuple[int, ...] = Field((1, 3, 9), min_length=2, description="numbers of hidden units, ascending")


def run(context: Run[Configuration]) -> dict[str, Any]:
    """Train a machine of each size on the same images."""
    c = context.configuration
    trajectories: dict[int, list[Trajectory]] = {size: [] for size in c.sizes}
    pictures: list[tuple[str, list[np.ndarray]]] = []
    for number, seed in repetitions(context, c.repetitions):
        data_seed, *machine_seeds = seed.spawn(1 + len(c.sizes))
        patterns = image_patterns(c.data, c.digits, np.random.default_rng(data_seed))
        if number == 0:
            pictures.append(("input", [x.reshape(IMAGE_SHAPE) for x in patterns.test[:4]]))
        for size, machine_seed in zip(c.sizes, machine_seeds, strict=True):
            rng = np.random.default_rng(data_seed)
            model = c.rbm.machine(patterns.train.shape[1], machine_seed, n_hidden=size)
            trajectories[size].append(train(model, patterns, c.images, c.test_every, rng))
            if number == 0:
                made = model.reconstruct(patterns.test[:4], rng)
                pictures.append((f"{size} hidden", [x.reshape(IMAGE_SHAPE) for x in made]))
    curves = {f"{size} hidden": error_curves(runs) for size, runs in trajectories.items()}
    context.save_figure(
        "3_errors",
        plot_errors(curves),
        "Reconstruction error on training and held-out images over the images shown: mean and range over the runs.",
    )
    context.save_figure(
        "3_reconstructions",
        plot_pictures(pictures),
        "Held-out images and their reconstructions by machines with fewer and fewer hidden units.",
    )
    metrics: dict[str, Any] = {}
    for size, runs in trajectories.items():
        metrics |= error_metrics(f"hidden_{size}", runs)
    few, many = trajectories[c.sizes[0]], trajectories[c.sizes[-1]]
    for which in ("train_error", "test_error"):
        differences = [getattr(a, which)[-1] - getattr(b, which)[-1] for a, b in zip(few, many, strict=True)]
        metrics[f"fewest_minus_most.{which}"] = estimate_mean(differences)
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
