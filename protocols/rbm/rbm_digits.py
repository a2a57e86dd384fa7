"""One restricted Boltzmann machine per digit: errors and reconstructions (S0, section 4.3).

Figures 1a and 1b of Fournier's report.

Expected on MNIST (seed 0, 5 repetitions, 95 % interval, 6000 images per machine): held-out error from 0.058 (0.057
to 0.059) for the digit 1 to 0.157 (0.150 to 0.165) for the 2; mean of 0, 2, 6, 8 above that of 1, 7 by 0.064
(0.061 to 0.067); held-out above training error by 0.0000 (−0.0002 to 0.0002) in the mean over digits.
Budget: 20 s of processor time per repetition, 1 min 41 s in all.
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

#: Digits that S0 finds difficult, and easy.
HARD, EASY = (0, 2, 6, 8), (1, 7)


class Configuration(RBMConfiguration):
    """Settings of the ten digits."""

    digits: tuple[int, ...] = Field(tuple(range(10)), min_length=1, description="one machine for each")


def run(context: Run[Configuration]) -> dict[str, Any]:
    """Train a machine per digit and repetition."""
    c = context.configuration
    trajectories: dict[int, list[Trajectory]] = {digit: [] for digit in c.digits}
    pictures: list[tuple[str, list[np.ndarray]]] = []
    for number, seed in repetitions(context, c.repetitions):
        for digit, own in zip(c.digits, seed.spawn(len(c.digits)), strict=True):
            machine_seed, data_seed = own.spawn(2)
            rng = np.random.default_rng(data_seed)
            patterns = image_patterns(c.data, [digit], rng)
            model = c.rbm.machine(patterns.train.shape[1], machine_seed)
            trajectories[digit].append(train(model, patterns, c.images, c.test_every, rng))
            if number == 0:
                shown = patterns.test[:2]
                made = model.reconstruct(shown, rng)
                pictures.append((f"{digit}", [x.reshape(IMAGE_SHAPE) for x in shown]))
                pictures.append(("", [x.reshape(IMAGE_SHAPE) for x in made]))
    context.save_figure(
        "1a_reconstructions",
        plot_pictures(pictures),
        "Held-out images of each digit above their reconstructions by the machine of that digit.",
    )
    curves = {str(digit): error_curves(runs) for digit, runs in trajectories.items()}
    context.save_figure(
        "1b_errors",
        plot_errors(curves, along="rows"),
        "Reconstruction error on training and held-out images over the images shown: mean and range over the runs.",
    )
    metrics: dict[str, Any] = {}
    for digit, runs in trajectories.items():
        metrics |= error_metrics(f"digit_{digit}", runs)
    final = {digit: np.array([t.test_error[-1] for t in runs]) for digit, runs in trajectories.items()}
    if set(HARD + EASY) <= set(final):
        hard, easy = (np.mean([final[d] for d in group], axis=0) for group in (HARD, EASY))
        metrics["hard_minus_easy"] = estimate_mean(hard - easy)
    gaps = [[t.test_error[-1] - t.train_error[-1] for t in runs] for runs in trajectories.values()]
    return metrics | {"generalisation_gap": estimate_mean(np.mean(gaps, axis=0))}


PROTOCOL = Protocol(
    configuration=Configuration,
    presets={
        "smoke": {"images": 40, "test_every": 20, "repetitions": 2, "digits": [1, 2]},
        "quick": {},
        "real": {"data": "real"},
    },
    run=run,
)

if __name__ == "__main__":
    run_script(PROTOCOL)
