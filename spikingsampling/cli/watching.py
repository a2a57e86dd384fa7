"""What a run or a sweep is doing now, for ``spikingsampling watch``.

It reads what the run has written and closed already: the log, and the last segment of the journal. Nothing
is locked, so that the run never waits.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from ..errors import ParameterError, RecordingError
from ..experiment.configuration import RunFile
from ..experiment.run_files import CONFIG, LOG, METRICS, read_metrics
from ..files import load_arrays
from ..recording.reading import open_recording
from ..recording.record import SegmentRecord, record_from_arrays
from ..simulation.progress import format_duration
from ..sweeps.sweep import Sweep, is_sweep
from ..sweeps.table import TABLE, Status
from ..tables import Table
from .terminal import metrics_text

__all__ = ["Look", "follow", "look"]

#: Enough of the end of a log to hold the last lines of interest.
_TAIL = 64 * 1024
_MAX_MESSAGES = 3
_MAX_FAILED = 10
#: A run that has said nothing for so long may be dead (s).
_SILENCE = 300.0


@dataclass(frozen=True)
class Look:
    """What a run was doing when it was looked at.

    Attributes
    ----------
    title : str
    progress : str
        The last progress line: simulated time, speed, time left, active synapses.
    messages : tuple of str
        The last things that the run has said, such as the latest recall.
    rates : dict of str to float
        Mean rate of each population in the last segment (Hz).
    segment : str
        Which segment that is.
    state : str
        running, finished, interrupted or failed.
    metrics : dict, optional
        Of a finished run.
    silent : float
        How long ago the run has written its last line (s).
    """

    title: str
    state: str
    progress: str = ""
    messages: tuple[str, ...] = ()
    rates: dict[str, float] = field(default_factory=dict)
    segment: str = ""
    metrics: dict[str, Any] | None = None
    silent: float = 0.0


def look(directory: Path) -> Look:
    """Look at a run once.

    Raises
    ------
    ResumeError
        There is no run in the directory.
    """
    run = RunFile.read(directory / CONFIG)
    title = f"{run.protocol_name}, preset {run.preset}, seed {run.configuration.get('seed', 0)}: {directory}"
    progress, messages, state = _read_log(directory / LOG)
    if (directory / METRICS).exists():
        return Look(title, "finished", progress, messages, metrics=read_metrics(directory))
    rates, segment = _last_rates(directory)
    log = directory / LOG
    silent = max(0.0, time.time() - log.stat().st_mtime) if log.exists() else 0.0
    return Look(title, state, progress, messages, rates, segment, silent=silent)


def _read_log(path: Path) -> tuple[str, tuple[str, ...], str]:
    try:
        with path.open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - _TAIL))
            lines = file.read().decode(errors="replace").splitlines()
    except FileNotFoundError:
        return "", (), "not started"
    progress, state = "", "running"
    messages: list[str] = []
    for line in lines:
        _, _, level_and_rest = line.partition(" ")[2].partition(" ")
        level, _, rest = level_and_rest.partition(" ")
        logger, _, message = rest.partition(": ")
        if logger == "spikingsampling.progress":
            progress = message
        elif level in ("INFO", "WARNING", "ERROR") and logger.startswith("spikingsampling"):
            messages.append(message)
        if logger == "spikingsampling.run":
            state = {"interrupted": "interrupted", "failed": "failed", "finished": "finished"}.get(
                message, "running"
            )
    return progress, tuple(messages[-_MAX_MESSAGES:]), state


@cache
def _sizes(directory: Path) -> dict[str, int]:
    """Neurons of each population, which stay the same while the recording grows."""
    with open_recording(directory) as recording:
        return dict(recording.populations)


def _last_rates(directory: Path) -> tuple[dict[str, float], str]:
    """Rates in the last segment of the newest journal: that of the run or of the part that goes on."""
    journals = [directory / "journal", *directory.glob("*/journal")]
    segments = [max(files) for journal in journals if (files := list(journal.glob("*.npz")))]
    if not segments:
        return {}, ""
    try:
        path = max(segments, key=lambda path: path.stat().st_mtime_ns)
        record: SegmentRecord = record_from_arrays(load_arrays(path))
        sizes = _sizes(path.parent.parent)
    except (RecordingError, OSError):  # the run has just finished, or makes its recording anew
        return {}, ""
    length = record.stop - record.start
    rates = {
        name: len(times) / sizes[name] / length for name, (times, _) in record.spikes.items() if length > 0
    }
    part = "" if path.parent.parent == directory else f"{path.parent.parent.name}, "
    return rates, f"{part}{record.label or 'segment'}, {record.start:g} to {record.stop:g} s"


def _show(run_view: Look) -> Group:
    parts: list[Any] = [Text(run_view.title, style="bold"), Text(f"{run_view.state}  {run_view.progress}")]
    if run_view.silent > _SILENCE:
        silence = f"no sign of life for {format_duration(run_view.silent)}; was the run killed?"
        parts.append(Text(silence, style="yellow"))
    if run_view.rates:
        rates = [(name, f"{rate:.2f}") for name, rate in run_view.rates.items()]
        parts.append(Text(Table(("population", "mean rate (Hz)"), rates, run_view.segment).text()))
    parts += [Text(line) for line in run_view.messages]
    if run_view.metrics is not None:
        parts.append(Text(metrics_text(run_view.metrics)))
    return Group(*parts)


def _sweep_now(directory: Path) -> tuple[Group, bool]:
    """How far a sweep is, wherever its runs are done, and whether anything of it is pending."""
    sweep = Sweep.open(directory)
    rows = sweep.rows()
    states = [row.status if row.status is not Status.PENDING else _pending(row.directory) for row in rows]
    counts = [f"{states.count(state)} {state}" for state in (*Status, "begun") if state in states]
    failed = [f"{row.name} failed: {row.error}" for row in rows if row.error]
    if len(failed) > _MAX_FAILED:
        failed = [
            *failed[:_MAX_FAILED],
            f"and {len(failed) - _MAX_FAILED} more, see {sweep.directory / TABLE}",
        ]
    title = f"{sweep.plan.protocol_name}, preset {sweep.plan.preset}, {len(rows)} runs: {directory}"
    texts = [Text(title, style="bold"), Text(", ".join(counts)), *map(Text, failed)]
    return Group(*texts), any(row.status is Status.PENDING for row in rows)


def _pending(run: Path) -> str:
    return "begun" if (run / LOG).exists() else Status.PENDING


def _run_now(directory: Path) -> tuple[Group, bool]:
    run_view = look(directory)
    return _show(run_view), run_view.state in ("running", "not started")


def follow(
    directory: Path,
    interval: float = 2.0,
    *,
    once: bool = False,
    console: Console | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Show a run until it is finished, was interrupted or has failed; a sweep until no run is pending.

    Parameters
    ----------
    directory : Path
    interval : float
        Between two looks (s), at least 0.1.
    once : bool
        Look once.
    console : rich.console.Console, optional
    sleep : callable

    Raises
    ------
    ResumeError
        There is no run or sweep in the directory.
    ParameterError
        The interval is below 0.1 s.
    """
    if not 0.1 <= interval < math.inf:
        raise ParameterError(f"--interval {interval:g}: must be at least 0.1 s")
    now = _sweep_now if is_sweep(directory) else _run_now
    console = Console() if console is None else console
    shown, goes_on = now(directory)
    if once:
        console.print(shown, soft_wrap=True)  # a pipe has no width: nothing is cut
        return
    with Live(shown, console=console, auto_refresh=False) as display:
        while goes_on:
            sleep(interval)
            shown, goes_on = now(directory)
            display.update(shown, refresh=True)
