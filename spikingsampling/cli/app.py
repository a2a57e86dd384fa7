"""The commands: ``spikingsampling run | sweep | compare | report | …``.

An error of the user is one message on stderr and exit code 2 (``--debug`` shows the traceback); an interrupted run
ends with exit code 130 (143 after SIGTERM) and says how to go on. Each command imports what it needs when it runs:
help and completion come at once.
"""

from __future__ import annotations

import shlex
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from .._version import __version__
from ..errors import CompilerError, ParameterError, nearest
from . import results, sweeps
from .data import data as data_commands
from .new import new as new_commands
from .terminal import (
    Data,
    Debug,
    Engine,
    FigureFormat,
    Preset,
    ProtocolName,
    Seed,
    Set,
    complete_protocol,
    configured,
    errors_as_messages,
    loader,
    overrides_of,
    print_metrics,
)

__all__ = ["app"]

app = typer.Typer(
    name="spikingsampling",
    help="Spiking neural networks whose synapses sample their parameters from a posterior.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # rich takes longer to import than all that help needs
)


@app.callback(invoke_without_command=True)
def _root(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        print(f"spikingsampling {__version__}")
        raise typer.Exit


@app.command()
def run(
    context: typer.Context,
    protocol: ProtocolName = None,
    preset: Preset = None,
    data: Data = None,
    assignments: Set = None,
    seed: Seed = None,
    engine: Engine = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="New directory of the run. When left out: a new one in runs/."),
    ] = None,
    resume: Annotated[Path | None, typer.Option("--resume", help="Directory of a run to continue.")] = None,
    no_figures: Annotated[bool, typer.Option("--no-figures", help="Draw no figures.")] = False,
    figure_format: FigureFormat = "png",
    verbose: Annotated[bool, typer.Option("--verbose", help="Show the log on the terminal.")] = False,
    debug: Debug = False,
) -> None:
    """Run a protocol, or continue a run."""
    from ..experiment import discovery
    from ..experiment.execution import execute
    from ..experiment.run_directory import create_directory, discard, held, reopen
    from ..experiment.run_files import METRICS, read_metrics
    from ..parameters import require_units
    from ..plotting.saving import check_format

    directory: Path | None = None

    def hint() -> str:
        if directory is None:
            return ""
        return f"; to continue: spikingsampling run --resume {shlex.quote(str(directory))}"

    with errors_as_messages(debug, hint), ExitStack() as holding:
        overrides = overrides_of(data, seed, engine, assignments)
        check_format(figure_format)
        if resume is not None:
            if out is not None and out.resolve() != resume.resolve():
                raise ParameterError(
                    f"--out {out} and --resume {resume}: a run continues in its own directory"
                )
            if not (resume / METRICS).exists():  # a finished run is only read
                holding.enter_context(held(resume))
            protocol_object, settings, configuration = reopen(
                resume, loader(context), protocol=protocol, preset=preset, overrides=overrides
            )
            require_units(protocol_object.configuration, overrides)
            if (metrics := read_metrics(resume)) is not None:
                print(f"the run in {resume} is finished")
                print_metrics(metrics)
                return
            configuration.pinned()  # refuses data that have changed since
            directory, preset_name = resume, settings.preset
        elif protocol is None:
            known = nearest("", discovery.names())
            raise ParameterError(f"give a protocol, or a run to continue with --resume DIR{known}")
        else:
            protocol_object = loader(context)(protocol)
            preset_name = preset or protocol_object.default_preset
            configuration = configured(protocol_object, preset_name, overrides).pinned()
            directory = holding.enter_context(
                create_directory(protocol_object, preset_name, configuration, out)
            )
        print(
            f"{protocol_object.name}, preset {preset_name}, seed {configuration.seed}: {directory}",
            flush=True,
        )
        try:
            metrics = execute(
                protocol_object,
                configuration,
                directory,
                resuming=resume is not None,
                figures=not no_figures,
                figure_format=figure_format,
                verbose=verbose,
            )
        except CompilerError:
            if resume is None and discard(directory):
                directory = None  # there is nothing to continue
            raise
        print_metrics(metrics)
        print(f"results are in {directory}")


@app.command("list")
def list_protocols(
    context: typer.Context,
    protocol: ProtocolName = None,
    debug: Debug = False,
) -> None:
    """List the protocols and their presets, or the settings of one protocol."""
    from ..experiment import discovery
    from .standins import settings_of

    with errors_as_messages(debug):
        if protocol is not None:
            at_hand = (context.obj or {}).get(protocol)
            for key, value, meaning in at_hand.parameters() if at_hand else settings_of(protocol):
                print(f"{key} = {value!r}" + (f"  # {meaning}" if meaning else ""))
            return
        for name in discovery.names():
            summary = discovery.summarise(name)
            print(f"{name}: {summary.line} [{', '.join(summary.presets)}]")


@app.command()
def codegen(
    context: typer.Context,
    protocol: Annotated[
        str, typer.Argument(help="Name of the protocol; `list` shows all.", autocompletion=complete_protocol)
    ],
    out: Annotated[Path, typer.Option("--out", help="New directory of the C++ project.")],
    preset: Preset = None,
    data: Data = None,
    assignments: Set = None,
    seed: Seed = None,
    debug: Debug = False,
) -> None:
    """Write the C++ standalone project of a protocol's network."""
    with errors_as_messages(debug):
        protocol_object = loader(context)(protocol)
        if protocol_object.codegen is None:
            raise ParameterError(f"protocol {protocol!r} offers no C++ project")
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise ParameterError(f"--out {out}: must be a new or empty directory")
        configuration = configured(
            protocol_object, preset, overrides_of(data, seed, "standalone", assignments)
        )
        out.mkdir(parents=True, exist_ok=True)
        program = protocol_object.codegen(configuration, out) or "./main"
        print(f"the C++ project is in {out}; build and run it with")
        print(f"    cd {shlex.quote(str(out))} && make && {program}")


for command in (
    *(sweeps.sweep, results.compare),
    *(results.inspect, results.geometry, results.report, results.figures, results.watch, results.export),
):
    app.command()(command)
app.add_typer(data_commands, name="data")
app.add_typer(new_commands, name="new")
