"""Period, extremes and growth of oscillations that are known."""

from __future__ import annotations

import numpy as np
import pytest

from spikingsampling.errors import ParameterError
from spikingsampling.models.dynamics.cycles import cycle_of, growth_rate

TIMES = np.linspace(0, 10, 4001)


def test_the_cycle_of_a_sine() -> None:
    cycle = cycle_of(TIMES, 3 + 0.5 * np.sin(2 * np.pi * 1.25 * TIMES + 0.3), 3.0)
    assert (cycle.period, cycle.frequency) == pytest.approx((0.8, 1.25), rel=1e-9)
    assert (cycle.low, cycle.high) == pytest.approx((2.5, 3.5), rel=1e-9)


def test_a_damped_oscillation_keeps_its_period_and_tells_its_rate() -> None:
    """The spline's error is of fourth order in the step, 1/400 of a time constant here."""
    values = 2 + np.exp(-0.4 * TIMES) * np.cos(2 * np.pi * TIMES)
    assert cycle_of(TIMES, values, 2.0).period == pytest.approx(1, rel=1e-8)
    assert growth_rate(TIMES, values, 2.0) == pytest.approx(-0.4, rel=1e-8)
    assert growth_rate(TIMES, values[::-1], 2.0) == pytest.approx(0.4, rel=1e-8)


def test_rest_is_no_cycle() -> None:
    """Flat stretches have no rises, though the solver of a spline finds roots in them."""
    assert cycle_of(TIMES, np.full(4001, 3.0), 3.0) is None
    assert cycle_of(TIMES, 3 + 1e-12 * np.exp(-TIMES), 5.0) is None
    assert cycle_of(TIMES, np.sin(2 * np.pi * 0.2 * TIMES), 0.0) is None
    with pytest.raises(ParameterError, match="values rise 0 times through 3: must be at least 3 times"):
        growth_rate(TIMES, np.full(4001, 3.0), 3.0)


def test_times_must_ascend() -> None:
    with pytest.raises(ParameterError, match="times: must be at least 4 and ascend"):
        cycle_of([0, 1, 1, 2], np.zeros(4), 0.0)
    with pytest.raises(ParameterError, match=r"values has shape \(3,\): must be \(4,\)"):
        cycle_of([0, 1, 2, 3], np.zeros(3), 0.0)
