"""A linear readout of spike counts, and how sure its accuracy is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from ..errors import ParameterError

__all__ = ["Accuracy", "Readout", "accuracy_of"]


@dataclass(frozen=True)
class Accuracy:
    """Fraction of right answers.

    Attributes
    ----------
    value : float
    n : int
        Number of presentations.
    n_stimuli : int
        Number of distinct stimuli among them.
    interval : (float, float)
        95 % Wilson interval with ``n_stimuli`` as sample size: presentations of one stimulus are counted as if they
        always agreed. It says how far the value would hold for other stimuli, and is wide where they are few.
    """

    value: float
    n: int
    n_stimuli: int
    interval: tuple[float, float]

    def metrics(self, name: str) -> dict[str, object]:
        """As entries of a table of metrics: ``name``, ``name_n``, ``name_n_stimuli``, ``name_interval``."""
        return {
            name: self.value,
            f"{name}_n": self.n,
            f"{name}_n_stimuli": self.n_stimuli,
            f"{name}_interval": list(self.interval),
        }


def accuracy_of(right: ArrayLike, stimuli: ArrayLike) -> Accuracy:
    """Accuracy of answers to repeated presentations of ``stimuli``.

    Parameters
    ----------
    right : (n,) bool array
    stimuli : (n,) int array
        Which stimulus each presentation showed.

    Raises
    ------
    ParameterError
        No answer, or unequal lengths.
    """
    right, stimuli = np.asarray(right, dtype=bool), np.asarray(stimuli)
    if right.ndim != 1 or not right.size or right.shape != stimuli.shape:
        raise ParameterError(
            f"right {right.shape} and stimuli {stimuli.shape}: must be 1-D, equally long and not empty"
        )
    value, n_stimuli = float(right.mean()), len(np.unique(stimuli))
    return Accuracy(value, len(right), n_stimuli, _wilson(value, n_stimuli))


def _wilson(p: float, n: int) -> tuple[float, float]:
    """95 % interval for a proportion p of n trials (Wilson 1927); n p need not be whole."""
    z = float(norm.isf(0.025))
    centre, half = p + z**2 / (2 * n), z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    low, high = (centre - half) / (1 + z**2 / n), (centre + half) / (1 + z**2 / n)
    # At p = 0 and 1 a bound is p but for rounding.
    return min(p, max(0.0, float(low))), max(p, min(1.0, float(high)))


class Readout:
    """Multinomial logistic regression on standardised spike counts of one population.

    Parameters
    ----------
    regularisation : float
        Inverse strength of the L2 penalty (scikit-learn's C).
    """

    def __init__(self, regularisation: float = 0.1) -> None:
        if not regularisation > 0:
            raise ParameterError(f"regularisation = {regularisation!r}: must be more than 0")
        self._model = make_pipeline(StandardScaler(), LogisticRegression(C=regularisation, max_iter=5000))

    def fit(self, counts: NDArray[np.int64], labels: ArrayLike) -> Readout:
        """Learn to name the class from counts (n, size) and labels (n,).

        Raises
        ------
        ParameterError
            Fewer than two classes.
        """
        labels = np.asarray(labels)
        if len(np.unique(labels)) < 2:
            raise ParameterError(
                f"labels: a readout needs at least two classes, got {np.unique(labels).tolist()}"
            )
        self._model.fit(counts, labels)
        return self

    def predict(self, counts: NDArray[np.int64]) -> NDArray[np.int64]:
        """Classes (n,) for counts (n, size)."""
        return self._model.predict(counts)

    def accuracy(self, counts: NDArray[np.int64], labels: ArrayLike, stimuli: ArrayLike) -> Accuracy:
        """Accuracy on counts (n, size) of presentations of ``stimuli`` (n,)."""
        return accuracy_of(self.predict(counts) == np.asarray(labels), stimuli)
