"""The command ``sweep``."""

from __future__ import annotations

import collections
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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

if TYPE_CHECKING:
    from ..experiment.protocol import Protocol
    from ..sweeps.job_options import JobOptions
    from ..sweeps.sweep import Sweep
    from ..sweeps.table import Row

__all__ = ["sweep"]

Grid = Annotated[
    list[str] | None,
    typer.Option("--grid", metavar="KEY=VALUE,VALUE,…", help="Values of a setting; repeatable."),
]
Scheduler = Annotated[
    str,
    typer.Option("--scheduler", help="Where the runs go: local, slurm, or the address of a Dask scheduler."),
]
Workers = Annotated[int | None, typer.Option("--workers", help="How many runs at once.")]


def _of_sbatch(what: str) -> Any:
    return Annotated[str | None, typer.Option(help=f"With SLURM: {what}, as sbatch reads it.")]


Partition, Account = _of_sbatch("partition"), _of_sbatch("account")
Time, Memory = _of_sbatch("time limit of a run"), _of_sbatch("memory of a run")
Processors = Annotated[int | None, typer.Option("--cpus-per-task", help="With SLURM: processors of a run.")]
Signal = Annotated[
    str | None,
    typer.Option(
        "--signal",
        metavar="SIGNAL@SECONDS",
        help="With SLURM: how long before its time is over a run is told to stop. When left out: USR1@60.",
    ),
]
Further = Annotated[
    list[str] | None,
    typer.Option("--sbatch", metavar="OPTION", help="With SLURM: another option of sbatch; repeatable."),
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
    workers: Workers = None,
    partition: Partition = None,
    account: Account = None,
    time: Time = None,
    mem: Memory = None,
    cpus_per_task: Processors = None,
    signal: Signal = None,
    sbatch: Further = None,
    wait: Annotated[bool, typer.Option("--wait", help="With SLURM: follow the runs to their ends.")] = False,
    only_print: Annotated[
        bool,
        typer.Option("--print", help="With SLURM: show the batch script and the commands; submit nothing."),
    ] = False,
    out: Annotated[Path | None, typer.Option("--out", help="New directory of the sweep.")] = None,
    resume: Annotated[Path | None, typer.Option("--resume", help="Directory of a sweep to continue.")] = None,
    retry: Annotated[bool, typer.Option("--retry", help="With --resume: run what has failed again.")] = False,
    debug: Debug = False,
) -> None:
    """Run a protocol with many seeds and settings, or continue a sweep. The exit code is 1 if a run has failed."""
    from ..sweeps.sweep import Sweep
    from ..sweeps.table import TABLE, Status

    directory: Path | None = None
    jobs: JobOptions | None = None

    def again(*more: str) -> str:
        words = ["--resume", str(directory), *(jobs.command_line() if jobs else ()), *more]
        return f"spikingsampling sweep {shlex.join(words)}"

    def hint() -> str:
        return "" if directory is None else f"; to continue: {again(*(['--wait'] if wait else []))}"

    with errors_as_messages(debug, hint):
        given = {"partition": partition, "account": account, "time": time, "mem": mem}
        given |= {"cpus_per_task": cpus_per_task, "signal": signal, "others": tuple(sbatch or ()) or None}
        jobs = _job_options(scheduler, workers, given, {"--wait": wait, "--print": only_print})
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
            the_sweep = Sweep.open(resume)
            prepare = the_sweep.prepare
            protocol_object = loader(context)(the_sweep.plan.protocol)
        else:
            overrides = overrides_of(data, None, engine, assignments)
            protocol_object, the_sweep = _proposed(
                context, protocol, preset, seeds, grid, overrides, out, retry
            )
            prepare = the_sweep.begin
        _check_that_runs_can_be_done(scheduler, workers, wait, only_print)
        if jobs is not None and only_print:
            from ..sweeps.slurm import print_jobs

            numbers = [number for number, row in enumerate(the_sweep.rows()) if _is_to_do(row, retry)]
            print(print_jobs(the_sweep, numbers, jobs))
            return
        with the_sweep.locked():
            prepare(protocol_object)
            directory = the_sweep.directory
            if retry:
                the_sweep.retry()
            rows = the_sweep.tabulate()
            if any(_is_to_do(row) for row in rows):  # a cluster takes seconds to start
                rows = (
                    _with_dask(the_sweep, scheduler, workers)
                    if jobs is None
                    else _with_slurm(the_sweep, rows, jobs, wait)
                )
        counts = collections.Counter(row.status for row in rows)
        pending = counts[Status.PENDING]
        state = f"{counts[Status.DONE]} done, {counts[Status.FAILED]} failed"
        if pending:
            state += f", {pending} pending"
        print(f"{state}; the table is {directory / TABLE}")
        if pending and not wait:
            say(f"to see how far they are: spikingsampling watch {shlex.quote(str(directory))}")
        elif pending:
            say(f"{pending} runs have ended early; to submit them again: {again('--wait')}")
        if counts[Status.FAILED]:
            say(f"failed runs again: {again('--retry')}")
        if counts[Status.FAILED] or (pending and wait):
            raise typer.Exit(1)


def _is_to_do(row: Row, retry: bool = False) -> bool:
    from ..sweeps.table import Status

    return row.status is Status.PENDING or (retry and row.status is Status.FAILED)


def _job_options(
    scheduler: str, workers: int | None, given: dict[str, Any], flags: dict[str, bool]
) -> JobOptions | None:
    """The options of SLURM, None with another scheduler, where they are wrong."""
    from ..sweeps.job_options import JobOptions

    values = {name: value for name, value in given.items() if value is not None}
    if scheduler == "slurm":
        return JobOptions(**values, at_once=workers)
    names = ["--sbatch" if name == "others" else f"--{name.replace('_', '-')}" for name in values]
    names += [name for name, value in flags.items() if value]
    if names:
        raise ParameterError(f"{', '.join(names)}: go with --scheduler slurm only, not with {scheduler!r}")
    return None


def _check_that_runs_can_be_done(scheduler: str, workers: int | None, wait: bool, only_print: bool) -> None:
    """Look for what the runs need, before anything is written."""
    from ..extras import require

    if scheduler == "slurm":
        from ..sweeps.slurm import require_commands

        require("psutil", "cluster", "sweeps")
        if not only_print:
            require_commands("sbatch", *(["squeue"] if wait else []))
    else:
        from ..sweeps.schedule import check_scheduler

        check_scheduler(scheduler, workers)
        require("distributed", "cluster", "sweeps")


def _with_dask(sweep: Sweep, scheduler: str, workers: int | None) -> list[Row]:
    from ..sweeps.schedule import open_cluster, run_sweep

    with open_cluster(scheduler, workers) as cluster:
        runs = f"{len(sweep.runs)} runs of {sweep.plan.protocol_name}"
        say(f"{runs} in {sweep.directory}; {cluster.description}")
        return run_sweep(sweep, cluster, say)


def _with_slurm(sweep: Sweep, rows: list[Row], jobs: JobOptions, wait: bool) -> list[Row]:
    from ..sweeps.slurm import follow, known_queue, submit

    queued = known_queue(sweep, say)
    to_do = [number for number, row in enumerate(rows) if _is_to_do(row)]
    if already := len(queued.intersection(to_do)):
        say(f"{already} of {len(rows)} runs are queued already")
    if new := [number for number in to_do if number not in queued]:
        names = submit(sweep, new, jobs)
        say(
            f"{len(new)} of {len(rows)} runs of {sweep.plan.protocol_name} in {sweep.directory}: job {', '.join(names)}"
        )
    return follow(sweep, say) if wait else rows


def _proposed(
    context: typer.Context,
    name: str | None,
    preset: str | None,
    seeds: str | None,
    grid: list[str] | None,
    overrides: dict[str, Any],
    out: Path | None,
    retry: bool,
) -> tuple[Protocol[Any], Sweep]:
    """A new sweep of which everything is checked and nothing is written."""
    from ..experiment import discovery
    from ..experiment.configuration import nest
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
    plan = Plan(
        discovery.reference_of(protocol),
        preset or protocol.default_preset,
        parse_seeds(seeds),
        values,
        overrides,
    )
    return protocol, Sweep.propose(out, plan, protocol)
