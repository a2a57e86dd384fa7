"""Who may use a simulation: one thread at a time, of the process that opened its run directory."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from ..errors import EngineError, ResumeError

__all__ = ["Ownership", "alone"]


class Ownership:
    """What keeps two threads, or a process and its forked child, from mixing their segments.

    Parameters
    ----------
    directory : Path, optional
        The run directory, which two processes must not write; a simulation without one may go on in a forked child.
    """

    def __init__(self, directory: Path | None) -> None:
        self._directory, self._process = directory, os.getpid()
        self._busy = threading.Lock()

    @property
    def is_mine(self) -> bool:
        """Whether this process may write the run directory."""
        return self._directory is None or os.getpid() == self._process

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Use the simulation.

        Raises
        ------
        EngineError
            Another thread is using it.
        ResumeError
            This process is a forked child, and the simulation has a run directory.
        """
        if not self.is_mine:
            raise ResumeError(
                f"{self._directory} is written by process {self._process}, and this is {os.getpid()}, forked from it: "
                "take `now` before, and begin another Simulation with it as `start`, without a directory or with one "
                "of its own"
            )
        if not self._busy.acquire(blocking=False):
            raise EngineError(
                "another thread is using this Simulation: give each thread one of its own, begun with the `now` of "
                "this one as `start`"
            )
        try:
            yield
        finally:
            self._busy.release()


class Owned(Protocol):
    """What has an owner."""

    _owner: Ownership


P, R, S = ParamSpec("P"), TypeVar("R"), TypeVar("S", bound=Owned)


def alone(method: Callable[Concatenate[S, P], R]) -> Callable[Concatenate[S, P], R]:
    """A method that takes the simulation for itself; see :meth:`Ownership.taken`."""

    @wraps(method)
    def guarded(self: S, *arguments: P.args, **options: P.kwargs) -> R:
        with self._owner.taken():
            return method(self, *arguments, **options)

    return guarded
