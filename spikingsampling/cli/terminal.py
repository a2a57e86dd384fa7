"""What the commands share: options, messages and exit codes, tables of metrics."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ..errors import ParameterError, ResumeError, SpikingSamplingError, UnknownNameError
from ..experiment import discovery
from ..experiment.configuration import merge, nest, parse_assignment
from ..experiment.metrics import tabulate
from ..experiment.protocol import Protocol

__all__ = [
    "Data",
    "Debug",
    "Engine",
    "Preset",
    "RunPath",
    "Seed",
    "Set",
    "loader",
    "metrics_table",
    "number",
    "overrides_of",
    "print_metrics",
    "reported",
    "say",
]

Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]
Preset = Annotated[str | None, typer.Option("--preset", help="A preset of the protocol; see `list`.")]
Data = Annotated[str | None, typer.Option("--data", help="embedded or real; short for --set")]
Seed = Annotated[int | None, typer.Option("--seed", help="seed of all randomness; short for --set")]
Engine = Annotated[str | None, typer.Option("--engine", help="standalone or runtime; short for --set")]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Override a parameter; repeatable; see `list PROTOCOL`."),
]
RunPath = Annotated[Path, typer.Argument(metavar="RUN", help="A run directory.")]


@contextmanager
def reported(debug: bool, hint: Callable[[], str] = lambda: "") -> Iterator[None]:
    """Turn errors into messages and exit codes; ``hint`` says how to go on with what has been begun."""
    try:
        yield
    except KeyboardInterrupt:
        say(f"interrupted{hint()}")
        raise typer.Exit(130) from None
    except BrokenPipeError:
        raise
    except (SpikingSamplingError, OSError) as error:
        if debug:
            traceback.print_exc()
        message = str(error)
        if isinstance(error, OSError) and error.strerror:
            message = error.strerror + (f": {error.filename}" if error.filename else "")
        # A wrong setting stays wrong, and a refusal to resume has its own advice.
        final = isinstance(error, ParameterError | UnknownNameError | ResumeError)
        mended = "" if final else hint()
        say(f"error: {message}{mended}")
        raise typer.Exit(2) from None


def say(message: str) -> None:
    """Show a message on stderr."""
    print(message, file=sys.stderr, flush=True)


def loader(context: typer.Context) -> Callable[[str], Protocol[Any]]:
    """How to find protocols by name: those at hand first."""
    at_hand: Mapping[str, Protocol[Any]] = context.obj or {}
    return lambda name: at_hand[name] if name in at_hand else discovery.load(name)


def overrides_of(
    data: str | None, seed: int | None, engine: str | None, assignments: Sequence[str] | None
) -> dict[str, Any]:
    """The nested overrides that the options of a command stand for."""
    shorthands = {"data": data, "seed": seed, "engine": engine}
    values: dict[str, Any] = {name: value for name, value in shorthands.items() if value is not None}
    for text in assignments or ():
        values = merge(values, nest(*parse_assignment(text)))
    return values


def metrics_table(metrics: Mapping[str, Any]) -> Table:
    """Metrics as a table; curves are left out."""
    table = Table(box=None, pad_edge=False)
    for heading in ("metric", "value", "95 % interval", "n"):
        table.add_column(heading, justify="left" if heading == "metric" else "right", no_wrap=True)
    for name, metric in tabulate(metrics).items():
        interval = " to ".join(number(bound) for bound in metric.interval or ())
        table.add_row(name, number(metric.value), interval, "" if metric.n is None else str(metric.n))
    return table


def print_metrics(metrics: Mapping[str, Any]) -> None:
    """Show metrics as a table."""
    Console().print(metrics_table(metrics))


def number(value: Any) -> str:
    """A value for people: four digits of a number."""
    return f"{value:.4g}" if isinstance(value, float) else escape(str(value))
