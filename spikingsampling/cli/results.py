"""The commands ``report``, ``watch`` and ``export``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .terminal import Debug, RunPath, reported

__all__ = ["export", "report", "watch"]


def report(
    path: Annotated[Path, typer.Argument(metavar="RUN|SWEEP", help="Directory of a run or of a sweep.")],
    out: Annotated[
        Path | None, typer.Option("--out", help="The file; report.html there when left out.")
    ] = None,
    debug: Debug = False,
) -> None:
    """Write all about a run or a sweep into one HTML file that needs nothing else."""
    from ..report import write_report

    with reported(debug):
        written = write_report(path, out)
        print(f"the report is {written} ({written.stat().st_size / 2**20:.1f} MiB)")


def watch(
    path: RunPath,
    interval: Annotated[float, typer.Option("--interval", help="Seconds between two looks.")] = 2.0,
    once: Annotated[bool, typer.Option("--once", help="Look once.")] = False,
    debug: Debug = False,
) -> None:
    """Show what a run is doing while it goes on."""
    from .watching import follow

    with reported(debug):
        follow(path, interval, once=once)


def export(
    path: RunPath,
    form: Annotated[str, typer.Option("--format", help="csv, neo (NIX) or nwb.")] = "csv",
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder (csv) or file; in RUN when left out.")
    ] = None,
    debug: Debug = False,
) -> None:
    """Write the recording of a run in another format."""
    from ..report.export import export_run

    with reported(debug):
        for written in export_run(path, form, out):
            print(written)
