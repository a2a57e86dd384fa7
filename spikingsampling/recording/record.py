"""What a recording holds: the parts of the network it refers to; the record of a segment, also as plain arrays."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import RecordingError, UnknownNameError
from ..files import Arrays
from ..network.rules import LEARNING_MODES
from ..units import plain

__all__ = [
    "Event",
    "Layout",
    "ProjectionLayout",
    "SegmentRecord",
    "as_text",
    "from_text",
    "record_from_arrays",
    "record_to_arrays",
]


_NAME = re.compile(r"\w[\w.\-]*")


def _check_name(kind: str, name: str) -> None:
    if not _NAME.fullmatch(name):
        raise RecordingError(
            f"{kind} {name!r}: must start with a letter, digit or _ and go on with these, '.' and '-'"
        )


def integers(what: str, values: ArrayLike, dtype: type, low: int, high: float = math.inf) -> NDArray[Any]:
    """``values`` as a new 1-D integer array; RecordingError unless every entry lies in [low, high)."""
    array = np.asarray(values)
    if array.ndim != 1 or (array.size and array.dtype.kind not in "iu"):
        raise RecordingError(f"{what}: must be a 1-D array of integers, not {array.dtype} {array.shape}")
    if array.size and not (low <= int(array.min()) and int(array.max()) < min(high, np.iinfo(dtype).max)):
        raise RecordingError(
            f"{what}: holds {array.min()} to {array.max()}, must be at least {low} and less than {high}"
        )
    return array.astype(dtype)


@dataclass(frozen=True, eq=False)
class ProjectionLayout:
    """The potential synapses of a projection.

    Attributes
    ----------
    pre, post : str
        Names of the presynaptic population or source and of the postsynaptic population.
    pre_indices, post_indices : int32 arrays (n_synapses,)
        Neurons that each synapse joins; a pair occurs at most once.
    """

    pre: str
    post: str
    pre_indices: NDArray[np.int32]
    post_indices: NDArray[np.int32]

    def __post_init__(self) -> None:
        for name in ("pre_indices", "post_indices"):
            object.__setattr__(self, name, integers(name, getattr(self, name), np.int32, 0))
        pre, post = self.pre_indices, self.post_indices
        if len(pre) != len(post) or not len(pre):
            raise RecordingError(
                f"projection {self.pre} -> {self.post}: {len(pre)} pre_indices and {len(post)} post_indices; "
                "must be equally many and at least one"
            )
        if len(np.unique(pre.astype(np.int64) << 32 | post)) != len(pre):
            raise RecordingError(f"projection {self.pre} -> {self.post}: a pair of neurons has two synapses")


@dataclass(frozen=True, eq=False)
class Layout:
    """The parts of a network that a recording refers to.

    Attributes
    ----------
    populations : mapping of str to int
        Number of neurons of each population.
    projections : mapping of str to ProjectionLayout
    sources : mapping of str to int
        Number of inputs of each stimulus source.

    Raises
    ------
    RecordingError
        A size is not positive, an index lies outside its population, or a name cannot be used in a file.
    """

    populations: Mapping[str, int]
    projections: Mapping[str, ProjectionLayout] = field(default_factory=dict)
    sources: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for kind, sizes in (("population", self.populations), ("source", self.sources)):
            for name, size in sizes.items():
                _check_name(kind, name)
                size = plain(size)
                if isinstance(size, bool) or not isinstance(size, int) or size < 1:
                    raise RecordingError(f"{kind} {name!r} has size {size}: must be at least 1, and whole")
        # Sizes of NumPy's types have another text, which would tell two equal layouts apart.
        for kind in ("populations", "sources"):
            sizes = {name: plain(size) for name, size in getattr(self, kind).items()}
            object.__setattr__(self, kind, sizes)
        for name, projection in self.projections.items():
            _check_name("projection", name)
            for end, indices in (
                (projection.pre, projection.pre_indices),
                (projection.post, projection.post_indices),
            ):
                integers(f"projection {name!r} at {end!r}", indices, np.int32, 0, self.size(end))

    def size(self, name: str) -> int:
        """Number of neurons of a population or of inputs of a source."""
        sizes = {**self.sources, **self.populations}
        if name not in sizes:
            raise UnknownNameError("population or source", name, sizes)
        return sizes[name]


@dataclass(frozen=True)
class Event:
    """Something that happened at a moment of the run, for example a lesion.

    Attributes
    ----------
    time : float
        Simulated time since the start of the run (s).
    kind : str
    detail : str
        Anything more, as JSON text.
    """

    time: float
    kind: str
    detail: str = "{}"

    def __post_init__(self) -> None:
        object.__setattr__(self, "time", plain(self.time))
        try:
            json.loads(self.detail)
        except ValueError:
            raise RecordingError(f"Event.detail = {self.detail!r}: must be JSON text") from None


@dataclass(frozen=True, eq=False)
class SegmentRecord:
    """All that one segment adds to a recording. Times are simulated time since the start of the run (s).

    Spike times are rounded, by at most one unit in the last place, to values that the milliseconds of the
    file give back exactly; snapshots are held in single precision. A record read back equals this one.

    Attributes
    ----------
    index : int
        Number of the segment, from 0.
    start, stop : float
        Its time span (s); both may be equal (a snapshot of the initial state, say).
    learning : {"sampling", "map", "likelihood", "off"}
    label : str
        Free text, for example ``"train"``.
    spikes : mapping of str to (float64 array (n,), int64 array (n,))
        Sorted times (s) and neurons, per recorded population.
    snapshots : mapping of str to (float32 array (n_synapses,), float32 array (n_synapses,))
        θ and w at ``stop``, per projection; empty if none was due.
    schedule : mapping of str to int32 array (n_frames,)
        Pattern shown in each frame, per source; -1 is silence.
    frame_period : float
        Length of a frame (s); 0 if there are no frames.
    items : int32 array (n_presentations,)
        Stimulus shown in each presentation; -1 is silence.
    presentation_period : float
        Length of a presentation (s); 0 if there are none.
    events : tuple of Event

    Raises
    ------
    RecordingError
        Any of these is not so.
    """

    index: int
    start: float
    stop: float
    learning: str
    label: str
    spikes: Mapping[str, tuple[NDArray[np.float64], NDArray[np.int64]]]
    snapshots: Mapping[str, tuple[NDArray[np.float32], NDArray[np.float32]]] = field(default_factory=dict)
    schedule: Mapping[str, NDArray[np.int32]] = field(default_factory=dict)
    frame_period: float = 0.0
    items: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, np.int32))
    presentation_period: float = 0.0
    events: tuple[Event, ...] = ()

    def __post_init__(self) -> None:
        for name in ("index", "start", "stop", "frame_period", "presentation_period"):
            object.__setattr__(self, name, plain(getattr(self, name)))
        where = f"segment {self.index}"
        if not (0 <= self.start <= self.stop < math.inf and self.index >= 0):
            raise RecordingError(
                f"{where} from {self.start} s to {self.stop} s: must have 0 <= start <= stop"
            )
        if self.learning not in LEARNING_MODES:
            raise UnknownNameError("learning mode", self.learning, LEARNING_MODES)
        spikes = {name: self._spikes(name, *values) for name, values in self.spikes.items()}
        snapshots = {}
        for name, values in self.snapshots.items():
            theta, w = (np.array(value, dtype=np.float32) for value in values)
            if theta.ndim != 1 or theta.shape != w.shape:
                raise RecordingError(
                    f"{where}: θ {theta.shape} and w {w.shape} of {name!r}: must be 1-D and equal"
                )
            snapshots[name] = (theta, w)
        schedule = {
            name: integers(f"{where}, frames of {name!r}", frames, np.int32, -1)
            for name, frames in self.schedule.items()
        }
        items = integers(f"{where}, items", self.items, np.int32, -1)
        for name, period, needed in (
            ("frame_period", self.frame_period, any(map(len, schedule.values()))),
            ("presentation_period", self.presentation_period, len(items)),
        ):
            if not (0 <= period < math.inf) or (needed and not period):
                raise RecordingError(f"{where}: {name} = {period} s: must be positive")
        normalised = {"spikes": spikes, "snapshots": snapshots, "schedule": schedule, "items": items}
        for name, value in {**normalised, "events": tuple(self.events)}.items():
            object.__setattr__(self, name, value)

    def _spikes(self, name: str, times: ArrayLike, ids: ArrayLike) -> tuple[NDArray, NDArray]:
        where = f"segment {self.index}, spikes of {name!r}"
        times = np.asarray(times, dtype=np.float64) * 1e3 / 1e3
        ids = integers(where, ids, np.int64, 0)
        if times.shape != ids.shape:
            raise RecordingError(
                f"{where}: {times.shape} times and {ids.shape} neurons: must be equally many"
            )
        margin = 1e-12 * max(1.0, self.stop)
        inside = (times >= self.start - margin).all() and (times <= self.stop + margin).all()
        if not inside or (np.diff(times) < 0).any():
            raise RecordingError(f"{where}: times must be sorted and within {self.start} s to {self.stop} s")
        return times, ids


def as_text(value: Any) -> NDArray[np.uint8]:
    """Plain values as an array of the bytes of their JSON text."""
    return np.frombuffer(json.dumps(value, ensure_ascii=False).encode(), np.uint8)


def from_text(array: NDArray[np.uint8]) -> Any:
    """The inverse of :func:`as_text`."""
    return json.loads(array.tobytes().decode())


def record_to_arrays(record: SegmentRecord) -> dict[str, NDArray[Any]]:
    """A segment as plain arrays; :func:`record_from_arrays` is the exact inverse."""
    row = ("index", "start", "stop", "learning", "label", "frame_period", "presentation_period")
    meta = {name: getattr(record, name) for name in row}
    arrays = {"meta": as_text({**meta, "events": [asdict(event) for event in record.events]})}
    for name, (times, ids) in record.spikes.items():
        arrays |= {f"spikes/{name}/times": times, f"spikes/{name}/ids": ids.astype(np.int32)}
    for name, (theta, w) in record.snapshots.items():
        arrays |= {f"snapshots/{name}/theta": theta, f"snapshots/{name}/w": w}
    for name, frames in record.schedule.items():
        arrays[f"schedule/{name}"] = frames
    return {**arrays, "items": record.items}


def record_from_arrays(arrays: Arrays) -> SegmentRecord:
    """The inverse of :func:`record_to_arrays`."""
    meta = from_text(arrays["meta"])
    events = tuple(Event(**event) for event in meta.pop("events"))

    def names(kind: str) -> list[str]:
        return list(dict.fromkeys(key.split("/")[1] for key in arrays if key.startswith(kind + "/")))

    return SegmentRecord(
        **meta,
        spikes={n: (arrays[f"spikes/{n}/times"], arrays[f"spikes/{n}/ids"]) for n in names("spikes")},
        snapshots={
            n: (arrays[f"snapshots/{n}/theta"], arrays[f"snapshots/{n}/w"]) for n in names("snapshots")
        },
        schedule={n: arrays[f"schedule/{n}"] for n in names("schedule")},
        items=arrays["items"],
        events=events,
    )
