"""A deep belief network for digits: does pretraining without labels help, and does synaptic sampling pretrain better?

Two layers of restricted Boltzmann machines learn images by contrastive divergence, one after the other, probabilities
passed up. Back-propagation fine-tunes them with labels (Hinton, Osindero & Teh, Neural Comput 2006; Hinton &
Salakhutdinov, Science 2006), beside the same network with random weights. With 100 to 1000 labels, layers that learnt
by contrastive divergence are compared with layers that learnt by synaptic sampling (T = 1, bimodal prior) and by the
same without noise, on the same images, labels and seeds.

What to expect (all numbers: ``docs/results/deep_belief.md``):

- ``paper``, 5 repetitions, 10,000 images of MNIST: 0.963 pretrained, 0.958 from random weights after 20 epochs, and
  pretrained above random at every epoch.
- ``all_images``, 60,000: 0.982 pretrained and 0.983 from random weights; the gain is gone after some five epochs.
- With 100 labels 0.826 after contrastive divergence, 0.822 after sampling, 0.723 from random weights. Sampling is no
  better.
- No engine is used; a resumed run begins anew. Budget: ``paper`` 210 s of one core, ``all_images`` 320 s,
  ``quick`` 110 s.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from spikingsampling.analysis import estimate_mean
from spikingsampling.cli import run_script
from spikingsampling.experiment.protocol import Protocol
from spikingsampling.experiment.repetitions import Repeated, mean_curve, repetitions
from spikingsampling.experiment.run import Run
from spikingsampling.protocols.studies.layered.deep_belief import (
    CONDITIONS,
    WAYS,
    few_labels,
    layer_features,
    machines,
    pretrained,
    tuned,
)
from spikingsampling.protocols.studies.layered.deep_belief_configuration import DeepBeliefConfiguration
from spikingsampling.protocols.studies.layered.deep_belief_figures import (
    plot_features,
    plot_few_labels,
    plot_tuning,
)
from spikingsampling.protocols.studies.layered.digits import load_digits

__all__ = ["PROTOCOL"]

_PART = (0.0, 1.0)


def tuning_metrics(curves: dict[str, list[np.ndarray]]) -> dict[str, Any]:
    """Accuracy at the end and over epochs of each condition, and the paired gain by pretraining at every epoch."""
    found: dict[str, Any] = {}
    for name, ending in CONDITIONS.items():
        found[f"dbn.accuracy{ending}"] = estimate_mean([curve[-1] for curve in curves[name]], _PART)
    epochs = np.arange(1, len(curves["random"][0]) + 1)
    found["dbn.curve"] = mean_curve("epoch", epochs, **curves)
    gains = np.subtract(curves["pretrained"], curves["random"])
    for epoch, gain in zip(epochs, gains.T, strict=True):
        found[f"dbn.pretrained_minus_random.epoch_{epoch}"] = estimate_mean(gain, (-1.0, 1.0))
    return found


def label_metrics(labels: tuple[int, ...], accuracies: dict[str, np.ndarray]) -> dict[str, Any]:
    """Accuracy of each way of pretraining with few labels, and paired differences to contrastive divergence."""
    values = {
        way: {f"labels_{n}": found for n, found in zip(labels, runs.T, strict=True)}
        for way, runs in accuracies.items()
    }
    repeated = Repeated(values, {f"labels_{n}": _PART for n in labels})
    found = repeated.estimates()
    for way in WAYS:
        if way != "contrastive_divergence":
            found |= repeated.differences(way, "contrastive_divergence")
    found |= repeated.differences("sampling", "map")
    return {f"dbn.{name}": value for name, value in found.items()}


def run(context: Run[DeepBeliefConfiguration]) -> dict[str, Any]:
    """Pretrain, fine-tune with all labels, and with few."""
    c, everything = context.configuration, load_digits(context.configuration.data)
    curves: dict[str, list[np.ndarray]] = {name: [] for name in CONDITIONS}
    features: dict[str, list[float]] = {}
    few: dict[str, list[np.ndarray]] = {way: [] for way in WAYS}
    for _, seed in repetitions(context, c.repetitions):
        part_seed, layer_seed, feature_seed, label_seed = seed.spawn(4)
        digits = everything.part(c.images, np.random.default_rng(part_seed))
        ways = machines(c, len(digits.train))
        networks = {
            way: pretrained(c, digits, ways[way], layer_seed) for way in (WAYS if c.labels else WAYS[:2])
        }
        for way, accuracies in (few_labels(networks, c, digits, label_seed) if c.labels else {}).items():
            few[way].append(accuracies)
        learnt = layer_features(
            networks["contrastive_divergence"], c, digits, np.random.default_rng(feature_seed)
        )
        for name, accuracy in learnt.items():
            features.setdefault(name, []).append(accuracy)
        for name, way in zip(CONDITIONS, ("contrastive_divergence", "random"), strict=True):
            curves[name].append(tuned(networks[way], digits, c.fine_tuning.epochs))
            context.stop_if_interrupted()
    metrics = tuning_metrics(curves)
    metrics |= {f"dbn.features.{name}": estimate_mean(each, _PART) for name, each in features.items()}
    if context.figures_enabled:
        caption = (
            "Held-out error while back-propagation fine-tunes the network; bands: range over repetitions."
        )
        context.save_figure("tuning", plot_tuning(curves), caption)
        context.save_figure(
            "features", plot_features(features), "What a softmax reads from the pixels and each layer."
        )
    if c.labels:
        accuracies = {way: np.array(runs) for way, runs in few.items()}
        metrics |= label_metrics(c.labels, accuracies)
        if context.figures_enabled:
            caption = "Few labels: accuracy by the way in which layers learnt; bars: range over repetitions."
            context.save_figure("few_labels", plot_few_labels(c.labels, accuracies), caption)
    return metrics


PROTOCOL = Protocol(
    configuration=DeepBeliefConfiguration,
    presets={
        "smoke": {
            "repetitions": 2,
            "images": 400,
            "hidden": [40, 20],
            "layers": {"epochs": 3, "batch_size": 20},
            "fine_tuning": {"epochs": 4, "batch_size": 20, "eta": 0.1, "few_epochs": 10},
            "labels": [100],
        },
        "quick": {
            "layers": {"epochs": 20, "batch_size": 20},
            "fine_tuning": {"batch_size": 20, "eta": 0.1},
            "labels": [100, 300],
        },
        "paper": {"data": "real"},
        "all_images": {"data": "real", "images": 60_000, "layers": {"epochs": 5}, "labels": []},
    },
    run=run,
)

if __name__ == "__main__":
    run_script(PROTOCOL)
