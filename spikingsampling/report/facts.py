"""What a run directory says about a run beside its results: settings, dates, machine, versions, warnings."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import SpikingSamplingError
from ..experiment.configuration import RunFile, flatten
from ..experiment.protocol import Protocol
from ..experiment.run_files import CONFIG, LOG

__all__ = ["LogFacts", "Setting", "command", "read_log", "settings_of"]

_LINE = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),\d+ ([A-Z]+) ([\w.]+): (.*)")
_MAX_WARNINGS = 50


@dataclass
class LogFacts:
    """What ``log.txt`` tells: when the run was started and resumed, on what machines, its warnings."""

    started: str = ""
    finished: str = ""
    resumed: int = 0
    machines: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def read_log(directory: Path) -> LogFacts:
    """Read the log of a run; nothing is known where there is none."""
    facts = LogFacts()
    path = directory / LOG
    if not path.is_file():
        return facts
    with path.open(encoding="utf-8", errors="replace") as file:
        for text in file:
            if (line := _LINE.match(text)) is None:
                continue
            date, level, _, message = line.groups()
            if message.startswith(("started: ", "resumed: ")):
                facts.resumed += message.startswith("resumed: ") and bool(facts.started)
                facts.started = facts.started or date
            elif message == "finished":
                facts.finished = date
            elif message.startswith("machine: "):
                machine = message.removeprefix("machine: ")
                facts.machines += [machine] if machine not in facts.machines else []
            elif level in ("WARNING", "ERROR", "CRITICAL") and message not in facts.warnings:
                facts.warnings.append(message)
    if len(facts.warnings) > _MAX_WARNINGS:
        rest = len(facts.warnings) - _MAX_WARNINGS
        facts.warnings[_MAX_WARNINGS:] = [f"and {rest} more in {LOG}"]
    return facts


@dataclass(frozen=True)
class Setting:
    """A setting of a run: dotted key, value with unit, meaning, and whether the preset has another value."""

    key: str
    value: Any
    meaning: str
    changed: bool


def settings_of(run: RunFile, protocol: Protocol[Any] | None) -> list[Setting]:
    """All settings of a run. Without its protocol, meanings and changes are not known."""
    values = flatten(run.configuration)
    if protocol is None:
        return [Setting(key, value, "", False) for key, value in values.items()]
    meanings = {key: meaning for key, _, meaning in protocol.parameters()}
    try:
        preset_values: Mapping[str, Any] = flatten(protocol.configure(run.preset).to_mapping())
    except SpikingSamplingError:  # the preset is no longer there
        preset_values = values
    return [
        Setting(key, value, meanings.get(key, ""), key != "seed" and preset_values.get(key) != value)
        for key, value in values.items()
    ]


def command(run: RunFile, settings: list[Setting]) -> str:
    """The command that makes the same run again."""
    parts = ["spikingsampling", "run", run.protocol, "--preset", run.preset]
    parts += ["--seed", str(run.configuration.get("seed", 0))]
    for setting in settings:
        if setting.changed:
            value = setting.value if isinstance(setting.value, str) else _toml(setting.value)
            parts += ["--set", f"{setting.key}={value}"]
    return shlex.join(parts)


def _toml(value: Any) -> str:
    import tomli_w

    return " ".join(tomli_w.dumps({"v": value}).partition("=")[2].split())


def read_run(directory: Path) -> RunFile:
    """``config.toml`` of a run; ResumeError if there is none."""
    return RunFile.read(directory / CONFIG)
