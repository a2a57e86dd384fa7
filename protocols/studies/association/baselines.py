"""Memories beside the spiking association network: their settings, their results over repetitions, and the table."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from spikingsampling.analysis import Estimate, estimate_mean
from spikingsampling.errors import DataError
from spikingsampling.experiment.metrics import scalars
from spikingsampling.models.association import MODALITIES
from spikingsampling.plotting.pictures import plot_pictures
from spikingsampling.protocols.studies.association.configuration import load_task
from spikingsampling.protocols.studies.association.memories import (
    BinaryTask,
    HopfieldMemory,
    Memory,
    Presentations,
    RBMMemory,
    Recalled,
)
from spikingsampling.tables import Table

__all__ = [
    "COLUMNS",
    "estimate_columns",
    "make_binary_task",
    "make_memories",
    "pictures",
    "read_association_runs",
    "recall_table",
    "table_rows",
]

#: The measures in the table, with their headings.
COLUMNS = {
    "audio_to_visual.accuracy": "audio → visual",
    "visual_to_audio.accuracy": "visual → audio",
    "joint.visual_accuracy": "joint, visual",
    "audio_to_visual.reconstruction_accuracy": "reconstructed image",
    "visual_to_audio.reconstruction_accuracy": "reconstructed sound",
}

#: By measure: a number, or one with its interval.
Row = Mapping[str, Estimate | float]


def make_binary_task(c: Any) -> BinaryTask:
    """Load, encode and binarise the data that a configuration of ``association_baselines`` names."""
    task = load_task(c.data, c.digits, c.speakers, c.evaluation, c.stimulation)
    return BinaryTask(task, dict(zip(MODALITIES, (c.image_level, c.sound_level), strict=True)))


def make_memories(c: Any, n_inputs: int, seed: np.random.SeedSequence) -> dict[str, Memory]:
    """All memories by name, before they have learnt, as a configuration of ``association_baselines`` wants them."""
    hebb, projection, machine, chains = seed.spawn(4)
    return {
        "hopfield_hebb": HopfieldMemory("hebb", c.hebb_patterns, hebb),
        "hopfield_projection": HopfieldMemory("projection", c.projected_patterns, projection),
        "rbm": RBMMemory(c.rbm.machine(n_inputs, machine), c.burn_in, c.averaged, chains),
    }


def read_association_runs(directories: Sequence[str]) -> dict[str, dict[str, float]]:
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
            rows[Path(directory).name] = {name: float(metrics[name]) for name in COLUMNS}  # type: ignore[arg-type]
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise DataError(
                f"association_runs: {path} is no result of a finished run of the protocol association ({error!r})"
            ) from None
    return rows


def estimate_columns(runs: Sequence[Mapping[str, float]]) -> dict[str, Estimate]:
    """Mean and 95 % interval of each measure over repetitions or runs.

    Accuracies lie between 0 and 1, correlations between −1 and 1.
    """
    return {
        name: estimate_mean([run[name] for run in runs], (-1.0, 1.0) if "correlation" in name else (0.0, 1.0))
        for name in runs[0]
    }


def table_rows(memories: Mapping[str, Row], spiking: Mapping[str, Mapping[str, float]]) -> dict[str, Row]:
    """The rows of the table: memories, each run of the spiking network, and the mean over several of these."""
    rows = {**memories, **{f"spiking, {name}": row for name, row in spiking.items()}}
    if len(spiking) > 1:
        rows[f"spiking, {len(spiking)} runs"] = estimate_columns(list(spiking.values()))
    return rows


def recall_table(rows: Mapping[str, Row], title: str = "") -> Table:
    """A line per memory: mean and 95 % interval where there is one."""

    def cell(value: Estimate | float | None) -> str:
        if value is None:  # a classifier reconstructs nothing
            return "–"
        return value.text() if isinstance(value, Estimate) else f"{value:.3f}"

    lines = [[name, *(cell(row.get(column)) for column in COLUMNS)] for name, row in rows.items()]
    return Table(["memory", *COLUMNS.values()], lines, title)


def pictures(
    testing: Presentations, recalled: Mapping[str, Mapping[str, Recalled]], shape: tuple[int, int]
) -> Figure:
    """What each memory recalls when it hears a sound: a row per memory, a column per presentation."""
    columns = range(min(10, len(testing.labels)))
    rows = [("shown with it", [testing.patterns["visual"][i].reshape(shape) for i in columns])]
    for name, tests in recalled.items():
        images = tests["auditory"].patterns["visual"]
        rows.append((name.replace("_", " "), [images[i].reshape(shape) for i in columns]))
    return plot_pictures(rows)
