"""One winner-take-all circuit: ours, the C limit, the naive Brian2 network and NEST, and growth with inputs."""

from __future__ import annotations

import argparse
import math
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console

from spikingsampling.errors import EngineError

from . import harness
from .cases import Case, circuit

__all__ = ["benchmark", "compare", "segments", "warm_start"]

SIZES = (1_000, 10_000, 100_000)
#: The naive network and NEST simulate this fraction of the time of the others: they are much slower.
SLOW_FRACTION = 1 / 50
#: Lengths of the segments of ``--segments`` (s): closed loops, and the usual ones.
SEGMENTS = (0.2, 1.0, 60.0)
WARM_START = (
    "from benchmarks import cases; from benchmarks.programs import ours; ours.build(cases.circuit())(1.0)"
)


def compare(
    case: Case, seconds: float, pairs: int, slow_seconds: float | None, *, kept: bool = False
) -> dict[str, Any]:
    """Time ours and the C limit in one interleaved run, and with ``slow_seconds`` the naive network and NEST.

    With ``kept`` ours and the limit run with kept PSPs, too.

    Returns
    -------
    dict
        As :func:`benchmarks.harness.summary`; NEST is in it where it is installed.
    """
    from .programs import limit, naive, ours, peer  # Brian2 takes seconds to import: not for --help

    programs = {"ours": (ours.build(case), seconds), "limit": (limit.build(case), seconds)}
    if kept:
        other = case.with_kept_psps()
        programs |= {"kept": (ours.build(other), seconds), "kept_limit": (limit.build(other), seconds)}
    if slow_seconds is not None:
        programs["naive"] = (naive.build(case), slow_seconds)
        if peer.nest_version():
            programs["nest"] = (peer.build(case), slow_seconds)
    competitors = [harness.Competitor(name, partial(run, t), t) for name, (run, t) in programs.items()]
    return harness.summary(harness.interleave(competitors, pairs), case.synapse_events_per_second())


def warm_start(repeats: int) -> list[float]:
    """Wall seconds of fresh Python processes that build the circuit of 1,000 inputs and run 1 s.

    One more process goes first, so that the compiled program is cached.

    Raises
    ------
    EngineError
        Such a process failed.
    """
    times = []
    for _ in range(repeats + 1):
        start = time.perf_counter()
        process = subprocess.run(
            [sys.executable, "-c", WARM_START],
            cwd=Path(__file__).parent.parent,
            capture_output=True,
            text=True,
            check=False,
        )
        times.append(time.perf_counter() - start)
        if process.returncode:
            reason = "".join(process.stderr.strip().splitlines()[-1:])
            raise EngineError(f"the process of --warm-start failed: {reason}")
    return times[1:]


def segments(rounds: int) -> dict[float, harness.Estimate]:
    """Wall seconds of a segment of the circuit of 1,000 inputs, by its length (s); lengths take turns."""
    from .programs import ours

    runs = {length: ours.build(circuit(), length) for length in SEGMENTS}
    n = {length: max(1, round(10 / length)) for length in SEGMENTS}
    times: dict[float, list[float]] = {length: [] for length in SEGMENTS}
    for counted in [False] + [True] * rounds:
        for length, run in runs.items():
            seconds = run(length * n[length]) / n[length]
            if counted:
                times[length].append(seconds)
    return {length: harness.median_interval(values) for length, values in times.items()}


def benchmark(arguments: argparse.Namespace, console: Console) -> dict[str, Any]:
    """What the options ask for; the comparison at 1,000 inputs is the top level of the result."""
    if arguments.warm_start:
        estimate = harness.median_interval(warm_start(arguments.pairs))
        console.print(f"warm start: {estimate.median:.2f} s ({estimate.low:.2f} to {estimate.high:.2f} s)")
        return {"warm_start_seconds": estimate.median, "warm_start_interval": [estimate.low, estimate.high]}
    if arguments.segments:
        found = segments(arguments.pairs)
        rate = found[SEGMENTS[-1]].median / SEGMENTS[-1]
        for length, estimate in found.items():
            console.print(
                f"a segment of {length:g} s: {1e3 * estimate.median:.2f} ms ({1e3 * estimate.low:.2f} to "
                f"{1e3 * estimate.high:.2f} ms), {1e3 * (estimate.median - rate * length):.2f} ms more than its "
                f"share of one of {SEGMENTS[-1]:g} s",
                highlight=False,
            )
        return {"segment_seconds": {f"{length:g}": estimate.median for length, estimate in found.items()}}
    comparisons = {}
    for n_inputs in SIZES:
        case = circuit(n_inputs)
        # equal work at every size, in whole updates of the prior
        seconds = max(4.0, round(arguments.seconds * SIZES[0] / n_inputs))
        slow = max(1.0, math.ceil(seconds * SLOW_FRACTION)) if n_inputs == SIZES[0] else None
        comparisons[case.name] = compare(case, seconds, arguments.pairs, slow, kept=arguments.kept)
    console.print(harness.table("one circuit", comparisons))
    first = comparisons[circuit(SIZES[0]).name]
    return first | {
        "scaling": {str(n): result for n, result in zip(SIZES, comparisons.values(), strict=True)}
    }


def main(argv: list[str] | None = None) -> int:
    parser = harness.parser("circuit", "Time one circuit of 10 neurons with 1,000 to 100,000 inputs.", 100.0)
    harness.add_kept(parser)
    parser.add_argument(
        "--warm-start",
        action="store_true",
        help="time complete fresh Python processes that run 1 s with the compiled program cached, instead",
    )
    parser.add_argument(
        "--segments",
        action="store_true",
        help="time segments of 0.2, 1 and 60 s of the smallest circuit, instead",
    )
    return harness.main(parser.parse_args(argv), benchmark)


if __name__ == "__main__":
    sys.exit(main())
