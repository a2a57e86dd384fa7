"""Selectivity by BCM: a neuron that is shown overlapping patterns, with a sliding and with a fixed threshold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spikingsampling.models.hebbian import Learnt, learn
from spikingsampling.protocols.studies.plasticity.settings import RateExperiments

__all__ = [
    "RUNAWAY",
    "Responses",
    "bumps",
    "first_weights",
    "has_run_away",
    "last_part",
    "learn_selectivity",
    "selectivity",
    "until_runaway",
]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]
#: A response that is this many times that of the stable fixed point has run away.
RUNAWAY = 10.0


def bumps(n: int, width: float) -> Array:
    """Patterns (n, n) of length 1 on a ring of ``n`` inputs: Gaussian bumps of ``width`` inputs, one per input."""
    distance = np.abs(np.arange(n)[:, None] - np.arange(n))
    patterns = np.exp(-(np.minimum(distance, n - distance) ** 2) / (2 * width**2))
    return patterns / np.linalg.norm(patterns, axis=1, keepdims=True)


def selectivity(responses: Array) -> Array:
    """1 − mean over maximum of responses (…, n_patterns) (Bienenstock, Cooper & Munro 1982)."""
    return 1 - responses.mean(axis=-1) / responses.max(axis=-1)


@dataclass(frozen=True, eq=False)
class Responses:
    """How a neuron learns by BCM.

    Attributes
    ----------
    responses : (n_steps + 1, n_patterns) array
        To each pattern, before the first and after each presentation.
    threshold : (n_steps + 1,) array
        θ_v.
    """

    responses: Array
    threshold: Array


def sliding_threshold(settings: RateExperiments, patterns: Array, start: Array, order: Indices) -> Responses:
    """BCM with a sliding threshold that begins at 1, from weights ``start`` and with patterns in ``order`` (n,)."""
    learnt = learn(
        "bcm",
        start[None],
        patterns[order],
        settings.bcm_learning_rate,
        context=1.0,
        tau_theta=settings.tau_theta,
    )
    assert learnt.thresholds is not None
    return Responses(learnt.weights[:, 0] @ patterns.T, learnt.thresholds[:, 0])


def until_runaway(
    patterns: Array, start: Array, order: Indices, eta: float, bound: float, block: int = 10
) -> Responses:
    """BCM with a threshold fixed at 1, until a response is beyond ``bound`` or ``order`` (n,) is over.

    It looks every ``block`` patterns: a response v grows by η v² at a time, which is little while η·bound is.
    """
    weights, responses = start[None], [patterns @ start]
    for first in range(0, len(order), block):
        learnt: Learnt = learn("bcm", weights, patterns[order[first : first + block]], eta, context=1.0)
        responses.extend(learnt.weights[1:, 0] @ patterns.T)
        weights = learnt.weights[-1]
        if np.max(responses[-1]) > bound:
            break
    return Responses(np.array(responses), np.ones(len(responses)))


def first_weights(patterns: Array, rng: np.random.Generator) -> Array:
    """Weights with responses near 1, and 1 on average, so that with θ = 1 some are beyond the threshold."""
    w = 1 + 0.1 * rng.standard_normal(patterns.shape[1])
    return w / (patterns @ w).mean()


def last_part(values: Array, presentations: int) -> Array:
    """Mean over the last fifth of the presentations, of values (n_steps + 1, …)."""
    return values[-(presentations // 5) :].mean(axis=0)


def has_run_away(responses: Array) -> bool:
    """Whether a response at the end of (n_steps + 1, n_patterns) is beyond :data:`RUNAWAY` times n_patterns."""
    return bool(responses[-1].max() > RUNAWAY * responses.shape[1])


def learn_selectivity(
    settings: RateExperiments, rng: np.random.Generator
) -> tuple[dict[str, list[float]], Responses, Responses]:
    """Measures of each repetition by name; how the first one learns with a sliding and with a fixed threshold."""
    s, patterns = settings, bumps(settings.n_patterns, settings.pattern_width)
    measures: dict[str, list[float]] = {
        name: []
        for name in (
            *("bcm.selectivity", "bcm.preferred_response", "bcm.threshold"),
            *("bcm.fixed.runs_away", "bcm.fixed.presentations"),
        )
    }
    examples: list[Responses] = []
    for _ in range(s.repetitions):
        start = first_weights(patterns, rng)
        order = rng.integers(s.n_patterns, size=s.presentations)
        sliding = sliding_threshold(s, patterns, start, order)
        fixed = until_runaway(patterns, start, order, s.bcm_learning_rate, RUNAWAY * s.n_patterns)
        last = last_part(sliding.responses, s.presentations)
        measures["bcm.selectivity"].append(float(selectivity(last)))
        measures["bcm.preferred_response"].append(float(last.max()))
        measures["bcm.threshold"].append(float(last_part(sliding.threshold, s.presentations)))
        measures["bcm.fixed.runs_away"].append(float(has_run_away(fixed.responses)))
        measures["bcm.fixed.presentations"].append(float(len(fixed.responses) - 1))
        examples = examples or [sliding, fixed]
    return measures, examples[0], examples[1]
