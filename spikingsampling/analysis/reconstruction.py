"""What a population reconstructs: the input patterns of the neurons that fire."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import ParameterError
from ..network.parameters import CircuitParameters

__all__ = ["Reconstruction", "class_means", "judge_reconstructions", "reconstruct"]


def reconstruct(
    counts: NDArray[np.int64], weights: NDArray[np.float64], parameters: CircuitParameters
) -> NDArray[np.float64]:
    """Input patterns, reconstructed from spike counts.

    In equilibrium the learning rule makes α e^{w_ki} the mean PSP x_i at the spikes of neuron k. That is where the
    drift N w_ki S_k (x_i − α e^{w_ki}) is zero (Kappel et al., NIPS 2015). Each spike adds the pattern of its neuron,
    and the reconstruction is the mean over the spikes.

    Parameters
    ----------
    counts : (n, size) array
        Spikes of each neuron in each presentation.
    weights : (n_inputs, size) array
        Feed-forward weights, NaN where there is no potential synapse.
    parameters : CircuitParameters

    Returns
    -------
    (n, n_inputs) array
        Expected PSP x_i; NaN in presentations without a spike.
    """
    expected = np.minimum(parameters.alpha * np.exp(np.nan_to_num(weights)), parameters.alpha_cap)
    total = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, total, out=np.full(counts.shape, np.nan), where=total > 0)
    return shares @ expected.T


def class_means(patterns: NDArray[np.float64], labels: ArrayLike) -> dict[int, NDArray[np.float64]]:
    """Mean pattern of each class, from patterns (n, n_inputs) and labels (n,)."""
    labels = np.asarray(labels)
    return {int(label): patterns[labels == label].mean(axis=0) for label in np.unique(labels)}


@dataclass(frozen=True, eq=False)
class Reconstruction:
    """How well reconstructions resemble the mean of the right class and those of the others.

    Attributes
    ----------
    right : (n,) array
        Pearson correlation with the mean of the right class; NaN where nothing was reconstructed. The means of two
        digits overlap, so a high value alone says little.
    wrong : (n,) array
        The highest correlation with the mean of another class.
    """

    right: NDArray[np.float64]
    wrong: NDArray[np.float64]

    @property
    def closer_to_right(self) -> float:
        """Fraction of presentations whose reconstruction is closer to the right class than to any other."""
        return float(np.mean(np.nan_to_num(self.right, nan=-1.0) > np.nan_to_num(self.wrong, nan=-1.0)))


def judge_reconstructions(
    reconstructions: NDArray[np.float64], labels: ArrayLike, means: dict[int, NDArray[np.float64]]
) -> Reconstruction:
    """Compare reconstructions (n, n_inputs) of classes ``labels`` (n,) with the classes' mean patterns.

    Raises
    ------
    ParameterError
        Fewer than two classes, or a label without a mean.
    """
    labels = np.asarray(labels)
    classes = np.array(sorted(means))
    if len(classes) < 2 or not np.isin(labels, classes).all():
        raise ParameterError(f"means: need at least two classes and every label, got {classes.tolist()}")
    correlations = _correlations(reconstructions, np.array([means[int(c)] for c in classes]))
    is_right = labels[:, None] == classes[None, :]
    right = correlations[is_right]
    wrong = np.where(is_right, -np.inf, correlations).max(axis=1)
    return Reconstruction(right, np.where(np.isfinite(wrong), wrong, np.nan))


def _correlations(rows: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    def standardise(x: NDArray[np.float64]) -> NDArray[np.float64]:
        centred = x - x.mean(axis=1, keepdims=True)
        norm = np.linalg.norm(centred, axis=1, keepdims=True)
        return np.divide(centred, norm, out=np.full_like(centred, np.nan), where=norm > 0)

    return standardise(rows) @ standardise(others).T
