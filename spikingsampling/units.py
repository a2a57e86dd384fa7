"""Quantities with units, without Brian2: the NumPy core of the package works in SI base units.

A parameter such as a time constant is declared as :data:`Time` or :data:`Frequency`. It accepts a string with
a unit (``"20 ms"``), a Brian2 quantity (``20*ms``) or a plain number, which is read in SI base units (seconds,
hertz), and holds a plain ``float`` in SI base units. :func:`format_quantity` writes it back with a unit.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from numbers import Real
from typing import Annotated, Any

import numpy as np
from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

__all__ = [
    "Dimension",
    "Frequency",
    "Number",
    "Time",
    "format_quantity",
    "lacks_unit",
    "parse_quantity",
    "plain",
    "plain_text",
    "unit_example",
]

#: The units that are understood, per dimension, with their size in SI base units.
UNITS: dict[str, dict[str, float]] = {
    "time": {"us": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0},
    "frequency": {"1/h": 1 / 3600.0, "/s": 1.0, "1/s": 1.0, "Hz": 1.0, "kHz": 1e3},
    "number": {"": 1.0},
}
_BASE = {"time": "s", "frequency": "Hz", "number": ""}
_EXAMPLE = {"time": "'20 ms'", "frequency": "'100 Hz' or '1e-4 /s'", "number": "a plain number"}
#: Exponent of time in the dimension, to check a Brian2 quantity.
_TIME_EXPONENT = {"time": 1.0, "frequency": -1.0, "number": 0.0}
#: The repr of a NumPy scalar since NumPy 2.
_NUMPY_SCALAR = re.compile(r"\bnp\.\w+\(([^()]*)\)")
_PATTERN = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*\*?\s*(.*?)\s*")


def plain(value: Any) -> Any:
    """A NumPy scalar or an array without axes as the Python value that it holds; anything else as it is."""
    without_axes = isinstance(value, np.ndarray) and value.ndim == 0 and not hasattr(value, "dim")
    return value.item() if without_axes or isinstance(value, np.generic) else value


def plain_text(text: str) -> str:
    """``text`` with each repr of a NumPy scalar, ``np.float64(0.5)``, written as the number in it, ``0.5``.

    Code for Brian2 and what tells two runs apart are made of reprs, also by priors and rules of the user's own.
    """
    return _NUMPY_SCALAR.sub(r"\1", text)


def parse_quantity(value: Any, dimension: str) -> float:
    """Read a quantity as a float in SI base units.

    Parameters
    ----------
    value : str, number or brian2 Quantity
        ``"20 ms"``, ``0.02`` (SI base units) or ``20*ms``. A time in single precision is read as the decimal number
        that it prints, since times have to be multiples of each other.
    dimension : {"time", "frequency", "number"}

    Raises
    ------
    ValueError
        Not a number, NaN or infinite, or a unit of another dimension.
    """
    allowed = f"{'an' if dimension[0] in 'aeiou' else 'a'} {dimension}, for example {_EXAMPLE[dimension]}"
    if isinstance(value, np.floating) and value.itemsize < 8 and dimension == "time":
        value = float(str(value))
    value = plain(value)
    if isinstance(value, str):
        match = _PATTERN.fullmatch(value)
        if match is None:
            raise ValueError(f"must be {allowed}")
        number, unit = match.groups()
        if unit and unit not in UNITS[dimension]:
            raise ValueError(f"unit {unit!r} is wrong here: must be {allowed}")
        result = float(number) * UNITS[dimension].get(unit, 1.0)
    elif hasattr(value, "dim"):  # a Brian2 quantity, recognised without importing Brian2
        if np.ndim(value):
            raise ValueError(f"must be {allowed}")
        exponents = list(value.dim._dims)
        time = exponents.pop(2)
        if time != _TIME_EXPONENT[dimension] or any(exponents):
            raise ValueError(f"unit {value.dim} is wrong here: must be {allowed}")
        result = float(value)
    elif isinstance(value, bool) or not isinstance(value, Real | Decimal):
        raise ValueError(f"must be {allowed}")
    else:
        try:
            result = float(value)
        except OverflowError:  # an integer above the largest float
            result = math.inf
    if not math.isfinite(result):
        raise ValueError("must be finite")
    return result


def format_quantity(value: float, dimension: str) -> str:
    """Write a value in SI base units with the unit that reads best; :func:`parse_quantity` inverts it exactly."""
    units = UNITS[dimension]
    candidates = []
    for unit, size in units.items():
        text = f"{value / size:.12g} {unit}".strip()
        if parse_quantity(text, dimension) == value:
            candidates.append((len(f"{value / size:.12g}"), unit != _BASE[dimension], text))
    if candidates:
        return min(candidates)[2]
    return f"{value!r} {_BASE[dimension]}".strip()


def lacks_unit(value: Any, dimension: str) -> bool:
    """Whether ``value`` is a number, or the text of one, without the unit that its dimension has."""
    if dimension == "number" or isinstance(value, bool):
        return False
    if isinstance(value, str):
        match = _PATTERN.fullmatch(value)
        return match is not None and not match.group(2)
    return isinstance(plain(value), int | float)


def unit_example(value: Any, dimension: str) -> str:
    """How ``value`` might have been meant, for a message: ``"for example '30 s' or '30 min'"``."""
    first, second = {"time": ("s", "min"), "frequency": ("Hz", "1/h")}[dimension]
    number = str(value).strip()
    return f"for example '{number} {first}' or '{number} {second}'"


@dataclass(frozen=True)
class Dimension:
    """Annotation of a float field: the dimension that its values must have."""

    name: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(
            lambda value: parse_quantity(value, self.name),
            handler(source),
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda value: format_quantity(value, self.name) if self.name != "number" else value,
            ),
        )


#: A time, held in seconds.
Time = Annotated[float, Dimension("time")]
#: A frequency or rate, held in hertz (1/s).
Frequency = Annotated[float, Dimension("frequency")]
#: A dimensionless finite number.
Number = Annotated[float, Dimension("number")]
