"""A ring of rate neurons whose recurrent weights are learnt by synaptic sampling from bumps that go round."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import wrightomega

from spikingsampling._checks import finite_number, positive_time, whole_number
from spikingsampling.errors import ParameterError
from spikingsampling.inference.priors import GaussianPrior
from spikingsampling.models.dynamics.ring_attractor import RingAttractor

__all__ = ["LearntRing"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class LearntRing:
    """Weights w_ij = e^{θ_ij − θ0} between N rate neurons, and a uniform inhibition.

        τ u̇_i = −u_i + h0 + (1/N) Σ_j (g w_ij − c) [u_j]₊ + σ√τ ξ_i

    Bumps x (peak 1, of the shape of a cosine ring's) are seen at directions all around, in turn. A synapse takes x_j
    for a Poisson number of mean α w_ij, weighted with the activity of its neuron, so that
    log p = Σ x_i (x_j log α w_ij − α w_ij):

        ∂log p/∂θ_ij = Σ x_i (x_j − α w_ij),

    the Hebbian form of the rule of Kappel et al. (PLOS Comput Biol 2015) with rates for spikes. The likelihood alone is
    largest at w_ij = ⟨x_i x_j⟩/(α ⟨x_i⟩), which depends on the distance of i and j only. g and c are constants, so
    chosen that the maximum of the posterior has J0 and J1 as its first two Fourier coefficients.

    Parameters
    ----------
    n : int
        N, at least 8.
    j0, j1 : float
        As those of :class:`.RingAttractor`, which gives the bumps their shape.
    tau : Time
        τ (s).
    n_directions, laps : int
        Directions at which bumps are seen, and how often each of them counts; together the number of examples.
    alpha, theta_0 : float
        α, θ0.
    prior : GaussianPrior

    Raises
    ------
    ParameterError
        A value out of its range.
    """

    n: int = 128
    j0: float = -10.0
    j1: float = 3.0
    tau: float = 0.02
    n_directions: int = 128
    laps: int = 4
    alpha: float = 0.1
    theta_0: float = 3.0
    prior: GaussianPrior = field(default_factory=lambda: GaussianPrior(0.0, 2.0))

    def __post_init__(self) -> None:
        for name in ("n_directions", "laps"):
            object.__setattr__(self, name, whole_number(f"LearntRing.{name}", getattr(self, name)))
        for name in ("alpha", "theta_0"):
            object.__setattr__(self, name, finite_number(f"LearntRing.{name}", getattr(self, name)))
        object.__setattr__(self, "tau", positive_time("LearntRing.tau", self.tau))
        if self.alpha <= 0:
            raise ParameterError(f"LearntRing.alpha = {self.alpha:g}: must be more than 0")
        if not isinstance(self.prior, GaussianPrior):
            raise ParameterError(f"LearntRing.prior = {self.prior!r}: must be a GaussianPrior")
        object.__setattr__(self, "n", self.teacher.n)

    @cached_property
    def teacher(self) -> RingAttractor:
        """The ring with cosine couplings that gives bumps their shape."""
        return RingAttractor(self.j0, self.j1, tau=self.tau, n=self.n)

    @cached_property
    def examples(self) -> Floats:
        """x (n_directions, n), in the order in which a bump goes round."""
        around = 2 * np.pi * np.arange(self.n_directions) / self.n_directions
        return np.maximum(self.teacher.bump(around), 0) / self.teacher.peak_rate

    def gradient(self, theta: Floats, x: Floats) -> Floats:
        """∂log p/∂θ (..., n, n) of bumps x (..., n), each of which counts ``laps`` times; rows are of neurons i."""
        surprise = x[..., None, :] - self.alpha * np.exp(theta - self.theta_0)
        return self.laps * x[..., :, None] * surprise

    @cached_property
    def _moments(self) -> tuple[Floats, Floats]:
        """Σ x_i x_j (n, n) and Σ x_i (n, 1) over all examples."""
        x = self.examples
        return self.laps * x.T @ x, self.laps * x.sum(axis=0)[:, None]

    def gradient_of_all(self, theta: Floats) -> Floats:
        """∂log p/∂θ (..., n, n) of all examples: the sum of :meth:`gradient` over them."""
        pairs, activity = self._moments
        return pairs - activity * self.alpha * np.exp(theta - self.theta_0)

    @cached_property
    def map_theta(self) -> Floats:
        """θ (n, n) at the maximum of the posterior, where learning at T = 0 ends.

        There (μ − θ)/σ² + Σ x_i x_j = c e^θ with c = α e^{−θ0} Σ x_i, so θ = m − ω(m + log σ²c), m = μ + σ² Σ x_i x_j;
        ω is Wright's function, ω + log ω = its argument.
        """
        pairs, activity = self._moments
        variance = self.prior.sd**2
        m = self.prior.mean + variance * pairs
        return m - wrightomega(m + np.log(variance * self.alpha * activity) - self.theta_0)

    @cached_property
    def stiffness(self) -> Floats:
        """κ (n, n), minus the second derivative of the log-posterior at its maximum.

        Around it θ is an Ornstein-Uhlenbeck process of variance T/κ and rate bκ.
        """
        return 1 / self.prior.sd**2 + self.alpha * self._moments[1] * np.exp(self.map_theta - self.theta_0)

    @cached_property
    def _gain_and_inhibition(self) -> tuple[float, float]:
        w = np.exp(self.map_theta - self.theta_0)
        phi = self.teacher.directions
        first = float(np.mean(w * np.cos(phi[:, None] - phi)))
        gain = self.j1 / (2 * first)
        return gain, gain * float(w.mean()) - self.j0

    def couplings(self, theta: Floats) -> Floats:
        """(g e^{θ−θ0} − c)/N (..., n, n), of neurons i in rows."""
        gain, inhibition = self._gain_and_inhibition
        return (gain * np.exp(theta - self.theta_0) - inhibition) / self.n

    @cached_property
    def _resting(self) -> Floats:
        """u (n,) of the bump at direction 0 with the weights of the maximum, without noise."""
        u, weights = self.teacher.bump(), self.couplings(self.map_theta)
        for _ in range(4000):
            u += 0.1 * (self.teacher.h0 + weights @ np.maximum(u, 0) - u)
        return u

    def bump(self, direction: ArrayLike = 0.0) -> Floats:
        """u (..., n) of the bump with this direction (rad), one or an array (...), by its Fourier series."""
        k = np.fft.rfftfreq(self.n, 1 / self.n)
        shift = np.exp(-1j * k * np.asarray(direction, dtype=float)[..., None])
        return np.fft.irfft(np.fft.rfft(self._resting) * shift, self.n)

    @cached_property
    def _null_vector(self) -> Floats:
        """z (n,) with ψ̇ = Σ z_i (what is added to τ u̇_i): −u′ where u > 0, over τ Σ u′².

        Small additions move the bump by their projection on the left null vector of the linearised equations, which for
        symmetric weights is u′ where u > 0.
        """
        k = np.fft.rfftfreq(self.n, 1 / self.n)
        slope = np.fft.irfft(1j * k * np.fft.rfft(self._resting), self.n) * (self._resting > 0)
        return -slope / (self.tau * np.sum(slope**2))

    def diffusion(self, sigma: float) -> float:
        """Var ψ(t)/t = σ²τ Σ z_i² (rad²/s) by the noise of neurons alone, for weak noise."""
        return sigma**2 * self.tau * float(np.sum(self._null_vector**2))

    @cached_property
    def _leverage(self) -> Floats:
        """∂ψ̇/∂θ (n, n) in rad/s at the maximum: g z_i w_ij r_j/N."""
        gain = self._gain_and_inhibition[0]
        w = np.exp(self.map_theta - self.theta_0)
        return gain / self.n * self._null_vector[:, None] * w * np.maximum(self._resting, 0)

    def drift_variance(self, temperature: float) -> float:
        """Var ψ̇ (rad²/s²) over weights: Σ (∂ψ̇/∂θ)² T/κ, for low T."""
        return temperature * float(np.sum(self._leverage**2 / self.stiffness))

    def displacement_variance(self, times: ArrayLike, sigma: float, temperature: float, b: float) -> Floats:
        """Var ψ(t) (...) in rad² at ``times`` (...) in s, by noise of neurons and weights that turn over with speed b.

        ψ̇ is the sum of Ornstein-Uhlenbeck processes, one for each synapse, of rate bκ. Its double integral over time
        gives

            Var ψ(t) = D t + Σ (∂ψ̇/∂θ)² (T/κ) 2 (bκt − 1 + e^{−bκt})/(bκ)²,

        which begins with Var ψ̇ t², is that for ever with b = 0 (weights at rest), and ends with
        2T/b Σ (∂ψ̇/∂θ)²/κ² t. It holds for low T and as long as the bump goes less far than its width.
        """
        t = np.asarray(times, dtype=float)
        rate, share = b * self.stiffness.ravel(), (self._leverage**2 / self.stiffness).ravel()
        turns = rate * t[..., None]
        # 2 (x − 1 + e^{−x})/x² is 1 − x/3 + … for small x.
        small = np.maximum(turns, 1e-3)
        factor = np.where(turns < 1e-3, 1 - turns / 3, 2 * (small + np.expm1(-small)) / small**2)
        return self.diffusion(sigma) * t + temperature * t**2 * (factor @ share)

    def advance(
        self,
        u: Floats,
        couplings: Floats,
        steps: int,
        dt: float,
        sigma: float,
        rng: np.random.Generator,
    ) -> Floats:
        """u (n_trials, n) after Euler-Maruyama steps with fixed couplings (n, n)."""
        step = dt / self.tau
        if not 0 < step <= 0.5:
            raise ParameterError(
                f"dt = {dt!r}: must be more than 0 and at most half of tau, {self.tau / 2:g} s"
            )
        spread = sigma * math.sqrt(step)
        for _ in range(steps):
            u = u + step * (self.teacher.h0 + np.maximum(u, 0) @ couplings.T - u)
            if sigma:
                u += spread * rng.standard_normal(u.shape)
        return u
