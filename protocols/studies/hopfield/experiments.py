"""Experiments on Hopfield networks, each with networks of its own from a seed."""

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
from spikingsampling.protocols.studies.hopfield.measures import (
    cooling,
    error_rate,
    late_overlap,
    overlap,
    part_recalled,
    part_restored,
    part_with_memory,
)

__all__ = [
    "annealed_recall",
    "bit_errors",
    "completed_letters",
    "melting",
    "overlap_by_age",
    "recall_of_correlated",
    "recall_of_sharing",
    "recalled_after_flips",
    "retrieval",
    "unlearning",
]

Seed = np.random.SeedSequence
#: Trials of one network at most: they share their weights, so more of them say little more.
_TRIALS = 50


def _overlap_after_recall(
    network: Hopfield, patterns: NDArray, rng: np.random.Generator, sweeps: int = 200
) -> float:
    tested = patterns[:_TRIALS]
    return float(overlap(network.recall(tested, sweeps=sweeps, random_state=rng), tested).mean())


def retrieval(n: int, alpha: float, temperature: float, seed: Seed, sweeps: int = 200) -> float:
    """Mean overlap of αN patterns with what recall makes of them; with noise over the last half of the sweeps."""
    rng = np.random.default_rng(seed)
    patterns = random_patterns(max(1, round(alpha * n)), n, rng)
    network = Hopfield(n, beta=1 / temperature if temperature else np.inf).store(patterns)
    if not temperature:
        return _overlap_after_recall(network, patterns, rng, sweeps)
    tested = patterns[:_TRIALS]
    path = network.recall(tested, sweeps=sweeps, random_state=rng, trajectory=True)
    return late_overlap(path, tested)


def bit_errors(n: int, alpha: float, seed: Seed) -> float:
    """Part of the neurons that leave a stored pattern when all are updated once at the same time."""
    rng = np.random.default_rng(seed)
    patterns = random_patterns(max(1, round(alpha * n)), n, rng)
    network = Hopfield(n, update="synchronous").store(patterns)
    return error_rate(network.recall(patterns, sweeps=1), patterns)


def melting(n: int, temperature: float, convention: str, seed: Seed, sweeps: int = 40) -> float:
    """Overlap with one of two stored patterns in noise, over the last half of the sweeps and eight trials."""
    rng = np.random.default_rng(seed)
    patterns = random_patterns(2, n, rng)
    network = Hopfield(n, beta=1 / temperature, convention=convention).store(patterns)
    start = np.repeat(patterns[:1], 8, axis=0)
    path = network.recall(start, sweeps=sweeps, random_state=rng, trajectory=True)
    return late_overlap(path, patterns[0])


def unlearning(n: int, alpha: float, rate: float, stops: Sequence[int], seed: Seed) -> list[float]:
    """Overlap after each number of dreams in ``stops``, which ascend."""
    rng = np.random.default_rng(seed)
    patterns = random_patterns(round(alpha * n), n, rng)
    network, done, overlaps = Hopfield(n).store(patterns), 0, []
    for stop in stops:
        network.dream(stop - done, rate, rng)
        done = stop
        overlaps.append(_overlap_after_recall(network, patterns, rng))
    return overlaps


def recall_of_correlated(rule: str, n: int, alpha: float, correlation: float, seed: Seed) -> float:
    """Overlap of αN patterns with pairwise ``correlation`` with what recall makes of them."""
    rng = np.random.default_rng(seed)
    patterns = correlated_patterns(round(alpha * n), n, correlation, rng)
    return _overlap_after_recall(Hopfield(n, rule=rule).store(patterns), patterns, rng)


def recall_of_sharing(rule: str, n: int, count: int, shared: float, seed: Seed) -> float:
    """The same of ``count`` patterns of n/2 active neurons, of which the part ``shared`` is the same in all."""
    rng = np.random.default_rng(seed)
    patterns = sharing_patterns(count, n, n // 2, round(shared * n / 2), rng)
    return _overlap_after_recall(Hopfield(n, rule=rule).store(patterns), patterns, rng)


def overlap_by_age(n: int, count: int, forgetting: float, rule: str, seed: Seed) -> NDArray[np.float64]:
    """Overlap of each of ``count`` patterns after recall, the youngest first."""
    rng = np.random.default_rng(seed)
    patterns = random_patterns(count, n, rng)
    network = Hopfield(n, rule=rule, forgetting=forgetting).store(patterns)
    return overlap(network.recall(patterns, sweeps=50, random_state=rng), patterns)[::-1]


def annealed_recall(n: int, count: int, temperature: float, seed: Seed, sweeps: int = 40) -> float:
    """Part of 200 random states that end in a stored pattern when noise falls from ``temperature`` to none."""
    rng = np.random.default_rng(seed)
    patterns = random_patterns(count, n, rng)
    network, beta = Hopfield(n).store(patterns), cooling(temperature, sweeps)
    ends = network.recall(random_patterns(200, n, rng), sweeps=len(beta), beta=beta, random_state=rng)
    return part_with_memory(network.overlaps(ends))


def recalled_after_flips(n: int, alpha: float, flipped: Sequence[float], seed: Seed) -> list[float]:
    """Part of the patterns that are recalled with each fraction of neurons ``flipped``."""
    rng = np.random.default_rng(seed)
    patterns = random_patterns(max(1, round(alpha * n)), n, rng)
    network, tested = Hopfield(n).store(patterns), patterns[:_TRIALS]
    return [
        part_recalled(network.recall(corrupt(tested, part, rng), random_state=rng), tested)
        for part in flipped
    ]


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
    cue = strike_out(lines, struck, rng) if isinstance(struck, float) else list(struck)
    read = decode_text(network.recall(encode_text(cue, width, rng), random_state=rng))
    return part_restored(lines, cue, read), read
