"""What an experiment gives back, and how it is repeated: on networks of its own, each with a seed of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from spikingsampling.analysis import estimate_mean

__all__ = ["OVERLAP", "PART", "Outcome", "Streams", "repeat"]

#: From the name of a stream of randomness to its seed.
Streams = Callable[[str], np.random.SeedSequence]
#: Bounds of an overlap, and of a part of neurons, patterns or letters.
OVERLAP, PART = (-1.0, 1.0), (0.0, 1.0)


@dataclass
class Outcome:
    """Metrics and figures by name, and texts by the name of their file.

    A figure is what draws it, for it takes time and not everybody wants it, and its caption.
    """

    metrics: dict[str, Any] = field(default_factory=dict)
    figures: dict[str, tuple[Callable[[], Figure], str]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)

    def add_figure(
        self, name: str, caption: str, plot: Callable[..., Figure], *arguments: Any, **options: Any
    ) -> None:
        """Have ``plot`` draw a figure of the arguments, when it is wanted."""
        self.figures[name] = partial(plot, *arguments, **options), caption

    def add_theory(self, name: str, value: float) -> None:
        """Put what theory expects into the metric ``name``, an estimate."""
        self.metrics[name] = self.metrics[name].metric() | {"theory": value}


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
        outcome.metrics[f"{name}{value:g}"] = estimate_mean(at_value, bounds)
    return results
