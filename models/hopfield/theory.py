"""What theory says of a Hopfield network with ±1 neurons, random patterns and Hebb's rule, N → ∞.

Replica-symmetric theory of Amit, Gutfreund, Sompolinsky, Phys. Rev. Lett. 55, 1530 (1985) and Ann. Phys. 173, 30
(1987). Temperatures are those of P(s = 1) = 1/(1 + e^{−2h/T}) (convention ``glauber``); with 1/(1 + e^{−h/T}) all
temperatures are halved. α = K/N.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq, minimize_scalar
from scipy.special import erf, erfc, erfinv

__all__ = [
    "bit_error",
    "capacity",
    "global_capacity",
    "overlap",
    "retrieval_capacity",
    "spin_glass_temperature",
    "unsaturated_overlap",
]

#: Nodes and weights for ∫Dz over the standard normal law: an even grid, since tanh is steep at low temperatures.
_NODES = np.linspace(-8, 8, 1601)
_WEIGHTS = np.exp(-(_NODES**2) / 2)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()


def bit_error(alpha: ArrayLike) -> NDArray[np.float64]:
    """Probability ½ erfc(√(1/2α)) that a neuron leaves a stored pattern in the first synchronous step."""
    return 0.5 * erfc(np.sqrt(1 / (2 * np.asarray(alpha, dtype=float))))


def _alpha_of(y: float) -> float:
    """α at which y = m/√(2αr) solves the equations for T = 0: √(2α) = erf(y)/y − (2/√π) e^{−y²}."""
    return 0.5 * max(erf(y) / y - 2 / np.sqrt(np.pi) * np.exp(-(y**2)), 0.0) ** 2


@cache
def capacity() -> tuple[float, float]:
    """α_c and the overlap m_c there at T = 0: above α_c no retrieval state exists."""
    best = minimize_scalar(
        lambda y: -_alpha_of(y), bounds=(0.5, 4), method="bounded", options={"xatol": 1e-10}
    )
    return float(_alpha_of(best.x)), float(erf(best.x))


def overlap(alpha: float, temperature: float = 0.0) -> float:
    """Overlap m of the retrieval state with its pattern; 0 where there is none."""
    if temperature > 0:
        solution = _retrieval(alpha, temperature)
        return 0.0 if solution is None else solution[0]
    if alpha == 0:
        return 1.0
    if alpha > capacity()[0]:
        return 0.0
    return float(erf(brentq(lambda y: _alpha_of(y) - alpha, erfinv(capacity()[1]), 30)))


def unsaturated_overlap(temperature: float) -> float:
    """m = tanh(m/T) for α → 0: 0 above T = 1."""
    if temperature >= 1:
        return 0.0
    return brentq(lambda m: np.tanh(m / temperature) - m, 1e-9, 1.0) if temperature else 1.0


def spin_glass_temperature(alpha: ArrayLike) -> NDArray[np.float64]:
    """T_g = 1 + √α: above it nothing but the paramagnetic state is stable."""
    return 1 + np.sqrt(np.asarray(alpha, dtype=float))


def _branch(temperature: float, sigma: float) -> tuple[float, float, float] | None:
    """(m, q, α) of the retrieval state in noise of standard deviation σ = √(αr), or None.

    m = ∫Dz tanh β(m + σz), q = ∫Dz tanh² β(m + σz), r = q/(1 − β(1 − q))².
    """
    m, step = 1.0, 1.0
    # Newton's method; the right side is concave, so that m only falls from 1.
    while m > 1e-4 and abs(step) > 1e-12:
        activity = np.tanh((m + sigma * _NODES) / temperature)
        q = float(_WEIGHTS @ activity**2)
        slope = (1 - q) / temperature - 1
        step = (float(_WEIGHTS @ activity) - m) / slope if slope < 0 else m
        m -= step
    stiffness = 1 - (1 - q) / temperature
    if m <= 1e-4 or stiffness <= 0:
        return None
    return m, q, (sigma * stiffness) ** 2 / q


@cache
def _scan(temperature: float) -> list[tuple[float, tuple[float, float, float]]]:
    """Retrieval states by σ, from small to large."""
    states = ((sigma, _branch(temperature, sigma)) for sigma in np.geomspace(1e-3, 1.0, 500))
    return [(sigma, state) for sigma, state in states if state]


@cache
def retrieval_capacity(temperature: float) -> float:
    """α below which retrieval states exist at this temperature (the line T_M); 0 from T = 1 on."""
    if temperature == 0:
        return capacity()[0]
    scanned = _scan(temperature)
    return max((solution[2] for _, solution in scanned), default=0.0)


def _retrieval(alpha: float, temperature: float) -> tuple[float, float] | None:
    """(m, q) at α: the solution of least noise, which is the stable one."""
    if alpha == 0:
        m = unsaturated_overlap(temperature)
        return (m, m**2) if m else None
    below = 0.0
    for sigma, solution in _scan(temperature):
        if solution[2] >= alpha:

            def excess(x: float) -> float:
                state = _branch(temperature, x)
                return (state[2] if state else 0.0) - alpha

            sigma = brentq(excess, below or 1e-9, sigma, xtol=1e-9)
            m, q, _ = _branch(temperature, sigma)
            return m, q
        below = sigma
    return None


def _free_energy(m: float, q: float, alpha: float, temperature: float) -> float:
    """Replica-symmetric free energy per neuron (Amit et al. 1987, with one condensed pattern)."""
    beta = 1 / temperature
    stiffness = 1 - beta * (1 - q)
    r = q / stiffness**2
    local = np.abs(m + np.sqrt(alpha * r) * _NODES) * beta
    log_2cosh = local + np.log1p(np.exp(-2 * local))
    return float(
        alpha / 2
        + m**2 / 2
        + alpha / (2 * beta) * (np.log(stiffness) - beta * q / stiffness)
        + alpha * beta * r * (1 - q) / 2
        - _WEIGHTS @ log_2cosh / beta
    )


def _glass(alpha: float, temperature: float) -> float:
    """q of the spin-glass state at T < T_g: m = 0, q = ∫Dz tanh² βσz with σ = √(αr)."""

    def order(sigma: float) -> float:
        return float(_WEIGHTS @ np.tanh(sigma * _NODES / temperature) ** 2)

    def excess(sigma: float) -> float:
        q = order(sigma)
        return sigma * (1 - (1 - q) / temperature) / np.sqrt(q) - np.sqrt(alpha)

    return order(brentq(excess, 1e-6, 5.0, xtol=1e-12))


@cache
def global_capacity(temperature: float) -> float:
    """α below which retrieval states are the global minima of the free energy (the line T_c)."""

    def advantage(alpha: float) -> float:
        m, q = _retrieval(alpha, temperature) or (0.0, 0.0)
        return _free_energy(m, q, alpha, temperature) - _free_energy(
            0.0, _glass(alpha, temperature), alpha, temperature
        )

    most = retrieval_capacity(temperature) * 0.999
    if most <= 1e-6:
        return 0.0
    return most if advantage(most) < 0 else brentq(advantage, 1e-6, most, xtol=1e-5)
