"""What the commands share: options, messages and exit codes, tables of metrics.

Only what every command needs is imported here: ``--help`` must not wait for NumPy or pydantic.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import InUse, ParameterError, ResumeError, SpikingSamplingError, UnknownNameError
from .ending import say, stopped

if TYPE_CHECKING:
    from ..experiment.configuration import ProtocolConfiguration
    from ..experiment.protocol import Protocol

__all__ = [
    "Data",
    "Debug",
    "Engine",
    "FigureFormat",
    "Preset",
    "ProtocolName",
    "RunPath",
    "Seed",
    "Set",
    "complete_preset",
    "complete_protocol",
    "configured",
    "errors_as_messages",
    "loader",
    "metrics_text",
    "overrides_of",
    "print_metrics",
    "say",
]


def complete_protocol(incomplete: str) -> Iterator[str]:
    """Names of protocols that begin with what was typed."""
    from ..errors import SpikingSamplingError
    from ..experiment import discovery

    try:
        known = discovery.names()
    except SpikingSamplingError:  # a message in the middle of a command line would help nobody
        return
    yield from (name for name in known if name.startswith(incomplete))


def complete_preset(context: typer.Context, incomplete: str) -> Iterator[str]:
    """Presets of the protocol that stands on the command line already."""
    from ..errors import SpikingSamplingError
    from ..experiment import discovery

    # After an option without its value, the words before it are not parsed but left over.
    words = [context.params.get("protocol"), *context.args]
    try:
        known = discovery.names()
        protocol = next((word for word in words if word in known), None)
        presets = discovery.summarise(protocol).presets if protocol else ()
    except SpikingSamplingError:
        return
    yield from (preset for preset in presets if preset.startswith(incomplete))


Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]
ProtocolName = Annotated[
    str | None,
    typer.Argument(help="Name of the protocol; `list` shows all.", autocompletion=complete_protocol),
]
Preset = Annotated[
    str | None,
    typer.Option("--preset", help="A preset of the protocol; see `list`.", autocompletion=complete_preset),
]
Data = Annotated[str | None, typer.Option("--data", help="Data sets: embedded or real. Short for --set.")]
Seed = Annotated[int | None, typer.Option("--seed", help="Seed of all randomness. Short for --set.")]
Engine = Annotated[
    str | None, typer.Option("--engine", help="Engine: standalone or runtime. Short for --set.")
]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change a setting; repeatable. See `list PROTOCOL`."),
]
RunPath = Annotated[Path, typer.Argument(metavar="RUN", help="A run directory.")]
FigureFormat = Annotated[
    str, typer.Option("--figure-format", metavar="FORMAT", help="Format of the figures: png, pdf or svg.")
]


@contextmanager
def errors_as_messages(debug: bool, hint: Callable[[], str] = lambda: "") -> Iterator[None]:
    """Turn errors into messages and exit codes; ``hint`` says how to go on with what has been begun."""
    try:
        yield
    except KeyboardInterrupt:
        raise typer.Exit(stopped(hint())) from None
    except BrokenPipeError:
        raise
    except (SpikingSamplingError, OSError) as error:
        if debug:
            traceback.print_exc()
        message = str(error)
        if isinstance(error, OSError) and error.strerror:
            message = error.strerror + (f": {error.filename}" if error.filename else "")
        # A wrong setting stays wrong, and a refusal to resume has its own advice.
        final = isinstance(error, InUse | ParameterError | UnknownNameError | ResumeError)
        advice = "" if final else hint()
        say(f"error: {message}{advice}")
        raise typer.Exit(2) from None


def loader(context: typer.Context) -> Callable[[str], Protocol[Any]]:
    """How to find protocols by name: those at hand first."""
    from ..experiment import discovery

    at_hand: Mapping[str, Protocol[Any]] = context.obj or {}
    return lambda name: at_hand[name] if name in at_hand else discovery.load(name)


def overrides_of(
    data: str | None, seed: int | None, engine: str | None, assignments: Sequence[str] | None
) -> dict[str, Any]:
    """The nested overrides that the options of a command stand for."""
    from ..experiment.configuration import merge, nest, parse_assignment

    shorthands = {"data": data, "seed": seed, "engine": engine}
    values: dict[str, Any] = {name: value for name, value in shorthands.items() if value is not None}
    for text in assignments or ():
        values = merge(values, nest(*parse_assignment(text)))
    return values


def configured(
    protocol: Protocol[Any], preset: str | None, overrides: Mapping[str, Any]
) -> ProtocolConfiguration:
    """The configuration that a user asks for.

    Raises
    ------
    UnknownNameError, ParameterError
        A key or value is wrong, or a quantity lacks its unit.
    """
    from ..parameters import require_units

    require_units(protocol.configuration, overrides)
    configuration: ProtocolConfiguration = protocol.configure(preset, overrides)
    return configuration


def metrics_text(metrics: Mapping[str, Any]) -> str:
    """Metrics as a table that is never cut; long values stand below it, curves are left out."""
    from ..experiment.metrics import WIDEST_VALUE, metrics_table, number, tabulate

    below = [
        f"{name}: {text}"
        for name, metric in tabulate(metrics).items()
        if len(text := number(metric.value)) > WIDEST_VALUE
    ]
    return "\n".join([metrics_table(metrics).text(), *below])


def print_metrics(metrics: Mapping[str, Any]) -> None:
    """Show metrics as a table."""
    print(metrics_text(metrics))
