"""Weights on a ring: their mean, and the same as a sum of waves."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import erf

from spikingsampling.errors import ParameterError
from spikingsampling.models.dynamics.memory.footprint import Footprint

PAPER = Footprint(2048, 1.62, math.radians(14.4))


@pytest.mark.parametrize("footprint", [PAPER, Footprint(33, 2.0, 0.9), Footprint(64, 1.0, 0.5)])
def test_the_mean_is_one_and_the_peak_is_j_plus(footprint: Footprint) -> None:
    assert footprint.weights.mean() == pytest.approx(1, abs=1e-14)
    assert footprint.weights[0] == pytest.approx(footprint.j_plus, rel=1e-14)
    np.testing.assert_allclose(footprint.weights[1:], footprint.weights[:0:-1], rtol=1e-12)


def test_j_minus_is_that_of_the_integral() -> None:
    """(1/2π) ∫ exp(−θ²/2σ²) dθ = σ/√(2π) erf(π/(σ√2)), which the sum over 2048 neurons equals."""
    mean = PAPER.sigma / math.sqrt(2 * math.pi) * erf(math.pi / (PAPER.sigma * math.sqrt(2)))
    assert PAPER.j_minus == pytest.approx((1 - 1.62 * mean) / (1 - mean), rel=1e-12)
    assert PAPER.weights[1024] == pytest.approx(PAPER.j_minus, rel=1e-12)
    one_sigma = PAPER.j_minus + (1.62 - PAPER.j_minus) * math.exp(-0.5)
    assert np.interp(PAPER.sigma, PAPER.directions, PAPER.weights) == pytest.approx(one_sigma, abs=1e-5)


def test_the_matrix_holds_the_weights_by_distance() -> None:
    footprint = Footprint(16, 2.0, 0.8)
    for i, j, distance in ((0, 0, 0), (3, 5, 2), (5, 3, 2), (15, 1, 2), (0, 8, 8)):
        assert footprint.matrix[i, j] == footprint.weights[distance]


@pytest.mark.parametrize("tolerance", [0.0, 1e-12, 1e-9, 1e-3])
@pytest.mark.parametrize(
    "footprint", [Footprint(256, 1.62, 0.25), Footprint(65, 1.1, 3.0), Footprint(64, 1.1, 3.0)]
)
def test_waves_make_the_weights(footprint: Footprint, tolerance: float) -> None:
    a = footprint.waves(tolerance)
    made = np.cos(np.outer(footprint.directions, np.arange(len(a)))) @ a
    np.testing.assert_allclose(made, footprint.weights, rtol=0, atol=tolerance + 1e-14)
    if tolerance == 1e-3:
        # One wave less would not do.
        rest = footprint.waves(0.0)[len(a) - 1 :]
        assert np.abs(rest).sum() > tolerance


def test_few_waves_are_enough() -> None:
    """The k-th is 2 (J⁺ − J⁻) σ/√(2π) exp(−k²σ²/2)."""
    a, k = PAPER.waves(1e-9), np.arange(25)
    expected = (
        2
        * (1.62 - PAPER.j_minus)
        * PAPER.sigma
        / math.sqrt(2 * math.pi)
        * np.exp(-(k**2) * PAPER.sigma**2 / 2)
    )
    expected[0] = 1
    np.testing.assert_allclose(a, expected, rtol=1e-5)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"sigma": 0.001}, "must be from 0.196 to pi"),
        ({"sigma": 4.0}, "must be from 0.196 to pi"),
        ({"j_plus": 0.9}, "must be from 1 to"),
        ({"j_plus": 11.0}, "must be from 1 to 10.0"),
        ({"n": 7}, "n = 7"),
        ({"sigma": math.nan}, "sigma"),
    ],
)
def test_wrong_values_are_told(values: dict[str, float], told: str) -> None:
    with pytest.raises(ParameterError, match=told):
        Footprint(**{"n": 64, "j_plus": 1.6, "sigma": 0.25, **values})
