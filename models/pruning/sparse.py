"""A rectifier network of which only the active connections are stored, each with a fixed sign: w = s θ, θ > 0.

No array is as large as n_in × n_out: a connection is its number, and its sign a hash of that.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.special import softmax

from spikingsampling._checks import finite_number, whole_number
from spikingsampling.errors import ParameterError
from spikingsampling.models.mlp import Floats

__all__ = ["Indices", "SparseLayer", "SparseNetwork", "Walk", "signs_of"]

Indices = NDArray[np.int64]


def signs_of(index: Indices, key: int) -> NDArray[np.float32]:
    """A sign for each number, ±1 with equal chances and always the same: a bit of its hash (SplitMix64)."""
    z = index.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(key)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.where((z ^ (z >> np.uint64(31))) >> np.uint64(63), np.float32(1), np.float32(-1))


class Walk:
    """Constants of the walk of θ: learning rate η, L1 pull α and noise ν.

    Attributes
    ----------
    temperature : float
        T = ην²/2: in these terms the walk is −η(∂E/∂θ + α) + √(2ηT) ξ.

    Raises
    ------
    ParameterError
        ``eta`` is not positive, ``alpha`` or ``nu`` negative.
    """

    def __init__(self, eta: float, alpha: float, nu: float) -> None:
        if finite_number("eta", eta) <= 0:
            raise ParameterError(f"eta = {eta!r}: must be more than 0")
        self.eta = float(eta)
        self.alpha, self.nu = finite_number("alpha", alpha, low=0), finite_number("nu", nu, low=0)

    @property
    def temperature(self) -> float:
        """T = ην²/2."""
        return self.eta * self.nu**2 / 2


class SparseLayer(ABC):
    """The active connections among n_in × n_out.

    Attributes
    ----------
    shape : (n_in, n_out)
    index : (K,) int64 array
        Numbers i·n_out + j of the active connections from i to j; all differ.
    sign, weights : (K,) float32 arrays
        Their s, and w = s θ.
    """

    def __init__(self, n_in: int, n_out: int, rng: np.random.Generator) -> None:
        self.shape = (whole_number("n_in", n_in), whole_number("n_out", n_out))
        self._rng, self._key = rng, int(rng.integers(2**63))
        self.index = np.empty(0, np.int64)

    @property
    def size(self) -> int:
        """Connections that there can be."""
        return self.shape[0] * self.shape[1]

    def place(self, index: Indices, theta: Floats) -> None:
        """Make ``index`` (K,) the active connections, with their θ (K,)."""
        if index is not self.index:
            self.index, self.sign = index, signs_of(index, self._key)
            self._sources, self._targets = np.divmod(index, self.shape[1])
        self.weights = self.sign * theta.astype(np.float32)

    def drive(self, x: Floats) -> Floats:
        """x W of activities x (n, n_in), shape (n, n_out)."""
        return (coo_array((self.weights, (self._targets, self._sources)), self.shape[::-1]) @ x.T).T

    def back(self, delta: Floats) -> Floats:
        """delta Wᵀ of delta (n, n_out), shape (n, n_in)."""
        return (coo_array((self.weights, (self._sources, self._targets)), self.shape) @ delta.T).T

    def slopes(self, x: Floats, delta: Floats) -> Floats:
        """∂E/∂θ (K,) of the mean loss, from activities x (n, n_in) and ∂E/∂a (n, n_out) of each example."""
        by_weight = np.einsum("kn,kn->k", x.T[self._sources], delta.T[self._targets]) / len(x)
        return self.sign * by_weight

    @abstractmethod
    def update(self, slopes: Floats, walk: Walk) -> int:
        """Take a step along ∂E/∂θ (K,); returns how many connections came that were not there."""


class SparseNetwork:
    """Rectifier layers without biases, softmax and cross-entropy.

    Parameters
    ----------
    layers : sequence of SparseLayer
    walk : Walk
        Its ``eta`` may be changed while the network learns.
    """

    def __init__(self, layers: Sequence[SparseLayer], walk: Walk) -> None:
        self.layers, self.walk = list(layers), walk

    @property
    def n_active(self) -> int:
        """Active connections in all layers."""
        return sum(len(layer.index) for layer in self.layers)

    def forward(self, X: Floats) -> list[Floats]:
        """Activities of all layers, from X (n, n_in) to the output before its softmax."""
        activities = [X]
        for layer in self.layers[:-1]:
            activities.append(np.maximum(layer.drive(activities[-1]), 0))
        return [*activities, self.layers[-1].drive(activities[-1])]

    def accuracy(self, X: Floats, labels: NDArray[np.integer]) -> float:
        """Fraction of examples whose largest output is that of their label."""
        return float((self.forward(X)[-1].argmax(axis=1) == labels).mean())

    def slopes(self, X: Floats, targets: Floats) -> list[Floats]:
        """∂E/∂θ of the active connections by layer, of the mean loss of X with targets (n, n_out)."""
        activities = self.forward(X)
        delta = softmax(activities[-1], axis=1) - targets
        slopes: list[Floats] = []
        for layer, x in zip(self.layers[::-1], activities[-2::-1], strict=True):
            slopes.insert(0, layer.slopes(x, delta))
            if layer is not self.layers[0]:
                delta = layer.back(delta) * (x > 0)
        return slopes

    def learn(self, X: Floats, targets: Floats) -> int:
        """One minibatch; returns how many connections came that were not there."""
        slopes = self.slopes(X, targets)
        return sum(layer.update(each, self.walk) for layer, each in zip(self.layers, slopes, strict=True))

    def epoch(self, X: Floats, targets: Floats, rng: np.random.Generator, batch_size: int = 10) -> int:
        """Learn X (n, n_in) once, in a random order; returns how many connections came that were not there."""
        order, size = rng.permutation(len(X)), whole_number("batch_size", batch_size)
        batches = (order[start : start + size] for start in range(0, len(X), size))
        return sum(self.learn(X[batch], targets[batch]) for batch in batches)
