"""A linear readout of spike counts: which potential has trained it is seen in the change of its weights.

The input neurons of the association network show images, and their spikes are counted. Ten outputs, one for each digit,
learn the counts of few presentations by mirror descent on the mean squared error.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from spikingsampling.analysis.geometry import read_change
from spikingsampling.data import ImageSet
from spikingsampling.inference import Potential
from spikingsampling.models.association.stimulation import Stimulation
from spikingsampling.simulation.encoding import equalise, rates

from .configuration import ReadoutSettings
from .readings import MAPS, Readings
from .regression import Problem, learn, start

__all__ = ["readout_problem", "spike_counts", "trained_readouts"]

_DIGITS = np.arange(10)


def spike_counts(images: NDArray[np.floating], rng: np.random.Generator) -> NDArray[np.float64]:
    """Spikes of every input neuron in one presentation of each image (n, height, width): Poisson, (n, n_pixels)."""
    stimulation = Stimulation()
    activity = equalise(images.reshape(len(images), -1), stimulation.image_activity)
    firing = rates(activity, stimulation.silent_rate, stimulation.image_rate)
    return rng.poisson(firing * stimulation.presentation).astype(float)


def readout_problem(c: ReadoutSettings, images: ImageSet, normal: bool, rng: np.random.Generator) -> Problem:
    """Weights (10, D), counts (n, D) of D neurons and labels (10, n) of n presentations that are drawn anew.

    Neurons with the same count in all presentations are left out: their weights would not change. Of counts and labels
    the mean is taken off, in place of a bias; counts are divided by their sd, or all by one number.
    """
    chosen = rng.permutation(len(images.labels))[: c.presentations]
    counts = spike_counts(images.images[chosen], rng)
    counts = counts[:, counts.std(axis=0) > 0]
    counts = counts - counts.mean(axis=0)
    counts /= counts.std(axis=0 if c.standardised else None)
    labels = np.where(images.labels[chosen] == _DIGITS[:, None], 1.0, -1.0)
    labels -= labels.mean(axis=1, keepdims=True)
    d = counts.shape[1]
    return start((len(_DIGITS), d), 1 / math.sqrt(d), normal, rng), counts, labels


def trained_readouts(
    potential: Potential, c: ReadoutSettings, images: ImageSet, rng: np.random.Generator
) -> list[Readings]:
    """The change of all weights, read through all maps, for each set of presentations.

    Burg's potential starts from log-normal weights, as in linear regression.
    """
    normal = potential.name != "burg"
    starts, ends, _ = learn(
        potential,
        lambda: readout_problem(c, images, normal, rng),
        c.epochs,
        c.repetitions,
        f"readout of {c.presentations} presentations",
    )
    return [read_change(w0.ravel(), w.ravel(), MAPS) for w0, w in zip(starts, ends, strict=True)]
