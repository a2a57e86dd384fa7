"""A run of a protocol: its seeds, log, figures and metrics, and how Ctrl-C stops it without loss."""

from __future__ import annotations

import hashlib
import json
import logging
import math
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np
from rich.console import Console

from . import machine
from ._version import __version__
from .configuration import ProtocolConfiguration, write_text
from .errors import Interrupted
from .progress import Progress
from .run_directory import ELAPSED, LOG, METRICS, locked, logging_to, read_elapsed

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from .moment import Moment
    from .network import Network
    from .protocol import Protocol
    from .recording import Recording
    from .simulation import Simulation
    from .stimuli import Stimuli

__all__ = ["Interruption", "Run", "execute", "interruptible"]

C = TypeVar("C", bound=ProtocolConfiguration)


class Interruption:
    """Whether the user has asked the run to stop."""

    def __init__(self) -> None:
        self.requested = False


@contextmanager
def interruptible(notify: Callable[[str], None] = lambda message: None) -> Iterator[Interruption]:
    """Turn the first Ctrl-C into a request to stop; the second one raises KeyboardInterrupt at once.

    Signals belong to the main thread: in any other the flag stays down.
    """
    interruption = Interruption()
    if threading.current_thread() is not threading.main_thread():
        yield interruption
        return

    def handle(number: int, frame: FrameType | None) -> None:
        if interruption.requested:
            raise KeyboardInterrupt
        interruption.requested = True
        notify("stopping at the end of this segment; press Ctrl-C again to stop at once")

    former = signal.signal(signal.SIGINT, handle)
    try:
        yield interruption
    finally:
        signal.signal(signal.SIGINT, former)


class Run(Generic[C]):
    """What a protocol gets to work with.

    Parameters
    ----------
    configuration : ProtocolConfiguration
    directory : Path
        The run directory; it exists.
    resuming : bool
        Whether an earlier part of this run is in the directory.
    figures : bool
        Whether :meth:`save_figure` writes anything.
    progress : Progress, optional
    interruption : Interruption, optional
    """

    def __init__(
        self,
        configuration: C,
        directory: Path,
        *,
        resuming: bool = False,
        figures: bool = True,
        progress: Progress | None = None,
        interruption: Interruption | None = None,
    ) -> None:
        self.configuration = configuration
        self.directory = directory
        self.resuming = resuming
        self.figures_enabled = figures
        self.progress = Progress() if progress is None else progress
        self.log = logging.getLogger("spikingsampling.run")
        self._interruption = Interruption() if interruption is None else interruption

    @property
    def seeds(self) -> np.random.SeedSequence:
        """The root of all randomness of the run, a new object at each access."""
        return np.random.SeedSequence(self.configuration.seed)

    def stream(self, name: str) -> np.random.SeedSequence:
        """The seed of one named stream of randomness.

        It depends on the seed of the run and the name only, so that a new stream never shifts the others. The
        same name gives the same seed: use one name per use.
        """
        digest = hashlib.sha256(name.encode()).digest()
        key = tuple(int(word) for word in np.frombuffer(digest, dtype="<u4"))
        return np.random.SeedSequence(self.configuration.seed, spawn_key=key)

    @property
    def interrupted(self) -> bool:
        """Whether the user has asked to stop; a simulation looks between segments."""
        return self._interruption.requested

    def stop_if_interrupted(self) -> None:
        """Raise :class:`~spikingsampling.errors.Interrupted` if the user has asked to stop.

        Call it when everything so far is saved.
        """
        if self.interrupted:
            raise Interrupted

    def simulation(
        self,
        network: Network,
        stimuli: Stimuli,
        *,
        stream: str,
        part: str | None = None,
        start: Moment | None = None,
        segment: float = 60.0,
        dt: float = 1e-3,
        recording: Recording | None = None,
    ) -> Simulation:
        """A simulation of this run: with its seed, engine, directory and progress, resumed where the run is.

        Parameters
        ----------
        network : Network
        stimuli : Stimuli
        stream : str
            Name of the stream of randomness; simulations that share it draw the same numbers.
        part : str, optional
            Folder inside the run directory for the recording, where a run has several.
        start : Moment, optional
            Where another simulation stood.
        segment : float
            Time between checkpoints (s).
        dt : float
            Time step (s).
        recording : Recording, optional

        Raises
        ------
        As :class:`~spikingsampling.simulation.Simulation`.
        """
        from .simulation import Simulation

        c = self.configuration
        directory = self.directory / part if part else self.directory
        return Simulation(
            network,
            stimuli,
            seed=self.stream(stream),
            start=start,
            engine=c.engine,
            segment=segment,
            dt=dt,
            directory=directory,
            # A part whose folder is not there yet has not begun.
            resuming=self.resuming and directory.is_dir(),
            recording=recording,
            attributes={"part": part or "", "seed": c.seed, "configuration": c.to_toml()},
            progress=self.progress,
            after_segment=self.stop_if_interrupted,
        )

    def save_figure(self, name: str, figure: Figure, caption: str = "") -> None:
        """Write ``figures/NAME.png`` with its caption (not with ``--no-figures``) and close the figure."""
        from matplotlib import pyplot  # slow to import

        from .plotting.saving import write_figure

        if self.figures_enabled:
            folder = self.directory / "figures"
            folder.mkdir(exist_ok=True)
            write_figure(folder / f"{name}.png", figure, caption)
        pyplot.close(figure)


def execute(
    protocol: Protocol[C],
    configuration: C,
    directory: Path,
    *,
    resuming: bool = False,
    figures: bool = True,
    verbose: bool = False,
    console: Console | None = None,
) -> dict[str, Any]:
    """Run a protocol in its directory and write ``metrics.json``.

    Returns
    -------
    dict
        The protocol's metrics, ``wall_seconds`` and ``cpu_seconds`` (all parts of a resumed run, with the programs
        that it starts), ``peak_memory_mib`` (the largest process) and ``version``.

    Raises
    ------
    ResumeError
        Another process runs in this directory.
    Interrupted
        Stopped at the end of a segment after Ctrl-C.
    Exception
        Whatever the protocol raises; it is in the log, too.
    """
    console = Console(stderr=True) if console is None else console
    earlier = read_elapsed(directory) if resuming else {}
    began = _clocks()

    def costs() -> dict[str, float]:
        return {name: earlier.get(name, 0.0) + now - began[name] for name, now in _clocks().items()}

    def note(line: str) -> None:
        logging.getLogger("spikingsampling.progress").debug(line)
        write_text(directory / ELAPSED, json.dumps(costs()) + "\n")

    progress = Progress(console, note)
    with locked(directory), logging_to(directory / LOG, console, verbose) as log:
        try:
            with interruptible(lambda message: console.print(message, style="yellow")) as interruption:
                log.info("%s: %s %s", "resumed" if resuming else "started", protocol.name, __version__)
                log.info("machine: %s", machine.describe())
                run = Run(
                    configuration,
                    directory,
                    resuming=resuming,
                    figures=figures,
                    progress=progress,
                    interruption=interruption,
                )
                metrics = dict(protocol.run(run))
            metrics |= costs()
            metrics["peak_memory_mib"] = _peak_memory_mib()
            metrics["version"] = __version__
            metrics = {name: _plain(value) for name, value in metrics.items()}
            text = json.dumps(metrics, indent=2, allow_nan=False, ensure_ascii=False)
            write_text(directory / METRICS, text + "\n")
            log.info("finished")
        except BaseException as error:
            _log_failure(log, error)
            raise
        finally:
            progress.stop()
    return metrics


def _log_failure(log: logging.Logger, error: BaseException) -> None:
    try:
        if isinstance(error, KeyboardInterrupt):
            log.info("interrupted")
        else:
            log.debug("failed", exc_info=error)
    except OSError:
        return  # the log's disk is full; the error at hand says so to the user


def _clocks() -> dict[str, float]:
    """Wall time, and processor time of this process and its children (s)."""
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    cpu = sum(usage.ru_utime + usage.ru_stime for usage in usages)
    return {"wall_seconds": time.monotonic(), "cpu_seconds": cpu}


def _peak_memory_mib() -> float:
    """Resident memory of the largest of this process and its children (MiB)."""
    unit = 1.0 if sys.platform == "darwin" else 1024.0  # macOS counts bytes, Linux KiB
    usages = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return max(usages) * unit / 2**20


def _plain(value: Any) -> Any:
    """What JSON can hold: NumPy scalars and arrays as numbers and lists, NaN and infinity as null."""
    if isinstance(value, Mapping):
        return {str(name): _plain(entry) for name, entry in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return _plain(value.tolist())
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
