"""A simulation: one network, shown stimuli."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from .._checks import whole_array
from ..errors import ParameterError
from ..network.description import Network
from ..network.parameters import CircuitParameters
from ..network.rules import Learning
from ..network.timing import Timing, steps_of
from ..recording.settings import Recording
from ..tables import Summarised, Table
from .history import History
from .moment import Moment
from .ownership import alone
from .response import Response
from .stimuli import SILENCE, Stimuli
from .timeline import Timeline

if TYPE_CHECKING:
    from .progress import Progress

__all__ = ["CHANGEABLE", "Simulation"]

#: The constants that may change while a network runs. Others are compiled in, or in what the state holds (traces are
#: scaled by their time constants, and the next spikes of circuits are drawn already).
CHANGEABLE = (
    "b",
    "temperature",
    "n_examples",
    "alpha",
    "alpha_cap",
    "adaptation",
    "tau_adaptation_fall",
    "tau_adaptation_rise",
    "retracted_learn",
)


def _check_update(parameters: CircuitParameters, timing: Timing) -> None:
    rate_time = parameters.b * timing.update_period
    if rate_time > 1e-3:
        raise ParameterError(
            f"update_period = {timing.update_period:g} s: b times it is {rate_time:g} and must be at most 1e-3"
        )


class Simulation(Timeline, Summarised):
    """Runs a network on stimuli.

    As a context manager it completes its recording at the end of the block, unless the block raises or calls
    :meth:`close`: such a run can be resumed. It cannot be copied: :attr:`now` is the moment from which others begin.

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
    segment : time
        Longest segment, a number in s or with a unit; a whole multiple of the presentation period and of
        ``update_period``.
    dt, update_period : time
        Time step, and time between two steps of prior and noise. In a step an input and a circuit fire at most once,
        so rates must be below 1/dt.
    directory : Path, optional
        Where recording and checkpoint are kept; nothing is written when None, and :attr:`history` has the snapshots if
        ``recording`` is given.
    resuming : bool
        Go on with the run in ``directory`` instead of beginning one.
    recording : Recording, optional
        What is recorded.
    attributes : mapping, optional
        Root attributes of the recording, such as the configuration.
    progress : Progress, optional
        Told of every segment; ``Progress()`` shows a bar in a terminal and in a notebook.
    after_segment : callable, optional
        Called when a segment is safe; may raise to stop the simulation.

    Raises
    ------
    ParameterError
        Periods that do not divide each other, b times ``update_period`` above 1e-3, rates of 1/dt or more, traces that
        overflow within a frame, or a ``start`` of another network.
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
        timing = Timing(dt, stimuli.frame_period, update_period, segment, network.parameters.lateral_delay)
        _check_update(network.parameters, timing)
        steps_of(timing.segment, stimuli.presentation_period, "segment", "the presentation period")
        frames = stimuli.table(network)
        timing.check_fits(network.parameters, float(frames.max()))
        self.stimuli = stimuli
        super().__init__(
            network,
            frames,
            timing,
            seed=seed,
            start=start,
            engine=engine,
            directory=directory,
            resuming=resuming,
            recording=recording,
            attributes=attributes,
            progress=progress,
            after_segment=after_segment,
            engine_options=engine_options,
        )

    @property
    def history(self) -> History:
        """θ and w at the snapshots so far, of a simulation with a ``recording`` and without a directory.

        Raises
        ------
        ParameterError
            It has a directory, which :func:`~spikingsampling.open_recording` reads, or no ``recording``.
        """
        if self._log.history is None:
            where = "is in the directory" if self.directory else "was not kept: give recording=Recording()"
            raise ParameterError(f"history: what this simulation did {where}")
        return self._log.history

    def summary(self) -> tuple[str, list[Table]]:
        """Time and network."""
        line, tables = self.network.summary()
        return f"{self.time:g} s of {line}, {self.active_synapses} active", tables

    @alone
    def set_parameters(self, **changes: Any) -> None:
        """Change constants of the circuits from now on, without recompiling, for example to anneal ``b``.

        The recording notes it with the next segment, as an event ``parameters``.

        Parameters
        ----------
        **changes
            New values of ``b``, ``temperature``, ``n_examples``, ``alpha``, ``alpha_cap``, ``adaptation``, its two time
            constants, or ``retracted_learn``, as :class:`~spikingsampling.network.parameters.CircuitParameters` takes
            them. What a projection has of its own stays.

        Raises
        ------
        ParameterError
            A constant that cannot change while the network runs, or a value that is not allowed.
        """
        for name in changes:
            if name not in CHANGEABLE:
                raise ParameterError(
                    f"{name}: cannot change during a simulation; what can is {', '.join(CHANGEABLE)}"
                )
        parameters = self.network.parameters.replace(**changes)
        _check_update(parameters, self.timing)
        self.network = replace(self.network, parameters=parameters)
        if self._engine is not None:
            self._engine.network = self.network
        self.note("parameters", **{name: getattr(parameters, name) for name in sorted(changes)})

    @alone
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
            Items that do not exist, labels that are not whole numbers from -1, or a duration that is not a multiple of
            ``update_period``.
        ResumeError
            A resumed protocol asks for something else than it did before; or this is a forked child, which must not
            write the run directory of its parent.
        EngineError
            The engine failed, or another thread is using this simulation.
        """
        presented = self.stimuli.numbers_of(items)
        schedule = self.stimuli.schedule(presented, self._order)
        n = len(next(iter(presented.values())))
        classes = (
            np.full(n, SILENCE) if labels is None else whole_array("labels", labels, SILENCE, 2**31 - 2, n)
        )
        period = self.stimuli.presentation_period
        steps_of(n * period, self.timing.update_period, f"{n} presentations of {period:g}", "update_period")
        start, per_segment = self.time, round(self.timing.segment / period)
        frames = len(schedule) // n
        records = []
        with self._progress.during(n * period, name) if self._progress else nullcontext():
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
        return Response(classes, presented, start, period, spikes, sizes, snapshots, self.timing.dt)
