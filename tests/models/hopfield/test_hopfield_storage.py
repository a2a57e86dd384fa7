"""Storage rules of the Hopfield network, each against its formula written out, and what they can hold."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm
from scipy.stats import t as student

from spikingsampling.models.hopfield import storage as storage
from spikingsampling.models.hopfield.network import Hopfield
from spikingsampling.models.hopfield.patterns import correlated_patterns, random_patterns
from spikingsampling.models.hopfield.theory import bit_error


def patterns(count: int, n: int, seed: int = 0) -> np.ndarray:
    return random_patterns(count, n, np.random.default_rng(seed))


def overlaps_after_recall(network: Hopfield, stored: np.ndarray, seed: int = 0) -> np.ndarray:
    """Overlap of each stored pattern with what the network makes of it."""
    return (network.recall(stored, random_state=seed) * stored).mean(axis=1)


def naive_hebb(stored: np.ndarray) -> np.ndarray:
    count, n = stored.shape
    weights = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            if i != j:
                weights[i, j] = sum(int(stored[k, i]) * int(stored[k, j]) for k in range(count)) / n
    return weights


def test_hebb_is_the_sum_over_patterns():
    stored = patterns(5, 12)
    np.testing.assert_allclose(
        Hopfield(12, dtype=float).store(stored).weights_, naive_hebb(stored), atol=1e-15
    )


@pytest.mark.parametrize("rule", ["hebb", "palimpsest", "storkey"])
def test_one_at_a_time_is_the_same_as_all_at_once(rule: str):
    stored = patterns(8, 20)
    at_once = Hopfield(20, rule=rule, forgetting=2.0, dtype=float).store(stored)
    one_by_one = Hopfield(20, rule=rule, forgetting=2.0, dtype=float).store(stored[:3])
    for pattern in stored[3:]:
        one_by_one.add(pattern[None])
    np.testing.assert_allclose(one_by_one.weights_, at_once.weights_, rtol=1e-12, atol=1e-15)
    np.testing.assert_array_equal(one_by_one.patterns_, stored)


def test_storkey_is_its_formula():
    """w_ij += (1/N)(ξ_i ξ_j − ξ_i h_ji − h_ij ξ_j), h_ij the sum over k other than i and j."""
    stored, n = patterns(4, 9), 9
    weights = np.zeros((n, n))
    for x in stored.astype(float):
        local = np.array(
            [
                [sum(weights[i, k] * x[k] for k in range(n) if k not in (i, j)) for j in range(n)]
                for i in range(n)
            ]
        )
        change = np.outer(x, x) - x[:, None] * local.T - local * x[None, :]
        weights = weights + change / n
        np.fill_diagonal(weights, 0)
    np.testing.assert_allclose(
        Hopfield(n, rule="storkey", dtype=float).store(stored).weights_, weights, atol=1e-14
    )


def test_projection_is_the_projector_without_diagonal():
    stored = patterns(6, 20).astype(float)
    overlap = stored @ stored.T / 20
    expected = stored.T @ np.linalg.inv(overlap) @ stored / 20
    np.fill_diagonal(expected, 0)
    np.testing.assert_allclose(storage.projection(stored), expected, atol=1e-12)


def test_projection_takes_patterns_that_depend_on_each_other():
    stored = patterns(3, 16).astype(float)
    twice = np.concatenate([stored, stored[:2], -stored[:1]])
    np.testing.assert_allclose(storage.projection(twice), storage.projection(stored), atol=1e-12)
    mixed = np.random.default_rng(1).normal(size=(5, 3)) @ stored  # eigenvalues that are 0 but for rounding
    np.testing.assert_allclose(
        storage.projection(np.concatenate([stored, mixed])), storage.projection(stored), atol=1e-12
    )


def test_iterative_projection_converges_to_the_exact_one():
    """With fields right to ε the weights differ by at most ε ‖C⁻¹‖ max|ξ|², C the overlaps: a bound row by row."""
    stored = correlated_patterns(10, 60, 0.3, np.random.default_rng(1)).astype(float)
    weights, passes = storage.projection_iterative(stored, tolerance=1e-6)
    assert 1 < passes < 1000
    # A row r of the error lies in the span of the patterns and has |Ξ r| ≤ ε √K, so |r| ≤ ε √K / σ_min(Ξ).
    bound = 1e-6 * np.sqrt(len(stored)) / np.linalg.svd(stored, compute_uv=False)[-1]
    assert np.abs(weights - storage.projection(stored)).max() <= bound


@pytest.mark.parametrize("alpha", [0.105, 0.138, 0.185])
def test_one_step_bit_error(alpha: float):
    """½ erfc(√(1/2α)), up to 1/N; bits of one network are nearly independent, so the binomial error holds over nets."""
    n, count, rates = 1000, round(alpha * 1000), []
    for seed in range(12):
        stored = patterns(count, n, seed)
        network = Hopfield(n, update="synchronous").store(stored)
        rates.append((network.recall(stored, sweeps=1) != stored).mean())
    # Crosstalk is a sum of (K−1)(N−1) signs over N: its variance is (K−1)(N−1)/N², the signal (N−1)/N.
    finite = norm.sf((n - 1) / np.sqrt((count - 1) * (n - 1)))
    limit = student.ppf(1 - 5e-5, 11) * np.std(rates, ddof=1) / np.sqrt(12)
    # The crosstalk moves in steps of 2/N: continuity makes an error of half a step, density times 1/N.
    step = norm.pdf((n - 1) / np.sqrt((count - 1) * (n - 1))) / np.sqrt((count - 1) * (n - 1))
    assert abs(np.mean(rates) - finite) < limit + step
    assert bit_error(alpha) == pytest.approx(finite, rel=0.05)


def test_published_bit_errors():
    rounding = [5e-6, 5e-6, 5e-5]
    rates = bit_error([0.105, 0.138, 0.185])
    assert (np.abs(rates - [0.00101, 0.00355, 0.0100]) <= rounding).all()


def test_palimpsest_forgets_by_its_law():
    """One-step error of a pattern of age k is Φ(−ε e^{−ε²k/2N}): old patterns fade, young ones stay."""
    n, forgetting = 500, 4.0
    errors = []
    for seed in range(40):
        stored = patterns(300, n, seed)
        network = Hopfield(n, rule="palimpsest", forgetting=forgetting).store(stored)
        errors.append((np.sign(network.fields(stored)) != stored).mean(axis=1))
    errors = np.array(errors)[:, ::-1]  # by age
    ages = np.array([0, 10, 30, 60, 100])
    faded = np.exp(-(forgetting**2) * ages / (2 * n))
    total = (1 - np.exp(-(forgetting**2) * 300 / n)) / (1 - np.exp(-(forgetting**2) / n))
    noise = np.sqrt((total - faded**2) / n)  # of all other patterns
    expected = norm.sf(faded / noise)
    assert noise[-1] == pytest.approx(1 / forgetting, rel=0.01)
    binomial = np.sqrt(expected * (1 - expected) / (40 * n))  # where hardly an error is seen
    error = np.maximum(errors[:, ages].std(axis=0, ddof=1) / np.sqrt(40), binomial)
    deviation = np.abs(errors[:, ages].mean(axis=0) - expected)
    assert (
        deviation < student.ppf(1 - 1e-4 / 10, 39) * error + 2 / n * norm.pdf(faded / noise) / noise
    ).all()
    young, old = (
        overlaps_after_recall(network, stored[-5:]).mean(),
        overlaps_after_recall(network, stored[:5]).mean(),
    )
    assert young > 0.98
    assert old < 0.5


def test_hebb_breaks_down_where_the_palimpsest_does_not():
    stored = patterns(300, 500, 7)
    full = Hopfield(500).store(stored)
    assert overlaps_after_recall(full, stored[-5:]).mean() < 0.7
    assert overlaps_after_recall(Hopfield(500, rule="palimpsest").store(stored), stored[-5:]).mean() > 0.98


def test_unlearning_step_is_its_formula(monkeypatch: pytest.MonkeyPatch):
    """w_ij −= (λ/N) s_i s_j with the fixed point s, zero diagonal."""
    stored = patterns(3, 30)
    network = Hopfield(30, dtype=float).store(stored)
    before, dreams = network.weights_.copy(), []
    original = storage.relax

    def watch(*arguments):
        dreams.append(original(*arguments))
        return dreams[-1]

    monkeypatch.setattr(storage, "relax", watch)
    network.dream(1, 0.2, random_state=0)
    (dreamt,) = dreams
    assert (before @ dreamt * dreamt >= -1e-12).all()  # a fixed point
    expected = before - 0.2 / 30 * np.outer(dreamt, dreamt)
    np.fill_diagonal(expected, 0)
    np.testing.assert_allclose(network.weights_, expected, atol=1e-14)


@pytest.mark.parametrize(("alpha", "published"), [(0.3, 0.39), (0.5, 0.34)])
def test_a_full_memory_before_unlearning(alpha: float, published: float):
    """N = 200: the published overlap is that of one other network (t of a prediction), with two decimals."""
    networks, means = 20, []
    for seed in range(networks):
        stored = patterns(round(alpha * 200), 200, seed)
        means.append(overlaps_after_recall(Hopfield(200).store(stored), stored).mean())
    limit = student.ppf(1 - 5e-3, networks - 1) * np.std(means, ddof=1) * np.sqrt(1 + 1 / networks)
    assert abs(np.mean(means) - published) < limit + 0.005


@pytest.mark.slow
@pytest.mark.parametrize(("alpha", "dreams"), [(0.3, 2800), (0.5, 8400)])
def test_unlearning_rises_and_collapses(alpha: float, dreams: int):
    """λ = 0.01, N = 200: to 1.00 (two decimals) after so many dreams, to "about 0.2" (one) after 60 N."""
    n, networks = 200, 4
    best, after = [], []
    for seed in range(networks):
        stored = patterns(round(alpha * n), n, seed)
        network = Hopfield(n).store(stored)
        best.append(overlaps_after_recall(network.dream(dreams, 0.01, seed), stored).mean())
        after.append(overlaps_after_recall(network.dream(60 * n - dreams, 0.01, seed + 100), stored).mean())
    quantile = student.ppf(1 - 5e-3, networks - 1) / np.sqrt(networks)
    assert np.min(best) >= 0.995
    assert abs(np.mean(after) - 0.2) < 0.05 + quantile * np.std(after, ddof=1)


@pytest.mark.parametrize("correlation", [0.1, 0.25])
def test_hebb_turns_correlated_patterns_into_their_mean(correlation: float):
    """At α = 0.2 the one attractor is the sign of the mean of all patterns, whose overlap with each is √c.

    That sign is the template's with probability Φ(√(Kc/(1 − c))), and a pattern shifts it by its own vote.
    """
    n, count, networks, means = 400, 80, 8, []
    for seed in range(networks):
        stored = correlated_patterns(count, n, correlation, np.random.default_rng(seed))
        means.append(overlaps_after_recall(Hopfield(n).store(stored), stored).mean())
    margin = np.sqrt(count * correlation / (1 - correlation))
    limit = student.ppf(1 - 5e-4, networks - 1) * np.std(means, ddof=1) / np.sqrt(networks)
    vote = norm.pdf(margin) * 2 / np.sqrt(count * (1 - correlation))
    assert abs(np.mean(means) - np.sqrt(correlation)) < limit + 2 * norm.sf(margin) + vote
    if correlation == 0.1:
        # "About 0.3" is published without its correlation, with one decimal.
        assert abs(np.mean(means) - 0.3) < 0.05 + limit


def test_correlated_patterns_need_the_projection_rule():
    stored = correlated_patterns(80, 400, 0.1, np.random.default_rng(3))
    assert overlaps_after_recall(Hopfield(400).store(stored), stored).mean() < 0.5
    np.testing.assert_array_equal(Hopfield(400, rule="projection").store(stored).recall(stored), stored)


@pytest.mark.parametrize("alpha", [0.5, 0.9])
def test_projection_keeps_patterns_to_one_per_neuron(alpha: float):
    """(Wξ)_i = (1 − w_ii) ξ_i has the sign of ξ_i while w_ii < 1, so every pattern is a fixed point."""
    n = 300
    stored = correlated_patterns(round(alpha * n), n, 0.25, np.random.default_rng(4))
    network = Hopfield(n, rule="projection", dtype=float).store(stored)
    np.testing.assert_array_equal(network.recall(stored), stored)


def test_projection_ends_at_one_per_neuron():
    """For K = N the projector is the identity: nothing is left beside the diagonal."""
    network = Hopfield(64, rule="projection", dtype=float).store(patterns(64, 64))
    np.testing.assert_allclose(network.weights_, 0, atol=1e-10)


def test_storkey_holds_more_than_hebb():
    stored = patterns(60, 300, 5)  # α = 0.2
    assert overlaps_after_recall(Hopfield(300, rule="storkey").store(stored), stored).mean() > 0.98
    assert overlaps_after_recall(Hopfield(300).store(stored), stored).mean() < 0.8


def test_covariance_rule_stores_sparse_patterns():
    """Tsodyks & Feigelman: at a = 0.05 and α = 0.4 the covariance rule recalls, Hebb's on ±1 has long failed."""
    rng, n = np.random.default_rng(6), 1000
    stored = (random_patterns(400, n, rng, 0.05) + 1) // 2
    network = Hopfield(n, coding="binary", activity=0.05).store(stored)
    recalled = network.recall(stored[:50], random_state=0)
    assert (recalled == stored[:50]).mean() > 0.995
    assert np.diag(network.overlaps(recalled)[:, :50]).mean() > 0.9
