"""A simulation: one network, lived through segment by segment, recorded and resumable.

A simulation is a line in time without branches; several may start from one
:class:`~spikingsampling.simulation.moment.Moment`. Every segment starts from the state that the last one left and
from a seed of its own, spawned by number from the
simulation's seed; after it the recording is flushed and a checkpoint written. A resumed simulation gives back the
segments that are already recorded instead of computing them, so that a protocol is a plain script that knows nothing
of being resumed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..engines import ENGINES, Drive, Engine, make_engine
from ..errors import ParameterError, ResumeError, UnknownNameError
from ..network.description import Network
from ..network.lesions import COUNTS, Lesion
from ..network.rules import Learning
from ..network.state import initial_state
from ..network.timing import Timing, steps_of
from ..recording.journal import RunStore
from ..recording.record import Event, SegmentRecord
from ..recording.settings import Recording
from .moment import Moment
from .observation import active_synapses, layout_of, snapshots_of, spikes_of
from .response import Response
from .stimuli import SILENCE, Stimuli

if TYPE_CHECKING:
    from .progress import Progress

__all__ = ["Simulation"]


class Simulation:
    """Runs a network on stimuli.

    As a context manager it completes its recording at the end of the block, unless the block raises or calls
    :meth:`close`: such a run can be resumed.

    Parameters
    ----------
    network : Network
    stimuli : Stimuli
        Libraries for all sources of the network.
    seed : numpy.random.SeedSequence or int
        The only source of randomness.
    start : Moment, optional
        Where another simulation of an equal network stood (its parameters may differ); at rest, with θ drawn from
        the prior, when None.
    engine : {"standalone", "runtime"}
    segment : float
        Longest segment (s); a whole multiple of the presentation period and of ``update_period``.
    dt, update_period : float
        Time step, and time between two steps of prior and noise (s).
    directory : Path, optional
        Where recording and checkpoint are kept; nothing is written when None.
    resuming : bool
        Go on with the run in ``directory`` instead of beginning one.
    recording : Recording, optional
        What is recorded.
    attributes : mapping, optional
        Root attributes of the recording, such as the configuration.
    progress : Progress, optional
        Told of every segment.
    after_segment : callable, optional
        Called when a segment is safe; may raise to stop the simulation.

    Raises
    ------
    ParameterError
        Periods that do not divide each other, b times ``update_period`` above 1e-3, or a ``start`` of another
        network.
    CompilerError
        Standalone engine without a compiler.
    RecordingError, ResumeError
        ``directory`` cannot be used.
    """

    def __init__(
        self,
        network: Network,
        stimuli: Stimuli,
        *,
        seed: np.random.SeedSequence | int,
        start: Moment | None = None,
        engine: str = "standalone",
        segment: float = 60.0,
        dt: float = 1e-3,
        update_period: float = 1.0,
        directory: Path | None = None,
        resuming: bool = False,
        recording: Recording | None = None,
        attributes: Mapping[str, Any] | None = None,
        progress: Progress | None = None,
        after_segment: Callable[[], None] = lambda: None,
        **engine_options: Any,
    ) -> None:
        rate_time = network.parameters.b * update_period
        if rate_time > 1e-3:
            raise ParameterError(
                f"update_period = {update_period:g} s: b times it is {rate_time:g} and must be at most 1e-3"
            )
        if engine not in ENGINES:
            raise UnknownNameError("engine", engine, ENGINES)
        self.network, self.stimuli = network, stimuli
        self.timing = Timing(
            dt, stimuli.frame_period, update_period, segment, network.parameters.lateral_delay
        )
        steps_of(segment, stimuli.presentation_period, "segment", "the presentation period")
        self._seed = seed if isinstance(seed, np.random.SeedSequence) else np.random.SeedSequence(seed)
        frames = stimuli.table(network)
        self._order = [source.name for source in network.sources]
        self._progress, self._after_segment = progress, after_segment
        self.directory = directory
        self.time, self._index = 0.0, 0
        self._state = initial_state(network, np.random.default_rng(self._stream(0)), self.timing)
        if start is not None:
            start.check_fits(self._state)
            self.time, self._state = start.time, dict(start.state)
        self._engine: Engine | None = None
        self._make_engine = lambda: make_engine(engine, network, self.timing, frames, **engine_options)
        self.build_seconds = 0.0
        self._finished = self._closed = False
        if not resuming:
            self._build()  # first of all, so that a missing compiler leaves no half-begun run
        self._recorded: Iterator[SegmentRecord] = iter(())
        self._next: SegmentRecord | None = None
        self._events: list[Event] = []
        self._store: RunStore | None = None
        self._recording = recording or Recording()
        self._recorded_populations = self._recording.populations(layout_of(network))
        if directory is not None:
            stimulus_hash = hashlib.sha256(frames.tobytes()).hexdigest()[:16]
            described = {
                "engine": engine,
                "seed_entropy": str(self._seed.entropy),
                "seed_spawn_key": str(self._seed.spawn_key),
                "timing": repr(self.timing),
                "stimuli": stimulus_hash,
                "parameters": "\n".join(f"{k} = {v}" for k, v in network.parameters.to_mapping().items()),
                **({} if start is None else {"start": start.fingerprint()}),
                **(attributes or {}),
            }
            open_store = RunStore.resume if resuming else RunStore.create
            self._store = open_store(directory, layout_of(network), described, self._recording)
            self._recorded = self._store.segments()
            self._state = self._store.state() or self._state
        self._n_recorded = self._store.n_segments if self._store else 0

    def _build(self) -> Engine:
        """The engine; a resumed run that only reads back needs none."""
        if self._engine is None:
            self._engine = self._make_engine()
            self.build_seconds = self._engine.build_seconds
        return self._engine

    @property
    def replaying(self) -> bool:
        """Whether the next segment is already recorded, by an earlier part of a resumed run."""
        return self._index < self._n_recorded

    def present(
        self,
        items: Mapping[str, ArrayLike],
        *,
        learning: Learning,
        labels: ArrayLike | None = None,
        name: str = "",
        snapshot: bool = False,
    ) -> Response:
        """Present items one after another.

        Parameters
        ----------
        items : mapping of str to (n,) int array
            Item shown by each source, ``SILENCE`` for none; a source left out is silent. n presentations must take
            a whole multiple of ``update_period``.
        learning : {"sampling", "map", "likelihood", "off"}
            ``map`` is without noise, ``likelihood`` without noise and prior.
        labels : (n,) int array, optional
            Class of each presentation, for the recording.
        name : str
            What this is, for example "train"; kept with each segment and shown.
        snapshot : bool
            Whether θ and w at the end are recorded in any case, not only when a snapshot is due, and are part of
            the response.

        Raises
        ------
        ParameterError
            Items that do not exist, or a duration that is not a multiple of ``update_period``.
        ResumeError
            A resumed protocol asks for something else than it did before.
        """
        shown = {source: np.asarray(values) for source, values in items.items()}
        schedule = self.stimuli.schedule(shown, self._order)
        n = len(next(iter(shown.values())))
        classes = np.full(n, SILENCE) if labels is None else np.asarray(labels, dtype=np.int64)
        if classes.shape != (n,):
            raise ParameterError(f"labels has shape {classes.shape}: must be {(n,)}")
        period = self.stimuli.presentation_period
        steps_of(n * period, self.timing.update_period, f"{n} presentations of {period:g}", "update_period")
        start, per_segment = self.time, round(self.timing.segment / period)
        frames = len(schedule) // n
        records = []
        for first in range(0, n, per_segment):
            last = min(first + per_segment, n)
            rows = schedule[first * frames : last * frames]
            due = snapshot and last == n
            records.append(self._segment(rows, classes[first:last], period, learning, name, due))
        spikes = {
            p.name: tuple(np.concatenate([r.spikes[p.name][k] for r in records]) for k in (0, 1))
            for p in self.network.populations
            if p.name in records[0].spikes
        }
        sizes = {p.name: p.size for p in self.network.populations}
        # As they are read back from a finished recording, so that a resumed run measures the same.
        last = records[-1].snapshots if snapshot else {}
        snapshots = {p: (theta.astype(np.float32), w.astype(np.float32)) for p, (theta, w) in last.items()}
        return Response(classes, shown, start, period, spikes, sizes, snapshots)

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
            raise ResumeError(
                "the state is not at hand while a resumed run reads back what it has done; use the recording"
            )

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
            recorded = self._peek().events[len(self._events) :][:1]
            if not recorded or recorded[0].kind != lesion.kind:
                raise ResumeError(f"t = {self.time:g} s: the run had no {lesion.kind} here")
            before = json.loads(recorded[0].detail)
            # What was asked for must be the same; how many synapses that took depends on the state of then.
            if {**before, **dict.fromkeys(COUNTS)} != {**detail, **dict.fromkeys(COUNTS)}:
                raise ResumeError(f"t = {self.time:g} s: the {lesion.kind} was {before}, and is now {detail}")
            detail = before
        else:
            self._state = state
        self.note(lesion.kind, **detail)
        return detail

    def note(self, kind: str, **detail: Any) -> None:
        """Record that something happened now, for example a change of the environment, with the next segment."""
        self._events.append(Event(self.time, kind, json.dumps(detail)))

    def _peek(self) -> SegmentRecord:
        """The next of the recorded segments."""
        if self._next is None:
            self._next = next(self._recorded)
        return self._next

    def theta(self, projection: str) -> NDArray[np.float64]:
        """Parameters θ of a projection now, (n_synapses,).

        Raises
        ------
        ResumeError
            While recorded segments are read back, when the state is already further.
        """
        self._check_state_at_hand()
        for pathway in self.network.pathways:
            if projection in pathway.slices:
                return self._state[f"{pathway.name}.theta"][pathway.slices[projection]].copy()
        raise UnknownNameError("projection", projection, [p.name for p in self.network.projections])

    @property
    def active_synapses(self) -> int:
        """Number of synapses that exist now (θ > 0)."""
        return active_synapses(self.network, self._state)

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
        if self._store is not None:
            if self._events:
                last = self._events[-1]
                raise ParameterError(f"{last.kind} at {self.time:g} s: must be followed by a presentation")
            if self.replaying:
                raise ResumeError(
                    f"the run has {self._n_recorded} segments; the resumed protocol ends after {self._index}"
                )
            self._store.finish()
        self._finished = True
        self.close()

    def close(self) -> None:
        """Free what the simulation holds; a recording that is not finished can be resumed."""
        self._closed = True
        if self._engine is not None:
            self._engine.close()
        if self._store is not None:
            self._store.close()

    def __enter__(self) -> Simulation:
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
        duration = len(labels) * period
        columns = {source: schedule[:, k] for k, source in enumerate(self._order)}
        if self.replaying:
            record, self._next = self._peek(), None
            same = record.learning == learning and record.events == tuple(self._events)
            same = same and all(
                np.array_equal(record.schedule[source], rows) for source, rows in columns.items()
            )
            if not same:
                raise ResumeError(
                    f"segment {self._index} was {record.label!r} with learning = {record.learning!r}; the resumed "
                    f"protocol asks for {name!r} with learning = {learning!r}, other events or other stimuli"
                )
        else:
            record = self._advance(schedule, columns, labels, period, duration, learning, name, snapshot)
        self._index, self.time, self._events = self._index + 1, record.stop, []
        if self._progress is not None:
            active = None if self.replaying else self.active_synapses
            self._progress.advance(duration, active, name)
        return record

    def _advance(
        self,
        schedule: NDArray[np.int32],
        columns: Mapping[str, NDArray[np.int32]],
        labels: NDArray[np.int64],
        period: float,
        duration: float,
        learning: Learning,
        name: str,
        snapshot: bool,
    ) -> SegmentRecord:
        seed = int(self._stream(self._index + 1).generate_state(1, np.uint32)[0])
        outcome = self._build().advance(self._state, Drive(duration, schedule), learning, seed)
        stop = self.time + duration
        spikes = spikes_of(self.network, outcome, self._recorded_populations, self.time)
        due = snapshot or self._recording.snapshot_due(self.time, stop)
        record = SegmentRecord(
            index=self._index,
            start=self.time,
            stop=stop,
            learning=learning,
            label=name,
            spikes=spikes,
            snapshots=snapshots_of(self.network, outcome.state) if due else {},
            schedule=columns,
            frame_period=self.timing.frame_period,
            items=labels,
            presentation_period=period,
            events=tuple(self._events),
        )
        self._state = outcome.state
        if self._store is not None:
            self._store.commit(record, self._state)
            self._after_segment()
        return record
