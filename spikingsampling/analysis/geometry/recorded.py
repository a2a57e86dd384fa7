"""How the synapses of a recorded run have changed between two snapshots, group by group and map by map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..._checks import finite_number
from ...errors import ParameterError
from ...recording import RecordingReader
from ...tables import Table
from .changes import Reading, read_change
from .normality import gaussian_bound

__all__ = ["GROUPS", "RecordedChange", "change_table", "recorded_changes"]

#: Groups of synapses, by their state at both snapshots; strong ones are active at both and above a θ at the first.
GROUPS = ("all", "retracted", "active", "strong")
#: Maps of the weights of active synapses.
_OF_WEIGHTS = {
    "log w": np.log,
    "√w": np.sqrt,
    "w": lambda w: w,
    "−1/w": lambda w: -1 / w,
}


@dataclass(frozen=True)
class RecordedChange:
    """What a group of synapses has done from one snapshot to another.

    Attributes
    ----------
    projection, group : str
    start, stop : float
        Times of the two snapshots (s).
    n : int
        Synapses.
    sd : float
        Of the change of θ.
    readings : mapping of str to Reading
        By map; centred. Maps of w are there for active and strong synapses only. Empty where fewer than two synapses
        have changed.
    """

    projection: str
    group: str
    start: float
    stop: float
    n: int
    sd: float
    readings: Mapping[str, Reading]


def recorded_changes(
    recording: RecordingReader,
    projection: str,
    start: float | None = None,
    stop: float | None = None,
    *,
    strong: float = 2.0,
) -> list[RecordedChange]:
    """The change of θ and w of a projection between two snapshots, for each of the :data:`GROUPS`.

    θ is the dual space of prior and noise. Where nothing else acts, on retracted synapses, its change is Gaussian but
    for the mean. The likelihood moves strong ones.

    Parameters
    ----------
    recording : RecordingReader
    projection : str
    start, stop : float, optional
        The last snapshots at or before these times (s). When left out: the first and the last one.
    strong : float
        Strong synapses have a θ above this one at the start.

    Raises
    ------
    ParameterError
        The two snapshots are the same one, or in the wrong order.
    RecordingError
        There is no snapshot at or before ``start``.
    UnknownNameError
        No such projection.
    """
    strong = finite_number("strong", strong)
    times = recording.snapshot_times(projection)
    if len(times) < 2:
        raise ParameterError(f"projection {projection!r} has {len(times)} snapshots: a change needs two")
    start = times[0] if start is None else finite_number("start", start)
    stop = times[-1] if stop is None else finite_number("stop", stop)
    first, last = (float(times[np.searchsorted(times, t, side="right") - 1]) for t in (start, stop))
    if start >= times[0] and not first < last:
        raise ParameterError(
            f"start = {start:g} s and stop = {stop:g} s: must be two snapshots of {projection!r} in their order, "
            f"which are at {', '.join(f'{t:g}' for t in times)} s"
        )
    theta = [recording.theta(projection, t).astype(float) for t in (start, stop)]
    w = [recording.w(projection, t).astype(float) for t in (start, stop)]
    retracted = (theta[0] <= 0) & (theta[1] <= 0)
    active = (w[0] > 0) & (w[1] > 0)
    members = {
        "all": np.ones(len(theta[0]), dtype=bool),
        "retracted": retracted,
        "active": active,
        "strong": active & (theta[0] > strong),
    }
    found = []
    for group in GROUPS:
        chosen = members[group]
        before, after = theta[0][chosen], theta[1][chosen]
        n, sd = len(before), float(np.std(after - before)) if len(before) else 0.0
        readings = {}
        if n > 1 and sd > 0:
            readings = read_change(before, after, {"θ": _same}, centred=True)
            if group in ("active", "strong"):
                readings |= read_change(w[0][chosen], w[1][chosen], _OF_WEIGHTS, centred=True)
        found.append(RecordedChange(projection, group, first, last, n, sd, readings))
    return found


def _same(theta: NDArray[np.float64]) -> NDArray[np.float64]:
    return theta


def change_table(changes: Sequence[RecordedChange]) -> Table:
    """ΔCDF by map; the 95 % bound of Gaussian changes, sd and excess kurtosis of the change of θ."""
    maps = ("θ", *_OF_WEIGHTS)
    rows = []
    for change in changes:
        read = change.readings
        values = [f"{read[name].delta_cdf:.3f}" if name in read else "" for name in maps]
        bound = f"{gaussian_bound(change.n, centred=True):.3f}" if read else ""
        tail = f"{read['θ'].excess_kurtosis:.1f}" if read else ""
        span = f"{change.start:g} to {change.stop:g}"
        rows.append(
            (change.projection, change.group, span, f"{change.n}", *values, bound, f"{change.sd:.3f}", tail)
        )
    head = ("projection", "synapses", "time (s)", "n", *maps, "Gaussian, 95 %", "sd of Δθ", "kurtosis of Δθ")
    return Table(head, rows)
