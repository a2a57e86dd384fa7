"""Synaptic sampling of any model (B, equation 5; S0, section 2).

dθ = (b ∂log p_S/∂θ + b ∂log p_N/∂θ + T b′) dt + √(2Tb) dW,    Itô,

has the stationary law p*(θ) ∝ (p_S(θ) p_N(x|θ))^{1/T}, for constant b or b(θ_i) with derivative b′(θ_i). The
term T b′ belongs to the Itô reading: the same equation without it, or integrated after Stratonovich, samples
another law, which :func:`langevin_increment` gives.

Equation, integrator, driver and record are separate. Randomness is the :class:`numpy.random.Generator` given
to a step. Parameters θ are arrays of any shape; in sequential use the last axis holds the parameters of one
chain and the axes before it independent chains.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._checks import finite_array, whole_number
from ..errors import ParameterError
from ..units import parse_quantity
from .priors import GaussianPrior, Prior

__all__ = [
    "Integrator",
    "Speed",
    "State",
    "Step",
    "SynapticSampling",
    "advance",
    "batch",
    "euler_maruyama",
    "initial",
    "langevin_increment",
    "ornstein_uhlenbeck",
    "sample",
    "sequential",
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
    """The equation, over a step: (b ∂log p + T b′) Δt + √(2Tb Δt) ξ (Itô; B, equation 5).

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


class State(NamedTuple):
    """All that a sampler remembers: the parameters θ and how many steps led to them."""

    theta: Array
    n_steps: int


#: A step of a sampler: state and random numbers to the next state.
Step: TypeAlias = Callable[[State, np.random.Generator], State]


def initial(theta: ArrayLike) -> State:
    """A state to start from.

    Raises
    ------
    ParameterError
        ``theta`` is empty, not numeric or not finite.
    """
    return State(_array("theta", theta).copy(), 0)


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
            object.__setattr__(self, "b", _positive("SynapticSampling.b", self.b, "frequency"))
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
        b = _shaped("b.value", self.b.value(theta), theta)
        where = ~(b > 0)
        if (
            where.any() and (where := where & np.isfinite(theta)).any()
        ):  # a diverged chain is reported as such
            raise ParameterError(
                f"b.value gives {b[where][0]} at theta = {theta[where][0]}: must be more than 0"
            )
        return b, _shaped("b.derivative", self.b.derivative(theta), theta)


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


def batch(
    sampling: SynapticSampling,
    grad_log_likelihood: Callable[[Array], Array] | None,
    dt: float,
    integrator: Integrator = euler_maruyama,
) -> Step:
    """Steps along the gradient of the likelihood of all data.

    Parameters
    ----------
    sampling : SynapticSampling
    grad_log_likelihood : callable or None
        θ → ∂log p_N(x|θ)/∂θ, an array of the same shape; None samples from the prior.
    dt : float
        Time step (s).
    integrator : callable
        :func:`euler_maruyama` or :func:`ornstein_uhlenbeck`.

    Returns
    -------
    callable
        The step, which raises a ParameterError when the gradient has a wrong shape.

    Raises
    ------
    ParameterError
        ``dt`` is not positive.
    """
    dt = _positive("dt", dt, "time")

    def step(state: State, rng: np.random.Generator) -> State:
        theta = state.theta
        gradient = np.zeros_like(theta)
        if grad_log_likelihood is not None:
            gradient = _shaped("grad_log_likelihood", grad_log_likelihood(theta), theta)
        return State(
            integrator(theta, gradient, rng.standard_normal(theta.shape), sampling, dt), state.n_steps + 1
        )

    return step


def sequential(
    sampling: SynapticSampling,
    grad_log_likelihood: Callable[[Array, Array], Array],
    examples: ArrayLike,
    dt: float,
    integrator: Integrator = euler_maruyama,
    order: Literal["random", "cyclic"] = "random",
) -> Step:
    """Steps along N times the gradient of one example x_n, as a synapse that sees one input after the other.

    The law is the posterior in the limit b Δt ≪ 1/N (S0, section 2); at finite b the choice of examples adds
    to the noise.

    Parameters
    ----------
    sampling : SynapticSampling
    grad_log_likelihood : callable
        (θ, x) → ∂log p_N(x|θ)/∂θ of single examples: (..., n_parameters) and (..., size) to the shape of θ.
    examples : (N, ...) array
    dt : float
        Time for which one example is shown (s).
    integrator : callable
    order : {"random", "cyclic"}
        Every chain draws an example of its own, or all see the same one, in turn.

    Raises
    ------
    ParameterError
        ``dt`` is not positive, ``examples`` are empty or not finite, ``order`` is unknown.
    """
    dt = _positive("dt", dt, "time")
    x = _array("examples", examples, first=("N",))
    if order not in ("random", "cyclic"):
        raise ParameterError(f"order = {order!r}: must be 'random' or 'cyclic'")

    def step(state: State, rng: np.random.Generator) -> State:
        theta, chains = state.theta, state.theta.shape[:-1]
        n = (
            rng.integers(len(x), size=chains)
            if order == "random"
            else np.full(chains, state.n_steps % len(x))
        )
        gradient = len(x) * _shaped("grad_log_likelihood", grad_log_likelihood(theta, x[n]), theta)
        return State(
            integrator(theta, gradient, rng.standard_normal(theta.shape), sampling, dt), state.n_steps + 1
        )

    return step


def advance(step: Step, state: State, rng: np.random.Generator, n_steps: int) -> State:
    """Take ``n_steps`` steps.

    Raises
    ------
    ParameterError
        ``n_steps`` is negative, or θ is not finite at the end: ``dt`` is too long for the gradient.
    """
    whole_number("n_steps", n_steps, low=0)
    with np.errstate(over="ignore", invalid="ignore"):  # divergence is reported below, once
        for _ in range(n_steps):
            state = step(state, rng)
    if not np.all(np.isfinite(state.theta)):
        raise ParameterError(
            f"dt is too long: the simulation has diverged, theta is not finite after {state.n_steps} steps"
        )
    return state


def sample(
    step: Step, state: State, rng: np.random.Generator, n_samples: int, every: int = 1
) -> tuple[State, Array]:
    """Record θ after every ``every`` steps.

    Returns
    -------
    state : State
        Where the chains are at the end; go on from it for more samples.
    samples : array of shape (n_samples,) + theta.shape

    Raises
    ------
    ParameterError
        ``n_samples`` or ``every`` is less than 1, or the simulation diverges.
    """
    whole_number("n_samples", n_samples)
    whole_number("every", every)
    samples = np.empty((n_samples, *state.theta.shape))
    for number in range(n_samples):
        state = advance(step, state, rng, every)
        samples[number] = state.theta
    return state, samples


def _array(name: str, values: ArrayLike, first: tuple[str, ...] = ()) -> Array:
    """Finite numbers of any shape that begins with the axes ``first``."""
    try:
        n_axes = max(np.ndim(values), len(first))
    except ValueError:  # rows of unequal length
        n_axes = len(first)
    return finite_array(name, values, (*first, *("n",) * (n_axes - len(first))))


def _number(name: str, value: object, dimension: str) -> float:
    try:
        return parse_quantity(value, dimension)
    except ValueError as error:
        raise ParameterError(f"{name} = {value!r}: {error}") from None


def _positive(name: str, value: object, dimension: str) -> float:
    number = _number(name, value, dimension)
    if number <= 0:
        raise ParameterError(f"{name} = {value!r}: must be more than 0")
    return number


def _shaped(name: str, values: ArrayLike, theta: Array) -> Array:
    array = np.asarray(values, dtype=float)
    if array.shape != theta.shape:
        raise ParameterError(f"{name} gives shape {array.shape}: must be that of theta, {theta.shape}")
    return array
