"""Fits of survival against closed-form estimates and known laws."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from helpers.small_networks import chance
from spikingsampling.analysis import SURVIVAL_LAWS, Lifetimes, akaike_weights, fit_survival
from spikingsampling.errors import ParameterError, UnknownNameError

STEP = 1800.0


def seen(lifetimes: np.ndarray, n_steps: int = 8) -> Lifetimes:
    """What samples every half hour, ``n_steps`` of them, tell about true lifetimes (s)."""
    last = np.minimum(np.floor(lifetimes / STEP), n_steps)
    return Lifetimes(last * STEP, np.where(last == n_steps, np.inf, (last + 1) * STEP))


def draw(law: str, parameters: tuple[float, ...], n: int) -> Lifetimes:
    """Lifetimes of a law, by inverting S on a fine grid of the logarithm of time."""
    grid = np.concatenate([[0.0], np.geomspace(1e-2, 1e7, 200_000)])
    survival = SURVIVAL_LAWS[law].survival(grid, *parameters)
    u = np.random.default_rng(11).random(n)
    return seen(np.where(u < survival[-1], np.inf, np.interp(-u, -survival, grid)))


def test_one_exponential_has_a_closed_form() -> None:
    """Grouped exponential lifetimes are geometric: q = deaths per interval at risk, τ = −Δ/log(1 − q)."""
    lifetimes = Lifetimes(
        STEP * np.array([0, 0, 0, 1, 1, 2, 3, 3.0]), STEP * np.array([1, 1, 1, 2, 2, 3, np.inf, np.inf])
    )
    deaths, exposures = 6, 3 * 1 + 2 * 2 + 3 + 2 * 3
    fit = fit_survival(lifetimes, "exponential")
    q = deaths / exposures
    assert fit.parameters["tau"] == pytest.approx(-STEP / np.log1p(-q), rel=1e-5)
    log_likelihood = deaths * np.log(q) + (exposures - deaths) * np.log1p(-q)
    assert fit.log_likelihood == pytest.approx(log_likelihood, abs=1e-8)
    assert fit.aic == pytest.approx(2 - 2 * log_likelihood)
    # var log τ by the delta method: q/(n (1 − q)) / log(1 − q)², with n exposures.
    half = 1.959964 * np.sqrt(q / ((1 - q) * exposures)) / abs(np.log1p(-q))
    expected = fit.parameters["tau"] * np.exp([-half, half])
    np.testing.assert_allclose(fit.intervals["tau"], expected, rtol=1e-3)


TRUTH = {
    "exponential": (4000.0,),
    "exponential_offset": (0.3, 2500.0),
    "two_exponentials": (0.6, 1500.0, 30_000.0),
    "power_law": (2000.0, 0.7),
}


@pytest.mark.parametrize("law", TRUTH)
def test_a_law_is_found_again_and_wins(law: str) -> None:
    lifetimes = draw(law, TRUTH[law], 6000)
    fits = {other: fit_survival(lifetimes, other) for other in TRUTH}
    fit = fits[law]
    for (name, value), truth in zip(fit.parameters.items(), TRUTH[law], strict=True):
        transform = np.log if truth > 1 or name == "exponent" else lambda p: np.log(p / (1 - p))
        low, high = fit.intervals[name]
        error = (transform(high) - transform(low)) / (2 * 1.959964)
        assert abs(transform(value) - transform(truth)) < chance(8) * error, name
        assert low < value < high
    # Nested laws can be 2 (k − 1) worse in AIC than the truth and never better than by what chance gives.
    assert fit.aic < min(other.aic for other in fits.values()) + 2 * chance()
    if law != "exponential":
        assert fits["exponential"].aic > fit.aic + 100
    weights = akaike_weights(list(fits.values()))
    assert sum(weights.values()) == pytest.approx(1)
    np.testing.assert_allclose(
        fit.survival([0.0, STEP]),
        SURVIVAL_LAWS[law].survival(np.array([0.0, STEP]), *fit.parameters.values()),
    )
    assert fit.survival(0.0) == 1


def test_a_parameter_that_the_data_do_not_bound_has_the_whole_range() -> None:
    fit = fit_survival(draw("exponential", (4000.0,), 2000), "two_exponentials")
    assert fit.intervals["tau_slow"] == (0, np.inf)
    assert fit.intervals["fraction"] == (0, 1)


def test_the_fast_component_is_the_fast_one_wherever_the_search_begins(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lifetimes = draw("two_exponentials", (0.2, 1000.0, 20_000.0), 6000)
    fit = fit_survival(lifetimes, "two_exponentials")
    assert fit.parameters["tau_fast"] < fit.parameters["tau_slow"]
    backwards = replace(SURVIVAL_LAWS["two_exponentials"], starts=lambda s: [(0.5, 5 * s, s / 10)])
    monkeypatch.setitem(SURVIVAL_LAWS, "two_exponentials", backwards)
    other = fit_survival(lifetimes, "two_exponentials")
    assert other.parameters == pytest.approx(fit.parameters, rel=1e-3)
    for name, interval in fit.intervals.items():
        assert other.intervals[name] == pytest.approx(interval, rel=1e-2)


def test_akaike_weights_are_ratios_of_likelihoods() -> None:
    lifetimes = draw("exponential_offset", (0.2, 5000.0), 60)
    one, two = (fit_survival(lifetimes, law) for law in ("exponential", "exponential_offset"))
    weights = akaike_weights([one, two])
    expected = np.exp(one.log_likelihood - 1 - (two.log_likelihood - 2))
    assert weights["exponential"] / weights["exponential_offset"] == pytest.approx(expected)


def test_wrong_input_is_named() -> None:
    lifetimes = seen(np.array([100.0, 2000.0, 1e9]))
    with pytest.raises(UnknownNameError, match="unknown law of survival 'power'; did you mean 'power_law'"):
        fit_survival(lifetimes, "power")
    with pytest.raises(
        ParameterError, match="lifetimes: end in 2 different intervals; two_exponentials has 3"
    ):
        fit_survival(lifetimes, "two_exponentials")
    with pytest.raises(ParameterError, match="lifetimes: end in 0 different intervals"):
        fit_survival(Lifetimes(np.empty(0), np.empty(0)), "exponential")
    other = fit_survival(seen(np.array([100.0, 1e9])), "exponential")
    with pytest.raises(ParameterError, match=r"fits of \[3, 2\] births"):
        akaike_weights([fit_survival(lifetimes, "exponential"), other])
