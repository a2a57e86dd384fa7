"""Checks of arguments: a ParameterError names the argument, what it holds and what is allowed."""

from __future__ import annotations

import math
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .errors import ParameterError
from .units import parse_quantity, plain

__all__ = [
    "Seed",
    "finite_array",
    "finite_number",
    "index_array",
    "positive_time",
    "quantity_of",
    "random_generator",
    "real_array",
    "seed_sequence",
    "spike_times",
    "whole_array",
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


def whole_array(
    name: str,
    values: ArrayLike,
    low: int = -(2**63),
    high: int = 2**63 - 1,
    length: int | None = None,
) -> NDArray[np.int64]:
    """An (n,) int64 array of whole numbers from ``low`` to ``high``; n is ``length`` if that is given.

    The caller's type does not matter: later arithmetic cannot wrap round in it. Floats are read if they are whole.
    """
    if np.size(values) == 0 and not length:  # an empty list is an array of floats
        return np.empty(0, dtype=np.int64)
    array = real_array(name, values, ("n",) if length is None else (length,))
    allowed = (array >= low) & (array <= high)  # False for NaN
    if array.dtype.kind == "f":
        whole = np.isfinite(array) & (array == np.floor(array)) & (np.abs(array) < 2.0**63)
        if not whole.all():
            raise ParameterError(f"{name} holds {array[~whole][0]}: must hold integers")
    if not allowed.all():
        raise ParameterError(f"{name} holds {array[~allowed][0]}: {_whole_range(low, high)}")
    return array.astype(np.int64, copy=False)


def _whole_range(low: int, high: int) -> str:
    if low == -(2**63):
        return "must fit into 64 bits with sign"
    return f"must be at least {low}" if high == 2**63 - 1 else f"must be from {low} to {high}"


def index_array(name: str, values: ArrayLike, stop: int, length: int | None = None) -> NDArray[np.int64]:
    """An (n,) array of indices in [0, stop), where n is ``length`` if that is given."""
    return whole_array(name, values, 0, stop - 1, length)


def whole_number(name: str, value: Any, low: int = 1) -> int:
    """A whole number of at least ``low``, of Python or NumPy; True and False are none."""
    number = plain(value)
    if isinstance(number, bool) or not isinstance(number, Integral) or number < low:
        raise ParameterError(f"{name} = {value!r}: must be a whole number, at least {low}")
    return int(number)


def finite_number(name: str, value: Any, low: float = -math.inf) -> float:
    """A finite number of at least ``low``, of Python, NumPy or Brian2; True, False and text are none."""
    try:
        number = math.nan if isinstance(value, str) else parse_quantity(value, "number")
    except ValueError:
        number = math.nan
    if not number >= low:
        at_least = "" if low == -math.inf else f", at least {low}"
        raise ParameterError(f"{name} = {value!r}: must be a finite number{at_least}")
    return number


def quantity_of(name: str, value: Any, dimension: str) -> float:
    """A quantity in SI base units, read from a number, a string with unit or a Brian2 quantity."""
    try:
        return parse_quantity(value, dimension)
    except ValueError as error:
        raise ParameterError(f"{name} = {value!r}: {error}") from None


def positive_time(name: str, value: Any) -> float:
    """A time in seconds, more than 0, read from a number, a string with unit or a Brian2 quantity."""
    seconds = quantity_of(name, value, "time")
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
        if isinstance(plain(seed), bool):
            raise TypeError
        return np.random.default_rng(seed)
    except (TypeError, ValueError):
        raise ParameterError(
            f"{name} = {seed!r}: must be None, a whole number from 0, a Generator or a SeedSequence"
        ) from None


def seed_sequence(name: str, seed: np.random.SeedSequence | int | None) -> np.random.SeedSequence:
    """A SeedSequence whose entropy and key hold Python numbers only, so that equal seeds read alike as text."""
    try:
        if isinstance(plain(seed), bool | str):
            raise TypeError
        given = seed if isinstance(seed, np.random.SeedSequence) else np.random.SeedSequence(seed)
    except (TypeError, ValueError):
        raise ParameterError(f"{name} = {seed!r}: must be a whole number from 0, or a SeedSequence") from None
    entropy = given.entropy
    if not isinstance(entropy, int):
        entropy = [int(part) for part in entropy] if np.ndim(entropy) else int(entropy)
    return np.random.SeedSequence(
        entropy, spawn_key=tuple(int(key) for key in given.spawn_key), pool_size=given.pool_size
    )
