"""A change of weights, read through the maps of several dual spaces."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import kurtosis

from ..._checks import finite_array
from ...errors import ParameterError
from .normality import delta_cdf, gaussian_bound, gaussian_floor

__all__ = ["Map", "Reading", "read_change"]

#: A dual map φ′, elementwise.
Map = Callable[[NDArray[np.float64]], NDArray[np.float64]]


@dataclass(frozen=True)
class Reading:
    """How Gaussian a change is in one dual space.

    Attributes
    ----------
    delta_cdf : float
    n : int
        Weights.
    magnitude : float
        ‖d‖ / ‖φ′(w_start)‖. Maps can be told apart while changes are small.
    excess_kurtosis : float
        Of the change; 0 for a Gaussian one.
    centred : bool
        The mean was taken off.
    """

    delta_cdf: float
    n: int
    magnitude: float
    excess_kurtosis: float
    centred: bool = False

    @property
    def floor(self) -> float:
        """The mean ΔCDF of n Gaussian changes."""
        return gaussian_floor(self.n, centred=self.centred)

    @property
    def bound(self) -> float:
        """The 95 % quantile of ΔCDF of n Gaussian changes."""
        return gaussian_bound(self.n, centred=self.centred)

    def metric(self) -> dict[str, Any]:
        """As ``metrics.json`` holds it."""
        return {
            **{"value": self.delta_cdf, "n": self.n, "bounds": [0.0, None]},
            **{"floor": self.floor, "bound": self.bound, "magnitude": self.magnitude},
        }


def read_change(
    start: ArrayLike, end: ArrayLike, maps: Mapping[str, Map], *, centred: bool = False
) -> dict[str, Reading]:
    """ΔCDF of φ′(w_end) − φ′(w_start) for every map φ′ (Pogodin et al., ICLR 2024).

    The map in which learning acts has the least ΔCDF, if inputs are many and alike, and the change is small.

    Parameters
    ----------
    start, end : (n,) arrays
        Weights before and after.
    maps : mapping of str to callable
        φ′ by name, such as ``PNorm(2).dual``; any elementwise function.
    centred : bool
        Take the mean off the change first.

    Returns
    -------
    dict of str to Reading

    Raises
    ------
    ParameterError
        The arrays differ in length, a map is not finite at a weight (leave such weights out), or a change is the same
        for all weights.

    Examples
    --------
    >>> import numpy as np
    >>> from spikingsampling.inference import NegativeEntropy, PNorm
    >>> rng = np.random.default_rng(1)
    >>> start = rng.standard_normal(1000)
    >>> end = start * np.exp(0.1 * rng.standard_normal(1000))
    >>> found = read_change(start, end, {"log w": NegativeEntropy().dual, "w": PNorm(2).dual})
    >>> {name: bool(reading.delta_cdf < reading.bound) for name, reading in found.items()}
    {'log w': True, 'w': False}
    """
    before = finite_array("start", start, ("n",))
    after = finite_array("end", end, ("n",))
    if len(before) != len(after):
        raise ParameterError(f"end has {len(after)} weights: must have those of start, {len(before)}")
    return {name: _read(name, dual, before, after, centred) for name, dual in maps.items()}


def _read(
    name: str, dual: Map, start: NDArray[np.float64], end: NDArray[np.float64], centred: bool
) -> Reading:
    first, last = _mapped(name, dual, start), _mapped(name, dual, end)
    change = last - first
    found = delta_cdf(change, centred=centred)
    magnitude = float(np.linalg.norm(change) / np.linalg.norm(first))
    return Reading(found, len(change), magnitude, float(kurtosis(change)), centred)


def _mapped(name: str, dual: Map, w: NDArray[np.float64]) -> NDArray[np.float64]:
    z = np.asarray(dual(w), dtype=float)
    if z.shape != w.shape:
        raise ParameterError(f"maps[{name!r}] gives shape {z.shape}: must be that of the weights, {w.shape}")
    if not np.isfinite(z).all():
        where = w[~np.isfinite(z)][0]
        raise ParameterError(f"maps[{name!r}] is not finite at the weight {where:g}: leave such weights out")
    return z
