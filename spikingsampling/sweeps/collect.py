"""The finished runs of sweeps and run directories, and the settings in which they differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ..errors import ParameterError, UnknownNameError
from ..experiment.run_files import FinishedRun
from .sweep import Sweep, is_sweep

__all__ = ["DIRECTORY", "collect", "full_name", "the_protocol", "varying"]

#: The setting by which runs of several directories are told apart: the directory that was given.
DIRECTORY = "directory"


def collect(directories: Sequence[Path]) -> list[FinishedRun]:
    """The finished runs of sweeps and run directories, with the setting :data:`DIRECTORY` besides their own.

    Raises
    ------
    ResumeError
        One of them is neither a sweep nor a run.
    RecordingError
        The metrics of a run are damaged.
    ParameterError
        No run is finished.
    """
    runs = []
    for directory in directories:
        for path in Sweep.open(directory).runs if is_sweep(directory) else [directory]:
            if (run := FinishedRun.read(path)) is not None:
                runs.append(replace(run, settings={**run.settings, DIRECTORY: str(directory)}))
    if not runs:
        raise ParameterError(f"{', '.join(map(str, directories))}: no run is finished")
    return runs


def the_protocol(runs: Sequence[FinishedRun]) -> str:
    """The name of the protocol of all runs.

    Raises
    ------
    ParameterError
        They are runs of several protocols.
    """
    names = sorted({run.settings["protocol"] for run in runs})
    if len(names) > 1:
        raise ParameterError(f"the runs are of several protocols: {', '.join(names)}")
    return str(names[0])


def varying(runs: Sequence[FinishedRun]) -> list[str]:
    """The settings in which the runs differ, apart from seed and directory."""
    names = dict.fromkeys(name for run in runs for name in run.settings)
    differ = [name for name in names if any(r.settings.get(name) != runs[0].settings.get(name) for r in runs)]
    return [name for name in differ if name not in ("seed", DIRECTORY)]


def full_name(runs: Sequence[FinishedRun], name: str) -> str:
    """The setting that a name means: itself, or the only one that ends with it.

    Raises
    ------
    UnknownNameError
        There is none, or several.
    """
    known = dict.fromkeys(key for run in runs for key in run.settings)
    longer = [key for key in known if key.endswith(f".{name}")]
    if name in known:
        return name
    if len(longer) != 1:
        raise UnknownNameError("parameter", name, longer or known)
    return longer[0]
