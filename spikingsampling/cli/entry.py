"""How the command line begins and ends: signals, closed pipes, terminals with few characters.

Only what starts at once is imported here, so that Ctrl-C finds its handler while all the rest is imported.
"""

from __future__ import annotations

import codecs
import os
import signal
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from ..experiment.protocol import Protocol

__all__ = ["main", "run_script", "say", "stopped"]

#: Exit code of a command that cannot write any more since the reader of its pipe has gone, as of SIGPIPE.
PIPE_CLOSED = 141
#: Characters without a name or a decomposition that could stand for them.
_SPELLED = {"−": "-", "–": "-", "—": "--", "×": "x", "·": "*", "→": "->", "≤": "<=", "≥": ">=", "±": "+-"}
_SPELLED |= {"‘": "'", "’": "'", "“": '"', "”": '"', "√": "sqrt", "°": " deg", "━": "-", "─": "-", "│": "|"}


class _Ending:
    """What ends the process: the first signal, and the exit code once the command itself has ended."""

    signal: int | None = None
    told = False
    code: int | None = None


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
    try:
        if arguments is None:
            _catch_signals()
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):  # a stream may be missing, or be none of Python's own
                stream.reconfigure(errors="spell")
        code = _call([*command, *(sys.argv[1:] if arguments is None else arguments)], protocols or {})
        if _Ending.signal is not None:  # whatever has become of its exception
            code = stopped()
        _Ending.code = code
    except KeyboardInterrupt:
        _Ending.code = stopped()
    raise SystemExit(_Ending.code)


def run_script(protocol: Protocol[Any], arguments: Sequence[str] | None = None) -> NoReturn:
    """Run a protocol's file as a script: ``python NAME.py …`` is ``spikingsampling run NAME …``.

    Parameters
    ----------
    protocol : Protocol
    arguments : sequence of str, optional
        Those of the process when None.
    """
    main(arguments, command=("run", protocol.name), protocols={protocol.name: protocol})


def say(message: str) -> None:
    """Show a message on stderr."""
    print(message, file=sys.stderr, flush=True)


def stopped(hint: str = "") -> int:
    """Tell once that the command was stopped by a signal, and how to go on; returns its exit code."""
    number = _Ending.signal or signal.SIGINT
    if not _Ending.told:
        _Ending.told = True
        word = "interrupted" if number == signal.SIGINT else f"stopped by {signal.Signals(number).name}"
        say(f"{word}{hint}")
    return 128 + number


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
        return _leave_pipes() if isinstance(end.__context__, BrokenPipeError) else end.code
    except BrokenPipeError:
        return _leave_pipes()
    except Exception:
        if _Ending.signal is None:
            raise
    return 0


def _leave_pipes() -> int:
    """Let what is still to be written go nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            os.dup2(nowhere, stream.fileno())
    return PIPE_CLOSED


def _catch_signals() -> None:
    _Ending.signal, _Ending.told, _Ending.code = None, False, None
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if (
            signal.getsignal(number) is not signal.SIG_IGN
        ):  # nohup, or a shell that starts it in the background
            signal.signal(number, _handle)
    sys.unraisablehook = _see_unraisable


def _handle(number: int, _: FrameType | None) -> None:
    """The first signal is an exception, so that files and terminal are left in order; the second one ends at once."""
    if _Ending.code is not None:
        os._exit(_Ending.code)
    if _Ending.signal is not None:
        os._exit(128 + number)
    _Ending.signal = number
    raise KeyboardInterrupt


def _see_unraisable(unraisable: sys.UnraisableHookArgs) -> None:
    """A signal in the midst of a callback or a finalizer: its exception would be shown and lost there."""
    if issubclass(unraisable.exc_type, KeyboardInterrupt):
        os._exit(stopped())
    sys.__unraisablehook__(unraisable)


def _spell(error: UnicodeError) -> tuple[str | bytes, int]:
    """For a character that a stream cannot write: theta for θ, e for é; bytes of file names as they are."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    character, after = error.object[error.start], error.start + 1
    if "\udc80" <= character <= "\udcff":
        return bytes([ord(character) - 0xDC00]), after
    name = unicodedata.name(character, "").split()
    if name[:1] == ["GREEK"] and name[2:3] == ["LETTER"]:
        return name[3].capitalize() if name[1] == "CAPITAL" else name[3].lower(), after
    plain = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
    return _SPELLED.get(character) or plain or ascii(character).strip("'"), after


codecs.register_error("spell", _spell)
