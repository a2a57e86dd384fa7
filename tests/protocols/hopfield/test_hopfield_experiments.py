"""Experiments on Hopfield networks: what they do, step by step, and what lectures and theory say."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import t as student

from spikingsampling.models.hopfield import theory as theory
from spikingsampling.models.hopfield.network import Hopfield
from spikingsampling.models.hopfield.patterns import (
    corrupt,
    decode_text,
    encode_text,
    random_patterns,
    sharing_patterns,
    strike_out,
)
from spikingsampling.protocols.studies.hopfield import experiments as experiments

SEED = np.random.SeedSequence(1)


def rng() -> np.random.Generator:
    return np.random.default_rng(SEED)


def test_retrieval_is_from_the_patterns_at_most_fifty() -> None:
    """α = 0.6 of 100 neurons: 60 patterns, of which 50 are tested."""
    twin = rng()
    patterns = random_patterns(60, 100, twin)
    ends = Hopfield(100).store(patterns).recall(patterns[:50], sweeps=3, random_state=twin)
    assert experiments.retrieval(100, 0.6, 0.0, SEED, 3) == pytest.approx((ends * patterns[:50]).mean())


def test_retrieval_and_melting_in_noise_take_the_last_half() -> None:
    twin = rng()
    patterns = random_patterns(4, 40, twin)
    network = Hopfield(40, beta=2.0).store(patterns)
    path = network.recall(patterns, sweeps=6, random_state=twin, trajectory=True)
    assert experiments.retrieval(40, 0.1, 0.5, SEED, 6) == pytest.approx((path[3:] * patterns).mean())
    twin = rng()
    patterns = random_patterns(2, 40, twin)
    network = Hopfield(40, beta=2.0, convention="logistic").store(patterns)
    path = network.recall(np.tile(patterns[0], (8, 1)), sweeps=5, random_state=twin, trajectory=True)
    assert experiments.melting(40, 0.5, "logistic", SEED, 5) == pytest.approx((path[3:] * patterns[0]).mean())


def test_bit_errors_are_those_of_one_synchronous_step() -> None:
    patterns = random_patterns(30, 100, rng())
    fields = Hopfield(100).store(patterns).fields(patterns)  # multiples of 1/100, up to rounding
    assert experiments.bit_errors(100, 0.3, SEED) == pytest.approx(np.mean(fields * patterns < -0.005))


def test_bit_errors_and_melting_follow_the_theory() -> None:
    """Means of eight networks; one-step errors of 60 and 61 patterns per 400 neurons straddle the rounding of K."""
    rates = [experiments.bit_errors(400, 0.15, seed) for seed in SEED.spawn(8)]
    limit = student.ppf(1 - 5e-4, 7) * np.std(rates, ddof=1) / np.sqrt(8)
    assert theory.bit_error(59 / 400) - limit < np.mean(rates) < theory.bit_error(61 / 400) + limit
    for temperature, convention in ((0.6, "glauber"), (0.3, "logistic")):
        means = [experiments.melting(300, temperature, convention, seed, 20) for seed in SEED.spawn(8)]
        limit = student.ppf(1 - 5e-4, 7) * np.std(means, ddof=1) / np.sqrt(8)
        # Corrections are of order 1/N.
        assert abs(np.mean(means) - theory.overlap(2 / 300, 0.6)) < limit + 2 / 300


def test_unlearning_goes_on_from_stop_to_stop() -> None:
    twin = rng()
    patterns = random_patterns(6, 20, twin)
    network, expected = Hopfield(20).store(patterns), []
    for dreams in (0, 5, 7):
        network.dream(dreams, 0.1, twin)
        expected.append((network.recall(patterns, sweeps=200, random_state=twin) * patterns).mean())
    assert experiments.unlearning(20, 0.3, 0.1, [0, 5, 12], SEED) == pytest.approx(expected)


def test_unlearning_first_helps_and_then_destroys() -> None:
    before, best, after = experiments.unlearning(60, 0.3, 0.01, [0, 840, 4000], SEED)
    assert best > 0.95 > 0.8 > before
    assert after < before


def test_the_youngest_pattern_comes_first() -> None:
    twin = rng()
    patterns = random_patterns(30, 60, twin)
    network = Hopfield(60, rule="palimpsest", forgetting=3.0).store(patterns)
    ends = network.recall(patterns, sweeps=50, random_state=twin)
    by_age = experiments.overlap_by_age(60, 30, 3.0, "palimpsest", SEED)
    np.testing.assert_allclose(by_age, [(ends[k] * patterns[k]).mean() for k in range(29, -1, -1)])


def test_noise_in_recall_escapes_spurious_minima() -> None:
    """Lecture 4: with noise that falls to none, random states end in a pattern more often than without."""
    without, with_noise = (experiments.annealed_recall(200, 4, t, SEED) for t in (0.0, 0.6))
    # Two fractions of 200 states: three standard errors of a difference are 0.15 at most.
    assert with_noise > without + 0.15


def test_each_cue_has_its_own_flips() -> None:
    twin = rng()
    patterns = random_patterns(12, 100, twin)
    network, expected = Hopfield(100).store(patterns), []
    for part in (0.1, 0.4):
        ends = network.recall(corrupt(patterns, part, twin), random_state=twin)
        expected.append(((ends * patterns).mean(axis=1) > 0.9).mean())
    assert experiments.recalled_after_flips(100, 0.12, [0.1, 0.4], SEED) == pytest.approx(expected)


def test_basins_shrink_with_the_load() -> None:
    empty, full = (
        experiments.recalled_after_flips(300, alpha, [0.0, 0.3, 0.5], SEED) for alpha in (0.02, 0.13)
    )
    assert empty[0] == 1.0
    assert empty[1] > full[1]
    assert empty[2] < 0.5  # nothing is left of the pattern


def test_sharing_patterns_are_half_active() -> None:
    """n/2 of 40 neurons are active, and the part 0.5 of those, 10, is shared."""
    twin = rng()
    patterns = sharing_patterns(5, 40, 20, 10, twin)
    ends = Hopfield(40).store(patterns).recall(patterns, sweeps=200, random_state=twin)
    assert experiments.recall_of_sharing("hebb", 40, 5, 0.5, SEED) == pytest.approx((ends * patterns).mean())


def test_hebb_loses_patterns_that_share_neurons_and_projection_keeps_them() -> None:
    assert experiments.recall_of_sharing("projection", 200, 10, 0.5, SEED) == 1.0
    assert experiments.recall_of_sharing("hebb", 200, 10, 0.5, SEED) < 0.9
    assert experiments.recall_of_sharing("hebb", 200, 10, 0.0, SEED) > 0.95


def test_correlated_patterns_by_rule() -> None:
    assert experiments.recall_of_correlated("projection", 200, 0.5, 0.3, SEED) == 1.0
    # √c, and the vote of each pattern on the sign of the mean of 40.
    assert abs(experiments.recall_of_correlated("hebb", 400, 0.1, 0.25, SEED) - 0.5) < 0.1


def test_struck_letters_are_completed() -> None:
    lines, twin = ["un deux", "trois"], rng()
    cue = strike_out(lines, 0.5, twin)
    network = Hopfield(64 * 7).store(encode_text(lines, 7))
    read = decode_text(network.recall(encode_text(cue, 7, twin), random_state=twin))
    part, text = experiments.completed_letters("hebb", lines, 0.5, SEED)
    assert text == read
    assert part == 1.0
    # Lines with their letters struck out are taken as they are.
    twin = rng()
    read = decode_text(network.recall(encode_text(["un d**x", "t*ois"], 7, twin), random_state=twin))
    assert experiments.completed_letters("hebb", lines, ["un d**x", "t*ois"], SEED) == (1.0, read)
