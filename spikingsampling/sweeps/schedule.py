"""Scheduling the runs of a sweep with Dask: on this machine, or on a scheduler that runs already.

Workers need the same package, and the directory of the sweep under the same path.
"""

from __future__ import annotations

import logging
import os
import queue
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ..errors import Interrupted, ParameterError, SpikingSamplingError
from ..experiment.interruption import interruptible
from ..extras import require
from .sweep import Sweep
from .table import Row, Status, note_error
from .worker import perform

__all__ = [
    "Cluster",
    "SchedulerError",
    "check_scheduler",
    "default_workers",
    "ended_line",
    "open_cluster",
    "run_sweep",
]

#: How often a run may lose its worker before it counts as failed.
MAX_LOSSES = 3
#: Runs take minutes. Dask's diagnostics, made for tasks of milliseconds, would take a tenth of two processors.
_QUIET = {
    "distributed.admin.system-monitor.disk": False,
    "distributed.admin.system-monitor.gil.enabled": False,
    "distributed.admin.system-monitor.interval": "10s",
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.tick.limit": "60s",
    "distributed.scheduler.active-memory-manager.start": False,
    "distributed.scheduler.work-stealing": False,
    "distributed.worker.profile.enabled": False,
}
#: Workers on this machine share the terminal, but what Ctrl-C means is for the command to say.
_IGNORE_CTRL_C = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)"


class SchedulerError(SpikingSamplingError):
    """The scheduler cannot be reached, or is gone."""


def default_workers() -> int:
    """As many as this process may use processors."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True)
class Cluster:
    """A connection to a Dask scheduler."""

    client: Any
    description: str


def check_scheduler(scheduler: str, workers: int | None) -> None:
    """ParameterError if :func:`open_cluster` knows no such scheduler, or it does not go with the workers."""
    if scheduler != "local" and "://" not in scheduler:
        raise ParameterError(
            f"--scheduler {scheduler!r}: must be local, slurm or an address such as tcp://host:8786"
        )
    if workers is not None and (workers < 1 or "://" in scheduler):
        allowed = "must be at least 1" if workers < 1 else "an existing scheduler has its own workers"
        raise ParameterError(f"--workers {workers}: {allowed}")


@contextmanager
def open_cluster(scheduler: str, workers: int | None) -> Iterator[Cluster]:
    """Start, or connect to, a cluster.

    Parameters
    ----------
    scheduler : str
        ``"local"``, or the address of a scheduler, such as ``"tcp://host:8786"``.
    workers : int, optional
        How many runs at once; not with an address. None: as many as there are processors.

    Raises
    ------
    MissingExtraError
        Dask is not installed.
    ParameterError
        Unknown scheduler, or ``workers`` with an address or below 1.
    SchedulerError
        The scheduler cannot be reached.
    """
    check_scheduler(scheduler, workers)
    distributed = require("distributed", "cluster", "sweeps")
    dask = require("dask", "cluster", "sweeps")
    for name in ("distributed", "tornado"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # a lost worker is told in the table
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": MAX_LOSSES, **_QUIET}),
        tempfile.TemporaryDirectory(prefix="spikingsampling-dask-") as scratch,
    ):
        if scheduler == "local":
            n = workers or default_workers()
            # Runs are processes of their own: a worker's memory says nothing about them.
            cluster = distributed.LocalCluster(
                n_workers=n,
                threads_per_worker=1,
                processes=True,
                host="127.0.0.1",
                dashboard_address=None,
                memory_limit=0,
                local_directory=scratch,
                preload=[_IGNORE_CTRL_C],
                silence_logs=logging.CRITICAL,
            )
            with cluster, distributed.Client(cluster) as client:
                yield Cluster(client, f"{n} workers on this machine")
        else:
            try:
                client = distributed.Client(scheduler, timeout=10)
            except (OSError, ValueError) as error:
                raise SchedulerError(f"--scheduler {scheduler}: cannot be reached: {error}") from None
            try:
                yield Cluster(client, f"{len(client.ncores())} workers of {scheduler}")
            finally:
                client.close(timeout=2)


def run_sweep(
    sweep: Sweep, cluster: Cluster, tell: Callable[[str], None], interval: float = 0.5
) -> list[Row]:
    """Do all runs of a locked sweep that are pending, and keep ``runs.csv`` up to date.

    Parameters
    ----------
    sweep : Sweep
    cluster : Cluster
    tell : callable
        Takes a line of text for each run that ends.
    interval : float
        Between two looks at the scheduler (s).

    Returns
    -------
    list of Row

    Raises
    ------
    Interrupted
        After Ctrl-C; the runs have been stopped at the ends of their segments.
    SchedulerError
        The scheduler is gone.
    """
    rows = sweep.tabulate()
    pending = [index for index, row in enumerate(rows) if row.status is Status.PENDING]
    ended: queue.Queue[tuple[int, Any]] = queue.Queue()
    stop = str(sweep.stop_file.resolve())
    futures = []
    for index in pending:
        path = str(sweep.runs[index].resolve())
        future = cluster.client.submit(
            perform, path, stop, pure=False, key=f"run-{index}-{os.urandom(4).hex()}"
        )
        future.add_done_callback(lambda future, index=index: ended.put((index, future)))
        futures.append(future)  # Dask forgets tasks that nobody holds
    left = len(futures)
    with interruptible(
        lambda _: tell("runs stop at the end of their segments; Ctrl-C again stops at once")
    ) as signal:
        while left:
            if signal.requested:
                sweep.stop_file.touch()
            try:
                index, future = ended.get(timeout=interval)
            except queue.Empty:
                if cluster.client.status != "running":
                    raise SchedulerError("the scheduler is gone") from None
                continue
            left -= 1
            if future.status in ("cancelled", "lost"):
                raise SchedulerError("the scheduler is gone")
            if future.status == "error":
                note_error(sweep.runs[index], _reason(future.exception()))
            rows[index] = sweep.row(index)
            sweep.write_table(rows)
            seconds = future.result().seconds if future.status == "finished" else 0.0
            if rows[index].status is not Status.PENDING:
                tell(ended_line(rows, index, seconds))
    if signal.requested:
        raise Interrupted
    return rows


def _reason(error: BaseException | None) -> str:
    if type(error).__name__ == "KilledWorker":
        return f"{MAX_LOSSES + 1} workers died with this run; is there enough memory?"
    return f"{type(error).__name__}: {error}"


def ended_line(rows: Sequence[Row], index: int, seconds: float | None = None) -> str:
    """What is told of a run that has ended, after so many seconds if they are known."""
    row = rows[index]
    ended = sum(other.status is not Status.PENDING for other in rows)
    settings = ", ".join(f"{name} = {value}" for name, value in row.settings.items())
    duration = "" if seconds is None else f" in {seconds:.1f} s"
    text = f"[{ended}/{len(rows)}] {row.name} {row.status}{duration} ({settings})"
    return f"{text}: {row.error}" if row.error else text
