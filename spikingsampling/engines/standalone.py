"""The C++ standalone engine: a network is compiled once, each segment is one run of the program.

A compiled program is kept per user and found again by its generated code and compiler flags, so that a second run
of the same network starts at once, without importing Brian2.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np

from ..errors import EngineError
from ..network.description import Network
from ..network.rules import Learning
from ..network.state import State
from ..network.timing import Timing
from .base import Array, Drive, Outcome, check_drive, state_at_end, tables_at_start, variables_at_start
from .compilation import compile_project, find_compiler
from .project import arguments_of, write_project
from .scratch import memory_folder
from .templates import chosen_templates

__all__ = ["GENERATING", "StandaloneEngine", "program_cache"]

#: The modules and templates that make the generated code what it is. What the rule adds is in its own code.
GENERATING = (
    "engines/base.py",
    "engines/build.py",
    "engines/compilation.py",
    "engines/project.py",
    "engines/scratch.py",
    "engines/standalone.py",
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
    "engines/templates/synapses_push_spikes.cpp",
    "engines/templates/threshold.cpp",
    "network/description.py",
    "network/equations.py",
    "network/state.py",
    "network/timing.py",
)


def program_cache() -> Path:
    """Folder of compiled programs; the environment variable ``SPIKINGSAMPLING_CACHE`` moves it."""
    if root := os.environ.get("SPIKINGSAMPLING_CACHE"):
        return Path(root) / "programs"
    import pooch  # slow to import

    return Path(pooch.os_cache("spikingsampling")) / "programs"


def _hash(*texts: str | bytes) -> str:
    digest = hashlib.sha256()
    for text in texts:
        data = text.encode() if isinstance(text, str) else text
        digest.update(len(data).to_bytes(8, "little") + data)
    return digest.hexdigest()[:32]


def _description(network: Network, timing: Timing, n_frames: int, forced: bool) -> str:
    """All that the generated code depends on, so that an unchanged network needs no code generation."""
    package = Path(__file__).parents[1]
    connectivity = [index.tobytes() for p in network.pathways for index in (p.pre_index, p.post_index)]
    settings = {
        "sources": [s.size for s in network.sources],
        "circuits": network.circuit.tolist(),
        "rule": asdict(network.rule.code(network.parameters)),
        "timing": asdict(timing),
        "n_frames": n_frames,
        "forced": forced,
        "templates": chosen_templates(),
        "brian2": version("brian2"),
    }
    return _hash(json.dumps(settings), *((package / name).read_bytes() for name in GENERATING), *connectivity)


def _scratch_bytes(network: Network, frames: Array) -> int:
    """What the files of a segment may take: the state at both ends, the tables and the spikes."""
    return (
        8 * (6 * network.n_synapses + 20 * (network.n_inputs + network.n_neurons) + np.size(frames)) + 10**7
    )


@dataclass(frozen=True)
class Program:
    """A compiled program in its folder, with the names of the files that it writes."""

    directory: Path
    files: Mapping[str, str]

    @classmethod
    def load(cls, directory: Path) -> Program | None:
        manifest = directory / "manifest.json"
        if not (manifest.is_file() and (directory / "main").is_file()):
            return None
        return cls(directory, json.loads(manifest.read_text()))

    @classmethod
    def get(
        cls,
        network: Network,
        timing: Timing,
        n_frames: int,
        *,
        forced: bool = False,
        announce: Callable[[str], None] = lambda text: None,
    ) -> Program:
        """Find the program of a network among those compiled before, or generate and compile it."""
        compiler, identity = find_compiler()
        root = program_cache()
        root.mkdir(parents=True, exist_ok=True)
        known = root / "known" / _hash(_description(network, timing, n_frames, forced), compiler, identity)
        known.parent.mkdir(exist_ok=True)
        # Many runs that start at once wait for the one that compiles. The system lets go of the lock when its
        # process ends, however it ends.
        with known.with_suffix(".lock").open("w") as lock:
            if program := cls._find(root, known):
                return program
            announce("compiling the network: this takes up to some minutes, once for each network")
            fcntl.flock(lock, fcntl.LOCK_EX)
            return cls._find(root, known) or cls._make(
                network, timing, n_frames, forced, root, known, compiler, identity
            )

    @classmethod
    def _find(cls, root: Path, known: Path) -> Program | None:
        return cls.load(root / known.read_text()) if known.is_file() else None

    @classmethod
    def _make(
        cls,
        network: Network,
        timing: Timing,
        n_frames: int,
        forced: bool,
        root: Path,
        known: Path,
        compiler: str,
        identity: str,
    ) -> Program:
        # Built under a name of its own and moved into place, so that parallel processes cannot collide.
        with tempfile.TemporaryDirectory(dir=root, prefix="build-") as scratch:
            build = Path(scratch) / "program"
            files = write_project(network, timing, n_frames, build, forced=forced)
            sources = sorted(path for path in build.rglob("*") if path.is_file())
            key = _hash(
                identity, *(item for p in sources for item in (str(p.relative_to(build)), p.read_bytes()))
            )
            program = cls.load(root / key)
            if program is None:
                compile_project(build, compiler)
                (build / "manifest.json").write_text(json.dumps(files))
                try:
                    build.rename(root / key)
                except OSError:  # another process was faster
                    if cls.load(root / key) is None:
                        raise
                program = cls.load(root / key)
        with tempfile.NamedTemporaryFile("w", dir=root, delete=False) as file:
            file.write(key)
        os.replace(file.name, known)
        assert program is not None
        return program

    def run(
        self,
        scratch: Path,
        variables: Mapping[str, float | Array],
        tables: Mapping[str, Array | Path],
        duration: float,
        seed: int,
    ) -> dict[str, Array]:
        """Run the program once and read what it wrote.

        ``variables`` are floats (set on a whole group) or arrays; tables may be files written before.
        """
        results = scratch / "results"
        results.mkdir(exist_ok=True)
        arguments = ["--results_dir", f"{results}/", *arguments_of(scratch, variables, tables)]
        environment = {
            **os.environ,
            "SPIKINGSAMPLING_SEED": str(seed),
            "SPIKINGSAMPLING_DURATION": repr(duration),
        }
        # A session of its own: Ctrl-C reaches this process, which lets the segment finish.
        process = subprocess.run(
            [self.directory / "main", *arguments],
            cwd=self.directory,
            env=environment,
            capture_output=True,
            text=True,
            start_new_session=True,
            check=False,
        )
        complaint = (process.stderr + process.stdout).strip()
        if process.returncode or complaint:  # the program reports unreadable input only on its output
            raise EngineError(
                f"the compiled program failed with code {process.returncode}: {complaint[-2000:]}"
            )
        types = {"spikes.i": np.int32}
        return {n: np.fromfile(results / f, types.get(n, np.float64)) for n, f in self.files.items()}


class StandaloneEngine:
    """Runs segments as processes of a compiled C++ program.

    Parameters
    ----------
    network : Network
    timing : Timing
    frames : (n_frames, n_inputs) array
        Table of input rates in Hz.
    forced : bool
        Spikes are prescribed by each segment's tables.
    announce : callable
        Told, before it begins, that the network is compiled.

    Raises
    ------
    CompilerError
        No C++ compiler, or it failed.
    """

    name = "standalone"

    def __init__(
        self,
        network: Network,
        timing: Timing,
        frames: Array,
        *,
        forced: bool = False,
        announce: Callable[[str], None] = lambda text: None,
    ) -> None:
        started = time.perf_counter()
        self.network, self.timing, self.n_frames, self.forced = network, timing, len(frames), forced
        self.program = Program.get(network, timing, len(frames), forced=forced, announce=announce)
        self.build_seconds = time.perf_counter() - started
        self._scratch = tempfile.TemporaryDirectory(
            prefix="spikingsampling-", dir=memory_folder(_scratch_bytes(network, frames))
        )
        self._tables: dict[str, Array | Path] = {}
        if not forced:
            path = Path(self._scratch.name) / "frames"
            np.ascontiguousarray(frames, dtype=np.float64).tofile(path)
            self._tables["frames"] = path

    def advance(self, state: State, drive: Drive, learning: Learning, seed: int) -> Outcome:
        """Advance ``state`` by one segment; see :class:`~spikingsampling.engines.base.Engine`."""
        check_drive(drive, self.timing, self.n_frames, len(self.network.sources))
        read = self.program.run(
            Path(self._scratch.name),
            variables_at_start(self.network, state, learning, self.timing.update_period),
            self._tables | tables_at_start(self.network, self.timing, state, drive),
            drive.duration,
            seed,
        )
        times, neurons = read.pop("spikes.t"), read.pop("spikes.i")
        end = state_at_end(self.network, self.timing, drive.duration, read, times, neurons)
        return Outcome(end, times, neurons)

    def close(self) -> None:
        """Remove the temporary files."""
        self._scratch.cleanup()
