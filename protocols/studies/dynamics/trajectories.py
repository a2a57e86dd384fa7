"""Trajectories of rate equations, and the cycle that they end on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import solve_ivp

from spikingsampling.models.dynamics.cycles import Cycle, cycle_of

__all__ = ["Settled", "settle", "trajectory"]

Array = NDArray[np.float64]
#: From time and state to the derivative of the state.
Derivative = Callable[[float, ArrayLike], Array]
#: Samples per expected period, and periods from one look to the next.
_SAMPLES, _WINDOW = 400, 20


def trajectory(derivative: Derivative, start: ArrayLike, duration: float, n: int) -> tuple[Array, Array]:
    """Times (n,) from 0 to ``duration`` and states (n_variables, n), by SciPy's DOP853 to 1e-9."""
    times = np.linspace(0, duration, n)
    solution = solve_ivp(
        derivative,
        (0, duration),
        start,
        method="DOP853",
        t_eval=times,
        rtol=1e-9,
        atol=1e-12,
        max_step=duration / 50,
    )
    return times, solution.y


@dataclass(frozen=True)
class Settled:
    """What a trajectory ends on.

    Attributes
    ----------
    cycle : Cycle or None
        Of the first variable; None: it came to rest.
    state : (n_variables,) array
        At the end, from where another trajectory can go on.
    """

    cycle: Cycle | None
    state: Array


def settle(
    derivative: Derivative,
    start: ArrayLike,
    level: float,
    period: float,
    *,
    tolerance: float = 1e-6,
    windows: int = 100,
) -> Settled:
    """Follow a trajectory until the cycle of its first variable around ``level`` repeats itself, or until it rests.

    Parameters
    ----------
    derivative, start
        The equation and the first state.
    level : float
    period : float
        Expected; a window is 20 of them.
    tolerance : float
        Largest relative change of period, minimum and maximum from one window to the next.
    windows : int

    Raises
    ------
    RuntimeError
        It has not settled after so many windows.
    """
    state, before = np.asarray(start, dtype=float), None
    for _ in range(windows):
        times, states = trajectory(derivative, state, _WINDOW * period, _WINDOW * _SAMPLES)
        state = states[:, -1]
        now = cycle_of(times, states[0], level)
        if now is None:
            return Settled(None, state)
        shape = np.array([now.period, now.low, now.high])
        if before is not None and np.all(np.abs(shape - before) <= tolerance * np.abs(shape)):
            return Settled(now, state)
        before = shape
    raise RuntimeError(f"the trajectory has not settled within {windows * _WINDOW} periods")
