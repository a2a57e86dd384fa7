"""What ends a command: signals, closed pipes; and what a terminal with few characters is shown."""

from __future__ import annotations

import codecs
import os
import signal
import sys
import unicodedata
from types import FrameType

__all__ = ["Ending", "catch_signals", "leave_pipes", "say", "spell_what_cannot_be_written", "stopped"]

#: Exit code of a command that cannot write any more since the reader of its pipe has gone, as of SIGPIPE.
PIPE_CLOSED = 141
#: Characters without a name or a decomposition that could stand for them.
_SPELLED = {"−": "-", "–": "-", "—": "--", "×": "x", "·": "*", "→": "->", "≤": "<=", "≥": ">=", "±": "+-"}
_SPELLED |= {"‘": "'", "’": "'", "“": '"', "”": '"', "√": "sqrt", "°": " deg", "━": "-", "─": "-", "│": "|"}


class Ending:
    """What ends the process: the first signal, and the exit code once the command itself has ended."""

    signal: int | None = None
    told = False
    code: int | None = None

    @classmethod
    def reset(cls) -> None:
        """Nothing has ended yet."""
        cls.signal, cls.told, cls.code = None, False, None


def say(message: str) -> None:
    """Show a message on stderr, if there is one."""
    if sys.stderr is not None:
        print(message, file=sys.stderr, flush=True)


def stopped(hint: str = "") -> int:
    """Tell once that the command was stopped by a signal, and how to go on; returns its exit code."""
    number = Ending.signal or signal.SIGINT
    if not Ending.told:
        Ending.told = True
        word = "interrupted" if number == signal.SIGINT else f"stopped by {signal.Signals(number).name}"
        say(f"{word}{hint}")
    return 128 + number


def leave_pipes() -> int:
    """Let what is still to be written go nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in filter(None, (sys.stdout, sys.stderr)):
        try:
            stream.flush()
        except BrokenPipeError:
            os.dup2(nowhere, stream.fileno())
    return PIPE_CLOSED


def catch_signals() -> None:
    """From here on a signal to the process ends the command with one line."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # nohup, and a shell that starts it in the background, have signals ignored.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _handle)
    sys.unraisablehook = _see_unraisable


def spell_what_cannot_be_written() -> None:
    """From here on no character is an error on stdout or stderr."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a stream may be missing, or be none of Python's own
            stream.reconfigure(errors="spell")


def _handle(number: int, _: FrameType | None) -> None:
    """The first signal is an exception, so that files and terminal are left in order; the second one ends at once."""
    if Ending.code is not None:
        os._exit(Ending.code)
    if Ending.signal is not None:
        os._exit(128 + number)
    Ending.signal = number
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
