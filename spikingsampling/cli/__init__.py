"""The command line.

Only what starts at once is imported here, so that Ctrl-C finds its handler while all the rest is imported.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from ..errors import ParameterError
from .ending import Ending, catch_signals, leave_pipes, spell_what_cannot_be_written, stopped

if TYPE_CHECKING:
    from ..experiment.protocol import Protocol

__all__ = [
    "main",
    "run_script",
]


def main(
    arguments: Sequence[str] | None = None,
    *,
    command: Sequence[str] = (),
    protocols: Mapping[str, Protocol[Any]] | None = None,
) -> NoReturn:
    """Run the command line and exit.

    Parameters
    ----------
    arguments : sequence of str, optional
        Those of the process when None; then its signals are taken care of, too.
    command : sequence of str
        Put in front of ``arguments``.
    protocols : mapping, optional
        Protocols that are at hand, found by name before the installed ones.
    """
    Ending.reset()
    try:
        if arguments is None:
            catch_signals()
        spell_what_cannot_be_written()
        code = _call([*command, *(sys.argv[1:] if arguments is None else arguments)], protocols or {})
        if Ending.signal is not None:  # whatever has become of its exception
            code = stopped()
        Ending.code = code
    except KeyboardInterrupt:
        Ending.code = stopped()
    raise SystemExit(Ending.code)


def run_script(protocol: Protocol[Any], arguments: Sequence[str] | None = None) -> NoReturn:
    """Run a protocol's file as a script: ``python NAME.py …`` is ``spikingsampling run NAME …``.

    Parameters
    ----------
    protocol : Protocol
    arguments : sequence of str, optional
        Those of the process when None.
    """
    from ..experiment import discovery

    if discovery.importing():
        raise ParameterError(
            'run_script: was called while the file was imported; write it below `if __name__ == "__main__":`'
        )
    reference = discovery.reference_of(protocol)
    main(arguments, command=("run", reference), protocols={reference: protocol})


def _call(arguments: Sequence[str], protocols: Mapping[str, Protocol[Any]]) -> Any:
    """Run the commands; returns the exit code."""
    try:
        try:
            from .app import app

            app(args=list(arguments), prog_name="spikingsampling", obj=dict(protocols))
        finally:
            for stream in (sys.stdout, sys.stderr):
                if stream is not None:
                    stream.flush()
    except SystemExit as end:
        # Libraries turn the error of a closed pipe into an exit.
        return leave_pipes() if isinstance(end.__context__, BrokenPipeError) else end.code
    except BrokenPipeError:
        return leave_pipes()
    except Exception:
        if Ending.signal is None:
            raise
    return 0
