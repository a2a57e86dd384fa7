"""A recording that is open for reading; docs/recording.md describes the file."""

from __future__ import annotations

import io
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import ParameterError, RecordingError, UnknownNameError
from .borders import as_spikes, count_spikes, first_after, first_at
from .contents import Contents, Segment, read_size
from .hdf5 import find_group, guarded
from .interchange.offered import Offered
from .record import ProjectionLayout, SegmentRecord

__all__ = ["RecordingReader", "When"]

#: The largest dense matrix (4 GiB); a file cannot ask for more memory than that.
_MAX_CELLS = 2**30
#: Which snapshots: the last one, the one valid at a time (s), or those within slice(start, stop) (s).
When = float | slice | None


class RecordingReader(Offered):
    """A recording, open for reading. Times are simulated time since the start of the run, in seconds.

    Every method raises RecordingError where the file is damaged, and UnknownNameError for a population,
    projection or source that it does not have.

    Attributes
    ----------
    path : Path
    attributes : dict
        Root attributes: versions, seed, ``configuration`` (TOML text), …
    complete : bool
        Whether the run was finished.
    populations : dict of str to int
        Number of neurons of every recorded population.
    sources : dict of str to int
        Number of inputs of every stimulus source.
    projections : tuple of str
    segments : tuple of Segment
    events : tuple of Event
    duration : float
        Simulated time (s).
    dt : float
        Time step of the simulation (s); 1 ms where the recording does not say it.
    """

    def __init__(self, path: Path, file: Path | io.BytesIO) -> None:
        self.path = path
        with self._guarded("recording"):
            self._file = h5py.File(file, "r", locking=False)  # some file systems have no locks
            try:
                contents = Contents(path, self._file)
            except BaseException:
                self._file.close()
                raise

        self._contents = contents
        self.attributes, self.complete = contents.attributes, contents.complete
        self.populations, self.sources = contents.populations, contents.sources
        self.projections, self.segments = contents.projections, contents.segments
        self.events, self.duration, self.dt = contents.events, contents.duration, contents.dt

    def _guarded(self, what: str) -> AbstractContextManager[None]:
        return guarded(self.path, what)

    def _known(self, kind: str, name: str, known: Any) -> None:
        if name not in known:
            raise UnknownNameError(kind, name, known)

    def _projection(self, name: str) -> h5py.Group:
        self._known("projection", name, self.projections)
        return find_group(self._file, f"parameters/{name}")

    def spikes(
        self, population: str, start: float | None = None, stop: float | None = None
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Spikes of a population with start <= time < stop; all of them without bounds.

        A spike in the time step that begins at a bound lies after it, so that successive windows share out all spikes.

        Returns
        -------
        times : array (n,)
            Sorted (s).
        ids : array (n,)
            Neurons, from 0.

        Raises
        ------
        ParameterError
            A bound is not a number.
        """
        low, high = -np.inf if start is None else start, np.inf if stop is None else stop
        for name, bound in (("start", low), ("stop", high)):
            if not (np.ndim(bound) == 0 and bound == bound):
                raise ParameterError(f"{name} = {bound!r}: must be a time in s")
        times, ids = self._around(population, low, high)
        first, last = first_at(times, [low, high], self.dt)
        part = slice(int(first), int(max(first, last)))
        return times[part], ids[part]

    def _around(self, population: str, start: float, stop: float) -> tuple[NDArray, NDArray]:
        """The spikes of all segments that can have some from ``start`` to ``stop``: times (s) and neurons."""
        self._known("population", population, self.populations)
        ends = self._contents.bounds[f"spikes/{population}"]
        first = int(np.searchsorted(self._contents.stops, start - self.dt))
        last = int(np.searchsorted(self._contents.starts, stop + self.dt, side="right"))
        part = slice(int(ends[first]), int(ends[max(first, last)]))
        with self._guarded(f"spikes of {population}"):
            group = find_group(self._file, f"spikes/{population}")
            times = group["timestamps"][part].astype(np.float64)
            ids = group["node_ids"][part].astype(np.int64)
            if len(ids) and not (int(ids.min()) >= 0 and int(ids.max()) < self.populations[population]):
                raise RecordingError(f"{self.path}: spikes of neurons that {population} does not have")
            if not np.isfinite(times).all() or (np.diff(times) < 0).any():
                raise RecordingError(f"{self.path}: spikes of {population} are not in the order of time")
        return times / 1e3, ids

    def counts(self, population: str, intervals: ArrayLike) -> NDArray[np.int64]:
        """Spike counts of every neuron in intervals of time, which may overlap and be in any order.

        Parameters
        ----------
        population : str
        intervals : array (n, 2)
            Start (included) and stop (excluded) of each interval (s).

        Returns
        -------
        array (n, population size)

        Raises
        ------
        ParameterError
            An interval is not a pair of numbers with start <= stop.
        """
        edges = np.asarray(intervals, dtype=float)
        if edges.ndim != 2 or edges.shape[1] != 2 or not (edges[:, 0] <= edges[:, 1]).all():
            raise ParameterError(
                f"intervals of shape {edges.shape}: must be rows of (start, stop), start <= stop"
            )
        self._known("population", population, self.populations)
        size = self.populations[population]
        if not len(edges):
            return np.zeros((0, size), dtype=np.int64)
        times, ids = self._around(population, edges[:, 0].min(), edges[:, 1].max())
        return count_spikes(times, ids, edges, size, self.dt)

    def synapses(self, projection: str) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Pre- and postsynaptic neurons of all potential synapses, two arrays (n_synapses,)."""
        layout = self.projection(projection)
        return layout.pre_indices, layout.post_indices

    def projection(self, name: str) -> ProjectionLayout:
        """A projection with the names of its ends and its potential synapses."""
        group = self._projection(name)
        with self._guarded(f"projection {name}"):
            pre, post = (str(self._contents.attribute(group, end)) for end in ("pre", "post"))
            return ProjectionLayout(pre, post, group["pre_indices"][:], group["post_indices"][:])

    def snapshot_times(self, projection: str, time: slice = slice(None)) -> NDArray[np.float64]:
        """Times of the snapshots of θ and w (n_snapshots,) in s, from start to stop (s), both included."""
        self._known("projection", projection, self.projections)
        times = self._contents.snapshot_times[projection]
        return times[self._within(times, time)].copy()

    def _within(self, times: NDArray[np.float64], time: slice) -> slice:
        first = first_at(times, -np.inf if time.start is None else time.start, self.dt)
        last = first_after(times, np.inf if time.stop is None else time.stop, self.dt)
        return slice(int(first), int(max(first, last)))

    def theta(self, projection: str, time: When = None) -> NDArray[np.float32]:
        """Parameters θ of a projection.

        Parameters
        ----------
        projection : str
        time : None, float or slice
            None: the last snapshot. A number: the last snapshot at or before that time (s). A slice of times
            (s): all snapshots with start <= time <= stop, ``slice(None)`` for all.

        Returns
        -------
        array (n_synapses,), or (n_snapshots, n_synapses) for a slice

        Raises
        ------
        RecordingError
            There is no snapshot at or before that time.
        """
        return self._snapshots(projection, "theta", time)

    def w(self, projection: str, time: When = None) -> NDArray[np.float32]:
        """Synaptic weights w of a projection; see :meth:`theta`."""
        return self._snapshots(projection, "w", time)

    def _snapshots(self, projection: str, variable: str, time: When) -> NDArray[np.float32]:
        self._known("variable", variable, ("theta", "w"))
        data, times = self._projection(projection)[variable], self.snapshot_times(projection)
        with self._guarded(f"{variable} of {projection}"):
            if isinstance(time, slice):
                return data[self._within(times, time)].astype(np.float32)
            index = len(times) if time is None else int(first_after(times, time, self.dt))
            if index == 0:
                when = "" if time is None else f" at or before {time} s"
                raise RecordingError(f"{self.path}: {projection!r} has no snapshot{when}")
            return data[index - 1].astype(np.float32)

    def matrix(self, projection: str, variable: str, time: float | None = None) -> NDArray[np.float32]:
        """``"theta"`` or ``"w"`` as a matrix (n_pre, n_post), NaN where there is no potential synapse."""
        values = self._snapshots(projection, variable, time)
        pre, post = self.synapses(projection)
        with self._guarded(f"projection {projection}"):
            group = self._projection(projection)
            shape = read_size(group, "n_pre"), read_size(group, "n_post")
            if pre.max() >= shape[0] or post.max() >= shape[1]:
                raise RecordingError(f"{self.path}: synapses of {projection} outside its populations")
            if shape[0] * shape[1] > _MAX_CELLS:
                raise RecordingError(f"{self.path}: a dense matrix of {shape} is too large; use synapses()")
            dense = np.full(shape, np.nan, dtype=np.float32)
            dense[pre, post] = values
            return dense

    def schedule(self, source: str) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
        """When each frame of a stimulus source began (n_frames,) in s, and its pattern (-1: silence)."""
        self._known("source", source, self.sources)
        with self._guarded(f"schedule of {source}"):
            frames = find_group(self._file, "stimulus/frames")[source][:].astype(np.int32)
        starts, _, _ = self._series(self._contents.bounds[f"frames/{source}"], "frame_period")
        return starts, frames

    @property
    def presentations(self) -> NDArray[np.void]:
        """Structured array of presentations: ``segment``, ``start``, ``stop`` (s), ``item`` (-1: silence)."""
        with self._guarded("items"):
            items = find_group(self._file, "stimulus")["items"][:]
        starts, stops, segment = self._series(self._contents.bounds["items"], "presentation_period")
        fields = [("segment", np.int64), ("start", float), ("stop", float), ("item", np.int32)]
        table = np.empty(len(items), dtype=fields)
        table["segment"], table["start"], table["stop"], table["item"] = segment, starts, stops, items
        return table

    def _series(self, ends: NDArray[np.int64], period: str) -> tuple[NDArray[Any], ...]:
        """Start and stop of the frames or presentations of all segments, and the segment of each."""
        segment = np.repeat(np.arange(len(self.segments)), np.diff(ends))
        number = np.arange(ends[-1]) - ends[segment]
        length = np.array([getattr(row, period) for row in self.segments])[segment]
        begin = self._contents.starts[segment]
        start, stop = (as_spikes(begin, (number + end) * length, self.dt) for end in (0, 1))
        return start, stop, segment

    def record(self, index: int) -> SegmentRecord:
        """Everything of one segment, equal to what the run committed."""
        if not 0 <= index < len(self.segments):
            raise RecordingError(f"{self.path}: there is no segment {index}; it has {len(self.segments)}")
        row = self.segments[index]
        with self._guarded(f"segment {index}"):
            spikes, snapshots, schedule = {}, {}, {}
            for name in self.populations:
                part, group = self._part(f"spikes/{name}", index), self._file["spikes"][name]
                spikes[name] = (group["timestamps"][part] / 1e3, group["node_ids"][part])
            for name in self.projections:
                group = self._projection(name)
                for number in np.flatnonzero(group["segment"][:] == index):
                    snapshots[name] = (group["theta"][number], group["w"][number])
            for name in self.sources:
                schedule[name] = self._file["stimulus/frames"][name][self._part(f"frames/{name}", index)]
            events = zip(self.events, self._contents.event_segments, strict=True)
            return SegmentRecord(
                **{name: getattr(row, name) for name in Segment.__dataclass_fields__},
                spikes=spikes,
                snapshots=snapshots,
                schedule=schedule,
                items=self._file["stimulus/items"][self._part("items", index)],
                events=tuple(event for event, segment in events if segment == index),
            )

    def _part(self, key: str, index: int) -> slice:
        first, last = self._contents.bounds[key][index : index + 2]
        return slice(int(first), int(last))

    def close(self) -> None:
        """Close the file; RecordingReader is of no use afterwards."""
        self._file.close()

    def __enter__(self) -> RecordingReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
