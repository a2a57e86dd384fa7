"""Stochastic gradient descent with momentum for a multilayer perceptron; connections that are masked stay away."""

from __future__ import annotations

import numpy as np

from spikingsampling._checks import finite_number, whole_number
from spikingsampling.errors import ParameterError
from spikingsampling.models.mlp import MLP, Floats

__all__ = ["train"]


def train(
    network: MLP,
    X: Floats,
    targets: Floats,
    epochs: int,
    rng: np.random.Generator,
    *,
    eta: float = 0.05,
    momentum: float = 0.9,
    l2: float = 1e-4,
    batch_size: int = 100,
    decay: float = 1.0,
) -> None:
    """Go through X (n, n_in) with targets (n, n_out), in a new order each time, and change the network in place.

    v ← momentum v − η (∂E/∂w + l2 w), w ← w + v; biases have no ``l2``. η is multiplied by ``decay`` after each epoch.
    The velocity v starts at 0.

    Raises
    ------
    ParameterError
        ``eta`` is not positive, ``momentum`` or ``l2`` negative, or the numbers of epochs or of examples in a batch are
        not whole.
    """
    if finite_number("eta", eta) <= 0:
        raise ParameterError(f"eta = {eta!r}: must be more than 0")
    momentum, l2 = finite_number("momentum", momentum, low=0), finite_number("l2", l2, low=0)
    batch_size = whole_number("batch_size", batch_size)
    parameters = (*network.weights, *network.biases)
    velocities = [np.zeros_like(each) for each in parameters]
    for _ in range(whole_number("epochs", epochs, low=0)):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            found = network.gradients(X[batch], targets[batch])
            slopes = [
                (slope + l2 * weights) * mask
                for slope, weights, mask in zip(found.weights, network.weights, network.masks, strict=True)
            ]
            for value, slope, velocity in zip(parameters, (*slopes, *found.biases), velocities, strict=True):
                velocity *= momentum
                velocity -= eta * slope
                value += velocity
        eta *= decay
