"""The page of the command line, from the commands themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer

from spikingsampling.cli.app import app

from .tables import table

__all__ = ["commands_page"]


def commands_page() -> str:
    """All commands with their arguments and options, as Markdown."""
    parts = [
        "# Command line",
        "`spikingsampling COMMAND --help` says the same. An error of the user is one message and exit code 2; an "
        "interrupted run ends with exit code 130 and says how to go on.",
    ]
    for name, command in _commands(typer.main.get_command(app), "spikingsampling"):
        context = typer.Context(command, info_name=name)
        usage = " ".join([name, *command.collect_usage_pieces(context)])
        records = (parameter.get_help_record(context) for parameter in command.params)
        rows = [(f"`{names}`", meaning.replace("<", "\\<")) for names, meaning in filter(None, records)]
        parts += [f"## {name}", command.help or "", f"```\n{usage}\n```"]
        parts += [table(("argument or option", "meaning"), rows)] if rows else []
    return "\n\n".join(parts) + "\n"


def _commands(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    if hasattr(command, "commands"):
        for inner, each in command.commands.items():
            yield from _commands(each, f"{name} {inner}")
    else:
        yield name, command
