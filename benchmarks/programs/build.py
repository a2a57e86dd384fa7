"""Compile the C kernel with the flags that Brian2 uses for its standalone programs."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from spikingsampling.errors import CompilerError

__all__ = ["FLAGS", "compiler", "compiler_version", "load_kernel"]

SOURCE = Path(__file__).with_name("kernel.c")
#: Optimisation flags, the same for the kernel and for the naive Brian2 network.
FLAGS = ("-O3", "-march=native", "-ffast-math")


def compiler() -> str:
    """Path of the C compiler: ``$CC``, else cc, gcc or clang.

    Raises
    ------
    CompilerError
        There is none.
    """
    wanted = os.environ.get("CC")
    names = (wanted,) if wanted else ("cc", "gcc", "clang")
    for name in names:
        if path := shutil.which(name):
            return path
    raise CompilerError(
        f"no C compiler found (tried {', '.join(names)}): the benchmarks compare with compiled C; "
        "install gcc or clang, or name one in the environment variable CC"
    )


def compiler_version() -> str:
    """First line of what the compiler says about itself."""
    result = subprocess.run([compiler(), "--version"], capture_output=True, text=True, check=False)
    return result.stdout.partition("\n")[0]


@cache
def load_kernel() -> ctypes.CDLL:
    """The compiled kernel as a library, compiled on the first call in this process.

    Raises
    ------
    CompilerError
        No compiler, or it failed.
    """
    with tempfile.TemporaryDirectory(prefix="spikingsampling-benchmark-") as folder:
        compiled, library = Path(folder) / "kernel.o", Path(folder) / "kernel.so"
        # Linked without the flags: -ffast-math would make the library switch off subnormal numbers in the whole
        # process that loads it.
        steps = (
            [
                *FLAGS,
                "-std=c11",
                "-D_POSIX_C_SOURCE=199309L",
                "-fPIC",
                "-c",
                str(SOURCE),
                "-o",
                str(compiled),
            ],
            ["-shared", str(compiled), "-o", str(library), "-lm"],
        )
        for step in steps:
            built = subprocess.run([compiler(), *step], capture_output=True, text=True, check=False)
            if built.returncode:
                raise CompilerError(f"{compiler()} could not compile {SOURCE.name}: {built.stderr.strip()}")
        return ctypes.CDLL(str(library))
