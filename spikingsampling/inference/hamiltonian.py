"""Hamiltonian synaptic sampling: synaptic parameters with a momentum, as CaMKII may give them (Yu et al. 2016).

dθ = v dt,    dv = (∂log p*(θ)/∂θ − γ v) dt + √(2γT) dW

(arXiv 1606.00157). This is underdamped Langevin dynamics with unit mass. Its stationary law is
(p_S(θ) p_N(x|θ))^{1/T} for θ, as that of synaptic sampling, and independent of it N(0, T) for v. With strong friction
and b = 1/γ it is synaptic sampling again.

The noise is additive, so that the equation means the same after Itô and Stratonovich.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from .._checks import finite_array
from ..errors import ParameterError
from .langevin import Array, positive, shaped
from .priors import Prior

__all__ = ["HamiltonianSampling", "MomentumState", "baoab", "gaussian_correlation", "hamiltonian_sample"]


class MomentumState(NamedTuple):
    """All that the sampler remembers: the parameters θ and their velocities v, of the same shape."""

    theta: Array
    velocity: Array


@dataclass(frozen=True)
class HamiltonianSampling:
    """What is sampled and with what friction.

    Parameters
    ----------
    prior : Prior
        p_S(θ).
    friction : float
        γ (1/s); what moves decays with it.
    temperature : float
        T ≥ 0.

    Raises
    ------
    ParameterError
        ``prior`` is not a prior, ``friction`` not positive, ``temperature`` negative or not finite.
    """

    prior: Prior
    friction: float = 1.0
    temperature: float = 1.0

    def __post_init__(self) -> None:
        if not isinstance(self.prior, Prior):
            raise ParameterError(f"HamiltonianSampling.prior = {self.prior!r}: must be a prior")
        friction = positive("HamiltonianSampling.friction", self.friction, "frequency")
        object.__setattr__(self, "friction", friction)
        if not (np.isscalar(self.temperature) and math.isfinite(self.temperature) and self.temperature >= 0):
            raise ParameterError(
                f"HamiltonianSampling.temperature = {self.temperature!r}: must be at least 0, and finite"
            )

    def start(self, theta: ArrayLike, rng: np.random.Generator) -> MomentumState:
        """θ with velocities from their law, N(0, T).

        Raises
        ------
        ParameterError
            ``theta`` is empty, not numeric or not finite.
        """
        theta = finite_array("theta", theta, tuple("n" * np.ndim(theta))).copy()
        return MomentumState(theta, math.sqrt(self.temperature) * rng.standard_normal(theta.shape))


def baoab(
    state: MomentumState,
    gradient: Callable[[Array], Array] | None,
    noise: Array,
    sampling: HamiltonianSampling,
    dt: float,
) -> MomentumState:
    """One step: kick, drift, friction and noise exactly, drift, kick (Leimkuhler & Matthews 2013).

    Parameters
    ----------
    gradient : callable or None
        θ → ∂log p_N(x|θ)/∂θ; None samples from the prior. It is asked twice; a caller that minds remembers.
    noise : array
        Standard normal, of the shape of θ.
    dt : float
        Time step (s). For a Gaussian of standard deviation σ the step is stable for dt < 2σ. The law of θ is then
        exact at any such step; that of v is not.
    """

    def force(theta: Array) -> Array:
        drive = sampling.prior.grad_log_density(theta)
        return drive if gradient is None else drive + shaped("grad_log_likelihood", gradient(theta), theta)

    decay = math.exp(-sampling.friction * dt)
    velocity = state.velocity + 0.5 * dt * force(state.theta)
    theta = state.theta + 0.5 * dt * velocity
    velocity = decay * velocity + math.sqrt(sampling.temperature * (1 - decay**2)) * noise
    theta = theta + 0.5 * dt * velocity
    return MomentumState(theta, velocity + 0.5 * dt * force(theta))


def hamiltonian_sample(
    sampling: HamiltonianSampling,
    gradient: Callable[[Array], Array] | None,
    dt: float,
    state: MomentumState,
    rng: np.random.Generator,
    n_samples: int,
    every: int = 1,
) -> tuple[MomentumState, Array]:
    """Record θ after every ``every`` steps.

    Returns
    -------
    state : MomentumState
        Where the chains are at the end.
    samples : array of shape (n_samples,) + theta.shape

    Raises
    ------
    ParameterError
        ``dt`` is not positive, or so long that the simulation diverges.
    """
    dt = positive("dt", dt, "time")
    samples = np.empty((n_samples, *state.theta.shape))
    with np.errstate(over="ignore", invalid="ignore"):  # divergence is reported below, once
        for number in range(n_samples):
            for _ in range(every):
                state = baoab(state, gradient, rng.standard_normal(state.theta.shape), sampling, dt)
            samples[number] = state.theta
    if not np.all(np.isfinite(state.theta)):
        raise ParameterError(f"dt = {dt:g} s is too long: the simulation has diverged")
    return state, samples


def gaussian_correlation(time: ArrayLike, sd: float, friction: float) -> Array:
    """⟨θ(0) θ(t)⟩/⟨θ²⟩ of a Gaussian law p* with standard deviation ``sd`` at T = 1: a damped oscillator.

    Parameters
    ----------
    time : (n,) array
        Seconds, at least 0.
    sd : float
        Of p*, whatever T is: T scales the variance of θ and not its frequency 1/sd.
    friction : float
        γ (1/s).
    """
    t = np.asarray(time, dtype=float)
    root = np.sqrt(complex(friction**2 / 4 - 1 / sd**2))
    if abs(root) < 1e-9 / sd:  # critical
        return np.exp(-friction * t / 2) * (1 + friction * t / 2)
    slow, fast = -friction / 2 + root, -friction / 2 - root
    return np.asarray(((fast * np.exp(slow * t) - slow * np.exp(fast * t)) / (fast - slow)).real)
