"""The C++ compiler: which one it is, and how it makes a program of a generated project."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from functools import cache
from pathlib import Path

from ..errors import CompilerError

__all__ = ["compile_project", "find_compiler", "write_units"]


@cache
def find_compiler() -> tuple[str, str]:
    """The C++ compiler and a text that changes when the code it makes would; CompilerError where there is none."""
    compiler = os.environ.get("CXX", "g++")
    if shutil.which(compiler) is None:
        raise CompilerError(
            f"no C++ compiler: {compiler!r} was not found; install one (for example g++), or name it in the "
            "environment variable CXX, or go on without one: --engine runtime"
        )
    target = subprocess.run(
        [compiler, "-march=native", "-Q", "--help=target"], capture_output=True, text=True, check=False
    )
    identity = subprocess.run([compiler, "--version"], capture_output=True, text=True, check=False)
    return compiler, identity.stdout + target.stdout


_INCLUDE = re.compile(r"^ *# *include *[<\"][^\n]*", re.MULTILINE)
_FUNCTION = re.compile(r"^void (_(?:before_|after_)?run_\w+)\(\);", re.MULTILINE)


def _in_own_name_space(directory: Path, source: Path) -> str:
    """A code object as part of a larger file: its support code, which others have too, stays its own."""
    (function,) = _FUNCTION.findall(source.with_suffix(".h").read_text())
    name = source.relative_to(directory)
    return (
        f'#include "{name.with_suffix(".h")}"\n'
        f'namespace in{function} {{\n#include "{name}"\n}}\n'
        f"void {function}() {{ in{function}::{function}(); }}\n"
    )


def write_units(directory: Path) -> None:
    """Gather a generated project in two files: ``hot.cpp`` is what runs in the main loop, ``cold.cpp`` all else."""
    objects = sorted((directory / "code_objects").glob("*.cpp"))
    cold = [
        p
        for p in objects
        if p.name.startswith(("before_run_", "after_run_")) or "_synapses_create_" in p.name
    ]
    # Included first, nothing of a header lands in the name space of a code object. They guard against a second time.
    headers = "\n".join(sorted({line for p in objects for line in _INCLUDE.findall(p.read_text())})) + "\n"
    for unit, members, whole in (
        ("hot.cpp", [p for p in objects if p not in cold], ("network.cpp",)),
        ("cold.cpp", cold, ("objects.cpp", "run.cpp", "main.cpp")),
    ):
        text = [_in_own_name_space(directory, path) for path in members]
        text += [f'#include "{name}"\n' for name in whole]
        (directory / unit).write_text(headers + "".join(text))


def compile_project(directory: Path, compiler: str) -> None:
    """Compile the two units of a generated project side by side.

    Only the main loop is worth the optimiser's time. A static program starts several milliseconds sooner; where there
    are no libraries for it, it is linked as usual.
    """
    makefile = (directory / "makefile").read_text().splitlines()
    flags = next(line.partition("=")[2].strip() for line in makefile if line.startswith("OPTIMISATIONS"))
    common = [compiler, "-c", *shlex.split(flags), "-I."]
    link = [compiler, "hot.o", "cold.o", "-o", "main", *shlex.split(flags)]
    _run([[*common, "hot.cpp"], [*common, "-O1", "-fno-unroll-loops", "cold.cpp"]], directory)
    try:
        _run([[*link, "-static"]], directory)
    except CompilerError:
        _run([link], directory)
    for path in directory.glob("*.o"):
        path.unlink()


def _run(commands: list[list[str]], directory: Path) -> None:
    """Run commands side by side; CompilerError if one fails."""
    processes = [
        subprocess.Popen(c, cwd=directory, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        for c in commands
    ]
    complaints = [process.communicate()[1] for process in processes]
    for process, complaint in zip(processes, complaints, strict=True):
        if process.returncode:
            raise CompilerError(
                f"{process.args[0]} could not compile the generated program; go on with --engine runtime, or "
                f"look at:\n{complaint[-2000:]}"
            )
