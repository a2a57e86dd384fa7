"""Fits of survival against closed-form estimates and known laws."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from helpers.small.networks import chance
from spikingsampling.analysis import SURVIVAL_LAWS, Lifetimes, SurvivalFit, fit_survival
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
    """Grouped exponential lifetimes are geometric: q = ends per interval at risk, τ = −Δ/log(1 − q)."""
    lifetimes = Lifetimes(
        STEP * np.array([0, 0, 0, 1, 1, 2, 3, 3.0]), STEP * np.array([1, 1, 1, 2, 2, 3, np.inf, np.inf])
    )
    ends, exposures = 6, 3 * 1 + 2 * 2 + 3 + 2 * 3
    fit = fit_survival(lifetimes, "exponential")
    q = ends / exposures
    assert fit.parameters["tau"] == pytest.approx(-STEP / np.log1p(-q), rel=1e-5)
    log_likelihood = ends * np.log(q) + (exposures - ends) * np.log1p(-q)
    assert fit.log_likelihood == pytest.approx(log_likelihood, abs=1e-8)
    assert fit.n_synapses == 8
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


@pytest.mark.parametrize(
    ("law", "parameters", "survival"),
    [
        ("exponential", (2000.0,), [1, np.exp(-0.5), np.exp(-2)]),
        ("exponential_offset", (0.25, 2000.0), [1, 0.25 + 0.75 * np.exp(-0.5), 0.25 + 0.75 * np.exp(-2)]),
        (
            "two_exponentials",
            (0.7, 1000.0, 4000.0),
            [1, 0.7 * np.exp(-1) + 0.3 * np.exp(-0.25), 0.7 * np.exp(-4) + 0.3 * np.exp(-1)],
        ),
        ("power_law", (500.0, 1.5), [1, 3**-1.5, 9**-1.5]),
    ],
)
def test_the_laws_by_hand(law: str, parameters: tuple[float, ...], survival: list[float]) -> None:
    """At 0, 1000 and 4000 s."""
    names = SURVIVAL_LAWS[law].parameters
    fit = SurvivalFit(law, dict(zip(names, parameters, strict=True)), {}, -12.5, 40)
    np.testing.assert_allclose(fit.survival([0.0, 1000.0, 4000.0]), survival, rtol=1e-12)
    assert fit.aic == 2 * len(names) + 25


def test_the_likelihood_is_that_of_grouped_and_censored_lifetimes() -> None:
    """Two synapses retract in (0, 1], one in (1, 3], one is still active at 3 (in steps)."""
    lifetimes = Lifetimes(STEP * np.array([0, 0, 1, 3]), STEP * np.array([1, 1, 3, np.inf]))
    fit = fit_survival(lifetimes, "exponential_offset")
    s = fit.survival(STEP * np.array([0, 1, 3]))
    expected = 2 * np.log(s[0] - s[1]) + np.log(s[1] - s[2]) + np.log(s[2])
    assert fit.log_likelihood == pytest.approx(expected, rel=1e-12)
    # With as many parameters as cells less one the law fits the fractions exactly.
    np.testing.assert_allclose(s, [1, 0.5, 0.25], atol=1e-5)
