"""The cache of compiled programs: a network is compiled once for each user, compiler and kind of processor.

A compiled program is found again by its generated code, compiler and flags, so that a second run of the same network
starts at once, without importing Brian2. ``known`` holds, for each description of a network, the name of its program.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import shutil
import tempfile
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import CompilerError, EngineError
from ...files import sync_directory, write_atomically
from ...locks import locked
from ...network.description import Network
from ...network.timing import Timing
from ..machine import processor
from ..templates import chosen_templates
from .compilation import compile_project, find_compiler, stops_at_once
from .program import Program
from .project import write_objects, write_project
from .self_check import check_program

if TYPE_CHECKING:
    from ..build import BrianObjects

__all__ = ["GENERATING", "get_program", "program_cache", "program_of_objects"]

#: What makes the generated code what it is. What the rule and its prior add is in the rule's code.
GENERATING = (
    "engines/base.py",
    "engines/build.py",
    "engines/isolation.py",
    "engines/machine.py",
    "engines/programs/compilation.py",
    "engines/programs/project.py",
    "engines/programs/scratch.py",
    "engines/templates/__init__.py",
    "engines/templates/device.py",
    "engines/templates/functions.h",
    "engines/templates/network.cpp",
    "engines/templates/objects.cpp",
    "engines/templates/random.h",
    "engines/templates/reset.cpp",
    "engines/templates/rows.h",
    "engines/templates/stateupdate.cpp",
    "engines/templates/synapses.cpp",
    "engines/templates/synapses_create_array.cpp",
    "engines/templates/synapses_push_spikes.cpp",
    "engines/templates/threshold.cpp",
    "network/description.py",
    "network/equations.py",
    "network/gates.py",
    "network/pathways.py",
    "network/state.py",
    "network/stdp/equations.py",
    "network/timing.py",
)


def program_cache() -> Path:
    """Folder of compiled programs; the environment variable ``SPIKINGSAMPLING_CACHE`` moves it."""
    if root := os.environ.get("SPIKINGSAMPLING_CACHE"):
        return Path(root).absolute() / "programs"
    import pooch  # slow to import

    return Path(pooch.os_cache("spikingsampling")) / "programs"


def get_program(
    network: Network,
    timing: Timing,
    n_frames: int,
    *,
    forced: bool = False,
    announce: Callable[[str], None] = lambda text: None,
) -> Program:
    """Find the program of a network among those compiled before, or generate and compile it.

    What is not whole (a crash of the machine) is made again. A folder that cannot be written serves as long as it has
    the program.

    Raises
    ------
    CompilerError
        There is no compiler, it failed, or the cache lacks the program and cannot be written.
    EngineError
        The program gives wrong results for a known input.
    """
    command, identity = find_compiler()
    root = program_cache()
    known = root / "known" / _hash(_description(network, timing, n_frames, forced), *command, identity)
    program = _find(root, known)
    if program is None:
        try:
            known.parent.mkdir(parents=True, exist_ok=True)
            announce("compiling the network: this takes up to some minutes, once for each network")
            # Many runs that start at once wait for the one that compiles.
            with stops_at_once(), locked(known.with_suffix(".lock"), wait=True):
                program = _find(root, known) or _make(
                    lambda build: write_project(network, timing, n_frames, build, forced=forced),
                    root,
                    known,
                    command,
                    identity,
                )
        except OSError as error:
            raise _not_written(root, error) from error
    _check_once(program, network, timing, forced)
    return program


def program_of_objects(
    make: Callable[[], BrianObjects],
    carried: Sequence[str],
    *,
    announce: Callable[[str], None] = lambda text: None,
) -> Program:
    """Compile the program of any Brian2 objects, unless one of equal code was compiled before.

    Parameters
    ----------
    make : callable
        Makes the objects. It is always called: their code says whether it is known.
    carried : sequence of str
        ``"group.variable"`` of what the program writes at its end, beside the spikes.

    Raises
    ------
    CompilerError
        There is no compiler, it failed, or the cache cannot be written.
    """
    command, identity = find_compiler()
    root = program_cache()
    announce("making the program of the network: compiling it takes up to some minutes, once")
    try:
        known = root / "known" / _hash("objects", str(os.getpid()), str(threading.get_ident()))
        known.parent.mkdir(parents=True, exist_ok=True)
        with stops_at_once():
            try:
                return _make(
                    lambda build: write_objects(make, carried, build), root, known, command, identity
                )
            finally:
                known.unlink(missing_ok=True)
    except OSError as error:
        raise _not_written(root, error) from error


def _not_written(root: Path, error: OSError) -> CompilerError:
    return CompilerError(
        f"the cache of compiled programs, {root}, lacks this network's program and cannot be written "
        f"({error.strerror or error}); make it writable, or set SPIKINGSAMPLING_CACHE to a folder of your own"
    )


def _hash(*texts: str | bytes) -> str:
    digest = hashlib.sha256()
    for text in texts:
        data = text.encode() if isinstance(text, str) else text
        digest.update(len(data).to_bytes(8, "little") + data)
    return digest.hexdigest()[:32]


def _description(network: Network, timing: Timing, n_frames: int, forced: bool) -> str:
    """All that the generated code depends on, so that an unchanged network needs no code generation."""
    package = Path(__file__).parents[2]
    connectivity = [
        part
        for p in network.pathways
        for part in (f"{p.name} {len(p)}".encode(), p.pre_index.tobytes(), p.post_index.tobytes())
    ]
    settings = {
        "sources": [s.size for s in network.sources],
        "circuits": network.circuit.tolist(),
        "rule": asdict(network.rule.code(network.parameters)),
        "gated": network.has_gates,
        "timing": asdict(timing),
        "n_frames": n_frames,
        "forced": forced,
        "templates": chosen_templates(),
        "brian2": version("brian2"),
    }
    return _hash(
        json.dumps(settings, default=float),
        *((package / name).read_bytes() for name in GENERATING),
        *connectivity,
    )


def _find(root: Path, known: Path) -> Program | None:
    try:
        key = known.read_text(encoding="ascii")
    except (OSError, ValueError):
        return None
    return Program.load(root / key) if re.fullmatch("[0-9a-f]{32}", key) else None


def _make(
    write: Callable[[Path], dict[str, str]],
    root: Path,
    known: Path,
    command: Sequence[str],
    identity: str,
) -> Program:
    # Built under a name of its own and moved into place when it is complete. Who holds the lock clears what a killed
    # process has left, whose compiler may be still at work there.
    prefix = f"build-{known.name}-"
    for left in root.glob(f"{prefix}*"):
        shutil.rmtree(left, ignore_errors=True)
    scratch = Path(tempfile.mkdtemp(dir=root, prefix=prefix))
    try:
        build = scratch / "program"
        files = write(build)
        sources = sorted(path for path in build.rglob("*") if path.is_file())
        key = _hash(
            *command,
            identity,
            *(item for p in sources for item in (str(p.relative_to(build)), p.read_bytes())),
        )
        if Program.load(root / key) is None:
            compile_project(build, command)
            Program.seal(build, files)
            with suppress(FileNotFoundError):  # what a crash has left of it
                (root / key).rename(scratch / "broken")
            try:
                build.rename(root / key)
            except OSError:  # another network of equal code was faster
                if Program.load(root / key) is None:
                    raise
            sync_directory(root)
        write_atomically(known, key.encode())
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    if (program := Program.load(root / key)) is None:
        raise EngineError(f"the program in {root / key} is not as it was written: the disk may be failing")
    return program


def _check_once(program: Program, network: Network, timing: Timing, forced: bool) -> None:
    """Check a program on a known input, once for each kind of processor, system and library of mathematics."""
    machine = _hash(processor(), platform.release(), *platform.libc_ver(), str(program.directory))
    passed = program.directory / f"checked-{machine}"
    if machine in _checked or passed.exists():
        return
    check_program(program, network, timing, forced=forced)
    _checked.add(machine)
    with suppress(OSError):  # a cache that cannot be written: each process checks for itself
        passed.touch()


_checked: set[str] = set()
