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

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import RecordingError, ResumeError
from ..files import Arrays, sync_directory
from ..locks import locked
from ..units import plain
from .pieces import (
    CHECKPOINT,
    DONE,
    JOURNAL,
    RECORDING,
    check_finished,
    check_not_begun,
    fingerprint,
    load_checkpoint,
    load_segment,
    name_of_run,
    remove_done,
    save_checkpoint,
    save_segment,
)
from .reading import open_recording
from .record import Layout, SegmentRecord
from .settings import Recording
from .writing import Attributes, RecordingWriter, versions

__all__ = ["RunStore"]

#: A lock of the recording alone, beside that of a run with all its parts.
LOCK = ".recording.lock"


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
        self._fingerprint = fingerprint(layout, self._attributes, recording)
        self._name = name_of_run(self._fingerprint)
        self._state: dict[str, NDArray[Any]] = {}
        self._writer: RecordingWriter | None = None
        self._held = ExitStack()

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
            The directory holds a run already or cannot be written.
        InUse
            Another process is writing there.
        """
        return cls(directory, layout, attributes, recording or Recording())._begin(new=True)

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
            A piece of the run is missing, damaged or of another run, or the directory cannot be written.
        InUse
            Another process is writing there.
        """
        store = cls(directory, layout, attributes, recording or Recording())
        if not store.directory.is_dir():
            raise ResumeError(f"{directory}: there is no such run directory, so nothing to resume")
        return store._begin(new=False)

    def _begin(self, new: bool) -> RunStore:
        try:
            with self._failures("write the run directory"):
                self._open(new)
        except BaseException:
            self.close()
            raise
        return self

    def _open(self, new: bool) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        self._held.enter_context(locked(self.directory / LOCK))
        journal, checkpoint = self.directory / JOURNAL, self.directory / CHECKPOINT
        if new and any((self.directory / name).exists() for name in (JOURNAL, CHECKPOINT, RECORDING)):
            raise RecordingError(
                f"{self.directory} holds a run already: resume it with "
                f"`spikingsampling run --resume {self.directory}`, or choose another directory with --out"
            )
        if checkpoint.exists():
            self.n_segments, before, self._state = load_checkpoint(checkpoint)
            self._compare(before)
            if not journal.exists():
                check_finished(self.directory, self.n_segments, self._name)
                self.finished = True
                remove_done(self.directory)
                return
        else:
            check_not_begun(self.directory)
        journal.mkdir(exist_ok=True)
        committed = {self._segment_file(index).name for index in range(self.n_segments)}
        for path in journal.iterdir():
            if path.name not in committed:
                path.unlink()
        self._rebuild()

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
        path = self.directory / RECORDING
        temporary = path.with_name(f"{RECORDING}.tmp")
        self._writer = RecordingWriter(
            temporary, self._layout, self._attributes, self._recording, run=self._name
        )
        for record in self.segments():
            self._writer.append(record)
        self._writer.sync()
        os.replace(temporary, path)
        sync_directory(self.directory)

    def _segment_file(self, index: int) -> Path:
        return self.directory / JOURNAL / f"{index:06d}.npz"

    def segments(self) -> Iterator[SegmentRecord]:
        """The committed segments in order, equal to what was committed."""
        if self.finished:
            with open_recording(self.directory) as recording:
                yield from (recording.record(index) for index in range(self.n_segments))
            return
        for index in range(self.n_segments):
            yield load_segment(self._segment_file(index), index, self._name)

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
            way = "it is finished; begin another" if self.finished else "resume it to go on"
            raise RecordingError(f"{self.directory}: this run is closed for writing; {way}")
        self._writer.check(record)
        state = {name: np.array(array) for name, array in state.items()}
        self._check_state(record.index, state)
        with self._failures(f"write segment {record.index}"):
            save_segment(self._segment_file(record.index), record, self._name)
            save_checkpoint(self.directory / CHECKPOINT, record.index + 1, self._fingerprint, state)
            self.n_segments, self._state = record.index + 1, state
            self._writer.append(record)

    def _check_state(self, index: int, state: Arrays) -> None:
        """RecordingError unless a state has the arrays of the one before it."""
        before, after = ({n: (a.dtype, a.shape) for n, a in s.items()} for s in (self._state, state))
        if differing := sorted(n for n in {*before, *after} if before and before.get(n) != after.get(n)):
            raise RecordingError(
                f"segment {index}: the state after it has other arrays than the one before "
                f"({', '.join(differing)} differ); nothing of it is kept"
            )

    def finish(self) -> None:
        """Close the recording, mark it complete and delete the journal. RecordingError as :meth:`commit`."""
        if self.finished:
            return
        if self._writer is None:
            raise RecordingError(f"{self.directory}: this run is closed for writing; resume it to go on")
        with self._failures("complete the recording"):
            self._writer.complete()
            self._writer = None
            check_finished(self.directory, self.n_segments, self._name)
            remove_done(self.directory)
            os.replace(self.directory / JOURNAL, self.directory / DONE)
            sync_directory(self.directory)
            self.finished = True
        remove_done(self.directory)

    def close(self) -> None:
        """Let go of the run directory; a run that is not finished can be resumed."""
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()
        self._held.close()

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
