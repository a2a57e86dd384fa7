"""To which class a neuron responds, and how much more than to the others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._checks import whole_array
from ..errors import ParameterError

__all__ = ["Selectivity", "selectivity"]


@dataclass(frozen=True, eq=False)
class Selectivity:
    """Selectivity of the neurons of a population.

    Attributes
    ----------
    classes : (n_classes,) int array
    means : (n_classes, size) array
        Mean spike count per presentation of each class.
    preferred : (size,) int array
        Class to which each neuron responds most.
    index : (size,) array
        (r_preferred − r_others)/(r_preferred + r_others), with r_others the mean over the other classes; from 0 (all
        classes alike) to 1 (one class only), 0 for a silent neuron.
    """

    classes: NDArray[np.int64]
    means: NDArray[np.float64]
    preferred: NDArray[np.int64]
    index: NDArray[np.float64]

    @property
    def order(self) -> NDArray[np.int64]:
        """Neurons sorted by preferred class, the most selective first within each."""
        return np.lexsort((-self.index, self.preferred))

    @property
    def weighted_mean(self) -> float:
        """Mean index of the population, each neuron weighted by its rate; 0 if all are silent."""
        rate = self.means.sum(axis=0)
        return float(np.average(self.index, weights=rate)) if rate.any() else 0.0


def selectivity(counts: NDArray[np.int64], labels: ArrayLike) -> Selectivity:
    """Selectivity from spike counts (n, size) in presentations of classes ``labels`` (n,).

    Raises
    ------
    ParameterError
        Fewer than two classes.
    """
    counts, labels = np.asarray(counts, dtype=float), whole_array("labels", labels, length=len(counts))
    classes = np.unique(labels)
    if len(classes) < 2:
        raise ParameterError(f"labels: selectivity needs at least two classes, got {classes.tolist()}")
    means = np.array([counts[labels == label].mean(axis=0) for label in classes])
    highest = means.max(axis=0)
    others = (means.sum(axis=0) - highest) / (len(classes) - 1)
    index = np.divide(highest - others, highest + others, out=np.zeros_like(highest), where=highest > 0)
    return Selectivity(classes, means, classes[means.argmax(axis=0)], index)
