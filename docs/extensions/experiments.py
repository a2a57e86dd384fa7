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

__all__ = ["PRESET", "copy_pictures", "index_page", "protocol_page", "run_protocols"]

#: The preset of the small runs.
PRESET = "smoke"
#: The picture of each protocol; the first one where none is named.
PICTURE = {
    "association": "reconstructions_from_sound",
    "balanced_sampling": "courses",
    "brunel": "states",
    "deep_belief": "tuning",
    "enriched_environment": "formation",
    "geometry": "robustness",
    "hopfield": "completion",
    "lateral_pruning": "recall",
    "lesion": "recall",
    "memory_sampling": "displacement",
    "motility": "laws",
    "neat_xor": "evaluations",
    "oscillation": "wilson_cowan",
    "plasticity_rules": "window",
    "pruning": "kept",
    "rbm_audio": "2_reconstructions",
    "rbm_hidden_units": "3_reconstructions",
    "rbm_lesion": "8a_errors",
    "rbm_priors": "6_weights",
    "stdp_association": "receptive_fields_stdp",
    "rbm_sequence": "7c_reconstructions",
    "three_phases": "recruited",
    "reward_lever": "trials",
    "reward_patterns": "accuracy",
    "reward_reaching": "reached",
    "rewiring": "trajectory",
    "spiking_memory": "trial",
    "working_memory": "trial",
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
    with create_directory(protocol, PRESET, configuration, directory):
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
    if picture := _picture(name, run):
        caption = escaped(caption_of(picture))
        others = sorted(path.stem for path in picture.parent.glob("*.png") if path != picture)
        parts += [
            "## What it draws",
            f"The picture `{picture.stem}` is of `spikingsampling run {name} --preset {PRESET}`, which takes seconds. "
            "It shows what there is to see, and is no result.",
            f"![{caption or picture.stem}](figures/{name}.png)\n\n*{caption}*",
            *([f"It also draws {', '.join(f'`{other}`' for other in others)}."] if others else []),
        ]
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
    drawn = [name for name in names if _picture(name, runs / name)]
    pictures = [f"[![{name}](figures/{name}.png) `{name}`]({name}.md)" for name in drawn]
    parts = [readme]
    if pictures:
        parts += ["## One picture of each", "::::{container} pictures\n" + "\n\n".join(pictures) + "\n::::"]
    listed = "\n".join(names)
    return "\n\n".join([*parts, f"```{{toctree}}\n:hidden:\n\n{listed}\n```"]) + "\n"


def copy_pictures(names: Sequence[str], runs: Path, folder: Path) -> None:
    """Copy the picture of each protocol to where the pages look for it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        if picture := _picture(name, runs / name):
            shutil.copyfile(picture, folder / f"{name}.png")


def _picture(name: str, run: Path) -> Path | None:
    """The picture of a protocol that was run; an error if it does not draw what is named here."""
    drawn = {path.stem: path for path in sorted((run / "figures").glob("*.png"))}
    if read_metrics(run) is None or not drawn:
        return None
    return drawn[PICTURE.get(name, next(iter(drawn)))]


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
