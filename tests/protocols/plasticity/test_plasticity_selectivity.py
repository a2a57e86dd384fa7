"""Selectivity by BCM: by hand, and against closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from helpers.small.networks import chance
from spikingsampling.models.hebbian import learn
from spikingsampling.protocols.studies.plasticity.selectivity import (
    bumps,
    first_weights,
    has_run_away,
    last_part,
    learn_selectivity,
    selectivity,
    sliding_threshold,
    until_runaway,
)
from spikingsampling.protocols.studies.plasticity.settings import RateExperiments


def test_selectivity_by_hand() -> None:
    np.testing.assert_allclose(
        selectivity(np.array([[0, 0, 0, 2.0], [1, 1, 1, 1], [1, 2, 3, 4]])), [0.75, 0, 0.375]
    )


def test_the_last_fifth_of_the_presentations() -> None:
    """Ten presentations are eleven steps: 9² and 10²."""
    squares = np.arange(11.0) ** 2
    assert last_part(squares, 10) == 90.5
    np.testing.assert_array_equal(last_part(np.column_stack([squares, -squares]), 10), [90.5, -90.5])


def test_a_response_has_run_away_beyond_ten_times_the_stable_one() -> None:
    """With two patterns the stable response is 2; the end decides."""
    assert not has_run_away(np.array([[50.0, 1], [1, 20]]))
    assert has_run_away(np.array([[1.0, 1], [1, 20.1]]))


def test_first_weights_have_responses_of_1_on_average() -> None:
    patterns = np.array([[1.0, 0, 2], [0, 3, 1]])
    w, twin = first_weights(patterns, np.random.default_rng(1)), np.random.default_rng(1)
    expected = 1 + 0.1 * twin.standard_normal(3)
    assert (patterns @ w).mean() == pytest.approx(1)
    np.testing.assert_allclose(w / w[0], expected / expected[0])


def test_the_sliding_threshold_by_hand() -> None:
    """v = 2, then θ = 1 + (4 − 1)/4; w grows by 0.05 v (v − θ) u with the θ of before."""
    settings = RateExperiments(bcm_learning_rate=0.05, tau_theta=4)
    patterns = np.array([[1.0, 0], [0, 2]])
    learning = sliding_threshold(settings, patterns, np.array([2.0, 0.5]), np.array([0, 1]))
    np.testing.assert_allclose(learning.threshold, [1, 1.75, 1.75 + (1 - 1.75) / 4])
    first, second = 2 + 0.05 * 2 * (2 - 1), 0.5 + 0.05 * 1 * (1 - 1.75) * 2
    np.testing.assert_allclose(learning.responses, [[2, 1], [first, 1], [first, 2 * second]])


def test_the_measures_are_those_of_each_repetition() -> None:
    settings = RateExperiments(
        n_patterns=3, presentations=200, repetitions=2, bcm_learning_rate=0.05, tau_theta=5
    )
    measures, sliding, fixed = learn_selectivity(settings, np.random.default_rng(3))
    twin, patterns = np.random.default_rng(3), bumps(3, 0.6)
    for repetition in range(2):
        start = first_weights(patterns, twin)
        order = twin.integers(3, size=200)
        learning = sliding_threshold(settings, patterns, start, order)
        last = learning.responses[-40:].mean(axis=0)
        runaway = until_runaway(patterns, start, order, 0.05, 30.0)
        assert {name: values[repetition] for name, values in measures.items()} == pytest.approx(
            {
                "bcm.selectivity": 1 - last.mean() / last.max(),
                "bcm.preferred_response": last.max(),
                "bcm.threshold": learning.threshold[-40:].mean(),
                "bcm.fixed.runs_away": float(runaway.responses[-1].max() > 30),
                "bcm.fixed.presentations": len(runaway.responses) - 1,
            }
        )
        if repetition == 0:
            np.testing.assert_array_equal(sliding.responses, learning.responses)
            np.testing.assert_array_equal(fixed.responses, runaway.responses)


def test_patterns_are_bumps_on_a_ring() -> None:
    patterns = bumps(6, 0.6)
    np.testing.assert_allclose(np.linalg.norm(patterns, axis=1), 1)
    np.testing.assert_allclose(np.roll(patterns, (1, 1), (0, 1)), patterns)
    assert patterns[0, 1] / patterns[0, 0] == pytest.approx(np.exp(-1 / 0.72))
    assert patterns[0, 5] == patterns[0, 1]


def test_bcm_with_a_sliding_threshold_prefers_one_pattern() -> None:
    """Of K orthogonal patterns one has the response K + d, d = −η(1 − 1/K)K²/2 (1 + K/2τ) to first order in η.

    Linearised about v = θ = K: the threshold follows 2v − K, and hears white noise of variance (1 − 1/K)K³ per pattern;
    the response relaxes with rate η to it.
    """
    k, eta, tau, n = 3, 0.005, 20.0, 44_000
    shown = np.random.default_rng(5).integers(k, size=n)
    learnt = learn("bcm", [[0.9, 1.0, 1.1]], np.eye(k)[shown], eta, context=1.0, tau_theta=tau)
    assert learnt.thresholds is not None
    responses, threshold = learnt.weights[-40_000:, 0], learnt.thresholds[-40_000:, 0]
    preferred = int(responses.mean(axis=0).argmax())
    bias = -eta * (1 - 1 / k) * k**2 / 2 * (1 + k / (2 * tau))
    sd = np.sqrt(eta * (1 - 1 / k) * k**3 / 2 * 2 / (eta * 40_000))
    assert sd < 0.04
    assert responses[:, preferred].mean() == pytest.approx(k + bias, abs=chance(2) * sd)
    assert threshold.mean() == pytest.approx(k + bias, abs=chance(2) * sd * 2)
    others = np.delete(responses.mean(axis=0), preferred)
    np.testing.assert_allclose(others, 0, atol=1e-6)  # e^{−ηn/K} of what they were, and less


def test_bcm_is_selective_for_overlapping_patterns_too() -> None:
    """1 − 1/K of K = 6 patterns; the fixed threshold runs away in every repetition."""
    settings = RateExperiments(repetitions=3, presentations=6000, bcm_learning_rate=0.01, tau_theta=20)
    measures, _, _ = learn_selectivity(settings, np.random.default_rng(1))
    means = {name: np.mean(values) for name, values in measures.items()}
    bias = -0.01 * 5 / 6 * 18 * (1 + 6 / 40)
    sd = np.sqrt(0.01 * 5 / 6 * 6**3 / 2 * 2 / (0.01 * 1200) / 3)
    assert means["bcm.selectivity"] == pytest.approx(5 / 6, abs=0.02)
    assert means["bcm.preferred_response"] == pytest.approx(6 + bias, abs=chance(2) * sd)
    assert means["bcm.threshold"] == pytest.approx(6 + bias, abs=2 * chance(2) * sd)
    assert means["bcm.fixed.runs_away"] == 1
    assert means["bcm.fixed.presentations"] < 6000


def test_bcm_with_a_fixed_threshold_runs_away() -> None:
    """With v per showing k: 1/v = 1 + (1/v₀ − 1) e^{ηk} until the bound; below the threshold it decays."""
    eta, bound, v0 = 1e-3, 20.0, 1.2
    learning = until_runaway(np.eye(2), np.array([v0, 0.8]), np.arange(20_000) % 2, eta, bound)
    showings = np.log((1 - 1 / bound) / (1 - 1 / v0)) / eta
    # Euler's method is late by ½ ln(f(end)/f(start)) steps for v' = f(v); it looks every 10 patterns.
    late = 0.5 * np.log(bound * (bound - 1) / (v0 * (v0 - 1)))
    assert (len(learning.responses) - 1) / 2 == pytest.approx(showings + late, abs=5 + 1)
    assert learning.responses[-1, 0] > bound > learning.responses[-11, 0]
    k = (len(learning.responses) - 1) // 2
    assert learning.responses[-1, 1] == pytest.approx(1 / (1 + (1 / 0.8 - 1) * np.exp(eta * k)), rel=2 * eta)
    calm = until_runaway(np.eye(2), np.array([0.9, 0.8]), np.arange(200) % 2, eta, bound)
    assert len(calm.responses) == 201
    assert np.all(np.diff(calm.responses, axis=0) <= 0)
