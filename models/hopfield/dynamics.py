"""Dynamics of binary neurons with symmetric couplings: energy, and asynchronous, synchronous and noisy updates.

Neurons take the values ``low`` and 1, where ``low`` is −1 (Hopfield 1984's spins; lecture 1) or 0 (Hopfield 1982;
lecture 4). With the field h_j = Σ_i w_ij s_i − T_j a neuron is on if h_j > 0 and off if h_j < 0; at h_j = 0 it stays
as it is. States and fields are (n, N) arrays, one row per trial.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spikingsampling.errors import UnknownNameError

__all__ = [
    "CONVENTIONS",
    "asynchronous_sweep",
    "balanced_thresholds",
    "energy",
    "fields",
    "noise_scale",
    "relax",
    "synchronous_step",
    "tie_margin",
]

Floats = NDArray[np.floating]

#: c in P(s = 1) = 1/(1 + e^{−cβh}). ``logistic`` is written in lecture 1; with ±1 neurons its memory melts at β = 2.
#: ``glauber`` is the textbooks': with ±1 neurons it samples e^{−βE} and its memory melts at β = 1. (With 0/1 neurons
#: it is ``logistic`` that samples e^{−βE}.)
CONVENTIONS = {"logistic": 1.0, "glauber": 2.0}
#: Neurons between two updates of all fields; within a block only the fields of the block are kept up to date.
_BLOCK = 64


def fields(weights: Floats, states: Floats, thresholds: Floats) -> Floats:
    """h_j = Σ_i w_ij s_i − T_j of states (n, N), symmetric weights (N, N) and thresholds (N,): (n, N)."""
    return states @ weights - thresholds


def energy(weights: Floats, states: Floats, thresholds: Floats) -> Floats:
    """E = −½ Σ_ij w_ij s_i s_j + Σ_j T_j s_j of states (n, N), shape (n,)."""
    return -0.5 * np.einsum("ij,ij->i", states @ weights, states) + states @ thresholds


def balanced_thresholds(weights: Floats, activity: float | Floats, low: int) -> Floats:
    """T_j = Σ_i w_ij ⟨s_i⟩ − ⟨s_j⟩ + (1 + low)/2 of patterns that are on with probability ``activity``, (N,).

    ⟨s⟩ = low + (1 − low) a is the mean of a pattern: only deviations from it act, and signals of on and off are
    equally far from the threshold.
    """
    mean = np.broadcast_to(low + (1 - low) * np.asarray(activity), len(weights))
    return (mean.astype(weights.dtype) @ weights - mean + (1 + low) / 2).astype(weights.dtype)


def noise_scale(beta: float, convention: str) -> float:
    """Scale 1/(cβ) of the logistic noise that makes a threshold neuron fire with the probability of ``convention``.

    A neuron that compares its field with logistic noise ξ fires with P(ξ < h) = 1/(1 + e^{−cβh}). At β = ∞ there is
    no noise.

    Raises
    ------
    UnknownNameError
        ``convention`` is none of :data:`CONVENTIONS`.
    """
    if convention not in CONVENTIONS:
        raise UnknownNameError("convention of beta", str(convention), CONVENTIONS)
    return 0.0 if beta == np.inf else 1 / (CONVENTIONS[convention] * beta)


def tie_margin(h: Floats) -> float:
    """Size below which a field is rounding error: it counts as 0, so that rounding never makes a neuron flip."""
    return float(16 * np.finfo(h.dtype).eps * (1 + np.abs(h).max(initial=0)))


def asynchronous_sweep(
    weights: Floats, states: Floats, h: Floats, low: int, scale: float, rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Update every neuron once, one after the other, in a random order that all trials share.

    A flip changes the fields of all other neurons at once. Only fields of the block at hand are needed at once,
    so the others get the flips of a whole block as one matrix product.

    Parameters
    ----------
    weights : (N, N) array
        Symmetric, with zero diagonal.
    states, h : (n, N) arrays
        Changed in place; ``h`` must be the fields of ``states``.
    low : {-1, 0}
    scale : float
        From :func:`noise_scale`.
    rng : Generator

    Returns
    -------
    (n,) bool array
        In which trials a neuron flipped.
    """
    order = rng.permutation(states.shape[1])
    middle = (1 + low) / 2
    margin = 0.0 if scale else tie_margin(h)
    moved = np.zeros(len(states), dtype=bool)
    for start in range(0, len(order), _BLOCK):
        block = order[start : start + _BLOCK]
        own = h[:, block].T.copy()
        if scale:
            own -= rng.logistic(scale=scale, size=own.shape).astype(own.dtype)
        side = states[:, block].T - own.dtype.type(middle)
        if not (own * side < -margin).any():
            continue
        between = weights[np.ix_(block, block)]
        change = np.zeros_like(side)
        for k in range(len(block)):
            flips = own[k] * side[k] < -margin
            if flips.any():
                change[k] = side[k] * flips * -2
                own += between[k][:, None] * change[k]
        flipped = change.any(axis=1)
        rows = block[flipped]
        states[:, rows] += change[flipped].T
        h += change[flipped].T @ weights[rows]
        moved |= change.any(axis=0)
    return moved


def synchronous_step(
    states: Floats, h: Floats, low: int, scale: float, rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Update all neurons at once, ``states`` (n, N) in place; in which trials one flipped, (n,).

    The fields ``h`` are those before the step. Without noise it ends in a fixed point or a cycle of two states.
    """
    compared = h - rng.logistic(scale=scale, size=h.shape).astype(h.dtype) if scale else h
    margin = 0.0 if scale else tie_margin(h)
    side = states - states.dtype.type((1 + low) / 2)
    flips = compared * side < -margin
    states[flips] = (1 + low) - states[flips]
    return flips.any(axis=1)


def relax(weights: Floats, state: Floats, rng: np.random.Generator) -> Floats:
    """The fixed point that one ±1 state (N,) without thresholds falls into, flip by flip.

    Neurons are updated at random, with replacement. Only updates that flip are simulated: the next neuron to flip
    is any of the unstable ones with the same probability.
    """
    state = state.copy()
    h = weights @ state
    margin = tie_margin(h)
    while len(unstable := np.flatnonzero(h * state < -margin)):
        i = unstable[int(rng.random() * len(unstable))]
        state[i] = -state[i]
        h += (2 * state[i]) * weights[i]
    return state
