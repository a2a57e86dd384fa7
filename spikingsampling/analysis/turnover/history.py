"""Turnover of synapses: how many form and vanish, and how long the new ones last.

The definitions of formation and survival are those of B (experiment 4, as the authors' code evaluates it).
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import CensoredData, ecdf

from ..._checks import finite_array, index_array
from ...errors import ParameterError

__all__ = ["Lifetimes", "SurvivalCurve", "SynapseHistory", "Turnover"]

#: Times closer than this (s) are the same sample.
SAME_TIME = 1e-6


@dataclass(frozen=True)
class Turnover:
    """Synapses that formed or vanished in an interval, against a reference.

    Attributes
    ----------
    count : int
        Synapses that did.
    reference : int
        Synapses that they are compared with.
    """

    count: int
    reference: int

    @property
    def value(self) -> float:
        """``count / reference``; NaN where the reference is 0."""
        return self.count / self.reference if self.reference else float("nan")


@dataclass(frozen=True, eq=False)
class SurvivalCurve:
    """Fraction of synapses that are still there some time after their birth.

    Attributes
    ----------
    times : (n,) array
        Since birth (s), rising.
    survival : (n,) array
        Fraction that was active at every sample up to and including that time.
    low, high : (n,) array
        Pointwise 95 % band (Greenwood's variance, log-log scale; the exact binomial bound where nobody or
        everybody has died). Births are counted as independent; where synapses compete, compare seeds instead.
    at_risk : (n,) int array
        Births that were followed for at least that time, unless they died before.
    n_births, n_censored : int
        Births, and how many of them were still active when the recording ended.
    """

    times: NDArray[np.float64]
    survival: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    at_risk: NDArray[np.int64]
    n_births: int
    n_censored: int

    def at(self, time: float) -> float:
        """The survival at one of ``times`` (s).

        Raises
        ------
        ParameterError
            The curve has no such time.
        """
        return float(self.survival[_row("time", self.times, time)])


@dataclass(frozen=True, eq=False)
class Lifetimes:
    """Lifetimes of synapses, known as well as the samples tell.

    Attributes
    ----------
    last_active : (n,) array
        Time since birth of the last sample of the first unbroken row of active ones (s).
    first_inactive : (n,) array
        Time since birth of the sample after it (s): the synapse vanished between the two. Infinite where it was
        still active at the end (right-censored).
    """

    last_active: NDArray[np.float64]
    first_inactive: NDArray[np.float64]

    @property
    def censored(self) -> NDArray[np.bool_]:
        """Whether the synapse was still active when the recording ended (n,)."""
        return np.isinf(self.first_inactive)

    def survival(self, times: ArrayLike | None = None) -> SurvivalCurve:
        """Kaplan-Meier estimate: a lifetime ends when the synapse is first seen inactive.

        Parameters
        ----------
        times : (n,) array, optional
            Times since birth (s); all at which a synapse died or was last seen, and 0, if not given.

        Raises
        ------
        ParameterError
            There is no birth, or a time is negative or later than any synapse was followed.
        """
        if not len(self.last_active):
            raise ParameterError("lifetimes: no synapse was born; survival needs at least one")
        censored = self.censored
        followed = np.where(censored, self.last_active, self.first_inactive)
        grid = np.unique(np.append(followed, 0.0)) if times is None else finite_array("times", times, ("n",))
        curve = ecdf(CensoredData(uncensored=followed[~censored], right=followed[censored])).sf
        # Where the last one died nobody is left to follow, and the survival is known to stay 0.
        longest = float(followed.max()) if curve.probabilities[-1] > 0 else np.inf
        if not np.all((grid >= 0) & (grid <= longest + SAME_TIME) & (np.diff(grid, prepend=-1.0) > 0)):
            raise ParameterError(
                f"times = {grid}: must rise from at least 0 s to at most {longest} s, the longest follow-up"
            )
        grid = np.minimum(grid, longest)
        survival = curve.evaluate(grid)
        at_risk = np.array([np.sum(followed >= time - SAME_TIME) for time in grid])
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # undefined where replaced below
            band = curve.confidence_interval(0.95, method="log-log")
        low, high = band.low.evaluate(grid), band.high.evaluate(grid)
        none_died, all_died = survival >= 1, survival <= 0
        bound = 0.025 ** (1 / np.maximum(at_risk, 1))
        low = np.where(none_died, bound, np.where(all_died, 0.0, low))
        high = np.where(none_died, 1.0, np.where(all_died, 1 - bound, high))
        low, high = np.where(grid == 0, 1.0, low), np.where(grid == 0, 1.0, high)
        high = np.minimum.accumulate(high)  # survival never rises
        return SurvivalCurve(grid, survival, low, high, at_risk, len(followed), int(censored.sum()))


class SynapseHistory:
    """Which synapses were active at which time.

    Parameters
    ----------
    times : (n_times,) array
        When they were sampled (s), rising.
    active : (n_times, n_synapses) bool array
        Whether each potential synapse existed: θ > 0, and not removed by a lesion (θ goes on after that).

    Raises
    ------
    ParameterError
        Shapes do not fit, times do not rise, or ``active`` is not boolean.
    """

    def __init__(self, times: ArrayLike, active: ArrayLike) -> None:
        self.times = finite_array("times", times, ("n_times",))
        self.active = np.asarray(active)
        if np.any(np.diff(self.times) <= SAME_TIME):
            raise ParameterError(f"times = {self.times}: must rise")
        if self.active.dtype != bool:
            raise ParameterError(f"active holds {self.active.dtype}: must be bool, for example theta > 0")
        if self.active.ndim != 2 or len(self.active) != len(self.times):
            raise ParameterError(
                f"active has shape {self.active.shape}: must be ({len(self.times)} times, n_synapses)"
            )

    def count(self, time: float) -> int:
        """Number of active synapses at a sampled time (s)."""
        return int(self._at("time", time).sum())

    def per_neuron(self, post: ArrayLike, n_neurons: int) -> NDArray[np.int64]:
        """Active synapses of each neuron over time (n_times, n_neurons).

        Parameters
        ----------
        post : (n_synapses,) int array
            The neuron of each synapse.
        n_neurons : int
        """
        neuron = index_array("post", post, n_neurons, self.active.shape[1])
        return np.array([np.bincount(neuron[row], minlength=n_neurons) for row in self.active])

    def born(self, start: float, stop: float) -> NDArray[np.bool_]:
        """Synapses (n_synapses,) that are inactive at ``start`` and active at ``stop``, both sampled times (s)."""
        first, last = self._interval(start, stop)
        return ~self.active[first] & self.active[last]

    def formation(self, start: float, stop: float, reference: float | None = None) -> Turnover:
        """Synapses that are active at ``stop`` and not at ``start``, against those active at another time.

        The standard environment of B compares with ``start`` itself (2.5 h to 3.0 h, reference 2.5 h), the
        enriched one with the end of the standard environment (3.5 h to 4.0 h, reference 3.0 h).

        Parameters
        ----------
        start, stop : float
            Sampled times (s).
        reference : float, optional
            The sampled time (s) whose active synapses are the reference; ``start`` if not given.

        Raises
        ------
        ParameterError
            A time was not sampled, or ``start`` is not before ``stop``.
        """
        when = start if reference is None else reference
        return Turnover(int(self.born(start, stop).sum()), int(self._at("reference", when).sum()))

    def elimination(self, start: float, stop: float) -> Turnover:
        """Synapses that are active at ``start`` and not at ``stop``, against all active at ``start``.

        Raises
        ------
        ParameterError
            As :meth:`formation`.
        """
        first, last = self._interval(start, stop)
        lost = self.active[first] & ~self.active[last]
        return Turnover(int(lost.sum()), int(self.active[first].sum()))

    def cohort(self, start: float, stop: float, at: ArrayLike | None = None) -> Lifetimes:
        """Lifetimes, counted from ``stop``, of the synapses born between ``start`` and ``stop``.

        The cohort is fixed: whoever is once seen inactive is dead, also if it comes back, and nobody joins.

        Parameters
        ----------
        start, stop : float
            Sampled times (s); the cohort is inactive at the first and active at the second.
        at : (n,) array, optional
            The sampled times after ``stop`` at which one looks (s), rising; all of them if not given. Looking
            less often finds longer lifetimes: B looks every half hour.

        Raises
        ------
        ParameterError
            A time was not sampled, or the times do not rise.
        """
        _, birth = self._interval(start, stop)
        rows = np.arange(birth, len(self.times))
        if at is not None:
            rows = np.array([birth, *(_row("at", self.times, time) for time in np.atleast_1d(at))])
        if np.any(np.diff(rows) <= 0):
            raise ParameterError(f"at = {at}: must rise and lie after stop = {stop} s")
        return _lifetimes(self.times[rows], self.active[rows][:, self.born(start, stop)])

    def survival(self, start: float, stop: float, at: ArrayLike | None = None) -> SurvivalCurve:
        """Fraction of a :meth:`cohort` that is active at every one of the times ``at`` up to each of them.

        Raises
        ------
        ParameterError
            As :meth:`cohort`, or no synapse was born between ``start`` and ``stop``.
        """
        lifetimes = self.cohort(start, stop, at)
        if not len(lifetimes.last_active):
            raise ParameterError(f"start = {start} s, stop = {stop} s: no synapse was born between them")
        seen = self.times[self.times > stop + SAME_TIME] if at is None else np.atleast_1d(at)
        return lifetimes.survival(np.append(0.0, np.round(seen - stop, 6)))

    def births(self, first: float | None = None, last: float | None = None) -> Lifetimes:
        """Lifetimes of all births: active in a sample and not in the one before.

        A synapse that comes back is born again. Those active in the first sample are left out: their birth was
        not seen.

        Parameters
        ----------
        first, last : float, optional
            Only births whose sample (s) is not before ``first`` and not after ``last``. They are followed to the
            end of the recording anyway.
        """
        low = -np.inf if first is None else first - SAME_TIME
        high = np.inf if last is None else last + SAME_TIME
        parts = []
        for row in range(1, len(self.times)):
            if low <= self.times[row] <= high:
                new = ~self.active[row - 1] & self.active[row]
                parts.append(_lifetimes(self.times[row:], self.active[row:, new]))
        return Lifetimes(
            np.concatenate([part.last_active for part in parts] or [np.empty(0)]),
            np.concatenate([part.first_inactive for part in parts] or [np.empty(0)]),
        )

    def _at(self, name: str, time: float) -> NDArray[np.bool_]:
        return self.active[_row(name, self.times, time)]

    def _interval(self, start: float, stop: float) -> tuple[int, int]:
        if not start < stop:
            raise ParameterError(f"start = {start} s, stop = {stop} s: start must be before stop")
        return _row("start", self.times, start), _row("stop", self.times, stop)


def _row(name: str, times: NDArray[np.float64], time: float) -> int:
    row = int(np.argmin(np.abs(times - time))) if np.isfinite(time) else 0
    if not abs(times[row] - time) <= SAME_TIME:
        span = f"{len(times)} times from {times[0]:g} s to {times[-1]:g} s"
        raise ParameterError(f"{name} = {time} s: must be a sampled time ({span}); nearest is {times[row]} s")
    return row


def _lifetimes(times: NDArray[np.float64], active: NDArray[np.bool_]) -> Lifetimes:
    """Lifetimes of synapses (columns) that are all active in the first row."""
    since = np.append(np.round(times - times[0], 6), np.inf)
    # A row of inactive ones at the end gives those that never die the lifetime infinity.
    ends = np.argmin(np.vstack([active, np.zeros((1, active.shape[1]), dtype=bool)]), axis=0)
    return Lifetimes(since[ends - 1], since[ends])
