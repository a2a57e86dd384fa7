"""Parameters and histories of synapses, read from the recordings of a run; all measures take arrays."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike

import numpy as np
from numpy.typing import NDArray

from ...recording.reading import open_recording
from .history import SynapseHistory

__all__ = ["read_history", "read_parameters"]

Path = str | PathLike[str]


def read_parameters(
    recordings: Sequence[Path], projection: str, variable: str = "theta"
) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """Times (n_times,) in s and all snapshots (n_times, n_synapses) of a projection.

    Parameters
    ----------
    recordings : sequence of paths
        One after another in time, for example of a run and of a branch that started at its end.
    projection : str
    variable : {"theta", "w"}

    Raises
    ------
    RecordingError, UnknownNameError
        A recording is damaged, or has no such projection.
    """
    times, values = [], []
    for path in recordings:
        with open_recording(path) as recording:
            times.append(recording.snapshot_times(projection))
            read = {"theta": recording.theta, "w": recording.w}[variable]
            values.append(read(projection, slice(None)))
    return np.concatenate(times), np.concatenate(values)


def read_history(recordings: Sequence[Path], *projections: str) -> SynapseHistory:
    """Which synapses of some projections, side by side, were active (w > 0) at each snapshot.

    Raises
    ------
    RecordingError, UnknownNameError
        A recording is damaged, or has no such projection.
    """
    times: NDArray[np.float64] = np.empty(0)
    active = []
    for projection in projections:
        times, w = read_parameters(recordings, projection, "w")
        active.append(w > 0)
    return SynapseHistory(times, np.concatenate(active, axis=1))
