"""A recurrent network that reads an image row by row: tanh units, softmax at the end, trained by mirror descent."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spikingsampling.inference import Potential

from .descent import MirrorDescent, cosine

__all__ = ["RecurrentClassifier", "train"]

Array = NDArray[np.floating]


@dataclass(frozen=True)
class RecurrentClassifier:
    """h_t = tanh(x_t W_in + h_{t−1} W + b), and softmax(h_T W_out + c).

    Attributes
    ----------
    inputs, hidden, bias, outputs, shift : arrays
        W_in (n_inputs, n), W (n, n), b (n,), W_out (n, n_classes), c (n_classes,).
    """

    inputs: Array
    hidden: Array
    bias: Array
    outputs: Array
    shift: Array

    @classmethod
    def random(
        cls, n_inputs: int, n_hidden: int, n_classes: int, rng: np.random.Generator
    ) -> RecurrentClassifier:
        """All weights and biases uniform within ±1/√n."""
        width = 1 / math.sqrt(n_hidden)
        shapes = (n_inputs, n_hidden), (n_hidden, n_hidden), n_hidden, (n_hidden, n_classes), n_classes
        return cls(*(rng.uniform(-width, width, shape) for shape in shapes))

    @property
    def parameters(self) -> tuple[Array, ...]:
        """All arrays, in the order of the constructor."""
        return self.inputs, self.hidden, self.bias, self.outputs, self.shift

    def states(self, images: Array) -> Array:
        """h_t (T + 1, n_images, n) for images (n_images, T, n_inputs), in their type; h_0 = 0."""
        w_in, w, bias = (a.astype(images.dtype) for a in (self.inputs, self.hidden, self.bias))
        states = np.zeros((images.shape[1] + 1, len(images), len(bias)), images.dtype)
        drive = np.moveaxis(images @ w_in + bias, 1, 0)
        for t, driven in enumerate(drive):
            np.tanh(driven + states[t] @ w, out=states[t + 1])
        return states

    def scores(self, images: Array) -> Array:
        """What softmax is taken of (n_images, n_classes)."""
        return self.states(images)[-1] @ self.outputs.astype(images.dtype) + self.shift

    def accuracy(self, images: Array, labels: NDArray[np.integer]) -> float:
        """The fraction of images whose class has the highest score."""
        return float(np.mean(self.scores(images).argmax(axis=1) == labels))

    def gradient(
        self, images: Array, labels: NDArray[np.integer]
    ) -> tuple[float, tuple[NDArray[np.float64], ...]]:
        """Mean cross-entropy and its gradient for all parameters, by back-propagation through time."""
        states = self.states(images)
        w_out, w = self.outputs.astype(images.dtype), self.hidden.astype(images.dtype)
        scores = states[-1] @ w_out + self.shift.astype(images.dtype)
        scores -= scores.max(axis=1, keepdims=True)
        log_sum = np.log(np.exp(scores).sum(axis=1))
        rows = np.arange(len(labels))
        loss = float(np.mean(log_sum - scores[rows, labels]))
        error = np.exp(scores - log_sum[:, None])
        error[rows, labels] -= 1
        error /= len(labels)
        d_out, d_shift = states[-1].T @ error, error.sum(axis=0)
        back = error @ w_out.T
        driven = np.empty_like(states[1:])
        for t in range(len(driven) - 1, -1, -1):
            driven[t] = back * (1 - states[t + 1] ** 2)
            back = driven[t] @ w.T
        flat = driven.reshape(-1, driven.shape[-1])
        pixels = np.moveaxis(images, 1, 0).reshape(len(flat), -1)
        d_hidden = states[:-1].reshape(flat.shape).T @ flat
        gradients = pixels.T @ flat, d_hidden, flat.sum(axis=0), d_out, d_shift
        return loss, tuple(g.astype(float) for g in gradients)


def train(
    network: RecurrentClassifier,
    images: Array,
    labels: NDArray[np.integer],
    potential: Potential,
    rate: float,
    epochs: int,
    batch: int,
    rng: np.random.Generator,
    each_epoch: Callable[[], None] = lambda: None,
) -> tuple[RecurrentClassifier, float]:
    """Mirror descent of all parameters on minibatches in random order.

    Parameters
    ----------
    network : RecurrentClassifier
    images, labels : (n_images, T, n_inputs) and (n_images,) arrays
    potential : Potential
    rate : float
        η before the cosine.
    epochs, batch : int
    rng : Generator
        For the order of images.
    each_epoch : callable
        Called before each epoch.

    Returns
    -------
    RecurrentClassifier
        Trained.
    float
        The loss of the last step, before it; not finite if learning diverged.
    """
    descents = [MirrorDescent(potential, rate) for _ in network.parameters]
    n_steps, step, loss = epochs * math.ceil(len(labels) / batch), 0, math.nan
    with np.errstate(all="ignore"):
        for _ in range(epochs):
            each_epoch()
            order = rng.permutation(len(labels))
            for first in range(0, len(order), batch):
                part = order[first : first + batch]
                loss, gradients = network.gradient(images[part], labels[part])
                if not math.isfinite(loss):
                    return network, loss
                moves = zip(descents, network.parameters, gradients, strict=True)
                factor = cosine(step, n_steps)
                network = RecurrentClassifier(*(d.step(w, g, factor) for d, w, g in moves))
                step += 1
    return network, loss
