"""A history of five synapses over two phases, made by hand, for tests of figures."""

from __future__ import annotations

import numpy as np

from spikingsampling.analysis import SynapseHistory
from spikingsampling.plotting.timeline import Phase

__all__ = ["HALF_HOURS", "HISTORY", "HOUR", "PHASES"]

HOUR = 3600.0
HALF_HOURS = 1800.0 * np.arange(6)
HISTORY = SynapseHistory(
    HALF_HOURS,
    np.array(
        [
            [1, 0, 0, 0, 0],
            [1, 1, 1, 0, 0],
            [1, 1, 0, 0, 0],
            [0, 1, 0, 1, 0],
            [0, 1, 1, 1, 0],
            [1, 0, 1, 1, 0],
        ],
        dtype=bool,
    ),
)
PHASES = [Phase("digit 1", 0.0, 1.5 * HOUR), Phase("digits 1 and 2", 1.5 * HOUR, 2.5 * HOUR)]
