"""What a caller hands over becomes a plain number or array at the border, or is refused."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from spikingsampling._checks import (
    finite_number,
    positive_time,
    random_generator,
    seed_sequence,
    whole_array,
    whole_number,
)
from spikingsampling.errors import ParameterError
from spikingsampling.network.parameters import CircuitParameters
from spikingsampling.parameters import Parameters
from spikingsampling.recording.settings import Recording
from spikingsampling.units import plain_text


@pytest.mark.parametrize(
    "value",
    [
        0.2,
        np.float64(0.2),
        np.float32(0.2),
        np.array(0.2),
        "200 ms",
        np.str_("0.2 s"),
        Fraction(1, 5),
        Decimal("0.2"),
    ],
)
def test_a_time_is_the_same_float_in_every_type(value) -> None:
    seconds = positive_time("period", value)
    assert (type(seconds), seconds) == (float, 0.2)


def test_a_time_of_brian2_is_a_float() -> None:
    from brian2 import Hz, ms

    assert type(positive_time("period", 200 * ms)) is float
    assert positive_time("period", 200 * ms) == 0.2
    for wrong in (200 * Hz, np.array([1, 2]) * ms):
        with pytest.raises(ParameterError, match=r"period = .* must be a time"):
            positive_time("period", wrong)


@pytest.mark.parametrize(
    "value",
    [True, np.True_, np.array(True), b"1", 1j, np.complex128(1), None, [0.2], np.array([0.2]), "fast"],
)
def test_what_is_no_time_is_refused(value) -> None:
    with pytest.raises(ParameterError, match=r"period = .*: must be a time"):
        positive_time("period", value)


@pytest.mark.parametrize("value", [np.nan, np.inf, np.float32("nan"), np.float64("-inf"), 10**400, "1e999 s"])
def test_a_time_is_finite(value) -> None:
    with pytest.raises(ParameterError, match=r"period = .*: must be finite"):
        positive_time("period", value)


@pytest.mark.parametrize("value", [3, np.int8(3), np.uint64(3), np.array(3, "u2")])
def test_a_whole_number_is_an_int(value) -> None:
    assert (type(whole_number("n", value)), whole_number("n", value)) == (int, 3)


@pytest.mark.parametrize(
    "value", [3.0, np.float64(3), "3", True, np.True_, np.nan, np.inf, [3], np.array([3]), None]
)
def test_other_things_are_no_whole_number(value) -> None:
    with pytest.raises(ParameterError, match=r"n = .*: must be a whole number, at least 1"):
        whole_number("n", value)


@pytest.mark.parametrize("value", [0.5, np.float16(0.5), np.array(0.5), Fraction(1, 2)])
def test_a_number_is_a_float(value) -> None:
    assert (type(finite_number("x", value)), finite_number("x", value)) == (float, 0.5)
    for wrong in (np.nan, np.inf, True, np.False_, "0.5", None, [0.5]):
        with pytest.raises(ParameterError, match=r"x = .*: must be a finite number"):
            finite_number("x", wrong)


@pytest.mark.parametrize("dtype", ["u1", "i1", "i2", "u4", "u8", "f4", "f8"])
def test_whole_numbers_come_in_every_type(dtype: str) -> None:
    array = whole_array("items", np.array([0, 3, 100], dtype), -1, 100)
    assert array.dtype == np.int64
    np.testing.assert_array_equal(array, [0, 3, 100])


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([1.7], "items holds 1.7: must hold integers"),
        ([np.nan], "items holds nan: must hold integers"),
        ([np.inf], "items holds inf: must hold integers"),
        ([1e19], r"items holds 1e\+19: must hold integers"),
        (np.array([2**63], "u8"), "items holds 9223372036854775808: must fit into 64 bits"),
        ([True], "items holds bool: must hold real numbers"),
        (["1"], "items holds <U1: must hold real numbers"),
        ([2**70], "items holds object: must hold real numbers"),
        ([[1]], r"items has shape \(1, 1\)"),
        (3, r"items has shape \(\)"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(values, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        whole_array("items", values)


def test_equal_seeds_read_alike() -> None:
    for one, other in (
        (1, np.uint8(1)),
        ([1, 2**70], np.array([1, 2**70], object)),
        ([1, 2], np.array([1, 2], np.int16)),
        (
            np.random.SeedSequence(1, spawn_key=(2,)),
            np.random.SeedSequence(np.int64(1), spawn_key=(np.int64(2),)),
        ),
    ):
        first, second = seed_sequence("seed", one), seed_sequence("seed", other)
        assert (str(first.entropy), str(first.spawn_key)) == (str(second.entropy), str(second.spawn_key))
        np.testing.assert_array_equal(first.generate_state(4), second.generate_state(4))
    for wrong in (True, np.True_, 1.0, np.float64(1), -1, "1", np.nan):
        with pytest.raises(ParameterError, match=r"seed = .*: must be a whole number from 0"):
            seed_sequence("seed", wrong)
    with pytest.raises(ParameterError, match=r"seed = True: must be"):
        random_generator("seed", True)


def test_settings_hold_plain_numbers() -> None:
    """Their repr goes into fingerprints, configuration files and code."""
    given = CircuitParameters(b=np.float64(1e-5), n_examples=np.float32(64), tau_rise=np.float32(0.002))
    assert repr(given) == repr(CircuitParameters(b=1e-5, n_examples=64, tau_rise=0.002))
    assert given.to_mapping() == CircuitParameters(b=1e-5, n_examples=64, tau_rise=0.002).to_mapping()
    assert Recording(snapshot_period=np.int64(30), spikes=np.array(["a", "b"])).spikes == ("a", "b")

    class Settings(Parameters):
        count: int = 1
        share: float = 0.5
        digits: tuple[int, ...] = (1,)
        on: bool = False

    plain = Settings(count=7, share=0.25, digits=(1, 2), on=True)
    numpy = Settings(count=np.uint8(7), share=np.float64(0.25), digits=np.array([1, 2], "u1"), on=np.True_)
    assert (repr(numpy), numpy.to_mapping()) == (repr(plain), plain.to_mapping())
    for wrong in ({"count": True}, {"share": np.False_}, {"digits": [1, True]}):
        with pytest.raises(ParameterError, match=r"Settings\.\w+ = .*: must be a number, not True or False"):
            Settings(**wrong)
    for value in (1.5, np.nan, np.inf):
        with pytest.raises(ParameterError, match=r"Settings\.count = "):
            Settings(count=np.float64(value))


def test_text_made_of_reprs_holds_plain_numbers() -> None:
    assert plain_text(f"({np.float64(0.5)!r} - theta)/{np.int64(2)!r}") == "(0.5 - theta)/2"
    assert plain_text("exp(-theta)/np.inf") == "exp(-theta)/np.inf"
