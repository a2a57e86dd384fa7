"""Two yardsticks of the spiking network: clusters of k-means in the place of its neurons, and a linear classifier.

A winner-take-all circuit that learns without supervision does what k-means does online. So circuits of k-means with as
many clusters as a circuit has neurons say what its size allows. The classifier sees the labels: it is a ceiling for
what can be told from a stimulus by a linear readout. Both get the rates that the spiking network's inputs get.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans

from spikingsampling.analysis import Readout, class_means, judge_reconstructions
from spikingsampling.models.association import DIRECTIONS, MODALITIES, VISUAL, AssociationTask
from spikingsampling.protocols.studies.association.memories import Presentations

__all__ = ["ClusterMemory", "analog_patterns", "measure_ceiling", "measure_clusters"]

Patterns = dict[str, NDArray[np.float64]]


def analog_patterns(task: AssociationTask, shown: Presentations) -> Patterns:
    """Rates (n, n_inputs) in Hz of the items that presentations show, by modality."""
    libraries = task.stimuli.libraries
    return {
        name: libraries[f"{name}_input"].rates[items].reshape(len(items), -1)
        for name, items in shown.items.items()
    }


class ClusterMemory:
    """Circuits of k-means for each modality, associated by how often their clusters were seen together.

    The clusters of the silent modality get the probabilities of naive Bayes: for cluster k' of a circuit,
    p(k') Π_c p(k_c | k') over the clusters k_c that the circuits of the cue are in, with one count added to each pair.

    Parameters
    ----------
    circuits, size : int
        Circuits of each modality, and clusters of each; circuits differ in where k-means starts.
    seed : SeedSequence
    """

    def __init__(self, circuits: int, size: int, seed: np.random.SeedSequence) -> None:
        self.circuits = circuits
        self.size = size
        self._starts = seed.generate_state(circuits * len(MODALITIES)).tolist()

    def learn(self, patterns: Patterns) -> None:
        """Find the clusters of patterns (n, n_inputs) of both modalities, and count which go together."""
        starts = iter(self._starts)
        self._means = {
            name: [
                KMeans(self.size, n_init=1, random_state=next(starts)).fit(patterns[name])
                for _ in range(self.circuits)
            ]
            for name in MODALITIES
        }
        codes = {name: self._assign(name, patterns[name]) for name in MODALITIES}
        flat = {name: code.reshape(len(code), -1) for name, code in codes.items()}
        self._together = flat[MODALITIES[0]].T @ flat[MODALITIES[1]]
        self._alone = {name: code.sum(axis=0) for name, code in codes.items()}

    def _assign(self, name: str, patterns: NDArray[np.float64]) -> NDArray[np.float64]:
        """Ones at the cluster of each circuit, (n, circuits, size)."""
        clusters = np.stack([means.predict(patterns) for means in self._means[name]], axis=1)
        return np.eye(self.size)[clusters]

    def respond(self, patterns: Patterns, cue: str | None = None) -> Patterns:
        """Probabilities of all clusters, (n, circuits · size) by modality.

        Parameters
        ----------
        patterns : dict of (n, n_inputs) arrays
        cue : str, optional
            The only modality that is shown; both without it.
        """
        codes = {name: self._assign(name, patterns[name]) for name in MODALITIES if cue in (None, name)}
        if cue is not None:
            silent = MODALITIES[1] if cue == MODALITIES[0] else MODALITIES[0]
            codes[silent] = self._infer(codes[cue], cue, silent)
        return {name: code.reshape(len(code), -1) for name, code in codes.items()}

    def _infer(self, code: NDArray[np.float64], cue: str, silent: str) -> NDArray[np.float64]:
        together = self._together if cue == MODALITIES[0] else self._together.T
        together = together.reshape(self.circuits, self.size, self.circuits, self.size) + 1
        given = np.log(together / together.sum(axis=1, keepdims=True))  # p(k | k') of each pair of circuits
        evidence = np.einsum("nck,ckdj->ndj", code, given)
        logits = evidence + np.log(self._alone[silent] + 1)
        logits -= logits.max(axis=2, keepdims=True)
        probabilities = np.exp(logits)
        return probabilities / probabilities.sum(axis=2, keepdims=True)

    def reconstruct(self, name: str, probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
        """Expected pattern (n, n_inputs) in Hz of a modality: the mean over circuits of their clusters' means."""
        centres = np.concatenate([means.cluster_centers_ for means in self._means[name]])
        return probabilities @ centres / self.circuits


def measure_clusters(
    memory: ClusterMemory, task: AssociationTask, training: Presentations, testing: Presentations
) -> dict[str, float]:
    """Measures of the protocol ``association`` for a memory that has learnt; readouts see its clusters."""
    shown, held_out = analog_patterns(task, training), analog_patterns(task, testing)
    known = memory.respond(shown)
    readouts = {name: Readout().fit(known[name], training.labels) for name in MODALITIES}

    def accuracy(codes: Mapping[str, NDArray[np.float64]], population: str, cue: str) -> float:
        return readouts[population].accuracy(codes[population], testing.labels, testing.items[cue]).value

    metrics = {}
    for direction, (population, cue) in DIRECTIONS.items():
        codes = memory.respond(held_out, cue)
        metrics[f"{direction}.accuracy"] = accuracy(codes, population, cue)
        judged = judge_reconstructions(
            memory.reconstruct(population, codes[population]),
            testing.labels,
            class_means(shown[population], training.labels),
        )
        metrics[f"{direction}.reconstruction_accuracy"] = judged.closer_to_right
    metrics["joint.visual_accuracy"] = accuracy(memory.respond(held_out), VISUAL, VISUAL)
    return metrics


def measure_ceiling(
    task: AssociationTask, training: Presentations, testing: Presentations
) -> dict[str, float]:
    """Accuracy of a linear classifier that is given the labels and sees the cue itself, or both modalities."""
    shown, held_out = analog_patterns(task, training), analog_patterns(task, testing)

    def accuracy(names: tuple[str, ...], stimulus: str) -> float:
        known, asked = (np.concatenate([each[name] for name in names], axis=1) for each in (shown, held_out))
        readout = Readout().fit(known, training.labels)
        return readout.accuracy(asked, testing.labels, testing.items[stimulus]).value

    metrics = {f"{direction}.accuracy": accuracy((cue,), cue) for direction, (_, cue) in DIRECTIONS.items()}
    return metrics | {"joint.visual_accuracy": accuracy(MODALITIES, VISUAL)}
