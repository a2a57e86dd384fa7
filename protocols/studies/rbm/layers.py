"""Networks of one and of two hidden layers (Fournier's report, section 4.5)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from spikingsampling.models.rbm import RBM, DeepBeliefNetwork, NaiveTwoLayers
from spikingsampling.protocols.studies.rbm.configuration import RBMSettings
from spikingsampling.protocols.studies.rbm.patterns import Patterns, subsample
from spikingsampling.protocols.studies.rbm.training import Trajectory, reconstruction_error, train

__all__ = ["greedy_network", "naive_network", "train_greedily"]


def naive_network(
    settings: RBMSettings, n_visible: int, n_second: int, seed: np.random.SeedSequence
) -> NaiveTwoLayers:
    """Two layers that learn at once, with the constants of the machine of one layer."""
    return NaiveTwoLayers(
        (n_visible, settings.n_hidden, n_second),
        seed,
        eta=settings.eta,
        n_examples=settings.n_examples,
        temperature=settings.temperature,
        k=settings.k,
    )


def greedy_network(
    settings: RBMSettings, n_visible: int, n_second: int, seeds: Sequence[np.random.SeedSequence]
) -> DeepBeliefNetwork:
    """Two layers that learn one after the other; ``seeds`` of the first and second layer, and of states passed up."""
    first, second, up = seeds
    lower: RBM = settings.machine(n_visible, first)
    upper: RBM = settings.machine(settings.n_hidden, second, n_hidden=n_second)
    return DeepBeliefNetwork([lower, upper], np.random.default_rng(up))


def train_greedily(
    network: DeepBeliefNetwork, patterns: Patterns, images: int, test_every: int, rng: np.random.Generator
) -> tuple[Trajectory, float]:
    """Show half of the images to the first layer and the rest to the second.

    Returns
    -------
    (Trajectory, float)
        Of the whole network, and the held-out error of the first layer alone when it has learnt.
    """
    half = images // 2
    trajectory = train(network, patterns, half, test_every, rng)
    first_layer_error = reconstruction_error(network.layers[0], subsample(patterns.test), rng)
    network.learning = 1
    train(network, patterns, images - half, test_every, rng, trajectory=trajectory)
    return trajectory, first_layer_error
