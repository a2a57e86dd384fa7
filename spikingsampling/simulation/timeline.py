"""A line in time: the state of one network, advanced segment by segment, changed by lesions, recorded and resumable.

It has no branches; several lines may start from one :class:`~spikingsampling.simulation.moment.Moment`. Every segment
starts from the state that the last one left, with a seed of its own, spawned by number from the seed of the line.
After it the recording is flushed and a checkpoint written. A resumed line gives back the segments that are recorded
instead of computing them. So a protocol is a plain script that knows nothing of being resumed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from .._checks import seed_sequence
from ..engines.base import Drive, Engine, NotCopied
from ..engines.selection import identity_of, make_engine
from ..errors import ParameterError, ResumeError
from ..network.description import Network
from ..network.lesions import Lesion
from ..network.rules import Learning
from ..network.state import initial_state
from ..network.timing import Timing
from ..recording.record import Event, SegmentRecord
from ..recording.settings import Recording
from .moment import Moment
from .observation import active_synapses, check_outcome, json_text, layout_of, snapshots_of, spikes_of
from .ownership import Ownership, alone
from .run_log import RunLog

if TYPE_CHECKING:
    from .progress import Progress

__all__ = ["Timeline"]


class Timeline(NotCopied):
    """What a :class:`~spikingsampling.simulation.simulation.Simulation` is without its stimuli.

    Parameters
    ----------
    network, timing
    frames : (n_frames, n_inputs) array
        Table of input rates (Hz).
    engine_options : mapping
        Passed to :func:`~spikingsampling.engines.selection.make_engine`.

    The others, and the errors raised, are those of ``Simulation``.
    """

    def __init__(
        self,
        network: Network,
        frames: NDArray[np.float64],
        timing: Timing,
        *,
        seed: np.random.SeedSequence | int,
        start: Moment | None,
        engine: str,
        directory: Path | None,
        resuming: bool,
        recording: Recording | None,
        attributes: Mapping[str, Any] | None,
        progress: Progress | None,
        after_segment: Callable[[], None],
        engine_options: Mapping[str, Any],
    ) -> None:
        identity = identity_of(engine)
        self.network, self.timing = network, timing
        self._seed = seed_sequence("seed", seed)
        self._order = [source.name for source in network.sources]
        self._progress, self._after_segment = progress, after_segment
        self.directory, self._owner = directory, Ownership(directory)
        self.time, self._index = 0.0, 0
        self._state = initial_state(network, np.random.default_rng(self._stream(0)), self.timing)
        if start is not None:
            start.check_fits(self._state)
            self.time, self._state = start.time, dict(start.state)
        self._engine: Engine | None = None
        self._make_engine = lambda announce: make_engine(
            engine, self.network, self.timing, frames, announce=announce, **engine_options
        )
        self.build_seconds = 0.0
        self._finished = self._closed = False
        if not resuming:
            self._build()  # first of all, so that a missing compiler leaves no half-begun run
        self._events: list[Event] = []
        self._recording = recording or Recording()
        self._recorded_populations = self._recording.populations(layout := layout_of(network))
        described = {
            **identity,
            "seed_entropy": str(self._seed.entropy),
            "seed_spawn_key": str(self._seed.spawn_key),
            "timing": repr(self.timing),
            "stimuli": hashlib.sha256(frames.tobytes()).hexdigest()[:16],
            "parameters": "\n".join(f"{name} = {value}" for name, value in network.constants().items()),
            **({} if start is None else {"start": start.fingerprint()}),
            **(attributes or {}),
        }
        self._log = RunLog.open(directory, layout, described, recording, resuming=resuming)
        self._state = self._log.state() or self._state

    def _build(self) -> Engine:
        """The engine; a resumed run that only reads back needs none."""
        if self._engine is None:
            with self._progress.preparing() if self._progress else nullcontext(lambda text: None) as announce:
                self._engine = self._make_engine(announce)
            self.build_seconds = self._engine.build_seconds
        return self._engine

    @property
    def replaying(self) -> bool:
        """Whether the next segment is already recorded, by an earlier part of a resumed run."""
        return self._index < self._log.n_recorded

    @property
    def now(self) -> Moment:
        """The state and time now, for another simulation to start from.

        Raises
        ------
        ResumeError
            While recorded segments are read back, or a lesion has no segment after it yet.
        """
        self._check_state_at_hand()
        if self._events:
            raise ResumeError(f"t = {self.time:g} s: an event has no segment after it that would record it")
        return Moment(self.time, {name: values.copy() for name, values in self._state.items()})

    def _check_state_at_hand(self) -> None:
        if self.replaying:
            raise ResumeError("the state is not at hand while a resumed run reads back; use the recording")

    @alone
    def lesion(self, lesion: Lesion) -> dict[str, Any]:
        """Take something from the network for good, now. The recording notes it with the next segment.

        Returns
        -------
        dict
            What was removed, among it the numbers of ``synapses`` and of those that were ``active``.

        Raises
        ------
        ParameterError, UnknownNameError
            The network has no such part.
        ResumeError
            A resumed protocol asks for another lesion than it did before.
        """
        # Even a lesion that is only read back is applied, to whatever state is there: that checks its arguments.
        state, detail = lesion.apply(self.network, self._state)
        if self.replaying:
            detail = self._log.repeat_lesion(lesion, detail, self.time, len(self._events))
        else:
            self._state = state
        self.note(lesion.kind, **detail)
        return detail

    def note(self, kind: str, **detail: Any) -> None:
        """Record that something happened now, for example a change of the environment, with the next segment."""
        self._events.append(Event(self.time, kind, json_text(detail)))

    def theta(self, projection: str) -> NDArray[np.float64]:
        """Parameters θ of a projection now, (n_synapses,).

        Raises
        ------
        ResumeError
            While recorded segments are read back.
        """
        self._check_state_at_hand()
        pathway = self.network.pathway(projection)
        return self._state[f"{pathway.name}.theta"][pathway.slices[projection]].copy()

    @property
    def active_synapses(self) -> int:
        """Number of synapses that are active now: θ > 0, and not removed."""
        return active_synapses(self.network, self._state)

    @alone
    def finish(self) -> None:
        """Complete the recording; a ``with`` block does so at its end. A second call does nothing.

        Raises
        ------
        ParameterError
            Something happened after the last segment, which no segment would record.
        ResumeError
            A resumed protocol ends before it has repeated all that it did before.
        """
        if self._finished:
            return
        if self._log.keeps and self._events:
            last = self._events[-1]
            raise ParameterError(f"{last.kind} at {self.time:g} s: must be followed by a presentation")
        if self.replaying:
            raise ResumeError(
                f"the run has {self._log.n_recorded} segments; the resumed protocol ends after {self._index}"
            )
        self._log.finish()
        self._finished = True
        self.close()

    def close(self) -> None:
        """Free what the line holds; a recording that is not finished can be resumed."""
        self._closed = True
        if self._engine is not None:
            self._engine.close()
        if self._owner.is_mine:
            self._log.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, exception: type[BaseException] | None, *_: object) -> None:
        """Finish at the end of the block; after an error or :meth:`close` the recording stays unfinished."""
        try:
            if exception is None and not self._closed:
                self.finish()
        finally:
            self.close()

    def _stream(self, index: int) -> np.random.SeedSequence:
        """The seed of a segment (from 1), or of the initial state (0)."""
        return np.random.SeedSequence(self._seed.entropy, spawn_key=(*self._seed.spawn_key, index))

    def _segment(
        self,
        schedule: NDArray[np.int32],
        labels: NDArray[np.int64],
        period: float,
        learning: Learning,
        name: str,
        snapshot: bool,
    ) -> SegmentRecord:
        """The next segment: read back, or simulated and recorded.

        Parameters
        ----------
        schedule : (n_frames, n_sources) array
            Row of the table of rates that each source shows in each frame.
        labels, period
            Class of each presentation (n,), and the time from one to the next (s).
        snapshot : bool
            Whether θ and w are recorded even if no snapshot is due.
        """
        columns = {source: schedule[:, k] for k, source in enumerate(self._order)}
        if self.replaying:
            record = self._log.repeat(self._index, learning, name, columns, self._events)
        else:
            record = self._advance(schedule, columns, labels, period, learning, name, snapshot)
        self._index, self.time, self._events = self._index + 1, record.stop, []
        if self._progress is not None:
            active = None if self.replaying else self.active_synapses
            self._progress.advance(len(labels) * period, active, name)
        return record

    def _advance(
        self,
        schedule: NDArray[np.int32],
        columns: Mapping[str, NDArray[np.int32]],
        labels: NDArray[np.int64],
        period: float,
        learning: Learning,
        name: str,
        snapshot: bool,
    ) -> SegmentRecord:
        duration = len(labels) * period
        seed = int(self._stream(self._index + 1).generate_state(1, np.uint32)[0])
        outcome = self._build().advance(self._state, Drive(duration, schedule), learning, seed)
        check_outcome(self.network, self._state, outcome, duration)
        stop = self.time + duration
        due = snapshot or self._recording.snapshot_due(self.time, stop)
        record = SegmentRecord(
            index=self._index,
            start=self.time,
            stop=stop,
            learning=learning,
            label=name,
            spikes=spikes_of(self.network, outcome, self._recorded_populations, self.time),
            snapshots=snapshots_of(self.network, outcome.state) if due else {},
            schedule=columns,
            frame_period=self.timing.frame_period,
            items=labels,
            presentation_period=period,
            events=tuple(self._events),
        )
        self._state = outcome.state
        self._log.commit(record, self._state)
        if self._log.keeps:
            self._after_segment()
        return record
