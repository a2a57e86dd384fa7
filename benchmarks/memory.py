"""The memory that the compiled program of a large circuit takes, in bytes per synapse."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console

from spikingsampling.engines import Drive, StandaloneEngine
from spikingsampling.engines.programs.program import Program
from spikingsampling.network.state import initial_state
from spikingsampling.network.timing import Timing

from . import cases, harness
from .programs import ours

__all__ = ["Use", "measure"]

#: Starts the program as a child of its own, since what a process may have used counts for what it turns into.
_LAUNCHER = """#!/bin/sh
exec {python} -S -c '
import os, sys
os.chdir(sys.argv[1])
_, status, used = os.wait4(os.spawnv(os.P_NOWAIT, "main", ["main", *sys.argv[3:]]), 0)
with open(sys.argv[2], "w") as file:
    file.write(str(used.ru_maxrss))
sys.exit(os.waitstatus_to_exitcode(status))
' {program} {peak} "$@"
"""


@dataclass(frozen=True)
class Use:
    """What one segment of a network took.

    Attributes
    ----------
    n_synapses : int
    peak : int
        Largest resident memory of the program (bytes).
    files : int
        Size of the files by which it got its input (bytes), which may lie in memory.
    seconds : float
        Wall time for each simulated second.
    """

    n_synapses: int
    peak: int
    files: int
    seconds: float

    @property
    def per_synapse(self) -> float:
        """Bytes per synapse at the peak."""
        return self.peak / self.n_synapses


def measure(case: cases.Case, seconds: float) -> Use:
    """Simulate so many seconds from rest as one segment, at a minute most.

    Raises
    ------
    ParameterError
        ``seconds`` is not a whole number of update periods of the prior, or above 60.
    """
    network = ours.network_of(case)
    timing = Timing(
        case.dt, case.pattern_duration, case.update_period, ours.SEGMENT, case.parameters.lateral_delay
    )
    engine = StandaloneEngine(network, timing, case.rates)
    state = initial_state(network, np.random.default_rng(1), timing)
    files = sum(value.nbytes for value in state.values()) + network.n_synapses * 8  # the weights beside θ
    frames = np.arange(round(seconds / timing.frame_period)) % len(case.schedule)
    with tempfile.TemporaryDirectory() as folder:
        launcher, peak = Path(folder, "main"), Path(folder, "peak")
        names = {"python": sys.executable, "program": engine.program.directory, "peak": peak}
        launcher.write_text(_LAUNCHER.format(**{key: shlex.quote(str(name)) for key, name in names.items()}))
        launcher.chmod(0o755)
        engine.program = Program(Path(folder), engine.program.files)
        start = time.perf_counter()
        engine.advance(state, Drive(seconds, case.schedule[frames][:, None]), "sampling", 1)
        wall = time.perf_counter() - start
        engine.close()
        return Use(network.n_synapses, 1024 * int(peak.read_text()), files, wall / seconds)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.memory", description=__doc__)
    parser.add_argument(
        "--inputs", type=harness.count, default=100_000, help="of the circuit (default: 100,000)"
    )
    parser.add_argument("--neurons", type=harness.count, default=100, help="of the circuit (default: 100)")
    parser.add_argument(
        "--seconds", type=harness.count, default=60, help="simulated time, at most 60 (default: 60)"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results to this file as well")
    a = parser.parse_args(argv)
    console, machine = Console(), harness.machine()
    console.print(", ".join(f"{key} {value}" for key, value in machine.items()), highlight=False)
    use = measure(cases.circuit(a.inputs, a.neurons), float(a.seconds))
    console.print(
        f"{use.n_synapses:,} synapses: {use.per_synapse:.1f} bytes per synapse ({use.peak / 1e6:.0f} MB), "
        f"{use.files / 1e6:.0f} MB of files, {use.seconds:.3g} s for each of {a.seconds} simulated seconds",
        highlight=False,
    )
    if a.json:
        found = {"n_synapses": use.n_synapses, "bytes_per_synapse": use.per_synapse, "peak": use.peak}
        found |= {"files": use.files, "seconds_per_simulated_second": use.seconds, "machine": machine}
        a.json.write_text(json.dumps(found, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
