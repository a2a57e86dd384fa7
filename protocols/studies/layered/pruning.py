"""Accuracy of a pruned network: at once, trained again, step by step; units; and losses that were predicted."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from spikingsampling.models.descent import train
from spikingsampling.models.mlp import MLP, one_hot
from spikingsampling.models.pruning import (
    CRITERIA,
    UNIT_CRITERIA,
    fraction_kept,
    keep,
    prune_iteratively,
    remove_units,
    saliencies,
    unit_saliencies,
)
from spikingsampling.protocols.studies.layered.digits import Digits
from spikingsampling.protocols.studies.layered.pruning_configuration import DescentSettings

__all__ = ["ITERATED", "dense", "iterative", "one_shot", "predicted_losses", "retrained", "unit_removal"]

Curve = NDArray[np.float64]
#: Criteria of iterative pruning.
ITERATED = ("magnitude", "obd")


def dense(digits: Digits, hidden: Sequence[int], settings: DescentSettings, rng: np.random.Generator) -> MLP:
    """A trained network with all its connections."""
    network = MLP((digits.train.shape[1], *hidden, 10), rng)
    constants = {name: getattr(settings, name) for name in ("eta", "decay", "momentum", "l2", "batch_size")}
    train(network, digits.train, digits.targets, settings.epochs, rng, **constants)
    return network


def _retrain(
    network: MLP, digits: Digits, settings: DescentSettings, epochs: int, rng: np.random.Generator
) -> None:
    constants = {name: getattr(settings, name) for name in ("momentum", "l2", "batch_size")}
    train(network, digits.train, digits.targets, epochs, rng, eta=settings.retrain_eta, **constants)


def one_shot(
    network: MLP, digits: Digits, kept: Sequence[float], n_hessian: int, rng: np.random.Generator
) -> dict[str, Curve]:
    """Held-out accuracy (n_kept,) by criterion, without training."""
    found = {}
    for criterion in CRITERIA:
        saliency = saliencies(network, criterion, digits.train[:n_hessian], rng)
        found[criterion] = np.array([_accuracy_of(network, digits, saliency, each) for each in kept])
    return found


def _accuracy_of(network: MLP, digits: Digits, saliency: list[NDArray], fraction: float) -> float:
    pruned = deepcopy(network)
    keep(pruned, saliency, fraction)
    return pruned.accuracy(digits.test, digits.test_labels)


def retrained(
    network: MLP,
    digits: Digits,
    kept: Sequence[float],
    settings: DescentSettings,
    n_hessian: int,
    rng: np.random.Generator,
) -> dict[str, Curve]:
    """Held-out accuracy (n_kept,) by criterion, each pruned at once and trained again."""
    found = {}
    for criterion in CRITERIA:
        saliency, accuracies = saliencies(network, criterion, digits.train[:n_hessian], rng), []
        for fraction in kept:
            pruned = deepcopy(network)
            keep(pruned, saliency, fraction)
            _retrain(pruned, digits, settings, settings.retrain_epochs, rng)
            accuracies.append(pruned.accuracy(digits.test, digits.test_labels))
        found[criterion] = np.array(accuracies)
    return found


def iterative(
    network: MLP,
    digits: Digits,
    kept: Sequence[float],
    settings: DescentSettings,
    n_hessian: int,
    rng: np.random.Generator,
) -> tuple[dict[str, Curve], dict[str, list[float]]]:
    """Held-out accuracy (n_kept,) by criterion of :data:`ITERATED`, and what each layer keeps at the end."""
    found, layers = {}, {}
    for criterion in ITERATED:
        pruned = deepcopy(network)
        steps = prune_iteratively(
            pruned,
            kept,
            partial(saliencies, criterion=criterion, X=digits.train[:n_hessian], rng=rng),
            partial(_retrain, digits=digits, settings=settings, epochs=settings.step_epochs, rng=rng),
        )
        found[criterion] = np.array([pruned.accuracy(digits.test, digits.test_labels) for _ in steps])
        layers[criterion] = fraction_kept(pruned)
    return found, layers


def unit_removal(
    network: MLP, digits: Digits, removed: Sequence[float], n: int, rng: np.random.Generator
) -> tuple[dict[str, Curve], dict[str, float]]:
    """Held-out accuracy (n_removed,) without units of the first hidden layer, and Spearman's ρ with the oracle.

    All criteria are computed once, on the whole network and ``n`` training images.
    """
    inputs, targets = digits.train[:n], digits.targets[:n]
    found = {name: unit_saliencies(network, 1, name, inputs, targets, rng) for name in UNIT_CRITERIA}
    accuracies = {}
    for name, saliency in found.items():
        order, accuracies[name] = np.argsort(saliency), np.empty(len(removed))
        for i, part in enumerate(removed):
            pruned = deepcopy(network)
            remove_units(pruned, 1, order[: round(part * len(order))])
            accuracies[name][i] = pruned.accuracy(digits.test, digits.test_labels)
    oracle = found.pop("oracle")
    return accuracies, {name: float(spearmanr(each, oracle).statistic) for name, each in found.items()}


def predicted_losses(
    digits: Digits,
    n_hidden: int,
    kept: Sequence[float],
    settings: DescentSettings,
    n_hessian: int,
    rng: np.random.Generator,
) -> dict[str, tuple[Curve, Curve]]:
    """Rise of the training loss on deletion, (n_kept,) as Σ h w²/2 predicts it and as it is, by criterion.

    Of a network with one hidden layer of scaled tanh, targets ±1 and squared error, LeCun's case: with cross-entropy
    and all images learnt h is nearly 0.
    """
    targets = one_hot(digits.train_labels, low=-1)
    network = MLP((digits.train.shape[1], n_hidden, 10), rng, activation="scaled_tanh", loss="squared_error")
    train(network, digits.train, targets, settings.epochs, rng, eta=0.005, batch_size=settings.batch_size)
    inputs, targets = digits.train[:n_hessian], targets[:n_hessian]
    quadratic = saliencies(network, "obd", inputs, rng)
    intact = network.losses(inputs, targets).mean()
    found = {}
    for criterion in ITERATED:
        saliency, predicted, actual = saliencies(network, criterion, inputs, rng), [], []
        for fraction in kept:
            pruned = deepcopy(network)
            keep(pruned, saliency, fraction)
            gone = zip(quadratic, pruned.masks, strict=True)
            predicted.append(sum(float(each[~mask].sum()) for each, mask in gone))
            actual.append(float(pruned.losses(inputs, targets).mean() - intact))
        found[criterion] = np.array(predicted), np.array(actual)
    return found
