"""The directory of a sweep: ``sweep.toml``, ``runs.csv`` and one run directory per run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from .._version import __version__
from ..errors import ParameterError, ResumeError
from ..experiment.protocol import Protocol
from ..experiment.run_directory import run_file
from ..experiment.run_files import CONFIG, LOCK
from ..extras import require
from ..locks import locked
from ..tables import Summarised, Table
from .plan import FILE, Plan
from .table import TABLE, Row, Status, clear_error, ordered, read_row, write_table

__all__ = ["Sweep", "is_sweep", "load_sweep"]


def is_sweep(directory: Path) -> bool:
    """Whether a directory holds a sweep."""
    return (directory / FILE).is_file()


def _check_free(directory: Path) -> None:
    """ParameterError unless a sweep may begin in the directory."""
    others = directory.exists() and (
        not directory.is_dir() or any(path.name != LOCK for path in directory.iterdir())
    )
    if others:
        hint = f"; continue it with --resume {directory}" if is_sweep(directory) else ""
        raise ParameterError(f"--out {directory}: must be a new or empty directory{hint}")


def load_sweep(path: Path | str) -> Sweep:
    """The sweep of a directory; ResumeError if there is none or ``sweep.toml`` is damaged."""
    return Sweep.open(Path(path))


class Sweep(Summarised):
    """A sweep in its directory.

    Attributes
    ----------
    directory : Path
    plan : Plan
    runs : list of Path
        The run directories, in the order of :meth:`Plan.cells`.
    """

    def __init__(self, directory: Path, plan: Plan) -> None:
        self.directory, self.plan = directory, plan
        self._cells = plan.cells()
        width = max(4, len(str(len(self._cells) - 1)))
        self.runs = [directory / "runs" / f"{index:0{width}d}" for index in range(len(self._cells))]
        #: While it exists, workers begin no run and stop those that they have begun.
        self.stop_file = directory / "stop"

    @classmethod
    def propose(cls, directory: Path, plan: Plan, protocol: Protocol[Any]) -> Sweep:
        """A sweep of which everything is checked and nothing is written.

        Raises
        ------
        ParameterError, UnknownNameError
            A setting of one of the runs is wrong, or the directory is not new or empty.
        """
        for cell in plan.cells():
            plan.configure(protocol, cell)
        if not (directory / LOCK).exists():
            _check_free(directory)
        return cls(directory, plan)

    def begin(self, protocol: Protocol[Any]) -> None:
        """Write ``sweep.toml`` and the run directories of a proposed sweep, which this process holds.

        Raises
        ------
        ParameterError
            The directory is no longer new or empty.
        """
        _check_free(self.directory)
        self.plan.write(self.directory)
        self.prepare(protocol)

    @classmethod
    def open(cls, directory: Path) -> Sweep:
        """Open a sweep; ResumeError if there is none or ``sweep.toml`` is damaged."""
        return cls(directory, Plan.read(directory))

    def prepare(self, protocol: Protocol[Any]) -> None:
        """Make the run directories that are not there yet, in a sweep that this process holds.

        Raises
        ------
        ResumeError
            The sweep was begun by another version of this package.
        """
        if self.plan.version != __version__:
            raise ResumeError(
                f"{self.directory} was made by spikingsampling {self.plan.version} and this is {__version__}: "
                f"resume it with version {self.plan.version}, or start a new sweep"
            )
        file = run_file(protocol, self.plan.preset, {})
        for run, cell in zip(self.runs, self._cells, strict=True):
            if not (run / CONFIG).exists():
                run.mkdir(parents=True, exist_ok=True)
                settings = self.plan.configure(protocol, cell).pinned().to_mapping()
                replace(file, configuration=settings).write(run / CONFIG, protocol.configuration)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep a second command out of the directory, and take away what stopped the one before.

        Raises
        ------
        InUse
            Another process runs this sweep.
        """
        self.directory.mkdir(parents=True, exist_ok=True)
        with locked(self.directory / LOCK):
            self.stop_file.unlink(missing_ok=True)
            yield

    def row(self, index: int) -> Row:
        """What became of a run."""
        return read_row(self.runs[index], self._cells[index])

    def rows(self) -> list[Row]:
        """What became of all runs."""
        return [self.row(index) for index in range(len(self.runs))]

    def to_dataframe(self) -> Any:
        """All runs as a pandas ``DataFrame``: ``run``, ``status``, what the sweep sets, the metrics, ``error``.

        Raises
        ------
        MissingExtraError
            pandas is not installed.
        RecordingError
            The metrics of a run are damaged.
        """
        pandas = require("pandas", "interchange", "data frames")
        rows = self.rows()
        metrics = ordered(name for row in rows for name in row.metrics)
        settings = list(dict.fromkeys(name for row in rows for name in row.settings))
        columns = {
            "run": [row.name for row in rows],
            "status": [str(row.status) for row in rows],
            **{name: [row.settings.get(name) for row in rows] for name in settings},
            **{name: [row.metrics.get(name) for row in rows] for name in metrics},
            "error": [row.error for row in rows],
        }
        return pandas.DataFrame(columns)

    def summary(self) -> tuple[str, list[Table]]:
        """Protocol, and how many runs are done."""
        rows = self.rows()
        table = Table(("run", "status", "error"), [(row.name, str(row.status), row.error) for row in rows])
        done = sum(row.status is Status.DONE for row in rows)
        return f"{self.plan.protocol_name} in {self.directory}, {done} of {len(rows)} runs done", [table]

    def retry(self) -> None:
        """Make the failed runs pending again; they go on from their checkpoints."""
        for run, row in zip(self.runs, self.rows(), strict=True):
            if row.status is Status.FAILED:
                clear_error(run)

    def tabulate(self) -> list[Row]:
        """What became of all runs, in ``runs.csv`` too: the command before may have been killed ahead of writing it."""
        rows = self.rows()
        self.write_table(rows)
        return rows

    def write_table(self, rows: list[Row]) -> None:
        """Write ``runs.csv``."""
        write_table(self.directory / TABLE, rows)
