"""How much a network needs a connection or a unit: criteria of pruning.

A connection: |w| (Han et al., NIPS 2015), h w²/2 with the diagonal h of the Hessian (Optimal Brain Damage; LeCun,
Denker & Solla, NIPS 1989), or chance. A unit with activity x in a network of loss E: E without it (the oracle),
|⟨x ∂E/∂x⟩| and ⟨|x ∂E/∂x|⟩ (Taylor; Molchanov et al., ICLR 2017), the norm of its weights, its mean activity, Σ h w²/2,
or chance.
"""

from __future__ import annotations

import numpy as np

from spikingsampling._checks import index_array
from spikingsampling.errors import ParameterError, UnknownNameError
from spikingsampling.models.mlp import MLP, Floats

__all__ = ["CRITERIA", "UNIT_CRITERIA", "ablation_losses", "remove_units", "saliencies", "unit_saliencies"]

CRITERIA = ("magnitude", "obd", "random")
UNIT_CRITERIA = ("oracle", "norm", "taylor", "absolute_taylor", "obd", "activity", "random")


def saliencies(network: MLP, criterion: str, X: Floats, rng: np.random.Generator) -> list[Floats]:
    """Saliency of every connection, shaped as the weights: the lowest go first.

    Parameters
    ----------
    network : MLP
    criterion : str
        One of :data:`CRITERIA`.
    X : (n, n_in) array
        Examples over which ``obd`` averages.
    rng : Generator
        Of ``random``.

    Raises
    ------
    UnknownNameError
        No such criterion.
    """
    if criterion == "magnitude":
        return [np.abs(weights) for weights in network.weights]
    if criterion == "obd":
        hessian = network.diagonal_hessian(X)
        return [h * weights**2 / 2 for h, weights in zip(hessian, network.weights, strict=True)]
    if criterion == "random":
        return [rng.random(weights.shape, dtype=np.float32) for weights in network.weights]
    raise UnknownNameError("criterion", str(criterion), CRITERIA)


def unit_saliencies(
    network: MLP, layer: int, criterion: str, X: Floats, targets: Floats, rng: np.random.Generator
) -> Floats:
    """Saliency of every unit of the hidden layer ``layer`` (1 is the first), (n_units,): the lowest go first.

    The loss is that of X (n, n_in) with targets (n, n_out). ``oracle`` is :func:`ablation_losses`.

    Raises
    ------
    UnknownNameError
        No such criterion.
    ParameterError
        No such hidden layer.
    """
    _check_hidden(network, layer)
    below, above = network.weights[layer - 1], network.weights[layer]
    if criterion == "oracle":
        return ablation_losses(network, layer, X, targets)
    if criterion == "norm":
        return np.sqrt((below**2).sum(axis=0))
    if criterion == "activity":
        return network.forward(X)[layer].mean(axis=0)
    if criterion in ("taylor", "absolute_taylor"):
        by_unit = network.gradients(X, targets).deltas[layer] @ above.T * network.forward(X)[layer]
        return np.abs(by_unit.mean(axis=0)) if criterion == "taylor" else np.abs(by_unit).mean(axis=0)
    if criterion == "obd":
        return (network.diagonal_hessian(X)[layer - 1] * below**2 / 2).sum(axis=0)
    if criterion == "random":
        return rng.random(below.shape[1])
    raise UnknownNameError("criterion", str(criterion), UNIT_CRITERIA)


def ablation_losses(network: MLP, layer: int, X: Floats, targets: Floats) -> Floats:
    """Mean loss when each unit of the hidden layer ``layer`` alone is silent, minus the loss with all, (n_units,)."""
    _check_hidden(network, layer)
    above, found = network.weights[layer], []
    intact = network.losses(X, targets).mean()
    for unit in range(len(above)):
        kept = above[unit].copy()
        above[unit] = 0
        found.append(network.losses(X, targets).mean() - intact)
        above[unit] = kept
    return np.array(found)


def remove_units(network: MLP, layer: int, units: np.ndarray) -> None:
    """Take out all connections to and from units of the hidden layer ``layer``.

    Raises
    ------
    ParameterError
        No such hidden layer, or no such unit.
    """
    _check_hidden(network, layer)
    units = index_array("units", units, network.weights[layer].shape[0])
    network.masks[layer - 1][:, units] = False
    network.masks[layer][units] = False
    for number in (layer - 1, layer):
        network.weights[number] *= network.masks[number]


def _check_hidden(network: MLP, layer: int) -> None:
    if not 0 < layer < len(network.weights):
        raise ParameterError(f"layer = {layer!r}: must be a hidden layer, 1 to {len(network.weights) - 1}")
