"""The directory of a run: what lies in it, how it is made, held, logged to and opened again.

A run directory holds ``config.toml`` (everything resolved), ``log.txt``, ``figures/``, ``metrics.json``
(present when the run is finished), ``elapsed.json`` (wall and processor time so far) and what the simulation records.
"""

from __future__ import annotations

import hashlib
import logging
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from rich.console import Console
from rich.logging import RichHandler

from .._version import __version__
from ..errors import ParameterError, ResumeError
from ..locks import locked
from ..recording.journal import LOCK as STORE_LOCK
from .configuration import ProtocolConfiguration, RunFile, differences, resolve
from .discovery import absolute, is_file, reference_of
from .run_files import CONFIG, ELAPSED, LOCK, LOG, METRICS

if TYPE_CHECKING:
    from .protocol import Protocol

__all__ = ["create_directory", "discard", "held", "logging_to", "reopen", "run_file"]

#: What stands in a run directory before anything is simulated.
_BEFORE_THE_RUN = {CONFIG, LOG, ELAPSED, LOCK, STORE_LOCK}

C = TypeVar("C", bound=ProtocolConfiguration)


def run_file(protocol: Protocol[Any], preset: str, configuration: Mapping[str, Any]) -> RunFile:
    """What the ``config.toml`` of a new run says."""
    reference = reference_of(protocol)
    digest = _sha256(reference) if is_file(reference) else ""
    return RunFile(reference, preset, dict(configuration), protocol_sha256=digest)


def _check_unchanged(directory: Path, file: RunFile) -> None:
    """ResumeError if the file of the user's protocol is no longer what it was when the run began."""
    if file.protocol_sha256 and _sha256(file.protocol) != file.protocol_sha256:
        raise ResumeError(
            f"{directory} cannot be resumed: {file.protocol} has changed since the run began; undo the change, or "
            "start a new run"
        )


def _sha256(path: str) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


@contextmanager
def create_directory(
    protocol: Protocol[C], preset: str, configuration: C, directory: Path | None = None
) -> Iterator[Path]:
    """Make the directory of a new run, write its ``config.toml`` and hold the directory for the block.

    Parameters
    ----------
    protocol, preset, configuration
    directory : Path, optional
        ``runs/PROTOCOL-PRESET-seedSEED-NUMBER`` when None.

    Raises
    ------
    InUse
        Another process is running in it.
    ParameterError
        The directory exists and is not empty, or is a file.
    OSError
        It cannot be written.
    """
    if directory is None:
        directory = _next_directory(Path("runs"), f"{protocol.name}-{preset}-seed{configuration.seed}")
    elif not (directory / LOCK).exists():
        _check_free(directory)  # before anything is left in a directory of something else
    directory.mkdir(parents=True, exist_ok=True)
    with locked(directory / LOCK):
        _check_free(directory)
        settings = run_file(protocol, preset, configuration.to_mapping())
        settings.write(directory / CONFIG, protocol.configuration)
        yield directory


def _check_free(directory: Path) -> None:
    """ParameterError unless a run may begin in the directory."""
    if not directory.exists():
        return
    if not directory.is_dir():
        raise ParameterError(f"--out {directory}: is a file; must be a new or empty directory")
    if not _is_unused(directory):
        hint = f"; continue it with --resume {directory}" if (directory / CONFIG).exists() else ""
        raise ParameterError(f"--out {directory}: is not empty; must be a new or empty directory{hint}")


def _is_unused(directory: Path) -> bool:
    """Whether all that is there is what a run leaves that simulated nothing (no compiler, no data, killed at once)."""
    return {path.name.removesuffix(".tmp") for path in directory.iterdir()} <= _BEFORE_THE_RUN


def discard(directory: Path) -> bool:
    """Remove the directory of a run that could not begin; whether it held nothing that is worth keeping."""
    if not _is_unused(directory):
        return False
    shutil.rmtree(directory)
    return True


def _next_directory(parent: Path, stem: str) -> Path:
    parent.mkdir(exist_ok=True)
    number = 1
    while True:
        try:
            (parent / f"{stem}-{number:03d}").mkdir()
        except FileExistsError:
            number += 1
        else:
            return parent / f"{stem}-{number:03d}"


def reopen(
    directory: Path,
    load: Callable[[str], Protocol[Any]],
    *,
    protocol: str | None = None,
    preset: str | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> tuple[Protocol[Any], RunFile, ProtocolConfiguration]:
    """Read the settings of a run that is to be resumed, and refuse any request that contradicts them.

    Parameters
    ----------
    directory : Path
    load : callable
        Gives the protocol of a name.
    protocol, preset, overrides : optional
        What the user asked for besides; each must agree with the run.

    Raises
    ------
    ResumeError
        No run is there, it was made by another version, or the request differs; all differences are listed.
    """
    settings = RunFile.read(directory / CONFIG)
    if settings.version != __version__:
        raise ResumeError(
            f"{directory} was made by spikingsampling {settings.version} and this is {__version__}: "
            f"resume it with version {settings.version}, or start a new run"
        )
    if protocol is not None:
        protocol = absolute(protocol)
    protocol_object = load(settings.protocol)
    if not (directory / METRICS).exists():
        _check_unchanged(directory, settings)
    configuration = settings.configure(protocol_object.configuration)
    changes = []
    layers: Mapping[str, Any] = {}
    if protocol not in (None, settings.protocol):
        changes.append(f"protocol: {settings.protocol!r} in the run, {protocol!r} requested")
    elif preset not in (None, settings.preset):
        changes.append(f"preset: {settings.preset!r} in the run, {preset!r} requested")
        layers = protocol_object.preset(preset)
    requested = resolve(protocol_object.configuration, configuration.to_mapping(), layers, overrides or {})
    changes += differences(configuration.to_mapping(), requested.to_mapping())
    if changes:
        raise ResumeError(
            f"{directory} cannot be resumed with other settings: {'; '.join(changes)}; "
            "leave them out, or start a new run"
        )
    return protocol_object, settings, configuration


@contextmanager
def held(directory: Path) -> Iterator[None]:
    """Keep other processes out of the directory of a run that is to go on.

    Raises
    ------
    InUse
        Another process is running in it.
    ResumeError
        There is no run.
    """
    if not (directory / CONFIG).exists():
        raise ResumeError(f"{directory} is not a run directory: it has no {CONFIG}")
    with locked(directory / LOCK):
        yield


class _LogFile(logging.FileHandler):
    """A log file whose write errors (a full disk) are errors of the run."""

    def handleError(self, record: logging.LogRecord) -> None:
        raise


@contextmanager
def logging_to(path: Path, console: Console, verbose: bool) -> Iterator[logging.Logger]:
    """Send what the package logs to a file and, when verbose (or from warnings on), to the terminal."""
    logger = logging.getLogger("spikingsampling")
    file = _LogFile(path, encoding="utf-8")
    file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    terminal = RichHandler(console=console, show_path=False, show_time=False)
    terminal.setLevel(logging.INFO if verbose else logging.WARNING)
    former = logger.level
    logger.setLevel(logging.DEBUG)
    logger.addHandler(file)
    logger.addHandler(terminal)
    try:
        yield logger.getChild("run")
    finally:
        logger.removeHandler(terminal)
        logger.removeHandler(file)
        logger.setLevel(former)
        file.close()
