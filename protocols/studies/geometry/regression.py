"""Linear regression by several potentials, and which dual map finds them again."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spikingsampling.analysis.geometry import Reading, delta_cdf, read_change
from spikingsampling.inference import Potential
from spikingsampling.models.geometry import correlated_inputs, fit, log_normal_weights

from .configuration import RegressionSettings
from .readings import MAPS, Readings

__all__ = [
    "RATES",
    "Outcome",
    "Problem",
    "choose_rate",
    "learn",
    "log_weights",
    "regress",
    "start",
    "trained",
]

Array = NDArray[np.float64]
#: Weights at the start, inputs, and labels.
Problem = tuple[Array, Array, Array]

#: Learning rates that are tried; Burg's dual is larger by orders of magnitude, and leaves its domain at high rates.
RATES = {
    **dict.fromkeys(("entropy", "2-norm", "3-norm"), np.logspace(-7, -1, 16)),
    "burg": np.logspace(-5, 1, 16),
}
#: What counts as fitted, and how often epochs are added until it is.
_FITTED, _ATTEMPTS = 1e-3, 5


@dataclass(frozen=True)
class Outcome:
    """Weights before and after training, both (repetitions, D), and the largest loss."""

    start: Array
    end: Array
    loss: float

    def readings(self) -> list[Readings]:
        """Every repetition through all maps."""
        return [read_change(*pair, MAPS) for pair in zip(self.start, self.end, strict=True)]

    def sign_changes(self) -> list[float]:
        """The fraction of weights that have changed their sign, for each repetition."""
        return np.mean(np.sign(self.start) != np.sign(self.end), axis=1).tolist()


def _problem(c: RegressionSettings, d: int, normal: bool, rng: np.random.Generator) -> Problem:
    n = int(d**c.exponent)
    inputs, labels = correlated_inputs(n, d, c.power, rng), rng.choice([-1.0, 1.0], n)
    width = 1 / math.sqrt(d)
    return start(d, width, normal, rng), inputs, labels


def start(shape: int | tuple[int, ...], width: float, normal: bool, rng: np.random.Generator) -> Array:
    """Weights at the start: Gaussian with sd ``width``, or log-normal with this mean and sd, and random signs."""
    return width * rng.standard_normal(shape) if normal else log_normal_weights(shape, width, rng)


def choose_rate(potential: Potential, problem: Problem, epochs: int) -> tuple[float, int]:
    """The rate with the least loss (the first if all diverge), and the epochs after which that is below 1e-3.

    They are a multiple of ``epochs``, five times at most.
    """
    rates = RATES[potential.name]
    rate, total = float(rates[0]), epochs
    for attempt in range(_ATTEMPTS):
        total = epochs * (attempt + 1)
        _, losses = fit(potential, *problem, rates, total)
        best = int(np.argmin(np.where(np.isfinite(losses), losses, np.inf)))
        rate = float(rates[best])
        if losses[best] < _FITTED:
            break
    return rate, total


def learn(
    potential: Potential, draw: Callable[[], Problem], epochs: int, repetitions: int, told: str
) -> tuple[list[Array], list[Array], float]:
    """Weights before and after training, for each of as many problems, and the largest loss.

    The rate is chosen on one more problem, the first. Where learning diverges the rate of that problem is halved until
    it does not: −1/w of small weights diverges with some labels. ``told`` is what the log calls them.
    """
    rate, epochs = choose_rate(potential, draw(), epochs)
    starts, ends, worst, halved = [], [], 0.0, 0
    for _ in range(repetitions):
        w0, inputs, labels = draw()
        own, loss, w = rate, math.nan, w0
        while not math.isfinite(loss):
            (w,), (loss,) = fit(potential, w0, inputs, labels, [own], epochs)
            halved += own == rate and not math.isfinite(loss)
            own /= 2
        starts.append(w0)
        ends.append(w)
        worst = max(worst, float(loss))
    log = logging.getLogger("spikingsampling.run")
    values = potential.name, told, rate, halved, repetitions, epochs, worst
    log.info("%s, %s: rate %.2g, less in %d of %d, %d epochs, loss %.2g at most", *values)
    return starts, ends, worst


def trained(
    potential: Potential, c: RegressionSettings, d: int, rng: np.random.Generator, *, normal: bool = True
) -> Outcome:
    """Weights before and after training on data sets of their own.

    They start from N(0, 1/D), or log-normal with mean and sd 1/√D and random signs.
    """
    starts, ends, worst = learn(
        potential, lambda: _problem(c, d, normal, rng), c.epochs, c.repetitions, f"D = {d}"
    )
    return Outcome(np.array(starts), np.array(ends), worst)


def regress(
    potential: Potential, c: RegressionSettings, rng: np.random.Generator
) -> dict[int, list[Readings]]:
    """Readings for each D. Burg's potential starts from log-normal weights: −1/w of Gaussian ones has no variance."""
    normal = potential.name != "burg"
    return {d: trained(potential, c, d, rng, normal=normal).readings() for d in c.sizes}


def log_weights(weights: Array) -> list[Reading]:
    """How Gaussian log|w| is (centred), for each row of ``weights`` (repetitions, D): 0 is log-normal."""
    logs = np.log(np.abs(weights))
    return [Reading(delta_cdf(row, centred=True), len(row), 1.0, 0.0, True) for row in logs]
