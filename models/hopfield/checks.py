"""What a Hopfield network accepts: its settings, patterns and states, and weights."""

from __future__ import annotations

import os
import reprlib
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from spikingsampling._checks import real_array
from spikingsampling.errors import ParameterError

__all__ = ["binary_rows", "one_or_each", "physical_memory", "symmetric_weights"]

Floats = NDArray[np.floating]


def one_or_each(
    name: str, values: Any, n: int, allowed: str, fits: Callable[[NDArray[np.float64]], Any]
) -> NDArray[np.float64]:
    """One number for all of ``n``, or one for each: as an (n,) array.

    Parameters
    ----------
    name : str
        Of the argument, for the message.
    values : number or (n,) array
    n : int
    allowed : str
        Which numbers ``fits`` accepts, for the message.
    fits : callable
        Whether numbers are allowed, elementwise.

    Raises
    ------
    ParameterError
        Another shape, or a number that is not allowed.
    """
    array = np.asarray(values)
    if (
        array.dtype.kind not in "iuf"
        or array.shape not in ((), (n,))
        or not np.all(fits(array.astype(float)))
    ):
        text = " ".join(reprlib.repr(values).split())
        raise ParameterError(f"{name} = {text}: must be {allowed}, or {n} of them")
    return np.broadcast_to(array.astype(float), n)


def binary_rows(
    name: str, values: ArrayLike, low: int, shape: tuple[str, int], needed: Callable[[int], int]
) -> NDArray[np.int8]:
    """States or patterns, one per row, whose values are ``low`` and 1.

    Parameters
    ----------
    name : str
        Of the argument, for the message.
    values : (n, N) array
    low : {-1, 0}
        Value of a neuron that is off.
    shape : (str, int)
        Name of the number of rows, and N.
    needed : callable
        Bytes that so many rows need.

    Raises
    ------
    ParameterError
        Another shape or value, or the rows do not fit into memory.
    """
    if isinstance(values, np.ndarray) and values.dtype.kind == "b":
        values = values.view(np.int8)
    array = real_array(name, values, shape)
    if (bytes_needed := needed(len(array))) > (there := physical_memory()):
        raise ParameterError(
            f"{name}: {len(array)} of {shape[1]} neurons need {bytes_needed / 2**30:.3g} GiB of memory, this machine "
            f"has {there / 2**30:.3g} GiB"
        )
    wrong = (array != 1) & (array != low)
    if wrong.any():
        allowed = "−1 or 1" if low else "0 or 1"
        coding = "bipolar" if low else "binary"
        raise ParameterError(
            f"{name} holds {array[wrong][0]}: with the coding {coding!r} every value must be {allowed}"
        )
    return array.astype(np.int8)


def symmetric_weights(weights: ArrayLike, n: int, dtype: DTypeLike) -> Floats:
    """A copy of weights (n, n), which must be finite and symmetric with zero diagonal, or there is no energy.

    Raises
    ------
    ParameterError
        They are not.
    """
    array = np.array(weights, dtype=dtype)
    if array.shape != (n, n):
        raise ParameterError(f"weights have shape {array.shape}: must be ({n}, {n})")
    if not np.isfinite(array).all():
        raise ParameterError("weights: every value must be finite")
    if array.diagonal().any():
        i = int(np.flatnonzero(array.diagonal())[0])
        raise ParameterError(f"weights[{i}, {i}] = {array[i, i]:g}: the diagonal must be 0")
    gap = np.abs(array - array.T)
    if gap.max() > 16 * np.finfo(array.dtype).eps * np.abs(array).max():
        i, j = np.unravel_index(int(gap.argmax()), gap.shape)
        raise ParameterError(
            f"weights are not symmetric: weights[{i}, {j}] = {array[i, j]:g}, "
            f"weights[{j}, {i}] = {array[j, i]:g}; must be equal, or there is no energy"
        )
    return array


def physical_memory() -> int:
    """Physical memory of this machine (bytes)."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
