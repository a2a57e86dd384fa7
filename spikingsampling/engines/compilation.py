"""The C++ compiler: which one it is, and how it makes a program of a generated project."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from ..errors import CompilerError
from .machine import processor

__all__ = ["FLAGS", "compile_project", "find_compiler", "stops_at_once", "write_flags"]

#: How generated code is compiled; what a compiler does not know is left out.
FLAGS = ("-w", "-O3", "-ffast-math", "-fno-finite-math-only", "-march=native", "-std=c++11")
#: The scan of the inputs gains by it.
_UNROLL = "-funroll-loops"
_OPTIMISATIONS = "OPTIMISATIONS = "


def find_compiler() -> tuple[tuple[str, ...], str]:
    """The command of the C++ compiler, and a text that changes when the code it makes would.

    The environment variable ``CXX`` may hold a launcher and flags, as ``ccache g++ -std=c++17``; empty is as unset.

    Raises
    ------
    CompilerError
        There is none, or no ``make``.
    """
    given = os.environ.get("CXX", "").strip() or "g++"
    instead = "or go on without one: --engine runtime"
    try:
        command = tuple(shlex.split(given))
    except ValueError as error:
        raise CompilerError(f"CXX = {given!r}: must be a command ({error}), {instead}") from None
    for word in (*command[:1], "make"):
        if shutil.which(word) is None:
            what = f"no C++ compiler: {word!r}" if word != "make" else "no C++ compiler can be used: 'make'"
            raise CompilerError(
                f"{what} was not found; install one (for example g++), or name it in the environment variable CXX, "
                f"{instead}"
            )
    version = _ask(command, "--version")
    if version is None:
        raise CompilerError(
            f"no C++ compiler: CXX = {given!r} does not answer to --version; name another, {instead}"
        )
    return command, "\n".join([version, *_known_flags(command), _macros(command), processor()])


@cache
def _ask(command: tuple[str, ...], *arguments: str) -> str | None:
    """What the compiler prints; None if it refuses."""
    try:
        done = subprocess.run(
            [*command, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None


def _macros(command: tuple[str, ...]) -> str:
    """What the compiler defines: its target, and what of the processor it uses. All compilers know this option."""
    return _ask(command, *_known_flags(command), "-dM", "-E", "-x", "c++", os.devnull) or ""


@cache
def _known_flags(command: tuple[str, ...]) -> tuple[str, ...]:
    check = ("-fsyntax-only", "-x", "c++", os.devnull)
    flags = (*FLAGS, _UNROLL)
    if _ask(command, *flags, *check) is not None:
        return flags
    return tuple(flag for flag in flags if _ask(command, flag, *check) is not None)


def write_flags(directory: Path) -> None:
    """Put the flags into the makefile of a generated project."""
    path = directory / "makefile"
    lines = path.read_text(encoding="utf-8").splitlines()
    added = " ".join((*FLAGS, _UNROLL))
    changed = [f"{line.rstrip()} {added}" if line.startswith(_OPTIMISATIONS) else line for line in lines]
    path.write_text("\n".join(changed) + "\n", encoding="utf-8")


def compile_project(directory: Path, command: Sequence[str]) -> None:
    """Compile a generated project; its common header is compiled once, which halves the time.

    Raises
    ------
    CompilerError
        The compiler fails.
    """
    line = next(
        line
        for line in (directory / "makefile").read_text(encoding="utf-8").splitlines()
        if line.startswith(_OPTIMISATIONS)
    )
    unknown = {*FLAGS, _UNROLL} - {*_known_flags(tuple(command))}
    flags = [flag for flag in shlex.split(line.removeprefix(_OPTIMISATIONS)) if flag not in unknown]
    steps = (
        [*command, "-c", *flags, "-Wno-write-strings", "-I.", "-x", "c++-header", "objects.h"],
        # Without DEPS make does not look for the headers of each source, which a single build has no use for.
        [
            "make",
            f"-j{os.cpu_count() or 1}",
            f"CXX={_for_make(command)}",
            "DEPS=",
            f"OPTIMISATIONS={_for_make(flags)} -include objects.h",
        ],
    )
    for step in steps:
        code, complaint = _run(step, directory)
        if code:
            raise CompilerError(
                f"{shlex.join(command)} could not compile the generated program; go on with --engine runtime, or "
                f"look at:\n{complaint[-2000:]}"
            )
    for path in (*directory.glob("**/*.o"), *directory.glob("*.gch")):
        path.unlink()


def _for_make(words: Sequence[str]) -> str:
    return shlex.join(words).replace("$", "$$")


def _run(step: Sequence[str], directory: Path) -> tuple[int, str]:
    """Run a command to its end, or end it with all that it has started; its exit code and what it complained of."""
    environment = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    # A session of its own: Ctrl-C reaches this process only, which then ends it.
    process = subprocess.Popen(
        step,
        cwd=directory,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    try:
        _, complaint = process.communicate()
    except BaseException:
        with suppress(ProcessLookupError):  # it has just ended
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise
    return process.returncode, complaint


@contextmanager
def stops_at_once() -> Iterator[None]:
    """Ctrl-C raises KeyboardInterrupt at once, where a run would else finish a segment that has not begun."""
    former = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(former):
        yield
        return
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, former)
