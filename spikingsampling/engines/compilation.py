"""The C++ compiler: which one it is, and how it makes a program of a generated project."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from functools import cache
from pathlib import Path

from ..errors import CompilerError

__all__ = ["compile_project", "find_compiler"]


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


def compile_project(directory: Path, compiler: str) -> None:
    """Compile a generated project; its common header is compiled once, which halves the time."""
    flags = next(
        line.partition("=")[2].strip()
        for line in (directory / "makefile").read_text().splitlines()
        if line.startswith("OPTIMISATIONS")
    )
    steps = (
        [compiler, "-c", *shlex.split(flags), "-Wno-write-strings", "-I.", "-x", "c++-header", "objects.h"],
        # Without DEPS make does not look for the headers of each source, which a single build has no use for.
        [
            "make",
            f"-j{os.cpu_count() or 1}",
            f"CXX={compiler}",
            "DEPS=",
            f"OPTIMISATIONS={flags} -include objects.h",
        ],
    )
    for step in steps:
        process = subprocess.run(step, cwd=directory, capture_output=True, text=True, check=False)
        if process.returncode:
            raise CompilerError(
                f"{compiler} could not compile the generated program; go on with --engine runtime, or look at:\n"
                f"{process.stderr[-2000:]}"
            )
    for path in (*directory.glob("**/*.o"), *directory.glob("*.gch")):
        path.unlink()
