"""Linear regression by several potentials, and which dual map finds them again."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spikingsampling.analysis.geometry import Reading, delta_cdf, read_change
from spikingsampling.inference import Potential
from spikingsampling.models.geometry import correlated_inputs, fit, log_normal_weights

from .configuration import RegressionSettings
from .readings import MAPS, Readings

__all__ = ["RATES", "Outcome", "choose_rate", "log_weights", "regress", "trained"]

Array = NDArray[np.float64]

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


def _problem(
    c: RegressionSettings, d: int, normal: bool, rng: np.random.Generator
) -> tuple[Array, Array, Array]:
    n = int(d**c.exponent)
    inputs, labels = correlated_inputs(n, d, c.power, rng), rng.choice([-1.0, 1.0], n)
    width = 1 / math.sqrt(d)
    w0 = width * rng.standard_normal(d) if normal else log_normal_weights(d, width, rng)
    return w0, inputs, labels


def choose_rate(potential: Potential, problem: tuple[Array, Array, Array], epochs: int) -> tuple[float, int]:
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


def trained(
    potential: Potential, c: RegressionSettings, d: int, rng: np.random.Generator, *, normal: bool = True
) -> Outcome:
    """Weights before and after training on data sets of their own; the rate is chosen on one more.

    They start from N(0, 1/D), or log-normal with mean and sd 1/√D and random signs. Where learning diverges the rate of
    that data set is halved until it does not: −1/w of small weights diverges with some labels.
    """
    rate, epochs = choose_rate(potential, _problem(c, d, normal, rng), c.epochs)
    starts, ends, worst, halved = [], [], 0.0, 0
    for _ in range(c.repetitions):
        w0, inputs, labels = _problem(c, d, normal, rng)
        own, loss, w = rate, math.nan, w0
        while not math.isfinite(loss):
            (w,), (loss,) = fit(potential, w0, inputs, labels, [own], epochs)
            halved += own == rate and not math.isfinite(loss)
            own /= 2
        starts.append(w0)
        ends.append(w)
        worst = max(worst, float(loss))
    log = logging.getLogger("spikingsampling.run")
    told = potential.name, d, rate, halved, c.repetitions, epochs, worst
    log.info("%s, D = %d: rate %.2g, less in %d of %d, %d epochs, loss %.2g at most", *told)
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
