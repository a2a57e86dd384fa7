"""Checks of arguments: a ParameterError names the argument, what it holds and what is allowed."""

from __future__ import annotations

import math
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .errors import ParameterError
from .units import parse_quantity

__all__ = [
    "Seed",
    "finite_array",
    "finite_number",
    "index_array",
    "positive_time",
    "random_generator",
    "real_array",
    "spike_times",
    "whole_number",
]

#: What makes a generator of random numbers.
Seed = int | np.random.Generator | np.random.SeedSequence | None


def real_array(name: str, values: ArrayLike, shape: tuple[int | str, ...]) -> NDArray[Any]:
    """An array of real numbers of a ``shape`` like ``("K", 100)``, where a named size is at least 1."""
    try:
        array = np.asarray(values)
    except ValueError:
        raise ParameterError(f"{name}: must be an array, its rows are of unequal length") from None
    if array.dtype.kind not in "iuf":
        raise ParameterError(f"{name} holds {array.dtype}: must hold real numbers")
    fits = len(array.shape) == len(shape) and all(
        size >= 1 if isinstance(wanted, str) else size == wanted
        for size, wanted in zip(array.shape, shape, strict=True)
    )
    if not fits:
        wanted = ", ".join(map(str, shape)) + "," * (len(shape) == 1)
        raise ParameterError(f"{name} has shape {array.shape}: must be ({wanted})")
    return array


def finite_array(name: str, values: ArrayLike, shape: tuple[int | str, ...]) -> NDArray[np.float64]:
    """A float64 array of a ``shape`` like ``("K", 100)``, without NaN and infinity."""
    array = real_array(name, values, shape).astype(float, copy=False)
    if not np.all(np.isfinite(array)):
        raise ParameterError(f"{name} holds {array[~np.isfinite(array)][0]}: every value must be finite")
    return array


def index_array(name: str, values: ArrayLike, stop: int, length: int | None = None) -> NDArray[np.int64]:
    """An (n,) array of indices in [0, stop), where n is ``length`` if that is given."""
    if np.size(values) == 0 and not length:  # an empty list is an array of floats
        return np.empty(0, dtype=np.int64)
    array = real_array(name, values, ("n",) if length is None else (length,))
    if array.dtype.kind not in "iu":
        raise ParameterError(f"{name} holds {array.dtype}: must hold integers")
    wrong = array[(array < 0) | (array >= stop)]
    if len(wrong):
        raise ParameterError(f"{name} holds {wrong[0]}: must be from 0 to {stop - 1}")
    return array.astype(np.int64, copy=False)


def whole_number(name: str, value: Any, low: int = 1) -> int:
    """A whole number of at least ``low``; True and False are none."""
    if isinstance(value, bool) or not isinstance(value, Integral) or value < low:
        raise ParameterError(f"{name} = {value!r}: must be a whole number, at least {low}")
    return int(value)


def finite_number(name: str, value: Any, low: float = -math.inf) -> float:
    """A finite number of at least ``low``; True and False are none."""
    if isinstance(value, bool) or not (isinstance(value, Real) and math.isfinite(value) and value >= low):
        at_least = "" if low == -math.inf else f", at least {low}"
        raise ParameterError(f"{name} = {value!r}: must be a finite number{at_least}")
    return float(value)


def positive_time(name: str, value: Any) -> float:
    """A time in seconds, more than 0, read from a number, a string with unit or a Brian2 quantity."""
    try:
        seconds = parse_quantity(value, "time")
    except ValueError as error:
        raise ParameterError(f"{name} = {value!r}: {error}") from None
    if seconds <= 0:
        raise ParameterError(f"{name} = {value!r}: must be more than 0 s")
    return seconds


def spike_times(name: str, values: ArrayLike, end: float) -> NDArray[np.float64]:
    """An (n,) array of times in seconds, sorted, from 0 to ``end``."""
    if np.size(values) == 0:
        return np.empty(0)
    times = finite_array(name, values, ("n",))
    if np.any(np.diff(times) < 0):
        first = int(np.argmax(np.diff(times) < 0))
        raise ParameterError(f"{name} falls from {times[first]} s to {times[first + 1]} s: must be sorted")
    for time in times[0], times[-1]:
        if not 0 <= time <= end:
            raise ParameterError(f"{name} holds {time} s: must be from 0 s to the end at {end} s")
    return times


def random_generator(name: str, seed: Seed) -> np.random.Generator:
    """A generator from a seed; a Generator is that generator, a SeedSequence stays as it is."""
    if isinstance(
        seed, np.random.SeedSequence
    ):  # a copy: whoever spawns from the generator must not change it
        seed = np.random.SeedSequence(seed.entropy, spawn_key=seed.spawn_key, pool_size=seed.pool_size)
    try:
        return np.random.default_rng(seed)
    except (TypeError, ValueError):
        raise ParameterError(
            f"{name} = {seed!r}: must be None, a whole number from 0, a Generator or a SeedSequence"
        ) from None
