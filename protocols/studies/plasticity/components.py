"""Principal components: what Oja's, Sanger's and Hebb's rule learn from the cloud of points of lecture 003."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spikingsampling.models.hebbian import learn
from spikingsampling.protocols.studies.plasticity.settings import RateExperiments

__all__ = [
    "EIGENVALUES",
    "LECTURE_SEED",
    "PRINCIPAL",
    "START",
    "LectureCloud",
    "alignment",
    "angle",
    "angle_variance",
    "cloud",
    "fresh_points",
    "hebb_path",
    "learn_lecture",
    "oja_path",
]

Array = NDArray[np.float64]
#: Seed of the cloud and first weights of lecture 003.
LECTURE_SEED = 42
START = np.array([0.1, 0.4])
#: Principal directions (rows) of the law of the cloud, and the variance along each: x is uniform on ±0.3, y = −0.7 x,
#: and both have noise of standard deviation 0.1.
PRINCIPAL = np.array([[1.0, -0.7], [0.7, 1.0]]) / np.sqrt(1.49)
EIGENVALUES = np.array([0.3**2 / 3 * 1.49 + 0.01, 0.01])


def cloud(random: np.random.Generator | np.random.RandomState, n: int) -> Array:
    """Points (n, 2) of lecture 003; ``RandomState(42)`` gives its very points."""
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


def angle(w: Array) -> Array:
    """Angle (rad) of weights (…, 2) from the first principal direction, from −π/2 to π/2."""
    return np.arctan((w @ PRINCIPAL[1]) / (w @ PRINCIPAL[0]))


def fresh_points(settings: RateExperiments, rng: np.random.Generator) -> dict[str, list[float]]:
    """Measures of Oja, Hebb and Sanger on new points in each repetition, without the first half of the points."""
    s = settings
    measures: dict[str, list[float]] = {
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
        measures["oja.length"].append(float(np.linalg.norm(w, axis=1).mean()))
        measures["oja.cosine"].append(float(np.cos(angle(w)).mean()))
        measures["oja.angle_variance"].append(float(np.mean(angle(w) ** 2)))
        grown = learn("hebb", START[None], points[: s.n_points], s.learning_rate).weights[-1, 0]
        measures["hebb.growth"].append(float(grown @ PRINCIPAL[0] / (START @ PRINCIPAL[0])))
        both = learn("sanger", np.array([START, START]), points, s.learning_rate).weights[half:]
        for k in (0, 1):
            measures[f"sanger.cosine_{k + 1}"].append(float(alignment(both[:, k], PRINCIPAL[k]).mean()))
    return measures


@dataclass(frozen=True, eq=False)
class LectureCloud:
    """What the rules learn from the lecture's points.

    Attributes
    ----------
    points : (n, 2) array
    axes : (2, 2) array
        Principal directions of the points, rows.
    paths : dict of (n + 1, 2) arrays
        Weights in the first pass, of ``oja`` and ``hebb``.
    last_pass : (n, 2) array
        Weights in the last pass, of Oja's rule.
    cosines : (2, n · passes + 1) array
        |cos| between each output of Sanger's rule and its principal direction.
    """

    points: Array
    axes: Array
    paths: Mapping[str, Array]
    last_pass: Array
    cosines: Array

    def metrics(self) -> dict[str, float]:
        """Lengths and cosines after the first pass and in the last one."""
        metrics: dict[str, float] = {}
        for name, path in self.paths.items():
            metrics[f"{name}.lecture.length_after_one_pass"] = float(np.linalg.norm(path[-1]))
            metrics[f"{name}.lecture.cosine_after_one_pass"] = float(alignment(path[-1], self.axes[0]))
        metrics["oja.lecture.length_last_pass"] = float(np.linalg.norm(self.last_pass, axis=1).mean())
        metrics["oja.lecture.cosine_last_pass"] = float(alignment(self.last_pass, self.axes[0]).mean())
        for k in (0, 1):
            last = self.cosines[k, -len(self.points) :]
            metrics[f"sanger.lecture.cosine_{k + 1}_last_pass"] = float(last.mean())
        return metrics


def learn_lecture(settings: RateExperiments) -> LectureCloud:
    """Show the lecture's points to Oja's and Hebb's rule once, and in many passes to Oja's and Sanger's."""
    s, points = settings, cloud(np.random.RandomState(LECTURE_SEED), settings.n_points)
    axes = np.linalg.eigh(np.cov(points.T))[1].T[::-1]
    passes = np.tile(points, (s.passes, 1))
    paths = {
        name: learn(name, START[None], points, s.learning_rate).weights[:, 0] for name in ("oja", "hebb")
    }
    both = learn("sanger", np.array([START, START]), passes, s.learning_rate).weights
    last_pass = learn("oja", START[None], passes, s.learning_rate).weights[-s.n_points :, 0]
    cosines = np.array([alignment(both[:, k], axes[k]) for k in (0, 1)])
    return LectureCloud(points, axes, paths, last_pass, cosines)
