"""Association by a Hopfield network and a joint restricted Boltzmann machine, beside the spiking network.

The stimuli of the protocol ``association`` as patterns of 0 and 1: an image and a sound of the same digit are one
pattern. Trained on random pairs, tested on held-out items with both modalities shown, a sound alone, an image alone.
Measures are those of ``association``: a linear readout fitted to training items with both modalities present and
tested on recalled ones, and how often the recalled pattern is closer to the mean of the right digit.

    spikingsampling run association_baselines --preset real --set 'association_runs=["DIR1","DIR2"]'

adds rows of finished runs of ``association``, read from their ``metrics.json``. The table is printed, and is in
``table.txt`` and ``metrics.json``; values are means over repetitions (pairs, machine and test drawn anew).

Seen with seed 0, 5 repetitions, 5000 training pairs (Hebb's rule: the first 2000, projection: 100), 600 presentations
per test, half 95 % intervals (Student's t over repetitions, or over runs of the spiking network), chance 0.5; 80 s of
one core each. Embedded data (``quick``; spiking network: seeds 0 and 1 of its ``quick``, 30 min)::

    memory               audio → visual  visual → audio  joint, visual  reconstructed image  reconstructed sound
    hopfield_hebb         1.000 ± 0.000   1.000 ± 0.000  0.975 ± 0.017        1.000 ± 0.000        1.000 ± 0.000
    hopfield_projection   0.985 ± 0.041   0.889 ± 0.062  0.975 ± 0.017        0.978 ± 0.049        0.889 ± 0.062
    rbm                   1.000 ± 0.000   0.985 ± 0.014  0.975 ± 0.017        0.979 ± 0.036        0.985 ± 0.014
    spiking, quick-0              0.960           0.872          0.972                0.958                0.872
    spiking, quick-1              0.973           0.892          0.977                0.972                0.892
    spiking, 2 runs       0.967 ± 0.085   0.882 ± 0.127  0.974 ± 0.032        0.965 ± 0.085        0.882 ± 0.127

Published data (``real``, one speaker; spiking network: seeds 1 to 3 of its ``real``, 90 min)::

    memory               audio → visual  visual → audio  joint, visual  reconstructed image  reconstructed sound
    hopfield_hebb         1.000 ± 0.000   0.926 ± 0.018  0.987 ± 0.003        1.000 ± 0.000        0.926 ± 0.018
    hopfield_projection   0.762 ± 0.184   0.938 ± 0.047  0.987 ± 0.003        0.498 ± 0.037        0.937 ± 0.049
    rbm                   0.987 ± 0.036   0.967 ± 0.007  0.987 ± 0.003        0.975 ± 0.042        0.967 ± 0.007
    spiking, real-1               0.977           0.950          0.983                0.975                0.943
    spiking, real-2               0.965           0.952          0.992                0.948                0.952
    spiking, real-3               0.937           0.965          0.968                0.888                0.965
    spiking, 3 runs       0.959 ± 0.051   0.956 ± 0.020  0.981 ± 0.029        0.937 ± 0.110        0.953 ± 0.027

``joint, visual`` is the same for all three since a pattern that is wholly shown stays as it is: there the readout is
measured, not the memory. On published data projection of 100 pairs makes fragments of images from a sound, no closer
to the mean of the right digit than to the other; Hebb's images are thick masks of the two means.

The memories have seen test items through their constants: how many patterns they store, the threshold of the Hopfield
network's first step, the machine's size, learning rule and chains were chosen on one draw of the test split, for there
is no validation split; how the two levels were chosen is not recorded. Their accuracies may thus be too high. A run
that is resumed begins anew.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import Field

from spikingsampling.analysis import Estimate, estimate_mean
from spikingsampling.cli import run_script
from spikingsampling.data import IMAGE_SHAPE, load_images, load_speech
from spikingsampling.errors import DataError
from spikingsampling.experiment.configuration import ProtocolConfiguration, write_text
from spikingsampling.experiment.metrics import scalars
from spikingsampling.experiment.protocol import Protocol
from spikingsampling.experiment.repetitions import repetitions
from spikingsampling.experiment.run import Run
from spikingsampling.models.association.network import MODALITIES
from spikingsampling.models.association.task import AssociationTask, Stimulation
from spikingsampling.plotting.pictures import plot_pictures
from spikingsampling.protocols.studies.association.memories import (
    BinaryTask,
    HopfieldMemory,
    Memory,
    Presentations,
    RBMMemory,
    Recalled,
    measure,
    recall_all,
)
from spikingsampling.protocols.studies.rbm.configuration import RBMSettings

__all__ = ["COLUMNS", "PROTOCOL", "Configuration"]

COLUMNS = {
    "audio_to_visual.accuracy": "audio → visual",
    "visual_to_audio.accuracy": "visual → audio",
    "joint.visual_accuracy": "joint, visual",
    "audio_to_visual.reconstruction_accuracy": "reconstructed image",
    "visual_to_audio.reconstruction_accuracy": "reconstructed sound",
}


class Configuration(ProtocolConfiguration):
    """Settings of the baselines."""

    digits: tuple[int, ...] = Field((1, 2), min_length=2, description="the digits to associate")
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
    rbm: RBMSettings = RBMSettings(n_hidden=40, mode="likelihood", k=1)
    stimulation: Stimulation = Stimulation()
    association_runs: tuple[str, ...] = Field(
        (), description="directories of finished runs of the protocol association, for the table"
    )


def make_task(c: Configuration) -> BinaryTask:
    """Load, encode and binarise the data."""
    splits = ("train", "test")
    task = AssociationTask.make(
        c.digits,
        {split: load_images(c.data, split, c.digits) for split in splits},
        {split: load_speech(c.data, split, c.digits, c.speakers) for split in splits},
        c.stimulation,
    )
    return BinaryTask(task, dict(zip(MODALITIES, (c.image_level, c.sound_level), strict=True)))


def make_memories(c: Configuration, n_inputs: int, seed: np.random.SeedSequence) -> dict[str, Memory]:
    """All memories by name, nothing learnt yet."""
    hebb, projection, machine, chains = seed.spawn(4)
    return {
        "hopfield_hebb": HopfieldMemory("hebb", c.hebb_patterns, hebb),
        "hopfield_projection": HopfieldMemory("projection", c.projected_patterns, projection),
        "rbm": RBMMemory(c.rbm.machine(n_inputs, machine), c.burn_in, c.averaged, chains),
    }


def published(directories: Sequence[str]) -> dict[str, dict[str, float]]:
    """The columns of the table by run directory of ``association``.

    Raises
    ------
    DataError
        There is no ``metrics.json`` of that protocol in a directory.
    """
    rows = {}
    for directory in directories:
        path = Path(directory) / "metrics.json"
        try:
            metrics = scalars(json.loads(path.read_text(encoding="utf-8")))
            rows[Path(directory).name] = {name: float(metrics[name]) for name in COLUMNS}
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DataError(
                f"association_runs: {path} is no result of a finished run of the protocol association ({error!r})"
            ) from None
    return rows


def _estimate(name: str, runs: Sequence[dict[str, float]]) -> Estimate:
    """Mean over runs of a correlation or a fraction."""
    bounds = (-1.0, 1.0) if "correlation" in name else (0.0, 1.0)
    return estimate_mean([run[name] for run in runs], bounds)


def table(rows: dict[str, dict[str, Any]]) -> str:
    """A Markdown table, one line per memory: the mean, with its 95 % interval where there is one."""
    lines = [["memory", *COLUMNS.values()], ["---"] * (1 + len(COLUMNS))]
    for name, row in rows.items():
        cells = []
        for value in (row[column] for column in COLUMNS):
            cells.append(value.text() if isinstance(value, Estimate) else f"{value:.3f}")
        lines.append([name, *cells])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def pictures(task: BinaryTask, testing: Presentations, found: dict[str, dict[str, Recalled]]) -> Any:
    """What each memory sees when it hears: a row per memory, a column per presentation."""
    columns = range(min(10, len(testing.labels)))
    shown = [("shown with it", [testing.patterns["visual"][i].reshape(IMAGE_SHAPE) for i in columns])]
    for name, recalled in found.items():
        images = recalled["auditory"].patterns["visual"]
        shown.append((name.replace("_", " "), [images[i].reshape(IMAGE_SHAPE) for i in columns]))
    return plot_pictures(shown)


def run(context: Run[Configuration]) -> dict[str, Any]:
    """Train and test all memories on the same presentations in each repetition."""
    c = context.configuration
    spiking = published(c.association_runs)
    task = make_task(c)
    values: dict[str, list[dict[str, float]]] = {}
    for number, seed in repetitions(context, c.repetitions):
        drawn, machines = seed.spawn(2)
        rng = np.random.default_rng(drawn)
        training = task.draw(c.pairs, "train", rng)
        testing = task.draw(c.presentations, "test", rng)
        found = {}
        for name, memory in make_memories(c, training.joint.shape[1], machines).items():
            memory.learn(training.joint)
            found[name] = recall_all(memory, testing)
            values.setdefault(name, []).append(measure(training, found[name]))
        if number == 0:
            context.save_figure(
                "seen_when_hearing",
                pictures(task, testing, found),
                "Images that each memory completes when only a sound is given, beside the truth.",
            )
    rows: dict[str, dict[str, Any]] = {
        name: {column: _estimate(column, runs) for column in runs[0]} for name, runs in values.items()
    }
    beside = {f"spiking, {name}": row for name, row in spiking.items()}
    if len(spiking) > 1:
        runs = list(spiking.values())
        beside[f"spiking, {len(runs)} runs"] = {name: _estimate(name, runs) for name in COLUMNS}
    text = table({**rows, **beside})
    write_text(context.directory / "table.txt", text + "\n")
    print(f"held-out items, {c.repetitions} repetitions, chance {1 / len(c.digits):.2f}\n{text}", flush=True)
    metrics = {f"{name}.{column}": value for name, row in rows.items() for column, value in row.items()}
    for name, row in spiking.items():
        metrics |= {f"spiking.{name}.{column}": value for column, value in row.items()}
    return metrics


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
