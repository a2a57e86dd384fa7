"""Activity of channels or pixels to firing rates of inputs."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...errors import ParameterError
from ...units import parse_quantity

__all__ = ["equalise", "rates"]


def rates(activity: ArrayLike, low: Any = "1 Hz", high: Any = "50 Hz") -> NDArray[np.float64]:
    """Firing rates (Hz) of inputs with activity in [0, 1]: low + (high - low) · activity.

    Parameters
    ----------
    activity : array of any shape
        Activity of channels, or grey values of pixels.
    low, high : quantity
        Rates at activity 0 (a silenced modality has it everywhere) and 1, for example ``"1 Hz"``.

    Returns
    -------
    array of the same shape
        Hz.

    Raises
    ------
    ParameterError
        Activity outside [0, 1] or NaN, a rate with a wrong unit or sign, or ``high`` below ``low``.
    """
    values = np.asarray(activity, dtype=float)
    if values.size and not (values.min() >= 0 and values.max() <= 1):
        raise ParameterError(f"activity is in [{values.min():g}, {values.max():g}]: must be in [0, 1]")
    limits = {}
    for name, value in (("low", low), ("high", high)):
        try:
            limits[name] = parse_quantity(value, "frequency")
        except ValueError as error:
            raise ParameterError(f"rates: {name} = {value!r}: {error}") from None
    if not 0 <= limits["low"] <= limits["high"]:
        raise ParameterError(f"rates: low = {low!r}, high = {high!r}: must be 0 Hz <= low <= high")
    return limits["low"] + (limits["high"] - limits["low"]) * values


def equalise(activity: ArrayLike, mean: float) -> NDArray[np.float64]:
    """Scale patterns to one mean activity, as gain control in the retina does; activities above 1 are cut.

    The membrane potential of the circuits has no term for how much a neuron expects in total, so a class with more
    active inputs would win for the wrong reason.

    Parameters
    ----------
    activity : (n, n_inputs) array
        In [0, 1].
    mean : float
        Mean over the inputs, in (0, 1).

    Returns
    -------
    (n, n_inputs) array
        In [0, 1]; its mean is below ``mean`` where activities were cut; empty patterns stay empty.

    Raises
    ------
    ParameterError
        Wrong shape, activity outside [0, 1], or ``mean`` outside (0, 1).
    """
    values = np.asarray(activity, dtype=float)
    if not 0 < mean < 1:
        raise ParameterError(f"mean = {mean!r}: must lie in (0, 1)")
    if values.ndim != 2 or not np.all((values >= 0) & (values <= 1)):
        raise ParameterError(f"activity of shape {values.shape}: must be (n, n_inputs) with values in [0, 1]")
    present = values.mean(axis=1, keepdims=True)
    gain = np.divide(mean, present, out=np.zeros_like(present), where=present > 0)
    return np.minimum(gain * values, 1.0)
