"""The parameters of a simulation over time, kept in memory."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..errors import UnknownNameError
from ..recording.record import SegmentRecord
from ..tables import Summarised, Table

__all__ = ["History"]


class History(Summarised):
    """θ and w at every snapshot that was due, as a recording on disk would hold them."""

    def __init__(self) -> None:
        self._times: list[float] = []
        self._snapshots: dict[str, list[tuple[NDArray[np.float32], NDArray[np.float32]]]] = {}

    def append(self, record: SegmentRecord) -> None:
        """Keep the snapshots of a segment, if it has some."""
        if record.snapshots:
            self._times.append(record.stop)
            for name, snapshot in record.snapshots.items():
                self._snapshots.setdefault(name, []).append(snapshot)

    @property
    def times(self) -> NDArray[np.float64]:
        """Times of the snapshots (n_snapshots,) in s."""
        return np.array(self._times)

    def theta(self, projection: str) -> NDArray[np.float32]:
        """Parameters θ of a projection, (n_snapshots, n_synapses).

        Raises
        ------
        UnknownNameError
            There is no snapshot of such a projection.
        """
        return self._stacked(projection, 0)

    def w(self, projection: str) -> NDArray[np.float32]:
        """Weights w of a projection; see :meth:`theta`."""
        return self._stacked(projection, 1)

    def _stacked(self, projection: str, part: int) -> NDArray[np.float32]:
        if projection not in self._snapshots:
            raise UnknownNameError("projection with snapshots", str(projection), self._snapshots)
        return np.array([snapshot[part] for snapshot in self._snapshots[projection]], dtype=np.float32)

    def summary(self) -> tuple[str, list[Table]]:
        """How many snapshots there are, and of which projections."""
        rows = [(name, str(len(snapshots[0][0]))) for name, snapshots in self._snapshots.items()]
        until = f", the last at {self._times[-1]:g} s" if self._times else ""
        return f"{len(self._times)} snapshots{until}", [Table(("projection", "synapses"), rows)]
