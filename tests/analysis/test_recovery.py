"""Recovery times, censored ones among them, and paired comparisons."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from spikingsampling.analysis import (
    Recovery,
    compare_recoveries,
    recovery,
)
from spikingsampling.errors import ParameterError

TIMES = np.array([0, 600, 1200, 1800, 2400, 3000], dtype=float)
VALUES = np.array([0.5, 0.8, 0.3, 0.7, 0.6, 0.76])


def test_recovery_is_interpolated_between_measurements() -> None:
    found = recovery(TIMES, VALUES, 1100.0)
    assert (found.before, found.after, found.final) == (0.8, 0.3, 0.76)
    assert found.target == pytest.approx(0.72)
    # From 0.6 at 2400 s to 0.76 at 3000 s: 0.72 at 2850 s.
    assert found.time == pytest.approx(2850 - 1100)
    assert not found.censored


def test_a_level_that_is_not_regained_is_censored_at_the_last_measurement() -> None:
    found = recovery(TIMES, VALUES, 1100.0, until=3000.0)
    assert (found.time, found.censored, found.final) == (1300.0, True, 0.6)
    assert recovery(TIMES, VALUES, 1100.0, fraction=1.0).censored


def test_chance_is_not_regained() -> None:
    found = recovery(TIMES, VALUES, 1100.0, chance=0.5)
    assert found.target == pytest.approx(0.5 + 0.9 * 0.3)
    assert found.censored


def test_a_measurement_at_the_lesion_is_after_it_and_before_can_be_given() -> None:
    found = recovery(TIMES, VALUES, 600.0)
    assert (found.before, found.after, found.time, found.censored) == (0.5, 0.8, 0.0, False)
    assert recovery(TIMES, VALUES, 0.0, before=0.8).before == 0.8
    # At the target already at the first measurement, 50 s after the lesion.
    assert recovery(TIMES, VALUES, 550.0).time == 50.0


def test_a_value_equal_to_the_target_has_reached_it() -> None:
    found = recovery([0, 1, 2], [0.1, 0.0, 0.1 * 0.9], 1.0)
    assert (found.time, found.censored) == (1.0, False)


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"lesion": -1.0}, r"lesion = -1.0 s: no measurement before it"),
        ({"lesion": 4000.0}, "lesion = 4000.0 s: no measurement from it"),
        ({"lesion": 1100.0, "until": 1200.0}, "no measurement from it until 1200.0 s"),
        ({"lesion": 1100.0, "fraction": 0.0}, r"fraction = 0.0: must be in \(0, 1\]"),
        ({"lesion": 1100.0, "fraction": 1.1}, r"fraction = 1.1: must be in \(0, 1\]"),
        ({"lesion": 1100.0, "chance": 0.8}, "before = 0.8: must be more than chance = 0.8"),
    ],
)
def test_wrong_input_is_named(kwargs: dict[str, float], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        recovery(TIMES, VALUES, **kwargs)


def test_times_must_rise_and_values_be_finite() -> None:
    with pytest.raises(ParameterError, match=r"times = .* must rise"):
        recovery([0, 0, 1], [1, 1, 1], 0.5)
    with pytest.raises(ParameterError, match="values holds nan"):
        recovery([0, 1], [1, np.nan], 0.5)
    with pytest.raises(ParameterError, match=r"values has shape \(2,\): must be \(3,\)"):
        recovery([0, 1, 2], [1, 1], 0.5)


def took(*times: float, end: float = 100.0) -> list[Recovery]:
    """Recoveries in these times; infinity for none until ``end``."""
    return [Recovery(1.0, 0.5, 1.0, 0.9, min(time, end), bool(np.isinf(time))) for time in times]


def test_censored_pairs_are_decided_only_where_they_can_be() -> None:
    longer = compare_recoveries(took(50, np.inf, np.inf, 30, 40), took(20, 60, np.inf, 60, 40))
    # 50 > 20; > 100 > 60; both censored: unknown; 30 < 60; equal.
    assert (longer.n_longer, longer.n_shorter, longer.n_undecided) == (2, 1, 2)
    assert longer.p_sign == 1.0
    assert longer.n_censored == (2, 1)
    # Censored at 50, before the other recovered: unknown. Censored at 50 when the other recovered: longer.
    early = compare_recoveries(took(np.inf, np.inf, end=50), took(60, 50))
    assert (early.n_longer, early.n_shorter, early.n_undecided) == (1, 0, 1)
    assert compare_recoveries(took(60, 50), took(np.inf, np.inf, end=50)).n_shorter == 1


def test_p_values_of_clear_cases() -> None:
    slow, fast = took(*[np.inf] * 8), took(*np.arange(10, 18))
    found = compare_recoveries(slow, fast)
    assert found.p_sign == pytest.approx(2 / 2**8)
    assert found.p_logrank < 1e-3
    nobody = compare_recoveries(took(np.inf, np.inf), took(np.inf, np.inf))
    assert nobody.p_sign == 1
    assert np.isnan(nobody.p_logrank)


def test_log_rank_by_hand() -> None:
    """One event at 1 (first; 2 + 2 at risk), one at 2 (second; 1 + 2 at risk), then one of 1 + 1 at 3 (first)."""
    found = compare_recoveries(took(1, 3), took(2, np.inf))
    expected = 2 / 4 + 1 / 3 + 1 / 2  # events that the first group should have had
    variance = 2 * 2 * 3 / (4**2 * 3) + 1 * 2 * 2 / (3**2 * 2) + 1 * 1 * 1 / (2**2 * 1)
    z = (2 - expected) / np.sqrt(variance)
    assert found.p_logrank == pytest.approx(2 * norm.sf(abs(z)))


def test_recoveries_must_be_pairs() -> None:
    with pytest.raises(ParameterError, match="first has 1 and second 2 recoveries"):
        compare_recoveries(took(1), took(1, 2))
    with pytest.raises(ParameterError, match="first has 0 and second 0"):
        compare_recoveries([], [])
