"""The figures of a finished run once more, without a change to the run.

The protocol is executed again in a mirror of its run directory: folders of its own, files that are links. What is
recorded is read back, as when a run is resumed; what the protocol writes stays in the mirror. Only the figures leave
it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from rich.console import Console

from ..simulation.progress import Progress
from .configuration import ProtocolConfiguration
from .interruption import interruptible
from .protocol import Protocol
from .run import Run

__all__ = ["mirrored", "redraw"]

C = TypeVar("C", bound=ProtocolConfiguration)

FIGURES = "figures"


@contextmanager
def mirrored(directory: Path) -> Iterator[Path]:
    """A temporary copy of a directory in which every file is a link, without its figures."""
    with tempfile.TemporaryDirectory(prefix="spikingsampling-") as scratch:
        root = directory.resolve()
        mirror = Path(scratch) / root.name
        for folder, folders, files in os.walk(root):
            folders[:] = [name for name in folders if name != FIGURES]
            here = mirror / Path(folder).relative_to(root)
            here.mkdir()
            for name in files:
                (here / name).symlink_to(Path(folder, name))
        yield mirror


def redraw(
    protocol: Protocol[C],
    configuration: C,
    directory: Path,
    *,
    form: str,
    out: Path,
    recorded: bool,
    console: Console | None = None,
) -> list[Path]:
    """Write the figures of a finished run.

    Parameters
    ----------
    protocol, configuration
        Those of the run.
    directory : Path
        Its directory; nothing in it is changed, unless ``out`` lies there.
    form : {"png", "pdf", "svg"}
    out : Path
        Folder of the figures; files of the same names are replaced.
    recorded : bool
        Whether the run has recordings, which are read back. Without any, all is computed again.
    console : rich.console.Console, optional
        Where progress is shown; stderr when None.

    Returns
    -------
    list of Path
        The figures.

    Raises
    ------
    ResumeError
        The recordings are of other settings or versions.
    Interrupted
        Stopped after Ctrl-C.
    """
    console = Console(stderr=True) if console is None else console
    progress = Progress(console)
    with mirrored(directory) as mirror, interruptible() as interruption:
        run = Run(
            configuration,
            mirror,
            resuming=recorded,
            figure_format=form,
            progress=progress,
            interruption=interruption,
        )
        try:
            protocol.run(run)
        finally:
            progress.stop()
        drawn = sorted((mirror / FIGURES).glob(f"*.{form}"))
        out.mkdir(parents=True, exist_ok=True)
        return [Path(shutil.copyfile(path, out / path.name)) for path in drawn]
