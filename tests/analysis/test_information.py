"""Mutual information against entropies and numbers by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import entropy

from spikingsampling.analysis.information import mutual_information
from spikingsampling.errors import ParameterError


def test_mutual_information_is_that_of_the_entropies() -> None:
    counts = np.random.default_rng(3).integers(0, 30, (6, 4))
    joint = counts / counts.sum()
    expected = entropy(joint.sum(1), base=2) + entropy(joint.sum(0), base=2) - entropy(joint.ravel(), base=2)
    assert mutual_information(counts) == pytest.approx(expected)


def test_mutual_information_by_hand() -> None:
    assert mutual_information(np.eye(4)) == pytest.approx(2)
    assert mutual_information(np.outer([1, 2, 3], [5, 7])) == pytest.approx(0, abs=1e-12)
    # Of eight pairs, rows 4 and 4, columns 6 and 2: (4/8) log₂(4/3) + (2/8) log₂(2/3) + (2/8) log₂ 2.
    by_hand = 0.5 * np.log2(4 / 3) + 0.25 * np.log2(2 / 3) + 0.25
    assert mutual_information([[4, 0], [2, 2]]) == pytest.approx(by_hand)


@pytest.mark.parametrize("wrong", [np.zeros((2, 2)), [1, 2], [[3, -1]], [[1.0, np.nan]]])
def test_what_holds_no_counts_is_refused(wrong: object) -> None:
    with pytest.raises(ParameterError, match="must be a matrix of counts"):
        mutual_information(wrong)
