"""Machines and trainings for tests of restricted Boltzmann machines: what they do is known."""

from __future__ import annotations

import numpy as np

from spikingsampling.protocols.studies.rbm.patterns import Patterns
from spikingsampling.protocols.studies.rbm.training import Trajectory


def image_like(n: int = 40, n_visible: int = 784) -> Patterns:
    """Random binary patterns."""
    rng = np.random.default_rng(0)
    return Patterns(*((rng.random((m, n_visible)) < 0.2).astype(np.float32) for m in (n, 20)))


def training(
    train_error: list[float], test_error: list[float], steps: list[int] | None = None, **probes: object
) -> Trajectory:
    """A trajectory made by hand."""
    steps = [10 * i for i in range(len(test_error))] if steps is None else steps
    return Trajectory(steps, train_error, test_error, {name: list(values) for name, values in probes.items()})


class Counter:
    """A model that counts what it is shown; the value in its reconstructions is that number."""

    def __init__(self) -> None:
        self.shown: list[float] = []

    def partial_fit(self, X: np.ndarray) -> Counter:
        self.shown += X[:, 0].tolist()
        return self

    def reconstruct(self, X: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        return X + len(self.shown)
