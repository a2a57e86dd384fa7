"""Wilson and Cowan's equations over the external input: the cycle, and where it ends."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from spikingsampling.models.dynamics.cycles import Cycle
from spikingsampling.models.dynamics.wilson_cowan import WilsonCowan
from spikingsampling.protocols.studies.dynamics.trajectories import Array, settle

__all__ = ["CycleBranch", "CycleEnd", "cycle_around", "cycle_branch", "cycle_end"]

#: Period (time constants) that is expected where small oscillations do not tell it: that of the slowest cycles.
_SLOW = 20.0


@dataclass(frozen=True)
class CycleBranch:
    """Cycles over the external input: ``inputs`` P (n,), descending, and a cycle for each."""

    inputs: Array
    cycles: Sequence[Cycle]

    @property
    def periods(self) -> Array:
        """(n,) in time constants."""
        return np.array([cycle.period for cycle in self.cycles])

    @property
    def amplitudes(self) -> Array:
        """(n,), peak to peak."""
        return np.array([cycle.high - cycle.low for cycle in self.cycles])


@dataclass(frozen=True)
class CycleEnd:
    """Where the cycle ends at small inputs.

    Attributes
    ----------
    p : float
        External input P_h, to within ``tolerance`` of the search.
    approach : CycleBranch
        Cycles near it.
    slope : float
        Slope of the period over −ln(P − P_h). At an orbit that begins and ends in a saddle (homoclinic) it is 1/λ for
        the saddle's unstable eigenvalue λ. If a saddle-node lay on the cycle, the period would grow as
        (P − P_h)^(−½).
    slope_theory : float
        1/λ at P_h.
    """

    p: float
    approach: CycleBranch
    slope: float
    slope_theory: float


def cycle_around(model: WilsonCowan, p: float) -> Cycle | None:
    """The cycle that a trajectory from near the unstable fixed point with the largest E ends on; None: it rests.

    A stable cycle around that point takes in what starts inside it, so none is missed.
    """
    centre = model.fixed_points(p)[-1]
    if centre.stable:
        return None
    omega = centre.eigenvalue.imag
    period = 2 * math.pi / omega if omega > 1.5 else _SLOW
    start = (centre.e + 0.01, centre.i)
    return settle(lambda t, state: model.derivative(p, state), start, centre.e, period, windows=400).cycle


def cycle_branch(model: WilsonCowan, inputs: Sequence[float]) -> CycleBranch:
    """The cycle at each of the ``inputs`` that has one."""
    found = [(p, cycle) for p in sorted(inputs, reverse=True) if (cycle := cycle_around(model, p))]
    return CycleBranch(np.array([p for p, _ in found]), [cycle for _, cycle in found])


def cycle_end(model: WilsonCowan, without: float, within: float, tolerance: float) -> CycleEnd:
    """Bisect for the end of the cycle between an input ``without`` and a larger one ``within`` it.

    The slope is fitted at distances of 100 to 10,000 times the ``tolerance``.
    """
    low, high = without, within
    while high - low > tolerance:
        middle = (low + high) / 2
        if cycle_around(model, middle) is None:
            low = middle
        else:
            high = middle
    approach = cycle_branch(model, high + tolerance * np.geomspace(100, 10_000, 7))
    slope = float(np.polyfit(-np.log(approach.inputs - high), approach.periods, 1)[0])
    saddle = model.fixed_points(high)[1]
    return CycleEnd(high, approach, slope, 1 / saddle.eigenvalue.real)
