"""Moments: what tells two of them apart, and where one does not fit."""

from __future__ import annotations

import numpy as np
import pytest

from spikingsampling.errors import ParameterError
from spikingsampling.simulation.moment import Moment

STATE = {"a.theta": np.array([1.0, 2.0]), "b.theta": np.array([3.0])}


def test_the_fingerprint_depends_on_time_names_and_every_value() -> None:
    prints = {
        Moment(1.5, STATE).fingerprint(),
        Moment(1.5000001, STATE).fingerprint(),
        Moment(1.5, STATE | {"b.theta": np.array([np.nextafter(3.0, 4)])}).fingerprint(),
        Moment(1.5, {"a.theta": STATE["a.theta"], "c.theta": STATE["b.theta"]}).fingerprint(),
    }
    assert len(prints) == 4
    assert Moment(1.5, dict(reversed(STATE.items()))).fingerprint() == Moment(1.5, STATE).fingerprint()
    assert Moment(1.5, STATE).fingerprint().startswith("1.5 s, ")


@pytest.mark.parametrize(
    ("other", "differing"),
    [
        ({"a.theta": np.zeros(3), "b.theta": np.zeros(1)}, "a.theta"),
        ({"a.theta": np.zeros(2)}, "b.theta"),
        ({**STATE, "c.theta": np.zeros(1)}, "c.theta"),
        ({"a.theta": np.zeros((2, 1)), "b.theta": np.zeros(2)}, "a.theta, b.theta"),
    ],
)
def test_another_network_does_not_fit(other: dict[str, np.ndarray], differing: str) -> None:
    Moment(0.0, STATE).check_fits({name: values + 5 for name, values in STATE.items()})
    with pytest.raises(ParameterError, match=rf"\({differing} differ\)"):
        Moment(0.0, STATE).check_fits(other)
    with pytest.raises(ParameterError, match=rf"\({differing} differ\)"):
        Moment(0.0, other).check_fits(STATE)


def test_a_time_is_the_same_in_every_type() -> None:
    assert Moment(np.float64(1.5), STATE).fingerprint() == Moment(1.5, STATE).fingerprint()
    with pytest.raises(ParameterError, match=r"Moment.time = nan: must be a finite number, at least 0"):
        Moment(np.nan, STATE)
