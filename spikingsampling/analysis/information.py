"""Mutual information between the stimulus and the neuron that fired."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..errors import ParameterError

__all__ = ["mutual_information"]


def mutual_information(counts: ArrayLike) -> float:
    """Mutual information in bits of two discrete variables, from the counts of their pairs (plug-in estimate).

    The estimate is too high by about (n_rows − 1)(n_columns − 1)/(2 n ln 2) bits for n pairs.

    Parameters
    ----------
    counts : (n_rows, n_columns) array
        For example spikes by neuron and by class of the stimulus.

    Raises
    ------
    ParameterError
        Not a matrix of counts with at least one pair.
    """
    joint = np.asarray(counts, dtype=float)
    if joint.ndim != 2 or not np.all(joint >= 0) or not joint.sum() > 0:
        raise ParameterError(f"counts of shape {joint.shape}: must be a matrix of counts, not all 0")
    joint = joint / joint.sum()
    independent = joint.sum(axis=1, keepdims=True) * joint.sum(axis=0)
    present = joint > 0
    return float(np.sum(joint[present] * np.log2(joint[present] / independent[present])))
