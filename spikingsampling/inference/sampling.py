"""Chains of samples: steps along the gradient of all data or of one example after the other, drawn and recorded.

Randomness is the :class:`numpy.random.Generator` given to a step. Parameters θ are arrays of any shape. In sequential
use the last axis holds the parameters of one chain, and the axes before it hold independent chains.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from .._checks import finite_array, whole_number
from ..errors import ParameterError
from .langevin import Array, Integrator, SynapticSampling, euler_maruyama, positive, shaped

__all__ = ["ChainState", "Step", "advance", "batch", "initial", "sample", "sequential"]


class ChainState(NamedTuple):
    """All that a sampler remembers: the parameters θ and how many steps led to them."""

    theta: Array
    n_steps: int


#: A step of a sampler: state and random numbers to the next state.
Step: TypeAlias = Callable[[ChainState, np.random.Generator], ChainState]


def initial(theta: ArrayLike) -> ChainState:
    """A state to start from.

    Raises
    ------
    ParameterError
        ``theta`` is empty, not numeric or not finite.
    """
    return ChainState(_array("theta", theta).copy(), 0)


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
        :func:`~spikingsampling.inference.langevin.euler_maruyama` or ``ornstein_uhlenbeck``.

    Returns
    -------
    callable
        The step, which raises a ParameterError when the gradient has a wrong shape.

    Raises
    ------
    ParameterError
        ``dt`` is not positive.
    """
    dt = positive("dt", dt, "time")

    def step(state: ChainState, rng: np.random.Generator) -> ChainState:
        theta = state.theta
        gradient = np.zeros_like(theta)
        if grad_log_likelihood is not None:
            gradient = shaped("grad_log_likelihood", grad_log_likelihood(theta), theta)
        return ChainState(
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

    The law is the posterior in the limit b Δt ≪ 1/N (Fournier's report, section 2). At finite b the choice of examples
    adds to the noise.

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
    dt = positive("dt", dt, "time")
    x = _array("examples", examples, first=("N",))
    if order not in ("random", "cyclic"):
        raise ParameterError(f"order = {order!r}: must be 'random' or 'cyclic'")

    def step(state: ChainState, rng: np.random.Generator) -> ChainState:
        theta, chains = state.theta, state.theta.shape[:-1]
        n = (
            rng.integers(len(x), size=chains)
            if order == "random"
            else np.full(chains, state.n_steps % len(x))
        )
        gradient = len(x) * shaped("grad_log_likelihood", grad_log_likelihood(theta, x[n]), theta)
        return ChainState(
            integrator(theta, gradient, rng.standard_normal(theta.shape), sampling, dt), state.n_steps + 1
        )

    return step


def advance(step: Step, state: ChainState, rng: np.random.Generator, n_steps: int) -> ChainState:
    """Take ``n_steps`` steps.

    Raises
    ------
    ParameterError
        ``n_steps`` is negative, or θ is not finite at the end: ``dt`` is too long for the gradient.
    """
    n_steps = whole_number("n_steps", n_steps, low=0)
    with np.errstate(over="ignore", invalid="ignore"):  # divergence is reported below, once
        for _ in range(n_steps):
            state = step(state, rng)
    if not np.all(np.isfinite(state.theta)):
        raise ParameterError(
            f"dt is too long: the simulation has diverged, theta is not finite after {state.n_steps} steps"
        )
    return state


def sample(
    step: Step, state: ChainState, rng: np.random.Generator, n_samples: int, every: int = 1
) -> tuple[ChainState, Array]:
    """Record θ after every ``every`` steps.

    Returns
    -------
    state : ChainState
        Where the chains are at the end; go on from it for more samples.
    samples : array of shape (n_samples,) + theta.shape

    Raises
    ------
    ParameterError
        ``n_samples`` or ``every`` is less than 1, or the simulation diverges.
    """
    n_samples, every = whole_number("n_samples", n_samples), whole_number("every", every)
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
