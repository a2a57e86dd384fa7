"""The Hopfield network: storing and one asynchronous sweep, beside matrix products and the double loop.

10,000 neurons and 1,000 patterns. Times are those of the processor, not of the clock: there is one thread, and other
work on the machine does not count. Competitors:

- ``store``: ``Hopfield.store`` with Hebb's rule, checks included.
- ``store_limit``: the product of the patterns with their transpose, by the same BLAS, and nothing else.
- ``store_naive``: the double loop over neurons, for one row of weights; its time is scaled to all rows.
- ``sweep``: one asynchronous sweep of ``recall`` from a pattern with 15 % of its neurons flipped, fields included.
- ``sweep_limit``: one product of weights and state.
- ``sweep_naive``: the loop over neurons that computes each field anew and asks no BLAS, for one neuron; scaled.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from spikingsampling.models.hopfield.network import Hopfield
from spikingsampling.models.hopfield.patterns import corrupt, random_patterns

from . import harness

__all__ = ["benchmark", "competitors"]


def competitors(n_neurons: int, n_patterns: int) -> list[harness.Competitor]:
    """All of them; a competitor's "second" is one storing of all patterns, or one sweep."""
    rng = np.random.default_rng(0)
    patterns = random_patterns(n_patterns, n_neurons, rng)
    single = patterns.astype(np.float32)
    network = Hopfield(n_neurons).store(patterns)
    start = corrupt(patterns[:1], 0.15, rng)
    state = start[0].astype(np.float32)
    weights, signs = network.weights_, patterns.tolist()
    row, spins = weights[0].tolist(), start[0].tolist()

    def one_row() -> list[float]:
        return [sum(p[0] * p[j] for p in signs) / n_neurons for j in range(n_neurons)]

    def one_neuron() -> int:
        field = 0.0
        for w, s in zip(row, spins, strict=True):
            field += w * s
        return 1 if field > 0 else -1

    works: dict[str, tuple[Callable[[], object], float]] = {
        "store": (lambda: Hopfield(n_neurons).store(patterns), 1),
        "store_limit": (lambda: single.T @ single, 1),
        "store_naive": (one_row, 1 / n_neurons),
        "sweep": (lambda: network.recall(start, sweeps=1, random_state=0), 1),
        "sweep_limit": (lambda: weights @ state, 1),
        "sweep_naive": (one_neuron, 1 / n_neurons),
    }
    return [
        harness.Competitor(name, harness.processor_time(work), part) for name, (work, part) in works.items()
    ]


def benchmark(arguments: argparse.Namespace, console: Console) -> dict[str, Any]:
    """Seconds of each, and ratios of our times to the limits and to the naive loops."""
    times = harness.interleave(competitors(arguments.neurons, arguments.patterns), arguments.pairs)
    medians = {name: statistics.median(values) for name, values in times.items()}
    result: dict[str, Any] = {"pairs": arguments.pairs, "median_seconds": medians}
    for name, value in medians.items():
        console.print(f"{name}: {value:,.4g} s", highlight=False)
    pairs = [(one, f"{one}_{other}", other) for one in ("store", "sweep") for other in ("limit", "naive")]
    return result | harness.report_ratios(times, pairs, console) | {"seconds": times}


def _several(text: str) -> int:
    return harness.count(text, low=2)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.hopfield", description="Time the Hopfield network: storing and one sweep."
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results to this file as well")
    parser.add_argument(
        "--pairs", type=int, default=5, help=f"rounds, at least {harness.MIN_PAIRS} (default: 5)"
    )
    parser.add_argument("--neurons", type=_several, default=10_000, help="neurons (default: 10000)")
    parser.add_argument("--patterns", type=_several, default=1_000, help="patterns (default: 1000)")
    return harness.main(parser.parse_args(argv), benchmark)


if __name__ == "__main__":
    sys.exit(main())
