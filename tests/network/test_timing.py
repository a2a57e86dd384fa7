"""The periods of a simulation."""

from __future__ import annotations

import math

import pytest

from spikingsampling.errors import ParameterError
from spikingsampling.network.timing import Timing


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"dt": 0.0}, "dt = 0.0: must be more than 0 s"),
        ({"dt": math.nan}, "dt = nan: must be finite"),
        ({"dt": math.inf}, "dt = inf: must be finite"),
        ({"frame_period": 0.6}, "frame_period = 0.6 s: must be at most 0.5 s"),
        ({"frame_period": 0.0105}, "frame_period = 0.0105 s: must be a whole multiple of dt = 0.001 s"),
        ({"update_period": math.nan}, "update_period = nan: must be finite"),
        ({"update_period": 0.7}, "segment = 60 s: must be a whole multiple of update_period"),
        ({"segment": -60.0}, "segment = -60.0: must be more than 0 s"),
        ({"segment": math.inf}, "segment = inf: must be finite"),
        ({"segment": 60.1}, "segment = 60.1 s: must be a whole multiple of frame_period"),
        ({"delay": 0.0}, "lateral_delay = 0.0: must be more than 0 s"),
        ({"delay": 5.5e-3}, "lateral_delay = 0.0055 s: must be a whole multiple of dt"),
    ],
)
def test_wrong_timing(change: dict[str, float], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        Timing(**change)
