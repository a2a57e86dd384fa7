"""Association by Hopfield networks, a joint restricted Boltzmann machine and k-means, beside the spiking network.

The stimuli of the protocol ``association`` as patterns of 0 and 1: an image and a sound of the same digit are one
pattern. Trained on random pairs, tested on held-out items with both modalities shown, a sound alone, an image alone.
Measures are those of ``association``: a linear readout fitted to training items with both modalities present and
tested on recalled ones, and how often the recalled pattern is closer to the mean of the right digit. K-means and a
linear classifier get the stimuli as rates: circuits of as many clusters as the spiking network has neurons, and a
ceiling that knows the labels.

    spikingsampling run association_baselines --preset real --set 'association_runs=["DIR1","DIR2"]'

adds rows of finished runs of ``association``. The table is printed, and is in ``table.txt`` and ``metrics.json``;
values are means over repetitions (pairs, machine and test drawn anew). A run that is resumed begins anew.

What to expect, ``real``, chance 0.5: Hebb's rule and the RBM recall both directions with 0.93 … 1.00, projection only
0.76 from sounds; the spiking network 0.96 and 0.96. ``joint, visual`` is the same for all memories, since a pattern
that is wholly shown stays as it is. Constants of the memories were chosen on one draw of the test split, before
there was a validation split: their accuracies may be too high. 80 s on one core. Tables:
``docs/results/baselines.md``.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from pydantic import Field

from spikingsampling.cli import run_script
from spikingsampling.data import ClassName, ImageSoundData
from spikingsampling.experiment.configuration import ProtocolConfiguration
from spikingsampling.experiment.protocol import Protocol
from spikingsampling.experiment.repetitions import repetitions
from spikingsampling.experiment.run import Run
from spikingsampling.files import write_text
from spikingsampling.models.association import Stimulation
from spikingsampling.models.association.splits import Evaluation
from spikingsampling.protocols.studies.association.baselines import (
    estimate_columns,
    make_binary_task,
    make_memories,
    pictures,
    read_association_runs,
    recall_table,
    table_rows,
)
from spikingsampling.protocols.studies.association.clusters import (
    ClusterMemory,
    analog_patterns,
    measure_ceiling,
    measure_clusters,
)
from spikingsampling.protocols.studies.association.configuration import CLASSES, EVALUATION
from spikingsampling.protocols.studies.association.memories import measure, recall_all
from spikingsampling.protocols.studies.rbm.configuration import RBMSettings

__all__ = ["PROTOCOL", "Configuration"]


class Configuration(ProtocolConfiguration):
    """Settings of the baselines."""

    data: ImageSoundData = ImageSoundData()
    digits: tuple[ClassName, ...] = CLASSES
    speakers: tuple[str, ...] | None = Field(None, description="speakers; none for all")
    pairs: int = Field(5000, ge=2, le=10**7, description="presentations in training")
    presentations: int = Field(600, ge=2, le=10**6, description="presentations in each test")
    repetitions: int = Field(5, ge=2, le=1000, description="runs, each with a seed of its own")
    image_level: float = Field(
        0.5, gt=0, lt=1, description="part of the highest rate above which a pixel is on"
    )
    sound_level: float = Field(0.3, gt=0, lt=1, description="the same of a channel of a sound")
    hebb_patterns: int = Field(2000, ge=1, le=10**6, description="pairs stored by Hebb's rule, at most")
    projected_patterns: int = Field(100, ge=1, le=10**4, description="pairs stored by projection, at most")
    burn_in: int = Field(50, ge=0, le=10**6, description="Gibbs steps before the machine's answer")
    averaged: int = Field(50, ge=1, le=10**6, description="Gibbs steps that are averaged")
    circuits: int = Field(4, ge=1, le=1000, description="circuits of k-means for each modality")
    circuit_size: int = Field(10, ge=2, le=10**4, description="clusters of a circuit")
    rbm: RBMSettings = RBMSettings(n_hidden=40, mode="likelihood", k=1)
    stimulation: Stimulation = Stimulation()
    evaluation: Evaluation = EVALUATION
    association_runs: tuple[str, ...] = Field(
        (), description="directories of finished runs of the protocol association, for the table"
    )

    def pinned(self) -> Self:
        """The same settings with the hash of the user's own data."""
        return self.replace(data=self.data.pinned(self.digits))


def run(context: Run[Configuration]) -> dict[str, Any]:
    """Train and test all memories on the same presentations in each repetition."""
    c = context.configuration
    spiking = read_association_runs(c.association_runs)
    task = make_binary_task(c)
    values: dict[str, list[dict[str, float]]] = {}
    for number, seed in repetitions(context, c.repetitions):
        items, machines, means = seed.spawn(3)
        rng = np.random.default_rng(items)
        training = task.draw(c.pairs, "train", rng)
        testing = task.draw(c.presentations, "test", rng)
        recalled = {}
        for name, memory in make_memories(c, training.joint.shape[1], machines).items():
            memory.learn(training.joint)
            recalled[name] = recall_all(memory, testing)
            values.setdefault(name, []).append(measure(training, recalled[name]))
        clusters = ClusterMemory(c.circuits, c.circuit_size, means)
        clusters.learn(analog_patterns(task.task, training))
        values.setdefault("k_means", []).append(measure_clusters(clusters, task.task, training, testing))
        values.setdefault("linear_classifier", []).append(measure_ceiling(task.task, training, testing))
        if number == 0:
            context.save_figure(
                "seen_when_hearing",
                pictures(testing, recalled, task.task.image_shape),
                "Images that each memory completes when only a sound is given, below the image shown with it.",
            )
    memories = {name: estimate_columns(runs) for name, runs in values.items()}
    title = f"held-out items, {c.repetitions} repetitions, chance {1 / len(c.digits):.2f}"
    table = recall_table(table_rows(memories, spiking), title)
    write_text(context.directory / "table.txt", table.markdown() + "\n")
    print(table.text(), flush=True)
    rows = {**memories, **{f"spiking.{name}": row for name, row in spiking.items()}}
    return {f"{name}.{column}": value for name, row in rows.items() for column, value in row.items()}


PROTOCOL = Protocol(
    configuration=Configuration,
    presets={
        "smoke": {
            "pairs": 40,
            "presentations": 20,
            "repetitions": 2,
            "burn_in": 3,
            "averaged": 3,
            "rbm": {"n_hidden": 5},
            "stimulation": {"max_images": 20},
        },
        "quick": {},
        "real": {"data": "real", "speakers": ["jackson"]},
        "speakers": {"data": "real"},
    },
    run=run,
)

if __name__ == "__main__":
    run_script(PROTOCOL)
