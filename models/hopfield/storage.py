"""How a Hopfield network stores: weights (N, N) from patterns (K, N), symmetric and with zero diagonal.

All functions take *standardised* patterns (:func:`standardise`): values of mean 0 and variance 1 for the stated
activity, which for ±1 patterns of activity ½ are the patterns themselves.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spikingsampling.models.hopfield.dynamics import relax

__all__ = [
    "add",
    "hebb",
    "hebb_step",
    "palimpsest",
    "palimpsest_step",
    "projection",
    "projection_iterative",
    "standardise",
    "store",
    "storkey_step",
    "unlearn",
]

Floats = NDArray[np.floating]


def standardise(
    patterns: NDArray, low: int, activity: float | NDArray[np.floating], dtype: type = np.float32
) -> Floats:
    """(ξ_i − ⟨ξ_i⟩)/√⟨var ξ⟩ of patterns whose neurons are 1 with probability a_i and ``low`` otherwise.

    ⟨ξ_i⟩ = low + (1 − low) a_i; the scale is one for all neurons, of their mean variance (1 − low)² ⟨a(1 − a)⟩. The
    result is the same for ±1 and for 0/1 patterns.
    """
    a = np.asarray(activity, dtype=float)
    mean, scale = low + (1 - low) * a, (1 - low) * np.sqrt((a * (1 - a)).mean())
    return ((np.asarray(patterns, dtype=dtype) - mean.astype(dtype)) / dtype(scale)).astype(dtype, copy=False)


def _floats(patterns: NDArray) -> Floats:
    """Patterns in floating point: their products would wrap round in a small integer type."""
    return patterns if patterns.dtype.kind == "f" else patterns.astype(np.float32)


def _without_diagonal(weights: Floats) -> Floats:
    np.fill_diagonal(weights, 0)
    return weights


def hebb(patterns: Floats) -> Floats:
    """w_ij = (1/N) Σ_μ ξ_i^μ ξ_j^μ, i ≠ j (lecture 1; Hopfield 1982; covariance rule for a ≠ ½)."""
    patterns = _floats(patterns)
    weights = patterns.T @ patterns
    weights /= patterns.shape[1]
    return _without_diagonal(weights)


def hebb_step(weights: Floats, pattern: Floats) -> None:
    """w_ij += (1/N) ξ_i ξ_j for one pattern (N,), in place."""
    weights += np.outer(_floats(pattern), _floats(pattern) / len(pattern))
    _without_diagonal(weights)


def palimpsest_step(weights: Floats, pattern: Floats, forgetting: float) -> None:
    """w_ij ← e^{−ε²/2N} w_ij + (1/N) ξ_i ξ_j for one pattern (N,), in place (Mézard, Nadal, Toulouse 1986).

    Old patterns fade instead of the whole memory breaking down when it is full. A pattern of age k (in patterns) has
    the signal e^{−ε²k/2N} over noise of standard deviation 1/ε.
    """
    weights *= np.exp(-(forgetting**2) / (2 * len(pattern)))
    hebb_step(weights, pattern)


def palimpsest(patterns: Floats, forgetting: float) -> Floats:
    """The weights after :func:`palimpsest_step` for patterns (K, N) in their order, from 0."""
    patterns = _floats(patterns)
    count, n = patterns.shape
    age = np.arange(count - 1, -1, -1)
    faded = np.exp(-(forgetting**2) * age / (4 * n)).astype(patterns.dtype)  # the square root of the signal
    return hebb(patterns * faded[:, None])


def projection(patterns: Floats) -> Floats:
    """Off-diagonal part of the projector onto the patterns (Personnaz, Guyon, Dreyfus 1985; Kanter, Sompolinsky 1987).

    w = (1/N) Σ_μν ξ^μ (C⁻¹)_μν ξ^ν with C_μν = ξ^μ·ξ^ν/N. Directions in which C vanishes, since patterns depend on
    each other, are left out.
    """
    patterns = _floats(patterns)
    exact = patterns.astype(np.float64)
    values, vectors = np.linalg.eigh(exact @ exact.T)
    independent = values > len(values) * np.finfo(np.float64).eps * values[-1]
    basis = ((vectors[:, independent] / np.sqrt(values[independent])).T @ exact).astype(patterns.dtype)
    return _without_diagonal(basis.T @ basis)


def projection_iterative(
    patterns: Floats, *, sweeps: int = 1000, tolerance: float = 1e-3
) -> tuple[Floats, int]:
    """The projection rule learnt pattern by pattern, w += (1/N) (ξ − wξ) ξᵀ (after Diederich, Opper 1987).

    Each step needs only the pre- and postsynaptic activity and the field, and corrects the field of its pattern
    exactly where ξ² = N. From w = 0 it converges to the projector; the diagonal is deleted at the end.

    Parameters
    ----------
    patterns : (K, N) array
    sweeps : int
        Passes through all patterns at most.
    tolerance : float
        It ends when no field of a stored pattern differs by more from the pattern.

    Returns
    -------
    weights : (N, N) array
    passes : int
        Passes that were needed; ``sweeps`` also if they did not suffice.
    """
    patterns = _floats(patterns)
    n = patterns.shape[1]
    weights = np.zeros((n, n), dtype=patterns.dtype)
    norms = np.einsum("ij,ij->i", patterns, patterns)
    passes, error = 0, np.inf
    while passes < sweeps and error > tolerance:
        for pattern, norm in zip(patterns, norms, strict=True):
            weights += np.outer(pattern - weights @ pattern, pattern / norm)
        passes, error = passes + 1, np.abs(patterns @ weights.T - patterns).max()
    symmetric = (weights + weights.T) / 2
    return _without_diagonal(symmetric), passes


def storkey_step(weights: Floats, pattern: Floats) -> None:
    """w_ij += (1/N) (ξ_i ξ_j − ξ_i h_ji − h_ij ξ_j), h_ij = Σ_{k≠i,j} w_ik ξ_k, in place (Storkey 1997).

    For ±1 patterns (N,) only: with h = wξ, w_ii = 0 and ξ² = 1 it reads (ξξᵀ − ξhᵀ − hξᵀ + 2w)/N.
    """
    pattern = _floats(pattern)
    n, h = len(pattern), weights @ pattern
    crossed = np.outer(pattern, h)
    weights += (np.outer(pattern, pattern) - crossed - crossed.T + 2 * weights) / n
    _without_diagonal(weights)


def store(rule: str, patterns: Floats, forgetting: float) -> Floats:
    """Weights after patterns (K, N) by ``hebb``, ``palimpsest``, ``projection`` or ``storkey``."""
    if rule == "hebb":
        return hebb(patterns)
    if rule == "palimpsest":
        return palimpsest(patterns, forgetting)
    if rule == "projection":
        return projection(patterns)
    patterns = _floats(patterns)
    weights = np.zeros((patterns.shape[1],) * 2, dtype=patterns.dtype)
    add(rule, weights, patterns, forgetting)
    return weights


def add(rule: str, weights: Floats, patterns: Floats, forgetting: float) -> None:
    """Store patterns (K, N) one after the other, in place, by ``hebb``, ``palimpsest`` or ``storkey``."""
    for pattern in patterns:
        if rule == "hebb":
            hebb_step(weights, pattern)
        elif rule == "palimpsest":
            palimpsest_step(weights, pattern, forgetting)
        else:
            storkey_step(weights, pattern)


def unlearn(weights: Floats, n_dreams: int, rate: float, rng: np.random.Generator) -> None:
    """Forget in sleep, in place: w_ij −= (λ/N) s_i s_j for the state s that a random ±1 state relaxes to.

    ``rate`` is λ. Lecture 4; Hopfield, Feinstein, Palmer 1983.
    """
    n = len(weights)
    for _ in range(n_dreams):
        start = rng.choice(np.array([-1, 1], dtype=weights.dtype), size=n)
        dreamt = relax(weights, start, rng)
        weights -= np.outer(dreamt, dreamt * (rate / n))
        _without_diagonal(weights)
