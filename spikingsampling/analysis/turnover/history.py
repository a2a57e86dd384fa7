"""Turnover of synapses: how many form and retract, and how long the new ones last.

The definitions of formation and survival are those of Kappel et al., PLOS Comput Biol 2015 (experiment 4), as the
authors' code evaluates them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..._checks import finite_array, index_array
from ...errors import ParameterError
from ..samples import SAME_TIME, row_of
from .lifetimes import Lifetimes
from .survival import SurvivalCurve

__all__ = ["SynapseHistory", "Turnover"]

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Turnover:
    """Number of new or lost synapses in an interval, against a reference.

    Attributes
    ----------
    count : int
        New synapses, or lost ones.
    reference : int
        Active synapses that they are compared with.
    """

    count: int
    reference: int

    @property
    def value(self) -> float:
        """``count / reference``; NaN where the reference is 0."""
        return self.count / self.reference if self.reference else float("nan")


class SynapseHistory:
    """Which synapses were active at which time.

    Parameters
    ----------
    times : (n_times,) array
        When they were sampled (s), rising.
    active : (n_times, n_synapses) bool array
        Whether each potential synapse was active: θ > 0, and not removed by a lesion (θ goes on after that).

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

    def at(self, time: float) -> Mask:
        """Which synapses (n_synapses,) were active at a sampled time (s).

        Raises
        ------
        ParameterError
            The time was not sampled.
        """
        return self.active[row_of("time", self.times, time)]

    def count(self, time: float) -> int:
        """Number of active synapses at a sampled time (s)."""
        return int(self.at(time).sum())

    def every(self, interval: float) -> SynapseHistory:
        """Only the samples at whole intervals (s) after the first one.

        Raises
        ------
        ParameterError
            One of these times was not sampled.
        """
        n = int((self.times[-1] - self.times[0]) / interval + SAME_TIME)
        times = self.times[0] + interval * np.arange(n + 1)
        return SynapseHistory(times, self.active[[row_of("time", self.times, time) for time in times]])

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

    def new(self, start: float, stop: float) -> Mask:
        """Synapses (n_synapses,) that are inactive at ``start`` and active at ``stop``, both sampled times (s)."""
        first, last = self._interval(start, stop)
        return ~self.active[first] & self.active[last]

    def formation(self, start: float, stop: float, reference: float | None = None) -> Turnover:
        """Synapses that are active at ``stop`` and not at ``start``, against those active at another time.

        For the standard environment of the paper the reference is ``start`` (formation from 2.5 h to 3.0 h). For
        the enriched one it is the end of the standard environment (formation from 3.5 h to 4.0 h, reference 3.0 h).

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
        new = self.new(start, stop)
        row = row_of("reference", self.times, start if reference is None else reference)
        return Turnover(int(new.sum()), int(self.active[row].sum()))

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
        """Lifetimes, counted from ``stop``, of the synapses that are :meth:`new` between ``start`` and ``stop``.

        The cohort is fixed. The lifetime of a synapse ends when it is first seen inactive, also if it comes back.

        Parameters
        ----------
        start, stop : float
            Sampled times (s); the cohort is inactive at the first and active at the second.
        at : (n,) array, optional
            The sampled times after ``stop`` at which one looks (s), rising; all of them if not given. Looking
            less often finds longer lifetimes: the paper looks every half hour.

        Raises
        ------
        ParameterError
            A time was not sampled, or the times do not rise.
        """
        _, formation = self._interval(start, stop)
        at = None if at is None else finite_array("at", np.atleast_1d(at), ("n",))
        rows = np.arange(formation, len(self.times))
        if at is not None:
            rows = np.array([formation, *(row_of("at", self.times, time) for time in at)])
        if np.any(np.diff(rows) <= 0):
            raise ParameterError(f"at = {at}: must rise and lie after stop = {stop} s")
        return Lifetimes.of_samples(self.times[rows], self.active[rows][:, self.new(start, stop)])

    def survival(self, start: float, stop: float, at: ArrayLike | None = None) -> SurvivalCurve:
        """Fraction of a :meth:`cohort` that is active at every one of the times ``at`` up to each of them.

        Raises
        ------
        ParameterError
            As :meth:`cohort`, or no synapse is new between ``start`` and ``stop``.
        """
        lifetimes = self.cohort(start, stop, at)
        if not len(lifetimes.last_active):
            raise ParameterError(f"start = {start} s, stop = {stop} s: no synapse is new between them")
        later = self.times[self.times > stop + SAME_TIME] if at is None else np.atleast_1d(at).astype(float)
        return lifetimes.survival(np.append(0.0, np.round(later - stop, 6)))

    def lifetimes(self, first: float | None = None, last: float | None = None) -> Lifetimes:
        """Lifetimes of all new synapses: active in a sample and not in the one before.

        A synapse that comes back is new again. Those active in the first sample are left out: their formation was
        not seen.

        Parameters
        ----------
        first, last : float, optional
            Only synapses that form not before ``first`` and not after ``last`` (s). They are followed to the end of
            the recording anyway.
        """
        low = -np.inf if first is None else first - SAME_TIME
        high = np.inf if last is None else last + SAME_TIME
        parts = []
        for row in range(1, len(self.times)):
            if low <= self.times[row] <= high:
                new = ~self.active[row - 1] & self.active[row]
                parts.append(Lifetimes.of_samples(self.times[row:], self.active[row:, new]))
        return Lifetimes(
            np.concatenate([part.last_active for part in parts] or [np.empty(0)]),
            np.concatenate([part.first_inactive for part in parts] or [np.empty(0)]),
        )

    def _interval(self, start: float, stop: float) -> tuple[int, int]:
        if not start < stop:
            raise ParameterError(f"start = {start} s, stop = {stop} s: start must be before stop")
        return row_of("start", self.times, start), row_of("stop", self.times, stop)
