"""A deep belief network on digits: what its layers tell, fine-tuning epoch by epoch, and few labels."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from spikingsampling.models.descent import train
from spikingsampling.models.mlp import MLP, Floats, one_hot
from spikingsampling.models.rbm import RBM, DeepBeliefClassifier
from spikingsampling.protocols.studies.layered.deep_belief_configuration import (
    DeepBeliefConfiguration,
    FineTuning,
)
from spikingsampling.protocols.studies.layered.digits import Digits

__all__ = ["CONDITIONS", "WAYS", "few_labels", "layer_features", "machines", "pretrained", "tuned"]

Curve = NDArray[np.float64]
#: Of fine-tuning with all labels, with the names of their metrics.
CONDITIONS = {"pretrained": "", "random": "_random"}
#: Ways in which layers learn before few labels come.
WAYS = ("random", "contrastive_divergence", "map", "sampling")


def pretrained(
    c: DeepBeliefConfiguration, digits: Digits, machine: RBM | None, seed: np.random.SeedSequence
) -> DeepBeliefClassifier:
    """The stack before any label: layers of this kind of machine, or random weights without one."""
    tuning = c.fine_tuning
    network = DeepBeliefClassifier(
        c.hidden,
        machine=machine,
        pretrain=machine is not None,
        eta=tuning.eta,
        momentum=tuning.momentum,
        batch_size=tuning.batch_size,
        random_state=seed,
    )
    return network.fit_unlabelled(digits.train)


def machines(c: DeepBeliefConfiguration, n: int) -> dict[str, RBM | None]:
    """The machine of each of :data:`WAYS`, for ``n`` images."""
    layers = c.layers
    return dict(
        zip(WAYS, (None, layers.contrastive(), layers.sampling(n, 0.0), layers.sampling(n, 1.0)), strict=True)
    )


def tuned(network: DeepBeliefClassifier, digits: Digits, epochs: int) -> Curve:
    """Held-out accuracy after each epoch of fine-tuning with all labels, (epochs,)."""
    found = []
    for _ in range(epochs):
        network.fine_tune(digits.train, digits.train_labels, 1)
        found.append(network.score(digits.test, digits.test_labels))
    return np.array(found)


def layer_features(
    network: DeepBeliefClassifier, c: DeepBeliefConfiguration, digits: Digits, rng: np.random.Generator
) -> dict[str, float]:
    """Held-out accuracy of a softmax on the pixels and on each layer, as it has learnt and with random weights."""
    stack = network.stack_
    random = MLP((digits.train.shape[1], *c.hidden), rng, activation="logistic")
    parts, found = (
        (digits.train, digits.test),
        {"pixels": _softmax(digits.train, digits.test, digits, c.fine_tuning, rng)},
    )
    for number in range(1, len(c.hidden) + 1):
        learnt = [stack.transform(part, number) for part in parts]
        found[f"layer_{number}"] = _softmax(*learnt, digits, c.fine_tuning, rng)
        shorter = MLP((digits.train.shape[1], *c.hidden[:number], 1), rng, activation="logistic")
        shorter.weights[:-1] = random.weights[:number]
        untrained = [shorter.forward(part)[number] for part in parts]
        found[f"random_layer_{number}"] = _softmax(*untrained, digits, c.fine_tuning, rng)
    return found


def _softmax(
    train_x: Floats, test_x: Floats, digits: Digits, tuning: FineTuning, rng: np.random.Generator
) -> float:
    network = MLP((train_x.shape[1], 10), rng, activation="linear")
    train_x, test_x = train_x.astype(np.float32), test_x.astype(np.float32)
    train(network, train_x, digits.targets, tuning.epochs, rng, eta=0.05, l2=0, batch_size=tuning.batch_size)
    return network.accuracy(test_x, digits.test_labels)


def few_labels(
    networks: Mapping[str, DeepBeliefClassifier],
    c: DeepBeliefConfiguration,
    digits: Digits,
    seed: np.random.SeedSequence,
) -> dict[str, Curve]:
    """Held-out accuracy (n_labels,) of each network, fine-tuned with the first labels only.

    Labels and the order in which they come are the same for all; each has an output layer of its own."""
    tuning, found = c.fine_tuning, {}
    for name, network in networks.items():
        accuracies = []
        for n in c.labels:
            rng = np.random.default_rng(seed)
            sizes = (digits.train.shape[1], *c.hidden, 10)
            start = (
                MLP(sizes, rng, activation="logistic")
                if network.stack_ is None
                else network.stack_.classifier(10)
            )
            images, targets = digits.train[:n], one_hot(digits.train_labels[:n])
            batch = max(1, len(images) // tuning.few_batches)
            constants = {"eta": tuning.few_eta, "momentum": tuning.momentum, "batch_size": batch}
            train(start, images, targets, tuning.few_epochs, rng, l2=0.0, **constants)
            accuracies.append(start.accuracy(digits.test, digits.test_labels))
        found[name] = np.array(accuracies)
    return found
