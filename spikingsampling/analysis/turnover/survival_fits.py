"""Laws of survival, fitted by maximum likelihood to lifetimes that are known only between samples.

A synapse seen active at t_a and inactive at t_b contributes S(t_a) − S(t_b) to the likelihood, one still active at
the end S(t_a). So all laws are fitted to the same data and can be compared by their AIC.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.special import expit, logit

from ...errors import ParameterError, UnknownNameError
from .lifetimes import Lifetimes

__all__ = ["SURVIVAL_LAWS", "SurvivalFit", "SurvivalLaw", "fit_survival"]

Array = NDArray[np.float64]
#: Standard errors on each side of a 95 % interval.
Z95 = 1.959964


@dataclass(frozen=True)
class SurvivalLaw:
    """A law S(t) with its parameters.

    Attributes
    ----------
    parameters : tuple of str
        Positive numbers, fitted as their logarithm, or fractions (``fraction``, ``stable``), fitted as their logit.
    survival : callable
        S of times (s) and the parameters, in their order.
    starts : callable
        First guesses of the parameters, given the typical lifetime (s).
    """

    parameters: tuple[str, ...]
    survival: Callable[..., Array]
    starts: Callable[[float], list[tuple[float, ...]]]

    def is_fraction(self, name: str) -> bool:
        """Whether a parameter lies between 0 and 1 rather than above 0."""
        return name in ("fraction", "stable")


#: The laws that can be fitted; times and time constants τ in s, S(0) = 1.
SURVIVAL_LAWS: dict[str, SurvivalLaw] = {
    "exponential": SurvivalLaw(("tau",), lambda t, tau: np.exp(-t / tau), lambda s: [(s,)]),
    "exponential_offset": SurvivalLaw(
        ("stable", "tau"),
        lambda t, stable, tau: stable + (1 - stable) * np.exp(-t / tau),
        lambda s: [(0.1, s), (0.5, s / 3)],
    ),
    "two_exponentials": SurvivalLaw(
        ("fraction", "tau_fast", "tau_slow"),
        lambda t, fraction, fast, slow: fraction * np.exp(-t / fast) + (1 - fraction) * np.exp(-t / slow),
        lambda s: [(0.5, s / 4, 3 * s), (0.3, s / 10, 10 * s), (0.8, s / 2, 20 * s)],
    ),
    "power_law": SurvivalLaw(
        ("tau", "exponent"),
        lambda t, tau, exponent: np.exp(-exponent * np.log1p(t / tau)),
        lambda s: [(s, 1.0), (s / 10, 0.5), (10 * s, 10.0)],
    ),
}


@dataclass(frozen=True)
class SurvivalFit:
    """A law of survival with its fitted parameters.

    Attributes
    ----------
    law : str
        ``exponential``: e^{−t/τ}. ``exponential_offset``: c + (1 − c) e^{−t/τ} with c = ``stable``.
        ``two_exponentials``: f e^{−t/τ_fast} + (1 − f) e^{−t/τ_slow}. ``power_law``: (1 + t/τ)^{−exponent}.
    parameters : dict of str to float
        Time constants in s, the others without unit.
    intervals : dict of str to (float, float)
        95 % intervals from the curvature of the likelihood in the logarithm (fractions: logit) of the parameters;
        the whole range, (0, inf) or (0, 1), where the data do not bound a parameter. Synapses are counted as
        independent. Where they compete, or one of them forms often, the intervals are too narrow; compare seeds.
    log_likelihood : float
        Of the grouped, censored lifetimes (natural logarithm).
    n_synapses : int
        Lifetimes that were fitted.
    """

    law: str
    parameters: dict[str, float]
    intervals: dict[str, tuple[float, float]]
    log_likelihood: float
    n_synapses: int

    @property
    def aic(self) -> float:
        """Akaike's information criterion, 2 k − 2 log L with k parameters; smaller is better."""
        return 2 * len(self.parameters) - 2 * self.log_likelihood

    def survival(self, times: ArrayLike) -> Array:
        """S at ``times`` since formation (s), of any shape."""
        law = SURVIVAL_LAWS[self.law]
        return law.survival(np.asarray(times, dtype=float), *self.parameters.values())


def fit_survival(lifetimes: Lifetimes, law: str) -> SurvivalFit:
    """Fit one of :data:`SURVIVAL_LAWS` by maximum likelihood.

    Parameters
    ----------
    lifetimes : Lifetimes
        Of a cohort or of all new synapses.
    law : str

    Raises
    ------
    UnknownNameError
        There is no such law.
    ParameterError
        The lifetimes end in fewer different intervals than the law has parameters.
    """
    if law not in SURVIVAL_LAWS:
        raise UnknownNameError("law of survival", law, SURVIVAL_LAWS)
    survival_law = SURVIVAL_LAWS[law]
    pairs = np.stack([lifetimes.last_active, lifetimes.first_inactive], axis=1)
    cells, counts = np.unique(pairs, axis=0, return_counts=True)
    ended = np.isfinite(cells[:, 1])
    n_ends = int(ended.sum())
    if n_ends < len(survival_law.parameters):
        raise ParameterError(
            f"lifetimes: end in {n_ends} different intervals; {law} has {len(survival_law.parameters)} parameters and "
            "needs as many"
        )
    from_times, to_times = cells[:, 0], np.where(ended, cells[:, 1], 0.0)
    fractions = np.array([survival_law.is_fraction(name) for name in survival_law.parameters])

    def natural(point: Array) -> Array:
        return np.where(fractions, expit(point), np.exp(np.where(fractions, 0.0, point)))

    def loss(point: Array) -> float:
        parameters = natural(point)
        survivors = np.where(ended, survival_law.survival(to_times, *parameters), 0.0)
        probability = survival_law.survival(from_times, *parameters) - survivors
        return -float(counts @ np.log(np.maximum(probability, 1e-300)))

    ends = cells[ended]
    scale = float(np.average(ends.mean(axis=1), weights=counts[ended]))
    shortest, longest = float(np.min(ends[:, 1])), float(np.max(cells[np.isfinite(cells)]))
    bounds = [_bounds(name, shortest, longest, survival_law) for name in survival_law.parameters]
    point, lowest = _minimum(loss, survival_law.starts(scale), fractions, bounds)
    if law == "two_exponentials" and point[1] > point[2]:
        point = np.array([-point[0], point[2], point[1]])
    parameters = dict(zip(survival_law.parameters, natural(point).tolist(), strict=True))
    intervals = {}
    half_widths = _half_widths(loss, point, bounds)
    for k, name in enumerate(survival_law.parameters):
        low, high = (float(natural(point + sign * half_widths)[k]) for sign in (-1, 1))
        intervals[name] = (low, high)
    return SurvivalFit(law, parameters, intervals, -lowest, len(pairs))


def _minimum(
    loss: Callable[[Array], float],
    starts: Sequence[tuple[float, ...]],
    fractions: NDArray[np.bool_],
    bounds: Sequence[tuple[float, float]],
) -> tuple[Array, float]:
    """The lowest of the minima that are reached from ``starts`` (natural parameters): the point and the loss."""
    ends = []
    for start in starts:
        point = [
            logit(value) if is_fraction else math.log(value)
            for value, is_fraction in zip(start, fractions, strict=True)
        ]
        point = [min(max(value, low), high) for value, (low, high) in zip(point, bounds, strict=True)]
        ends.append(minimize(loss, point, method="Nelder-Mead", bounds=bounds, options=_OPTIONS))
    best = min(ends, key=lambda end: end.fun)
    return best.x, float(best.fun)


_OPTIONS = {"xatol": 1e-7, "fatol": 1e-9, "maxiter": 20_000, "maxfev": 20_000, "adaptive": True}


def _bounds(name: str, shortest: float, longest: float, law: SurvivalLaw) -> tuple[float, float]:
    """Of a transformed parameter, so wide that beyond them no sample could tell a difference."""
    if law.is_fraction(name):
        return -15.0, 15.0
    if name == "exponent":
        return math.log(1e-4), math.log(1e6)
    return math.log(1e-4 * shortest), math.log(1e6 * longest)


def _half_widths(
    loss: Callable[[Array], float], point: Array, bounds: Sequence[tuple[float, float]]
) -> Array:
    """Half the 95 % intervals at a minimum of the loss, from its second derivatives; infinite where it is flat."""
    n, step = len(point), 1e-3
    unit = step * np.eye(n)
    hessian = np.empty((n, n))
    for i in range(n):
        for j in range(n):
            corners = [s * t * loss(point + s * unit[i] + t * unit[j]) for s in (1, -1) for t in (1, -1)]
            hessian[i, j] = sum(corners) / (4 * step**2)
    inside = all(low + 0.1 < x < high - 0.1 for x, (low, high) in zip(point, bounds, strict=True))
    if not inside or np.linalg.eigvalsh(hessian)[0] <= 1e-6:
        return np.full(n, np.inf)
    return Z95 * np.sqrt(np.diag(np.linalg.inv(hessian)))
