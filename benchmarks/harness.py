"""Interleaved timing of competitors, ratios with intervals, and their report."""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from spikingsampling.errors import SpikingSamplingError

from .programs.build import FLAGS, compiler, compiler_version
from .programs.peer import nest_version

__all__ = [
    "MIN_PAIRS",
    "BenchmarkError",
    "Competitor",
    "Estimate",
    "add_kept",
    "check_pairs",
    "count",
    "interleave",
    "machine",
    "main",
    "median_interval",
    "parser",
    "processor_time",
    "ratio",
    "report_ratios",
    "summary",
    "table",
]

#: The fewest pairs from which a ratio is reported: the range of 5 covers the median with 94 %.
MIN_PAIRS = 5


class BenchmarkError(SpikingSamplingError):
    """A benchmark was asked for something that it does not report."""


@dataclass(frozen=True)
class Competitor:
    """``run()`` simulates ``seconds`` and returns the wall time that it took, in seconds."""

    name: str
    run: Callable[[], float]
    seconds: float


@dataclass(frozen=True)
class Estimate:
    """A median with the interval that covers it with probability ``coverage``."""

    median: float
    low: float
    high: float
    coverage: float


def check_pairs(pairs: int) -> None:
    """Refuse to compare from too few pairs.

    Raises
    ------
    BenchmarkError
        ``pairs`` is less than :data:`MIN_PAIRS`.
    """
    if pairs < MIN_PAIRS:
        raise BenchmarkError(f"--pairs {pairs}: a ratio needs at least {MIN_PAIRS} pairs")


def median_interval(values: Sequence[float], level: float = 0.95) -> Estimate:
    """Median and its distribution-free interval from order statistics.

    The narrowest pair of order statistics, symmetric in rank, that covers the median with probability
    ``level``; the whole range where that covers less. Exact for independent values of a continuous law.
    """
    ranked = sorted(values)
    n = len(ranked)

    def coverage(rank: int) -> float:  # of the rank-th smallest to the rank-th largest
        return 1 - 2 * sum(math.comb(n, i) for i in range(rank)) / 2**n

    wide_enough = [rank for rank in range(1, (n + 1) // 2 + 1) if coverage(rank) >= level]
    rank = max(wide_enough, default=1)
    return Estimate(statistics.median(ranked), ranked[rank - 1], ranked[-rank], coverage(rank))


def interleave(competitors: Sequence[Competitor], pairs: int) -> dict[str, list[float]]:
    """Wall seconds per simulated second, ``pairs`` values per competitor, after a round that is not counted.

    Competitors take turns (A B C A B C …), so that a busy machine slows all alike.
    """
    check_pairs(pairs)
    times: dict[str, list[float]] = {competitor.name: [] for competitor in competitors}
    for counted in [False] + [True] * pairs:
        for competitor in competitors:
            seconds = competitor.run() / competitor.seconds
            if counted:
                times[competitor.name].append(seconds)
    return times


def ratio(times: Mapping[str, Sequence[float]], of: str, to: str) -> Estimate:
    """Median of the ratios of the times of ``of`` to those of ``to`` in the same round.

    Raises
    ------
    BenchmarkError
        Fewer than :data:`MIN_PAIRS` pairs.
    """
    check_pairs(len(times[of]))
    return median_interval([a / b for a, b in zip(times[of], times[to], strict=True)])


def processor_time(work: Callable[[], object]) -> Callable[[], float]:
    """``work`` as something that is timed: returns the processor time of this process that it took (s)."""

    def run() -> float:
        start = time.process_time()
        work()
        return time.process_time() - start

    return run


def report_ratios(
    times: Mapping[str, Sequence[float]], pairs: Sequence[tuple[str, str, str]], console: Console
) -> dict[str, Any]:
    """Print ratios of times and return them for the JSON file; ``pairs`` are (of, to, what to call the latter)."""
    ratios = {}
    for of, to, called in pairs:
        estimate = ratio(times, of, to)
        ratios[f"ratio_of_{of}_to_{called}"] = {
            "value": estimate.median,
            "interval": [estimate.low, estimate.high],
            "coverage": estimate.coverage,
        }
        spread = f"({estimate.low:.3g} to {estimate.high:.3g}, {estimate.coverage:.1%})"
        console.print(f"ratio of {of} to {called}: {estimate.median:.3g} {spread}", highlight=False)
    return ratios


def summary(times: Mapping[str, Sequence[float]], events_per_second: float) -> dict[str, Any]:
    """What a comparison found, for the JSON file.

    Returns
    -------
    dict
        ``pairs``; by competitor ``median_seconds`` (wall time per simulated second) and
        ``ns_per_synapse_event``; for every competitor X but ours ``ratio_to_X`` (time of ours / time of X),
        ``ratio_to_X_interval`` and ``ratio_to_X_coverage``; ``seconds``, all the times behind them.
    """
    medians = {name: statistics.median(values) for name, values in times.items()}
    metrics: dict[str, Any] = {
        "pairs": len(times["ours"]),
        "median_seconds": medians,
        "ns_per_synapse_event": {name: 1e9 * value / events_per_second for name, value in medians.items()},
    }
    for name in times:
        if name != "ours":
            estimate = ratio(times, "ours", name)
            metrics[f"ratio_to_{name}"] = estimate.median
            metrics[f"ratio_to_{name}_interval"] = [estimate.low, estimate.high]
            metrics[f"ratio_to_{name}_coverage"] = estimate.coverage
    return metrics | {"seconds": {name: list(values) for name, values in times.items()}}


def machine() -> dict[str, Any]:
    """Processor, cores, load, compiler and versions, to print beside every number."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {
        "processor": models[0] if models else platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "load_average": os.getloadavg()[0],
        "system": platform.platform(),
        "python": platform.python_version(),
        "compiler": compiler_version(),
        "flags": list(FLAGS),
        "nest": nest_version() or "not installed (pip install nest-simulator: adds its row)",
        **{name: version(name) for name in ("spikingsampling", "brian2", "numpy")},
    }


def table(title: str, comparisons: Mapping[str, Mapping[str, Any]]) -> Table:
    """One row per competitor of each comparison (a name and its :func:`summary`)."""
    result = Table(title=title)
    for heading in (
        "network",
        "program",
        "ms per simulated s",
        "ns per synapse event",
        "ours / it",
        "interval",
    ):
        result.add_column(heading, justify="left" if heading in ("network", "program") else "right")
    for label, comparison in comparisons.items():
        for name, seconds in comparison["median_seconds"].items():
            row = [label, name, f"{1e3 * seconds:.3g}", f"{comparison['ns_per_synapse_event'][name]:.3g}"]
            if f"ratio_to_{name}" in comparison:
                low, high = comparison[f"ratio_to_{name}_interval"]
                covered = comparison[f"ratio_to_{name}_coverage"]
                row += [f"{comparison[f'ratio_to_{name}']:.3g}", f"{low:.3g} to {high:.3g} ({covered:.1%})"]
            result.add_row(*row)
            label = ""
        result.add_section()
    return result


def count(text: str, low: int = 1) -> int:
    """A whole number of at least ``low`` from the command line."""
    value = int(text)
    if value < low:
        raise argparse.ArgumentTypeError(f"{text}: must be at least {low}")
    return value


def _positive(text: str) -> float:
    value = float(text)
    if not (math.isfinite(value) and value >= 1):
        raise argparse.ArgumentTypeError(f"{text}: must be at least 1 second")
    return value


def parser(name: str, description: str, seconds: float) -> argparse.ArgumentParser:
    """The options that all benchmarks have."""
    result = argparse.ArgumentParser(prog=f"python -m benchmarks.{name}", description=description)
    result.add_argument("--json", type=Path, metavar="FILE", help="write the results to this file as well")
    result.add_argument("--pairs", type=int, default=7, help=f"rounds, at least {MIN_PAIRS} (default: 7)")
    result.add_argument(
        "--seconds", type=_positive, default=seconds, help=f"simulated time per run (default: {seconds:g})"
    )
    return result


def add_kept(parser: argparse.ArgumentParser) -> None:
    """The option of those that compare networks."""
    parser.add_argument(
        "--kept", action="store_true", help="time ours and the limit with kept PSPs in the same rounds, too"
    )


def main(
    arguments: argparse.Namespace, benchmark: Callable[[argparse.Namespace, Console], dict[str, Any]]
) -> int:
    """Run a benchmark and write its results; the exit code, 2 after one message if the user can mend it."""
    console = Console()
    try:
        check_pairs(arguments.pairs)
        compiler()
        if arguments.json and not arguments.json.parent.is_dir():
            raise BenchmarkError(f"--json {arguments.json}: there is no folder {arguments.json.parent}")
        machine_facts = machine()
        console.print(", ".join(f"{key} {value}" for key, value in machine_facts.items()), highlight=False)
        results = benchmark(arguments, console) | {"machine": machine_facts}
        if arguments.json:
            arguments.json.write_text(json.dumps(results, indent=2) + "\n")
    except SpikingSamplingError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0
