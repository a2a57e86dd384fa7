"""Turnover of synapses: definitions on small histories, and survival without a moving cohort."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra.numpy import arrays

from helpers.small_networks import chance
from spikingsampling.analysis import Lifetimes, SynapseHistory, Turnover
from spikingsampling.errors import ParameterError

HOUR = 3600.0
#: Every half hour from 2.5 h to 5 h; one column per synapse.
TIMES = np.array([2.5, 3.0, 3.5, 4.0, 4.5, 5.0]) * HOUR
ROWS = [
    # always, lost at 3 h, new at 3 h, new at 4 h, new at 4 h and back after a gap, new at 4 h until 4.5 h, late
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


def test_elimination_counts_the_lost_of_those_that_were_there() -> None:
    assert HISTORY.elimination(2.5 * HOUR, 3.0 * HOUR) == Turnover(1, 2)
    assert HISTORY.elimination(3.5 * HOUR, 5.0 * HOUR) == Turnover(1, 2)


def test_turnover_without_a_reference_is_not_a_number() -> None:
    assert np.isnan(Turnover(3, 0).value)
    assert np.isnan(SynapseHistory([0, 1], np.array([[False], [True]])).formation(0, 1).value)


def test_a_cohort_dies_when_it_is_first_seen_inactive_and_nobody_joins_or_comes_back() -> None:
    curve = HISTORY.survival(3.5 * HOUR, 4.0 * HOUR)
    # Born: synapses 3, 4, 5. At 4.5 h 4 is gone, at 5 h also 5, though 4 is back and 6 has come.
    np.testing.assert_array_equal(curve.times, [0, 1800, 3600])
    np.testing.assert_allclose(curve.survival, [1, 2 / 3, 1 / 3])
    assert (curve.n_births, curve.n_censored) == (3, 1)
    assert curve.at_risk.tolist() == [3, 3, 2]
    assert curve.at(1800) == pytest.approx(2 / 3)


def test_looking_less_often_misses_short_gaps() -> None:
    curve = HISTORY.survival(3.5 * HOUR, 4.0 * HOUR, at=[5.0 * HOUR])
    np.testing.assert_allclose(curve.survival, [1, 2 / 3])  # 3 and 4; the gap of 4 was at 4.5 h


def test_a_cohort_may_die_out() -> None:
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
        with pytest.raises(ParameterError, match="no synapse was born"):
            history.survival(0.1, 0.2)
        return
    curve = history.survival(0.1, 0.2)
    expected = [np.mean(active[2 : row + 1, cohort].all(axis=0)) for row in range(2, 7)]
    np.testing.assert_allclose(curve.survival, expected, atol=1e-12)
    assert np.all((curve.low <= curve.survival + 1e-12) & (curve.survival <= curve.high + 1e-12))
    assert np.all(np.diff(curve.survival) <= 1e-12)


def test_lifetimes_of_all_births() -> None:
    lifetimes = HISTORY.births()
    # In the order of birth: 2 (3 h), 3, 4, 5 (4 h), 6 (4.5 h), 4 and 5 again (5 h; 5 is active at 4 and 4.5 h).
    np.testing.assert_array_equal(lifetimes.last_active / HOUR, [0.5, 1.0, 0.0, 0.5, 0.5, 0.0])
    np.testing.assert_array_equal(lifetimes.first_inactive / HOUR, [1.0, np.inf, 0.5, 1.0, np.inf, np.inf])
    assert lifetimes.censored.tolist() == [False, True, False, False, True, True]


def test_kaplan_meier_by_hand() -> None:
    curve = HISTORY.births().survival()
    # Deaths at 0.5 (1), 1.0 (2); censored at 0 (1), 0.5 (1), 1.0 (1).
    # At risk at 0.5 h: 5 -> 4/5; at 1.0 h: 3 -> 4/5 · 1/3.
    np.testing.assert_array_equal(curve.times / HOUR, [0, 0.5, 1.0])
    np.testing.assert_allclose(curve.survival, [1, 4 / 5, 4 / 15])
    assert curve.at_risk.tolist() == [6, 5, 3]
    # Greenwood on the log-log scale by hand at 0.5 h: var log S = 1/(5·4), z = 1.959964.
    half = 1.959964 * np.sqrt(1 / 20) / abs(np.log(0.8))
    bounds = [0.8 ** np.exp(half), 0.8 ** np.exp(-half)]
    np.testing.assert_allclose([curve.low[1], curve.high[1]], bounds, rtol=1e-6)


def test_births_can_be_limited_to_a_time() -> None:
    assert len(HISTORY.births(4.0 * HOUR, 4.0 * HOUR).last_active) == 3
    assert len(HISTORY.births(first=4.5 * HOUR).last_active) == 2
    with pytest.raises(ParameterError, match="no synapse was born"):
        HISTORY.births(last=2.5 * HOUR).survival()


def test_the_band_is_exact_where_nobody_has_died() -> None:
    curve = Lifetimes(np.full(10, 5.0), np.full(10, np.inf)).survival([0.0, 5.0])
    np.testing.assert_array_equal(curve.survival, 1)
    np.testing.assert_allclose(curve.low, [1, 0.025**0.1])


def test_the_band_covers_the_truth_about_95_times_in_100() -> None:
    rng = np.random.default_rng(5)
    n_births, n_times, keep, n_repeats = 200, 4, 0.8, 200
    covered = 0
    for _ in range(n_repeats):
        alive = np.cumprod(rng.random((n_times, n_births)) < keep, axis=0).astype(bool)
        rows = np.vstack([np.zeros((1, n_births), dtype=bool), np.ones((1, n_births), dtype=bool), alive])
        curve = SynapseHistory(np.arange(n_times + 2), rows).survival(0, 1)
        covered += curve.low[-1] <= keep**n_times <= curve.high[-1]
    assert abs(covered / n_repeats - 0.95) < chance() * np.sqrt(0.05 * 0.95 / n_repeats)


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
        (lambda: HISTORY.births().survival([0.0, 2 * HOUR]), "the longest follow-up"),
        (lambda: HISTORY.births().survival().at(3.0), "time = 3.0 s: must be a sampled time"),
        (lambda: HISTORY.per_neuron([0, 1, 2, 3, 4, 5, 6], 3), "post holds 3: must be from 0 to 2"),
    ],
)
def test_wrong_input_is_named(act: Callable[[], object], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        act()
