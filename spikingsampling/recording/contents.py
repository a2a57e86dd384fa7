"""The tables of a recording, read and checked: what a reader needs to know before it reads the data."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from .._version import __version__
from ..errors import RecordingError
from ..network.rules import LEARNING_MODES
from .borders import TIME_STEP
from .hdf5 import find_dataset, find_group, read_attribute, read_texts
from .record import Event
from .writing import FORMAT_NAME, FORMAT_VERSION

__all__ = ["Contents", "Segment", "read_size"]


@dataclass(frozen=True)
class Segment:
    """A row of the table of segments; see :class:`~spikingsampling.recording.record.SegmentRecord`. Times in s."""

    index: int
    start: float
    stop: float
    learning: str
    label: str
    frame_period: float
    presentation_period: float


class Contents:
    """The small tables of an open recording; see :class:`~spikingsampling.recording.reader.RecordingReader`.

    Attributes
    ----------
    dt : float
        Time step of the simulation (s).
    starts, stops : arrays (n_segments,)
        Times of the segments (s).
    bounds : dict of str to int64 array (n_segments + 1,)
        Where the spikes, frames and items of each segment begin and end in the long arrays.
    snapshot_times : dict of str to float64 array (n_snapshots,)
        Per projection (s).
    event_segments : int64 array (n_events,)

    Raises
    ------
    RecordingError
        It is not a recording, its format is newer, or its parts do not fit together.
    """

    def __init__(self, path: Path, file: h5py.File) -> None:
        self.path, self._file = path, file
        self._read_header()
        self._read_segments()
        self._read_data()

    def _read_header(self) -> None:
        newest = self._file.attrs.get_id("format_version") if "format_version" in self._file.attrs else None
        is_number = newest is not None and newest.dtype.kind in "iu" and newest.shape == ()
        version = int(self._file.attrs["format_version"]) if is_number else FORMAT_VERSION
        self._heap = version == 1
        if version > FORMAT_VERSION:
            stated = "spikingsampling_version" in self._file.attrs
            writer = self.attribute(self._file, "spikingsampling_version") if stated else "of a newer version"
            raise RecordingError(
                f"{self.path} has format {version}; this is spikingsampling {__version__}, which reads up to "
                f"format {FORMAT_VERSION}: it needs spikingsampling {writer} or newer"
            )
        self.attributes = {name: self.attribute(self._file, name) for name in self._file.attrs}
        if self.attributes.get("format") != FORMAT_NAME or not is_number:
            raise RecordingError(f"{self.path} is an HDF5 file but not a recording of this package")
        self.complete = self.attributes.get("complete") is True
        step = re.search(r"\bdt=([0-9.e+-]+)", str(self.attributes.get("timing", "")))
        self.dt = float(step[1]) if step and _is_step(step[1]) else TIME_STEP

    def attribute(self, item: h5py.Group | h5py.Dataset, name: str) -> Any:
        """An attribute of a part of the file, as a plain Python value."""
        return read_attribute(item, name, heap=self._heap)

    def _texts(self, group: h5py.Group, name: str, length: int) -> list[str]:
        return read_texts(group, name, length, heap=self._heap)

    def _read_segments(self) -> None:
        table = find_group(self._file, "segments")
        n = len(find_dataset(table, "start", "f"))
        numbers = {
            name: find_dataset(table, name, "f", n)[:]
            for name in ("start", "stop", "frame_period", "presentation_period")
        }
        texts = {name: self._texts(table, name, n) for name in ("learning", "label")}
        columns = {**{name: values.tolist() for name, values in numbers.items()}, **texts}
        self.segments = tuple(
            Segment(index, **{name: values[index] for name, values in columns.items()}) for index in range(n)
        )
        self.starts, self.stops = numbers["start"], numbers["stop"]
        ordered = (np.diff(self.starts) >= 0).all() and (np.diff(self.stops) >= 0).all()
        if not ordered or not np.isfinite([*self.starts, *self.stops]).all():
            raise RecordingError(f"{self.path}: the segments are not in the order of time")
        if not set(texts["learning"]) <= set(LEARNING_MODES):
            raise RecordingError(f"{self.path}: a segment has an unknown learning mode")
        self.duration = float(self.stops[-1]) if n else 0.0

    def _read_data(self) -> None:
        """Read what is small and see that everything else is there, with the sizes that belong together."""
        file, n = self._file, len(self.segments)
        table = find_group(file, "segments")
        spikes, frames = find_group(file, "spikes"), find_group(file, "stimulus/frames")
        self.populations = {name: read_size(find_group(spikes, name), "size") for name in spikes}
        self.sources = {name: read_size(find_dataset(frames, name, "i"), "n_inputs") for name in frames}
        self.projections = tuple(find_group(file, "parameters"))
        self.bounds = {"items": _bounds(find_dataset(table, "n_items", "iu", n)[:])}
        find_dataset(find_group(file, "stimulus"), "items", "i", int(self.bounds["items"][-1]))
        for name in self.populations:
            ends = _bounds(find_dataset(find_group(table, "n_spikes"), name, "iu", n)[:])
            find_dataset(find_group(spikes, name), "timestamps", "f", int(ends[-1]))
            find_dataset(find_group(spikes, name), "node_ids", "iu", int(ends[-1]))
            self.bounds[f"spikes/{name}"] = ends
        for name in self.sources:
            ends = _bounds(find_dataset(find_group(table, "n_frames"), name, "iu", n)[:])
            find_dataset(frames, name, "i", int(ends[-1]))
            self.bounds[f"frames/{name}"] = ends
        self.snapshot_times = {name: self._check_projection(name) for name in self.projections}
        events = find_group(file, "events")
        times = find_dataset(events, "time", "f")[:]
        self.event_segments = find_dataset(events, "segment", "i", len(times))[:]
        kinds, details = (self._texts(events, name, len(times)) for name in ("kind", "detail"))
        self.events = tuple(Event(*event) for event in zip(times.tolist(), kinds, details, strict=True))

    def _check_projection(self, name: str) -> NDArray[np.float64]:
        group = find_group(self._file, f"parameters/{name}")
        synapses = len(find_dataset(group, "pre_indices", "i"))
        find_dataset(group, "post_indices", "i", synapses)
        times = find_dataset(group, "time", "f")[:]
        find_dataset(group, "segment", "i", len(times))
        for variable in ("theta", "w"):
            find_dataset(group, variable, "f", len(times), synapses)
        return times


def _is_step(text: str) -> bool:
    try:
        return 0 < float(text) < math.inf
    except ValueError:
        return False


def read_size(item: h5py.Group | h5py.Dataset, attribute: str) -> int:
    """A size that is an attribute; RecordingError unless it is from 1 to 2**31 - 1."""
    size = int(read_attribute(item, attribute, heap=False))
    if not 1 <= size < 2**31:
        raise RecordingError(f"{item.name} of the recording has {attribute} = {size}")
    return size


def _bounds(counts: NDArray[Any]) -> NDArray[np.int64]:
    """Where the parts of a long array begin and end, from their lengths (n,); shape (n + 1,)."""
    if len(counts) and not (int(counts.min()) >= 0 and int(counts.max()) < 2**48):
        raise RecordingError("a segment of the recording has an impossible number of entries")
    return np.concatenate([[0], np.cumsum(counts, dtype=np.int64)]).astype(np.int64)
