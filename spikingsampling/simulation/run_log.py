"""What of a simulation is recorded already, and where its new segments go.

A resumed protocol is the same script from its beginning. As long as it asks for what it did before, it is given the
segments that are recorded; from there on segments are computed and committed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ResumeError
from ..network.lesions import COUNTS, Lesion
from ..network.rules import Learning
from ..network.state import State
from ..recording.journal import RunStore
from ..recording.record import Event, Layout, SegmentRecord
from ..recording.settings import Recording
from .history import History

__all__ = ["RunLog"]


class RunLog:
    """The segments of a simulation, by number.

    Parameters
    ----------
    store : RunStore, optional
        The run directory; nothing is written when None.
    history : History, optional
        What is kept in memory where nothing is written.

    Attributes
    ----------
    n_recorded : int
        Number of segments that an earlier part of the run has recorded.
    """

    def __init__(self, store: RunStore | None = None, history: History | None = None) -> None:
        self._store, self.history = store, history
        self.n_recorded = store.n_segments if store else 0
        self._recorded = store.segments() if store else iter(())
        self._next: SegmentRecord | None = None

    @classmethod
    def open(
        cls,
        directory: Path | None,
        layout: Layout,
        attributes: Mapping[str, Any],
        recording: Recording | None,
        *,
        resuming: bool,
    ) -> RunLog:
        """Begin the run in ``directory``, or go on with it.

        Without a directory the snapshots are kept in memory if ``recording`` asks for them, else nothing.

        Raises
        ------
        RecordingError, ResumeError
            ``directory`` cannot be used.
        """
        if directory is None:
            return cls(history=History() if recording is not None else None)
        open_store = RunStore.resume if resuming else RunStore.create
        return cls(open_store(directory, layout, attributes, recording or Recording()))

    @property
    def keeps(self) -> bool:
        """Whether segments are written anywhere."""
        return self._store is not None

    def state(self) -> State:
        """The state after the last recorded segment; empty where there is none."""
        return self._store.state() if self._store else {}

    def peek(self) -> SegmentRecord:
        """The next of the recorded segments."""
        if self._next is None:
            self._next = next(self._recorded)
        return self._next

    def repeat(
        self,
        index: int,
        learning: Learning,
        name: str,
        schedule: Mapping[str, NDArray[np.int32]],
        events: Sequence[Event],
    ) -> SegmentRecord:
        """The recorded segment number ``index``.

        Raises
        ------
        ResumeError
            It was another one than is asked for now.
        """
        record, self._next = self.peek(), None
        same = record.learning == learning and record.events == tuple(events)
        if not same or any(
            not np.array_equal(record.schedule[source], rows) for source, rows in schedule.items()
        ):
            raise ResumeError(
                f"segment {index} was {record.label!r} with learning = {record.learning!r}; the resumed "
                f"protocol asks for {name!r} with learning = {learning!r}, other events or other stimuli"
            )
        return record

    def repeat_lesion(
        self, lesion: Lesion, detail: Mapping[str, Any], time: float, n_events: int
    ) -> dict[str, Any]:
        """The detail of a lesion that is recorded with the next segment, after ``n_events`` other events.

        Raises
        ------
        ResumeError
            It was another one than is asked for now.
        """
        recorded = self.peek().events[n_events:][:1]
        if not recorded or recorded[0].kind != lesion.kind:
            raise ResumeError(f"t = {time:g} s: the run had no {lesion.kind} here")
        before = json.loads(recorded[0].detail)
        # What was asked for must be the same; how many synapses that took depends on the state of then.
        if {**before, **dict.fromkeys(COUNTS)} != {**detail, **dict.fromkeys(COUNTS)}:
            raise ResumeError(f"t = {time:g} s: the {lesion.kind} was {before}, and is now {dict(detail)}")
        return before

    def commit(self, record: SegmentRecord, state: State) -> None:
        """Keep a new segment and the state after it."""
        if self._store is not None:
            self._store.commit(record, state)
        elif self.history is not None:
            self.history.append(record)

    def finish(self) -> None:
        """Complete the recording."""
        if self._store is not None:
            self._store.finish()

    def close(self) -> None:
        """Let go of the run directory."""
        if self._store is not None:
            self._store.close()
