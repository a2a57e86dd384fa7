"""Synapses under prior and noise alone: θ is the space in which their change is Gaussian, exactly.

θ(t) is an Ornstein-Uhlenbeck process, and w = e^{θ−θ0}. The likelihood is another matter: a gradient in θ moves
weights in the dual −1/w.
"""

from __future__ import annotations

import numpy as np

from spikingsampling.analysis.geometry import Reading, read_change
from spikingsampling.inference import GaussianPrior
from spikingsampling.network.parameters import CircuitParameters

__all__ = ["LAGS", "drift", "read_motility"]

#: Lags at which changes are read, by name (s).
LAGS = {"5min": 300.0, "30min": 1800.0, "3h": 10_800.0}


def drift(n: int, lag: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """θ (n,) from the prior of the published circuit, and after ``lag`` seconds of prior and noise."""
    circuit = CircuitParameters()
    prior = circuit.prior
    assert isinstance(prior, GaussianPrior)
    theta = prior.sample(rng, n)
    decay, sd = prior.transition(circuit.b * lag, circuit.temperature)
    return theta, prior.mean + decay * (theta - prior.mean) + sd * rng.standard_normal(n)


def read_motility(n: int, lag: float, rng: np.random.Generator) -> dict[str, Reading]:
    """The change of θ read as θ and through maps of w = e^{θ−θ0}; and θ of synapses that are active at both ends."""
    theta_0 = CircuitParameters().theta_0
    start, end = drift(n, lag, rng)

    def weight(theta: np.ndarray) -> np.ndarray:
        return np.exp(theta - theta_0)

    maps = {
        "theta": lambda theta: theta,
        "w": weight,
        "sqrt_w": lambda theta: np.sqrt(weight(theta)),
        "burg": lambda theta: -1 / weight(theta),
        "active_w": lambda theta: np.where(theta > 0, weight(theta), 0.0),
    }
    seen = (start > 0) & (end > 0)
    survivors = read_change(start[seen], end[seen], {"survivors": lambda theta: theta})
    return read_change(start, end, maps) | survivors
