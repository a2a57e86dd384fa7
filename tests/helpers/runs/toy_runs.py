"""A protocol that counts segments, for the tests of the command line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from spikingsampling.errors import Interrupted
from spikingsampling.experiment.configuration import ProtocolConfiguration
from spikingsampling.experiment.protocol import Protocol
from spikingsampling.experiment.run import Run
from spikingsampling.network.parameters import CircuitParameters

__all__ = ["SEGMENTS", "Configuration", "fail", "learn", "metrics", "protocol", "write_program"]

SEGMENTS = 4


class Configuration(ProtocolConfiguration):
    circuit: CircuitParameters = CircuitParameters()
    digits: tuple[int, ...] = (1, 2)


def learn(run: Run[Configuration]) -> Mapping[str, Any]:
    """Count segments in a file, as a simulation keeps its state in a checkpoint."""
    state = run.directory / "state"
    done = int(state.read_text()) if run.resuming and state.exists() else 0
    run.progress.start(SEGMENTS, "train", done)
    for segment in range(done, SEGMENTS):
        if (run.directory / "break").exists() and segment == 2:
            raise Interrupted
        state.write_text(str(segment + 1))
        run.progress.advance(1.0, active_synapses=segment, label="train")
    run.log.info("learnt")
    return {
        "digits": len(run.configuration.digits),
        "seed": run.configuration.seed,
        "accuracy": {"value": np.float64(0.95), "n": np.int64(600), "interval": np.array([0.93, 0.97])},
        "nothing": float("nan"),
        "resumed": run.resuming,
    }


def fail(error: Exception) -> Any:
    def run(context: Run[Configuration]) -> Mapping[str, Any]:
        raise error

    return run


def write_program(configuration: Configuration, directory: Path) -> str:
    (directory / "main.cpp").write_text(f"// {configuration.seed} {configuration.engine}")
    return "SEED=3 ./main"


def protocol(run: Any = learn, **changes: Any) -> Protocol[Configuration]:
    presets = {"quick": {}, "smoke": {"seed": 5, "circuit": {"temperature": 0.5}}}
    return Protocol(Configuration, presets, run, name="toy", **changes)


def metrics(directory: str) -> dict[str, Any]:
    return json.loads(Path(directory, "metrics.json").read_text())
