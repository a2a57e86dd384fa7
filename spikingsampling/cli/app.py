"""The command line: ``spikingsampling run | sweep | compare | report | …``.

An error of the user is one message on stderr and exit code 2 (``--debug`` shows the traceback); an
interrupted run ends with exit code 130 and says how to go on. Slow modules are imported when needed.
"""

from __future__ import annotations

import importlib
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console

from .._version import __version__
from ..errors import DataError, ParameterError, nearest
from ..experiment import discovery
from ..experiment.protocol import Protocol
from . import results as cli_results
from . import sweeps as cli_sweeps
from .terminal import Data, Debug, Engine, Preset, Seed, Set, loader, overrides_of, print_metrics, reported

__all__ = ["app", "main", "run_script"]

app = typer.Typer(
    name="spikingsampling",
    help="Spiking neural networks whose synapses sample their parameters from a posterior.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
data_app = typer.Typer(help="Data sets: fetch, verify, where.", no_args_is_help=True)
app.add_typer(data_app, name="data")
for command in (
    cli_sweeps.sweep,
    cli_sweeps.compare,
    cli_results.report,
    cli_results.watch,
    cli_results.export,
):
    app.command()(command)

Names = Annotated[list[str] | None, typer.Argument(help="Names of data sets; all when left out.")]


def main(
    arguments: Sequence[str] | None = None,
    *,
    command: Sequence[str] = (),
    protocols: Mapping[str, Protocol[Any]] | None = None,
) -> NoReturn:
    """Run the command line and exit.

    Parameters
    ----------
    arguments : sequence of str, optional
        Those of the process when None.
    command : sequence of str
        Put in front of ``arguments``.
    protocols : mapping, optional
        Protocols that are at hand, found by name before the installed ones.
    """
    given = sys.argv[1:] if arguments is None else list(arguments)
    app(args=[*command, *given], prog_name="spikingsampling", obj=dict(protocols or {}))
    raise SystemExit(0)


def run_script(protocol: Protocol[Any], arguments: Sequence[str] | None = None) -> NoReturn:
    """Run a protocol's file as a script: ``python NAME.py …`` is ``spikingsampling run NAME …``.

    Parameters
    ----------
    protocol : Protocol
    arguments : sequence of str, optional
        Those of the process when None.
    """
    main(arguments, command=("run", protocol.name), protocols={protocol.name: protocol})


@app.callback(invoke_without_command=True)
def _root(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        print(f"spikingsampling {__version__}")
        raise typer.Exit


@app.command()
def run(
    context: typer.Context,
    protocol: Annotated[str | None, typer.Argument(help="Name of the protocol; see `list`.")] = None,
    preset: Preset = None,
    data: Data = None,
    assignments: Set = None,
    seed: Seed = None,
    engine: Engine = None,
    out: Annotated[Path | None, typer.Option("--out", help="New directory of the run.")] = None,
    resume: Annotated[Path | None, typer.Option("--resume", help="Directory of a run to continue.")] = None,
    no_figures: Annotated[bool, typer.Option("--no-figures", help="Make no figures.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Show the log on the terminal.")] = False,
    debug: Debug = False,
) -> None:
    """Run a protocol, or continue a run."""
    from ..experiment.execution import execute
    from ..experiment.run_directory import create_directory, read_metrics, reopen

    directory: Path | None = None

    def hint() -> str:
        if directory is None:
            return ""
        return f"; to continue: spikingsampling run --resume {shlex.quote(str(directory))}"

    with reported(debug, hint):
        overrides = overrides_of(data, seed, engine, assignments)
        if resume is not None:
            if out is not None and out.resolve() != resume.resolve():
                raise ParameterError(
                    f"--out {out} and --resume {resume}: a run continues in its own directory"
                )
            found, settings, configuration = reopen(
                resume, loader(context), protocol=protocol, preset=preset, overrides=overrides
            )
            if (metrics := read_metrics(resume)) is not None:
                print(f"the run in {resume} is finished")
                print_metrics(metrics)
                return
            directory, chosen = resume, settings.preset
        elif protocol is None:
            known = nearest("", discovery.names())
            raise ParameterError(f"give a protocol, or a run to continue with --resume DIR{known}")
        else:
            found = loader(context)(protocol)
            chosen = preset or found.default_preset
            configuration = found.configure(chosen, overrides)
            directory = create_directory(found, chosen, configuration, out)
        print(f"{found.name}, preset {chosen}, seed {configuration.seed}: {directory}", flush=True)
        metrics = execute(
            found,
            configuration,
            directory,
            resuming=resume is not None,
            figures=not no_figures,
            verbose=verbose,
        )
        print_metrics(metrics)
        print(f"results are in {directory}")


@app.command("list")
def list_protocols(
    context: typer.Context,
    protocol: Annotated[str | None, typer.Argument(help="Show the parameters of this one.")] = None,
    debug: Debug = False,
) -> None:
    """List the protocols and their presets, or the parameters of one."""
    with reported(debug):
        if protocol is not None:
            for key, value, meaning in loader(context)(protocol).parameters():
                print(f"{key} = {value!r}" + (f"  # {meaning}" if meaning else ""))
            return
        for name in discovery.names():
            summary = discovery.summarise(name)
            print(f"{name}: {summary.line} [{', '.join(summary.presets)}]")


@app.command()
def inspect(
    path: Annotated[Path, typer.Argument(metavar="RUN", help="A run directory or a recording.")],
    debug: Debug = False,
) -> None:
    """Say what is in a recording."""
    with reported(debug):
        reading = importlib.import_module("spikingsampling.recording.reading")
        description = importlib.import_module("spikingsampling.recording.description")
        with reading.open_recording(path) as recording:
            print(description.describe(recording))


@app.command()
def codegen(
    context: typer.Context,
    protocol: Annotated[str, typer.Argument(help="Name of the protocol; see `list`.")],
    out: Annotated[Path, typer.Option("--out", help="New directory of the C++ project.")],
    preset: Preset = None,
    data: Data = None,
    assignments: Set = None,
    seed: Seed = None,
    debug: Debug = False,
) -> None:
    """Write the C++ standalone project of a protocol's network."""
    with reported(debug):
        found = loader(context)(protocol)
        if found.codegen is None:
            raise ParameterError(f"protocol {protocol!r} offers no C++ project")
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise ParameterError(f"--out {out}: must be a new or empty directory")
        configuration = found.configure(preset, overrides_of(data, seed, "standalone", assignments))
        out.mkdir(parents=True, exist_ok=True)
        program = found.codegen(configuration, out) or "./main"
        print(f"the C++ project is in {out}; build and run it with")
        print(f"    cd {shlex.quote(str(out))} && make && {program}")


def _registry() -> Any:
    discovery.names()  # says what is wrong in a checkout without an editable install
    return importlib.import_module("spikingsampling.data.registry")


@data_app.command()
def fetch(names: Names = None, debug: Debug = False) -> None:
    """Download the published data sets that are not here yet, and check them."""
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with (
        reported(debug),
        Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars,
    ):
        tasks: dict[str, Any] = {}

        def show(name: str, done: int, total: int | None) -> None:
            if name not in tasks:
                tasks[name] = bars.add_task(name)
            bars.update(tasks[name], completed=done, total=total)

        for location in _registry().fetch(names or None, show):
            print(f"{location.dataset}: {location.path}")


@data_app.command()
def verify(names: Names = None, debug: Debug = False) -> None:
    """Check that data sets are complete and have the right content; exit code 2 if not."""
    with reported(debug):
        checks = _registry().verify(names or None)
        for check in checks:
            print(f"{'ok' if check.ok else 'NOT OK'}  {check.path}: {check.detail}")
        if not all(check.ok for check in checks):
            raise DataError("delete what is damaged, then run `spikingsampling data fetch`")


@data_app.command()
def where(debug: Debug = False) -> None:
    """Say where the data sets are, or would be put."""
    with reported(debug):
        for location in _registry().where():
            state = "present" if location.present else "missing"
            origin = "the user's cache" if location.source == "cache" else location.source
            print(f"{location.dataset}: {state}, {location.path} ({origin})")
