"""Function over time: how far and how fast it returns after a lesion, and in which condition sooner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import CensoredData, binomtest, logrank

from .._checks import finite_array
from ..errors import ParameterError
from .samples import SAME_TIME

__all__ = [
    "Recovery",
    "RecoveryComparison",
    "compare_recoveries",
    "recovery",
]


@dataclass(frozen=True)
class Recovery:
    """What a lesion did to a measure, and how it came back.

    Attributes
    ----------
    before, after : float
        Level before the lesion, and the first measurement after it.
    final : float
        The last measurement.
    target : float
        Level that counts as recovered.
    time : float
        From the lesion to recovery (s). Censored: to the last measurement, so the true time is longer.
    censored : bool
        Whether the target was not regained within the measurements.
    """

    before: float
    after: float
    final: float
    target: float
    time: float
    censored: bool


def recovery(
    times: ArrayLike,
    values: ArrayLike,
    lesion: float,
    *,
    before: float | None = None,
    until: float = np.inf,
    fraction: float = 0.9,
    chance: float = 0.0,
) -> Recovery:
    """Time from a lesion to regain a fraction of the level before it.

    The target is chance + fraction (before − chance). Between the last measurement below the target and the first
    one at it or above, the time of recovery is interpolated linearly. If the first measurement after the lesion is
    at the target already, its time counts.

    Parameters
    ----------
    times : (n,) array
        When the measure was taken (s), rising.
    values : (n,) array
        The measure, for example accuracy.
    lesion : float
        Time of the lesion (s). A measurement at exactly that time belongs to after.
    before : float, optional
        Level before; the last measurement before the lesion if not given.
    until : float
        Measurements at this time (s) or later are ignored: the next lesion.
    fraction : float
        In (0, 1].
    chance : float
        Level of a network that knows nothing. 0 takes the fraction of the level itself.

    Raises
    ------
    ParameterError
        No measurement before (and no ``before``) or after the lesion, times that do not rise, a number out of
        range, or a level before that is not above chance.
    """
    times = finite_array("times", times, ("n",))
    values = finite_array("values", values, times.shape)
    if np.any(np.diff(times) <= 0):
        raise ParameterError(f"times = {times}: must rise")
    if not 0 < fraction <= 1:
        raise ParameterError(f"fraction = {fraction!r}: must be in (0, 1]")
    # A measurement at the lesion belongs to after it, also where the two times differ by a rounding error.
    earlier, later = times < lesion - SAME_TIME, (times >= lesion - SAME_TIME) & (times < until - SAME_TIME)
    if before is None and not earlier.any():
        raise ParameterError(f"lesion = {lesion} s: no measurement before it; give before")
    if not later.any():
        raise ParameterError(f"lesion = {lesion} s: no measurement from it until {until} s")
    level = float(values[earlier][-1]) if before is None else float(before)
    if not level > chance:
        raise ParameterError(
            f"before = {level}: must be more than chance = {chance}; there is nothing to regain"
        )
    target = chance + fraction * (level - chance)
    since, measured = np.maximum(times[later] - lesion, 0.0), values[later]
    time = _first_crossing(since, measured, target)
    end = float(since[-1]) if time is None else time
    return Recovery(level, float(measured[0]), float(measured[-1]), target, end, time is None)


def _first_crossing(times: NDArray[np.float64], values: NDArray[np.float64], target: float) -> float | None:
    # A rounding error must not keep a value that equals the target below it.
    mask = values >= target - 1e-12
    if not mask.any():
        return None
    first = int(np.argmax(mask))
    if first == 0:
        return float(times[0])
    return float(np.interp(target, values[first - 1 : first + 1], times[first - 1 : first + 1]))


@dataclass(frozen=True)
class RecoveryComparison:
    """Recovery times of two conditions from the same seeds, some of them censored.

    Attributes
    ----------
    n_longer, n_shorter, n_undecided : int
        Pairs in which the first condition took longer, shorter, or in which that is unknown (both censored, or one
        censored before the other recovered) or equal.
    p_sign : float
        Exact two-sided sign test on the decided pairs; 1 without any. With 5 pairs it cannot fall below 0.0625.
    p_logrank : float
        Log-rank test of the two groups. It uses all times but not the pairing, so it is conservative where seeds
        matter. NaN if nobody recovered or too few are at risk.
    n_censored : (int, int)
        In each condition.
    """

    n_longer: int
    n_shorter: int
    n_undecided: int
    p_sign: float
    p_logrank: float
    n_censored: tuple[int, int]


def compare_recoveries(first: Sequence[Recovery], second: Sequence[Recovery]) -> RecoveryComparison:
    """Compare recovery times pair by pair without inventing the censored ones.

    Raises
    ------
    ParameterError
        Unequal lengths or nothing to compare.
    """
    if len(first) != len(second) or not first:
        raise ParameterError(
            f"first has {len(first)} and second {len(second)} recoveries: must be equally many, at least one"
        )
    order = [_longer(a, b) for a, b in zip(first, second, strict=True)]
    longer, shorter = order.count(1), order.count(-1)
    p_sign = float(binomtest(longer, longer + shorter).pvalue) if longer + shorter else 1.0
    n_censored = (sum(r.censored for r in first), sum(r.censored for r in second))
    with np.errstate(all="ignore"):
        everybody = n_censored == (len(first), len(second))
        p_logrank = float("nan") if everybody else float(logrank(_censored(first), _censored(second)).pvalue)
    return RecoveryComparison(longer, shorter, order.count(0), p_sign, p_logrank, n_censored)


def _longer(a: Recovery, b: Recovery) -> int:
    """1 if a surely took longer than b, -1 if surely shorter, 0 if one cannot know or both took as long."""
    if not b.censored and (a.time > b.time or (a.censored and a.time == b.time)):
        return 1
    if not a.censored and (b.time > a.time or (b.censored and a.time == b.time)):
        return -1
    return 0


def _censored(recoveries: Sequence[Recovery]) -> CensoredData:
    return CensoredData(
        uncensored=[r.time for r in recoveries if not r.censored],
        right=[r.time for r in recoveries if r.censored],
    )
