"""The restricted Boltzmann machine: images per second, beside scikit-learn and the bare matrix products.

784 visible and 9 hidden units, one image at a time. Times are those of the processor, not of the clock:
there is one thread, and other work on the machine does not count. Competitors:

- ``ours``: CD-5 with sampling noise, one call of ``fit`` for all images.
- ``ours_partial_fit``: the same with one call of ``partial_fit`` per image, as scikit-learn has to be used.
- ``ours_likelihood``: CD-5 without noise.
- ``sklearn``: ``BernoulliRBM.partial_fit``, one image per call; its rule is persistent CD-1 without noise.
- ``limit``: the matrix products of CD-5 and nothing else, by the same BLAS: 11 half-steps and the update.
"""

from __future__ import annotations

import argparse
import math
import statistics
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from sklearn.neural_network import BernoulliRBM

from spikingsampling.data import IMAGE_SHAPE
from spikingsampling.models.rbm import RBM

from . import harness

__all__ = ["benchmark", "competitors"]

N_VISIBLE, N_HIDDEN, K = math.prod(IMAGE_SHAPE), 9, 5


def competitors(n_images: int) -> list[harness.Competitor]:
    """All of them, each with ``n_images`` images to learn; a competitor's "second" is one image."""
    images = (np.random.default_rng(0).random((n_images, N_VISIBLE)) < 0.15).astype(np.float32)
    single = [images[i : i + 1] for i in range(n_images)]

    def part_by_part(make: Callable[[], Any]) -> Callable[[], None]:
        def work() -> None:
            model = make()
            for image in single:
                model.partial_fit(image)

        return work

    weights = np.zeros((N_HIDDEN, N_VISIBLE), np.float32)
    x, z = images[:1].copy(), np.zeros((1, N_HIDDEN), np.float32)
    both_x, both_z = np.concatenate([x, x]), np.concatenate([z, z])
    change = np.empty_like(weights)

    def products() -> None:
        for _ in single:
            np.dot(x, weights.T, out=z)
            for _ in range(K):
                np.dot(z, weights, out=x)
                np.dot(x, weights.T, out=z)
            np.dot(both_z.T, both_x, out=change)

    works: dict[str, Callable[[], object]] = {
        "ours": lambda: RBM(N_HIDDEN, k=K, random_state=0).fit(images),
        "ours_partial_fit": part_by_part(lambda: RBM(N_HIDDEN, k=K, random_state=0)),
        "ours_likelihood": lambda: RBM(N_HIDDEN, k=K, mode="likelihood", random_state=0).fit(images),
        "sklearn": part_by_part(lambda: BernoulliRBM(N_HIDDEN, batch_size=1, random_state=0)),
        "limit": products,
    }
    return [harness.Competitor(name, harness.processor_time(work), n_images) for name, work in works.items()]


def benchmark(arguments: argparse.Namespace, console: Console) -> dict[str, Any]:
    """Images per second of each, and ratios of the time of ``ours`` to the others."""
    times = harness.interleave(competitors(arguments.images), arguments.pairs)
    results: dict[str, Any] = {
        "pairs": arguments.pairs,
        "images_per_second": {name: 1 / statistics.median(values) for name, values in times.items()},
    }
    for name, value in results["images_per_second"].items():
        console.print(f"{name}: {value:,.0f} images per second", highlight=False)
    pairs = [("ours", other) for other in times if other != "ours"] + [("ours_partial_fit", "sklearn")]
    results |= harness.report_ratios(times, [(one, other, other) for one, other in pairs], console)
    return results | {"seconds_per_image": times}


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.rbm", description="Time the RBM with 784 x 9 units and CD-5."
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results to this file as well")
    parser.add_argument(
        "--pairs", type=int, default=7, help=f"rounds, at least {harness.MIN_PAIRS} (default: 7)"
    )
    parser.add_argument("--images", type=harness.count, default=2000, help="images per round (default: 2000)")
    return harness.main(parser.parse_args(argv), benchmark)


if __name__ == "__main__":
    sys.exit(main())
