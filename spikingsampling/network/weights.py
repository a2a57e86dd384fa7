"""The weight of a synapse: in the learning rule, and on the membrane."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["membrane_weight", "on_membrane", "rule_weight"]


def rule_weight(theta: ArrayLike, theta_0: float) -> NDArray[np.float64]:
    """w = e^{θ−θ0}, the weight in the learning rule; of the shape of ``theta``."""
    return np.exp(_real(theta) - theta_0)


def on_membrane(weight: ArrayLike, theta_0: float) -> NDArray[np.float64]:
    """max(0, w − e^{−θ0}), what a weight of the rule adds to a PSP: 0 where the synapse is retracted (θ ≤ 0)."""
    return np.maximum(0.0, _real(weight) - np.exp(-theta_0))


def membrane_weight(theta: ArrayLike, theta_0: float) -> NDArray[np.float64]:
    """max(0, e^{θ−θ0} − e^{−θ0}), the weight on the membrane; of the shape of ``theta``."""
    return on_membrane(rule_weight(theta, theta_0), theta_0)


def _real(values: ArrayLike) -> NDArray[np.floating]:
    """Floats as they are; integers as doubles, since in their own type arithmetic wraps round or loses digits."""
    array = np.asarray(values)
    return array if array.dtype.kind == "f" else array.astype(float)
