"""Restricted Boltzmann machines hear spoken digits, binary and with Gaussian units.

Figure 2 and section 4.4 of Fournier's report, and its open question whether data that are not binarised help. A sound
is a static pattern of 8 frames of 77 mel bands. The front end compresses nearly logarithmically, as the threshold of
0.87 belongs to levels of a log spectrum. Three codes of the same levels are compared: 1 above the threshold; 1 above
the training median of each input, so that no input is nearly always 0; and standardised levels with Gaussian units.

Expected on the Free Spoken Digit Dataset (seed 0, 5 repetitions, 95 % interval, 3000 images): held-out
error over that of the mean pattern 0.96 (0.93 to 0.99) above the threshold and 0.82 (0.80 to 0.83)
Gaussian. Budget: about 5 s of processor time per repetition.
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
from spikingsampling.protocols.studies.rbm.measures import error_metrics, relative_metrics
from spikingsampling.protocols.studies.rbm.patterns import CODES, audio_levels, encode, pictures
from spikingsampling.protocols.studies.rbm.training import Trajectory, train
from spikingsampling.simulation.encoding import CochleagramParameters

__all__ = ["PROTOCOL", "Configuration"]

TITLES = {
    "threshold": "above the threshold",
    "median": "above the median",
    "gaussian": "levels, Gaussian units",
}


class Configuration(RBMConfiguration):
    """Settings of the learning of sounds."""

    digits: tuple[int, ...] = Field((1,), min_length=1, description="digits heard")
    threshold: float = Field(0.87, ge=0, le=1, description="level above which an input is 1")
    cochleagram: CochleagramParameters = CochleagramParameters(
        n_channels=77, n_frames=8, compression=0.05, dynamic_range=80.0, gain_control=0.5
    )


def run(context: Run[Configuration]) -> dict[str, Any]:
    """Train a machine with each code of the same sounds."""
    c = context.configuration
    levels = audio_levels(c.data, c.digits, c.cochleagram)
    coded = {code: encode(levels, code, c.threshold) for code in CODES}
    results: dict[str, list[Trajectory]] = {code: [] for code in CODES}
    shape = (-1, c.cochleagram.n_channels)
    rows = [("input", pictures(levels.test[:4], shape))]
    for number, seed in repetitions(context, c.repetitions):
        order_seed, machine_seed = seed.spawn(2)
        for code, patterns in coded.items():
            visible = "gaussian" if code == "gaussian" else "binary"
            model = c.rbm.machine(patterns.train.shape[1], machine_seed, visible=visible)
            rng = np.random.default_rng(order_seed)
            results[code].append(train(model, patterns, c.images, c.test_every, rng))
            if number == 0:
                items = patterns.test[:4]
                rows.append((TITLES[code], pictures(items, shape)))
                rows.append(("reconstruction", pictures(model.reconstruct(items, rng), shape)))
    context.save_figure(
        "2_errors",
        plot_errors({TITLES[code]: runs for code, runs in results.items()}, items="words"),
        ERRORS.replace("images", "words"),
    )
    context.save_figure(
        "2_reconstructions",
        plot_pictures(rows, upright=True, axes=("time", "mel band")),
        "Held-out words as spectra over time in each code, above their reconstructions by a machine that learnt them.",
    )
    sizes = {"n_train": len(levels.train), "n_test": len(levels.test)}
    return sizes | error_metrics(results) | relative_metrics(results, coded)


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
