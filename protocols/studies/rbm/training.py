"""Training with measurements: images one at a time, and in between the error of the first reconstruction.

After Fournier's report, section 4.2, where errors are measured after every 500 images.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from spikingsampling.data import IMAGE_SHAPE
from spikingsampling.models.rbm import RBM
from spikingsampling.protocols.studies.rbm.patterns import Floats, Patterns, subsample

__all__ = [
    "Reconstructs",
    "Trajectory",
    "pixel_probes",
    "presentation_order",
    "reconstruction_error",
    "train",
]


class Reconstructs(Protocol):
    """What can be trained here: machines of one and of two layers."""

    def partial_fit(self, X: Floats) -> Any:
        """Show X (n, n_visible), one after the other."""
        ...

    def reconstruct(self, X: Floats, rng: np.random.Generator) -> Floats:
        """Mean reconstructions of X, (n, n_visible)."""
        ...


def reconstruction_error(model: Reconstructs, X: Floats, rng: np.random.Generator) -> float:
    """Mean |x − x̂| of the first reconstruction x̂ (Fournier's report, section 4.2).

    For binary x its expectation given the hidden state is |x − p(x̂ = 1 | z)|. This is what is averaged: it has the
    same mean and less noise.
    """
    return float(np.abs(X - model.reconstruct(X, rng)).mean())


@dataclass
class Trajectory:
    """What was measured after each number of images.

    Attributes
    ----------
    steps : list of int
        Images shown before each measurement; a number stands twice where an event lies between two measurements.
    train_error, test_error : list of float
        Errors on training and on held-out images.
    probes : dict of str to list
        What each probe returned.
    """

    steps: list[int] = field(default_factory=list)
    train_error: list[float] = field(default_factory=list)
    test_error: list[float] = field(default_factory=list)
    probes: dict[str, list[Any]] = field(default_factory=dict)

    def probe(self, name: str) -> NDArray[Any]:
        """What one probe returned, stacked along the first axis."""
        return np.array(self.probes[name])

    def error_at(self, step: int) -> float:
        """The held-out error that was measured last when ``step`` images had been shown."""
        return self.test_error[bisect_right(self.steps, step) - 1]


def presentation_order(n: int, images: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Which of ``n`` examples to show: passes through all of them, each in a new random order."""
    passes = -(-images // n)
    return np.concatenate([rng.permutation(n) for _ in range(passes)])[:images]


def train(
    model: Reconstructs,
    patterns: Patterns,
    images: int,
    test_every: int,
    rng: np.random.Generator,
    *,
    probes: Mapping[str, Callable[[Any], Any]] | None = None,
    events: Mapping[int, Callable[[Any], None]] | None = None,
    trajectory: Trajectory | None = None,
) -> Trajectory:
    """Show images one after the other; measure at the start, after each ``test_every`` and at the end.

    Errors are means over at most 500 examples of each part, see :func:`subsample`.

    Parameters
    ----------
    model : object with ``partial_fit`` and ``reconstruct``
        It is trained in place.
    patterns : Patterns
    images, test_every : int
    rng : Generator
        Order of the images, and then hidden states of the reconstructions.
    probes : mapping of str to callable
        Each takes the model when it is measured, and what it returns is kept.
    events : mapping of int to callable
        Done to the model after so many images; it is measured just before and just after.
    trajectory : Trajectory, optional
        An earlier one to go on with; images count on from its end.

    Returns
    -------
    Trajectory
    """
    trajectory = Trajectory() if trajectory is None else trajectory
    start = trajectory.steps[-1] if trajectory.steps else 0
    order = presentation_order(len(patterns.train), images, rng)
    examples = {"train": subsample(patterns.train), "test": subsample(patterns.test)}
    events = {} if events is None else events
    stops = sorted({*range(0, images, test_every), images, *events} - {0})
    done = 0

    def measure() -> None:
        trajectory.steps.append(start + done)
        trajectory.train_error.append(reconstruction_error(model, examples["train"], rng))
        trajectory.test_error.append(reconstruction_error(model, examples["test"], rng))
        for name, probe in (probes or {}).items():
            trajectory.probes.setdefault(name, []).append(np.copy(probe(model)))

    measure()
    for stop in stops:
        model.partial_fit(patterns.train[order[done:stop]])
        done = stop
        measure()
        if stop in events:
            events[stop](model)
            measure()
    return trajectory


def pixel_probes(pixels: Sequence[tuple[int, int]]) -> dict[str, Callable[[RBM], Any]]:
    """Probes for :func:`train` of some pixels (row, column) of an image.

    Returns
    -------
    dict
        ``weights`` (n_pixels, n_hidden) and ``biases`` (n_pixels,) of the pixels, ``hidden_biases`` (n_hidden,), and
        ``high_biases``: the number of visible biases above −1, the mean of their initial values.
    """
    rows, columns = np.transpose(pixels)
    index = rows * IMAGE_SHAPE[1] + columns
    return {
        "weights": lambda model: model.weights_[:, index].T,
        "biases": lambda model: model.visible_bias_[index],
        "hidden_biases": lambda model: model.hidden_bias_,
        "high_biases": lambda model: int((model.visible_bias_ > -1).sum()),
    }
