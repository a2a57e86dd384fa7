"""What is measured of the association network: readout, reconstruction of the silent modality, selectivity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spikingsampling.analysis import (
    Estimate,
    Readout,
    Reconstruction,
    Selectivity,
    class_means,
    confusion,
    judge_reconstructions,
    reconstruct,
    selectivity,
)
from spikingsampling.models.association.network import MODALITIES
from spikingsampling.models.association.task import AssociationTask
from spikingsampling.network.description import Network
from spikingsampling.simulation.response import Response

__all__ = [
    "DIRECTIONS",
    "ModalityReconstruction",
    "feedforward_weights",
    "population_selectivity",
    "readout_accuracies",
    "recall_confusions",
    "reconstruct_modality",
]

#: Direction of recall → the population that is read out, and the modality that is shown.
DIRECTIONS = {"audio_to_visual": ("visual", "auditory"), "visual_to_audio": ("auditory", "visual")}


def readout_accuracies(
    responses: Mapping[str, Response], skip: float, populations: Sequence[str] = MODALITIES
) -> dict[str, Estimate]:
    """Accuracy of linear readouts, fitted to training items of both modalities and tested on held-out items.

    Parameters
    ----------
    responses : mapping of str to Response
        ``training``, to which the readouts are fitted, and any of ``joint``, ``auditory`` and ``visual``.
    skip : float
        Start of each presentation that is not counted (s): PSPs outlast a presentation.
    populations : sequence of str
        Those that are read out.

    Returns
    -------
    dict
        ``joint.<population>_accuracy``: both modalities shown. ``audio_to_visual.accuracy`` and
        ``visual_to_audio.accuracy``: the population's own modality silent. ``<population>.own_accuracy``: the other
        one silent. Intervals are over stimuli.
    """
    accuracies: dict[str, Estimate] = {}
    names = {pair: f"{direction}.accuracy" for direction, pair in DIRECTIONS.items()}
    for population in populations:
        names |= {
            (population, None): f"joint.{population}_accuracy",
            (population, population): f"{population}.own_accuracy",
        }
        fitted = responses["training"]
        readout = Readout().fit(fitted.counts(population, skip), fitted.labels)
        for test, modality in {**{name: name for name in MODALITIES}, "joint": None}.items():
            if test not in responses:
                continue
            response = responses[test]
            items = response.items[f"{modality or population}_input"]
            accuracies[names[population, modality]] = readout.accuracy(
                response.counts(population, skip), response.labels, items
            )
    return accuracies


def recall_confusions(
    responses: Mapping[str, Response], skip: float, classes: Sequence[int]
) -> dict[str, NDArray[np.float64]]:
    """What each class is taken for in recall, (n_classes, n_classes), by direction.

    Row: the class shown in one modality; column: what the readout of the other one's population says, as in
    :func:`readout_accuracies`. ``classes`` are those of rows and columns.
    """
    matrices = {}
    for direction, (population, cue) in DIRECTIONS.items():
        fitted, shown = responses["training"], responses[cue]
        readout = Readout().fit(fitted.counts(population, skip), fitted.labels)
        answers = readout.predict(shown.counts(population, skip))
        matrices[direction] = confusion(shown.labels, answers, classes)
    return matrices


def population_selectivity(response: Response, population: str, skip: float) -> Selectivity:
    """Selectivity of a population's neurons in a response, without the first ``skip`` seconds of presentations."""
    return selectivity(response.counts(population, skip), response.labels)


def feedforward_weights(
    network: Network, theta: Mapping[str, NDArray[np.floating]], population: str
) -> NDArray[np.float64]:
    """Weights e^{θ−θ0} from a population's own inputs, (n_inputs, size), NaN where there is no potential synapse.

    ``theta`` holds the parameters (n_synapses,) by projection.
    """
    name = f"{population}_input_to_{population}"
    projection = network.projection(name)
    weights = np.full((network.source(projection.pre).size, network.population(population).size), np.nan)
    weights[projection.pre_index, projection.post_index] = np.exp(
        theta[name].astype(float) - network.parameters.theta_0
    )
    return weights


@dataclass(frozen=True, eq=False)
class ModalityReconstruction:
    """What a population reconstructs of its input while its own modality is silent.

    Attributes
    ----------
    patterns : (n, n_inputs) array
        Reconstructed input of each presentation.
    labels : (n,) int array
    cues : (n,) int array
        Item shown in the other modality.
    judged : Reconstruction
        Against the mean training pattern of each digit.
    """

    patterns: NDArray[np.float64]
    labels: NDArray[np.int64]
    cues: NDArray[np.int64]
    judged: Reconstruction

    def metrics(self, name: str) -> dict[str, float]:
        """Mean correlations with the right class and the best wrong one, and how often the right one is closest."""
        return {
            f"{name}.reconstruction_correlation": float(np.nanmean(self.judged.right)),
            f"{name}.reconstruction_correlation_wrong": float(np.nanmean(self.judged.wrong)),
            f"{name}.reconstruction_accuracy": self.judged.closer_to_right,
        }

    def class_mean(self, label: int) -> NDArray[np.float64]:
        """Mean reconstruction (n_inputs,) in the presentations of a digit."""
        return self.patterns[self.labels == label].mean(axis=0)


def reconstruct_modality(
    direction: str,
    task: AssociationTask,
    network: Network,
    theta: Mapping[str, NDArray[np.floating]],
    response: Response,
    skip: float,
) -> ModalityReconstruction:
    """Reconstruct the silent modality from the spikes and weights of its population.

    Parameters
    ----------
    direction : {"audio_to_visual", "visual_to_audio"}
    task : AssociationTask
    network : Network
    theta : mapping of str to (n_synapses,) array
        Parameters by projection, as they were at the response.
    response : Response
        To the other modality alone.
    skip : float
        Start of each presentation that is not counted (s).
    """
    population, cue = DIRECTIONS[direction]
    weights = feedforward_weights(network, theta, population)
    own = network.projection(f"{population}_input_to_{population}").constants.of(network.parameters)
    patterns = reconstruct(response.counts(population, skip), weights, own)
    rates, digits = task.rates(f"{population}_input", "train")
    if rates.shape[1] != patterns.shape[1]:  # streamed sounds share their channels over time
        rates = rates.reshape(len(rates), -1, patterns.shape[1]).mean(axis=1)
    judged = judge_reconstructions(patterns, response.labels, class_means(rates, digits))
    return ModalityReconstruction(patterns, response.labels, response.items[f"{cue}_input"], judged)
