"""A toy <of> few neurons: run directories made by hand, for the tests of reports, exports and comparisons."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from helpers.runs import recording_samples
from spikingsampling.experiment.configuration import ProtocolConfiguration, RunFile
from spikingsampling.experiment.protocol import Protocol
from spikingsampling.network.parameters import CircuitParameters
from spikingsampling.sweeps.plan import Plan
from spikingsampling.sweeps.sweep import Sweep

METRICS = {
    "recall.accuracy": {"value": 0.9625, "n": 600, "interval": [0.9525, 0.9725], "chance": 0.5},
    "joint.accuracy": {"value": 0.8125, "n": 300, "interval": [0.7125, 0.9125], "bounds": [0, 1]},
    "nothing": None,
    "n_synapses": 28,
    "learning_curve": {"seconds": [600.0, 1200.0], "recall.accuracy": [0.7, 0.9625]},
    "simulated_seconds": 40.0,
    "wall_seconds": 12.5,
    "peak_memory_mib": 210.4,
    "version": "0.1.0",
}

LOG = """\
2026-11-01 10:00:00,123 INFO spikingsampling.run: started: toy 0.1.0
2026-11-01 10:00:00,200 INFO spikingsampling.run: machine: Linux 6.1 x86_64, 4 cores
2026-11-01 10:00:03,000 WARNING spikingsampling.run: few stimuli: intervals are <wide>
2026-11-01 10:00:04,000 DEBUG spikingsampling.progress: train: 20.00 s of 40.00 s, speed 9×, 1.00 s left, 14 synapses
2026-11-01 10:00:05,000 INFO spikingsampling.run: after 20 s of training: recall.accuracy 0.700
2026-11-01 10:00:10,000 INFO spikingsampling.run: finished
"""


class Configuration(ProtocolConfiguration):
    circuit: CircuitParameters = CircuitParameters()


PROTOCOL = Protocol(Configuration, {"quick": {}}, lambda run: {}, name="toy")


def write_run(
    directory: Path,
    metrics: Mapping[str, Any] | None = METRICS,
    *,
    seed: int = 0,
    temperature: float = 0.5,
    recordings: tuple[str, ...] = ("",),
    figures: tuple[str, ...] = ("learning_curve", "reconstructions_from_<sound>"),
) -> Path:
    """A run directory; ``recordings`` are folders in it, "" for itself."""
    directory.mkdir(parents=True)
    for part in recordings:
        scratch = directory.with_name(f"{directory.name}-{part or 'whole'}")
        recording_samples.simulate(scratch)
        (directory / part).mkdir(exist_ok=True)
        for file in scratch.iterdir():
            file.rename(directory / part / file.name)
    configuration = Configuration(seed=seed, circuit=CircuitParameters(temperature=temperature))
    RunFile("toy", "quick", configuration.to_mapping()).write(directory / "config.toml", Configuration)
    (directory / "log.txt").write_text(LOG)
    if metrics is not None:
        (directory / "metrics.json").write_text(json.dumps(metrics))
    for name in figures:
        (directory / "figures").mkdir(exist_ok=True)
        figure = Figure(figsize=(4, 3))
        figure.subplots().plot([0, 1], [1, 0])
        figure.savefig(directory / "figures" / f"{name}.png", dpi=150)
    return directory


def write_sweep(directory: Path, failed: int | None = None) -> Path:
    directory.mkdir()
    plan = Plan("toy", "quick", (0, 1, 2), {"circuit.temperature": (0.25, 0.5)})
    plan.write(directory)
    sweep = Sweep.open(directory)
    for index, (run, cell) in enumerate(zip(sweep.runs, plan.cells(), strict=True)):
        value = 0.5 + cell["circuit.temperature"] + 0.01 * cell["seed"] ** 2
        metrics = None if index == failed else {**METRICS, "joint.accuracy": value}
        arguments = {"seed": cell["seed"], "temperature": cell["circuit.temperature"]}
        write_run(run, metrics, recordings=(), figures=(), **arguments)
        if index == failed:
            (run / "error.txt").write_text("Traceback\nthe <disk> is full")
    return directory
