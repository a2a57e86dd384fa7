"""A compiled program in its folder: whether it is whole, how it runs, and whether what it wrote can be believed."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from ...errors import EngineError
from ..base import Array
from .project import REPORT, arguments_of
from .scratch import named

__all__ = ["Program"]

_MANIFEST = "manifest.json"
_LAST_LINE = re.compile(rf"(?P<before>.*){REPORT}: (?P<steps>\d+) steps, (?P<spikes>\d+) spikes\n", re.DOTALL)


@dataclass(frozen=True)
class Results:
    """What one run of a program gave: how far it came, and its arrays by name."""

    steps: int
    arrays: dict[str, Array]


@dataclass(frozen=True)
class Program:
    """A compiled program in its folder, with the names of the files that it writes."""

    directory: Path
    files: Mapping[str, str]

    @staticmethod
    def seal(directory: Path, files: Mapping[str, str]) -> None:
        """Describe a program that is complete, and make sure that it outlives a crash of the machine.

        Parameters
        ----------
        files : mapping
            ``"group.variable"`` → name of the file to which the program writes that variable.
        """
        needed = [directory / "main", *sorted((directory / "static_arrays").iterdir())]
        digests = {str(path.relative_to(directory)): _digest(path) for path in needed}
        manifest = directory / _MANIFEST
        manifest.write_text(json.dumps({"writes": files, "needs": digests}), encoding="ascii")
        for path in (*needed, manifest, directory / "static_arrays", directory):
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    @classmethod
    def load(cls, directory: Path) -> Self | None:
        """The program in a folder; None where there is none, or not all of it as it was sealed."""
        try:
            manifest = json.loads((directory / _MANIFEST).read_bytes())
            if all(_digest(directory / name) == digest for name, digest in manifest["needs"].items()):
                return cls(directory, dict(manifest["writes"]))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            pass  # cut short, or of another version
        return None

    def run(
        self,
        scratch: Path,
        variables: Mapping[str, float | Array],
        tables: Mapping[str, float | Array | Path],
        *,
        duration: float,
        seed: int,
        sizes: Mapping[str, int],
    ) -> Results:
        """Run the program once, and read what it wrote.

        Parameters
        ----------
        scratch : Path
            An empty folder, for input and output.
        variables, tables : mappings
            Numbers (for a whole group) or arrays; tables may be files written before.
        sizes : mapping
            How many numbers each variable has.

        Raises
        ------
        EngineError
            The program failed, or has not written all that it should.
        """
        results = scratch / "results"
        results.mkdir()
        arguments = ["--results_dir", f"{results}/", *arguments_of(scratch, variables, tables)]
        environment = {
            **os.environ,
            "SPIKINGSAMPLING_SEED": str(int(seed)),
            "SPIKINGSAMPLING_DURATION": repr(float(duration)),
        }
        steps, n_spikes = self._execute(arguments, environment)
        arrays = {
            name: _read(
                results / file, sizes.get(name, n_spikes), np.int32 if name == "spikes.i" else np.float64
            )
            for name, file in self.files.items()
        }
        return Results(steps, arrays)

    def _execute(self, arguments: Sequence[str], environment: Mapping[str, str]) -> tuple[int, int]:
        """Steps and spikes that the program reports."""
        try:
            # A session of its own: Ctrl-C reaches this process, which lets the segment finish.
            process = subprocess.run(
                [self.directory / "main", *arguments],
                cwd=self.directory,
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                start_new_session=True,
                check=False,
            )
        except OSError as error:
            raise EngineError(
                f"the compiled program in {self.directory} cannot be started: {error.strerror}. The folder must be on "
                "a file system that allows it (not noexec); SPIKINGSAMPLING_CACHE names another"
            ) from error
        report = _LAST_LINE.fullmatch(process.stdout)
        complaint = (process.stderr + (report["before"] if report else process.stdout)).strip()
        if process.returncode < 0:
            raise EngineError(
                f"the compiled program was ended by {_name(-process.returncode)}. {complaint[-2000:]}"
            )
        if process.returncode or complaint:  # the program reports unreadable input only on its output
            raise EngineError(
                f"the compiled program failed with code {process.returncode}: {complaint[-2000:]}"
            )
        if report is None:
            raise EngineError("the compiled program ended without its last line, which says what it has done")
        return int(report["steps"]), int(report["spikes"])


def _name(number: int) -> str:
    meaning = {
        signal.SIGILL: " (it was compiled for another processor)",
        signal.SIGKILL: " (is there too little memory?)",
    }
    try:
        return f"{signal.Signals(number).name}{meaning.get(signal.Signals(number), '')}"
    except ValueError:
        return f"signal {number}"


def _read(path: Path, size: int, dtype: type[np.generic]) -> Array:
    """An array that a program wrote; a full disk cuts files short, and the program does not notice."""
    expected = size * np.dtype(dtype).itemsize
    try:
        found = path.stat().st_size
        values = np.fromfile(path, dtype)
    except OSError as error:
        raise EngineError(f"the compiled program wrote no {path.name} ({error.strerror})") from error
    if found != expected or len(values) != size:
        raise EngineError(
            f"the compiled program wrote {found} of {expected} bytes of {path.name}; no space left in {named(path)}? "
            "Make room, or set TMPDIR"
        )
    return values


def _digest(path: Path) -> list[int | str]:
    with path.open("rb") as file:
        return [path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()]
