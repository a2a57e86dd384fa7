"""What ends a command: signals at any moment, closed pipes, terminals with few characters."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "spikingsampling"]


@pytest.mark.parametrize(
    ("encoding", "text", "shown"),
    [
        ("ascii", "θ = 1…2 Δw −3 é² 5×", "theta = 1...2 Deltaw -3 e2 5x"),
        ("ascii", "\U0001f9e0", "\\U0001f9e0"),
        ("latin-1", "θ é ² −", "theta é ² -"),
        ("utf-8", "θ é", "θ é"),
    ],
)
def test_what_a_stream_cannot_write_is_spelt(encoding: str, text: str, shown: str) -> None:
    from spikingsampling.cli import ending

    assert ending.PIPE_CLOSED  # the module registers the way to spell
    assert text.encode(encoding, errors="spell") == shown.encode(encoding)


def test_names_of_files_are_shown_byte_for_byte() -> None:
    name = os.fsdecode(b"caf\xe9")
    assert name.encode("utf-8", errors="spell") == b"caf\xe9"


@pytest.mark.parametrize(
    ("encoding", "request_"), [("ascii", ["list", "association"]), ("latin-1", ["run", "θ"])]
)
def test_a_terminal_with_few_characters_shows_everything(encoding: str, request_: list[str]) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    done = subprocess.run([*COMMAND, *request_], env=environment, capture_output=True, check=False)
    assert b"theta" in done.stdout + done.stderr and b"Traceback" not in done.stderr


def test_a_closed_pipe_ends_the_command_quietly() -> None:
    for request in (["list"], ["--help"]):
        process = subprocess.Popen(
            [*COMMAND, *request], stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0
        )
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 141


#: What is imported last before the signal comes, or the function that is called.
SIGNALLED = """
import os, signal, sys, threading
number, place = int(sys.argv[1]), sys.argv[2]

def come():
    os.kill(os.getpid(), number)

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == place:
            come()

class Finalized:
    def __del__(self):
        come()

sys.meta_path.insert(0, Finder())
from spikingsampling import cli
if place == "finalizer":
    def _call(arguments, protocols):
        Finalized()
        return 0
    cli._call = _call
elif place == "swallowed":
    def _call(arguments, protocols):
        try:
            come()
        except BaseException:
            raise ValueError("what a library makes of it")
    import spikingsampling.cli.app
    spikingsampling.cli.app.app = lambda **options: _call(None, None)
elif place == "exit":
    import atexit
    atexit.register(come)
del sys.argv[1:3]
cli.main()
"""


@pytest.mark.parametrize(
    ("place", "number", "code", "line"),
    [
        ("typer", signal.SIGINT, 130, "interrupted\n"),
        ("spikingsampling.experiment.discovery", signal.SIGTERM, 143, "stopped by SIGTERM\n"),
        ("pydantic", signal.SIGHUP, 129, "stopped by SIGHUP\n"),
        ("numpy", signal.SIGINT, 130, "interrupted\n"),
        ("finalizer", signal.SIGTERM, 143, "stopped by SIGTERM\n"),
        ("swallowed", signal.SIGINT, 130, "interrupted\n"),
    ],
)
def test_a_signal_at_any_moment_is_one_line(
    place: str, number: int, code: int, line: str, tmp_path: Path
) -> None:
    request = ["run", "association", "--out", str(tmp_path / "run")]
    heard = signal.signal(
        number, signal.SIG_DFL
    )  # a signal that these tests ignore would be ignored there, too
    try:
        done = subprocess.run(
            [sys.executable, "-c", SIGNALLED, str(int(number)), place, *request],
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        signal.signal(number, heard)
    assert (done.returncode, done.stderr) == (code, line)


def test_a_signal_after_the_end_changes_nothing() -> None:
    arguments = [sys.executable, "-c", SIGNALLED, str(int(signal.SIGINT)), "exit", "list"]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_an_ignored_signal_stays_ignored() -> None:
    """As behind nohup, or in the background of a script."""
    script = f"trap '' INT HUP; exec {sys.executable} -c \"$@\""
    arguments = ["sh", "-c", script, "sh", SIGNALLED, str(int(signal.SIGINT)), "numpy", "list", "association"]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
