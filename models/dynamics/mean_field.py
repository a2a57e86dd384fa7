"""Mean-field theory of sparsely connected integrate-and-fire neurons (Brunel, J. Comput. Neurosci. 8, 183, 2000).

Each neuron sees its input as white noise with a mean and a variance that follow from the rates; the rate that noise of
this kind makes it fire at must be the one that was put in.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import erfcx

from spikingsampling.errors import ParameterError

__all__ = ["MeanField", "firing_cv", "firing_rate"]

#: How far beyond a threshold a random walk is when it is first seen there, in SDs of a step: −ζ(½)/√(2π).
STEP_SHIFT = 1.4603545088095868 / math.sqrt(2 * math.pi)


def firing_rate(
    mean: float, sd: float, *, tau: float, threshold: float, reset: float, refractory: float, dt: float = 0.0
) -> float:
    """Rate (Hz) of an integrate-and-fire neuron whose input is white noise (Brunel 2000, eq. 21).

    1/ν = τ_rp + τ √π ∫ e^{u²} (1 + erf u) du from (V_r − μ)/σ to (θ − μ)/σ.

    Parameters
    ----------
    mean, sd : float
        μ and σ of the input (mV).
    tau, refractory : float
        s.
    threshold, reset : float
        mV.
    dt : float
        Time step (s) of a simulation that tests the threshold at the end of each step; 0: at all times. What crosses it
        and comes back within a step is missed, to first order in √dt as if the threshold were 0.5826 standard
        deviations of a step, σ √(dt/τ), higher (Broadie, Glasserman & Kou, Math. Finance 7, 325, 1997).
    """
    threshold += STEP_SHIFT * sd * math.sqrt(dt / tau)
    low, high = (reset - mean) / sd, (threshold - mean) / sd
    if high > 25:  # e^{u²} overflows; such a neuron fires less than once in the age of the universe
        return 0.0
    # e^{u²}(1 + erf u) = erfcx(−u), which stays finite for strongly negative u.
    integral, _ = quad(lambda u: erfcx(-u), low, high, limit=200)
    return 1 / (refractory + tau * math.sqrt(math.pi) * integral)


def firing_cv(
    mean: float, sd: float, *, tau: float, threshold: float, reset: float, refractory: float, dt: float = 0.0
) -> float:
    """Coefficient of variation of its intervals: CV² = 2π ν² τ² ∫ e^{x²} ∫_{−∞}^x e^{y²} (1 + erf y)² dy dx.

    Brunel 2000, eq. A.7 (appendix); arguments as :func:`firing_rate`.
    """
    rate = firing_rate(mean, sd, tau=tau, threshold=threshold, reset=reset, refractory=refractory, dt=dt)
    threshold += STEP_SHIFT * sd * math.sqrt(dt / tau)
    low, high = (reset - mean) / sd, (threshold - mean) / sd

    def inner(x: float) -> float:
        # e^{x²} e^{y²} (1 + erf y)² = e^{x² − y²} erfcx(−y)², with y = x − s. It decays within 1/|2x| below 0, 6 above.
        reach = x + 8 if x > 0 else 40 / (5 - 2 * x)
        value, _ = quad(lambda s: math.exp(s * (2 * x - s)) * erfcx(s - x) ** 2, 0, reach, limit=200)
        return value

    variance, _ = quad(inner, low, high, limit=200)
    return math.sqrt(2 * math.pi * variance) * rate * tau


@dataclass(frozen=True)
class MeanField:
    """Model A: excitatory and inhibitory neurons with the same inputs.

    Parameters
    ----------
    g : float
        Strength of inhibitory synapses, in units of excitatory ones.
    drive : float
        External rate ν_ext in units of ν_thr, the rate that takes the mean to threshold without recurrence.
    c_excitatory : int
        Synapses from excitatory neurons onto each neuron; as many come from outside.
    gamma : float
        Inhibitory synapses per excitatory one.
    weight : float
        J (mV).
    tau, refractory : float
        s.
    threshold, reset : float
        mV.
    dt : float
        Time step (s) of a simulation, which makes a neuron a little slower than the paper's (:func:`firing_rate`); 0:
        continuous time, as in the paper.

    Raises
    ------
    ParameterError
        A value is not positive, or ``dt`` is negative.
    """

    g: float
    drive: float
    c_excitatory: int = 1000
    gamma: float = 0.25
    weight: float = 0.1
    tau: float = 20e-3
    refractory: float = 2e-3
    threshold: float = 20.0
    reset: float = 10.0
    dt: float = 0.0

    def __post_init__(self) -> None:
        for name in ("g", "drive", "c_excitatory", "gamma", "weight", "tau", "threshold"):
            if not getattr(self, name) > 0:
                raise ParameterError(f"{name} = {getattr(self, name)!r}: must be more than 0")
        if not self.dt >= 0:
            raise ParameterError(f"dt = {self.dt!r}: must be at least 0")

    @property
    def threshold_rate(self) -> float:
        """ν_thr = θ/(C_E J τ) in Hz."""
        return self.threshold / (self.c_excitatory * self.weight * self.tau)

    def moments(self, rate: float) -> tuple[float, float]:
        """Mean and standard deviation (mV) of the input at a rate of all neurons (Hz); Brunel 2000, eqs. 4 and 5."""
        external, scale = self.drive * self.threshold_rate, self.c_excitatory * self.tau
        mean = scale * self.weight * (external + rate * (1 - self.g * self.gamma))
        variance = scale * self.weight**2 * (external + rate * (1 + self.g**2 * self.gamma))
        return mean, math.sqrt(variance)

    def _respond(self, rate: float) -> float:
        return firing_rate(*self.moments(rate), **self._neuron())

    def _neuron(self) -> dict[str, float]:
        return {name: getattr(self, name) for name in ("tau", "threshold", "reset", "refractory", "dt")}

    def rates(self) -> NDArray[np.float64]:
        """All rates (Hz) that maintain themselves, from low to high."""
        grid = np.concatenate([[0.0], np.geomspace(1e-3, 1 / self.refractory, 400)])
        excess = np.array([self._respond(rate) - rate for rate in grid])
        crossings = np.flatnonzero(np.diff(np.sign(excess)) != 0)
        return np.array([brentq(lambda nu: self._respond(nu) - nu, grid[k], grid[k + 1]) for k in crossings])

    @property
    def rate(self) -> float:
        """The highest rate that maintains itself (Hz): with g < 4 the network ends there, above there is one only."""
        return float(self.rates()[-1])

    @property
    def cv(self) -> float:
        """Coefficient of variation of the intervals at this rate."""
        return firing_cv(*self.moments(self.rate), **self._neuron())
