"""A recurrent network, pretrained and then fine-tuned on few images, and the map that its recurrent weights show."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from spikingsampling.analysis.geometry import read_change
from spikingsampling.data import ImageSet
from spikingsampling.errors import ParameterError
from spikingsampling.experiment.run import Run
from spikingsampling.models.geometry import RecurrentClassifier, train

from .configuration import GeometryConfiguration
from .readings import MAPS, Readings, potential_of

__all__ = ["RATES", "Tuned", "tune"]

#: Learning rates of pretraining. Six rates of fine-tuning are tried, from these on down.
RATES = {"entropy": 0.3, "2-norm": 0.03, "3-norm": 0.001}
_ATTEMPTS = 5
#: A network has learnt if its loss is below nine tenths of what guessing has.
_LEARNT = 0.9 * math.log(10)
_FACTORS = 10.0 ** -np.arange(0, 3, 0.5)
_TUNING_BATCH = 256


@dataclass(frozen=True)
class Tuned:
    """What fine-tuning has done.

    Attributes
    ----------
    readings : list of mappings
        For each set of images.
    before : float
        Accuracy on test images before.
    fitted : list of float
        Accuracy on its own images after, for each set.
    """

    readings: list[Readings]
    before: float
    fitted: list[float]


def _pixels(images: ImageSet) -> tuple[np.ndarray, np.ndarray]:
    """Standardised as is usual with MNIST, and labels."""
    return ((images.images - 0.1307) / 0.3081).astype(np.float32), images.labels


def tune(context: Run[GeometryConfiguration], name: str, training: ImageSet, test: ImageSet) -> Tuned:
    """Pretrain with a potential, fine-tune with the same one, and read the recurrent weights.

    Where a network has not learnt, since its units are saturated, it begins anew with half of the rate. The rate of
    fine-tuning has the least loss on the images of its set.
    """
    c, potential = context.configuration.recurrent, potential_of(name)
    rng = context.rng(f"recurrent network, {name}")
    images, labels = _pixels(training)
    chosen = rng.permutation(len(labels))[: c.images]
    start = RecurrentClassifier.random(images.shape[2], c.n_hidden, 10, rng)
    for rate in RATES[name] / 2.0 ** np.arange(_ATTEMPTS):
        network, loss = train(
            start,
            *(images[chosen], labels[chosen], potential, rate, c.epochs, c.batch, rng),
            each_epoch=context.stop_if_interrupted,
        )
        context.log.info("%s: pretrained with rate %.2g to a loss of %.2g", name, rate, loss)
        if loss < _LEARNT:
            break
    else:
        raise ParameterError(
            f"recurrent.epochs = {c.epochs}: too few, {name} has learnt with none of its rates"
        )
    images, labels = _pixels(test)
    before = network.accuracy(images, labels)
    readings, fitted = [], []
    for _ in range(c.repetitions):
        context.stop_if_interrupted()
        part = rng.permutation(len(labels))[: c.n_hidden]
        best, least, best_rate = network, math.inf, 0.0
        for rate in RATES[name] * _FACTORS:
            found, loss = train(
                network, images[part], labels[part], potential, rate, c.tuning_epochs, _TUNING_BATCH, rng
            )
            if loss < least:
                best, least, best_rate = found, loss, rate
        fitted.append(best.accuracy(images[part], labels[part]))
        readings.append(read_change(network.hidden.ravel(), best.hidden.ravel(), MAPS))
        context.log.info("%s: accuracy %.3f, rate %.2g, loss %.2g", name, before, best_rate, least)
    return Tuned(readings, before, fitted)
