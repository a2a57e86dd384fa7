"""Taking out connections of a network, at once or step by step with training in between."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from spikingsampling._checks import finite_number
from spikingsampling.errors import ParameterError
from spikingsampling.models.mlp import MLP, Floats

__all__ = ["fraction_kept", "keep", "prune_iteratively"]


def fraction_kept(network: MLP) -> list[float]:
    """Fraction of the connections that exist, by layer."""
    return [float(mask.mean()) for mask in network.masks]


def keep(network: MLP, saliency: Sequence[Floats], fraction: float) -> None:
    """Keep this fraction of all possible connections: those of the highest saliency over all layers.

    What was taken out before stays out.

    Raises
    ------
    ParameterError
        ``fraction`` is not from 0 to 1, or more than there is.
    """
    fraction = finite_number("fraction", fraction, low=0)
    alive = np.concatenate([mask.ravel() for mask in network.masks])
    n_kept = round(fraction * alive.size)
    if n_kept > alive.sum():
        raise ParameterError(f"fraction = {fraction!r}: must be at most {alive.mean():g}, what there is")
    order = np.where(alive, np.concatenate([each.ravel() for each in saliency]), -np.inf)
    chosen = np.zeros(alive.size, bool)
    chosen[np.argsort(order, kind="stable")[alive.size - n_kept :]] = True
    start = 0
    for mask, weights in zip(network.masks, network.weights, strict=True):
        mask[...] = chosen[start : start + mask.size].reshape(mask.shape)
        weights *= mask
        start += mask.size


def prune_iteratively(
    network: MLP,
    fractions: Sequence[float],
    saliency_of: Callable[[MLP], Sequence[Floats]],
    retrain: Callable[[MLP], None],
) -> Iterator[float]:
    """Prune to each fraction in turn and train what is left; yields the fraction each time.

    Raises
    ------
    ParameterError
        A fraction is larger than the one before it.
    """
    for fraction in fractions:
        keep(network, saliency_of(network), fraction)
        retrain(network)
        yield fraction
