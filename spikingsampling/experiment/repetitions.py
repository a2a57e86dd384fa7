"""Repetitions of an experiment: their seeds, and what they say of each condition and of differences between two.

A repetition goes through every condition with the same data and seeds. Two conditions are therefore compared pair
by pair, repetition by repetition.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..analysis.estimates import UNBOUNDED, Estimate, estimate_mean
from ..errors import ParameterError, UnknownNameError
from .run import Run

__all__ = ["Repeated", "mean_curve", "repetitions"]

R = TypeVar("R")


def repetitions(run: Run[Any], n: int) -> Iterator[tuple[int, np.random.SeedSequence]]:
    """The number and the seed of each of ``n`` repetitions; Ctrl-C stops between two of them.

    Raises
    ------
    Interrupted
        The user has asked to stop.
    """
    for number in range(n):
        run.stop_if_interrupted()
        run.log.info("repetition %d of %d", number + 1, n)
        yield number, run.stream(f"repetition {number}")


class Repeated:
    """One value per repetition of each measure, in each condition.

    Parameters
    ----------
    values : mapping of str to mapping of str to (n,) array
        Condition → measure → values, in the order of the repetitions. Conditions may differ in their measures.
    bounds : mapping of str to (float, float), optional
        Measure → bounds of the quantity, which no interval leaves.

    Raises
    ------
    ParameterError
        Two measures have different numbers of repetitions.
    """

    def __init__(
        self,
        values: Mapping[str, Mapping[str, ArrayLike]],
        bounds: Mapping[str, tuple[float, float]] | None = None,
    ) -> None:
        self._values: dict[str, dict[str, NDArray[np.float64]]] = {
            condition: {measure: np.asarray(each, dtype=float) for measure, each in measures.items()}
            for condition, measures in values.items()
        }
        shapes = {each.shape for measures in self._values.values() for each in measures.values()}
        if len(shapes) > 1:
            raise ParameterError(f"values have shapes {sorted(shapes)}: must have one per repetition, (n,)")
        self._bounds = dict(bounds or {})

    @classmethod
    def measured(
        cls,
        results: Mapping[str, Sequence[R]],
        measure: Callable[[R], Mapping[str, float]],
        bounds: Mapping[str, tuple[float, float]] | None = None,
    ) -> Repeated:
        """Measure the result of every repetition in every condition.

        Parameters
        ----------
        results : mapping of str to sequence
            Condition → one result per repetition.
        measure : callable
            Takes a result and returns its measures by name.
        bounds : mapping of str to (float, float), optional
        """
        values: dict[str, dict[str, list[float]]] = {}
        for condition, repeated in results.items():
            columns = values.setdefault(condition, {})
            for result in repeated:
                for name, value in measure(result).items():
                    columns.setdefault(name, []).append(value)
        return cls(values, bounds)

    def of(self, condition: str, measure: str) -> NDArray[np.float64]:
        """The values (n,) of a measure in a condition.

        Raises
        ------
        UnknownNameError
            No such condition, or it has no such measure.
        """
        measures = self._of(condition)
        if measure not in measures:
            raise UnknownNameError(f"measure of {condition}", measure, measures)
        return measures[measure]

    def estimates(self) -> dict[str, Estimate]:
        """The mean of every measure, named ``CONDITION.MEASURE``, or ``MEASURE`` where the condition has no name."""
        return {
            f"{condition}.{measure}".removeprefix("."): estimate_mean(
                each, self._bounds.get(measure, UNBOUNDED)
            )
            for condition, measures in self._values.items()
            for measure, each in measures.items()
        }

    def differences(
        self, first: str, second: str, measures: Iterable[str] | None = None, *, name: str | None = None
    ) -> dict[str, Estimate]:
        """Means of the paired differences of two conditions, named ``FIRST_minus_SECOND.MEASURE``.

        Parameters
        ----------
        first, second : str
            Conditions; the difference is that of the first minus the second.
        measures : iterable of str, optional
            By default those of the first condition.
        name : str, optional
            In place of ``FIRST_minus_SECOND``.

        Raises
        ------
        UnknownNameError
            No such condition, or one of the two has no such measure.
        """
        name = f"{first}_minus_{second}" if name is None else name
        names = self._of(first) if measures is None else measures
        return {
            f"{name}.{measure}": estimate_mean(
                self.of(first, measure) - self.of(second, measure), self._span(measure)
            )
            for measure in names
        }

    def _of(self, condition: str) -> dict[str, NDArray[np.float64]]:
        if condition not in self._values:
            raise UnknownNameError("condition", condition, self._values)
        return self._values[condition]

    def _span(self, measure: str) -> tuple[float, float]:
        """A difference of two values lies within the distance of their bounds."""
        low, high = self._bounds.get(measure, UNBOUNDED)
        return low - high, high - low


def mean_curve(abscissa: str, x: ArrayLike, **series: ArrayLike) -> dict[str, NDArray[Any]]:
    """A curve for ``metrics.json``: the means over repetitions of series (n_repetitions, n) at ``x`` (n,).

    Raises
    ------
    ParameterError
        A series has another length than ``x``.
    """
    curve: dict[str, NDArray[Any]] = {abscissa: np.asarray(x)}
    for name, runs in series.items():
        runs = np.asarray(runs, dtype=float)
        if runs.ndim != 2 or runs.shape[1] != curve[abscissa].size:
            raise ParameterError(
                f"{name} has shape {runs.shape}: must be (n_repetitions, {curve[abscissa].size})"
            )
        curve[name] = runs.mean(axis=0)
    return curve
