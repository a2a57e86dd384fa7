"""Turnover of synapses: definitions on small histories, and survival without a moving cohort."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra.numpy import arrays

from spikingsampling.analysis import SynapseHistory, Turnover
from spikingsampling.errors import ParameterError

HOUR = 3600.0
#: Every half hour from 2.5 h to 5 h.
TIMES = np.array([2.5, 3.0, 3.5, 4.0, 4.5, 5.0]) * HOUR
#: One column per synapse: always active; lost at 3 h; new at 3 h until 3.5 h; new at 4 h; the same with a gap at 4.5 h;
#: new at 4 h until 4.5 h; new at 4.5 h.
ROWS = [
    [1, 1, 0, 0, 0, 0, 0],
    [1, 0, 1, 0, 0, 0, 0],
    [1, 0, 1, 0, 0, 0, 0],
    [1, 0, 0, 1, 1, 1, 0],
    [1, 0, 0, 1, 0, 1, 1],
    [1, 0, 0, 1, 1, 0, 1],
]
HISTORY = SynapseHistory(TIMES, np.array(ROWS, dtype=bool))


def test_formation_in_the_standard_environment_compares_with_its_start() -> None:
    # |active(3.0) and not active(2.5)| / |active(2.5)|
    assert HISTORY.formation(2.5 * HOUR, 3.0 * HOUR) == Turnover(1, 2)
    assert HISTORY.formation(2.5 * HOUR, 3.0 * HOUR).value == 0.5


def test_formation_in_the_enriched_environment_compares_with_the_end_of_the_standard_one() -> None:
    history = SynapseHistory(TIMES, np.array(ROWS, dtype=bool)[:, [0, 2, 3, 4, 5]])
    # |active(4.0) and not active(3.5)| / |active(3.0)|; the synapse lost between the two times is not its business.
    assert history.formation(3.5 * HOUR, 4.0 * HOUR, reference=3.0 * HOUR) == Turnover(3, 2)
    history = SynapseHistory([0, 1, 2], np.array([[1, 1, 1], [1, 0, 0], [1, 1, 0]], dtype=bool))
    assert history.formation(1, 2, reference=0) == Turnover(1, 3)
    assert history.formation(1, 2) == Turnover(1, 1)


def test_elimination_counts_the_lost_of_those_that_were_active() -> None:
    assert HISTORY.elimination(2.5 * HOUR, 3.0 * HOUR) == Turnover(1, 2)
    assert HISTORY.elimination(3.5 * HOUR, 5.0 * HOUR) == Turnover(1, 2)


def test_turnover_without_a_reference_is_not_a_number() -> None:
    assert np.isnan(Turnover(3, 0).value)
    assert np.isnan(SynapseHistory([0, 1], np.array([[False], [True]])).formation(0, 1).value)


def test_new_synapses_are_active_now_and_were_not_before() -> None:
    assert np.flatnonzero(HISTORY.new(2.5 * HOUR, 3.0 * HOUR)).tolist() == [2]
    assert np.flatnonzero(HISTORY.new(3.5 * HOUR, 4.0 * HOUR)).tolist() == [3, 4, 5]
    # What was between the two times does not count: 5 has come and gone, 4 is back.
    assert np.flatnonzero(HISTORY.new(3.5 * HOUR, 5.0 * HOUR)).tolist() == [3, 4, 6]


def test_the_active_synapses_at_a_time() -> None:
    assert HISTORY.at(4.5 * HOUR).tolist() == [True, False, False, True, False, True, True]
    assert [HISTORY.count(time) for time in TIMES] == [2, 2, 2, 4, 4, 4]


def test_a_history_can_be_thinned_to_an_interval() -> None:
    hourly = HISTORY.every(HOUR)
    np.testing.assert_array_equal(hourly.times / HOUR, [2.5, 3.5, 4.5])
    np.testing.assert_array_equal(hourly.active, np.array(ROWS, dtype=bool)[[0, 2, 4]])
    whole = HISTORY.every(0.5 * HOUR)
    np.testing.assert_array_equal(whole.active, HISTORY.active)
    with pytest.raises(ParameterError, match="must be a sampled time"):
        HISTORY.every(0.3 * HOUR)


def test_a_cohort_is_followed_until_it_is_first_seen_inactive() -> None:
    curve = HISTORY.survival(3.5 * HOUR, 4.0 * HOUR)
    # New: synapses 3, 4, 5. At 4.5 h 4 is gone, at 5 h also 5. That 4 is back and 6 has come does not count.
    np.testing.assert_array_equal(curve.times, [0, 1800, 3600])
    np.testing.assert_allclose(curve.survival, [1, 2 / 3, 1 / 3])
    assert (curve.n_synapses, curve.n_censored) == (3, 1)
    assert curve.at_risk.tolist() == [3, 3, 2]
    assert curve.at(1800) == pytest.approx(2 / 3)


def test_looking_less_often_misses_short_gaps() -> None:
    curve = HISTORY.survival(3.5 * HOUR, 4.0 * HOUR, at=[5.0 * HOUR])
    np.testing.assert_allclose(curve.survival, [1, 2 / 3])  # 3 and 4; the gap of 4 was at 4.5 h


def test_a_cohort_may_retract_altogether() -> None:
    history = SynapseHistory(range(5), np.array([[0], [1], [0], [1], [1]], dtype=bool))
    curve = history.survival(0, 1)
    np.testing.assert_array_equal(curve.times, [0, 1, 2, 3])
    np.testing.assert_array_equal(curve.survival, [1, 0, 0, 0])
    assert curve.n_censored == 0


@settings(max_examples=60, deadline=None)
@given(arrays(np.bool_, (7, 30)))
def test_survival_of_a_cohort_is_the_plain_fraction(active: np.ndarray) -> None:
    history = SynapseHistory(np.arange(7) * 0.1, active)
    cohort = ~active[1] & active[2]
    if not cohort.any():
        with pytest.raises(ParameterError, match="no synapse is new"):
            history.survival(0.1, 0.2)
        return
    curve = history.survival(0.1, 0.2)
    expected = [np.mean(active[2 : row + 1, cohort].all(axis=0)) for row in range(2, 7)]
    np.testing.assert_allclose(curve.survival, expected, atol=1e-12)
    assert np.all((curve.low <= curve.survival + 1e-12) & (curve.survival <= curve.high + 1e-12))
    assert np.all(np.diff(curve.survival) <= 1e-12)


def test_lifetimes_of_all_new_synapses() -> None:
    lifetimes = HISTORY.lifetimes()
    # In the order of formation: 2 (3 h), 3, 4, 5 (4 h), 6 (4.5 h), 4 and 5 again (5 h; 5 is active at 4 and 4.5 h).
    np.testing.assert_array_equal(lifetimes.last_active / HOUR, [0.5, 1.0, 0.0, 0.5, 0.5, 0.0])
    np.testing.assert_array_equal(lifetimes.first_inactive / HOUR, [1.0, np.inf, 0.5, 1.0, np.inf, np.inf])
    assert lifetimes.censored.tolist() == [False, True, False, False, True, True]


def test_kaplan_meier_by_hand() -> None:
    curve = HISTORY.lifetimes().survival()
    # Ends at 0.5 (1), 1.0 (2); censored at 0 (1), 0.5 (1), 1.0 (1).
    # At risk at 0.5 h: 5 -> 4/5; at 1.0 h: 3 -> 4/5 · 1/3.
    np.testing.assert_array_equal(curve.times / HOUR, [0, 0.5, 1.0])
    np.testing.assert_allclose(curve.survival, [1, 4 / 5, 4 / 15])
    assert curve.at_risk.tolist() == [6, 5, 3]
    # Greenwood on the log-log scale by hand at 0.5 h: var log S = 1/(5·4), z = 1.959964.
    half = 1.959964 * np.sqrt(1 / 20) / abs(np.log(0.8))
    bounds = [0.8 ** np.exp(half), 0.8 ** np.exp(-half)]
    np.testing.assert_allclose([curve.low[1], curve.high[1]], bounds, rtol=1e-6)


def test_new_synapses_can_be_limited_to_a_time() -> None:
    assert len(HISTORY.lifetimes(4.0 * HOUR, 4.0 * HOUR).last_active) == 3
    assert len(HISTORY.lifetimes(first=4.5 * HOUR).last_active) == 2
    with pytest.raises(ParameterError, match="there is no new synapse"):
        HISTORY.lifetimes(last=2.5 * HOUR).survival()


def test_active_synapses_per_neuron() -> None:
    counts = HISTORY.per_neuron([0, 0, 0, 2, 2, 2, 2], 3)
    assert counts.tolist() == [[2, 0, 0], [2, 0, 0], [2, 0, 0], [1, 0, 3], [1, 0, 3], [1, 0, 3]]
    assert HISTORY.count(4.0 * HOUR) == 4


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda: SynapseHistory([0, 1], np.zeros((3, 2), dtype=bool)), r"active has shape \(3, 2\)"),
        (lambda: SynapseHistory([0, 1], np.zeros((2, 2))), "active holds float64: must be bool"),
        (lambda: SynapseHistory([1, 1], np.zeros((2, 2), dtype=bool)), r"times = .*must rise"),
        (lambda: HISTORY.formation(100.0, 3 * HOUR), "start = 100.0 s: must be a sampled time"),
        (lambda: HISTORY.formation(3 * HOUR, 3 * HOUR), "start must be before stop"),
        (lambda: HISTORY.formation(2.5 * HOUR, 3 * HOUR, reference=np.nan), "reference = nan s"),
        (lambda: HISTORY.survival(3.5 * HOUR, 4 * HOUR, at=[3 * HOUR]), "must rise and lie after stop"),
        (lambda: HISTORY.survival(3.5 * HOUR, 4 * HOUR, at=[4.1 * HOUR]), "at = 147"),
        (lambda: HISTORY.lifetimes().survival([0.0, 2 * HOUR]), "the longest follow-up"),
        (lambda: HISTORY.lifetimes().survival().at(3.0), "time = 3.0 s: must be a sampled time"),
        (lambda: HISTORY.per_neuron([0, 1, 2, 3, 4, 5, 6], 3), "post holds 3: must be from 0 to 2"),
    ],
)
def test_wrong_input_is_named(act: Callable[[], object], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        act()
