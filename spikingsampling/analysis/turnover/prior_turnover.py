"""Turnover of synapses that only prior and noise move: closed forms and quadrature, to test against.

Without input, the rule of Kappel et al., PLOS Comput Biol 2015, leaves an Ornstein-Uhlenbeck process:
dθ = b (μ − θ)/σ² dt + √(2Tb) dW (Itô). Its stationary law is N(μ, Tσ²), in general p_S^(1/T); its autocorrelation
is e^{−bt/σ²}. A synapse is active while θ is above a threshold, and is sampled at regular times.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr
from scipy.stats import multivariate_normal

from ..._checks import finite_number, whole_number
from ...errors import ParameterError
from ...inference.priors import GaussianPrior

__all__ = ["PriorTurnover"]

#: Standard deviations of the stationary law at which the quadrature ends; what lies beyond weighs 1e-23.
REACH = 10.0
#: Nodes per width of the transition kernel: the error of Gauss-Legendre then is that of rounding.
NODES_PER_WIDTH = 3.0
#: The largest kernel matrix is 4000², 128 MB.
MAX_NODES = 4000


@dataclass(frozen=True)
class PriorTurnover:
    """Synapses under prior and noise alone, in the stationary state, seen every ``interval``.

    Parameters
    ----------
    prior : GaussianPrior
    b : float
        Learning rate (1/s), more than 0.
    interval : float
        Between two samples (s), more than 0.
    temperature : float
        More than 0: without noise nothing turns over.
    threshold : float
        A synapse is active where θ is above it.

    Raises
    ------
    ParameterError
        A number is out of range, or the interval is so short that the quadrature would need too many nodes.
    """

    prior: GaussianPrior = field(default_factory=GaussianPrior)
    b: float = 1e-4
    interval: float = 1800.0
    temperature: float = 1.0
    threshold: float = 0.0

    def __post_init__(self) -> None:
        for name in ("b", "interval", "temperature"):
            value = finite_number(f"PriorTurnover.{name}", getattr(self, name))
            if value <= 0:
                raise ParameterError(f"PriorTurnover.{name} = {value!r}: must be finite and more than 0")
            object.__setattr__(self, name, value)
        object.__setattr__(self, "threshold", finite_number("PriorTurnover.threshold", self.threshold))

    def autocorrelation(self, lag: float) -> float:
        """Correlation of θ with itself ``lag`` seconds later, e^{−b lag/σ²}."""
        return self.prior.transition(self.b * lag, self.temperature)[0]

    @property
    def stationary_sd(self) -> float:
        """Standard deviation σ√T of θ."""
        return self.prior.sd * math.sqrt(self.temperature)

    @property
    def _level(self) -> float:
        """The threshold in standard deviations from the mean."""
        return (self.threshold - self.prior.mean) / self.stationary_sd

    @property
    def active(self) -> float:
        """Probability that a synapse is active, 1 − Φ((threshold − μ)/(σ√T))."""
        return float(ndtr(-self._level))

    @property
    def formation(self) -> float:
        """Synapses that form in an interval per active synapse; as many retract, since the state is stationary.

        P(inactive, then active)/P(active), from the bivariate normal law of two samples.
        """
        rho = self.autocorrelation(self.interval)
        both = multivariate_normal([0, 0], [[1, rho], [rho, 1]], allow_singular=True).cdf(
            [-self._level, -self._level]
        )
        return (self.active - float(both)) / self.active

    def survival(self, n_intervals: int) -> NDArray[np.float64]:
        """Fraction (n_intervals + 1,) of new synapses that are active at each of the next samples; the first is 1.

        New are those that are active and were not one interval before. In the stationary state all new synapses
        have the same law, so the Kaplan-Meier estimate of all of them finds it, too. The density of the survivors,
        ``f_{n+1}(θ') = ∫_{θ > threshold} f_n(θ) p(θ'|θ) dθ``, is carried on Gauss-Legendre nodes; it is exact to
        rounding.

        Raises
        ------
        ParameterError
            ``n_intervals`` is negative, or the interval is too short for the quadrature.
        """
        n_intervals = whole_number("n_intervals", n_intervals, low=0)
        rho = self.autocorrelation(self.interval)
        width = math.sqrt(-math.expm1(2 * math.log(rho))) if rho > 0 else 1.0
        low, high = self._level, max(self._level, 0.0) + REACH
        low = max(low, -REACH)
        n_nodes = max(100, math.ceil(NODES_PER_WIDTH * (high - low) / width))
        if n_nodes > MAX_NODES:
            shortest = self.interval * (n_nodes / MAX_NODES) ** 2
            raise ParameterError(
                f"PriorTurnover.interval = {self.interval!r} s: must be at least about {shortest:.3g} s, so that "
                f"{MAX_NODES} nodes resolve one step"
            )
        nodes, weights = np.polynomial.legendre.leggauss(n_nodes)
        z = low + (high - low) * (nodes + 1) / 2
        weights = weights * (high - low) / 2
        kernel = _normal((z - rho * z[:, None]) / width) / width  # from row to column
        # The process is reversible: where a synapse was before follows the same kernel.
        density = _normal(z) * ndtr((self._level - rho * z) / width)
        mass = [float(weights @ density)]
        for _ in range(n_intervals):
            density = (weights * density) @ kernel
            mass.append(float(weights @ density))
        return np.array(mass) / mass[0]


def _normal(z: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.exp(-0.5 * z**2) / math.sqrt(2 * math.pi)
