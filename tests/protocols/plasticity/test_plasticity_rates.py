"""The experiments on rate-based plasticity: against closed forms, and the lectures' statements."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy import stats

from helpers.small_networks import chance
from spikingsampling.errors import ParameterError
from spikingsampling.models.hebbian import learn
from spikingsampling.network.plasticity import PUBLISHED, poisson_drift
from spikingsampling.protocols.plasticity.plasticity_rules import PROTOCOL, run
from spikingsampling.protocols.studies.plasticity.rates import (
    EIGENVALUES,
    LECTURE_SEED,
    PRINCIPAL,
    START,
    RateExperiments,
    alignment,
    angle_variance,
    bcm_change,
    bumps,
    cloud,
    hebb_path,
    oja_path,
    run_rate,
    selectivity,
    until_runaway,
)

ETA = 0.1
#: Few of everything, but the lecture's data at full length.
SETTINGS = RateExperiments(repetitions=3, passes=10, presentations=6000, bcm_learning_rate=0.01, tau_theta=20)


@pytest.fixture(scope="module")
def figures() -> dict[str, Any]:
    return {}


@pytest.fixture(scope="module")
def metrics(figures: dict[str, Any]) -> dict[str, Any]:
    return run_rate(
        SETTINGS, np.random.default_rng(1), lambda name, figure, _: figures.update({name: figure})
    )


def block_means(values: np.ndarray, n: int) -> np.ndarray:
    return values[: len(values) // n * n].reshape(n, -1).mean(axis=1)


# --- frequency of stimulation -------------------------------------------------------------------------------


@pytest.mark.parametrize(("rate", "threshold"), [(1, 10), (5, 10), (15, 10), (100, 10), (10, 20), (10, 5)])
def test_bcm_with_a_fixed_threshold_follows_bernoullis_equation(rate: float, threshold: float) -> None:
    """1/w = x + (1 − x) e^{ηxn} after n pulses at x = rate/threshold; Euler's steps are off by ½ηx|2x − 1|."""
    n, eta, x = 900, 1e-6, rate / threshold
    expected = 1 / (x + (1 - x) * np.exp(eta * x * n)) - 1
    found = bcm_change(rate, threshold, n, eta)
    # Twice that, as w grows by 8 % at most.
    assert found == pytest.approx(expected, rel=eta * x * abs(2 * x - 1))


def test_bcm_has_the_curve_of_dudek_and_bear(metrics: dict[str, Any]) -> None:
    """LTD at 1 to 3 Hz, none at 10, LTP at 50; 4x(x − 1) in units of the deepest depression, which is at θ/2."""
    eta, n = 1e-6, 900

    def law(x: float) -> float:
        return 1 / (x + (1 - x) * np.exp(eta * x * n)) - 1

    assert metrics["pulses.bcm.relative_change_10hz"] == 0
    for rate in SETTINGS.pulse_rates:
        x, found = rate / 10, metrics[f"pulses.bcm.relative_change_{rate:g}hz"]
        assert found == pytest.approx(law(x) / -law(0.5), rel=eta * x * abs(2 * x - 1) + eta)
        # To first order in η 4x(x − 1), as w hardly changes.
        assert found == pytest.approx(4 * x * (x - 1), rel=2 * eta * n * x**2 + eta * n)
    assert metrics["pulses.bcm.relative_change_5hz"] == -1
    assert metrics["pulses.bcm.threshold_hz"] == pytest.approx(10, abs=1e-3)


def test_the_triplet_rule_in_which_all_spikes_pair_is_bcm(metrics: dict[str, Any]) -> None:
    """Its change by Poisson trains of equal rates ρ is proportional to ρ(ρ − θ), as that of BCM."""
    r = PUBLISHED["visual_all"]
    threshold = (r.a2_minus * r.tau_minus - r.a2_plus * r.tau_plus) / (
        r.a3_plus * r.tau_plus * r.tau_y - r.a3_minus * r.tau_minus * r.tau_x
    )
    deepest = poisson_drift(r, threshold / 2, threshold / 2) / (threshold / 2)
    for rate in (1.0, 10.0, 30.0, 100.0):
        triplets = poisson_drift(r, rate, rate) / rate / -deepest
        n, eta = 100, 1e-9
        assert bcm_change(rate, threshold, n, eta) / (n * eta / 4) == pytest.approx(triplets, rel=1e-5)
    for rate in SETTINGS.pulse_rates:  # the deepest of 500 rates is within 1e-4 of the deepest of all
        x = rate / threshold
        found = metrics[f"pulses.visual_all.relative_change_{rate:g}hz"]
        assert found == pytest.approx(4 * x * (x - 1), rel=1e-4)


# --- principal components -----------------------------------------------------------------------------------


def test_the_cloud_is_that_of_the_lecture_and_has_the_law_it_is_said_to_have() -> None:
    state = np.random.RandomState(LECTURE_SEED)
    x = np.linspace(-0.3, 0.3, 1000)
    state.shuffle(x)
    y = -0.7 * x
    x += state.randn(1000) / 10
    y += state.randn(1000) / 10
    np.testing.assert_array_equal(cloud(np.random.RandomState(42), 1000), np.column_stack([x, y]))
    n = 100_000
    along = cloud(np.random.default_rng(0), n) @ PRINCIPAL.T
    products = np.column_stack([along**2, along.prod(axis=1)])
    error = products.std(axis=0) / np.sqrt(n)
    assert np.all(np.abs(products.mean(axis=0) - [*EIGENVALUES, 0]) < chance(3) * error)
    np.testing.assert_allclose(PRINCIPAL @ PRINCIPAL.T, np.eye(2), atol=1e-15)


def test_oja_ends_on_the_principal_component_of_the_lectures_data(metrics: dict[str, Any]) -> None:
    """|w| → 1 and |cos(w, PC1)| > 0.99 (lecture 3), after one pass and after ten.

    After one pass the length lacks (1/c₁(0)² − 1)/2 e^{−2ηΣa²}, where the sum of a², squared components along PC1,
    varies from cloud to cloud.
    """
    for when in ("after_one_pass", "last_pass"):
        assert metrics[f"oja.lecture.cosine_{when}"] > 0.99
    first, total = START @ PRINCIPAL[0], 1000 * EIGENVALUES[0]
    spread = np.sqrt(1000 * 2) * EIGENVALUES[0]  # at most that of Gaussian components
    lacks = (1 / first**2 - 1) / 2 * np.exp(-2 * ETA * (total - chance() * spread))
    assert abs(metrics["oja.lecture.length_after_one_pass"] - 1) < lacks + ETA * EIGENVALUES[1]
    assert abs(metrics["oja.lecture.length_last_pass"] - 1) < ETA * EIGENVALUES[1]
    assert metrics["sanger.lecture.cosine_1_last_pass"] == pytest.approx(
        metrics["oja.lecture.cosine_last_pass"]
    )
    assert metrics["sanger.lecture.cosine_2_last_pass"] > 0.99
    # To first order in η, the angle between w and PC1 adds to that between PC1 of the points and of their law.
    assert metrics["oja.cosine"].value == pytest.approx(1 - metrics["oja.angle_variance"].value / 2, abs=1e-5)


def test_one_pass_is_what_the_lectures_program_computes(metrics: dict[str, Any]) -> None:
    """Oja's rule and Hebb's, written out point by point from the weights 0.1 and 0.4 with η = 0.1."""
    points = cloud(np.random.RandomState(42), 1000)
    for name, penalty in (("oja", 1.0), ("hebb", 0.0)):
        w = [0.1, 0.4]
        for x, y in points:
            v = w[0] * x + w[1] * y
            w = [w[0] + 0.1 * v * (x - penalty * v * w[0]), w[1] + 0.1 * v * (y - penalty * v * w[1])]
        assert metrics[f"{name}.lecture.length_after_one_pass"] == pytest.approx(np.hypot(*w), rel=1e-9)


def test_the_angle_and_the_length_that_oja_keeps() -> None:
    """Variance of the angle ηλ₁λ₂/2(λ₁ − λ₂); mean length 1 + ηλ₂/4, as turning makes w longer: both to first order."""
    n, blocks = 60_000, 30
    w = learn("oja", PRINCIPAL[:1], cloud(np.random.default_rng(3), n), ETA).weights[1:, 0]
    angle = np.arctan((w @ PRINCIPAL[1]) / (w @ PRINCIPAL[0]))
    time = 1 / (ETA * (EIGENVALUES[0] - EIGENVALUES[1]))
    expected = angle_variance(ETA)
    assert expected == pytest.approx(0.1 * 0.0547 * 0.01 / (2 * 0.0447))
    # φ² of an Ornstein-Uhlenbeck process of time constant T has variance 2 Var² T/n over n inputs.
    assert np.mean(angle**2) == pytest.approx(expected, rel=chance(2) * np.sqrt(2 * time / n))
    lengths = block_means(np.linalg.norm(w, axis=1), blocks)
    limit = stats.t.isf(0.25e-4, blocks - 1) * lengths.std(ddof=1) / np.sqrt(blocks)
    assert limit < 0.1 * ETA * EIGENVALUES[1]
    assert lengths.mean() == pytest.approx(1 + ETA * EIGENVALUES[1] / 4, abs=limit)


def test_hebb_grows_as_expected(metrics: dict[str, Any]) -> None:
    """The mean component along PC1 grows by 1 + ηλ₁ per input, without end."""
    rng, steps = np.random.default_rng(4), 100
    ends = np.array(
        [learn("hebb", START[None], cloud(rng, steps), ETA).weights[-1, 0] @ PRINCIPAL.T for _ in range(150)]
    )
    expected = hebb_path(PRINCIPAL @ START, EIGENVALUES, ETA, np.array([float(steps)]))[0]
    error = ends.std(axis=0, ddof=1) / np.sqrt(len(ends))
    assert np.all(np.abs(ends.mean(axis=0) - expected) < chance(2) * error)
    assert np.all(error < 0.05 * np.abs(expected))
    assert metrics["hebb.growth_expected"] == pytest.approx((1 + 0.1 * 0.0547) ** 1000)
    assert metrics["hebb.lecture.length_after_one_pass"] > 20
    assert metrics["hebb.lecture.cosine_after_one_pass"] > 0.99


def test_the_mean_path_of_oja() -> None:
    """Inputs that alternate between the principal directions follow it, up to terms of order η."""
    inputs = np.sqrt(2 * EIGENVALUES)[:, None] * PRINCIPAL
    eta, n = 0.02, 8000
    path = learn("oja", START[None], np.tile(inputs, (n // 2, 1)), eta).weights[:, 0] @ PRINCIPAL.T
    expected = oja_path(PRINCIPAL @ START, EIGENVALUES, eta, np.arange(n + 1.0))
    np.testing.assert_allclose(path, expected, atol=2 * eta * EIGENVALUES.max())
    assert np.linalg.norm(expected[-1]) == pytest.approx(1, abs=1e-4)


# --- selectivity --------------------------------------------------------------------------------------------


def test_patterns_are_bumps_on_a_ring() -> None:
    patterns = bumps(6, 0.6)
    np.testing.assert_allclose(np.linalg.norm(patterns, axis=1), 1)
    np.testing.assert_allclose(np.roll(patterns, (1, 1), (0, 1)), patterns)
    assert patterns[0, 1] / patterns[0, 0] == pytest.approx(np.exp(-1 / 0.72))
    assert patterns[0, 5] == patterns[0, 1]


def test_selectivity_index_and_alignment() -> None:
    np.testing.assert_allclose(selectivity(np.array([[0, 0, 0, 2.0], [1, 1, 1, 1]])), [0.75, 0])
    np.testing.assert_allclose(
        alignment(np.array([[-2.0, 0], [0, 1], [1, 1]]), np.array([1.0, 0])), [1, 0, 0.5**0.5]
    )


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


def test_bcm_is_selective_for_overlapping_patterns_too(metrics: dict[str, Any]) -> None:
    """1 − 1/K of K = 6 patterns; the fixed threshold runs away in every repetition."""
    assert metrics["bcm.selectivity"].value == pytest.approx(5 / 6, abs=0.02)
    bias = -0.01 * 5 / 6 * 18 * (1 + 6 / 40)
    sd = np.sqrt(0.01 * 5 / 6 * 6**3 / 2 * 2 / (0.01 * 1200) / 3)
    assert metrics["bcm.preferred_response"].value == pytest.approx(6 + bias, abs=chance(2) * sd)
    assert metrics["bcm.threshold"].value == pytest.approx(6 + bias, abs=2 * chance(2) * sd)
    assert metrics["bcm.fixed.runs_away"].value == 1
    assert metrics["bcm.fixed.presentations"].value < 6000
    for name in ("selectivity", "preferred_response", "threshold"):
        low, high = metrics[f"bcm.{name}"].interval
        assert low < metrics[f"bcm.{name}"].value < high
        assert metrics[f"bcm.{name}"].n == 3


def test_bcm_with_a_fixed_threshold_runs_away() -> None:
    """With v per showing k: 1/v = 1 + (1/v₀ − 1) e^{ηk} until the bound; below the threshold it decays."""
    eta, bound, v0 = 1e-3, 20.0, 1.2
    found = until_runaway(np.eye(2), np.array([v0, 0.8]), np.arange(20_000) % 2, eta, bound)
    showings = np.log((1 - 1 / bound) / (1 - 1 / v0)) / eta
    # Euler's method is late by ½ ln(f(end)/f(start)) steps for v' = f(v); it looks every 10 patterns.
    late = 0.5 * np.log(bound * (bound - 1) / (v0 * (v0 - 1)))
    assert (len(found.responses) - 1) / 2 == pytest.approx(showings + late, abs=5 + 1)
    assert found.responses[-1, 0] > bound > found.responses[-11, 0]
    k = (len(found.responses) - 1) // 2
    assert found.responses[-1, 1] == pytest.approx(1 / (1 + (1 / 0.8 - 1) * np.exp(eta * k)), rel=2 * eta)
    calm = until_runaway(np.eye(2), np.array([0.9, 0.8]), np.arange(200) % 2, eta, bound)
    assert len(calm.responses) == 201
    assert np.all(np.diff(calm.responses, axis=0) <= 0)


# --- everything ---------------------------------------------------------------------------------------------


def test_figures(metrics: dict[str, Any], figures: dict[str, Any]) -> None:
    assert set(figures) == {"pulse_frequency_bcm", "principal_components", "bcm_selectivity"}
    for figure in figures.values():
        assert all(ax.get_xlabel() for ax in figure.axes)


def test_the_two_halves_have_streams_of_their_own() -> None:
    """Settings of the one leave the other's random numbers alone; the seed decides both."""

    def measured(seed: int, spiking: int, rate: int) -> dict[str, Any]:
        few = {"repetitions": rate, "n_pulses": 10, "passes": 2, "n_points": 50, "presentations": 100}
        layer = {"seed": seed, "spiking": {"repetitions": spiking, "n_pulses": 10}, "rate": few}
        configuration = PROTOCOL.configure("smoke", layer)

        def stream(name: str) -> np.random.SeedSequence:
            return np.random.SeedSequence([configuration.seed, *name.encode()])

        return run(SimpleNamespace(configuration=configuration, stream=stream, save_figure=lambda *_: None))

    first = measured(0, 2, 2)
    for other, same, changed in (
        (measured(0, 3, 2), "oja.angle_variance", "pulses.pair.change_50hz"),
        (measured(0, 2, 3), "pulses.pair.change_50hz", "oja.angle_variance"),
    ):
        assert other[same] == first[same]
        assert other[changed] != first[changed]
    other = measured(1, 2, 2)
    assert other["oja.angle_variance"] != first["oja.angle_variance"]
    assert other["oja.lecture.length_last_pass"] == first["oja.lecture.length_last_pass"]


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"n_points": 1}, "RateExperiments.n_points = 1: must be at least 10"),
        ({"thresholds": ["10 ms"]}, "thresholds"),
        ({"learning_rate": 0}, "RateExperiments.learning_rate = 0.0: must be more than 0"),
        ({"tau_theta": 0.5}, "RateExperiments.tau_theta = 0.5: must be at least 1"),
        ({"repetitions": 1}, "RateExperiments.repetitions = 1: must be at least 2"),
    ],
)
def test_wrong_settings(setting: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        PROTOCOL.configure("quick", {"rate": setting})
