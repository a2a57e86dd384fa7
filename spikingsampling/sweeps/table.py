"""The runs of a sweep and what became of them: ``runs.csv``.

What is true stands in the directories of the runs: one with metrics is done, one with ``error.txt`` has
failed, all others are pending. The table is made from them, so that nothing can be killed between the two.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from ..experiment.metrics import COSTS, scalars
from ..experiment.run_files import read_metrics
from ..files import write_atomically

__all__ = [
    "ERROR",
    "TABLE",
    "Row",
    "Status",
    "clear_error",
    "note_error",
    "ordered",
    "read_row",
    "write_table",
]

TABLE, ERROR = "runs.csv", "error.txt"


class Status(StrEnum):
    """What became of a run."""

    DONE = "done"
    FAILED = "failed"
    PENDING = "pending"


@dataclass(frozen=True)
class Row:
    """A run of a sweep: its directory, settings, status, metrics (when done) and error (when failed)."""

    directory: Path
    settings: Mapping[str, Any]
    status: Status
    metrics: Mapping[str, Any]
    error: str = ""

    @property
    def name(self) -> str:
        """Name of the run's directory."""
        return self.directory.name


def read_row(directory: Path, settings: Mapping[str, Any]) -> Row:
    """See what became of a run.

    Raises
    ------
    RecordingError
        Its metrics are damaged.
    """
    metrics = read_metrics(directory)
    if metrics is not None:
        return Row(directory, settings, Status.DONE, scalars(metrics))
    path = directory / ERROR
    if path.exists():
        text = path.read_text(encoding="utf-8", errors="replace").strip()
        return Row(directory, settings, Status.FAILED, {}, text.splitlines()[-1] if text else "unknown error")
    return Row(directory, settings, Status.PENDING, {})


def note_error(directory: Path, text: str) -> None:
    """Mark a run as failed; the last line of ``text`` is shown in the table."""
    write_atomically(directory / ERROR, text.encode(errors="replace"))


def clear_error(directory: Path) -> None:
    """Make a failed run pending again."""
    (directory / ERROR).unlink(missing_ok=True)


def ordered(names: Iterable[str]) -> list[str]:
    """Results first, then what they cost."""
    unique = list(dict.fromkeys(names))
    return [n for n in unique if n not in COSTS] + [n for n in COSTS if n in unique]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def write_table(path: Path, rows: Sequence[Row]) -> None:
    """Write the table, atomically: run, status, settings, metrics, costs, error.

    Numbers are written with all their digits; a metric that is not a number is an empty cell.
    """
    settings = list(dict.fromkeys(name for row in rows for name in row.settings))
    metrics = ordered(name for row in rows for name in row.metrics)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["run", "status", *settings, *metrics, "error"])
    for row in rows:
        values = [row.settings.get(name) for name in settings] + [row.metrics.get(name) for name in metrics]
        writer.writerow([row.name, row.status, *(_cell(value) for value in values), row.error])
    write_atomically(path, text.getvalue().encode())
