"""Random patterns for Hopfield networks."""

import numpy as np

from spikingsampling.models.hopfield.patterns import random_patterns


def patterns(count: int, n: int, seed: int = 0) -> np.ndarray:
    return random_patterns(count, n, np.random.default_rng(seed))


def binary(patterns: np.ndarray) -> np.ndarray:
    """0 for −1 and 1 for 1."""
    return (patterns == 1).astype(np.int8)
