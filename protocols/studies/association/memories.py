"""What a Hopfield network and a joint restricted Boltzmann machine recall when only one modality is shown.

Both see what the spiking association network sees (:mod:`~spikingsampling.models.association.task`), made binary: an
image and a sound of the same digit as one pattern. The modality that is shown is held, the other one starts silent
and is recalled. Recall is measured as in the spiking network: a linear readout fitted to training items with both
modalities present, and whether the recalled pattern is closer to the mean of the right class.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from spikingsampling.analysis import Readout, class_means, judge_reconstructions
from spikingsampling.errors import ParameterError
from spikingsampling.models.association import AUDITORY, DIRECTIONS, MODALITIES, VISUAL, AssociationTask
from spikingsampling.models.association.stimulation import Split
from spikingsampling.models.hopfield.network import Hopfield
from spikingsampling.models.rbm import RBM

__all__ = [
    "BinaryTask",
    "HopfieldMemory",
    "Memory",
    "Presentations",
    "RBMMemory",
    "Recalled",
    "measure",
    "recall_all",
]

Bits = NDArray[np.int8]


@dataclass(frozen=True, eq=False)
class Presentations:
    """Image and sound of the same digit, pair after pair.

    Attributes
    ----------
    patterns : dict of (n, n_inputs) arrays of 0 and 1
        By modality.
    items : dict of (n,) int arrays
        Which stimulus it is.
    labels : (n,) int array
        Digits.
    """

    patterns: dict[str, Bits]
    items: dict[str, NDArray[np.int64]]
    labels: NDArray[np.int64]

    @property
    def joint(self) -> Bits:
        """Image and sound as one pattern, (n, n_visual + n_auditory)."""
        return np.concatenate([self.patterns[name] for name in MODALITIES], axis=1)


@dataclass(frozen=True)
class BinaryTask:
    """The stimuli of an association task as patterns of 0 and 1.

    Parameters
    ----------
    task : AssociationTask
        With static sounds.
    levels : mapping of str to float
        By modality: an input is on where its rate is above this fraction of the range of rates.

    Raises
    ------
    ParameterError
        Sounds are streamed: they are no single pattern.
    """

    task: AssociationTask
    levels: Mapping[str, float]

    def __post_init__(self) -> None:
        frames = self.task.stimuli.frames_per_presentation
        if frames > 1:
            raise ParameterError(f"stimulation.sound: must be static, streams {frames} frames")

    def binary_items(self, modality: str) -> Bits:
        """All items of a modality, (n_items, n_inputs)."""
        library = self.task.stimuli.libraries[f"{modality}_input"]
        rates, low = library.rates[:, 0], library.silent_rate
        return (rates > low + self.levels[modality] * (rates.max() - low)).astype(np.int8)

    def draw(self, n: int, split: Split, rng: np.random.Generator) -> Presentations:
        """``n`` random presentations of both modalities with the same digit, drawn as for the spiking network."""
        items, labels = self.task.draw(n, split, rng)
        by_modality = {name: items[f"{name}_input"] for name in MODALITIES}
        patterns = {name: self.binary_items(name)[drawn_items] for name, drawn_items in by_modality.items()}
        return Presentations(patterns, by_modality, labels)


class Memory(Protocol):
    """A memory of joint patterns of 0 and 1."""

    def learn(self, patterns: Bits) -> None:
        """Store the patterns (n, N)."""

    def recall(self, patterns: Bits, mask: NDArray[np.bool_]) -> NDArray[np.floating]:
        """Complete the patterns (n, N) from the inputs in ``mask`` (N,); values from 0 to 1, (n, N)."""


class HopfieldMemory:
    """Hopfield network of 0/1 neurons that stores how its patterns deviate from their mean.

    Before it runs, the silent modality is set from the shown one. In this step only shown neurons act, and the
    thresholds ½ − a are lowered to the part of the field that these can make.

    Parameters
    ----------
    rule : str
        Of :class:`~spikingsampling.models.hopfield.network.Hopfield`.
    most : int
        How many patterns it stores: the first ones that differ.
    seed : SeedSequence
        Order of the updates.
    """

    def __init__(self, rule: str, most: int, seed: np.random.SeedSequence) -> None:
        self.rule = rule
        self.most = most
        self.rng = np.random.default_rng(seed)

    def learn(self, patterns: Bits) -> None:
        """Store the first ``most`` of the patterns (n, n_neurons), about their mean activity."""
        stored = patterns[: self.most]
        self.activity = stored.mean(axis=0)
        settings = {"coding": "binary", "rule": self.rule, "activity": self.activity}
        self.network = Hopfield(stored.shape[1], **settings).store(stored)

    def recall(self, patterns: Bits, mask: NDArray[np.bool_]) -> NDArray[np.floating]:
        """Complete patterns (n, n_neurons) of which only the neurons in ``mask`` (n_neurons,) are given and held."""
        deviation = (patterns - self.activity) * mask
        variance = self.activity * (1 - self.activity)
        part = variance[mask].sum() / variance.sum()
        guess = deviation.astype(np.float32) @ self.network.weights_ > part * (0.5 - self.activity)
        start = np.where(mask, patterns, guess)
        # More than all other neurons together can say against it.
        strongest = np.abs(self.network.weights_).sum(axis=0).max() + np.abs(self.network.thresholds_).max()
        external = 2 * strongest * (2 * patterns - 1) * mask
        return self.network.recall(start, external=external, random_state=self.rng).astype(float)


class RBMMemory:
    """Restricted Boltzmann machine whose visible units are image and sound.

    Parameters
    ----------
    machine : RBM
        With binary visible units.
    burn_in, averaged : int
        Gibbs steps before the recalled pattern, and those whose mean it is.
    seed : SeedSequence
        Of the Gibbs chains.
    """

    def __init__(self, machine: RBM, burn_in: int, averaged: int, seed: np.random.SeedSequence) -> None:
        self.machine = machine
        self.burn_in = burn_in
        self.averaged = averaged
        self.rng = np.random.default_rng(seed)

    def learn(self, patterns: Bits) -> None:
        """Learn each of the patterns (n, n_visible) once, in their order."""
        self.machine.partial_fit(patterns.astype(np.float32))

    def recall(self, patterns: Bits, mask: NDArray[np.bool_]) -> NDArray[np.floating]:
        """Mean reconstruction of patterns (n, n_visible); only the units in ``mask`` (n_visible,) are held."""
        state = (patterns * mask).astype(np.float32)
        total = np.zeros(state.shape)
        for step in range(self.burn_in + self.averaged):
            probability = self.machine.transform(state)
            hidden = (self.rng.random(probability.shape) < probability).astype(np.float32)
            mean = self.machine.visible_mean(hidden)
            if step >= self.burn_in:
                total += mean
            state = np.where(mask, patterns, self.rng.random(mean.shape) < mean).astype(np.float32)
        return np.where(mask, patterns, total / self.averaged)


@dataclass(frozen=True, eq=False)
class Recalled:
    """What a memory makes of presentations: recalled patterns by modality, each (n, n_inputs)."""

    presentations: Presentations
    patterns: dict[str, NDArray[np.floating]]


def recall_all(memory: Memory, testing: Presentations) -> dict[str, Recalled]:
    """Recall with both modalities shown (``joint``) and with each alone (its name)."""
    sizes = [testing.patterns[name].shape[1] for name in MODALITIES]
    modality = np.repeat(MODALITIES, sizes)
    recalled = {}
    for test in ("joint", *MODALITIES):
        mask = np.ones(len(modality), dtype=bool) if test == "joint" else modality == test
        states = memory.recall(testing.joint, mask)
        recalled[test] = Recalled(testing, {name: states[:, modality == name] for name in MODALITIES})
    return recalled


def measure(training: Presentations, recalled: Mapping[str, Recalled]) -> dict[str, float]:
    """Accuracies and reconstruction as in ``metrics.json`` of the protocol ``association``.

    ``audio_to_visual.accuracy``, ``visual_to_audio.accuracy``, ``joint.visual_accuracy``,
    ``joint.auditory_accuracy``, and of both directions ``reconstruction_accuracy``, ``reconstruction_correlation``
    and ``reconstruction_correlation_wrong``.
    """
    metrics: dict[str, float] = {}
    readouts = {name: Readout().fit(training.patterns[name], training.labels) for name in MODALITIES}

    def accuracy(test: str, population: str, cue: str) -> float:
        recall = recalled[test]
        items, labels = recall.presentations.items[cue], recall.presentations.labels
        return readouts[population].accuracy(recall.patterns[population], labels, items).value

    for name, (population, cue) in DIRECTIONS.items():
        recall = recalled[cue]
        means = class_means(training.patterns[population].astype(float), training.labels)
        judged = judge_reconstructions(recall.patterns[population], recall.presentations.labels, means)
        metrics[f"{name}.accuracy"] = accuracy(cue, population, cue)
        metrics[f"{name}.reconstruction_accuracy"] = judged.closer_to_right
        metrics[f"{name}.reconstruction_correlation"] = float(np.nanmean(judged.right))
        metrics[f"{name}.reconstruction_correlation_wrong"] = float(np.nanmean(judged.wrong))
    for population in (VISUAL, AUDITORY):
        metrics[f"joint.{population}_accuracy"] = accuracy("joint", population, population)
    return metrics
