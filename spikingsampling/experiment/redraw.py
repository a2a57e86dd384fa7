"""The figures of a finished run once more, without a change to the run.

The protocol is executed again in a mirror of its run directory, which has folders of its own and links to the
recordings. What is recorded is read back, as when a run is resumed. What the protocol writes stays in the mirror; only
the figures leave it.
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
#: What a finished run is read back from; nothing writes to these files. A link to any other file could be written
#: through.
RECORDED = ("recording.h5", "checkpoint.npz")


@contextmanager
def mirrored(directory: Path) -> Iterator[Path]:
    """A temporary directory with the folders of another and links to what is recorded in them."""
    with tempfile.TemporaryDirectory(prefix="spikingsampling-") as scratch:
        root = directory.resolve()
        mirror = Path(scratch) / root.name
        for folder, folders, files in os.walk(root):
            folders[:] = [name for name in folders if name != FIGURES]
            here = mirror / Path(folder).relative_to(root)
            here.mkdir()
            for name in set(files).intersection(RECORDED):
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
