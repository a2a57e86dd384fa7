"""A protocol is run in its directory: log, costs, metrics."""

from __future__ import annotations

import json
import logging
import math
import resource
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from rich.console import Console

from .._version import __version__
from ..engines import machine
from ..files import write_text
from ..simulation.progress import Progress
from .configuration import ProtocolConfiguration
from .interruption import interruptible
from .protocol import Protocol
from .run import Run
from .run_directory import logging_to
from .run_files import ELAPSED, LOG, METRICS, read_elapsed

__all__ = ["execute"]

C = TypeVar("C", bound=ProtocolConfiguration)


def execute(
    protocol: Protocol[C],
    configuration: C,
    directory: Path,
    *,
    resuming: bool = False,
    figures: bool = True,
    figure_format: str = "png",
    verbose: bool = False,
    console: Console | None = None,
) -> dict[str, Any]:
    """Run a protocol in its directory, which this process holds, and write ``metrics.json``.

    Parameters
    ----------
    protocol, configuration
    directory : Path
        From :func:`~spikingsampling.experiment.run_directory.create_directory`, or held to be resumed.

    Returns
    -------
    dict
        The protocol's metrics, ``wall_seconds`` and ``cpu_seconds`` (all parts of a resumed run, with the programs
        that it starts), ``peak_memory_mib`` (the largest process) and ``version``.

    Raises
    ------
    RecordingError
        What the directory holds is damaged.
    Interrupted
        Stopped at the end of a segment after Ctrl-C.
    Exception
        Whatever the protocol raises; it is in the log, too.
    """
    console = Console(stderr=True) if console is None else console
    earlier = read_elapsed(directory) if resuming else {}
    start = _clocks()

    def costs() -> dict[str, float]:
        return {name: earlier.get(name, 0.0) + now - start[name] for name, now in _clocks().items()}

    def note(line: str) -> None:
        logging.getLogger("spikingsampling.progress").debug(line)
        write_text(directory / ELAPSED, json.dumps(costs()) + "\n")

    progress = Progress(console, note)
    with logging_to(directory / LOG, console, verbose) as log:
        try:
            with interruptible(lambda message: console.print(message, style="yellow")) as interruption:
                log.info("%s: %s %s", "resumed" if resuming else "started", protocol.name, __version__)
                log.info("machine: %s", machine.describe())
                run = Run(
                    configuration,
                    directory,
                    resuming=resuming,
                    figures=figures,
                    figure_format=figure_format,
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
    """What JSON can hold: estimates as mappings, NumPy arrays as lists, NaN and infinity as null."""
    if hasattr(value, "metric"):  # an Estimate; its module takes long to import
        return _plain(value.metric())
    if isinstance(value, Mapping):
        return {str(name): _plain(entry) for name, entry in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return _plain(value.tolist())
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
