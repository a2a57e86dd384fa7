"""The commands on what runs have left.

``inspect``, ``geometry``, ``report``, ``figures``, ``watch``, ``export`` and ``compare``.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from ..errors import ParameterError, RecordingError, ResumeError
from .terminal import Debug, RunPath, errors_as_messages, loader, say

__all__ = ["compare", "export", "figures", "geometry", "inspect", "report", "watch"]


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


def geometry(
    path: Annotated[Path, typer.Argument(metavar="RUN", help="A run directory or a recording.")],
    projections: Annotated[
        list[str] | None,
        typer.Option("--projection", help="A projection; repeatable. When left out: all of them."),
    ] = None,
    figure: Annotated[Path | None, typer.Option("--figure", help="File of a figure of the table.")] = None,
    start: Annotated[
        float | None, typer.Option("--start", help="The last snapshot by then (s). When left out: the first.")
    ] = None,
    stop: Annotated[
        float | None, typer.Option("--stop", help="The last snapshot by then (s). When left out: the last.")
    ] = None,
    strong: Annotated[float, typer.Option("--strong", help="θ above which a synapse is strong.")] = 2.0,
    form: Annotated[
        str, typer.Option("--format", help="Format of the table: text, markdown or csv.")
    ] = "text",
    debug: Debug = False,
) -> None:
    """In which space have synapses changed? The distance ΔCDF of their change from a Gaussian one, map by map."""
    with errors_as_messages(debug):
        _check_has_recording(path)
        from ..analysis.geometry import change_table, recorded_changes
        from ..plotting.saving import check_format
        from ..plotting.weights import plot_changes
        from ..recording.reading import open_recording

        if figure is not None:
            check_format(figure.suffix.removeprefix("."))

        with open_recording(path) as recording:
            changes = [
                change
                for projection in projections or recording.projections
                for change in recorded_changes(recording, projection, start, stop, strong=strong)
            ]
        print(change_table(changes).render(form))
        if figure is not None:
            _save(figure, plot_changes(changes))


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
            command = f"spikingsampling run --resume {shlex.quote(str(path))}"
            raise ResumeError(f"{path} is not finished; finish it with `{command}`")
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
    path: Annotated[Path, typer.Argument(metavar="RUN|SWEEP", help="Directory of a run or of a sweep.")],
    interval: Annotated[float, typer.Option("--interval", help="Seconds between two looks.")] = 2.0,
    once: Annotated[bool, typer.Option("--once", help="Look once.")] = False,
    debug: Debug = False,
) -> None:
    """Show what a run is doing while it goes on, or how far a sweep is."""
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


def compare(
    context: typer.Context,
    directories: Annotated[list[Path], typer.Argument(metavar="DIR…", help="Sweeps, or single runs.")],
    metric: Annotated[
        list[str] | None, typer.Option("--metric", help="Name of a metric; repeatable.")
    ] = None,
    table: Annotated[
        str | None, typer.Option("--table", help="Instead of metrics: a table that the protocol offers.")
    ] = None,
    by: Annotated[
        list[str] | None,
        typer.Option("--by", help="A setting, or `directory`; repeatable. When left out: all that differ."),
    ] = None,
    form: Annotated[
        str, typer.Option("--format", help="Format of the tables: text, markdown or csv.")
    ] = "text",
    figure: Annotated[
        Path | None,
        typer.Option("--figure", help="The figure's file. When left out, with --metric: in the first DIR."),
    ] = None,
    debug: Debug = False,
) -> None:
    """Compare runs: means of metrics with 95 % intervals and paired tests, or tables that a protocol offers."""
    from ..sweeps.collect import collect

    with errors_as_messages(debug):
        if (table is None) == (not metric):
            raise ParameterError("give --metric, or --table with a table that the protocol offers")
        runs = collect(directories)
        if table is not None:
            if by:
                raise ParameterError("--by goes with --metric")
            _protocol_tables(loader(context), runs, table, form, figure)
        else:
            _compare_metrics(runs, metric or [], by, form, figure, directories[0])


def _protocol_tables(
    load: Callable[[str], Any], runs: Sequence[Any], name: str, form: str, path: Path | None
) -> None:
    from ..sweeps.collect import the_protocol

    protocol = load(the_protocol(runs))
    make = protocol.table(name)
    if path is not None and name not in protocol.plots:
        raise ParameterError(f"--figure {path}: the table {name} of {protocol.name} has no figure")
    print("\n\n".join(table.render(form) for table in make(runs)))
    if path is not None:
        _save(path, protocol.plots[name](runs))


def _compare_metrics(
    runs: Sequence[Any],
    metrics: Sequence[str],
    by: Sequence[str] | None,
    form: str,
    path: Path | None,
    folder: Path,
) -> None:
    from ..sweeps.compare import compare as compared
    from ..sweeps.comparison_output import difference_table, plot_comparison, summary_table

    comparisons, exact = compared(runs, metrics, by), form == "csv"
    tables = (summary_table(comparisons, exact=exact), difference_table(comparisons, exact=exact))
    print("\n\n".join(table.render(form) for table in tables if table is not None))
    for comparison in comparisons:
        file = path or folder / "compare.png"
        if path is None or len(comparisons) > 1:
            file = file.with_stem(f"{file.stem}-{comparison.metric}")
        _save(file, plot_comparison(comparison))


def _save(path: Path, figure: Any) -> None:
    from ..plotting.saving import write_figure

    write_figure(path, figure)
    say(f"the figure is {path}")
