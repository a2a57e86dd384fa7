from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spikingsampling.units import format_quantity, parse_quantity


@pytest.mark.parametrize(
    ("text", "dimension", "value"),
    [
        ("20 ms", "time", 0.02),
        ("20ms", "time", 0.02),
        ("20*ms", "time", 0.02),
        (" 2 us ", "time", 2e-6),
        ("1.5 min", "time", 90.0),
        (".5 h", "time", 1800.0),
        ("3", "time", 3.0),
        (0.02, "time", 0.02),
        (3, "time", 3.0),
        ("-1e-3 s", "time", -1e-3),
        ("100 Hz", "frequency", 100.0),
        ("0.1 kHz", "frequency", 100.0),
        ("1e-4 /s", "frequency", 1e-4),
        ("1e-4 1/s", "frequency", 1e-4),
        ("7.2 1/h", "frequency", 0.002),
        ("-8", "number", -8.0),
    ],
)
def test_quantities_are_read_in_si_units(text, dimension: str, value: float) -> None:
    assert parse_quantity(text, dimension) == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize(
    ("value", "dimension", "message"),
    [
        ("20 mV", "time", "unit 'mV' is wrong here: must be a time, for example '20 ms'"),
        ("20 Hz", "time", "unit 'Hz' is wrong"),
        ("20 ms", "frequency", "must be a frequency, for example '100 Hz'"),
        ("2 s", "number", "must be a number"),
        ("", "time", "must be a time"),
        ("ms", "time", "must be a time"),
        ("1..2 s", "time", "must be a time"),
        ("nan", "time", "must be a time"),
        ("1e999 s", "time", "must be finite"),
        (math.nan, "time", "must be finite"),
        (-math.inf, "number", "must be finite"),
        (True, "number", "must be a number"),
        (None, "time", "must be a time"),
        ([1], "time", "must be a time"),
    ],
)
def test_wrong_quantities(value, dimension: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_quantity(value, dimension)


def test_brian2_quantities() -> None:
    import brian2 as b2

    assert parse_quantity(20 * b2.ms, "time") == pytest.approx(0.02)
    assert parse_quantity(100 * b2.Hz, "frequency") == pytest.approx(100)
    for wrong, dimension in ((1 * b2.mV, "time"), (1 * b2.second, "frequency"), (1 * b2.second, "number")):
        with pytest.raises(ValueError, match="is wrong here"):
            parse_quantity(wrong, dimension)


@given(st.floats(-1e300, 1e300), st.sampled_from(["time", "frequency", "number"]))
def test_writing_is_undone_exactly_by_reading(value: float, dimension: str) -> None:
    assert parse_quantity(format_quantity(value, dimension), dimension) == value


@pytest.mark.parametrize(
    ("value", "dimension", "text"),
    [
        (0.02, "time", "20 ms"),
        (60.0, "time", "1 min"),
        (3600.0, "time", "1 h"),
        (100.0, "frequency", "100 Hz"),
        (-8.0, "number", "-8"),
    ],
)
def test_the_unit_that_reads_best(value: float, dimension: str, text: str) -> None:
    written = format_quantity(value, dimension)
    assert written == text
