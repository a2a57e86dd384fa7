"""ΔCDF against quadrature and closed forms, and its law for Gaussian changes."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from helpers.small.networks import chance
from spikingsampling.analysis.geometry import delta_cdf, gaussian_bound, gaussian_floor
from spikingsampling.errors import ParameterError


def by_quadrature(z: np.ndarray) -> float:
    z = np.sort(z)
    edges = [-5.0, *z.clip(-5, 5), 5.0]
    total = 0.0
    for k, (low, high) in enumerate(itertools.pairwise(edges)):
        level = k / len(z)
        corner = [float(np.clip(norm.ppf(level), low, high))]
        total += quad(lambda x, at=level: abs(at - norm.cdf(x)), low, high, points=corner)[0]
    return total


@pytest.mark.parametrize("centred", [False, True])
def test_the_integral_is_exact(centred: bool) -> None:
    rng = np.random.default_rng(1)
    change = 3.0 * rng.standard_t(2, 40) + 1.0
    change[0] = 80.0  # further off than the window
    z = (change - centred * change.mean()) / change.std(ddof=1)
    assert z.max() > 5
    assert delta_cdf(change, centred=centred) == pytest.approx(by_quadrature(z), abs=1e-7)


def test_two_values_by_hand() -> None:
    """z = ±1/√2; between them F = 1/2."""
    a = 1 / math.sqrt(2)
    outside = (norm.pdf(a) - a * norm.sf(a)) - (norm.pdf(5) - 5 * norm.sf(5))  # ∫ (1 − Φ) from a to 5
    inside = quad(lambda z: norm.cdf(z) - 0.5, 0, a)[0]
    assert delta_cdf([-7.0, 7.0]) == pytest.approx(2 * (outside + inside), abs=1e-9)


def test_a_shift_counts_unless_centred() -> None:
    """∫|Φ(z − m) − Φ(z)| dz = m. The quantiles of a Gaussian differ from it by less than 1/n per unit of z."""
    n = 20_000
    quantiles = norm.ppf((np.arange(n) + 0.5) / n)
    for shift in (0.3, -0.3):
        assert delta_cdf(quantiles + shift) == pytest.approx(0.3, abs=10 / n)
        assert delta_cdf(quantiles + shift, centred=True) < 10 / n


def test_the_scale_does_not_matter_and_the_sign_neither() -> None:
    change = np.random.default_rng(2).gamma(2.0, size=100)
    assert delta_cdf(1e-9 * change) == pytest.approx(delta_cdf(change), rel=1e-12)
    assert delta_cdf(-change) == pytest.approx(delta_cdf(change), rel=1e-12)


@pytest.mark.parametrize("centred", [False, True])
def test_law_of_gaussian_changes(centred: bool) -> None:
    """Mean at the floor, 5 % beyond the bound, both but for 1 % (of the floor, of all draws): n is finite."""
    n, draws = 1000, 2000
    rng = np.random.default_rng(3)
    found = np.array([delta_cdf(rng.standard_normal(n), centred=centred) for _ in range(draws)])
    error = found.std(ddof=1) / math.sqrt(draws)
    floor = gaussian_floor(n, centred=centred)
    assert abs(found.mean() - floor) < chance(4) * error + 0.01 * floor
    beyond = float((found > gaussian_bound(n, centred=centred)).mean())
    assert abs(beyond - 0.05) < chance(4) * math.sqrt(0.05 * 0.95 / draws) + 0.01


def test_floor_and_bound_fall_with_the_root_of_n() -> None:
    assert gaussian_floor(10_000) == pytest.approx(0.011847, abs=1e-6)
    assert gaussian_floor(10_000, centred=True) == pytest.approx(0.008329, abs=1e-6)
    assert gaussian_bound(100) == pytest.approx(0.2075)
    assert gaussian_bound(100, centred=True) == pytest.approx(0.1196)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ([1.0], "change holds 1 values that do not differ"),
        ([2.0, 2.0], "must hold two that do"),
        ([1.0, np.nan], "every value must be finite"),
        ([[1.0, 2.0]], "change has shape"),
    ],
)
def test_wrong_changes(change: list, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        delta_cdf(change)


def test_wrong_numbers_of_weights() -> None:
    for function in (gaussian_floor, gaussian_bound):
        with pytest.raises(ParameterError, match="n = 1: must be a whole number, at least 2"):
            function(1)
