"""The association network: ours against the C limit, the naive Brian2 network and NEST."""

from __future__ import annotations

import argparse
import math
import sys
from typing import Any

from rich.console import Console

from . import harness
from .cases import association
from .circuit import SLOW_FRACTION, compare

__all__ = ["benchmark"]


def benchmark(arguments: argparse.Namespace, console: Console) -> dict[str, Any]:
    """Compare all programs on 8 circuits of 10 neurons with lateral synapses between the modalities."""
    case = association()
    slow = max(1.0, math.ceil(arguments.seconds * SLOW_FRACTION))
    comparison = compare(case, arguments.seconds, arguments.pairs, slow, kept=arguments.kept)
    console.print(harness.table("association", {case.name: comparison}))
    return comparison | {"n_synapses": len(case.theta)}


def main(argv: list[str] | None = None) -> int:
    parser = harness.parser("association", "Time the association network (8 circuits of 10 neurons).", 50.0)
    harness.add_kept(parser)
    return harness.main(parser.parse_args(argv), benchmark)


if __name__ == "__main__":
    sys.exit(main())
