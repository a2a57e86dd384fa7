"""The process of one task of a job array: ``python -m spikingsampling.cli.task SWEEP NUMBER``.

It does the run of that number. Told by a signal that its time is nearly over, it lets the run stop at the end of its
segment, as Ctrl-C does; the run goes on when it is submitted again.
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path

__all__ = ["main"]


def main() -> None:
    """Do the run and exit: 0 when it is done, 1 when it has failed, 130 when it can go on."""
    asked: list[int] = []
    for name in ("HUP", "INT", "TERM", "USR1", "USR2"):  # before the imports, which take long
        signal.signal(getattr(signal, f"SIG{name}"), lambda number, _: asked.append(number))
    from ..errors import SpikingSamplingError
    from ..experiment.interruption import INTERRUPTED
    from ..sweeps.sweep import Sweep
    from ..sweeps.table import Status
    from ..sweeps.worker import carry_out

    try:
        sweep, number = Sweep.open(Path(sys.argv[1])), int(sys.argv[2])
        if not 0 <= number < len(sweep.runs):
            raise SystemExit(f"error: task {number}: the sweep has runs 0 to {len(sweep.runs) - 1}")
        outcome = carry_out(sweep.runs[number], lambda: bool(asked))
        row = sweep.row(number)
    except (SpikingSamplingError, OSError) as error:
        raise SystemExit(f"error: {error}") from None
    told = f", told to stop by {signal.Signals(asked[0]).name}" if asked else ""
    print(f"{row.name} {row.status} after {outcome.seconds:.1f} s on {outcome.host}{told}", row.error)
    sys.exit({Status.DONE: 0, Status.FAILED: 1, Status.PENDING: INTERRUPTED}[row.status])


if __name__ == "__main__":
    main()
