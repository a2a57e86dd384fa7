"""Regions of trajectories, their separation by hand, and sham events."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from spikingsampling.analysis import Separation, find_regions, separation, sham_separations
from spikingsampling.errors import ParameterError

TIMES = np.arange(8.0)
#: Around (0, 0) until 3 s, around (3, 4) afterwards, each with squared distances 1.
SQUARE = np.array([[1, 0], [-1, 0], [0, 1], [0, -1]], dtype=float)
POINTS = np.vstack([SQUARE, SQUARE + np.array([3, 4])])


def test_separation_by_hand() -> None:
    found = separation(TIMES, POINTS, 3.0, 4.0)
    assert (found.distance, found.spread, found.ratio) == (5.0, 1.0, 5.0)
    # Two samples on each side: (0, 1), (0, −1) and (4, 4), (2, 4).
    near = separation(TIMES, POINTS, 3.0, 2.0)
    assert (near.distance, near.spread) == (5.0, 1.0)
    # The sample at the event is before it: (0, −1), (4, 4) and (2, 4), (3, 5).
    assert separation(TIMES, POINTS, 4.0, 2.0).distance == pytest.approx(np.hypot(0.5, 3.0))
    still = separation([0, 1, 2, 3], [[0.0], [0.0], [1.0], [1.0]], 1.0, 2.0)
    assert still.ratio == np.inf


def test_sham_events_keep_away_from_events() -> None:
    rng = np.random.default_rng(5)
    times = 10.0 * np.arange(61)
    points = rng.normal(size=(61, 3))
    when, ratios = sham_separations(times, points, [300.0], 100.0)
    np.testing.assert_array_equal(when, [*np.arange(100, 201, 10), *np.arange(400, 501, 10)])
    assert ratios[0] == separation(times, points, 100.0, 100.0).ratio
    jump = points + 50 * (times > 300)[:, None]
    np.testing.assert_allclose(sham_separations(times, jump, [300.0], 100.0)[1], ratios, rtol=1e-6)
    assert separation(times, jump, 300.0, 100.0).ratio > 10 * ratios.max()


def test_the_spread_pools_both_sides_with_equal_weight() -> None:
    """Squared distances 1 before and 9 after: the spread is √5, and 12 apart the ratio 12/√5."""
    found = separation([0, 1, 2, 3], [[-1.0], [1.0], [9.0], [15.0]], 1.0, 2.0)
    assert (found.distance, found.spread) == (12, np.sqrt(5))
    assert found.ratio == pytest.approx(12 / np.sqrt(5))
    assert Separation(3.0, 2.0).ratio == 1.5
    # Three samples before and two after: still the mean of the two variances, not of the samples.
    uneven = separation([0, 1, 2, 3, 5], [[-1.0], [0.0], [1.0], [9.0], [15.0]], 2.0, 3.0)
    assert uneven.spread == pytest.approx(np.sqrt((2 / 3 + 9) / 2))


def test_sham_separations_by_hand() -> None:
    """Two samples on each side, steps of 1, 3, 1, 5 around a sham event at 1, 2 and 3 s."""
    times, points = np.arange(6.0), np.array([[0.0], [1.0], [4.0], [5.0], [10.0], [12.0]])
    when, ratios = sham_separations(times, points, [100.0], 2.0)
    np.testing.assert_array_equal(when, [2.0, 3.0])

    def by_hand(before: list[float], after: list[float]) -> float:
        spread = np.sqrt((np.var(before) + np.var(after)) / 2)
        return abs(np.mean(after) - np.mean(before)) / spread

    expected = [by_hand([1, 4], [5, 10]), by_hand([4, 5], [10, 12])]
    np.testing.assert_allclose(ratios, expected)


def test_regions_by_hand() -> None:
    back = np.vstack([POINTS, SQUARE])
    found = find_regions(back, np.repeat([1, 2, 4], 4))
    assert found.phases.tolist() == [1, 2, 4]
    np.testing.assert_allclose(found.centroids, [[0, 0], [3, 4], [0, 0]], atol=1e-12)
    np.testing.assert_allclose(found.spreads, 1)
    np.testing.assert_allclose(found.ratios, [[0, 5, 0], [5, 0, 5], [0, 5, 0]], atol=1e-12)
    # Phase 4 is back in the region of phase 1; phase 2 is on its own.
    assert found.nearest[1].tolist() == [0, 1, 0]
    assert found.nearest[2, 1] == 0
    np.testing.assert_allclose(found.nearest.sum(axis=1), 1)


def test_regions_of_unequal_spread_by_hand() -> None:
    """Three phases on a line: around 0 with spread 1, around 10 with spread 3, around 4 with spread 2."""
    points = np.array([[-1.0], [1.0], [7.0], [13.0], [2.0], [6.0]])
    found = find_regions(points, [0, 0, 2, 2, 5, 5])
    assert found.phases.tolist() == [0, 2, 5]
    np.testing.assert_allclose(found.centroids[:, 0], [0, 10, 4])
    np.testing.assert_allclose(found.spreads, [1, 3, 2])
    np.testing.assert_allclose(found.ratios[0], [0, 10 / np.sqrt(5), 4 / np.sqrt(2.5)])
    np.testing.assert_allclose(found.ratios, found.ratios.T)
    # 7 is as near to 4 as to 10, and the first wins; 2 is as near to 0 as to 4; 6 is nearest to 4.
    np.testing.assert_allclose(found.nearest, [[1, 0, 0], [0, 1, 0], [0.5, 0, 0.5]])


def test_samples_between_the_phases_are_left_out() -> None:
    found = find_regions(POINTS, [0, 0, 0, 0, -1, 1, 1, 1])
    np.testing.assert_allclose(found.centroids[1], POINTS[5:].mean(axis=0))


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda: separation(TIMES, POINTS, 0.0, 4.0), "must hold two samples on each side, not 1 and 4"),
        (lambda: separation(TIMES, POINTS, 6.0, 4.0), "must hold two samples on each side, not 4 and 1"),
        (lambda: separation(TIMES[::-1], POINTS, 3.0, 4.0), "rising"),
        (lambda: separation(TIMES, POINTS[:5], 3.0, 4.0), r"points has shape \(5, 2\): must be \(8, n_dim"),
        (lambda: sham_separations(TIMES, POINTS, [3.0], 4.0), r"window = 4.0 s: no stretch of two windows"),
        (lambda: find_regions(POINTS, np.zeros(8, dtype=int)), r"phase holds \[0\]: must hold at least two"),
        (lambda: find_regions(POINTS, [0, 1]), r"phase int64 \(2,\): must be integers of shape \(8,\)"),
        (lambda: find_regions(POINTS, np.zeros(8)), "phase float64"),
    ],
)
def test_wrong_input_is_named(act: Callable[[], object], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        act()
