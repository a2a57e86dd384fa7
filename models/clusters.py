"""Points drawn from Gaussian clusters, and inputs with tuning curves that respond to them.

The stimuli of experiment 4 of Kappel et al., PLOS Comput Biol 2015. What is called "authors' code" is theirs for that
experiment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from spikingsampling._checks import whole_array
from spikingsampling.errors import DataError
from spikingsampling.network.parameters import AUTHORS_CODE
from spikingsampling.parameters import Parameters, quantity
from spikingsampling.simulation.stimuli import Library, Stimuli
from spikingsampling.units import Frequency, Number

__all__ = ["ClusterParameters", "Clusters", "TuningCurves", "cluster_stimuli", "draw_items"]

Array = NDArray[np.float64]
DIMENSIONS = 3


class ClusterParameters(Parameters):
    """Clusters and tuning curves; the defaults are those of the authors' code."""

    n_inputs: int = Field(1000, ge=1, le=1_000_000, description="inputs (authors' code)")
    n_clusters: int = Field(7, ge=1, le=1000, description="Gaussian clusters (authors' code)")
    samples: int = Field(
        1000, ge=1, le=100_000, description="points drawn from each cluster, shown in random order"
    )
    mean: Number = quantity(0.5, "mean of the cluster centres", low=-10, high=10, source=AUTHORS_CODE)
    mean_sd: Number = quantity(0.2, "their standard deviation", low=0, high=10, source=AUTHORS_CODE)
    spread: Number = quantity(0.04, "standard deviation of a cluster", low=0, high=10, source=AUTHORS_CODE)
    shape: Number = quantity(
        0.01,
        "standard deviation of the entries that make it an ellipsoid",
        low=0,
        high=10,
        source=AUTHORS_CODE,
    )
    width: Number = quantity(0.3, "width of the tuning curves", above=0, high=10, source=AUTHORS_CODE)
    base_rate: Frequency = quantity(
        "2 Hz",
        "rate far from the centre",
        low="0 Hz",
        high="500 Hz",
        source=AUTHORS_CODE,
        dimension="frequency",
    )
    peak_rate: Frequency = quantity(
        "80 Hz",
        "what is added at the centre",
        low="0 Hz",
        high="500 Hz",
        source=AUTHORS_CODE,
        dimension="frequency",
    )


@dataclass(frozen=True, eq=False)
class Clusters:
    """Gaussian clusters: a sample is ``mean + transform @ ξ`` with ξ standard normal.

    Attributes
    ----------
    means : (n_clusters, 3) array
    transforms : (n_clusters, 3, 3) array
    """

    means: Array
    transforms: Array

    @classmethod
    def draw(cls, parameters: ClusterParameters, rng: np.random.Generator) -> Clusters:
        """Centres N(mean, mean_sd²), transforms ``spread·I + shape·ξ`` (authors' code)."""
        p, n = parameters, parameters.n_clusters
        means = rng.normal(p.mean, p.mean_sd, (n, DIMENSIONS))
        noise = rng.standard_normal((n, DIMENSIONS, DIMENSIONS))
        return cls(means, p.spread * np.eye(DIMENSIONS) + p.shape * noise)

    def samples(self, n: int, rng: np.random.Generator) -> Array:
        """``n`` points of each cluster, (n_clusters, n, 3)."""
        noise = rng.standard_normal((len(self.means), n, DIMENSIONS))
        return self.means[:, None] + np.einsum("cij,cnj->cni", self.transforms, noise)


@dataclass(frozen=True, eq=False)
class TuningCurves:
    """Inputs whose rate falls with the distance of the stimulus from their centre.

    Attributes
    ----------
    centres : (n_inputs, 3) array
        In the unit cube.
    """

    centres: Array
    parameters: ClusterParameters

    @classmethod
    def draw(cls, parameters: ClusterParameters, rng: np.random.Generator) -> TuningCurves:
        """Centres that are uniform in the unit cube (authors' code)."""
        return cls(rng.random((parameters.n_inputs, DIMENSIONS)), parameters)

    def rates(self, points: Array) -> Array:
        """Rates (n, n_inputs) in Hz at points (n, 3): base + peak · exp(−|point − centre|²/width²)."""
        p = self.parameters
        # |s − c|² without an array (n, n_inputs, 3)
        squares = ((points**2).sum(1)[:, None] + (self.centres**2).sum(1) - 2 * points @ self.centres.T).clip(
            0
        )
        return p.base_rate + p.peak_rate * np.exp(-squares / p.width**2)


def cluster_stimuli(
    parameters: ClusterParameters,
    clusters: Clusters,
    tuning: TuningCurves,
    rng: np.random.Generator,
    period: float = 0.2,
) -> Stimuli:
    """A library of ``parameters.samples`` points of each cluster, labelled by cluster from 1.

    The authors draw a new point each 200 ms. Here a thousand stored points are shown in random order: hours of
    stimulus are one integer per presentation.

    Parameters
    ----------
    parameters : ClusterParameters
    clusters : Clusters
    tuning : TuningCurves
    rng : numpy.random.Generator
        Draws the points.
    period : float
        Duration of a presentation (s).
    """
    points = clusters.samples(parameters.samples, rng)
    labels = np.repeat(np.arange(1, len(points) + 1), parameters.samples)
    rates = tuning.rates(points.reshape(-1, DIMENSIONS))
    return Stimuli({"input": Library(rates, labels, silent_rate=parameters.base_rate)}, period)


def draw_items(
    stimuli: Stimuli, clusters: Sequence[int], n: int, rng: np.random.Generator
) -> tuple[dict[str, Any], NDArray[np.int64]]:
    """``n`` random items of the given clusters, and the cluster of each.

    Raises
    ------
    DataError
        The library has no such cluster.
    """
    labels = stimuli.libraries["input"].labels
    clusters = whole_array("clusters", clusters)
    unknown = sorted(set(clusters.tolist()) - set(labels.tolist()))
    if unknown:
        raise DataError(
            f"clusters = {clusters.tolist()}: there is no cluster {unknown[0]} (1 … {labels.max()})"
        )
    cluster_labels = rng.choice(clusters, size=n)
    per_cluster = np.count_nonzero(labels == labels[0])
    items = (cluster_labels - 1) * per_cluster + rng.integers(per_cluster, size=n)
    return {"input": items}, labels[items]
