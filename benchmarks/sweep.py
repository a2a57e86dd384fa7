"""A sweep on several workers against the same runs one after another, each a process of its own.

Programs are compiled before anything is timed. Blocks of both kinds take turns, so that other work on the machine
slows both. Runs take equally long, so that a part of them (``--one-by-one``) tells how long all would take one after
another; the table says how many were run. What scheduling costs is the processor time of the sweep beyond that of its
runs, which say themselves what they took, as far as it exceeds the same for single runs (start and end of a process).
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from . import harness

__all__ = ["Block", "Cost", "compare", "cost_of"]

_COMMAND = (sys.executable, "-m", "spikingsampling")
_ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MPLBACKEND": "Agg"}


@dataclass(frozen=True)
class Cost:
    """What some runs took, per run (s): wall time, processor time, and what of the latter is not the runs' own."""

    n_runs: int
    wall: float
    cpu: float
    overhead: float


@dataclass(frozen=True)
class Block:
    """The same protocol in both ways."""

    sequential: Cost
    sweep: Cost

    @property
    def ratio(self) -> float:
        """Wall time of the sweep to that of its runs one after another."""
        return self.sweep.wall / self.sequential.wall

    @property
    def scheduling(self) -> float:
        """Processor time that scheduling takes, as a fraction of that of the runs."""
        return (self.sweep.overhead - self.sequential.overhead) / self.sequential.cpu


def cost_of(commands: Sequence[Sequence[str]], runs: Callable[[], Sequence[Path]]) -> Cost:
    """Run commands one after another; ``runs`` names the run directories that they leave.

    Raises
    ------
    BenchmarkError
        One of them failed.
    """
    wall = cpu = 0.0
    for command in commands:
        start = time.perf_counter()
        with tempfile.TemporaryFile() as errors:
            process = subprocess.Popen(command, env=_ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=errors)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode:
                errors.seek(0)
                raise harness.BenchmarkError(f"{' '.join(command)}: {errors.read().decode()[-1000:]}")
        wall += time.perf_counter() - start
        cpu += usage.ru_utime + usage.ru_stime
    results = [json.loads((run / "metrics.json").read_text()) for run in runs()]
    own_seconds = sum(metrics["cpu_seconds"] for metrics in results)
    return Cost(len(results), wall / len(results), cpu / len(results), (cpu - own_seconds) / len(results))


def compare(
    protocol: str,
    preset: str,
    runs: int,
    workers: int,
    blocks: int,
    one_by_one: int,
    settings: Sequence[str],
) -> list[Block]:
    """Do ``runs`` runs as sweeps in ``blocks`` blocks, and ``one_by_one`` of each block one after another."""
    shared = [protocol, "--preset", preset, *(part for text in settings for part in ("--set", text))]
    per_block = runs // blocks
    cost_blocks = []
    with tempfile.TemporaryDirectory(prefix="spikingsampling-sweep-") as scratch:
        folder = Path(scratch)

        def single(seed: int) -> Path:
            return folder / f"run-{seed}"

        def command(seed: int) -> list[str]:
            return [*_COMMAND, "run", *shared, "--seed", str(seed), "--out", str(single(seed))]

        cost_of([[*command(runs)]], lambda: [single(runs)])  # compiles
        for block in range(blocks):
            first, stop = block * per_block, (block + 1) * per_block
            seeds = range(first, first + one_by_one)
            directory = folder / f"sweep-{block}"
            arguments = [*_COMMAND, "sweep", *shared, "--seeds", f"{first}:{stop}", "--workers", str(workers)]
            arguments += ["--out", str(directory)]

            def sequential(seeds: range = seeds) -> Cost:
                return cost_of([command(seed) for seed in seeds], lambda: [single(seed) for seed in seeds])

            def sweep(arguments: list[str] = arguments, directory: Path = directory) -> Cost:
                return cost_of([arguments], lambda: sorted(directory.glob("runs/*")))

            # Which comes first changes, so that a drift of the machine favours neither.
            if block % 2:
                sweep_cost, sequential_cost = sweep(), sequential()
            else:
                sequential_cost, sweep_cost = sequential(), sweep()
            cost_blocks.append(Block(sequential_cost, sweep_cost))
    return cost_blocks


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--protocol", default="association")
    parser.add_argument("--preset", default="quick")
    parser.add_argument("--set", action="append", default=[], dest="settings", metavar="KEY=VALUE")
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("--blocks", type=int, default=2)
    parser.add_argument("--one-by-one", type=int, help="runs of a block one after another (default: all)")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", type=Path)
    a = parser.parse_args(argv)
    if not (a.blocks >= 1 and a.runs >= a.blocks and a.runs % a.blocks == 0):
        parser.error(f"--runs {a.runs} --blocks {a.blocks}: must be a whole number of runs per block")
    per_block = a.runs // a.blocks
    one_by_one = per_block if a.one_by_one is None else a.one_by_one
    if not 1 <= one_by_one <= per_block:
        parser.error(f"--one-by-one {one_by_one}: must be 1 to {per_block}, the runs of a block")
    blocks = compare(a.protocol, a.preset, a.runs, a.workers, a.blocks, one_by_one, a.settings)
    table = Table(
        title=f"{a.runs} runs of {a.protocol}, {a.preset}, on {a.workers} workers; {os.cpu_count()} processors"
    )
    for heading in ("block", "one by one, s per run", "n", "sweep, s per run", "n", "ratio", "scheduling"):
        table.add_column(heading, justify="right")
    for number, block in enumerate(blocks, start=1):
        sequential, sweep = block.sequential, block.sweep
        counts = (f"{sequential.wall:.1f}", str(sequential.n_runs), f"{sweep.wall:.1f}", str(sweep.n_runs))
        table.add_row(str(number), *counts, f"{block.ratio:.3f}", f"{block.scheduling:+.2%}")
    console = Console()
    console.print(table)
    ratios = [block.ratio for block in blocks]
    spread = f"({min(ratios):.3f} to {max(ratios):.3f})"
    console.print(f"ratio of wall times: {statistics.mean(ratios):.3f} {spread}")
    if a.json:
        result: dict[str, Any] = {"arguments": {**vars(a), "json": str(a.json)}, "machine": harness.machine()}
        a.json.write_text(json.dumps(result | {"blocks": [asdict(block) for block in blocks]}, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
