"""Several replicas of a network in one process against one process for each, on one core.

Replicas are independent: circuits of their own, inputs of their own, no synapse between them. In one process they share
the start of the program, the reading and writing of files and the steps of the clock.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from rich.console import Console

from . import harness
from .cases import Case, association, circuit

__all__ = ["benchmark", "replicated"]

NUMBERS = (2, 4, 8)


def replicated(case: Case, n: int) -> Case:
    """``n`` independent replicas of a case as one network; all see the same patterns with spikes of their own."""
    return replace(
        case,
        name=f"{n} times {case.name}",
        n_circuits=n * case.n_circuits,
        rates=np.tile(case.rates, n),
        inputs=np.concatenate([case.inputs + i * case.n_inputs for i in range(n)]),
        lateral=np.kron(np.eye(n, dtype=bool), case.lateral),
        theta=np.tile(case.theta, n),
    )


def benchmark(arguments: argparse.Namespace, console: Console) -> dict[str, Any]:
    """Wall time of all replicas one after the other to that of all together, by network and number."""
    from .programs import ours  # Brian2 takes seconds to import: not for --help

    def one_by_one(run: Callable[[float], float], n: int) -> float:
        return sum(run(arguments.seconds) for _ in range(n))

    found = {}
    for case in (circuit(), association()):
        single = ours.build(case)
        for n in NUMBERS:
            several = replicated(case, n)
            together = ours.build(several)
            competitors = [
                harness.Competitor("one_by_one", partial(one_by_one, single, n), n * arguments.seconds),
                harness.Competitor("together", partial(together, arguments.seconds), n * arguments.seconds),
            ]
            times = harness.interleave(competitors, arguments.pairs)
            medians = {name: statistics.median(values) for name, values in times.items()}
            per_second = ", ".join(f"{name} {1e3 * value:.3g} ms" for name, value in medians.items())
            console.print(f"{several.name}, per replica and simulated second: {per_second}", highlight=False)
            ratios = harness.report_ratios(times, [("one_by_one", "together", "together")], console)
            found[several.name] = {"median_seconds": medians, "seconds": times} | ratios
    return {"pairs": arguments.pairs, "replicas": found}


def main(argv: list[str] | None = None) -> int:
    parser = harness.parser("replicas", "Time replicas in one process against one process for each.", 20.0)
    return harness.main(parser.parse_args(argv), benchmark)


if __name__ == "__main__":
    sys.exit(main())
