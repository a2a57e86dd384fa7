"""Selectivity of known counts, and its invariances."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from spikingsampling.analysis import selectivity
from spikingsampling.errors import ParameterError

#: Two presentations of each of three classes, four neurons: selective, graded, indifferent, silent.
COUNTS = np.array([[4, 6, 2, 0], [6, 2, 2, 0], [0, 2, 2, 0], [0, 0, 2, 0], [0, 3, 2, 0], [0, 3, 2, 0]])
LABELS = np.array([7, 7, 3, 3, 9, 9])


def test_selectivity_of_known_counts() -> None:
    tuning = selectivity(COUNTS, LABELS)
    assert tuning.classes.tolist() == [3, 7, 9]
    assert tuning.means.tolist() == [[0, 1, 2, 0], [5, 4, 2, 0], [0, 3, 2, 0]]
    assert tuning.preferred[:2].tolist() == [7, 7]
    # Neuron 1: the others' mean is (1 + 3)/2 = 2, so (4 − 2)/(4 + 2).
    np.testing.assert_allclose(tuning.index, [1, 1 / 3, 0, 0])
    # Rates 5, 8, 6, 0, summed over classes, weight the indices.
    assert tuning.weighted_mean == pytest.approx((5 + 8 / 3) / 19)


def test_selectivity_orders_neurons_by_class_and_then_by_index() -> None:
    counts = np.array([[3, 0, 9, 0, 1], [1, 8, 0, 4, 3]])
    tuning = selectivity(counts, [1, 2])
    assert tuning.preferred.tolist() == [1, 2, 1, 2, 2]
    assert tuning.order[:2].tolist() == [2, 0]
    assert set(tuning.order[2:4]) == {1, 3}  # both have index 1
    assert tuning.order[4] == 4


def test_selectivity_of_a_silent_population_is_zero() -> None:
    tuning = selectivity(np.zeros((4, 3), dtype=int), [0, 0, 1, 1])
    assert not tuning.index.any()
    assert tuning.weighted_mean == 0


@settings(max_examples=50)
@given(arrays(np.int64, (6, 4), elements=st.integers(0, 50)), st.integers(1, 9))
def test_selectivity_is_a_fraction_and_independent_of_the_rate(counts: np.ndarray, factor: int) -> None:
    tuning, scaled = selectivity(counts, LABELS), selectivity(counts * factor, LABELS)
    assert np.all((tuning.index >= 0) & (tuning.index <= 1))
    np.testing.assert_allclose(scaled.index, tuning.index, atol=1e-12)
    assert sorted(tuning.order) == list(range(4))


def test_selectivity_needs_two_classes() -> None:
    with pytest.raises(ParameterError, match=r"labels: selectivity needs at least two classes, got \[3\]"):
        selectivity(COUNTS[:2], [3, 3])
