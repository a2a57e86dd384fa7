"""The experiments on rate-based plasticity: the frequency curve of BCM, PCA by Oja and Sanger, selectivity by BCM.

All rules are those of :mod:`spikingsampling.models.hebbian`; this module shows them inputs and measures. Sources:
**L3** lecture 003 (its cloud of points, learning rate and first weights); **D** Dudek & Bear 1992.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from scipy.optimize import brentq

from spikingsampling.analysis import estimate_mean
from spikingsampling.models.hebbian import Learnt, learn
from spikingsampling.network.plasticity import PUBLISHED, PairSTDP, poisson_drift
from spikingsampling.parameters import Parameters, quantity
from spikingsampling.plotting.saving import SaveFigure
from spikingsampling.protocols.studies.plasticity.rates_figures import (
    cloud_figure,
    frequency_figure,
    selectivity_figure,
)
from spikingsampling.units import Frequency, Number

__all__ = [
    "EIGENVALUES",
    "LECTURE_SEED",
    "PRINCIPAL",
    "START",
    "RateExperiments",
    "Selectivity",
    "alignment",
    "angle_variance",
    "bcm_change",
    "bumps",
    "cloud",
    "hebb_path",
    "oja_path",
    "run_rate",
    "selectivity",
    "until_runaway",
]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]
#: Seed of the cloud and first weights of L3.
LECTURE_SEED = 42
START = np.array([0.1, 0.4])
#: Principal directions (rows) of the law of the cloud, and the variance along each: x is uniform on ±0.3, y = −0.7 x,
#: and both have noise of standard deviation 0.1.
PRINCIPAL = np.array([[1.0, -0.7], [0.7, 1.0]]) / np.sqrt(1.49)
EIGENVALUES = np.array([0.3**2 / 3 * 1.49 + 0.01, 0.01])
#: Spiking rules whose curve is compared with that of BCM.
_TRIPLETS = ("visual_all", "visual_nearest")
#: A response that is this many times that of the stable fixed point has run away.
_RUNAWAY = 10.0


class RateExperiments(Parameters):
    """What is shown to rate-based rules."""

    n_pulses: int = Field(900, ge=10, le=100_000, description="presynaptic pulses of a train (D)")
    pulse_rates: tuple[Frequency, ...] = Field(
        ("1 Hz", "3 Hz", "5 Hz", "10 Hz", "20 Hz", "30 Hz", "50 Hz", "100 Hz"),
        min_length=2,
        validate_default=True,
        description="rates of presynaptic trains (D)",
    )
    thresholds: tuple[Frequency, ...] = Field(
        ("10 Hz", "5 Hz", "20 Hz"),
        min_length=1,
        validate_default=True,
        description="thresholds θ_v of BCM during a train; the first is compared with the triplet rules",
    )
    pulse_learning_rate: Number = quantity(
        1e-6, "η of BCM: a pulse changes w by η v (v − θ)/θ²", above=0, high=1e-3
    )
    n_points: int = Field(1000, ge=10, le=1_000_000, description="points of the cloud (L3)")
    learning_rate: Number = quantity(0.1, "η of Oja, Sanger and Hebb (L3)", above=0, high=1)
    passes: int = Field(
        20, ge=2, le=10_000, description="clouds shown in each repetition, and passes of the lecture's"
    )
    n_patterns: int = Field(6, ge=2, le=100, description="patterns shown to BCM, and inputs")
    pattern_width: Number = quantity(0.6, "width of a pattern, in inputs", above=0, high=2)
    bcm_learning_rate: Number = quantity(2e-3, "η of BCM with patterns", above=0, high=0.1)
    tau_theta: Number = quantity(50.0, "time constant of the sliding threshold, in patterns", low=1, high=1e6)
    presentations: int = Field(30_000, ge=100, le=10_000_000, description="patterns shown to BCM")
    repetitions: int = Field(10, ge=2, le=10_000, description="clouds and sequences of patterns drawn")


# --- frequency of stimulation -------------------------------------------------------------------------------


def bcm_change(rate: float, threshold: float, n_pulses: int, eta: float) -> float:
    """Relative change of a weight by ``n_pulses`` at ``rate``, with BCM's threshold fixed (both Hz).

    The postsynaptic rate is v = w·rate, and w begins at 1. Rates are counted in thresholds: a pulse lasts
    threshold/rate units of time.
    """
    x = rate / threshold
    return float(learn("bcm", [[1.0]], np.full((n_pulses, 1), x), eta / x, context=1.0).weights[-1, 0, 0] - 1)


# --- principal components -----------------------------------------------------------------------------------


def cloud(random: np.random.Generator | np.random.RandomState, n: int) -> Array:
    """Points (n, 2) as in L3; ``RandomState(42)`` gives its very points."""
    x = np.linspace(-0.3, 0.3, n)
    random.shuffle(x)
    points = np.column_stack([x, -0.7 * x])
    points[:, 0] += random.standard_normal(n) / 10
    points[:, 1] += random.standard_normal(n) / 10
    return points


def hebb_path(start: Array, values: Array, eta: float, steps: Array) -> Array:
    """Mean weights along the principal directions (n_steps, 2) by Hebb: each grows by 1 + ηλ per input."""
    return start * (1 + eta * values) ** steps[:, None]


def oja_path(start: Array, values: Array, eta: float, steps: Array) -> Array:
    """Weights along the principal directions (n_steps, 2) by Oja's rule for η → 0.

    c_i(t) = c_i(0) e^{ηλ_i t} / √(1 + Σ_j c_j(0)² (e^{2ηλ_j t} − 1)).
    """
    growth = np.exp(eta * values * steps[:, None])
    return start * growth / np.sqrt(1 + (start**2 * (growth**2 - 1)).sum(axis=1, keepdims=True))


def angle_variance(eta: float, values: Array = EIGENVALUES) -> float:
    """Variance (rad²) of the angle between w and PC1 under Oja's rule, to first order in η: ηλ₁λ₂/2(λ₁ − λ₂).

    For inputs whose components along the principal directions are independent.
    """
    return float(eta * values[0] * values[1] / (2 * (values[0] - values[1])))


def alignment(w: Array, direction: Array) -> Array:
    """|cos| of the angle between weights (…, n_in) and a unit vector (n_in,)."""
    return np.abs(w @ direction) / np.linalg.norm(w, axis=-1)


def _components(settings: RateExperiments, rng: np.random.Generator) -> dict[str, list[float]]:
    """Oja, Hebb and Sanger on fresh points, in each repetition; the first half of the points is forgotten."""
    s = settings
    found: dict[str, list[float]] = {
        name: []
        for name in (
            *("oja.length", "oja.cosine", "oja.angle_variance"),
            *("hebb.growth", "sanger.cosine_1", "sanger.cosine_2"),
        )
    }
    for _ in range(s.repetitions):
        points = cloud(rng, s.passes * s.n_points)
        half = len(points) // 2
        w = learn("oja", START[None], points, s.learning_rate).weights[half:, 0]
        angle = np.arctan((w @ PRINCIPAL[1]) / (w @ PRINCIPAL[0]))
        found["oja.length"].append(float(np.linalg.norm(w, axis=1).mean()))
        found["oja.cosine"].append(float(np.cos(angle).mean()))
        found["oja.angle_variance"].append(float(np.mean(angle**2)))
        grown = learn("hebb", START[None], points[: s.n_points], s.learning_rate).weights[-1, 0]
        found["hebb.growth"].append(float(grown @ PRINCIPAL[0] / (START @ PRINCIPAL[0])))
        both = learn("sanger", np.array([START, START]), points, s.learning_rate).weights[half:]
        for k in (0, 1):
            found[f"sanger.cosine_{k + 1}"].append(float(alignment(both[:, k], PRINCIPAL[k]).mean()))
    return found


# --- selectivity --------------------------------------------------------------------------------------------


def bumps(n: int, width: float) -> Array:
    """Patterns (n, n) of length 1 on a ring of ``n`` inputs: Gaussian bumps of ``width`` inputs, one per input."""
    distance = np.abs(np.arange(n)[:, None] - np.arange(n))
    made = np.exp(-(np.minimum(distance, n - distance) ** 2) / (2 * width**2))
    return made / np.linalg.norm(made, axis=1, keepdims=True)


def selectivity(responses: Array) -> Array:
    """1 − mean over maximum of responses (…, n_patterns) (Bienenstock, Cooper & Munro 1982)."""
    return 1 - responses.mean(axis=-1) / responses.max(axis=-1)


@dataclass(frozen=True, eq=False)
class Selectivity:
    """A neuron that learns by BCM: responses (n_steps + 1, n_patterns) and θ (n_steps + 1,), or a fixed one."""

    responses: Array
    threshold: Array


def _sliding(settings: RateExperiments, patterns: Array, start: Array, shown: Indices) -> Selectivity:
    found = learn(
        "bcm",
        start[None],
        patterns[shown],
        settings.bcm_learning_rate,
        context=1.0,
        tau_theta=settings.tau_theta,
    )
    assert found.thresholds is not None
    return Selectivity(found.weights[:, 0] @ patterns.T, found.thresholds[:, 0])


def until_runaway(
    patterns: Array, start: Array, shown: Indices, eta: float, bound: float, block: int = 10
) -> Selectivity:
    """BCM with a threshold fixed at 1, until a response is beyond ``bound`` or ``shown`` (n,) is over.

    It looks every ``block`` patterns: a response v grows by η v² at a time, which is little while η·bound is.
    """
    weights, responses = start[None], [patterns @ start]
    for first in range(0, len(shown), block):
        learnt: Learnt = learn("bcm", weights, patterns[shown[first : first + block]], eta, context=1.0)
        responses.extend(learnt.weights[1:, 0] @ patterns.T)
        weights = learnt.weights[-1]
        if np.max(responses[-1]) > bound:
            break
    return Selectivity(np.array(responses), np.ones(len(responses)))


def _first_weights(patterns: Array, rng: np.random.Generator) -> Array:
    """Weights with responses near 1, and 1 on average, so that with θ = 1 some are beyond the threshold."""
    w = 1 + 0.1 * rng.standard_normal(patterns.shape[1])
    return w / (patterns @ w).mean()


# --- everything ---------------------------------------------------------------------------------------------


def run_rate(settings: RateExperiments, rng: np.random.Generator, save: SaveFigure) -> dict[str, Any]:
    """All experiments with rate-based rules: measures, and figures through ``save``."""
    return (
        _run_frequency(settings, save)
        | _run_components(settings, rng, save)
        | _run_selectivity(settings, rng, save)
    )


def _run_frequency(settings: RateExperiments, save: SaveFigure) -> dict[str, Any]:
    s = settings

    def bcm(threshold: float) -> Callable[[float], float]:
        return lambda rate: bcm_change(rate, threshold, s.n_pulses, s.pulse_learning_rate)

    def triplets(rule: PairSTDP) -> Callable[[float], float]:
        return lambda rate: s.n_pulses / rate * poisson_drift(rule, rate, rate)

    low, high = min(s.pulse_rates), max(s.pulse_rates)
    grid = np.unique(np.append(np.geomspace(low, high, 50), s.pulse_rates))
    wide = np.geomspace(0.1, 200, 500)
    moved = {
        threshold: np.array([bcm(threshold)(rate) for rate in grid]) / -bcm(threshold)(threshold / 2)
        for threshold in s.thresholds
    }
    curves = {"bcm": moved[s.thresholds[0]]}
    for name in _TRIPLETS:
        change = triplets(PUBLISHED[name])
        curves[name] = np.array([change(rate) for rate in grid]) / -min(change(rate) for rate in wide)
    metrics: dict[str, Any] = {}
    for name, curve in curves.items():
        for rate in s.pulse_rates:
            metrics[f"pulses.{name}.relative_change_{rate:g}hz"] = float(curve[np.searchsorted(grid, rate)])
    first = s.thresholds[0]
    metrics["pulses.bcm.threshold_hz"] = float(brentq(bcm(first), first / 2, 2 * first, xtol=1e-4))
    save(
        "pulse_frequency_bcm",
        frequency_figure(grid, curves, moved, s.n_pulses),
        "The same curve by BCM, beside that of the triplet rules; each in units of its deepest depression.",
    )
    return metrics


def _run_components(settings: RateExperiments, rng: np.random.Generator, save: SaveFigure) -> dict[str, Any]:
    s, points = settings, cloud(np.random.RandomState(LECTURE_SEED), settings.n_points)
    axes = np.linalg.eigh(np.cov(points.T))[1].T[::-1]
    passes = np.tile(points, (s.passes, 1))
    paths = {
        name: learn(name, START[None], points, s.learning_rate).weights[:, 0] for name in ("oja", "hebb")
    }
    both = learn("sanger", np.array([START, START]), passes, s.learning_rate).weights
    long = learn("oja", START[None], passes, s.learning_rate).weights[-s.n_points :, 0]
    metrics: dict[str, Any] = {}
    for name, path in paths.items():
        metrics[f"{name}.lecture.length_after_one_pass"] = float(np.linalg.norm(path[-1]))
        metrics[f"{name}.lecture.cosine_after_one_pass"] = float(alignment(path[-1], axes[0]))
    metrics["oja.lecture.length_last_pass"] = float(np.linalg.norm(long, axis=1).mean())
    metrics["oja.lecture.cosine_last_pass"] = float(alignment(long, axes[0]).mean())
    cosines = np.array([alignment(both[:, k], axes[k]) for k in (0, 1)])
    for k in (0, 1):
        metrics[f"sanger.lecture.cosine_{k + 1}_last_pass"] = float(cosines[k, -s.n_points :].mean())
    steps = np.arange(s.n_points + 1, dtype=float)
    theory = {
        name: np.linalg.norm(law(PRINCIPAL @ START, EIGENVALUES, s.learning_rate, steps), axis=1)
        for name, law in (("oja", oja_path), ("hebb", hebb_path))
    }
    save(
        "principal_components",
        cloud_figure(points, axes, paths, theory, cosines),
        "The lecture's points with the weights that Oja's and Sanger's rules learn from them, and their length under "
        "Hebb's rule, which has no fixed point.",
    )
    growth = hebb_path(np.ones(2), EIGENVALUES, s.learning_rate, np.array([float(s.n_points)]))
    expected = {
        "oja.angle_variance_expected": angle_variance(s.learning_rate),
        "hebb.growth_expected": float(growth[0, 0]),
    }
    return metrics | {name: estimate_mean(values) for name, values in _components(s, rng).items()} | expected


def _run_selectivity(settings: RateExperiments, rng: np.random.Generator, save: SaveFigure) -> dict[str, Any]:
    s, patterns = settings, bumps(settings.n_patterns, settings.pattern_width)
    found: dict[str, list[float]] = {
        name: []
        for name in (
            *("bcm.selectivity", "bcm.preferred_response", "bcm.threshold"),
            *("bcm.fixed.runs_away", "bcm.fixed.presentations"),
        )
    }
    examples: list[Selectivity] = []
    for _ in range(s.repetitions):
        start = _first_weights(patterns, rng)
        shown = rng.integers(s.n_patterns, size=s.presentations)
        sliding = _sliding(s, patterns, start, shown)
        fixed = until_runaway(patterns, start, shown, s.bcm_learning_rate, _RUNAWAY * s.n_patterns)
        last = sliding.responses[-(s.presentations // 5) :].mean(axis=0)
        found["bcm.selectivity"].append(float(selectivity(last)))
        found["bcm.preferred_response"].append(float(last.max()))
        found["bcm.threshold"].append(float(sliding.threshold[-(s.presentations // 5) :].mean()))
        found["bcm.fixed.runs_away"].append(float(fixed.responses[-1].max() > _RUNAWAY * s.n_patterns))
        found["bcm.fixed.presentations"].append(float(len(fixed.responses) - 1))
        examples = examples or [sliding, fixed]
    save(
        "bcm_selectivity",
        selectivity_figure(*((e.responses, e.threshold) for e in examples)),
        "Responses of a neuron that learns by BCM to each pattern over time: with a sliding threshold it keeps one "
        "pattern, with a fixed one it runs away.",
    )
    return {name: estimate_mean(values) for name, values in found.items()}
