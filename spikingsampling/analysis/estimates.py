"""How sure a measured number is: its sample size and 95 % interval, and whether two conditions differ."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import norm, ttest_1samp, wilcoxon
from scipy.stats import t as student

from .._checks import finite_array, whole_number
from ..errors import ParameterError

__all__ = ["Estimate", "PairedComparison", "compare_paired", "estimate_mean", "estimate_proportion", "holm"]

#: Nothing is known of the bounds of a quantity.
UNBOUNDED = (-math.inf, math.inf)


@dataclass(frozen=True)
class Estimate:
    """A number that was measured, and how sure it is.

    Attributes
    ----------
    value : float
    n : int
        Sample size: runs, repetitions or presentations.
    interval : (float, float), optional
        95 % interval; None where a single value says nothing about the spread.
    bounds : (float, float)
        Between what the quantity lies by its nature, for example (0, 1) for an accuracy.
    n_stimuli : int, optional
        Distinct stimuli among n presentations, where the interval is one over stimuli.
    """

    value: float
    n: int
    interval: tuple[float, float] | None = None
    bounds: tuple[float, float] = UNBOUNDED
    n_stimuli: int | None = None

    def metric(self) -> dict[str, Any]:
        """As ``metrics.json`` holds it: ``value``, ``n``, ``interval``, and what else is known."""
        metric: dict[str, Any] = {"value": self.value, "n": self.n}
        metric["interval"] = None if self.interval is None else list(self.interval)
        if self.bounds != UNBOUNDED:
            metric["bounds"] = [bound if math.isfinite(bound) else None for bound in self.bounds]
        if self.n_stimuli is not None:
            metric["n_stimuli"] = self.n_stimuli
        return metric

    def text(self, digits: int = 3) -> str:
        """For people: ``"0.955 (0.931 … 0.980)"``."""
        value = f"{self.value:.{digits}f}"
        if self.interval is None:
            return value
        low, high = self.interval
        return f"{value} ({low:.{digits}f} … {high:.{digits}f})"


def estimate_mean(values: ArrayLike, bounds: tuple[float, float] = UNBOUNDED) -> Estimate:
    """Mean of independent values (n,) with its 95 % interval (Student's t), which does not leave ``bounds``.

    Raises
    ------
    ParameterError
        No value, one that is not finite, or one outside ``bounds``.
    """
    values = finite_array("values", values, ("n",))
    low, high = bounds
    if values.min() < low or values.max() > high:
        raise ParameterError(f"values from {values.min()} to {values.max()}: must lie in {low} … {high}")
    n, mean = len(values), float(values.mean())
    if n == 1:
        return Estimate(mean, 1, None, bounds)
    half = float(student.isf(0.025, n - 1) * values.std(ddof=1) / math.sqrt(n))
    return Estimate(mean, n, (max(low, mean - half), min(high, mean + half)), bounds)


def estimate_proportion(p: float, n: int, n_stimuli: int | None = None) -> Estimate:
    """A proportion p of n presentations with its 95 % interval (Wilson 1927); n p need not be whole.

    Parameters
    ----------
    p : float
    n : int
    n_stimuli : int, optional
        Number of distinct stimuli, then the sample size of the interval: presentations of one stimulus are counted
        as if they always agreed. It says how far p would hold for other stimuli, and is wide where they are few.
    """
    n = whole_number("n", n)
    n_stimuli = None if n_stimuli is None else whole_number("n_stimuli", n_stimuli)
    size = n if n_stimuli is None else n_stimuli
    z = float(norm.isf(0.025))
    centre, half = p + z**2 / (2 * size), z * math.sqrt(p * (1 - p) / size + z**2 / (4 * size**2))
    low, high = (centre - half) / (1 + z**2 / size), (centre + half) / (1 + z**2 / size)
    # At p = 0 and 1 a bound is p but for rounding.
    interval = (min(p, max(0.0, low)), max(p, min(1.0, high)))
    return Estimate(p, n, interval, (0.0, 1.0), n_stimuli)


@dataclass(frozen=True)
class PairedComparison:
    """Two conditions from the same seeds.

    Attributes
    ----------
    difference : Estimate
        Of first − second.
    p_t : float
        Two-sided paired t test; NaN for a single pair, 1 where all differences are 0, 0 where they
        are all the same otherwise.
    p_wilcoxon : float
        Two-sided signed-rank test, exact for few pairs without ties: with 5 pairs it cannot fall below 0.0625.
    """

    difference: Estimate
    p_t: float
    p_wilcoxon: float


def compare_paired(
    first: ArrayLike, second: ArrayLike, bounds: tuple[float, float] = UNBOUNDED
) -> PairedComparison:
    """Compare two conditions pair by pair, from values (n,) of each seed in the same order.

    ``bounds`` are those of the quantity itself; the difference lies within their distance.

    Raises
    ------
    ParameterError
        Unequal lengths, no value, or one that is not finite.
    """
    one = finite_array("first", first, ("n",))
    differences = one - finite_array("second", second, one.shape)
    span = bounds[1] - bounds[0]
    summary = estimate_mean(differences, (-span, span))
    if not differences.any():
        return PairedComparison(summary, 1.0, 1.0)
    if summary.n == 1:
        p_t = math.nan
    elif np.ptp(differences) == 0:  # the statistic is infinite
        p_t = 0.0
    else:
        p_t = float(ttest_1samp(differences, 0.0).pvalue)
    return PairedComparison(summary, p_t, float(wilcoxon(differences).pvalue))


def holm(p: Sequence[float]) -> list[float]:
    """p-values adjusted for their number (Holm, Scand J Stat 6:65, 1979)."""
    adjusted, largest = [0.0] * len(p), 0.0
    for rank, index in enumerate(np.argsort(p)):
        largest = max(largest, min(1.0, (len(p) - rank) * p[index]))
        adjusted[index] = largest
    return adjusted
