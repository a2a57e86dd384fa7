"""The C++ compiler: which one it is, and how it makes a program of a generated project."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from ...errors import CompilerError
from ..machine import processor

__all__ = ["FLAGS", "compile_project", "find_compiler", "stops_at_once", "write_flags", "write_units"]

#: How generated code is compiled; what a compiler does not know is left out. Products and sums stay apart: whether they
#: become one operation, which rounds once, would depend on the loop around them. Nor may the order of a sum depend on
#: where an array begins in memory. Vectors are as wide as the processor has them; sums ask for their own width.
FLAGS = (
    "-w",
    "-O3",
    "-ffast-math",
    "-fno-finite-math-only",
    "-ffp-contract=off",
    "--param=vect-max-peeling-for-alignment=0",
    "-march=native",
    "-mprefer-vector-width=512",
    "-std=c++11",
)
#: The scan of the inputs gains by it.
_UNROLL = "-funroll-loops"
_OPTIMISATIONS = "OPTIMISATIONS = "


def find_compiler() -> tuple[tuple[str, ...], str]:
    """The command of the C++ compiler, and a text that changes when the code it makes would.

    The environment variable ``CXX`` may hold a launcher and flags, as ``ccache g++ -std=c++17``; empty is as unset.

    Raises
    ------
    CompilerError
        There is none.
    """
    given = os.environ.get("CXX", "").strip() or "g++"
    instead = "or go on without one: --engine runtime"
    try:
        command = tuple(shlex.split(given))
    except ValueError as error:
        raise CompilerError(f"CXX = {given!r}: must be a command ({error}), {instead}") from None
    if shutil.which(command[0]) is None:
        raise CompilerError(
            f"no C++ compiler: {command[0]!r} was not found; install one (for example g++), or name it in the "
            f"environment variable CXX, {instead}"
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


_INCLUDE = re.compile(r"^ *# *include *[<\"][^\n]*", re.MULTILINE)
_FUNCTION = re.compile(r"^void (_(?:before_|after_)?run_\w+)\(\);", re.MULTILINE)
#: What runs in the main loop, and all else.
_UNITS = ("hot", "cold")


def write_units(directory: Path) -> None:
    """Gather a generated project in two files: ``hot.cpp`` is what runs in the main loop, ``cold.cpp`` all else."""
    objects = sorted((directory / "code_objects").glob("*.cpp"))
    once = ("before_run_", "after_run_")
    cold = [path for path in objects if path.name.startswith(once) or "_synapses_create_" in path.name]
    hot = [path for path in objects if path not in cold]
    # Included first, nothing of a header lands in the name space of a code object. They guard against a second time.
    headers = {line for path in objects for line in _INCLUDE.findall(path.read_text(encoding="utf-8"))}
    library = sorted(
        path.relative_to(directory).as_posix() for path in (directory / "brianlib").glob("*.cpp")
    )
    rest = (("network.cpp",), ("objects.cpp", "run.cpp", "main.cpp", *library))
    for unit, members, whole in zip(_UNITS, (hot, cold), rest, strict=True):
        text = "\n".join(sorted(headers)) + "\n"
        text += "".join(_in_own_name_space(directory, path) for path in members)
        text += "".join(f'#include "{name}"\n' for name in whole)
        (directory / f"{unit}.cpp").write_text(text, encoding="utf-8")


def _in_own_name_space(directory: Path, source: Path) -> str:
    """A code object as part of a larger file: its support code, which others have too, stays its own."""
    (function,) = _FUNCTION.findall(source.with_suffix(".h").read_text(encoding="utf-8"))
    name = source.relative_to(directory)
    return (
        f'#include "{name.with_suffix(".h")}"\n#pragma GCC push_options\n'
        f'namespace in{function} {{\n#include "{name}"\n}}\n#pragma GCC pop_options\n'
        f"void {function}() {{ in{function}::{function}(); }}\n"
    )


def compile_project(directory: Path, command: Sequence[str]) -> None:
    """Compile the two units of a generated project side by side.

    Only the main loop is worth the optimiser's time. A static program starts several milliseconds sooner; where there
    are no libraries for it, it is linked as usual.

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
    hot, cold = ([*command, "-c", *flags, "-I.", f"{unit}.cpp"] for unit in _UNITS)
    cold = [flag for flag in cold if flag != _UNROLL] + ["-O1"]
    link = [*command, *(f"{unit}.o" for unit in _UNITS), "-o", "main", *flags]
    try:
        _run([hot, cold], directory)
        try:
            _run([[*link, "-static"]], directory)
        except _FailedError:
            _run([link], directory)
    except _FailedError as failed:
        raise CompilerError(
            f"{shlex.join(command)} could not compile the generated program; go on with --engine runtime, or look at:\n"
            f"{str(failed)[-2000:]}"
        ) from None
    for unit in _UNITS:
        (directory / f"{unit}.o").unlink()


class _FailedError(Exception):
    """What a command complained of."""


def _run(commands: Sequence[Sequence[str]], directory: Path) -> None:
    """Run commands side by side to their end, or end them with all that they have started."""
    processes: list[subprocess.Popen[str]] = []
    try:
        for command in commands:
            # A session of its own: Ctrl-C reaches this process only, which then ends it.
            process = subprocess.Popen(
                command,
                cwd=directory,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
                errors="replace",
                start_new_session=True,
            )
            processes.append(process)
        complaints = [process.communicate()[1] for process in processes]
    except BaseException:
        for process in processes:
            with suppress(ProcessLookupError):  # it has just ended
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        raise
    for process, complaint in zip(processes, complaints, strict=True):
        if process.returncode:
            raise _FailedError(complaint)


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
