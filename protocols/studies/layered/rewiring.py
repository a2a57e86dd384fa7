"""DEEP R and soft-DEEP R on digits: accuracy and connections after each epoch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from spikingsampling.models.pruning import SparseNetwork, deep_r, soft_deep_r
from spikingsampling.protocols.studies.layered.digits import Digits
from spikingsampling.protocols.studies.layered.pruning_configuration import RewiringSettings

__all__ = ["Rewired", "learn_rewiring", "rewiring_network", "soft_network"]


@dataclass
class Rewired:
    """After each epoch: held-out accuracy, connections, and how many came that were not there."""

    accuracy: list[float] = field(default_factory=list)
    connections: list[int] = field(default_factory=list)
    came: list[int] = field(default_factory=list)


def rewiring_network(
    sizes: Sequence[int],
    settings: RewiringSettings,
    rng: np.random.Generator,
    factor: float = 1.0,
    rewires: bool = True,
) -> SparseNetwork:
    """DEEP R with ``factor`` times the connections of the settings, at most all; or without rewiring."""
    there = [one * other for one, other in pairwise(sizes)]
    n_active = [min(round(factor * n), most) for n, most in zip(settings.n_active, there, strict=True)]
    constants = {name: getattr(settings, name) for name in ("eta", "alpha", "nu")}
    return deep_r(sizes, n_active, rng, rewires=rewires, **constants)


def soft_network(sizes: Sequence[int], settings: RewiringSettings, rng: np.random.Generator) -> SparseNetwork:
    """soft-DEEP R."""
    return soft_deep_r(
        sizes, settings.p_active, rng, eta=settings.soft_eta, alpha=settings.alpha, nu=settings.nu
    )


def learn_rewiring(
    network: SparseNetwork,
    digits: Digits,
    settings: RewiringSettings,
    rng: np.random.Generator,
    between: Callable[[], None] = lambda: None,
) -> Rewired:
    """Train a network in place; ``between`` is called after each epoch."""
    found, targets = Rewired(), digits.targets
    for _ in range(settings.epochs):
        found.came.append(network.epoch(digits.train, targets, rng, settings.batch_size))
        network.walk.eta *= settings.decay
        found.accuracy.append(network.accuracy(digits.test, digits.test_labels))
        found.connections.append(network.n_active)
        between()
    return found
