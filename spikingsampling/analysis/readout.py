"""A linear readout of spike counts, and how sure its accuracy is."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from .._checks import finite_number, whole_array
from ..errors import ParameterError
from .estimates import Estimate, estimate_proportion

__all__ = ["Readout", "accuracy_of", "confusion"]


def accuracy_of(right: ArrayLike, stimuli: ArrayLike) -> Estimate:
    """Fraction of right answers to repeated presentations of ``stimuli``; its interval is one over stimuli.

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
    return estimate_proportion(float(right.mean()), len(right), len(np.unique(stimuli)))


def confusion(labels: ArrayLike, answers: ArrayLike, classes: ArrayLike) -> NDArray[np.float64]:
    """How often each class is taken for each other one, (n_classes, n_classes).

    Parameters
    ----------
    labels, answers : (n,) int arrays
        The class of each presentation, and what it was taken for.
    classes : (n_classes,) int array
        Those of rows and columns, in this order.

    Returns
    -------
    (n_classes, n_classes) array
        Fraction of the presentations of the class of a row that were taken for that of the column. NaN in the row of a
        class that was not presented.

    Raises
    ------
    ParameterError
        Unequal lengths, a class that is named twice, or a label or an answer that is none of the classes.
    """
    classes = whole_array("classes", classes)
    labels = whole_array("labels", labels)
    answers = whole_array("answers", answers, length=len(labels))
    if len(np.unique(classes)) < len(classes):
        raise ParameterError(f"classes = {classes.tolist()}: must name each class once")
    for name, values in (("labels", labels), ("answers", answers)):
        if not np.isin(values, classes).all():
            other = values[~np.isin(values, classes)][0]
            raise ParameterError(f"{name} holds {other}: must be of the classes {classes.tolist()}")
    counts = np.sum((labels[:, None, None] == classes[:, None]) & (answers[:, None, None] == classes), axis=0)
    total = counts.sum(axis=1, keepdims=True)
    return np.divide(counts, total, out=np.full(counts.shape, np.nan), where=total > 0)


class Readout:
    """Multinomial logistic regression on standardised spike counts of one population.

    Parameters
    ----------
    regularisation : float
        Inverse strength of the L2 penalty (scikit-learn's C).
    """

    def __init__(self, regularisation: float = 0.1) -> None:
        regularisation = finite_number("regularisation", regularisation)
        if regularisation <= 0:
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

    def accuracy(self, counts: NDArray[np.int64], labels: ArrayLike, stimuli: ArrayLike) -> Estimate:
        """Accuracy on counts (n, size) of presentations of ``stimuli`` (n,)."""
        return accuracy_of(self.predict(counts) == np.asarray(labels), stimuli)
