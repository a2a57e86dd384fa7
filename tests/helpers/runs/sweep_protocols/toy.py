"""A protocol that takes its time and keeps a checkpoint, for the tests of sweeps."""

from __future__ import annotations

import json
import os
import time
from typing import Any

import numpy as np

from spikingsampling.errors import DataError
from spikingsampling.experiment.configuration import ProtocolConfiguration
from spikingsampling.experiment.protocol import Protocol
from spikingsampling.experiment.run import Run
from spikingsampling.parameters import Parameters


class Circuit(Parameters):
    temperature: float = 1.0


class Configuration(ProtocolConfiguration):
    circuit: Circuit = Circuit()
    segments: int = 4
    pause: float = 0.05
    needs: str = ""


def run(context: Run[Configuration]) -> dict[str, Any]:
    """A random walk; every start and every segment leaves a line in ``history``."""
    c, state, history = context.configuration, context.directory / "state", context.directory / "history"
    walk = json.loads(state.read_text()) if state.exists() else []
    with history.open("a") as file:
        file.write(f"start {os.getpid()} {os.environ['OMP_NUM_THREADS']}\n")
        file.flush()
        for index in range(len(walk), c.segments):
            time.sleep(c.pause)
            walk.append(float(np.random.default_rng([c.seed, index]).normal(c.circuit.temperature)))
            temporary = state.with_suffix(".tmp")
            temporary.write_text(json.dumps(walk))
            os.replace(temporary, state)
            file.write(f"segment {index}\n")
            file.flush()
            context.stop_if_interrupted()
    if c.needs and not os.path.exists(c.needs):
        raise DataError(f"{c.needs} is not there")
    return {"mean": {"value": np.mean(walk), "n": len(walk), "interval": [min(walk), max(walk)]}}


PROTOCOL = Protocol(Configuration, {"quick": {}}, run)
