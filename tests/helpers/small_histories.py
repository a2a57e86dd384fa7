"""A history of seven synapses in which no two measures agree by chance."""

from __future__ import annotations

import numpy as np

from spikingsampling.analysis import SynapseHistory

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
