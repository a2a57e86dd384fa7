"""Recall of the Hopfield network against mean-field theory and the double loop over neurons."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm
from scipy.stats import t as student

from helpers.small.patterns import patterns
from spikingsampling.models.hopfield import theory as theory
from spikingsampling.models.hopfield.network import Hopfield


@pytest.mark.parametrize(
    ("temperature", "convention", "published"),
    [(0.4, "glauber", 0.98), (0.4, "logistic", 0.70)],
)
def test_overlap_at_a_temperature(temperature: float, convention: str, published: float):
    """m = tanh(m/T) with T_c = 1 (glauber) and 0.5 (logistic); six networks with two patterns, α = 0.002.

    The theory is that of N → ∞: corrections are of order 1/N.
    """
    n, reduced, means = 1000, temperature * (2 if convention == "logistic" else 1), []
    for seed in range(6):
        stored = patterns(2, n, seed)
        network = Hopfield(n, beta=1 / temperature, convention=convention).store(stored)
        path = network.recall(np.repeat(stored[:1], 8, axis=0), sweeps=20, random_state=seed, trajectory=True)
        means.append((path[8:] * stored[0]).mean())
    quantile, spread = student.ppf(1 - 5e-5, 5), np.std(means, ddof=1)
    assert abs(np.mean(means) - theory.overlap(2 / n, reduced)) < quantile * spread / np.sqrt(6) + 2 / n
    # The published value: one other network of the same kind, rounded to two decimals.
    assert abs(np.mean(means) - published) < quantile * spread * np.sqrt(1 + 1 / 6) + 0.005


@pytest.mark.parametrize(("convention", "critical"), [("logistic", 2.0), ("glauber", 1.0)])
def test_memory_melts_at_the_critical_beta(convention: str, critical: float):
    """Lecture 1's formula has its transition at β = 2, the textbooks' at 1: m at 0.8 β_c and at 1.25 β_c."""
    n, trials, means = 500, 10, []
    for factor in (0.8, 1.25):
        stored = patterns(1, n, 1)
        network = Hopfield(n, beta=factor * critical, convention=convention).store(stored)
        ends = network.recall(np.repeat(stored, trials, axis=0), sweeps=30, random_state=0)
        means.append((ends * stored).mean())
    # Mean field: above T_c, m has mean 0 and variance 1/(N(1 − β/β_c)); below, m = tanh(1.25 m) and the variance
    # (1 − m²)/(N(1 − 1.25(1 − m²))).
    m = theory.unsaturated_overlap(0.8)
    spread = (1 - m**2) / (1 - 1.25 * (1 - m**2))
    assert abs(means[0]) < norm.isf(5e-6) * math.sqrt(1 / (0.2 * n * trials))
    assert abs(means[1] - m) < norm.isf(5e-6) * math.sqrt(spread / (n * trials)) + 1 / n


def test_zero_temperature_theory():
    alpha_c, m_c = theory.capacity()
    assert alpha_c == pytest.approx(0.1379, abs=5e-5)
    assert m_c == pytest.approx(0.967, abs=5e-4)
    assert theory.overlap(0.10) == pytest.approx(0.998, abs=5e-4)
    assert theory.overlap(0.14) == 0.0
    assert theory.overlap(alpha_c) == pytest.approx(m_c, abs=1e-3)


def test_theory_solves_its_equations():
    """Residuals of m, q and r by an independent quadrature, and the limits of all lines."""
    alpha, temperature = 0.05, 0.3
    z, weight = np.polynomial.hermite_e.hermegauss(200)
    weight = weight / weight.sum()
    m = theory.overlap(alpha, temperature)
    solution = theory._retrieval(alpha, temperature)
    assert solution is not None
    q = solution[1]
    noise = math.sqrt(alpha * q) / (1 - (1 - q) / temperature)
    activity = np.tanh((m + noise * z) / temperature)
    assert weight @ activity == pytest.approx(m, abs=1e-8)
    assert weight @ activity**2 == pytest.approx(q, abs=1e-8)
    assert theory.retrieval_capacity(0.05) == pytest.approx(theory.capacity()[0], rel=0.005)
    assert theory.retrieval_capacity(0.99) < 1e-4
    assert theory.retrieval_capacity(1.01) == 0
    assert theory.global_capacity(0.05) == pytest.approx(0.051, abs=0.003)  # Amit et al. 1987
    assert theory.global_capacity(0.5) < theory.retrieval_capacity(0.5)
    assert theory.spin_glass_temperature(0.25) == 1.5


def test_states_are_where_the_free_energy_does_not_change():
    """∂f/∂m = ∂f/∂q = 0 at both solutions, by differences of 1e-5, and q = ∫Dz tanh² βσz without overlap."""
    alpha, temperature, h = 0.04, 0.4, 1e-5
    m, q = theory._retrieval(alpha, temperature)
    glass = theory._glass(alpha, temperature)
    for at, other in ((m, q), (0.0, glass)):
        in_m = theory._free_energy(at + h, other, alpha, temperature) - theory._free_energy(
            at - h, other, alpha, temperature
        )
        in_q = theory._free_energy(at, other + h, alpha, temperature) - theory._free_energy(
            at, other - h, alpha, temperature
        )
        assert abs(in_m) / (2 * h) < 1e-6
        assert abs(in_q) / (2 * h) < 1e-6
    z, weight = np.polynomial.hermite_e.hermegauss(200)
    sigma = math.sqrt(alpha * glass) / (1 - (1 - glass) / temperature)
    assert weight @ np.tanh(sigma * z / temperature) ** 2 / weight.sum() == pytest.approx(glass, abs=1e-6)
    # High temperature without patterns: −T ln 2 of free spins, at m = q = 0, to first order in q.
    assert theory._free_energy(0.0, 1e-9, 0.0, 2.0) == pytest.approx(-2 * math.log(2), abs=1e-8)
    assert theory._free_energy(1.0, 1 - 1e-12, 0.0, 0.01) == pytest.approx(-0.5, abs=1e-6)


def test_retrieval_ends_at_the_capacity_of_its_temperature():
    critical = theory.retrieval_capacity(0.4)
    assert theory.overlap(0.99 * critical, 0.4) > 0.8
    assert theory.overlap(1.01 * critical, 0.4) == 0
    lowest = theory.global_capacity(0.4)
    for factor, sign in ((0.9, -1), (1.1, 1)):
        alpha = factor * lowest
        m, q = theory._retrieval(alpha, 0.4)
        glass = theory._free_energy(0.0, theory._glass(alpha, 0.4), alpha, 0.4)
        assert np.sign(theory._free_energy(m, q, alpha, 0.4) - glass) == sign
    assert theory.overlap(0.0) == theory.unsaturated_overlap(0.0) == 1
    assert theory.unsaturated_overlap(0.5) == pytest.approx(np.tanh(2 * theory.unsaturated_overlap(0.5)))


def naive_recall(weights: np.ndarray, start: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    states = start.astype(float)
    for s in states:
        h, moving = weights @ s, True
        while moving:
            moving = False
            for j in rng.permutation(len(s)):
                if h[j] * s[j] < 0:
                    s[j] = -s[j]
                    h += 2 * s[j] * weights[j]
                    moving = True
    return states


@pytest.mark.parametrize(
    ("n", "alpha"),
    [(400, 0.10), (400, 0.15), *(pytest.param(2000, a, marks=pytest.mark.slow) for a in (0.10, 0.138, 0.15))],
)
def test_recall_is_that_of_the_double_loop(n: int, alpha: float):
    """From patterns of the same networks, updated in other orders: the mean difference is 0 within its error."""
    differences = []
    for seed in range(3):
        stored = patterns(round(alpha * n), n, seed)
        network = Hopfield(n).store(stored)
        ours = (network.recall(stored[:40], sweeps=400, random_state=seed) * stored[:40]).mean(axis=1)
        end = naive_recall(network.weights_.astype(float), stored[:40], np.random.default_rng(seed))
        differences.append(ours - (end * stored[:40]).mean(axis=1))
    same = np.concatenate(differences)
    limit = student.ppf(1 - 5e-4, len(same) - 1) * same.std(ddof=1) / math.sqrt(len(same))
    assert abs(same.mean()) < limit + 1 / (n * len(same))  # the last where all but one are the same


def overlaps_from_patterns(n: int, alpha: float, networks: int) -> np.ndarray:
    """m of every pattern with its attractor, (networks, K)."""
    overlaps = []
    for seed in range(networks):
        stored = patterns(round(alpha * n), n, seed)
        ends = Hopfield(n).store(stored).recall(stored, sweeps=400, random_state=seed)
        overlaps.append((ends * stored).mean(axis=1))
    return np.array(overlaps)


def test_far_from_capacity_the_overlap_is_that_of_theory():
    """m(0.10) = 0.998 at N = 2000: mean over networks within its error, and the rounding of the published number."""
    means = overlaps_from_patterns(2000, 0.10, 3).mean(axis=1)
    limit = student.ppf(1 - 5e-3, 2) * means.std(ddof=1) / math.sqrt(3)
    assert abs(means.mean() - 0.998) < limit + 0.0005
    assert abs(means.mean() - theory.overlap(0.10)) < limit + 1 / 2000


def test_capacity_is_a_transition_that_sharpens_with_size():
    """Above α_c the overlap falls with N, below it is that of the theory: z of the difference of networks."""
    small, large = (overlaps_from_patterns(n, 0.18, 8).mean(axis=1) for n in (150, 500))
    error = math.sqrt((small.var(ddof=1) + large.var(ddof=1)) / 8)
    assert small.mean() - large.mean() > student.ppf(1 - 5e-4, 7) * error


@pytest.mark.slow
@pytest.mark.parametrize(("alpha", "reference", "error"), [(0.138, 0.951, 0.003), (0.15, 0.78, 0.01)])
def test_overlaps_at_the_transition_are_those_of_another_implementation(
    alpha: float, reference: float, error: float
):
    """N = 2000, all patterns tested; the reference is the mean of six networks, with its error (or its rounding)."""
    means = overlaps_from_patterns(2000, alpha, 8).mean(axis=1)
    assert abs(means.mean() - reference) < student.ppf(1 - 5e-3, 7) * math.hypot(
        means.std(ddof=1) / math.sqrt(8), error
    )
