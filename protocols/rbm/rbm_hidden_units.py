"""A machine of 9, 3 and 1 hidden units: how few are enough.

Figure 3 and section 4.5 of Fournier's report.

Expected on MNIST (seed 0, 5 repetitions, 95 % interval): held-out error 0.058 (0.056 to 0.060) with 9 hidden
units and 0.085 (0.078 to 0.092) with 1. Budget: about 5 s of processor time per repetition.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pydantic import Field

from spikingsampling.cli import run_script
from spikingsampling.experiment.protocol import Protocol
from spikingsampling.experiment.repetitions import repetitions
from spikingsampling.experiment.run import Run
from spikingsampling.plotting.pictures import plot_pictures
from spikingsampling.protocols.studies.rbm.configuration import RBMConfiguration
from spikingsampling.protocols.studies.rbm.drawing import plot_errors
from spikingsampling.protocols.studies.rbm.figures import ERRORS
from spikingsampling.protocols.studies.rbm.measures import error_metrics, repeated_errors
from spikingsampling.protocols.studies.rbm.patterns import image_patterns, pictures
from spikingsampling.protocols.studies.rbm.training import Trajectory, train

__all__ = ["PROTOCOL", "Configuration"]


class Configuration(RBMConfiguration):
    """Settings of the comparison of sizes."""

    digits: tuple[int, ...] = Field((1,), min_length=1, description="digits shown")
    sizes: tuple[int, ...] = Field((1, 3, 9), min_length=2, description="numbers of hidden units, ascending")


def run(context: Run[Configuration]) -> dict[str, Any]:
    """Train a machine of each size on the same images."""
    c = context.configuration
    results: dict[int, list[Trajectory]] = {size: [] for size in c.sizes}
    rows: list[tuple[str, list[np.ndarray]]] = []
    for number, seed in repetitions(context, c.repetitions):
        data_seed, *machine_seeds = seed.spawn(1 + len(c.sizes))
        patterns = image_patterns(c.data, c.digits, np.random.default_rng(data_seed))
        if number == 0:
            rows.append(("input", pictures(patterns.test[:4])))
        for size, machine_seed in zip(c.sizes, machine_seeds, strict=True):
            rng = np.random.default_rng(data_seed)
            model = c.rbm.machine(patterns.train.shape[1], machine_seed, n_hidden=size)
            results[size].append(train(model, patterns, c.images, c.test_every, rng))
            if number == 0:
                rows.append((_units(size), pictures(model.reconstruct(patterns.test[:4], rng))))
    context.save_figure(
        "3_errors", plot_errors({_units(size): runs for size, runs in results.items()}), ERRORS
    )
    context.save_figure(
        "3_reconstructions",
        plot_pictures(rows),
        "Held-out images and their reconstructions by machines with more and more hidden units.",
    )
    results_by_name = {f"hidden_{size}": runs for size, runs in results.items()}
    few, *_, many = results_by_name
    return error_metrics(results_by_name) | repeated_errors(results_by_name).differences(
        few, many, ("train_error", "test_error"), name="fewest_minus_most"
    )


def _units(size: int) -> str:
    return f"{size} hidden unit" + ("s" if size > 1 else "")


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
