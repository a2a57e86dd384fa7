"""A second hidden layer: the naive rule of the report, and a greedy deep belief network.

Figures 4a and 4b and section 4.5 of Fournier's report. Compared on the same images: one layer of 9; one of 5, as
narrow as the second layer; the naive network of 9 and 5, both layers learning at once; and the same sizes learnt one
layer after the other, half of the images for each.

Expected on MNIST (seed 0, 5 repetitions, 95 % interval, 3000 images): held-out error 0.0626 (0.0613 to
0.0639) with one layer, 0.0855 (0.0828 to 0.0883) naive, 0.0855 (0.0833 to 0.0876) greedy.
Budget: about 10 s of processor time per repetition.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pydantic import Field

from spikingsampling.analysis.estimates import estimate_mean
from spikingsampling.cli import run_script
from spikingsampling.experiment.protocol import Protocol
from spikingsampling.experiment.repetitions import repetitions
from spikingsampling.experiment.run import Run
from spikingsampling.plotting.pictures import plot_pictures
from spikingsampling.protocols.studies.rbm.configuration import RBMConfiguration
from spikingsampling.protocols.studies.rbm.drawing import plot_errors
from spikingsampling.protocols.studies.rbm.figures import ERRORS
from spikingsampling.protocols.studies.rbm.layers import greedy_network, naive_network, train_greedily
from spikingsampling.protocols.studies.rbm.measures import error_metrics, repeated_errors
from spikingsampling.protocols.studies.rbm.patterns import image_patterns, pictures
from spikingsampling.protocols.studies.rbm.training import Trajectory, train

__all__ = ["PROTOCOL", "Configuration"]

TITLES = {
    "one_layer": "one layer",
    "narrow_layer": "one narrow layer",
    "naive": "two layers, naive",
    "greedy": "two layers, greedy",
}
COMPARED = (
    *(("naive", "one_layer"), ("greedy", "one_layer"), ("greedy", "naive")),
    *(("naive", "narrow_layer"), ("greedy", "narrow_layer")),
)


class Configuration(RBMConfiguration):
    """Settings of the second layer."""

    digits: tuple[int, ...] = Field((1,), min_length=1, description="digits shown")
    n_second: int = Field(5, ge=1, le=10000, description="units of the second hidden layer")


def run(context: Run[Configuration]) -> dict[str, Any]:
    """Train the networks on the same images."""
    c = context.configuration
    results: dict[str, list[Trajectory]] = {name: [] for name in TITLES}
    first_layer: list[float] = []
    rows: list[tuple[str, list[np.ndarray]]] = []
    for number, seed in repetitions(context, c.repetitions):
        data_seed, machine_seed, naive_seed, second_seed, up_seed = seed.spawn(5)
        patterns = image_patterns(c.data, c.digits, np.random.default_rng(data_seed))
        size = (patterns.train.shape[1], c.n_second)
        models = {
            "one_layer": c.rbm.machine(size[0], machine_seed),
            "narrow_layer": c.rbm.machine(size[0], machine_seed, n_hidden=c.n_second),
            "naive": naive_network(c.rbm, *size, naive_seed),
            "greedy": greedy_network(c.rbm, *size, (machine_seed, second_seed, up_seed)),
        }
        for name in ("one_layer", "narrow_layer", "naive"):
            rng = np.random.default_rng(data_seed)
            results[name].append(train(models[name], patterns, c.images, c.test_every, rng))
        rng = np.random.default_rng(data_seed)
        trajectory, error = train_greedily(models["greedy"], patterns, c.images, c.test_every, rng)
        results["greedy"].append(trajectory)
        first_layer.append(error)
        if number == 0:
            images = patterns.test[:4]
            rows.append(("input", pictures(images)))
            rows += [
                (TITLES[name], pictures(model.reconstruct(images, rng))) for name, model in models.items()
            ]
    context.save_figure(
        "4a_reconstructions",
        plot_pictures(rows),
        "Held-out images and their reconstructions by one and two hidden layers.",
    )
    context.save_figure(
        "4b_errors", plot_errors({TITLES[name]: runs for name, runs in results.items()}), ERRORS
    )
    repeated = repeated_errors(results)
    metrics = error_metrics(results) | {"greedy.first_layer_error": estimate_mean(first_layer)}
    for one, other in COMPARED:
        metrics |= repeated.differences(one, other, ["test_error"])
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
