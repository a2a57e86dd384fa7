"""Half of the parameters drawn anew twice: sampling, MAP, likelihood only.

Figures 8, 9 and 10 and sections 4.9 to 4.11 of Fournier's report. Each machine has a control that sees the same images
without lesions.

Expected on MNIST (seed 0, 5 repetitions, 95 % interval, ``test_every`` 250): error above the control 1250
images after the last lesion 0.0055 (0.0045 to 0.0065) with sampling, 0.0063 (0.0050 to 0.0076) with MAP,
0.0085 (0.0074 to 0.0095) with likelihood only. Budget: 1 min 30 s of processor time.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pydantic import Field, model_validator

from spikingsampling.cli import run_script
from spikingsampling.experiment.protocol import Protocol
from spikingsampling.experiment.repetitions import repetitions
from spikingsampling.experiment.run import Run
from spikingsampling.protocols.studies.rbm.configuration import RBMConfiguration, RBMSettings, bimodal
from spikingsampling.protocols.studies.rbm.figures import MODES, PIXEL, lesion_figures
from spikingsampling.protocols.studies.rbm.lesions import (
    Lesioned,
    LesionSchedule,
    lesion_metrics,
    train_with_lesions,
)
from spikingsampling.protocols.studies.rbm.patterns import image_patterns

__all__ = ["PROTOCOL", "Configuration"]


class Configuration(RBMConfiguration):
    """Settings of the lesions; the mode of ``rbm`` is not used."""

    digits: tuple[int, ...] = Field((1,), min_length=1, description="digits shown")
    test_every: int = Field(100, ge=1, le=10**8, description="images between two measurements")
    lesions: tuple[int, ...] = Field((2000, 4000), min_length=2, description="images before each lesion")
    part: float = Field(0.5, gt=0, le=1, description="part of the parameters that a lesion draws anew")
    rbm: RBMSettings = RBMSettings(prior=bimodal(0.15**0.5))

    @model_validator(mode="after")
    def _check_order(self) -> Configuration:
        if not (
            list(self.lesions) == sorted(set(self.lesions))
            and self.lesions[0] > 0
            and self.lesions[-1] < self.images
        ):
            raise ValueError(
                f"lesions = {self.lesions} must ascend and lie between 0 and images = {self.images}"
            )
        return self


def run(context: Run[Configuration]) -> dict[str, Any]:
    """Train with and without lesions in each mode, on the same images and with the same lesions."""
    c = context.configuration
    schedule = LesionSchedule(c.images, c.test_every, c.lesions, c.part)
    results: dict[str, list[Lesioned]] = {mode: [] for mode in MODES}
    for _, seed in repetitions(context, c.repetitions):
        data_seed, machine_seed, own = seed.spawn(3)
        patterns = image_patterns(c.data, c.digits, np.random.default_rng(data_seed))
        for mode, runs in results.items():
            lesioned, control = (
                c.rbm.machine(patterns.train.shape[1], machine_seed, mode=mode) for _ in range(2)
            )
            runs.append(train_with_lesions((lesioned, control), patterns, schedule, PIXEL, own))
    for name, figure, caption in lesion_figures(results, c.rbm.prior):
        context.save_figure(name, figure, caption)
    return lesion_metrics(results, schedule)


PROTOCOL = Protocol(
    configuration=Configuration,
    presets={
        "smoke": {"images": 60, "test_every": 10, "repetitions": 2, "lesions": [20, 40]},
        "quick": {},
        "real": {"data": "real"},
    },
    run=run,
)

if __name__ == "__main__":
    run_script(PROTOCOL)
