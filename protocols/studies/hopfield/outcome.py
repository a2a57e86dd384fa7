"""What an experiment gives back, and how it is repeated: on networks of its own, each with a seed of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from spikingsampling.analysis.estimates import estimate_mean

__all__ = ["OVERLAP", "PART", "Outcome", "Streams", "repeat"]

#: From the name of a stream of randomness to its seed.
Streams = Callable[[str], np.random.SeedSequence]
#: Bounds of an overlap, and of a part of neurons, patterns or letters.
OVERLAP, PART = (-1.0, 1.0), (0.0, 1.0)


@dataclass
class Outcome:
    """Metrics by name, figures with their captions by name, and texts by the name of their file."""

    metrics: dict[str, Any] = field(default_factory=dict)
    figures: dict[str, tuple[Figure, str]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)


def repeat(
    outcome: Outcome,
    name: str,
    values: Sequence[float],
    experiment: Callable[[float, np.random.SeedSequence], float],
    seeds: Sequence[np.random.SeedSequence],
    bounds: tuple[float, float],
) -> NDArray[np.float64]:
    """Results (n_seeds, n_values) of ``experiment`` at each value with each seed.

    Their mean over seeds becomes the metric ``name`` + value. ``bounds`` are those of a result.
    """
    results = np.array([[experiment(value, seed) for value in values] for seed in seeds])
    for value, at_value in zip(values, results.T, strict=True):
        outcome.metrics[f"{name}{value:g}"] = estimate_mean(at_value, bounds).metric()
    return results
