"""An excitatory and an inhibitory population with threshold-linear response: where they begin to oscillate."""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spikingsampling._checks import finite_number, positive_time
from spikingsampling.errors import ParameterError

__all__ = ["ThresholdLinearPair"]


@dataclass(frozen=True)
class ThresholdLinearPair:
    """Rates E and I (Hz), with [x]₊ = max(x, 0); Dayan, Abbott, "Theoretical Neuroscience" (2001), section 7.5.

        τ_E E' = −E + [w_EE E − w_EI I + h_E]₊
        τ_I I' = −I + [w_IE E − w_II I + h_I]₊

    Parameters
    ----------
    w_ee, w_ei, w_ie, w_ii : float
        Weights, at least 0: w_EI is that from I to E.
    tau_e, tau_i : Time
        Time constants (s).
    h_e, h_i : float
        Inputs (Hz).

    Raises
    ------
    ParameterError
        A negative weight, a time constant that is not positive, a determinant (1 − w_EE)(1 + w_II) + w_EI w_IE
        that is not positive (no fixed point that can lose its stability to an oscillation), or a fixed point at which
        a population is silent.
    """

    w_ee: float = 3.0
    w_ei: float = 2.0
    w_ie: float = 2.0
    w_ii: float = 0.0
    tau_e: float = 0.02
    tau_i: float = 0.01
    h_e: float = 10.0
    h_i: float = 0.0

    def __post_init__(self) -> None:
        for field in fields(self):
            name, value = f"ThresholdLinearPair.{field.name}", getattr(self, field.name)
            if field.name.startswith("tau"):
                value = positive_time(name, value)
            else:
                value = finite_number(name, value, 0.0 if field.name.startswith("w") else -math.inf)
            object.__setattr__(self, field.name, value)
        if self._determinant <= 0:
            raise ParameterError(
                f"ThresholdLinearPair.w_ee = {self.w_ee:g}: must be less than "
                f"{1 + self.w_ei * self.w_ie / (1 + self.w_ii):g}, where inhibition no longer holds excitation"
            )
        if min(self.fixed_point) <= 0:
            raise ParameterError(
                f"ThresholdLinearPair.h_e = {self.h_e:g}, h_i = {self.h_i:g}: both populations must fire at the "
                "fixed point"
            )

    @property
    def _determinant(self) -> float:
        return (1 - self.w_ee) * (1 + self.w_ii) + self.w_ei * self.w_ie

    @property
    def fixed_point(self) -> tuple[float, float]:
        """E and I (Hz) that stay."""
        e = ((1 + self.w_ii) * self.h_e - self.w_ei * self.h_i) / self._determinant
        i = (self.w_ie * self.h_e + (1 - self.w_ee) * self.h_i) / self._determinant
        return e, i

    @property
    def hopf_w_ee(self) -> float:
        """w_EE = 1 + (τ_E/τ_I)(1 + w_II): where the trace of the linearised equations vanishes."""
        return 1 + self.tau_e / self.tau_i * (1 + self.w_ii)

    @property
    def eigenvalue(self) -> complex:
        """Of the fixed point (1/s), that of the two with the larger real part and imaginary part at least 0."""
        half_trace = ((self.w_ee - 1) / self.tau_e - (1 + self.w_ii) / self.tau_i) / 2
        root = cmath.sqrt(half_trace**2 - self._determinant / (self.tau_e * self.tau_i))
        return half_trace + root

    @property
    def onset_amplitude(self) -> float:
        """Amplitude of E (Hz) at which an oscillation at the Hopf line touches a threshold.

        On the line every smaller ellipse around the fixed point is an orbit. Just beyond it an orbit grows until
        a threshold holds it, so the oscillation begins with this amplitude, not with zero. Net input of E is
        E + τ_E E' and has the amplitude A abs(1 + iωτ_E); that of I follows from I = w_IE E/(1 + w_II + iωτ_I). Meant
        at ``w_ee = hopf_w_ee``, where ω is the imaginary part of :attr:`eigenvalue`.
        """
        omega = self.eigenvalue.imag
        e, i = self.fixed_point
        touches_e = e / abs(1 + 1j * omega * self.tau_e)
        if self.w_ie == 0:
            return touches_e
        gain = self.w_ie / abs(1 + self.w_ii + 1j * omega * self.tau_i)
        return min(touches_e, i / (gain * abs(1 + 1j * omega * self.tau_i)))

    def derivative(self, t: float, rates: ArrayLike) -> NDArray[np.float64]:
        """d(E, I)/dt at any time ``t``, for SciPy's integrators."""
        e, i = rates
        return np.array(
            [
                (-e + max(self.w_ee * e - self.w_ei * i + self.h_e, 0.0)) / self.tau_e,
                (-i + max(self.w_ie * e - self.w_ii * i + self.h_i, 0.0)) / self.tau_i,
            ]
        )
