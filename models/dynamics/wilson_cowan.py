"""The equations of Wilson and Cowan: fixed points, where they appear and vanish, and where they oscillate."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq, minimize_scalar
from scipy.special import expit, logit

from spikingsampling._checks import finite_number
from spikingsampling.errors import ParameterError

__all__ = ["FixedPoint", "WilsonCowan"]


@dataclass(frozen=True)
class FixedPoint:
    """A state that stays.

    Attributes
    ----------
    e, i : float
        Active fractions of both populations.
    p : float
        External input at which it stays.
    eigenvalue : complex
        Per time constant; the one with the larger real part and imaginary part at least 0.
    """

    e: float
    i: float
    p: float
    eigenvalue: complex

    @property
    def stable(self) -> bool:
        """Whether small deviations decay."""
        return self.eigenvalue.real < 0


@dataclass(frozen=True)
class WilsonCowan:
    """Wilson, Cowan, Biophys J 12, 1 (1972), equations 11 and 12, in units of the time constant, with r = 1 and Q = 0.

        E' = −E + (k_E − E) S_E(c₁E − c₂I + P),   I' = −I + (k_I − I) S_I(c₃E − c₄I)
        S(x) = 1/(1 + e^{−a(x − θ)}) − 1/(1 + e^{aθ}),   k = S(∞)

    The defaults are those of their figure 11 (limit cycle). Fixed points form one curve: every E has one I and one P.

    Parameters
    ----------
    c1, c2, c3, c4 : float
        Weights E→E, I→E, E→I, I→I, at least 0; c₂ > 0.
    a_e, a_i : float
        Slopes, more than 0.
    theta_e, theta_i : float
        Thresholds.

    Raises
    ------
    ParameterError
        A number is out of its range.
    """

    c1: float = 16.0
    c2: float = 12.0
    c3: float = 15.0
    c4: float = 3.0
    a_e: float = 1.3
    a_i: float = 2.0
    theta_e: float = 4.0
    theta_i: float = 3.7

    def __post_init__(self) -> None:
        for field in fields(self):
            name = f"WilsonCowan.{field.name}"
            low = -np.inf if field.name.startswith("theta") else 0.0
            value = finite_number(name, getattr(self, field.name), low)
            if value == 0 and field.name in ("c2", "a_e", "a_i"):
                raise ParameterError(f"{name} = 0: must be more than 0")
            object.__setattr__(self, field.name, value)

    @cached_property
    def saturations(self) -> tuple[float, float]:
        """k_E and k_I, the largest values of S_E and S_I."""
        return float(expit(self.a_e * self.theta_e)), float(expit(self.a_i * self.theta_i))

    def derivative(self, p: float, state: ArrayLike) -> NDArray[np.float64]:
        """d(E, I)/dt under the external input P."""
        e, i = state
        k_e, k_i = self.saturations
        s_e = expit(self.a_e * (self.c1 * e - self.c2 * i + p - self.theta_e)) - (1 - k_e)
        s_i = expit(self.a_i * (self.c3 * e - self.c4 * i - self.theta_i)) - (1 - k_i)
        return np.array([-e + (k_e - e) * s_e, -i + (k_i - i) * s_i])

    def fixed_point(self, e: float) -> FixedPoint:
        """The only fixed point with this E, more than 0 and less than k_E²/(1 + k_E).

        Raises
        ------
        ParameterError
            ``e`` is outside that range.
        """
        k_e, k_i = self.saturations
        highest = k_e**2 / (1 + k_e)
        if not 0 < e < highest:
            raise ParameterError(f"e = {e!r}: must be more than 0 and less than {highest:.6g}")

        def excess(i: float) -> float:  # falls with I
            return (
                (k_i - i) * (expit(self.a_i * (self.c3 * e - self.c4 * i - self.theta_i)) - (1 - k_i))
            ) - i

        i = brentq(excess, -1.0, k_i, xtol=1e-15)
        drive = self.theta_e + logit(e / (k_e - e) + 1 - k_e) / self.a_e
        p = float(drive - self.c1 * e + self.c2 * i)
        return FixedPoint(e, i, p, self._eigenvalue(e, i))

    def _eigenvalue(self, e: float, i: float) -> complex:
        k_e, k_i = self.saturations
        s_e, s_i = e / (k_e - e), i / (k_i - i)
        slope_e = (k_e - e) * self.a_e * (s_e + 1 - k_e) * (k_e - s_e)
        slope_i = (k_i - i) * self.a_i * (s_i + 1 - k_i) * (k_i - s_i)
        jacobian = [
            [-1 - s_e + self.c1 * slope_e, -self.c2 * slope_e],
            [self.c3 * slope_i, -1 - s_i - self.c4 * slope_i],
        ]
        values = np.linalg.eigvals(jacobian)
        value = complex(values[np.argmax(values.real)])
        return complex(value.real, abs(value.imag))

    @cached_property
    def curve(self) -> list[FixedPoint]:
        """2000 fixed points along the curve, E from almost 0 to almost its highest value."""
        highest = self.saturations[0] ** 2 / (1 + self.saturations[0])
        return [self.fixed_point(e) for e in np.linspace(0, highest, 2002)[1:-1]]

    def fixed_points(self, p: float) -> list[FixedPoint]:
        """All fixed points under the external input P, in the order of E (those of :attr:`curve` bracket them)."""
        return [
            self.fixed_point(brentq(lambda e: self.fixed_point(e).p - p, a.e, b.e, xtol=1e-14))
            for a, b in pairwise(self.curve)
            if (a.p - p) * (b.p - p) < 0
        ]

    def saddle_nodes(self) -> list[FixedPoint]:
        """Where two fixed points meet and vanish: the extremes of P along the curve, in the order of E."""
        curve, found = self.curve, []
        for a, b, c in zip(curve[:-2], curve[1:-1], curve[2:], strict=True):
            sign = np.sign(b.p - a.p)
            if sign * (c.p - b.p) < 0:
                best = minimize_scalar(
                    lambda e, sign=sign: -sign * self.fixed_point(e).p,
                    bounds=(a.e, c.e),
                    method="bounded",
                    options={"xatol": 1e-12},
                )
                found.append(self.fixed_point(float(best.x)))
        return found

    def hopf_points(self) -> list[FixedPoint]:
        """Where a pair of complex eigenvalues becomes unstable or stable, in the order of E."""
        return [
            self.fixed_point(brentq(lambda e: self.fixed_point(e).eigenvalue.real, a.e, b.e, xtol=1e-14))
            for a, b in pairwise(self.curve)
            if a.eigenvalue.real * b.eigenvalue.real < 0 and a.eigenvalue.imag * b.eigenvalue.imag > 0
        ]
