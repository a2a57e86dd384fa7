"""Patterns of edges as images in pixels: an estimate for figures, fitted to training images."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spikingsampling.analysis import FrontEndInverse, invert_front_end, reconstruct
from spikingsampling.models.association import VISUAL, AssociationTask, feedforward_weights
from spikingsampling.network.description import Network
from spikingsampling.plotting.pictures import Picture
from spikingsampling.protocols.studies.association.configuration import (
    AssociationConfiguration,
    load_grey_images,
)

__all__ = ["PixelEstimate", "estimate_pixels", "neuron_patterns"]

#: Error that each input of a pattern is taken to have, as a part of the mean activity.
NOISE = 0.4


def _relative(patterns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Patterns (n, n_inputs) over their mean: rates and PSPs need no common unit."""
    return patterns / patterns.mean(axis=1, keepdims=True)


@dataclass(frozen=True, eq=False)
class PixelEstimate:
    """Images in pixels from patterns of the visual inputs.

    Attributes
    ----------
    inverse : FrontEndInverse
        From patterns of mean 1 to grey values.
    training : (n, height, width) array
        The training images as grey values, in the order of the task.
    """

    inverse: FrontEndInverse
    training: NDArray[np.float64]

    @property
    def picture(self) -> Picture:
        """How an image is drawn."""
        return Picture(self.training.shape[1:], "column (pixel)", "row (pixel)")

    def images(self, patterns: NDArray[np.float64]) -> NDArray[np.float64]:
        """Grey values (n, n_pixels) of patterns (n, n_inputs), in any unit."""
        return self.inverse.images(_relative(patterns))


def estimate_pixels(configuration: AssociationConfiguration, task: AssociationTask) -> PixelEstimate:
    """Fit images in pixels to the patterns of the training images."""
    rates, _ = task.rates(f"{VISUAL}_input", "train")
    grey = load_grey_images(configuration, np.arange(len(rates)))
    return PixelEstimate(invert_front_end(_relative(rates), grey.reshape(len(grey), -1), NOISE), grey)


def neuron_patterns(network: Network, theta: dict[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    """The input pattern (size, n_inputs) that each visual neuron stands for: what one spike of it reconstructs."""
    weights = feedforward_weights(network, theta, VISUAL)
    own = network.projection(f"{VISUAL}_input_to_{VISUAL}").constants.of(network.parameters)
    return reconstruct(np.eye(weights.shape[1], dtype=np.int64), weights, own)
