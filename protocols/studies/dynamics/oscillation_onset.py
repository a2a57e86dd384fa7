"""Where populations with a threshold-linear response begin to oscillate: simulated beside linear theory."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from spikingsampling.errors import ParameterError
from spikingsampling.models.dynamics.cycles import Cycle, cycle_of, growth_rate
from spikingsampling.models.dynamics.delayed_inhibition import DelayedInhibition
from spikingsampling.models.dynamics.threshold_linear import ThresholdLinearPair
from spikingsampling.protocols.studies.dynamics.trajectories import Array, settle, trajectory

__all__ = ["Diagram", "delay_diagram", "hopf_line", "pair_diagram"]

#: First displacement over the amplitude at which the threshold is touched: below it everything is linear.
_SMALL = 0.3
#: Periods and samples per period of a linear oscillation.
_PERIODS, _SAMPLES = 20, 400
#: Half of the distance between the two strengths from which a Hopf point is interpolated, relative.
_BESIDE = 1e-3


@dataclass(frozen=True)
class Diagram:
    """A bifurcation diagram over the strength of a coupling.

    Attributes
    ----------
    strengths : (n,) array
    fixed : (n,) array
        Fixed point (Hz).
    cycles : sequence of n Cycle or None
        What a displacement ends on; None where it decays.
    frequencies : (n,) array
        Hz; of the cycle, or of the decaying oscillation.
    theory : (n,) array
        Hz; Im λ/2π of the fixed point.
    critical, critical_theory : float
        Strength at which a small oscillation neither grows nor decays.
    hopf_frequency, hopf_frequency_theory : float
        Hz; of a small oscillation at the theory's critical strength.
    onset : (float, float)
        Lowest and highest rate (Hz) of the cycle where it begins, in theory.
    """

    strengths: Array
    fixed: Array
    cycles: Sequence[Cycle | None]
    frequencies: Array
    theory: Array
    critical: float
    critical_theory: float
    hopf_frequency: float
    hopf_frequency_theory: float
    onset: tuple[float, float]


def _zero(growth: Callable[[float], float], near: float) -> float:
    """Where the growth rate vanishes, by a straight line between two strengths on both sides of ``near``."""
    low, high = near * (1 - _BESIDE), near * (1 + _BESIDE)
    below, above = growth(low), growth(high)
    return low - below * (high - low) / (above - below)


def _small_oscillation(pair: ThresholdLinearPair, size: float) -> tuple[Array, Array, float]:
    """Times, E and the fixed point of E, after a displacement of E by ``size`` (Hz)."""
    e, i = pair.fixed_point
    duration = _PERIODS * 2 * math.pi / pair.eigenvalue.imag
    times, states = trajectory(pair.derivative, (e + size, i), duration, _PERIODS * _SAMPLES)
    return times, states[0], e


def _pair_growth(pair: ThresholdLinearPair) -> float:
    times, values, level = _small_oscillation(pair, _SMALL * pair.onset_amplitude)
    return growth_rate(times, values, level)


def _critical_w_ee(pair: ThresholdLinearPair) -> float:
    return _zero(lambda w_ee: _pair_growth(replace(pair, w_ee=w_ee)), pair.hopf_w_ee)


def pair_diagram(pair: ThresholdLinearPair, distances: Sequence[float]) -> Diagram:
    """E over w_EE, at relative ``distances`` from the Hopf line.

    Raises
    ------
    ParameterError
        So far from the line there is no fixed point, or deviations from it do not oscillate.
    """
    at_hopf = replace(pair, w_ee=pair.hopf_w_ee)
    points = [replace(pair, w_ee=at_hopf.w_ee * (1 + distance)) for distance in distances]
    cycles, frequencies = [], []
    for distance, point in zip(distances, points, strict=True):
        if point.eigenvalue.imag == 0:
            raise ParameterError(
                f"distances holds {distance:g}: at w_EE = {point.w_ee:g} deviations from the fixed point must oscillate"
            )
        e, i = point.fixed_point
        if point.eigenvalue.real > 0:
            size, period = at_hopf.onset_amplitude, 2 * math.pi / point.eigenvalue.imag
            cycle = oscillation = settle(point.derivative, (e + size, i), e, period).cycle
        else:
            cycle, oscillation = None, cycle_of(*_small_oscillation(point, _SMALL * point.onset_amplitude))
        cycles.append(cycle)
        frequencies.append(oscillation.frequency)
    neutral = cycle_of(*_small_oscillation(at_hopf, _SMALL * at_hopf.onset_amplitude))
    e, a = at_hopf.fixed_point[0], at_hopf.onset_amplitude
    return Diagram(
        strengths=np.array([point.w_ee for point in points]),
        fixed=np.array([point.fixed_point[0] for point in points]),
        cycles=cycles,
        frequencies=np.array(frequencies),
        theory=np.array([point.eigenvalue.imag for point in points]) / (2 * math.pi),
        critical=_critical_w_ee(pair),
        critical_theory=at_hopf.w_ee,
        hopf_frequency=neutral.frequency,
        hopf_frequency_theory=at_hopf.eigenvalue.imag / (2 * math.pi),
        onset=(e - a, e + a),
    )


def hopf_line(pair: ThresholdLinearPair, inhibitions: Sequence[float]) -> Array:
    """Critical w_EE, simulated and in theory, at each w_II: (n, 2)."""
    rows = []
    for w_ii in inhibitions:
        other = replace(pair, w_ee=1.0, w_ii=w_ii)
        rows.append((_critical_w_ee(other), other.hopf_w_ee))
    return np.array(rows)


def _delayed_oscillation(network: DelayedInhibition, size: float, periods: int) -> tuple[Array, Array, float]:
    """Times, rates and fixed point over the last 20 of ``periods``, after a past ``size`` (Hz) above it."""
    fixed = network.fixed_point
    times, rates = network.simulate(fixed + size, periods * 2 * math.pi / network.eigenvalue.imag)
    kept = times >= times[-1] * (1 - _PERIODS / periods)
    return times[kept], rates[kept], fixed


def delay_diagram(delay: float, tau: float, distances: Sequence[float]) -> Diagram:
    """Rate over the strength J of inhibition after a ``delay`` (s)."""
    critical = DelayedInhibition(1.0, delay, tau).hopf_strength

    def network(strength: float) -> DelayedInhibition:
        return DelayedInhibition(strength, delay, tau)

    def small(strength: float) -> tuple[Array, Array, float]:
        at = network(strength)
        return _delayed_oscillation(at, _SMALL * at.onset_amplitude, 2 * _PERIODS)

    at_hopf = network(critical)
    points = [network(critical * (1 + distance)) for distance in distances]
    cycles, frequencies = [], []
    for point in points:
        rate, omega = point.eigenvalue.real, point.eigenvalue.imag
        if rate > 0:
            # Ten times the time in which a small oscillation grows e-fold: the slowest approach near J_c.
            periods = _PERIODS + math.ceil(10 * omega / (2 * math.pi * rate))
            cycle = oscillation = cycle_of(*_delayed_oscillation(point, point.onset_amplitude, periods))
        else:
            cycle, oscillation = None, cycle_of(*small(point.strength))
        cycles.append(cycle)
        frequencies.append(oscillation.frequency)
    r, a = at_hopf.fixed_point, at_hopf.onset_amplitude
    return Diagram(
        strengths=np.array([point.strength for point in points]),
        fixed=np.array([point.fixed_point for point in points]),
        cycles=cycles,
        frequencies=np.array(frequencies),
        theory=np.array([point.eigenvalue.imag for point in points]) / (2 * math.pi),
        critical=_zero(lambda j: growth_rate(*small(j)), critical),
        critical_theory=critical,
        hopf_frequency=cycle_of(*small(critical)).frequency,
        hopf_frequency_theory=at_hopf.hopf_omega / (2 * math.pi),
        onset=(r - a, r + a),
    )
