"""The files of a run directory: their names, and what a finished run left in them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ..errors import RecordingError, ResumeError
from ..tables import Summarised, Table
from .configuration import RunFile, flatten
from .metrics import Curve, Metric, curves, metrics_table, scalars, tabulate

__all__ = [
    "CONFIG",
    "ELAPSED",
    "LOCK",
    "LOG",
    "METRICS",
    "FinishedRun",
    "load_run",
    "read_elapsed",
    "read_metrics",
]

CONFIG, METRICS, LOG, ELAPSED = "config.toml", "metrics.json", "log.txt", "elapsed.json"
#: Held by the process that runs in the directory.
LOCK = ".lock"


@dataclass(frozen=True, repr=False)
class FinishedRun(Summarised):
    """A finished run, read back.

    Attributes
    ----------
    directory : Path
    settings : mapping
        By dotted key, as ``config.toml`` holds them; ``protocol``, ``preset`` and ``version`` are among them.
    content : mapping
        All of ``metrics.json``.
    """

    directory: Path
    settings: Mapping[str, Any]
    content: Mapping[str, Any]

    @classmethod
    def read(cls, directory: Path) -> FinishedRun | None:
        """Read a run directory; None if the run is not finished.

        Raises
        ------
        ResumeError
            There is no run.
        RecordingError
            Its metrics are damaged.
        """
        file = RunFile.read(directory / CONFIG)
        content = read_metrics(directory)
        if content is None:
            return None
        about = {"protocol": file.protocol, "preset": file.preset, "version": file.version}
        return cls(directory, about | flatten(file.configuration), content)

    def summary(self) -> tuple[str, list[Table]]:
        """Protocol, preset and directory; the metrics with their intervals."""
        protocol, preset = (self.settings.get(name, "") for name in ("protocol", "preset"))
        return f"{protocol}, {preset}, in {self.directory}", [metrics_table(self.content)]

    @cached_property
    def metrics(self) -> dict[str, Any]:
        """One value per metric, by name."""
        return scalars(self.content)

    @cached_property
    def measured(self) -> dict[str, Metric]:
        """The metrics with what came with them: interval, n, bounds."""
        return tabulate(self.content)

    @cached_property
    def curves(self) -> dict[str, Curve]:
        """The curves among the metrics, by name."""
        return {curve.name: curve for curve in curves(self.content)}


def load_run(path: Path | str) -> FinishedRun:
    """A finished run with its settings, metrics and curves; ``open_recording(run.directory)`` opens its recording.

    Raises
    ------
    ResumeError
        There is no run, or it is not finished.
    RecordingError
        Its metrics are damaged.
    """
    directory = Path(path)
    run = FinishedRun.read(directory)
    if run is None:
        raise ResumeError(
            f"{directory} is not finished; finish it with `spikingsampling run --resume {directory}`"
        )
    return run


def read_metrics(directory: Path) -> dict[str, Any] | None:
    """The metrics of a finished run, None if it is not finished; RecordingError if they are damaged."""
    return _read(directory / METRICS, "the metrics are", "resume the run to have them made again", tabulate)


def read_elapsed(directory: Path) -> dict[str, float]:
    """What the earlier parts of a run cost: ``wall_seconds`` and ``cpu_seconds``; empty if nothing is known.

    Raises
    ------
    RecordingError
        The file is damaged.
    """
    path, advice = directory / ELAPSED, "resume the run, which then does not count the time so far"
    values = _read(path, "the time that the run has taken is", advice) or {}
    if not all(isinstance(value, int | float) and 0 <= value < 1e12 for value in values.values()):
        raise RecordingError(
            f"{directory}: the time that the run has taken is damaged: delete {path} and {advice}"
        )
    return {name: float(value) for name, value in values.items()}


def _read(
    path: Path, what: str, advice: str, check: Callable[[dict[str, Any]], Any] = lambda content: None
) -> dict[str, Any] | None:
    """The mapping in a JSON file, None if there is no file."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(content, dict):
            raise ValueError(f"it holds {type(content).__name__}, not a mapping")
        check(content)
        return content
    except FileNotFoundError:
        return None
    except (ValueError, RecursionError, TypeError, LookupError) as error:
        raise RecordingError(f"{path.parent}: {what} damaged: {error}: delete {path} and {advice}") from None
