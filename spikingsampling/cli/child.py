"""The process of one run of a sweep: ``python -m spikingsampling.cli.child RUN``.

Its standard input is a pipe to the worker that started it. A byte in it asks the run to stop at the end of its
segment, as Ctrl-C does. However the worker ends, the pipe closes; then this process and the programs that it has
started are killed, as by ``kill -9``: the run goes on from its checkpoint elsewhere.
"""

from __future__ import annotations

import os
import signal
import sys
import threading

from ..experiment.interruption import INTERRUPTED

__all__ = ["main"]


def _obey_worker() -> None:
    while os.read(0, 1):
        os.kill(os.getpid(), signal.SIGINT)
    import psutil  # comes with Dask

    for process in psutil.Process().children(recursive=True):
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Run, or resume, the run in the directory that is the only argument."""
    # Until the run itself takes care of it, being asked to stop is no error.
    signal.signal(signal.SIGINT, lambda *_: sys.exit(INTERRUPTED))
    threading.Thread(target=_obey_worker, daemon=True).start()
    from .app import main as command

    command(["run", "--resume", sys.argv[1]])


if __name__ == "__main__":
    main()
