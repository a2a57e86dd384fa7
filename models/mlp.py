"""A multilayer perceptron in NumPy whose connections can be taken out, with the diagonal of its Hessian.

x_{l+1} = f(x_l W_l + b_l); the loss is cross-entropy (softmax output) or half the squared error (linear output).
784-300-100-10 is the LeNet-300-100 of the literature on pruning. :mod:`spikingsampling.models.descent` trains it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_softmax, softmax

from spikingsampling._checks import whole_number
from spikingsampling.errors import ParameterError, UnknownNameError

__all__ = ["ACTIVATIONS", "LOSSES", "MLP", "Floats", "Gradients", "one_hot"]

Floats = NDArray[np.floating]

#: f(a), and its derivative from the value f. The asymptotes of LeCun's scaled tanh are not its targets ±1.
ACTIVATIONS: dict[str, tuple[Callable[[Floats], Floats], Callable[[Floats], Floats]]] = {
    "relu": (lambda a: np.maximum(a, 0), lambda f: (f > 0).astype(f.dtype)),
    "logistic": (expit, lambda f: f * (1 - f)),
    "tanh": (np.tanh, lambda f: 1 - f**2),
    "scaled_tanh": (lambda a: 1.7159 * np.tanh(2 / 3 * a), lambda f: 2 / 3 * (1.7159 - f**2 / 1.7159)),
    "linear": (lambda a: a, np.ones_like),
}
LOSSES = ("cross_entropy", "squared_error")


def one_hot(labels: NDArray[np.integer], n_classes: int = 10, low: float = 0.0) -> NDArray[np.float32]:
    """Targets (n, n_classes): 1 for the class and ``low`` for the others."""
    targets = np.full((len(labels), n_classes), low, np.float32)
    targets[np.arange(len(labels)), labels] = 1
    return targets


class Gradients(NamedTuple):
    """Derivatives of the mean loss by layer, shaped as weights and biases; ``deltas`` are ∂loss/∂a of each example."""

    weights: list[Floats]
    biases: list[Floats]
    deltas: list[Floats]


class MLP:
    """Multilayer perceptron.

    Parameters
    ----------
    sizes : sequence of int
        Units of each layer, the input first.
    rng : Generator
        Initial weights N(0, 2/n_in) for ``relu``, else N(0, 1/n_in). Biases start at 0.
    activation : str
        One of :data:`ACTIVATIONS`, of the hidden layers.
    loss : {"cross_entropy", "squared_error"}
    dtype : dtype

    Attributes
    ----------
    weights : list of (n_in, n_out) arrays
    biases : list of (n_out,) arrays
    masks : list of (n_in, n_out) bool arrays
        Connections that exist; the others stay at 0.

    Raises
    ------
    ParameterError, UnknownNameError
        Fewer than two sizes, a size below 1, or an unknown activation or loss.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        rng: np.random.Generator,
        *,
        activation: str = "relu",
        loss: str = "cross_entropy",
        dtype: type = np.float32,
    ) -> None:
        if len(sizes) < 2:
            raise ParameterError(f"sizes = {tuple(sizes)!r}: must have an input and an output layer")
        sizes = [whole_number("sizes", size) for size in sizes]
        for name, value, known in (("activation", activation, ACTIVATIONS), ("loss", loss, LOSSES)):
            if value not in known:
                raise UnknownNameError(name, str(value), known)
        self.activation, self.loss = activation, loss
        self._f, self._slope = ACTIVATIONS[activation]
        gain = 2.0 if activation == "relu" else 1.0
        shapes = list(pairwise(sizes))
        self.weights = [(rng.standard_normal(s) * np.sqrt(gain / s[0])).astype(dtype) for s in shapes]
        self.biases = [np.zeros(n, dtype) for n in sizes[1:]]
        self.masks = [np.ones(shape, bool) for shape in shapes]

    def forward(self, X: Floats) -> list[Floats]:
        """Activities of all layers, from X (n, n_in) itself to the output's a (n, n_out), before any softmax."""
        activities = [X]
        for number, (weights, bias) in enumerate(zip(self.weights, self.biases, strict=True), 1):
            a = activities[-1] @ weights + bias
            activities.append(a if number == len(self.weights) else self._f(a))
        return activities

    def probabilities(self, X: Floats) -> Floats:
        """Softmax of the output, (n, n_out)."""
        return softmax(self.forward(X)[-1], axis=1)

    def losses(self, X: Floats, targets: Floats) -> Floats:
        """Loss of each example, (n,)."""
        a = self.forward(X)[-1]
        if self.loss == "squared_error":
            return ((a - targets) ** 2).sum(axis=1) / 2
        return -(targets * log_softmax(a, axis=1)).sum(axis=1)

    def accuracy(self, X: Floats, labels: NDArray[np.integer]) -> float:
        """Fraction of examples whose largest output is that of their label."""
        return float((self.forward(X)[-1].argmax(axis=1) == labels).mean())

    def gradients(self, X: Floats, targets: Floats) -> Gradients:
        """Back-propagation of the mean loss of X (n, n_in) with targets (n, n_out)."""
        activities = self.forward(X)
        out = softmax(activities[-1], axis=1) if self.loss == "cross_entropy" else activities[-1]
        deltas = [out - targets]
        for weights, x in zip(self.weights[:0:-1], activities[-2:0:-1], strict=True):
            deltas.insert(0, deltas[0] @ weights.T * self._slope(x))
        inputs = activities[:-1]
        by_weight = [x.T @ delta / len(X) for x, delta in zip(inputs, deltas, strict=True)]
        return Gradients(by_weight, [delta.mean(axis=0) for delta in deltas], deltas)

    def diagonal_hessian(self, X: Floats) -> list[Floats]:
        """Diagonal second derivatives of the mean loss by each weight, as a second back-propagation gives them.

        h_a = f'(a)² Σ w² h and h_w = ⟨h_a x²⟩ (LeCun, Denker & Solla, NIPS 1989; the term with f'' is left out, after
        Levenberg and Marquardt). Exact in the output layer, and in the layer before a linear output of squared error
        where f'' = 0; further down it neglects products of different units.
        """
        activities = self.forward(X)
        p = softmax(activities[-1], axis=1)
        curvature = p * (1 - p) if self.loss == "cross_entropy" else np.ones_like(p)
        hessian: list[Floats] = []
        for number in reversed(range(len(self.weights))):
            x = activities[number]
            hessian.insert(0, (x**2).T @ curvature / len(X))
            if number:
                curvature = curvature @ (self.weights[number] ** 2).T * self._slope(x) ** 2
        return hessian
