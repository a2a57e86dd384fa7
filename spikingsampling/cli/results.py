"""The commands on what a run has left: ``inspect``, ``report``, ``figures``, ``watch`` and ``export``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..errors import RecordingError, ResumeError
from .terminal import Debug, RunPath, errors_as_messages, loader, say

__all__ = ["export", "figures", "inspect", "report", "watch"]


def inspect(
    path: Annotated[Path, typer.Argument(metavar="RUN", help="A run directory or a recording.")],
    debug: Debug = False,
) -> None:
    """Say what is in a recording."""
    with errors_as_messages(debug):
        _check_has_recording(path)
        from ..recording.description import describe
        from ..recording.reading import open_recording

        with open_recording(path) as recording:
            print(describe(recording))


def _check_has_recording(path: Path) -> None:
    """RecordingError if ``path`` is a run without any recording; it says whether one may still come."""
    from ..experiment.configuration import RunFile
    from ..experiment.run_files import CONFIG, METRICS
    from ..report.export import find_recordings

    if (path / CONFIG).is_file() and not find_recordings(path):
        protocol = RunFile.read(path / CONFIG).protocol
        if (path / METRICS).exists():
            raise RecordingError(f"{path}: the protocol {protocol!r} makes no recording")
        raise RecordingError(f"{path}: the run of {protocol!r} has no recording yet")


def report(
    path: Annotated[Path, typer.Argument(metavar="RUN|SWEEP", help="Directory of a run or of a sweep.")],
    out: Annotated[
        Path | None, typer.Option("--out", help="The file. When left out: report.html in the directory.")
    ] = None,
    debug: Debug = False,
) -> None:
    """Write a report on a run or a sweep: one HTML file that needs nothing else."""
    from ..report import write_report

    with errors_as_messages(debug):
        page_path = write_report(path, out)
        print(f"the report is {page_path} ({page_path.stat().st_size / 2**20:.1f} MiB)")


def figures(
    context: typer.Context,
    path: RunPath,
    form: Annotated[str, typer.Option("--format", help="Format of the figures: png, pdf or svg.")] = "png",
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder of the figures. When left out: figures/ in RUN.")
    ] = None,
    debug: Debug = False,
) -> None:
    """Draw the figures of a finished run again. The run itself stays as it is.

    What the run has recorded is read back. A run without recording is computed again, which takes its time.
    """
    with errors_as_messages(debug):
        from ..experiment.redraw import redraw
        from ..experiment.run_directory import reopen
        from ..experiment.run_files import read_metrics
        from ..plotting.saving import check_format
        from ..report.export import find_recordings
        from ..simulation.progress import format_duration

        check_format(form)
        protocol, _, configuration = reopen(path, loader(context))
        metrics = read_metrics(path)
        if metrics is None:
            raise ResumeError(f"{path} is not finished; finish it with `spikingsampling run --resume {path}`")
        recorded = bool(find_recordings(path))
        if not recorded:
            duration = format_duration(float(metrics["wall_seconds"]))
            say(f"{path} has no recording: it is computed again, which took {duration}")
        folder = path / "figures" if out is None else out
        paths = redraw(protocol, configuration, path, form=form, out=folder, recorded=recorded)
        for figure in paths:
            print(figure)
        if not paths:
            say(f"the protocol {protocol.name!r} draws no figures")


def watch(
    path: RunPath,
    interval: Annotated[float, typer.Option("--interval", help="Seconds between two looks.")] = 2.0,
    once: Annotated[bool, typer.Option("--once", help="Look once.")] = False,
    debug: Debug = False,
) -> None:
    """Show what a run is doing while it goes on."""
    from .watching import follow

    with errors_as_messages(debug):
        follow(path, interval, once=once)


def export(
    path: RunPath,
    form: Annotated[str, typer.Option("--format", help="Format: csv, neo (a NIX file) or nwb.")] = "csv",
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder (csv) or file. When left out: in RUN.")
    ] = None,
    debug: Debug = False,
) -> None:
    """Write the recordings of a run in another format."""
    from ..report.export import export_run

    with errors_as_messages(debug):
        _check_has_recording(path)
        for file in export_run(path, form, out):
            print(file)
