"""The commands ``data fetch``, ``data verify`` and ``data where``."""

from __future__ import annotations

import importlib
from typing import Annotated, Any

import typer

from ..errors import DataError
from .terminal import Debug, errors_as_messages

__all__ = ["data"]

data = typer.Typer(
    help="Published data sets: fetch them, check them, say where they are.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Names = Annotated[list[str] | None, typer.Argument(help="Names of data sets. All of them when left out.")]


def _registry() -> Any:
    from ..experiment import discovery

    discovery.names()  # says what is wrong in a checkout without an editable install
    return importlib.import_module("spikingsampling.data.registry")


@data.command()
def fetch(names: Names = None, debug: Debug = False) -> None:
    """Download the published data sets that are not here yet, and check them."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with (
        errors_as_messages(debug),
        Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars,
    ):
        tasks: dict[str, Any] = {}

        def show(name: str, done: int, total: int | None) -> None:
            if name not in tasks:
                tasks[name] = bars.add_task(name)
            bars.update(tasks[name], completed=done, total=total)

        for location in _registry().fetch(names or None, show):
            print(f"{location.dataset}: {location.path}")


@data.command()
def verify(names: Names = None, debug: Debug = False) -> None:
    """Check that data sets are complete and have the right content. The exit code is 2 if not."""
    with errors_as_messages(debug):
        registry = _registry()
        checks = registry.verify(names or None)
        if not any(check.path.exists() for check in checks):
            root, _ = registry.data_root()
            raise DataError(f"there are no data in {root}; get them with `spikingsampling data fetch`")
        damaged = False
        for check in checks:
            missing = not (check.ok or check.path.exists())
            damaged |= not (check.ok or missing)
            state = "ok" if check.ok else "missing" if missing else "NOT OK"
            print(f"{state:7}  {check.path}{'' if missing else f': {check.detail}'}")
        if not all(check.ok for check in checks):
            first = "delete what is damaged, then run" if damaged else "get what is missing with"
            raise DataError(f"{first} `spikingsampling data fetch`")


@data.command()
def where(debug: Debug = False) -> None:
    """Say where the data sets are, or where they would be put."""
    with errors_as_messages(debug):
        for location in _registry().where():
            state = "present" if location.present else "missing"
            origin = "the user's cache" if location.source == "cache" else location.source
            print(f"{location.dataset}: {state}, {location.path} ({origin})")
