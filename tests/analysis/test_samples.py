"""Which row of a table a time belongs to."""

from __future__ import annotations

import numpy as np
import pytest

from spikingsampling.analysis.samples import row_of
from spikingsampling.errors import ParameterError

TIMES = np.array([10.0, 20.0, 40.0])


@pytest.mark.parametrize(("time", "row"), [(10.0, 0), (20.0 + 9e-7, 1), (40.0 - 9e-7, 2)])
def test_a_time_belongs_to_the_sample_within_a_microsecond(time: float, row: int) -> None:
    assert row_of("time", TIMES, time) == row


@pytest.mark.parametrize(
    ("time", "nearest"), [(20.00001, 20), (31.0, 40), (-5.0, 10), (np.nan, 10), (np.inf, 10)]
)
def test_other_times_were_not_sampled(time: float, nearest: float) -> None:
    with pytest.raises(
        ParameterError, match=rf"start = {time} s: must be a sampled time \(3 .*{nearest}.0 s"
    ):
        row_of("start", TIMES, time)
