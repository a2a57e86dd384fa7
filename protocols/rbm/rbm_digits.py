"""One restricted Boltzmann machine per digit: errors and reconstructions.

Figures 1a and 1b and section 4.3 of Fournier's report.

Expected on MNIST (seed 0, 5 repetitions, 95 % interval, 6000 images per machine): held-out error from 0.058 (0.057
to 0.059) for the digit 1 to 0.157 (0.150 to 0.165) for the 2. The mean of 0, 2, 6, 8 is above that of 1, 7 by 0.064
(0.061 to 0.067). Held-out errors are above training errors by 0.0000 (−0.0002 to 0.0002) in the mean over digits.
Budget: 20 s of processor time per repetition, 1 min 41 s in all.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pydantic import Field

from spikingsampling.cli import run_script
from spikingsampling.experiment.protocol import Protocol
from spikingsampling.experiment.repetitions import Repeated, repetitions
from spikingsampling.experiment.run import Run
from spikingsampling.plotting.pictures import plot_pictures
from spikingsampling.protocols.studies.rbm.configuration import RBMConfiguration
from spikingsampling.protocols.studies.rbm.drawing import plot_errors
from spikingsampling.protocols.studies.rbm.figures import ERRORS
from spikingsampling.protocols.studies.rbm.measures import digit_measures, error_metrics
from spikingsampling.protocols.studies.rbm.patterns import image_patterns, pictures
from spikingsampling.protocols.studies.rbm.training import Trajectory, train

__all__ = ["PROTOCOL", "Configuration"]


class Configuration(RBMConfiguration):
    """Settings of the ten digits."""

    digits: tuple[int, ...] = Field(tuple(range(10)), min_length=1, description="one machine for each")


def run(context: Run[Configuration]) -> dict[str, Any]:
    """Train a machine per digit and repetition."""
    c = context.configuration
    results: dict[int, list[Trajectory]] = {digit: [] for digit in c.digits}
    rows: list[tuple[str, list[np.ndarray]]] = []
    for number, seed in repetitions(context, c.repetitions):
        for digit, own in zip(c.digits, seed.spawn(len(c.digits)), strict=True):
            machine_seed, data_seed = own.spawn(2)
            rng = np.random.default_rng(data_seed)
            patterns = image_patterns(c.data, [digit], rng)
            model = c.rbm.machine(patterns.train.shape[1], machine_seed)
            results[digit].append(train(model, patterns, c.images, c.test_every, rng))
            if number == 0:
                images = patterns.test[:2]
                rows.append((f"digit {digit}", pictures(images)))
                rows.append(("reconstruction", pictures(model.reconstruct(images, rng))))
    context.save_figure(
        "1a_reconstructions",
        plot_pictures(rows),
        "Held-out images of each digit above their reconstructions by the machine of that digit.",
    )
    context.save_figure(
        "1b_errors", plot_errors({f"digit {d}": runs for d, runs in results.items()}, along="rows"), ERRORS
    )
    metrics = error_metrics({f"digit_{digit}": runs for digit, runs in results.items()})
    together = [dict(zip(results, runs, strict=True)) for runs in zip(*results.values(), strict=True)]
    return metrics | Repeated.measured({"": together}, digit_measures).estimates()


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
