"""The journal of a run: what lets a run be killed at any moment and go on to the same recording, bit for bit.

HDF5 survives no crash while it writes, so ``recording.h5`` is a view, and the truth is kept beside it::

    RUN/journal/000012.npz   all that segment 12 adds to the recording
    RUN/checkpoint.npz       state after the last committed segment, their number, the configuration
    RUN/recording.h5         the view; rebuilt from the journal when a run is resumed

Every file is written under another name, synchronised with the disk and renamed. A segment counts as
committed when the checkpoint after it is in place; what the journal holds beyond that is thrown away and
computed again. A finished run keeps recording and checkpoint; its journal is deleted after the recording is
safe on the disk.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import RecordingError, ResumeError
from ..files import Arrays, load_arrays, save_arrays, sync_directory
from ..units import plain
from .reading import open_recording
from .record import Layout, SegmentRecord
from .segment_arrays import as_text, from_text, record_from_arrays, record_to_arrays
from .settings import Recording
from .writing import Attributes, RecordingWriter, versions

__all__ = ["RunStore"]


def _fingerprint(layout: Layout, attributes: Attributes, recording: Recording) -> list[str]:
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


class RunStore:
    """Everything of a run directory that is written as data, segment by segment.

    Made by :meth:`create` or :meth:`resume`; a context manager. One process at a time holds a run directory.

    Attributes
    ----------
    directory : Path
    n_segments : int
        Number of committed segments.
    finished : bool
        Whether the run is complete; :meth:`segments` and :meth:`state` still serve.
    """

    def __init__(
        self, directory: str | os.PathLike[str], layout: Layout, attributes: Attributes, recording: Recording
    ) -> None:
        self.directory = Path(directory)
        self.n_segments = 0
        self.finished = False
        self._layout, self._recording = layout, recording
        self._attributes = {**versions(), **{name: plain(value) for name, value in attributes.items()}}
        self._fingerprint = _fingerprint(layout, self._attributes, recording)
        self._state: dict[str, NDArray[Any]] = {}
        self._writer: RecordingWriter | None = None
        self._lock: int | None = None

    @classmethod
    def create(
        cls,
        directory: str | os.PathLike[str],
        layout: Layout,
        attributes: Attributes,
        recording: Recording | None = None,
    ) -> RunStore:
        """Begin a run; the directory may exist and hold other files.

        Parameters
        ----------
        directory : path
        layout : Layout
        attributes : mapping of str to str, int, float or bool
            Root attributes of the recording (``seed``, ``configuration``, …); versions are added.
        recording : Recording, optional

        Raises
        ------
        RecordingError
            The directory holds a run already, is in use by another process or cannot be written.
        """
        store = cls(directory, layout, attributes, recording or Recording())
        if any((store.directory / name).exists() for name in ("journal", "checkpoint.npz", "recording.h5")):
            raise RecordingError(
                f"{directory} holds a run already: resume it with "
                f"`spikingsampling run --resume {directory}`, or choose another directory with --out"
            )
        return store._begin()

    @classmethod
    def resume(
        cls,
        directory: str | os.PathLike[str],
        layout: Layout,
        attributes: Attributes,
        recording: Recording | None = None,
    ) -> RunStore:
        """Go on with a run, from its last checkpoint, with the arguments that it was created with.

        Raises
        ------
        ResumeError
            There is no such directory, or an argument or version differs (the message lists how).
        RecordingError
            The journal is damaged, the directory is in use by another process or cannot be written.
        """
        store = cls(directory, layout, attributes, recording or Recording())
        if not store.directory.is_dir():
            raise ResumeError(f"{directory}: there is no such run directory, so nothing to resume")
        return store._begin()

    def _begin(self) -> RunStore:
        try:
            with self._failures("write the run directory"):
                self._open()
        except BaseException:
            self.close()
            raise
        return self

    def _open(self) -> None:
        journal = self.directory / "journal"
        checkpoint = self.directory / "checkpoint.npz"
        self.directory.mkdir(parents=True, exist_ok=True)
        self._acquire()
        if checkpoint.exists():
            arrays = load_arrays(checkpoint)
            try:
                meta = from_text(arrays.pop("meta"))
                self.n_segments, before = int(meta["segments"]), list(meta["fingerprint"])
            except (KeyError, TypeError, ValueError) as error:
                raise RecordingError(f"{checkpoint} is damaged: {error}") from error
            self._compare(before)
            self._state = {name.removeprefix("state/"): array for name, array in arrays.items()}
            # The journal is renamed before it is deleted, so without it the recording is complete.
            self.finished = not journal.exists()
        if self.finished:
            shutil.rmtree(self.directory / "journal.done", ignore_errors=True)
            return
        journal.mkdir(exist_ok=True)
        committed = {self._segment_file(index).name for index in range(self.n_segments)}
        for path in journal.iterdir():
            if path.name not in committed:
                path.unlink()
        self._rebuild()

    def _acquire(self) -> None:
        """Keep a second process out; the system lets go of the lock when this one ends, however it ends."""
        self._lock = os.open(self.directory, os.O_RDONLY)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RecordingError(f"{self.directory}: another process is writing this run") from None

    def _compare(self, before: list[str]) -> None:
        if before != self._fingerprint:
            gone = [f"was: {line}" for line in before if line not in self._fingerprint]
            new = [f"now: {line}" for line in self._fingerprint if line not in before]
            differences = "\n  ".join([*gone, *new]) or "the order of its settings"
            raise ResumeError(
                f"{self.directory}: this is another configuration than the run's:\n  {differences}"
            )

    def _rebuild(self) -> None:
        """Make the recording from the journal, byte for byte what an undisturbed run has at this point."""
        path = self.directory / "recording.h5"
        temporary = path.with_name("recording.h5.tmp")
        self._writer = RecordingWriter(temporary, self._layout, self._attributes, self._recording)
        for record in self.segments():
            self._writer.append(record)
        os.replace(temporary, path)
        sync_directory(self.directory)

    def _segment_file(self, index: int) -> Path:
        return self.directory / "journal" / f"{index:06d}.npz"

    def segments(self) -> Iterator[SegmentRecord]:
        """The committed segments in order, equal to what was committed."""
        if self.finished:
            with open_recording(self.directory) as recording:
                yield from (recording.record(index) for index in range(self.n_segments))
            return
        for index in range(self.n_segments):
            path = self._segment_file(index)
            arrays = load_arrays(path)
            try:
                yield record_from_arrays(arrays)
            except (KeyError, TypeError, ValueError) as error:
                raise RecordingError(f"{path} is damaged: {error}") from error

    def state(self) -> dict[str, NDArray[Any]]:
        """The state of the last checkpoint; empty before the first segment is committed."""
        return dict(self._state)

    def commit(self, record: SegmentRecord, state: Arrays) -> None:
        """Keep a segment and the state after it. When this returns, no crash can lose them.

        Parameters
        ----------
        record : SegmentRecord
        state : mapping of str to array
            All that the next segment starts from; kept bit for bit.

        Raises
        ------
        RecordingError
            The record does not fit, or the disk is full or fails. In the latter case the last checkpoint
            stays, and the run can be resumed from it once there is room.
        """
        if self._writer is None:
            raise RecordingError(f"{self.directory}: this run is closed for writing; resume it to go on")
        self._writer.check(record)
        state = {name: np.array(array) for name, array in state.items()}
        meta = as_text({"segments": self.n_segments + 1, "fingerprint": self._fingerprint})
        with self._failures(f"write segment {record.index}"):
            save_arrays(self._segment_file(record.index), record_to_arrays(record))
            arrays = {f"state/{name}": array for name, array in state.items()}
            save_arrays(self.directory / "checkpoint.npz", {"meta": meta, **arrays})
            self.n_segments, self._state = self.n_segments + 1, state
            self._writer.append(record)

    def finish(self) -> None:
        """Close the recording, mark it complete and delete the journal. RecordingError as :meth:`commit`."""
        if self.finished:
            return
        if self._writer is None:
            raise RecordingError(f"{self.directory}: this run is closed for writing; resume it to go on")
        with self._failures("complete the recording"):
            self._writer.complete()
            self._writer = None
            done = self.directory / "journal.done"
            shutil.rmtree(done, ignore_errors=True)
            os.replace(self.directory / "journal", done)
            sync_directory(self.directory)
            self.finished = True
            shutil.rmtree(done, ignore_errors=True)  # what stays is removed when the run is opened again

    def close(self) -> None:
        """Let go of the run directory; a run that is not finished can be resumed."""
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    @contextmanager
    def _failures(self, doing: str) -> Iterator[None]:
        """Turn failures of the disk into one clear message, and write no more after any failure."""
        try:
            yield
        except BaseException as error:
            writer, self._writer = self._writer, None
            if writer is not None:
                writer.close()
            if isinstance(error, OSError):
                message = f"{self.directory}: cannot {doing}: {error.strerror or error}"
                if self.n_segments:
                    message += (
                        f". The last checkpoint ({self.n_segments} segments) is intact: when the cause is "
                        f"mended, go on with `spikingsampling run --resume {self.directory}`"
                    )
                raise RecordingError(message) from error
            raise

    def __enter__(self) -> RunStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
