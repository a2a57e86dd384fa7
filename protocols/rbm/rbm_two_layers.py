"""A second hidden layer: the naive rule of the report, and a greedy deep belief network (S0, section 4.5).

Figures 4a and 4b of Fournier's report. Compared on the same images: one layer of 9; one of 5, as narrow
as the second layer; the naive network of 9 and 5, both layers learning at once; and the same sizes learnt one
layer after the other, half of the images for each.

Expected on MNIST (seed 0, 5 repetitions, 95 % interval, 3000 images): held-out error 0.0626 (0.0613 to
0.0639) with one layer, 0.0855 (0.0828 to 0.0883) naive, 0.0855 (0.0833 to 0.0876) greedy.
Budget: about 10 s of processor time per repetition.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pydantic import Field

from spikingsampling.analysis import estimate_mean
from spikingsampling.cli import run_script
from spikingsampling.experiment.protocol import Protocol
from spikingsampling.experiment.run import Run
from spikingsampling.models.rbm.deep import DeepBeliefNetwork, NaiveTwoLayers
from spikingsampling.plotting.rbm import plot_errors, plot_pictures
from spikingsampling.protocols.studies.rbm.experiments import (
    IMAGE_SHAPE,
    RBMConfiguration,
    Trajectory,
    error_curves,
    error_metrics,
    image_patterns,
    reconstruction_error,
    repetitions,
    spread,
    train,
)

__all__ = ["PROTOCOL", "Configuration"]

NAMES = ("one_layer", "narrow_layer", "naive", "greedy")


class Configuration(RBMConfiguration):
    """Settings of the second layer."""

    digits: tuple[int, ...] = Field((1,), min_length=1, description="digits shown")
    n_second: int = Field(5, ge=1, le=10000, description="units of the second hidden layer")


def run(context: Run[Configuration]) -> dict[str, Any]:
    """Train the networks on the same images."""
    c = context.configuration
    trajectories: dict[str, list[Trajectory]] = {name: [] for name in NAMES}
    lower: list[float] = []
    rows: list[tuple[str, list[np.ndarray]]] = []
    for number, seed in repetitions(context, c.repetitions):
        data_seed, machine_seed, naive_seed, second_seed, up_seed = seed.spawn(5)
        patterns = image_patterns(c.data, c.digits, np.random.default_rng(data_seed))
        n_visible, n_first = patterns.train.shape[1], c.rbm.n_hidden
        models = {
            "one_layer": c.rbm.machine(n_visible, machine_seed),
            "narrow_layer": c.rbm.machine(n_visible, machine_seed, n_hidden=c.n_second),
            "naive": NaiveTwoLayers(
                (n_visible, n_first, c.n_second),
                naive_seed,
                eta=c.rbm.eta,
                n_examples=c.rbm.n_examples,
                temperature=c.rbm.temperature,
                k=c.rbm.k,
            ),
            "greedy": DeepBeliefNetwork(
                [
                    c.rbm.machine(n_visible, machine_seed),
                    c.rbm.machine(n_first, second_seed, n_hidden=c.n_second),
                ],
                np.random.default_rng(up_seed),
            ),
        }
        for name in NAMES[:3]:
            rng = np.random.default_rng(data_seed)
            trajectories[name].append(train(models[name], patterns, c.images, c.test_every, rng))
        greedy, half = models["greedy"], c.images // 2
        rng = np.random.default_rng(data_seed)
        trajectory = train(greedy, patterns, half, c.test_every, rng)
        lower.append(reconstruction_error(greedy.layers[0], spread(patterns.test), rng))
        greedy.learning = 1
        rest = c.images - half
        trajectories["greedy"].append(train(greedy, patterns, rest, c.test_every, rng, trajectory=trajectory))
        if number == 0:
            shown = patterns.test[:4]
            rows = [("input", [x.reshape(IMAGE_SHAPE) for x in shown])]
            for name, model in models.items():
                made = model.reconstruct(shown, rng)
                rows.append((name.replace("_", " "), [x.reshape(IMAGE_SHAPE) for x in made]))
    context.save_figure(
        "4a_reconstructions",
        plot_pictures(rows),
        "Held-out images and their reconstructions by one and two hidden layers.",
    )
    curves = {name.replace("_", " "): error_curves(runs) for name, runs in trajectories.items()}
    context.save_figure(
        "4b_errors",
        plot_errors(curves),
        "Reconstruction error on training and held-out images over the images shown: mean and range over the runs.",
    )
    metrics: dict[str, Any] = {}
    for name, runs in trajectories.items():
        metrics |= error_metrics(name, runs)
    metrics["greedy.first_layer_error"] = estimate_mean(lower)
    for one, other in (
        ("naive", "one_layer"),
        ("greedy", "one_layer"),
        ("greedy", "naive"),
        ("naive", "narrow_layer"),
        ("greedy", "narrow_layer"),
    ):
        pairs = zip(trajectories[one], trajectories[other], strict=True)
        metrics[f"{one}_minus_{other}.test_error"] = estimate_mean(
            [a.test_error[-1] - b.test_error[-1] for a, b in pairs]
        )
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
