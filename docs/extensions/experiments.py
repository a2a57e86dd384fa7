"""A page for each protocol, with pictures of a small run that is made when the site is built."""

from __future__ import annotations

import inspect
import io
import multiprocessing
import os
import shutil
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from rich.console import Console

from spikingsampling.experiment import discovery
from spikingsampling.experiment.configuration import flatten
from spikingsampling.experiment.execution import execute
from spikingsampling.experiment.run_directory import create_directory
from spikingsampling.experiment.run_files import read_metrics
from spikingsampling.plotting.saving import caption_of

from .links import ROOT
from .settings import of_protocol
from .tables import escaped, table

__all__ = ["PRESET", "index_page", "protocol_page", "run_protocols"]

#: The preset of the small runs.
PRESET = "smoke"
#: The picture of a protocol in the gallery; of the others it is the first.
PICTURE = {
    "association": "rasters",
}
#: What every run has among its metrics.
COSTS = ("wall_seconds", "cpu_seconds", "peak_memory_mib", "version")


def run_protocols(names: Sequence[str], folder: Path) -> None:
    """Run the small preset of each protocol in ``folder/NAME``, unless it is there already."""
    missing = [name for name in names if read_metrics(folder / name) is None]
    context = multiprocessing.get_context("spawn")  # a process of its own, whatever Sphinx has started
    with ProcessPoolExecutor(os.cpu_count(), mp_context=context) as pool:
        list(pool.map(_run, missing, [folder / name for name in missing]))


def _run(name: str, directory: Path) -> None:
    shutil.rmtree(directory, ignore_errors=True)
    protocol = discovery.load(name)
    configuration = protocol.configure(PRESET)
    create_directory(protocol, PRESET, configuration, directory)
    execute(protocol, configuration, directory, console=Console(file=io.StringIO()))


def protocol_page(name: str, run: Path) -> str:
    """What the protocol is, how it is run, what it draws, its metrics, settings and file, as Markdown.

    Parameters
    ----------
    name : str
    run : Path
        The directory of its small run; without it there are no pictures and no metrics.
    """
    protocol = discovery.load(name)
    file = Path(inspect.getfile(protocol.run)).resolve().relative_to(ROOT).as_posix()
    parts = [
        f"# {name}",
        f"```{{eval-rst}}\n{protocol.documentation}\n```",
        "## Run it",
        f"```\nspikingsampling run {name}\n```",
        table(("preset", "what it changes"), [(f"`{p}`", _changes(c)) for p, c in protocol.presets.items()]),
    ]
    if pictures := _pictures(run):
        parts += [
            "## What it draws",
            f"The pictures are of `spikingsampling run {name} --preset {PRESET}`, which takes seconds. They show what "
            "there is to see, and are no results.",
        ]
        for picture in pictures:
            caption = caption_of(picture)
            parts.append(
                f"![{escaped(caption or picture.stem)}](figures/{name}/{picture.name})\n\n*{escaped(caption)}*"
            )
    if metrics := read_metrics(run):
        rows = [(f"`{key}`", _kind(value)) for key, value in metrics.items() if key not in COSTS]
        parts += ["## Metrics", table(("metric", "kind"), rows)]
    parts += [
        "## Settings",
        of_protocol(protocol),
        "## The file",
        f"`{file}`",
        f"```{{literalinclude}} /../{file}\n:language: python\n```",
    ]
    return "\n\n".join(parts) + "\n"


def index_page(names: Sequence[str], runs: Path, readme: str) -> str:
    """The list of protocols, and one picture of each as a link to its page."""
    pictures = []
    for name in names:
        drawn = {path.stem: path for path in _pictures(runs / name)}
        if drawn:
            path = drawn.get(PICTURE.get(name, ""), next(iter(drawn.values())))
            pictures.append(f"[![{name}](figures/{name}/{path.name}) `{name}`]({name}.md)")
    parts = [readme]
    if pictures:
        parts += ["## One picture of each", "::::{container} pictures\n" + "\n\n".join(pictures) + "\n::::"]
    listed = "\n".join(names)
    return "\n\n".join([*parts, f"```{{toctree}}\n:hidden:\n\n{listed}\n```"]) + "\n"


def copy_pictures(names: Sequence[str], runs: Path, folder: Path) -> None:
    """Copy the figures of the small runs to where the pages look for them."""
    for name in names:
        for path in _pictures(runs / name):
            target = folder / "figures" / name / path.name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)


def _pictures(run: Path) -> list[Path]:
    return sorted((run / "figures").glob("*.png"))


def _changes(overrides: Mapping[str, Any]) -> str:
    return ", ".join(f"`{key}={value}`" for key, value in flatten(overrides).items()) or "nothing"


def _kind(value: Any) -> str:
    if isinstance(value, Mapping):
        return (
            "estimate with n and interval"
            if "value" in value
            else "curve or group: " + ", ".join(map(str, value))
        )
    return "list" if isinstance(value, list) else "number"
