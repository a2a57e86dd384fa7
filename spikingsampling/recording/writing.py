"""The writer of ``recording.h5``; the layout of the file is described in docs/recording.md.

Spikes follow SONATA (spike file of the SONATA developer guide): ``/spikes/<population>`` with ``timestamps``
(ms), ``node_ids`` and ``sorting``.
"""

from __future__ import annotations

import platform
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

import h5py
import numpy as np

from .._version import __version__
from ..errors import RecordingError, UnknownNameError
from .hdf5 import DiskFile, create_extendable, create_texts, extend, extend_texts, write_attribute
from .record import Layout, ProjectionLayout, SegmentRecord, integers
from .settings import Recording

__all__ = ["FORMAT_NAME", "FORMAT_VERSION", "RESERVED", "Attributes", "RecordingWriter", "versions"]

FORMAT_NAME = "spikingsampling recording"
FORMAT_VERSION = 2

#: Root attributes that a run adds to its recording.
Attributes = Mapping[str, str | int | float | bool]

#: SONATA's mark and version of an HDF5 file, and its enumeration of the order of spikes.
SONATA_MAGIC, SONATA_VERSION = 0x0A7A, (0, 1)
SONATA_SORTING = {"none": 0, "by_id": 1, "by_time": 2}
#: Root attributes that belong to the format.
RESERVED = {"magic", "version", "format", "format_version", "complete", "run"}


def versions() -> dict[str, str]:
    """The versions that a run depends on, as root attributes of its recording."""
    packages = {f"{name}_version": version(name) for name in ("brian2", "numpy", "h5py")}
    return {"spikingsampling_version": __version__, "python_version": platform.python_version(), **packages}


class RecordingWriter:
    """Writes ``recording.h5``, a segment at a time.

    The same arguments and the same records give the same bytes: HDF5 is kept from writing times, and its
    version bounds are fixed. The bounds are also those with which others can open the file while it grows.

    Parameters
    ----------
    path : Path
        The file; replaced if there is one.
    layout : Layout
    attributes : mapping of str to str, int, float or bool
        Root attributes.
    recording : Recording
    run : str
        What tells this run from others; kept as an attribute.

    Raises
    ------
    RecordingError
        An attribute or a record does not fit.
    OSError
        The file cannot be written. The writer is then of no further use but to be closed.
    """

    def __init__(
        self, path: Path, layout: Layout, attributes: Attributes, recording: Recording, *, run: str = ""
    ) -> None:
        self._layout, self._populations = layout, recording.populations(layout)
        for name in attributes:
            if name in RESERVED:
                raise RecordingError(f"attribute {name!r}: this name is used by the format")
        self._disk = DiskFile(path)
        self._file = h5py.File(self._disk, "w", libver=("v108", "v108"))
        self._count = 0
        self._stop = 0.0
        self._last_spike: dict[str, float] = {}
        self._create({"run": run, **attributes})
        self._flush()

    def _create(self, attributes: Attributes) -> None:
        file, layout = self._file, self._layout
        file.attrs.create("magic", SONATA_MAGIC, dtype=np.uint32)
        file.attrs.create("version", SONATA_VERSION, dtype=np.uint32)
        header = {"format": FORMAT_NAME, "format_version": FORMAT_VERSION, "complete": False}
        for name, value in {**header, **attributes}.items():
            write_attribute(file, name, value)
        segments = file.create_group("segments")
        for name in ("start", "stop", "frame_period", "presentation_period"):
            create_extendable(segments, name, np.float64, units="s")
        for name in ("learning", "label"):
            create_texts(segments, name)
        create_extendable(segments, "n_items", np.int64)
        spikes, counts = file.create_group("spikes"), segments.create_group("n_spikes")
        for name in self._populations:
            group = spikes.create_group(name)
            group.attrs.create("sorting", SONATA_SORTING["by_time"], dtype=h5py.enum_dtype(SONATA_SORTING))
            group.attrs["size"] = layout.populations[name]
            # Not compressed: libsonata, the reference reader of SONATA, is built without any filter.
            create_extendable(group, "timestamps", np.float64, units="ms", chunk=4096)
            create_extendable(group, "node_ids", np.uint64, chunk=4096)
            create_extendable(counts, name, np.int64)
        frames, counts = file.create_group("stimulus/frames"), segments.create_group("n_frames")
        for name, size in layout.sources.items():
            data = create_extendable(frames, name, np.int32, chunk=4096, packed=True)
            data.attrs["n_inputs"] = size
            create_extendable(counts, name, np.int64)
        create_extendable(file["stimulus"], "items", np.int32, chunk=4096, packed=True)
        parameters = file.create_group("parameters")
        for name, projection in layout.projections.items():
            self._create_projection(parameters.create_group(name), projection)
        events = file.create_group("events")
        create_extendable(events, "time", np.float64, units="s")
        create_extendable(events, "segment", np.int64)
        for name in ("kind", "detail"):
            create_texts(events, name)

    def _create_projection(self, group: h5py.Group, projection: ProjectionLayout) -> None:
        for end in ("pre", "post"):
            name = getattr(projection, end)
            write_attribute(group, end, name)
            group.attrs[f"n_{end}"] = self._layout.size(name)
            group.create_dataset(
                f"{end}_indices", data=getattr(projection, f"{end}_indices"), track_times=False
            )
        create_extendable(group, "time", np.float64, units="s")
        create_extendable(group, "segment", np.int64)
        for name in ("theta", "w"):
            n = len(projection.pre_indices)
            create_extendable(group, name, np.float32, units="1", chunk=1, width=n, packed=True)

    def check(self, record: SegmentRecord) -> None:
        """Raise RecordingError if ``record`` is not the next one or does not fit the layout."""
        where, layout = f"segment {record.index}", self._layout
        if record.index != self._count:
            raise RecordingError(f"{where}: the next segment is number {self._count}")
        if record.start < self._stop - 1e-9:
            raise RecordingError(
                f"{where} starts at {record.start} s, before the last one ended ({self._stop} s)"
            )
        if set(record.spikes) != set(self._populations):
            present, needed = sorted(record.spikes), sorted(self._populations)
            raise RecordingError(f"{where} has spikes of {present}; must be of {needed}")
        for name, (times, ids) in record.spikes.items():
            integers(f"{where}, neurons of {name!r}", ids, np.int64, 0, layout.populations[name])
            if len(times) and times[0] < self._last_spike.get(name, 0.0):
                raise RecordingError(f"{where}: {name!r} spikes before a spike of the last segment")
        for name, (theta, _) in record.snapshots.items():
            if name not in layout.projections:
                raise UnknownNameError("projection", name, layout.projections)
            if len(theta) != len(layout.projections[name].pre_indices):
                raise RecordingError(
                    f"{where}: snapshot of {name!r} has {len(theta)} values, not one per synapse"
                )
        for name in record.schedule:
            if name not in layout.sources:
                raise UnknownNameError("source", name, layout.sources)

    def append(self, record: SegmentRecord) -> None:
        """Add a segment and hand it to the operating system."""
        self.check(record)
        try:
            self._append(record)
        except Exception:
            if self._disk.error is not None:  # what HDF5 stumbled over later is only its consequence
                raise self._disk.error from None
            raise
        self._flush()
        self._count += 1
        self._stop = record.stop
        self._last_spike |= {name: times[-1] for name, (times, _) in record.spikes.items() if len(times)}

    def _append(self, record: SegmentRecord) -> None:
        file, segments = self._file, self._file["segments"]
        for name in self._populations:
            times, ids = record.spikes[name]
            extend(file["spikes"][name]["timestamps"], times * 1e3)
            extend(file["spikes"][name]["node_ids"], ids)
            extend(segments["n_spikes"][name], [len(times)])
        for name in self._layout.projections:
            if name in record.snapshots:
                theta, w = record.snapshots[name]
                values = {"time": [record.stop], "segment": [record.index], "theta": [theta], "w": [w]}
                for key, value in values.items():
                    extend(file["parameters"][name][key], value)
        for name in self._layout.sources:
            frames = record.schedule.get(name, ())
            extend(file["stimulus/frames"][name], frames)
            extend(segments["n_frames"][name], [len(frames)])
        extend(file["stimulus/items"], record.items)
        extend(segments["n_items"], [len(record.items)])
        for name in ("start", "stop", "frame_period", "presentation_period"):
            extend(segments[name], [getattr(record, name)])
        for name in ("learning", "label"):
            extend_texts(segments[name], [getattr(record, name)])
        extend(file["events/time"], [event.time for event in record.events])
        for name in ("kind", "detail"):
            extend_texts(file["events"][name], [getattr(event, name) for event in record.events])
        extend(file["events/segment"], [record.index] * len(record.events))

    def _flush(self) -> None:
        self._file.flush()
        if self._disk.error is not None:
            raise self._disk.error

    def complete(self) -> None:
        """Mark the recording complete, close it and make sure that it is on the disk."""
        self._file.attrs.modify("complete", True)
        self._file.close()
        if self._disk.error is not None:
            raise self._disk.error
        self._disk.sync()
        self._disk.close()

    def sync(self) -> None:
        """Make sure that what is written is on the disk."""
        self._disk.sync()

    def close(self) -> None:
        """Close the file as it is."""
        if self._file:
            self._file.close()
        self._disk.close()
