"""Phases told from parameters, on paths made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from spikingsampling.analysis import decode_phases
from spikingsampling.errors import ParameterError

#: Two phases of eight samples.
TWO = np.repeat([0, 1], 8)


def test_regions_of_their_own_are_told_apart() -> None:
    points = 10.0 * TWO[:, None] + np.tile([[0.0], [1.0]], (8, 1))
    found = decode_phases(points, 3 + TWO)
    assert found.phases.tolist() == [3, 4]
    np.testing.assert_array_equal(found.taken_for, np.eye(2))
    assert found.accuracy == 1.0


def test_a_steady_drift_is_told_right_in_three_quarters() -> None:
    # Learnt: 0 … 3 and 8 … 11, so that the border is 5.5 by symmetry. Held out: 4 … 7 and 12 … 15.
    found = decode_phases(np.arange(16.0)[:, None], TWO)
    np.testing.assert_array_equal(found.taken_for, [[0.5, 0.5], [0, 1]])
    assert found.accuracy == 0.75


def test_a_path_that_comes_back_is_taken_for_where_it_was() -> None:
    # Phase 0 leaves its region in its second half for that of phase 1, and phase 1 does the opposite.
    points = np.repeat([0.0, 9.0, 9.0, 0.0], 4)[:, None]
    np.testing.assert_array_equal(decode_phases(points, TWO).taken_for, [[0, 1], [1, 0]])


def test_samples_without_a_phase_are_neither_learnt_nor_named() -> None:
    rng = np.random.default_rng(1)
    points = np.vstack([rng.normal(size=(8, 3)), rng.normal(size=(8, 3)) + 1])
    expected = decode_phases(points, TWO).taken_for
    assert 0 < np.diag(expected).min() <= 1
    places = np.arange(16) + (np.arange(16) >= 5) + (np.arange(16) >= 12)
    wider, phase = np.full((18, 3), 1e3), np.full(18, -1)
    wider[places], phase[places] = points, TWO
    np.testing.assert_array_equal(decode_phases(wider, phase).taken_for, expected)


def test_the_middle_sample_of_an_odd_number_is_learnt() -> None:
    points = np.array([0.0, 0, 0, 9, 9, 9, 9, 9, 0, 0])[:, None]
    # With the middle held out a third of each row would be right.
    np.testing.assert_array_equal(decode_phases(points, np.repeat([0, 1], 5)).taken_for, [[0, 1], [1, 0]])


def test_wrong_phases_are_named() -> None:
    with pytest.raises(ParameterError, match=r"phase holds \[0\] with \[4\] samples: must be at least two"):
        decode_phases(np.zeros((4, 1)), np.zeros(4, dtype=int))
    with pytest.raises(ParameterError, match="of two samples each"):
        decode_phases(np.zeros((4, 1)), [0, 0, 0, 1])
    with pytest.raises(ParameterError, match="phase"):
        decode_phases(np.zeros((4, 1)), [0, 0, 1])
