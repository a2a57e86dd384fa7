"""A sweep on several workers against the same runs one after another, each a process of its own.

Programs are compiled before anything is timed. Blocks of both kinds take turns, so that other work on the machine
slows both.
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
from collections.abc import Sequence
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
    """Wall time, and processor time with all child processes (s)."""

    wall: float
    cpu: float


@dataclass(frozen=True)
class Block:
    """The same runs in both ways."""

    sequential: Cost
    sweep: Cost


def cost_of(commands: Sequence[Sequence[str]]) -> Cost:
    """Run commands one after another.

    Raises
    ------
    BenchmarkError
        One of them failed.
    """
    wall = cpu = 0.0
    for command in commands:
        began = time.perf_counter()
        with tempfile.TemporaryFile() as errors:
            process = subprocess.Popen(command, env=_ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=errors)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode:
                errors.seek(0)
                raise harness.BenchmarkError(f"{' '.join(command)}: {errors.read().decode()[-1000:]}")
        wall += time.perf_counter() - began
        cpu += usage.ru_utime + usage.ru_stime
    return Cost(wall, cpu)


def compare(
    protocol: str, preset: str, runs: int, workers: int, blocks: int, settings: Sequence[str]
) -> list[Block]:
    """Do ``runs`` runs in both ways, in ``blocks`` blocks that take turns."""
    shared = [protocol, "--preset", preset, *(part for text in settings for part in ("--set", text))]
    per_block = runs // blocks
    found = []
    with tempfile.TemporaryDirectory(prefix="spikingsampling-sweep-") as scratch:
        folder = Path(scratch)
        cost_of([[*_COMMAND, "run", *shared, "--seed", "0", "--out", str(folder / "warm")]])
        for block in range(blocks):
            first, stop = block * per_block, (block + 1) * per_block
            one_by_one = [
                [*_COMMAND, "run", *shared, "--seed", str(seed), "--out", str(folder / f"run-{seed}")]
                for seed in range(first, stop)
            ]
            many = [*_COMMAND, "sweep", *shared, "--seeds", f"{first}:{stop}", "--workers", str(workers)]
            many += ["--out", str(folder / f"sweep-{block}")]
            # Which comes first changes, so that a drift of the machine favours neither.
            if block % 2:
                sweep, sequential = cost_of([many]), cost_of(one_by_one)
            else:
                sequential, sweep = cost_of(one_by_one), cost_of([many])
            found.append(Block(sequential, sweep))
    return found


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--protocol", default="association")
    parser.add_argument("--preset", default="quick")
    parser.add_argument("--set", action="append", default=[], dest="settings", metavar="KEY=VALUE")
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("--blocks", type=int, default=2)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", type=Path)
    a = parser.parse_args(argv)
    if not (a.blocks >= 1 and a.runs >= a.blocks and a.runs % a.blocks == 0):
        parser.error(f"--runs {a.runs} --blocks {a.blocks}: must be a whole number of runs per block")
    blocks = compare(a.protocol, a.preset, a.runs, a.workers, a.blocks, a.settings)
    wall = [block.sweep.wall / block.sequential.wall for block in blocks]
    extra = [block.sweep.cpu / block.sequential.cpu - 1 for block in blocks]
    table = Table(
        title=f"{a.runs} runs of {a.protocol}, {a.preset}, on {a.workers} workers; {os.cpu_count()} processors"
    )
    for heading in ("block", "one by one (s)", "sweep (s)", "ratio", "processor time of scheduling"):
        table.add_column(heading, justify="right")
    for number, (block, ratio, more) in enumerate(zip(blocks, wall, extra, strict=True), start=1):
        row = (f"{block.sequential.wall:.1f}", f"{block.sweep.wall:.1f}", f"{ratio:.3f}", f"{more:+.1%}")
        table.add_row(str(number), *row)
    console = Console()
    console.print(table)
    console.print(
        f"ratio of wall times: median {statistics.median(wall):.3f}, {min(wall):.3f} to {max(wall):.3f}"
    )
    if a.json:
        result: dict[str, Any] = {"arguments": {**vars(a), "json": str(a.json)}, "machine": harness.machine()}
        a.json.write_text(json.dumps(result | {"blocks": [asdict(block) for block in blocks]}, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
