from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spikingsampling.errors import ParameterError
from spikingsampling.network.parameters import CircuitParameters
from spikingsampling.parameters import Parameters, require_units
from spikingsampling.units import (
    Frequency,
    Number,
    Time,
    format_quantity,
    lacks_unit,
    parse_quantity,
    unit_example,
)


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
    charge = 1 * b2.amp * b2.second  # has the exponent of time, and another one
    for wrong, dimension in (
        (1 * b2.mV, "time"),
        (charge, "time"),
        (1 * b2.second, "frequency"),
        (1 * b2.second, "number"),
    ):
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


@pytest.mark.parametrize(
    ("value", "dimension", "lacking"),
    [
        (30, "time", True),
        (0.5, "frequency", True),
        (0, "time", True),
        ("30", "time", True),
        (" 1e-3 ", "frequency", True),
        ("30 s", "time", False),
        ("30 mV", "time", False),  # wrong, but not for want of a unit
        ("soon", "time", False),
        (True, "time", False),
        (None, "time", False),
        (30, "number", False),
        ("30", "number", False),
    ],
)
def test_a_number_without_unit_is_recognised(value: object, dimension: str, lacking: bool) -> None:
    assert lacks_unit(value, dimension) is lacking


def test_an_example_has_the_number_that_was_given() -> None:
    assert unit_example(" 30 ", "time") == "for example '30 s' or '30 min'"
    assert unit_example(0.5, "frequency") == "for example '0.5 Hz' or '0.5 1/h'"


class Schedule(Parameters):
    times: tuple[Time, ...] = ("1 s",)
    pause: Time | None = None


class Settings(Parameters):
    training: Time = 60.0
    rate: Frequency = "1 Hz"
    temperature: Number = 1.0
    epochs: int = 3
    schedule: Schedule | None = Schedule()
    parts: tuple[Schedule, ...] = ()
    circuit: CircuitParameters = CircuitParameters()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"training": 30}, "training = 30: a time needs a unit, for example '30 s' or '30 min'"),
        ({"training": "30"}, "training = '30': a time needs a unit"),
        ({"rate": 2.5}, "rate = 2.5: a frequency needs a unit, for example '2.5 Hz' or '2.5 1/h'"),
        ({"epochs": 3, "schedule": {"pause": 2}}, "schedule.pause = 2: a time"),
        ({"schedule": {"times": ["1 s", 2]}}, "schedule.times = 2: a time"),
        ({"parts": [{"pause": "1 s"}, {"pause": 4}]}, "parts.pause = 4: a time"),
        ({"circuit": {"b": 1e-4}}, "circuit.b = 0.0001: a frequency"),
    ],
)
def test_a_user_must_give_units(values: dict, message: str) -> None:
    with pytest.raises(ParameterError) as caught:
        require_units(Settings, values)
    assert str(caught.value).startswith(message)


def test_what_has_a_unit_or_needs_none_is_let_pass() -> None:
    values = {
        "training": "30 min",
        "temperature": 2,
        "epochs": 4,
        "schedule": {"times": ["1 s"], "pause": None},
    }
    require_units(Settings, {**values, "unknown": 3, "circuit": {"b": "1e-4 /s", "tau_fall": "20 ms"}})
    require_units(Settings, Settings().to_mapping())  # what a run writes down
    assert Settings(training=30).training == 30.0  # Python keeps plain numbers, in SI base units
