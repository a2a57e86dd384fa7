"""Handwritten digits as rows of grey values, with labels: training and held-out part."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spikingsampling.data import IMAGE_SHAPE, load_images
from spikingsampling.models.mlp import Floats, one_hot

__all__ = ["N_PIXELS", "Digits", "load_digits"]

N_PIXELS = math.prod(IMAGE_SHAPE)


@dataclass(frozen=True)
class Digits:
    """Images (n, n_pixels) in [0, 1], labels (n,) and targets (n, 10) for training, and what is held out."""

    train: Floats
    train_labels: NDArray[np.int64]
    test: Floats
    test_labels: NDArray[np.int64]

    @property
    def targets(self) -> Floats:
        """1 for the digit, 0 for the others."""
        return one_hot(self.train_labels)

    def part(self, n: int, rng: np.random.Generator) -> Digits:
        """The same with ``n`` training images drawn at random, or all if there are no more."""
        if n >= len(self.train):
            return self
        chosen = rng.permutation(len(self.train))[:n]
        return Digits(self.train[chosen], self.train_labels[chosen], self.test, self.test_labels)


def load_digits(kind: str) -> Digits:
    """All ten digits; arguments and errors as :func:`~spikingsampling.data.load_images`."""
    train, test = (load_images(kind, split, range(10)) for split in ("train", "test"))
    rows = [part.images.reshape(-1, N_PIXELS) for part in (train, test)]
    return Digits(rows[0], train.labels, rows[1], test.labels)
