"""Association by a Hopfield network and a joint restricted Boltzmann machine, beside the spiking network.

The stimuli of the protocol ``association`` as patterns of 0 and 1: an image and a sound of the same digit are one
pattern. Trained on random pairs, tested on held-out items with both modalities shown, a sound alone, an image alone.
Measures are those of ``association``: a linear readout fitted to training items with both modalities present and
tested on recalled ones, and how often the recalled pattern is closer to the mean of the right digit.

    spikingsampling run association_baselines --preset real --set 'association_runs=["DIR1","DIR2"]'

adds rows of finished runs of ``association``, read from their ``metrics.json``. The table is in the log, in
``table.txt`` and in ``metrics.json``; every value is a mean over repetitions (pairs, machine and test drawn anew).

Seen with ``real``, seed 0, 2 repetitions of 300 presentations (means; chance 0.5), audio → visual and visual → audio:
Hebb 1.000 and 0.928, projection 0.875 and 0.932, machine 1.000 and 0.957. The constants of both memories were chosen
on one draw of the test split. Intervals of every run are in its ``metrics.json``. A run that is resumed begins anew.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import Field
from spikingsampling.data import load_images, load_speech
from spikingsampling.models.association import MODALITIES
from spikingsampling.models.association_baselines import (
    BinaryTask,
    HopfieldMemory,
    Memory,
    Presentations,
    RBMMemory,
    Recalled,
    measure,
    recall_all,
)
from spikingsampling.models.association_task import AssociationTask, Stimulation
from spikingsampling.models.rbm_experiments import RBMSettings, estimate, repetitions

from spikingsampling.configuration import ProtocolConfiguration, write_text
from spikingsampling.errors import DataError
from spikingsampling.plotting.rbm import plot_pictures
from spikingsampling.protocol import Protocol
from spikingsampling.run import Run

__all__ = ["COLUMNS", "PROTOCOL", "Configuration"]

COLUMNS = {
    "audio_to_visual.accuracy": "audio → visual",
    "visual_to_audio.accuracy": "visual → audio",
    "joint.visual_accuracy": "joint, visual",
    "audio_to_visual.reconstruction_accuracy": "reconstructed image",
    "visual_to_audio.reconstruction_accuracy": "reconstructed sound",
}
IMAGE = (28, 28)


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
            metrics = json.loads(path.read_text(encoding="utf-8"))
            rows[Path(directory).name] = {name: float(metrics[name]) for name in COLUMNS}
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DataError(
                f"association_runs: {path} is no result of a finished run of the protocol association ({error!r})"
            ) from None
    return rows


def table(rows: dict[str, dict[str, Any]]) -> str:
    """One line per memory: mean ± half the 95 % interval where there is one."""
    width = max(len(name) for name in rows)
    lines = [" " * width + "  " + "  ".join(f"{heading:>19}" for heading in COLUMNS.values())]
    for name, row in rows.items():
        cells = []
        for column in COLUMNS:
            value = row[column]
            if isinstance(value, dict):
                half = (value["interval"][1] - value["interval"][0]) / 2
                cells.append(f"{value['value']:.3f} ± {half:.3f}")
            else:
                cells.append(f"{value:.3f}")
        lines.append(name.ljust(width) + "  " + "  ".join(f"{cell:>19}" for cell in cells))
    return "\n".join(lines)


def pictures(task: BinaryTask, testing: Presentations, found: dict[str, dict[str, Recalled]]) -> Any:
    """What each memory sees when it hears: a row per memory, a column per presentation."""
    columns = range(min(10, len(testing.labels)))
    shown = [("shown with it", [testing.patterns["visual"][i].reshape(IMAGE) for i in columns])]
    for name, recalled in found.items():
        images = recalled["auditory"].patterns["visual"]
        shown.append((name.replace("_", " "), [images[i].reshape(IMAGE) for i in columns]))
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
            context.save_figure("seen_when_hearing", pictures(task, testing, found))
    rows: dict[str, dict[str, Any]] = {
        name: {column: estimate([run[column] for run in runs]) for column in runs[0]}
        for name, runs in values.items()
    }
    text = table({**rows, **{f"spiking, {name}": row for name, row in spiking.items()}})
    write_text(context.directory / "table.txt", text + "\n")
    context.log.info("held-out items, chance %.2f\n%s", 1 / len(c.digits), text)
    metrics = {f"{name}.{column}": value for name, row in rows.items() for column, value in row.items()}
    for name, row in spiking.items():
        metrics |= {f"spiking.{name}.{column}": value for column, value in row.items()}
    return metrics


PROTOCOL = Protocol(
    name="association_baselines",
    summary="A Hopfield network and a joint RBM on the task of the association network",
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
    default_preset="quick",
    run=run,
)

if __name__ == "__main__":
    PROTOCOL.main()
