"""What is measured of the association network: readout, reconstruction of the missing modality, selectivity."""

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
    judge_reconstructions,
    reconstruct,
    selectivity,
)
from spikingsampling.models.association.network import MODALITIES
from spikingsampling.models.association.task import AssociationTask
from spikingsampling.network.description import Network
from spikingsampling.simulation.response import Response

__all__ = ["Imagined", "feedforward_weights", "imagine", "population_selectivity", "readout_metrics"]

#: What a modality alone is called in the tables: population read out, by the modality that is shown.
RECALL = {"audio_to_visual": ("visual", "auditory"), "visual_to_audio": ("auditory", "visual")}


def readout_metrics(
    responses: Mapping[str, Response], skip: float, populations: Sequence[str] = MODALITIES
) -> dict[str, Estimate]:
    """Accuracy of readouts fitted to training items of both modalities and tested on held-out items.

    ``joint.<population>_accuracy``: both modalities shown; ``audio_to_visual.accuracy`` and
    ``visual_to_audio.accuracy``: the other modality silent; ``<modality>.own_accuracy``: the population of the
    modality that is shown. Only of the ``populations``, and of the tests that are among ``responses``.
    ``skip`` seconds at the start of each presentation are not counted, since PSPs outlast a presentation.
    """
    metrics: dict[str, Estimate] = {}
    shown_by = {**{name: name for name in MODALITIES}, "joint": None}
    names = {pair: f"{name}.accuracy" for name, pair in RECALL.items()}
    for population in populations:
        fitted = responses["training"]
        readout = Readout().fit(fitted.counts(population, skip), fitted.labels)
        for test, modality in shown_by.items():
            if test not in responses:
                continue
            response = responses[test]
            items = response.items[f"{modality or population}_input"]
            result = readout.accuracy(response.counts(population, skip), response.labels, items)
            own = f"{population}.own_accuracy" if modality == population else f"joint.{population}_accuracy"
            metrics[names.get((population, modality), own)] = result
    return metrics


def population_selectivity(response: Response, population: str, skip: float) -> Selectivity:
    """Selectivity of a population's neurons in a response."""
    return selectivity(response.counts(population, skip), response.labels)


def feedforward_weights(
    network: Network, theta: Mapping[str, NDArray[np.float64]], population: str
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
class Imagined:
    """What a population imagines while its own modality is silent.

    Attributes
    ----------
    patterns : (n, n_inputs) array
        Reconstructed input of each presentation.
    labels : (n,) int array
    heard : (n,) int array
        Item shown in the other modality.
    judged : Reconstruction
        Against the mean training pattern of each digit.
    """

    patterns: NDArray[np.float64]
    labels: NDArray[np.int64]
    heard: NDArray[np.int64]
    judged: Reconstruction

    def metrics(self, name: str) -> dict[str, float]:
        """Mean correlations with the right class and the best wrong one, and how often the right one wins."""
        return {
            f"{name}.reconstruction_correlation": float(np.nanmean(self.judged.right)),
            f"{name}.reconstruction_correlation_wrong": float(np.nanmean(self.judged.wrong)),
            f"{name}.reconstruction_accuracy": self.judged.closer_to_right,
        }


def imagine(
    name: str,
    task: AssociationTask,
    network: Network,
    theta: Mapping[str, NDArray[np.float64]],
    response: Response,
    skip: float,
) -> Imagined:
    """Reconstruct the silent modality in ``name`` = ``audio_to_visual`` or ``visual_to_audio``.

    ``theta`` holds the parameters (n_synapses,) by projection, as they were at the response.
    """
    population, shown = RECALL[name]
    weights = feedforward_weights(network, theta, population)
    patterns = reconstruct(response.counts(population, skip), weights, network.parameters)
    rates, digits = task.rates(f"{population}_input", "train")
    if rates.shape[1] != patterns.shape[1]:  # streamed sounds share their channels over time
        rates = rates.reshape(len(rates), -1, patterns.shape[1]).mean(axis=1)
    judged = judge_reconstructions(patterns, response.labels, class_means(rates, digits))
    return Imagined(patterns, response.labels, response.items[f"{shown}_input"], judged)
