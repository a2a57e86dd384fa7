"""The equation of synaptic sampling, for any model, and its integrators.

dθ = (b ∂log p_S/∂θ + b ∂log p_N/∂θ + T b′) dt + √(2Tb) dW,    Itô

(Kappel et al., PLOS Comput Biol 2015, equation 5; Fournier's report, section 2). It has the stationary law
p*(θ) ∝ (p_S(θ) p_N(x|θ))^{1/T}, for constant b or b(θ_i) with derivative b′(θ_i). The term T b′ belongs to the Itô
reading. The same equation without it, or integrated after Stratonovich, samples another law, which
:func:`langevin_increment` gives.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import ParameterError
from ..units import parse_quantity
from .priors import GaussianPrior, Prior

__all__ = [
    "Integrator",
    "Speed",
    "SynapticSampling",
    "euler_maruyama",
    "langevin_increment",
    "ornstein_uhlenbeck",
]

Array: TypeAlias = NDArray[np.float64]


def langevin_increment(
    gradient: ArrayLike,
    b: ArrayLike,
    b_prime: ArrayLike,
    temperature: float,
    dt: float,
    noise: ArrayLike,
) -> Array:
    """The equation, over a step: (b ∂log p + T b′) Δt + √(2Tb Δt) ξ (Itô).

    With c b′ in place of b′ the stationary law is p*(θ) b(θ)^{c−1}: c = 3/2 is what a Stratonovich integrator
    makes of the equation, c = 0 what is left without T b′.

    Parameters
    ----------
    gradient : array
        ∂log p_S/∂θ + ∂log p_N/∂θ.
    b, b_prime : arrays
        Sampling speed b(θ) and its derivative, of the shape of ``gradient`` or scalars (1/s).
    temperature : float
    dt : float
        Time step (s).
    noise : array
        ξ, standard normal.

    Returns
    -------
    array
        The change of θ.
    """
    drift = np.multiply(b, gradient) + temperature * np.asarray(b_prime)
    return drift * dt + np.sqrt(2 * temperature * dt * np.asarray(b)) * noise


@dataclass(frozen=True)
class Speed:
    """A sampling speed b(θ_i) > 0 that depends on the parameter itself, with its derivative b′(θ_i).

    Parameters
    ----------
    value, derivative : callables
        Elementwise: arrays of any shape to arrays of that shape (1/s).
    """

    value: Callable[[Array], Array]
    derivative: Callable[[Array], Array]


@dataclass(frozen=True)
class SynapticSampling:
    """What is sampled and how fast.

    Parameters
    ----------
    prior : Prior
        p_S(θ).
    b : float or Speed
        Sampling speed (1/s).
    temperature : float
        T ≥ 0; 0 follows the gradient to a maximum of the posterior.

    Raises
    ------
    ParameterError
        ``prior`` is not a prior, ``b`` not positive, ``temperature`` negative or not finite.
    """

    prior: Prior
    b: float | Speed = 1.0
    temperature: float = 1.0

    def __post_init__(self) -> None:
        if not isinstance(self.prior, Prior):
            raise ParameterError(
                f"SynapticSampling.prior = {self.prior!r}: must be a prior, an object with log_density, "
                "grad_log_density, sample and grad_log_density_code"
            )
        if not isinstance(self.b, Speed):
            object.__setattr__(self, "b", positive("SynapticSampling.b", self.b, "frequency"))
        temperature = _number("SynapticSampling.temperature", self.temperature, "number")
        if temperature < 0:
            raise ParameterError(f"SynapticSampling.temperature = {temperature!r}: must be at least 0")
        object.__setattr__(self, "temperature", temperature)

    def speed(self, theta: Array) -> tuple[Array | float, Array | float]:
        """b(θ) and b′(θ).

        Raises
        ------
        ParameterError
            The speed is not positive somewhere, or has another shape than θ.
        """
        if not isinstance(self.b, Speed):
            return self.b, 0.0
        b = shaped("b.value", self.b.value(theta), theta)
        where = ~(b > 0)
        if (
            where.any() and (where := where & np.isfinite(theta)).any()
        ):  # a diverged chain is reported as such
            raise ParameterError(
                f"b.value gives {b[where][0]} at theta = {theta[where][0]}: must be more than 0"
            )
        return b, shaped("b.derivative", self.b.derivative(theta), theta)


#: θ, the gradient of the log-likelihood there and standard normal noise to the next θ.
Integrator: TypeAlias = Callable[[Array, Array, Array, SynapticSampling, float], Array]


def euler_maruyama(
    theta: Array, grad_log_likelihood: Array, noise: Array, sampling: SynapticSampling, dt: float
) -> Array:
    """Euler-Maruyama step (Itô) for any prior and b; weak order 1: its law is off by O(``dt``)."""
    gradient = sampling.prior.grad_log_density(theta) + grad_log_likelihood
    b, b_prime = sampling.speed(theta)
    return theta + langevin_increment(gradient, b, b_prime, sampling.temperature, dt, noise)


def ornstein_uhlenbeck(
    theta: Array, grad_log_likelihood: Array, noise: Array, sampling: SynapticSampling, dt: float
) -> Array:
    """Exact step for a Gaussian prior, constant b and a likelihood gradient that is constant during ``dt``.

    Without a likelihood it is exact over any ``dt``.

    Raises
    ------
    ParameterError
        The prior is not Gaussian or b is a function.
    """
    prior, b = sampling.prior, sampling.b
    if not isinstance(prior, GaussianPrior) or isinstance(b, Speed):
        raise ParameterError(
            f"integrator = ornstein_uhlenbeck: needs a GaussianPrior and a constant b, not {prior!r} and "
            f"b = {b!r}; use euler_maruyama"
        )
    decay, sd = prior.transition(b * dt, sampling.temperature)
    centre = prior.mean + prior.sd**2 * grad_log_likelihood
    return centre + decay * (theta - centre) + sd * noise


def _number(name: str, value: object, dimension: str) -> float:
    try:
        return parse_quantity(value, dimension)
    except ValueError as error:
        raise ParameterError(f"{name} = {value!r}: {error}") from None


def positive(name: str, value: object, dimension: str) -> float:
    """A quantity of a dimension in SI base units; ParameterError unless it is more than 0."""
    number = _number(name, value, dimension)
    if number <= 0:
        raise ParameterError(f"{name} = {value!r}: must be more than 0")
    return number


def shaped(name: str, values: ArrayLike, theta: Array) -> Array:
    """What a function of θ gives, as an array; ParameterError unless it has the shape of θ."""
    array = np.asarray(values, dtype=float)
    if array.shape != theta.shape:
        raise ParameterError(f"{name} gives shape {array.shape}: must be that of theta, {theta.shape}")
    return array
