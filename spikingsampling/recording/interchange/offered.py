"""What a recording shows of itself, and offers to other libraries."""

from __future__ import annotations

from typing import Any

from ...tables import Summarised, Table
from .arrays import to_xarray
from .frames import to_dataframe

__all__ = ["Offered"]


class Offered(Summarised):
    """Base of :class:`~spikingsampling.recording.reader.RecordingReader`."""

    to_dataframe = to_dataframe
    to_xarray = to_xarray

    def summary(self: Any) -> tuple[str, list[Table]]:
        """Path and length; populations with their spikes, projections with their synapses and snapshots."""
        state = "complete" if self.complete else "not complete"
        spikes = {name: int(self._contents.bounds[f"spikes/{name}"][-1]) for name in self.populations}
        neurons = [[name, str(size), str(spikes[name])] for name, size in self.populations.items()]
        synapses = [
            [name, str(len(self.synapses(name)[0])), str(len(self.snapshot_times(name)))]
            for name in self.projections
        ]
        line = f"{self.path}, {self.duration:g} s in {len(self.segments)} segments, {state}"
        return line, [
            Table(("population", "neurons", "spikes"), neurons),
            Table(("projection", "synapses", "snapshots"), synapses),
        ]
