"""Measurements on Hopfield networks, each with its own networks from a seed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from spikingsampling.models.hopfield.network import Hopfield
from spikingsampling.models.hopfield.patterns import (
    correlated_patterns,
    corrupt,
    decode_text,
    encode_text,
    random_patterns,
    sharing_patterns,
    strike_out,
)

__all__ = [
    "basin",
    "bit_errors",
    "completed_letters",
    "escape",
    "fades",
    "held_by_rule",
    "held_sharing",
    "melting",
    "retrieval",
    "unlearning",
]

Seed = np.random.SeedSequence
#: Trials of one network at most: they share their weights, so more of them say little more.
_TRIALS = 50


def _kept(network: Hopfield, patterns: NDArray, rng: np.random.Generator, sweeps: int = 200) -> float:
    tested = patterns[:_TRIALS]
    return float((network.recall(tested, sweeps=sweeps, random_state=rng) * tested).mean())


def retrieval(n: int, alpha: float, temperature: float, seed: Seed, sweeps: int = 200) -> float:
    """Mean overlap of patterns with what becomes of them, N neurons, K = αN; with noise over the last half."""
    rng = np.random.default_rng(seed)
    patterns = random_patterns(max(1, round(alpha * n)), n, rng)
    network = Hopfield(n, beta=1 / temperature if temperature else np.inf).store(patterns)
    if not temperature:
        return _kept(network, patterns, rng, sweeps)
    tested = patterns[:_TRIALS]
    path = network.recall(tested, sweeps=sweeps, random_state=rng, trajectory=True)
    return float((path[len(path) // 2 :] * tested).mean())


def bit_errors(n: int, alpha: float, seed: Seed) -> float:
    """Part of the neurons that leave a stored pattern when all are updated once at the same time."""
    rng = np.random.default_rng(seed)
    patterns = random_patterns(max(1, round(alpha * n)), n, rng)
    network = Hopfield(n, update="synchronous").store(patterns)
    return float((network.recall(patterns, sweeps=1) != patterns).mean())


def melting(n: int, temperature: float, convention: str, seed: Seed, sweeps: int = 40) -> float:
    """Overlap with one of two stored patterns in noise, over the last half of the sweeps and eight trials."""
    rng = np.random.default_rng(seed)
    patterns = random_patterns(2, n, rng)
    network = Hopfield(n, beta=1 / temperature, convention=convention).store(patterns)
    start = np.repeat(patterns[:1], 8, axis=0)
    path = network.recall(start, sweeps=sweeps, random_state=rng, trajectory=True)
    return float((path[len(path) // 2 :] * patterns[0]).mean())


def unlearning(n: int, alpha: float, rate: float, stops: Sequence[int], seed: Seed) -> list[float]:
    """Overlap after each number of dreams in ``stops``, which ascend."""
    rng = np.random.default_rng(seed)
    patterns = random_patterns(round(alpha * n), n, rng)
    network, done, found = Hopfield(n).store(patterns), 0, []
    for stop in stops:
        network.dream(stop - done, rate, rng)
        done = stop
        found.append(_kept(network, patterns, rng))
    return found


def held_by_rule(rule: str, n: int, alpha: float, correlation: float, seed: Seed) -> float:
    """Overlap of patterns with pairwise ``correlation``."""
    rng = np.random.default_rng(seed)
    patterns = correlated_patterns(round(alpha * n), n, correlation, rng)
    return _kept(Hopfield(n, rule=rule).store(patterns), patterns, rng)


def held_sharing(rule: str, n: int, count: int, shared: float, seed: Seed) -> float:
    """Overlap of ``count`` patterns of n/2 active neurons, of which the part ``shared`` is the same in all."""
    rng = np.random.default_rng(seed)
    patterns = sharing_patterns(count, n, n // 2, round(shared * n / 2), rng)
    return _kept(Hopfield(n, rule=rule).store(patterns), patterns, rng)


def fades(n: int, count: int, forgetting: float, rule: str, seed: Seed) -> NDArray[np.float64]:
    """Overlap of each of ``count`` patterns by age, the youngest first."""
    rng = np.random.default_rng(seed)
    patterns = random_patterns(count, n, rng)
    network = Hopfield(n, rule=rule, forgetting=forgetting).store(patterns)
    return (network.recall(patterns, sweeps=50, random_state=rng) * patterns).mean(axis=1)[::-1]


def escape(n: int, count: int, temperature: float, seed: Seed, sweeps: int = 40) -> float:
    """How often a random state ends in a stored pattern (|m| > 0.9) when noise of ``temperature`` fades to none."""
    rng = np.random.default_rng(seed)
    patterns = random_patterns(count, n, rng)
    network = Hopfield(n).store(patterns)
    temperatures = temperature * np.linspace(1, 0, sweeps, endpoint=False)
    beta = np.append(1 / temperatures if temperature else np.full(sweeps, np.inf), np.full(sweeps, np.inf))
    ends = network.recall(random_patterns(200, n, rng), sweeps=2 * sweeps, beta=beta, random_state=rng)
    return float((np.abs(network.overlaps(ends)).max(axis=1) > 0.9).mean())


def basin(n: int, alpha: float, flipped: Sequence[float], seed: Seed) -> list[float]:
    """How often a pattern is recalled (m > 0.9) with each fraction of neurons ``flipped``."""
    rng = np.random.default_rng(seed)
    patterns = random_patterns(max(1, round(alpha * n)), n, rng)
    network, tested = Hopfield(n).store(patterns), patterns[:_TRIALS]
    found = []
    for part in flipped:
        ends = network.recall(corrupt(tested, part, rng), random_state=rng)
        found.append(float(((ends * tested).mean(axis=1) > 0.9).mean()))
    return found


def completed_letters(
    rule: str, lines: Sequence[str], struck: float | Sequence[str], seed: Seed
) -> tuple[float, list[str]]:
    """How many struck-out letters the network restores, and the text that it reads.

    ``struck`` is the fraction of letters to strike out, or the lines with their letters struck out.
    """
    rng = np.random.default_rng(seed)
    width = max(len(line) for line in lines)
    stored = encode_text(lines, width)
    network = Hopfield(stored.shape[1], rule=rule).store(stored)
    given = strike_out(lines, struck, rng) if isinstance(struck, float) else list(struck)
    read = decode_text(network.recall(encode_text(given, width, rng), random_state=rng))
    places = [(i, j) for i, line in enumerate(given) for j, letter in enumerate(line) if letter == "*"]
    right = [read[i][j : j + 1] == lines[i][j] for i, j in places]
    return (float(np.mean(right)) if right else 1.0), read
