"""The errors that this package raises on purpose.

Every one of them carries a single message that names what was given and what is allowed. The command line
prints that message without a traceback and exits with code 2 (``--debug`` shows the traceback).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = [
    "CompilerError",
    "DataError",
    "EngineError",
    "InUse",
    "Interrupted",
    "ParameterError",
    "RecordingError",
    "ResumeError",
    "SpikingSamplingError",
    "UnknownNameError",
    "nearest",
]


class SpikingSamplingError(Exception):
    """Base of all errors that a user of the package can cause and mend."""


class ParameterError(SpikingSamplingError, ValueError):
    """A parameter has a wrong unit, sign, shape or range, or is not a number."""


class UnknownNameError(SpikingSamplingError, KeyError):
    """A protocol, preset or key does not exist; the message proposes the nearest one that does."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        self.message = f"unknown {kind} {name!r}{nearest(name, known)}"
        super().__init__(self.message)

    def __str__(self) -> str:  # KeyError would show the repr of the message
        return self.message


class DataError(SpikingSamplingError):
    """A data set is missing, truncated, altered or not what its name says."""


class RecordingError(SpikingSamplingError):
    """A recording cannot be written or read."""


class ResumeError(SpikingSamplingError):
    """A run cannot be resumed: nothing to resume, or its configuration or version differs."""


class InUse(SpikingSamplingError):
    """Another process is working in the directory.

    Attributes
    ----------
    certain : bool
        Whether that process is known to run. Of one on another machine nothing can be known without the locks of a
        file system.
    """

    def __init__(self, message: str, certain: bool = True) -> None:
        super().__init__(message)
        self.certain = certain


class EngineError(SpikingSamplingError):
    """A simulation engine failed."""


class CompilerError(EngineError):
    """The C++ compiler is missing or failed."""


class Interrupted(KeyboardInterrupt):
    """The user asked to stop (Ctrl-C) and the run stopped at the end of a segment, with everything saved.

    It is a KeyboardInterrupt so that no ``except Exception`` on the way swallows it.
    """


def nearest(name: str, known: Iterable[str]) -> str:
    """The end of an error message: the known name nearest to ``name``, then all of them.

    Returns
    -------
    str
        For example ``"; did you mean 'quick'? (known: paper, quick, smoke)"``.
    """
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    guess = f"; did you mean {close[0]!r}?" if close else ""
    return f"{guess} (known: {', '.join(names)})" if names else guess
