"""One inhibitory population that inhibits itself after a delay: fast oscillation."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp
from scipy.optimize import brentq
from scipy.special import lambertw

from spikingsampling._checks import finite_number, positive_time
from spikingsampling.errors import ParameterError

__all__ = ["DelayedInhibition"]


@dataclass(frozen=True)
class DelayedInhibition:
    """τ r' = −r + [h − J r(t − d)]₊, after Brunel, Hakim, Neural Comput 11, 1621 (1999), with a linear response.

    Parameters
    ----------
    strength : float
        J, more than 0.
    delay, tau : Time
        d and τ (s).
    h : float
        Input (Hz), more than 0.

    Raises
    ------
    ParameterError
        A number or a time that is not positive.
    """

    strength: float
    delay: float = 0.002
    tau: float = 0.01
    h: float = 100.0

    def __post_init__(self) -> None:
        for name in ("strength", "h"):
            value = finite_number(f"DelayedInhibition.{name}", getattr(self, name))
            if value <= 0:
                raise ParameterError(f"DelayedInhibition.{name} = {value:g}: must be more than 0")
            object.__setattr__(self, name, value)
        for name in ("delay", "tau"):
            value = positive_time(f"DelayedInhibition.{name}", getattr(self, name))
            object.__setattr__(self, name, value)

    @property
    def fixed_point(self) -> float:
        """r* = h/(1 + J) (Hz)."""
        return self.h / (1 + self.strength)

    @property
    def hopf_omega(self) -> float:
        """ω (1/s) at which the fixed point begins to oscillate: ωd + atan(ωτ) = π."""
        return brentq(
            lambda omega: omega * self.delay + math.atan(omega * self.tau) - math.pi,
            math.pi / 2 / self.delay,
            math.pi / self.delay,
            xtol=1e-12,
        )

    @property
    def hopf_strength(self) -> float:
        """J_c = √(1 + ω²τ²): beyond it the fixed point oscillates."""
        return math.hypot(1.0, self.hopf_omega * self.tau)

    @property
    def onset_amplitude(self) -> float:
        """Amplitude (Hz) at which an oscillation around the fixed point touches the threshold: r*/J.

        The net input h − J r(t − d) is r* on average. Smaller oscillations are linear, so just beyond J_c they grow
        until the threshold holds them: the oscillation begins with this amplitude.
        """
        return self.fixed_point / self.strength

    @property
    def eigenvalue(self) -> complex:
        """Leading root (1/s) of λτ + 1 + J e^{−λd} = 0, imaginary part at least 0.

        λ = W₀(−(J d/τ) e^{d/τ})/d − 1/τ with Lambert's W.
        """
        d, tau = self.delay, self.tau
        return complex(lambertw(-self.strength * d / tau * math.exp(d / tau)) / d - 1 / tau)

    def simulate(
        self, start: float, duration: float, samples_per_delay: int = 50
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Times (n,) in s and rates (n,) in Hz, from a constant past.

        By steps of one delay: in each, the past is known as the interpolant of SciPy's integrator, so that the
        equation is an ordinary one, and the kinks that a delay makes lie at its ends.

        Parameters
        ----------
        start : float
            Rate at and before time 0 (Hz).
        duration : float
            In s; rounded up to a multiple of the delay.
        samples_per_delay : int
        """
        inside = np.arange(samples_per_delay) / samples_per_delay * self.delay
        past: Callable[[float], float] = lambda t: start  # noqa: E731
        rate, values = start, []
        n_delays = math.ceil(duration / self.delay)
        for _ in range(n_delays):

            def derivative(t: float, r: NDArray, past: Callable[[float], float] = past) -> NDArray:
                return (-r + max(self.h - self.strength * past(t), 0.0)) / self.tau

            step = solve_ivp(
                derivative, (0, self.delay), [rate], dense_output=True, rtol=1e-8, atol=1e-10 * self.h
            )
            values.append(step.sol(inside)[0])
            rate = float(step.y[0, -1])
            past = lambda t, sol=step.sol: float(sol(t)[0])  # noqa: E731
        values.append(np.array([rate]))
        rates = np.concatenate(values)
        return np.arange(len(rates)) * (self.delay / samples_per_delay), rates
