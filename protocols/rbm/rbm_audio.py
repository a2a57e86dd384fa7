"""Restricted Boltzmann machines hear spoken digits, binary and with Gaussian units (S0, section 4.4).

Figure 2 of Fournier's report, and its open question whether data that are not binarised help. A sound is a
static pattern of 8 frames of 77 mel bands; the front end is set to nearly logarithmic compression, as the
threshold of 0.87 belongs to levels of a log spectrum. Three codes of the same levels are compared: 1 above
the threshold; 1 above the training median of each input, so that no input is nearly always 0; and
standardised levels with Gaussian units.

Expected on the Free Spoken Digit Dataset (seed 0, 5 repetitions, 95 % interval, 3000 images): held-out
error over that of the mean pattern 0.96 (0.93 to 0.99) above the threshold and 0.82 (0.80 to 0.83)
Gaussian. Budget: about 5 s of processor time per repetition.
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
    Patterns,
    RBMConfiguration,
    Trajectory,
    audio_levels,
    error_curves,
    error_metrics,
    repetitions,
    train,
)
from spikingsampling.simulation.encoding import CochleagramParameters

__all__ = ["PROTOCOL", "Configuration"]

CODES = ("threshold", "median", "gaussian")


class Configuration(RBMConfiguration):
    """Settings of the learning of sounds."""

    digits: tuple[int, ...] = Field((1,), min_length=1, description="digits heard")
    threshold: float = Field(0.87, ge=0, le=1, description="level above which an input is 1")
    cochleagram: CochleagramParameters = CochleagramParameters(
        n_channels=77, n_frames=8, compression=0.05, dynamic_range=80.0, gain_control=0.5
    )


def encode(levels: Patterns, code: str, threshold: float) -> Patterns:
    """Levels in one of the three codes; medians, means and spreads are those of the training sounds."""
    if code == "gaussian":
        mean = levels.train.mean(axis=0)
        # An input that never varies has nothing to tell, whatever it is divided by.
        spread = np.maximum(levels.train.std(axis=0), 1e-3)
        return Patterns((levels.train - mean) / spread, (levels.test - mean) / spread)
    border = threshold if code == "threshold" else np.median(levels.train, axis=0)
    return Patterns((levels.train > border).astype(float), (levels.test > border).astype(float))


def baseline(patterns: Patterns) -> float:
    """L1 error on held-out patterns of a machine without hidden units: the mean of the training patterns."""
    return float(np.abs(patterns.test - patterns.train.mean(axis=0)).mean())


def run(context: Run[Configuration]) -> dict[str, Any]:
    """Train a machine with each code of the same sounds."""
    c = context.configuration
    levels = audio_levels(c.data, c.digits, c.cochleagram)
    coded = {code: encode(levels, code, c.threshold) for code in CODES}
    trajectories: dict[str, list[Trajectory]] = {code: [] for code in CODES}
    shape = (-1, c.cochleagram.n_channels)
    rows = [("input", [x.reshape(shape) for x in levels.test[:4]])]
    for number, seed in repetitions(context, c.repetitions):
        order_seed, machine_seed = seed.spawn(2)
        for code, patterns in coded.items():
            visible = "gaussian" if code == "gaussian" else "binary"
            model = c.rbm.machine(patterns.train.shape[1], machine_seed, visible=visible)
            rng = np.random.default_rng(order_seed)
            trajectories[code].append(train(model, patterns, c.images, c.test_every, rng))
            if number == 0:
                shown = patterns.test[:4]
                made = model.reconstruct(shown, rng)
                rows.append((code, [x.reshape(shape) for x in shown]))
                rows.append(("reconstruction", [x.reshape(shape) for x in made]))
    curves = {code: error_curves(runs) for code, runs in trajectories.items()}
    context.save_figure(
        "2_errors",
        plot_errors(curves),
        "Reconstruction error on training and held-out words over the words shown: mean and range over the runs.",
    )
    context.save_figure(
        "2_reconstructions",
        plot_pictures(rows, upright=True),
        "Held-out words as spectra over time, and what a machine that learnt their digit makes of them.",
    )
    metrics: dict[str, Any] = {"n_train": len(levels.train), "n_test": len(levels.test)}
    for code, runs in trajectories.items():
        metrics |= error_metrics(code, runs)
        reference = baseline(coded[code])
        metrics[f"{code}.baseline_error"] = reference
        metrics[f"{code}.relative_error"] = estimate_mean([run.test_error[-1] / reference for run in runs])
        metrics[f"{code}.relative_gap"] = estimate_mean(
            [(run.test_error[-1] - run.train_error[-1]) / run.train_error[-1] for run in runs]
        )
    metrics["threshold.fraction_on"] = float(coded["threshold"].train.mean())
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
