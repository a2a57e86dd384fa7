"""What a worker of Dask or a task of SLURM does for a sweep: one run, in one process, in one directory."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ..errors import InUse
from ..experiment.interruption import INTERRUPTED
from ..experiment.run_files import LOCK, METRICS
from ..locks import locked
from .table import clear_error, note_error

__all__ = ["Outcome", "carry_out", "perform"]

#: Runs share the processors, so none of them starts threads of its own.
_ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"
)


@dataclass(frozen=True)
class Outcome:
    """How long a run's process lived (s), and on which machine."""

    seconds: float
    host: str


def _in_use(directory: Path) -> bool:
    """Whether another process runs there; InUse if that cannot be known, so that nothing is awaited for ever."""
    try:
        with locked(directory / LOCK):
            return False
    except InUse as error:
        if not error.certain:
            raise
        return True


def perform(directory: str, stop: str, pause: float = 0.5) -> Outcome:
    """Run or resume the run in ``directory``; what became of it stands there afterwards.

    Parameters
    ----------
    directory : str
        Holds ``config.toml``. If another process is still running it, its end is awaited.
    stop : str
        When this file exists, the run is stopped at the end of its segment, and no run is begun.
    pause : float
        Between two looks at the process (s).

    Raises
    ------
    InUse
        It cannot be known whether the process that holds the run still lives.
    """
    return carry_out(Path(directory), Path(stop).exists, pause)


def carry_out(run: Path, stopping: Callable[[], bool], pause: float = 0.5) -> Outcome:
    """As :func:`perform`, with any way to be told to stop: ``stopping`` is asked every ``pause`` seconds."""
    start = time.monotonic()
    while _in_use(run) and not stopping():
        time.sleep(pause)
    if not (stopping() or (run / METRICS).exists()):
        _run(run, stopping, pause)
    return Outcome(time.monotonic() - start, os.uname().nodename)


def _run(run: Path, stopping: Callable[[], bool], pause: float) -> None:
    clear_error(run)
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "spikingsampling.cli.child", str(run)],
            stdin=subprocess.PIPE,
            bufsize=0,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            env={**os.environ, **_ONE_THREAD, "MPLBACKEND": "Agg"},
            start_new_session=True,  # Ctrl-C in the terminal reaches runs through the file `stop` only
        )
        ended = threading.Event()
        threading.Thread(target=lambda: (process.wait(), ended.set()), daemon=True).start()
        is_stopping = False
        while not ended.wait(pause):  # `Popen.wait` with a timeout looks twenty times a second
            if stopping() and not is_stopping:
                is_stopping = True
                _ask_to_stop(process)
        code = process.returncode
        # What stops a worker may hit the programs of its run, too; a run that is asked to stop has not failed.
        if code not in (0, INTERRUPTED) and not stopping():
            note_error(run, _complaint(errors, code))


def _ask_to_stop(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError):  # it has just ended
        process.stdin.write(b".")


def _complaint(errors: IO[bytes], code: int) -> str:
    errors.seek(0)
    text = errors.read().decode(errors="replace").strip()
    if code < 0:
        return f"{text}\nthe process of the run was ended by {signal.Signals(-code).name}"
    lines = text.splitlines() or [f"the process of the run ended with code {code} and said nothing"]
    # A sweep is continued by its own command.
    lines[-1] = lines[-1].partition("; to continue: spikingsampling run")[0].removeprefix("error: ")
    return "\n".join(lines)
