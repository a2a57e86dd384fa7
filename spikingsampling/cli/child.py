"""The process of one run of a sweep: ``python -m spikingsampling.cli.child RUN``.

Its standard input is a pipe to the worker that started it. A byte in it asks the run to stop at the end of its
segment, as Ctrl-C does; so does SIGTERM, or what else SLURM sends to all processes of a task. However the worker ends,
the pipe closes; then this process and the programs that it has started are killed, as by ``kill -9``: the run goes on
from its checkpoint elsewhere.
"""

from __future__ import annotations

import os
import signal
import sys
import threading

import psutil

from ..experiment.interruption import INTERRUPTED

__all__ = ["main"]

_asked = threading.Lock()


def _stop(*_: object) -> None:
    """Stop the run as Ctrl-C does, but once, however often it is asked: a second Ctrl-C would not wait."""
    if _asked.acquire(blocking=False):
        os.kill(os.getpid(), signal.SIGINT)


def _obey_worker() -> None:
    while os.read(0, 1):
        _stop()
    for process in psutil.Process().children(recursive=True):
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Run, or resume, the run in the directory that is the only argument."""
    # While the run itself does not take care of it, there is nothing to save.
    signal.signal(signal.SIGINT, lambda *_: os._exit(INTERRUPTED))
    for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2):
        signal.signal(number, _stop)
    threading.Thread(target=_obey_worker, daemon=True).start()
    from . import main as command

    command(["run", "--resume", sys.argv[1]])


if __name__ == "__main__":
    main()
