"""Several hidden layers: the naive rule of Fournier's report, and a greedy deep belief network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from spikingsampling._checks import finite_array, finite_number, whole_number
from spikingsampling.errors import ParameterError, UnknownNameError
from spikingsampling.models.descent import train
from spikingsampling.models.mlp import MLP, one_hot
from spikingsampling.models.rbm.machine import RBM

__all__ = ["DeepBeliefNetwork", "NaiveTwoLayers"]

Floats = NDArray[np.floating]
#: What a layer learns of the one below.
PASS_UP = ("states", "probabilities")


def _draw(probability: Floats, rng: np.random.Generator) -> Floats:
    return (rng.random(probability.shape) < probability).astype(float)


class DeepBeliefNetwork:
    """A stack of machines, each of which learns the hidden units of the one below (Hinton et al., 2006).

    Parameters
    ----------
    layers : sequence of RBM
        From the lowest up; for :meth:`partial_fit` initialised or trained.
    rng : Generator
        Hidden states passed up in learning.
    pass_up : {"states", "probabilities"}
        What a layer learns of the one below: states that are drawn, or their probabilities. A machine that learns
        probabilities needs ``visible="probability"``.

    Attributes
    ----------
    learning : int
        Index of the layer that :meth:`partial_fit` trains.

    Raises
    ------
    ParameterError, UnknownNameError
        There is no layer, or no such way to pass up.
    """

    def __init__(self, layers: Sequence[RBM], rng: np.random.Generator, *, pass_up: str = "states") -> None:
        if not layers:
            raise ParameterError("layers is empty: give at least one RBM")
        if pass_up not in PASS_UP:
            raise UnknownNameError("pass_up", str(pass_up), PASS_UP)
        self.layers, self.pass_up = list(layers), pass_up
        self.learning = 0
        self._rng = rng

    def _up(self, layer: RBM, X: Floats) -> Floats:
        probability = layer.transform(X)
        return probability if self.pass_up == "probabilities" else _draw(probability, self._rng)

    def fit(self, X: Floats) -> DeepBeliefNetwork:
        """Train one layer after the other on X (n, n_visible), each for its ``n_epochs``."""
        for number, layer in enumerate(self.layers):
            self.learning = number
            X = self._up(self.layers[number - 1], X) if number else X
            layer.fit(X)
        return self

    def partial_fit(self, X: Floats) -> DeepBeliefNetwork:
        """Show X (n, n_visible), one after the other, to the learning layer through those below it."""
        for layer in self.layers[: self.learning]:
            X = self._up(layer, X)
        self.layers[self.learning].partial_fit(X)
        return self

    def transform(self, X: Floats, n_layers: int | None = None) -> Floats:
        """p(z = 1) of the layer ``n_layers`` from below (default: the highest), of probabilities passed up to it."""
        for layer in self.layers[:n_layers]:
            X = layer.transform(X)
        return X

    def classifier(self, n_classes: int) -> MLP:
        """A perceptron of logistic units with the weights of the stack, and an output layer of random weights."""
        sizes = (
            self.layers[0].n_features_in_,
            *(len(layer.hidden_bias_) for layer in self.layers),
            n_classes,
        )
        network = MLP(sizes, self._rng, activation="logistic")
        for number, layer in enumerate(self.layers):
            network.weights[number][...] = layer.weights_.T
            network.biases[number][...] = layer.hidden_bias_
        return network

    def fit_classifier(
        self, X: Floats, y: NDArray[np.integer], n_classes: int, epochs: int, **descent: Any
    ) -> MLP:
        """:meth:`classifier`, fine-tuned by back-propagation on X (n, n_visible) with labels y (n,).

        Keyword arguments are those of :func:`~spikingsampling.models.descent.train`. The stack stays as it is.
        """
        network = self.classifier(n_classes)
        train(network, X, one_hot(y, n_classes), epochs, self._rng, **descent)
        return network

    def reconstruct(self, X: Floats, rng: np.random.Generator) -> Floats:
        """E[x̂ | first hidden layer] after one pass up to the layer that learns and down again."""
        *below, top = self.layers[: self.learning + 1]
        for layer in below:
            X = _draw(layer.transform(X), rng)
        X = top.reconstruct(X, rng)
        for layer in reversed(below):
            X = layer.visible_mean(_draw(X, rng))
        return X


class NaiveTwoLayers:
    """The second layer "by analogy" of Fournier's report, section 4.5: both layers learn at once.

    Up: z₁ ~ p(z₁|x), z₂ ~ p(z₂|z₁). A loop goes down from the top, z₁ ~ σ(W₂ᵀ z₂ + c₁), x ~ σ(W₁ᵀ z₁ + b),
    and up again. Each layer applies the rule of the restricted Boltzmann machine to the states before and
    after, with uniform prior. No joint distribution has these as its conditionals, so that the differences
    are no gradient of a likelihood: p(z₁ | x, z₂) would need both inputs at once.

    Parameters
    ----------
    sizes : (int, int, int)
        Units of the visible, first and second hidden layer.
    seed : SeedSequence
    eta, n_examples, temperature, k
        As for :class:`~spikingsampling.models.rbm.machine.RBM`.

    Raises
    ------
    ParameterError
        A size or ``k`` is not a whole number from 1, ``eta`` not positive, ``n_examples`` or ``temperature``
        negative; when learning: X has a wrong shape or is not finite.

    Attributes
    ----------
    weights_ : list of two arrays, (n₁, n_visible) and (n₂, n₁)
    biases_ : list of three arrays, of x, z₁ and z₂
    """

    def __init__(
        self,
        sizes: tuple[int, int, int],
        seed: np.random.SeedSequence,
        *,
        eta: float = 1e-4,
        n_examples: float = 100.0,
        temperature: float = 1.0,
        k: int = 5,
    ) -> None:
        names = ("visible", "first hidden", "second hidden")
        sizes = [
            whole_number(f"sizes: number of {name} units", size)
            for name, size in zip(names, sizes, strict=True)
        ]
        if finite_number("eta", eta) <= 0:
            raise ParameterError(f"eta = {eta!r}: must be more than 0 (η = bΔt)")
        self.eta, self.k = float(eta), whole_number("k", k)
        self.n_examples = finite_number("n_examples", n_examples, low=0)
        self.temperature = finite_number("temperature", temperature, low=0)
        self._rng = np.random.default_rng(seed)
        self.weights_ = [self._rng.normal(0, 0.5, (sizes[i + 1], sizes[i])) for i in range(2)]
        self.biases_ = [self._rng.normal(-1, 0.5, n) for n in sizes]

    def partial_fit(self, X: Floats) -> NaiveTwoLayers:
        """Show X (n, n_visible), one after the other."""
        gain, scale = self.eta * self.n_examples, np.sqrt(2 * self.temperature * self.eta)
        for x in self._patterns(X):
            before = after = self._up(x, self._rng)
            for _ in range(self.k):
                after = self._up(_draw(self._down(after[2], self._rng), self._rng), self._rng)
            for i, weights in enumerate(self.weights_):
                weights += gain * (np.outer(before[i + 1], before[i]) - np.outer(after[i + 1], after[i]))
                weights += scale * self._rng.standard_normal(weights.shape)
            for i, bias in enumerate(self.biases_):
                bias += gain * (before[i] - after[i]) + scale * self._rng.standard_normal(bias.shape)
        return self

    def reconstruct(self, X: Floats, rng: np.random.Generator) -> Floats:
        """E[x̂ | z₁] after one pass up to the second layer and down."""
        return self._down(self._up(self._patterns(X), rng)[2], rng)

    def _patterns(self, X: Floats) -> Floats:
        return finite_array("X", X, ("n", len(self.biases_[0])))

    def _up(self, x: Floats, rng: np.random.Generator) -> tuple[Floats, Floats, Floats]:
        z1 = _draw(expit(x @ self.weights_[0].T + self.biases_[1]), rng)
        return x, z1, _draw(expit(z1 @ self.weights_[1].T + self.biases_[2]), rng)

    def _down(self, z2: Floats, rng: np.random.Generator) -> Floats:
        z1 = _draw(expit(z2 @ self.weights_[1] + self.biases_[1]), rng)
        return expit(z1 @ self.weights_[0] + self.biases_[0])
