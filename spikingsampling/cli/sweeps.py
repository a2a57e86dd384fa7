"""The commands ``sweep`` and ``compare``."""

from __future__ import annotations

import collections
import shlex
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from ..errors import ParameterError, nearest
from .terminal import (
    Data,
    Debug,
    Engine,
    Preset,
    ProtocolName,
    Set,
    errors_as_messages,
    loader,
    overrides_of,
    say,
)

__all__ = ["compare", "sweep"]

Grid = Annotated[
    list[str] | None,
    typer.Option("--grid", metavar="KEY=VALUE,VALUE,…", help="Values of a setting; repeatable."),
]
Scheduler = Annotated[
    str,
    typer.Option("--scheduler", help="Where the runs go: local, slurm, or the address of a Dask scheduler."),
]


def sweep(
    context: typer.Context,
    protocol: ProtocolName = None,
    seeds: Annotated[
        str | None, typer.Option("--seeds", help="Seeds, such as 0:20 (0 to 19) or 1,2,7.")
    ] = None,
    grid: Grid = None,
    preset: Preset = None,
    data: Data = None,
    assignments: Set = None,
    engine: Engine = None,
    scheduler: Scheduler = "local",
    workers: Annotated[int | None, typer.Option("--workers", help="How many runs at once.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="New directory of the sweep.")] = None,
    resume: Annotated[Path | None, typer.Option("--resume", help="Directory of a sweep to continue.")] = None,
    retry: Annotated[bool, typer.Option("--retry", help="With --resume: run what has failed again.")] = False,
    debug: Debug = False,
) -> None:
    """Run a protocol with many seeds and settings, or continue a sweep. The exit code is 1 if a run has failed."""
    from ..sweeps.schedule import open_cluster, run_sweep
    from ..sweeps.sweep import Sweep
    from ..sweeps.table import TABLE, Status

    directory: Path | None = None

    def hint() -> str:
        if directory is None:
            return ""
        return f"; to continue: spikingsampling sweep --resume {shlex.quote(str(directory))}"

    with errors_as_messages(debug, hint):
        if resume is not None:
            options: dict[str, Any] = {
                "PROTOCOL": protocol,
                "--seeds": seeds,
                "--grid": grid,
                "--preset": preset,
            }
            options |= {"--data": data, "--set": assignments, "--engine": engine, "--out": out}
            if conflicts := [name for name, value in options.items() if value is not None]:
                raise ParameterError(
                    f"--resume {resume}: a sweep keeps its settings; leave out {', '.join(conflicts)}"
                )
            sweep_object = Sweep.open(resume)
            protocol_object = loader(context)(sweep_object.plan.protocol)
        else:
            sweep_object = _new(
                context,
                protocol,
                preset,
                seeds,
                grid,
                overrides_of(data, None, engine, assignments),
                out,
                retry,
            )
        directory = sweep_object.directory
        with sweep_object.locked():
            if resume is not None:
                sweep_object.prepare(protocol_object)
            if retry:
                sweep_object.retry()
            rows = sweep_object.tabulate()
            if any(row.status is Status.PENDING for row in rows):  # a cluster takes seconds to start
                with open_cluster(scheduler, workers) as cluster:
                    runs = f"{len(sweep_object.runs)} runs of {sweep_object.plan.protocol}"
                    say(f"{runs} in {directory}; {cluster.description}")
                    rows = run_sweep(sweep_object, cluster, say)
        counts = collections.Counter(row.status for row in rows)
        print(f"{counts[Status.DONE]} done, {counts[Status.FAILED]} failed; the table is {directory / TABLE}")
        if counts[Status.FAILED]:
            say(f"failed runs again: spikingsampling sweep --resume {shlex.quote(str(directory))} --retry")
            raise typer.Exit(1)


def _new(
    context: typer.Context,
    name: str | None,
    preset: str | None,
    seeds: str | None,
    grid: list[str] | None,
    overrides: dict[str, Any],
    out: Path | None,
    retry: bool,
) -> Any:
    from ..experiment import discovery
    from ..experiment.configuration import nest
    from ..extras import require
    from ..parameters import require_units
    from ..sweeps.plan import Plan, full_key, parse_grid, parse_seeds
    from ..sweeps.sweep import Sweep

    if name is None:
        known = nearest("", discovery.names())
        raise ParameterError(f"give a protocol, or a sweep to continue with --resume DIR{known}")
    if seeds is None or out is None:
        missing = (
            "--seeds, for example --seeds 0:20" if seeds is None else "--out, the directory of the sweep"
        )
        raise ParameterError(f"give {missing}")
    if retry:
        raise ParameterError("--retry goes with --resume")
    protocol = loader(context)(name)
    require_units(protocol.configuration, overrides)
    values: dict[str, tuple[Any, ...]] = {}
    for text in grid or ():
        key, options = parse_grid(text)
        key = full_key(protocol, key)
        if key in values:
            raise ParameterError(f"--grid {text!r}: {key} has values already")
        for option in options:
            require_units(protocol.configuration, nest(key, option))
        values[key] = options
    require("distributed", "cluster", "sweeps")  # before anything is written
    plan = Plan(name, preset or protocol.default_preset, parse_seeds(seeds), values, overrides)
    return Sweep.create(out, plan, protocol)


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
