"""Digit 1, then 2, then 1 again: learning something else and coming back.

Figures 7a, 7b and 7c and section 4.8 of Fournier's report. A second machine sees only the 2s from the start, to tell
how much slower a machine learns them that has learnt the 1s. A third one sees as many 1s and no 2s, to tell what the
2s cost.

Expected on MNIST (seed 0, 5 repetitions, 95 % interval, 2000 images per phase): error on the 1s higher by
0.034 (0.031 to 0.037) after the 2s, and lower by 0.009 (0.007 to 0.011) at the end than after phase one.
Budget: about 5 s of processor time per repetition.
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
from spikingsampling.protocols.studies.rbm.drawing import plot_errors, plot_pixels
from spikingsampling.protocols.studies.rbm.figures import pixel_panels
from spikingsampling.protocols.studies.rbm.patterns import image_patterns, pictures
from spikingsampling.protocols.studies.rbm.sequence import InTurn, learn_in_turn, sequence_metrics

__all__ = ["PROTOCOL", "Configuration"]

PIXELS = ((14, 14), (20, 10))


class Configuration(RBMConfiguration):
    """Settings of the three phases; ``images`` are shown in each."""

    phases: tuple[int, ...] = Field((1, 2, 1), min_length=3, max_length=3, description="digit of each phase")
    test_every: int = Field(250, ge=1, le=10**8, description="images between two measurements")


def run(context: Run[Configuration]) -> dict[str, Any]:
    """Train through the three phases, a fresh machine on the second digit alone, and one on the first."""
    c = context.configuration
    results: list[InTurn] = []
    rows: list[tuple[str, list[np.ndarray]]] = []
    for number, seed in repetitions(context, c.repetitions):
        data_seed, machine_seed, fresh_seed = seed.spawn(3)
        rng = np.random.default_rng(data_seed)
        patterns = [image_patterns(c.data, [digit], rng) for digit in c.phases[:2]]
        learner, fresh, pure = (
            c.rbm.machine(patterns[0].train.shape[1], own) for own in (machine_seed, fresh_seed, machine_seed)
        )
        results.append(learn_in_turn((learner, fresh, pure), patterns, c.images, c.test_every, PIXELS, rng))
        if number == 0:
            for digit, own in zip(c.phases[:2], patterns, strict=True):
                images = own.test[:4]
                rows.append((f"digit {digit}", pictures(images)))
                rows.append(("reconstruction", pictures(learner.reconstruct(images, rng))))
    marks = (c.images, 2 * c.images)
    errors = {
        ", then ".join(map(str, c.phases)): [result.trajectory for result in results],
        f"{c.phases[1]} only": [result.fresh for result in results],
    }
    context.save_figure(
        "7a_errors",
        plot_errors(errors, marks=marks),
        "Errors on the digit that is shown over the images shown. Dotted lines: that digit changes.",
    )
    example = results[0].trajectory
    context.save_figure(
        "7b_parameters",
        plot_pixels(example.steps, *pixel_panels(example, PIXELS), marks=marks),
        "Weights (a line per hidden unit) and biases of single pixels over the images shown. "
        "Dotted lines: the digit that is shown changes.",
    )
    context.save_figure(
        "7c_reconstructions",
        plot_pictures(rows),
        "Held-out images of both digits and their reconstructions at the end of the three phases.",
    )
    return sequence_metrics(results, PIXELS)


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
