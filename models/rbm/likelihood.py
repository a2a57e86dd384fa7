"""How probable data are under a restricted Boltzmann machine: exact sums, or annealing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logsumexp

from spikingsampling._checks import finite_array, whole_number
from spikingsampling.errors import ParameterError

__all__ = [
    "MAX_HIDDEN",
    "LogPartition",
    "annealed_log_partition",
    "exact_gradient",
    "exact_log_partition",
    "free_energy",
    "hidden_states",
]

#: The most hidden units whose states are summed over: 65,536 states.
MAX_HIDDEN = 16
#: Hidden states that are worked on at a time, to bound memory.
_CHUNK = 1024


def hidden_states(n_hidden: int) -> NDArray[np.float64]:
    """All binary vectors, shape (2^n_hidden, n_hidden).

    Raises
    ------
    ParameterError
        More than :data:`MAX_HIDDEN` units.
    """
    n_hidden = whole_number("n_hidden", n_hidden)
    if n_hidden > MAX_HIDDEN:
        raise ParameterError(
            f"n_hidden = {n_hidden}: the sum over all hidden states is possible to {MAX_HIDDEN}; "
            "annealed_log_partition estimates it for more"
        )
    return (np.arange(2**n_hidden)[:, np.newaxis] >> np.arange(n_hidden) & 1).astype(float)


def _parameters(
    weights: ArrayLike, visible_bias: ArrayLike, hidden_bias: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """The parameters of a machine in double precision, if their shapes fit one another."""
    w = finite_array("weights", weights, ("n_hidden", "n_visible"))
    n_hidden, n_visible = w.shape
    b = finite_array("visible_bias", visible_bias, (n_visible,))
    return w, b, finite_array("hidden_bias", hidden_bias, (n_hidden,))


def _softplus(values: NDArray) -> NDArray[np.float64]:
    return np.logaddexp(0.0, values)


def free_energy(
    X: ArrayLike, weights: NDArray, visible_bias: NDArray, hidden_bias: NDArray, *, gaussian: bool = False
) -> NDArray[np.float64]:
    """F(x) = −bᵀx − Σ_i log(1 + exp(c_i + w_i x)), and + xᵀx/2 for Gaussian visible units.

    Parameters
    ----------
    X : (n, n_visible) array
    weights : (n_hidden, n_visible) array
    visible_bias, hidden_bias : (n_visible,) and (n_hidden,) arrays

    Returns
    -------
    (n,) array
        Nats.

    Raises
    ------
    ParameterError
        Shapes do not fit one another, or a value is not finite.
    """
    weights, visible_bias, hidden_bias = _parameters(weights, visible_bias, hidden_bias)
    x = finite_array("X", X, ("n", len(visible_bias)))
    energy = -x @ visible_bias - _softplus(x @ weights.T + hidden_bias).sum(axis=1)
    return energy + 0.5 * (x**2).sum(axis=1) if gaussian else energy


def _log_weights(
    weights: NDArray, visible_bias: NDArray, hidden_bias: NDArray, gaussian: bool
) -> NDArray[np.float64]:
    """log Σ_x exp(−E(x, z)) of every hidden state (an integral over x for Gaussian visible units)."""
    weights, visible_bias, hidden_bias = _parameters(weights, visible_bias, hidden_bias)
    parts = []
    for states in np.array_split(hidden_states(len(hidden_bias)), max(1, 2 ** len(hidden_bias) // _CHUNK)):
        field = states @ weights
        if gaussian:
            log_sum = (0.5 * (field + visible_bias) ** 2).sum(axis=1)
            log_sum += 0.5 * len(visible_bias) * math.log(2 * math.pi)
        else:
            log_sum = _softplus(field + visible_bias).sum(axis=1)
        parts.append(states @ hidden_bias + log_sum)
    return np.concatenate(parts)


def exact_log_partition(
    weights: NDArray, visible_bias: NDArray, hidden_bias: NDArray, *, gaussian: bool = False
) -> float:
    """log Z by a sum over all hidden states.

    Arguments and errors as :func:`free_energy`, and errors of :func:`hidden_states`.
    """
    return float(logsumexp(_log_weights(weights, visible_bias, hidden_bias, gaussian)))


def exact_gradient(
    X: ArrayLike, weights: NDArray, visible_bias: NDArray, hidden_bias: NDArray
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Gradient of the mean log-likelihood of binary X (n, n_visible) by weights, visible, hidden biases.

    Arguments and errors as :func:`exact_log_partition`; the gradients have the shapes of the parameters.
    """
    weights, visible_bias, hidden_bias = _parameters(weights, visible_bias, hidden_bias)
    x = finite_array("X", X, ("n", len(visible_bias)))
    on = expit(x @ weights.T + hidden_bias)
    states = hidden_states(len(hidden_bias))
    logs = _log_weights(weights, visible_bias, hidden_bias, gaussian=False)
    probability = np.exp(logs - logsumexp(logs))
    model = expit(states @ weights + visible_bias)
    return (
        on.T @ x / len(x) - (states * probability[:, np.newaxis]).T @ model,
        x.mean(axis=0) - probability @ model,
        on.mean(axis=0) - probability @ states,
    )


@dataclass(frozen=True)
class LogPartition:
    """An estimate of log Z with the interval of ± 3 standard errors of Z, both in nats."""

    value: float
    low: float
    high: float


def annealed_log_partition(
    weights: NDArray,
    visible_bias: NDArray,
    hidden_bias: NDArray,
    rng: np.random.Generator,
    *,
    steps: int = 1000,
    chains: int = 100,
) -> LogPartition:
    """log Z of a binary machine by annealed importance sampling (Salakhutdinov & Murray, ICML 2008).

    From the machine without weights, whose Z is known, to the machine itself by the path of machines with
    weights and hidden biases multiplied by β = 0 … 1, with one Gibbs step each.

    Parameters
    ----------
    weights, visible_bias, hidden_bias : arrays
        As in :func:`free_energy`.
    rng : Generator
    steps, chains : int
        Machines on the path, and independent runs; at least 1 and 2.

    Raises
    ------
    ParameterError
        Too few steps or chains, shapes that do not fit one another, or values that are not finite.
    """
    steps, chains = whole_number("steps", steps), whole_number("chains", chains, low=2)
    weights, b, c = _parameters(weights, visible_bias, hidden_bias)
    x = (rng.random((chains, len(b))) < expit(b)).astype(float)
    log_ratio = np.zeros(chains)
    betas = np.linspace(0, 1, steps + 1)
    field = x @ weights.T + c
    for former, beta in pairwise(betas):
        log_ratio += (_softplus(beta * field) - _softplus(former * field)).sum(axis=1)
        z = rng.random(field.shape) < expit(beta * field)
        x = (rng.random(x.shape) < expit(beta * (z @ weights) + b)).astype(float)
        field = x @ weights.T + c
    start = _softplus(b).sum() + len(c) * math.log(2)
    relative = np.exp(log_ratio - log_ratio.max())
    mean, error = relative.mean(), relative.std(ddof=1) / math.sqrt(chains)
    offset = start + log_ratio.max()
    low = mean - 3 * error
    return LogPartition(
        float(offset + math.log(mean)),
        float(offset + math.log(low)) if low > 0 else -math.inf,
        float(offset + math.log(mean + 3 * error)),
    )
