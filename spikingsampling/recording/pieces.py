"""The pieces of a run directory, and whether they are there, whole, and of one run."""

from __future__ import annotations

import hashlib
import json
import shutil
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from ..errors import RecordingError
from ..files import Arrays, load_arrays, save_arrays
from .reading import open_recording
from .record import Layout, SegmentRecord, as_text, from_text, record_from_arrays, record_to_arrays
from .settings import Recording
from .writing import Attributes

__all__ = [
    "CHECKPOINT",
    "DONE",
    "JOURNAL",
    "RECORDING",
    "check_finished",
    "check_not_begun",
    "fingerprint",
    "load_checkpoint",
    "load_segment",
    "name_of_run",
    "remove_done",
    "save_checkpoint",
    "save_segment",
]

CHECKPOINT, JOURNAL, RECORDING = "checkpoint.npz", "journal", "recording.h5"
#: What the journal is called while it is deleted.
DONE = "journal.done"


def fingerprint(layout: Layout, attributes: Attributes, recording: Recording) -> list[str]:
    """What must be the same for a run to be resumed, as lines of text whose differences can be shown."""
    digest = hashlib.sha256(json.dumps([dict(layout.populations), dict(layout.sources)]).encode())
    for name, projection in layout.projections.items():
        digest.update(json.dumps([name, projection.pre, projection.post]).encode())
        digest.update(projection.pre_indices.tobytes() + projection.post_indices.tobytes())
    lines = [f"layout of the network = {digest.hexdigest()[:16]}", f"recording: {recording!r}"]
    for name, value in attributes.items():
        several = isinstance(value, str) and "\n" in value
        lines += [f"{name}: {line}" for line in value.splitlines()] if several else [f"{name} = {value!r}"]
    return lines


def name_of_run(lines: Sequence[str]) -> str:
    """What the pieces of a run have in common: two runs of the same name have the same results."""
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def save_checkpoint(path: Path, n_segments: int, lines: Sequence[str], state: Arrays) -> None:
    """Keep the state after ``n_segments`` segments of the run with this fingerprint."""
    meta = as_text({"segments": n_segments, "fingerprint": list(lines)})
    save_arrays(path, {"meta": meta, **{f"state/{name}": array for name, array in state.items()}})


def load_checkpoint(path: Path) -> tuple[int, list[str], dict[str, NDArray[Any]]]:
    """Number of segments, fingerprint and state; RecordingError if the file is missing or damaged."""
    arrays = load_arrays(path)
    try:
        meta = from_text(arrays.pop("meta"))
        n_segments, lines = meta["segments"], meta["fingerprint"]
        if not (isinstance(n_segments, int) and n_segments > 0 and all(isinstance(x, str) for x in lines)):
            raise ValueError(f"{n_segments!r} segments")
        return n_segments, list(lines), {name.removeprefix("state/"): a for name, a in arrays.items()}
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise RecordingError(f"{path} is damaged: {error}") from error


def save_segment(path: Path, record: SegmentRecord, run: str) -> None:
    """Keep a segment of the run of this name."""
    save_arrays(path, {**record_to_arrays(record), "run": as_text(run)})


def load_segment(path: Path, index: int, run: str) -> SegmentRecord:
    """Segment number ``index`` of a run; RecordingError if the file is missing, damaged or of another run."""
    arrays = load_arrays(path)
    try:
        record, found = record_from_arrays(arrays), from_text(arrays["run"])
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError, RecordingError) as error:
        raise RecordingError(f"{path} is damaged: {error}") from error
    if found != run or record.index != index:
        raise RecordingError(
            f"{path} is segment {record.index} of another run, or of another place in this one"
        )
    return record


def check_finished(directory: Path, n_segments: int, run: str) -> None:
    """RecordingError unless the recording in ``directory`` is all of a run that has this many segments.

    Only the recording itself can say so: that there is no journal may also mean that it did not come along.
    """
    with open_recording(directory) as recording:
        if not recording.complete:
            raise RecordingError(
                f"{directory}: the run was interrupted after {n_segments} segments, and {JOURNAL}/, from which it "
                "would go on, is missing: bring it from where the run was made, or start a new run"
            )
        if len(recording.segments) != n_segments or recording.attributes.get("run", run) != run:
            raise RecordingError(f"{directory}: {RECORDING} and {CHECKPOINT} are of two runs")


def check_not_begun(directory: Path) -> None:
    """RecordingError if ``directory``, which has no checkpoint, holds more than a run has before its first one."""
    recorded = 0
    if (directory / RECORDING).exists():
        with open_recording(directory) as recording:
            recorded = len(recording.segments)
    kept = sorted(path.name for path in (directory / JOURNAL).glob("*.npz"))
    if recorded or not kept <= ["000000.npz"]:
        raise RecordingError(
            f"{directory}: {CHECKPOINT} is missing, and the run has {max(recorded, len(kept))} segments: bring it "
            "from where the run was made, or start a new run"
        )


def remove_done(directory: Path) -> None:
    """Delete what is left of the journal of a finished run. That it cannot be deleted does no harm, but is told."""
    try:
        shutil.rmtree(directory / DONE)
    except FileNotFoundError:
        pass
    except OSError as error:
        reason = error.strerror or error
        warnings.warn(f"{directory / DONE} is not needed, and could not be removed: {reason}", stacklevel=2)
