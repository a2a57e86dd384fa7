"""How Ctrl-C stops a run without loss."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["INTERRUPTED", "Interruption", "interruptible"]

#: Exit code of a run that was asked to stop.
INTERRUPTED = 130


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
