"""What a population reconstructs: the input patterns of the neurons that fire, and the images behind them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._checks import finite_array, finite_number, real_array
from ..errors import ParameterError
from ..network.parameters import CircuitParameters

__all__ = [
    "FrontEndInverse",
    "Reconstruction",
    "class_means",
    "invert_front_end",
    "judge_reconstructions",
    "reconstruct",
]


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


@dataclass(frozen=True, eq=False)
class FrontEndInverse:
    """An affine map from patterns of inputs to images: image + (pattern − pattern mean) @ slopes.

    Attributes
    ----------
    pattern : (n_inputs,) array
        Mean pattern of what the map was fitted to.
    image : (n_pixels,) array
        Mean image.
    slopes : (n_inputs, n_pixels) array
    """

    pattern: NDArray[np.float64]
    image: NDArray[np.float64]
    slopes: NDArray[np.float64]

    def images(self, patterns: ArrayLike) -> NDArray[np.float64]:
        """Images (n, n_pixels) of patterns (n, n_inputs); NaN where a pattern holds NaN."""
        shown = real_array("patterns", patterns, ("n", len(self.pattern)))
        return self.image + (shown - self.pattern) @ self.slopes


def invert_front_end(patterns: ArrayLike, images: ArrayLike, noise: float = 0.0) -> FrontEndInverse:
    """Fit the images that inputs see from the patterns that a front end makes of them.

    Of all affine maps it is the one with the least expected squared error over the examples if every input of the
    patterns to come is off by an independent error of standard deviation ``noise``. That is ridge regression with the
    penalty n · noise² on the squared slopes; without noise it is least squares, and exact for a front end that is
    affine and invertible. Noise keeps inputs that hardly ever differ in the examples from being blown up.

    Parameters
    ----------
    patterns : (n, n_inputs) array
    images : (n, n_pixels) array
    noise : float
        In units of the patterns.

    Raises
    ------
    ParameterError
        Wrong shapes, values that are not finite, no examples, or a negative ``noise``.
    """
    x = finite_array("patterns", patterns, ("n", "n_inputs"))
    y = finite_array("images", images, (len(x), "n_pixels"))
    error = finite_number("noise", noise, low=0) * np.sqrt(len(x))
    centre, mean = x.mean(axis=0), y.mean(axis=0)
    # The penalty as examples of its own: inputs that are off by the error, and images that do not change.
    rows = np.concatenate([x - centre, error * np.eye(x.shape[1])])
    aims = np.concatenate([y - mean, np.zeros((x.shape[1], y.shape[1]))])
    return FrontEndInverse(centre, mean, np.linalg.lstsq(rows, aims, rcond=None)[0])


def _correlations(rows: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    def standardise(x: NDArray[np.float64]) -> NDArray[np.float64]:
        centred = x - x.mean(axis=1, keepdims=True)
        norm = np.linalg.norm(centred, axis=1, keepdims=True)
        return np.divide(centred, norm, out=np.full_like(centred, np.nan), where=norm > 0)

    return standardise(rows) @ standardise(others).T
