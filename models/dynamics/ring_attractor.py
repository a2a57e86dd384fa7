"""A ring of rate neurons whose bump of activity holds a direction: its shape and its diffusion in closed form."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

from spikingsampling._checks import finite_array, finite_number, positive_time, whole_number
from spikingsampling.errors import ParameterError

__all__ = ["RingAttractor"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class RingAttractor:
    """N neurons with preferred directions φ_i = 2πi/N; after Ben-Yishai, Bar-Or, Sompolinsky, PNAS 92, 3844 (1995).

        τ u̇_i = −u_i + h0 + (1/N) Σ_j (J0 + J1 cos(φ_i − φ_j)) [u_j]₊ + σ√τ ξ_i

    Any bump u = A (cos(φ − ψ) − cos φ_c) stays, whatever its direction ψ. So nothing pulls back what noise moves.

    Parameters
    ----------
    j0, j1 : float
        J0 < 0 holds the activity, J1 > 2 makes a bump; both as far as a bump is narrower than the ring.
    h0 : float
        Input, more than 0; activity scales with it.
    tau : Time
        Time constant (s).
    n : int
        N, at least 8.

    Raises
    ------
    ParameterError
        A value out of its range, or couplings under which the bump has no finite height.
    """

    j0: float = -10.0
    j1: float = 3.0
    h0: float = 1.0
    tau: float = 0.02
    n: int = 128

    def __post_init__(self) -> None:
        for name in ("j0", "j1", "h0"):
            object.__setattr__(self, name, finite_number(f"RingAttractor.{name}", getattr(self, name)))
        object.__setattr__(self, "tau", positive_time("RingAttractor.tau", self.tau))
        object.__setattr__(self, "n", whole_number("RingAttractor.n", self.n, 8))
        if self.h0 <= 0:
            raise ParameterError(f"RingAttractor.h0 = {self.h0:g}: must be more than 0")
        if self.j1 <= 2:
            raise ParameterError(
                f"RingAttractor.j1 = {self.j1:g}: must be more than 2, or activity has no bump"
            )
        if self._inverse_height <= 0:
            highest = -math.pi * math.cos(self.half_width) / self._area
            raise ParameterError(
                f"RingAttractor.j0 = {self.j0:g}: must be less than {highest:.4g}, or activity grows without a bound"
            )

    @property
    def directions(self) -> Floats:
        """φ (n,) in rad."""
        return 2 * np.pi * np.arange(self.n) / self.n

    @cached_property
    def half_width(self) -> float:
        """φ_c (rad), where J1 (φ_c − ½ sin 2φ_c) = 2π."""
        return brentq(lambda c: self.j1 * (c - math.sin(2 * c) / 2) - 2 * math.pi, 1e-9, math.pi, xtol=1e-14)

    @property
    def _area(self) -> float:
        return math.sin(self.half_width) - self.half_width * math.cos(self.half_width)

    @property
    def _inverse_height(self) -> float:
        return -math.cos(self.half_width) - self.j0 * self._area / math.pi

    @property
    def amplitude(self) -> float:
        """A = h0/(−cos φ_c − J0 (sin φ_c − φ_c cos φ_c)/π)."""
        return self.h0 / self._inverse_height

    @property
    def peak_rate(self) -> float:
        """A (1 − cos φ_c)."""
        return self.amplitude * (1 - math.cos(self.half_width))

    @property
    def mean_rate(self) -> float:
        """A (sin φ_c − φ_c cos φ_c)/π, over the ring."""
        return self.amplitude * self._area / math.pi

    def bump(self, direction: ArrayLike = 0.0) -> Floats:
        """u (..., n) of the bump with this direction ψ (rad), one or an array (...)."""
        psi = np.asarray(direction, dtype=float)[..., None]
        return self.amplitude * (np.cos(self.directions - psi) - math.cos(self.half_width))

    def diffusion(self, sigma: float) -> float:
        """Var ψ(t)/t = 2πσ²/(τ N A² (φ_c − ½ sin 2φ_c)) (rad²/s), for weak noise σ.

        A deviation δu moves ψ by its projection on the left null vector of the linearised equations, sin(φ − ψ) where
        u > 0. It is the population vector's direction, too, so :meth:`decode` sees no other deviation.
        """
        width = self.half_width - math.sin(2 * self.half_width) / 2
        return 2 * math.pi * sigma**2 / (self.tau * self.n * self.amplitude**2 * width)

    def pulled(self, distance: ArrayLike, strength: float, duration: float) -> Floats:
        """Distance (rad) from the bump to a weak input ε cos(φ − φ_d) that has been on for ``duration`` (s).

        The input projects on the left null vector: τA ψ̇ = ε sin(φ_d − ψ). So the tangent of half the distance falls as
        e^{−εt/(τA)}.
        """
        half = np.tan(np.asarray(distance, dtype=float) / 2)
        return 2 * np.arctan(half * math.exp(-strength * duration / (self.tau * self.amplitude)))

    def decode(self, u: ArrayLike) -> Floats:
        """Direction ψ (...) in rad, from −π to π, of the population vector Σ [u_j]₊ e^{iφ_j} of ``u`` (..., n)."""
        return np.angle(np.maximum(np.asarray(u, dtype=float), 0) @ np.exp(1j * self.directions))

    def shape(self, u: ArrayLike) -> tuple[float, float, float]:
        """Half width (rad), peak and mean rate of a stationary ``u`` (n,): A, φ_c from its first two Fourier terms.

        Raises
        ------
        ParameterError
            Another shape, or ``u`` has no bump that crosses zero.
        """
        u = finite_array("u", u, (self.n,))
        amplitude = 2 * abs(np.mean(u * np.exp(1j * self.directions)))
        if not abs(u.mean()) < amplitude:
            raise ParameterError("u: must be a bump that crosses zero")
        rates = np.maximum(u, 0)
        return float(np.arccos(-u.mean() / amplitude)), float(amplitude + u.mean()), float(rates.mean())

    def simulate(
        self,
        start: ArrayLike,
        inputs: ArrayLike,
        dt: float,
        *,
        sigma: float = 0.0,
        rng: np.random.Generator | None = None,
        every: int = 1,
    ) -> tuple[Floats, Floats]:
        """Euler-Maruyama steps of many rings at once (noise is additive, so Itô is Stratonovich).

        A bump that drifts under such steps has the variance of the continuous equation, without an error of the step:
        its shift neither grows nor decays.

        Parameters
        ----------
        start : (n_trials, n) array
            u at time 0.
        inputs : (n_steps, n) array
            What is added to h0 in each step; (n_steps, 1) for the same to all.
        dt : float
            Step (s), at most τ/2.
        sigma : float
            Noise σ.
        rng : Generator, optional
            Needed with noise.
        every : int
            Steps from one decoded direction to the next.

        Returns
        -------
        u : (n_trials, n) array
            At the end.
        directions : (n_steps // every + 1, n_trials) array
            ψ at the start and after every ``every`` steps.

        Raises
        ------
        ParameterError
            Another shape, a step that is too long, or noise without ``rng``.
        """
        u = finite_array("start", start, ("n_trials", self.n)).copy()
        added = np.asarray(inputs, dtype=float)
        if added.ndim != 2 or added.shape[1] not in (1, self.n):
            raise ParameterError(
                f"inputs has shape {added.shape}: must be (n_steps, {self.n}) or (n_steps, 1)"
            )
        step = positive_time("dt", dt) / self.tau
        if step > 0.5:
            raise ParameterError(f"dt = {dt!r}: must be at most half of tau, {self.tau / 2:g} s")
        if sigma and rng is None:
            raise ParameterError(f"rng = None: must be a generator with sigma = {sigma:g}")
        wave = np.stack([np.cos(self.directions), np.sin(self.directions)], axis=1)
        path = [self.decode(u)]
        for number, extra in enumerate(added, start=1):
            rates = np.maximum(u, 0)
            drive = self.h0 + self.j0 * rates.mean(axis=1, keepdims=True) + extra
            drive = drive + self.j1 / self.n * (rates @ wave) @ wave.T
            u += step * (drive - u)
            if sigma:
                u += sigma * math.sqrt(step) * rng.standard_normal(u.shape)
            if number % every == 0:
                path.append(self.decode(u))
        return u, np.array(path)
