"""What a sweep is: a protocol, seeds, a grid of settings; and ``sweep.toml``, which keeps it."""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import tomli_w

from .._version import __version__
from ..errors import ParameterError, ResumeError
from ..experiment.configuration import (
    ProtocolConfiguration,
    flatten,
    name_of,
    nest,
    parse_assignment,
    write_text,
)
from ..experiment.protocol import Protocol

__all__ = ["FILE", "Plan", "full_key", "parse_grid", "parse_seeds"]

FILE = "sweep.toml"
#: More is a mistake in a grid rather than a wish.
MAX_RUNS = 100_000


def parse_seeds(text: str) -> tuple[int, ...]:
    """Read ``"0:20"`` (0 to 19), ``"0:20:5"``, ``"1,2,7"`` or a mixture of these.

    Raises
    ------
    ParameterError
        It is none of these, is empty or names a seed twice.
    """
    seeds: list[int] = []
    for part in text.split(","):
        try:
            numbers = [int(number) for number in part.split(":")]
        except ValueError:
            numbers = []
        if not (1 <= len(numbers) <= 3 and min(numbers) >= 0 and numbers[2:] != [0]):
            raise ParameterError(f"--seeds {text!r}: must be numbers or ranges, such as 0:20 or 1,2,7")
        part_seeds = range(*numbers) if len(numbers) > 1 else numbers
        if len(seeds) + len(part_seeds) > MAX_RUNS:
            raise ParameterError(f"--seeds {text!r}: must be at most {MAX_RUNS} seeds")
        seeds.extend(part_seeds)
    if not seeds or len(set(seeds)) < len(seeds):
        raise ParameterError(f"--seeds {text!r}: must name at least one seed, and each once")
    return tuple(seeds)


def _split(text: str) -> list[str]:
    """Split at commas that are not inside brackets or quotes."""
    parts, depth, quote = [""], 0, ""
    for character in text:
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character in "[{":
            depth += 1
        elif character in "]}":
            depth -= 1
        if character == "," and not (depth or quote):
            parts.append("")
        else:
            parts[-1] += character
    return parts


def parse_grid(text: str) -> tuple[str, tuple[Any, ...]]:
    """Read ``"key=v1,v2"``; each value as :func:`~spikingsampling.experiment.configuration.parse_assignment` does.

    Raises
    ------
    ParameterError
        There is no ``=``, an empty value or the same value twice.
    """
    key, equals, values = (part.strip() for part in text.partition("="))
    pieces = [piece.strip() for piece in _split(values)]
    if not (key and equals and all(pieces)):
        raise ParameterError(f"--grid {text!r}: must be key=value,value,…, for example temperature=0,0.1,1")
    parsed = [parse_assignment(f"{key}={piece}")[1] for piece in pieces]
    for first, second in itertools.combinations(parsed, 2):
        if first == second:
            raise ParameterError(f"--grid {text!r}: names the value {first!r} twice; each must be given once")
    return key, tuple(parsed)


def full_key(protocol: Protocol[Any], key: str) -> str:
    """The dotted key that ``key`` means: itself, or the only one that ends with it."""
    known = flatten(protocol.configure().to_mapping())
    longer = [name for name in known if name.endswith(f".{key}")]
    return longer[0] if key not in known and len(longer) == 1 else key


@dataclass(frozen=True)
class Plan:
    """A sweep: every seed with every combination of the values in the grid.

    Attributes
    ----------
    protocol, preset : str
    seeds : sequence of int
    grid : mapping of str to sequence
        Values of each dotted key.
    overrides : mapping
        Nested settings that all runs share.
    version : str
        Of this package.

    Raises
    ------
    ParameterError
        A key is the seed, or is set twice, or there are too many runs.
    """

    protocol: str
    preset: str
    seeds: Sequence[int]
    grid: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    overrides: Mapping[str, Any] = field(default_factory=dict)
    version: str = __version__

    def __post_init__(self) -> None:
        both = set(flatten(self.overrides)) & set(self.grid)
        if both or "seed" in self.grid or "seed" in self.overrides:
            name = "seed" if not both else sorted(both)[0]
            raise ParameterError(f"{name}: must be given once, {'--seeds' if name == 'seed' else '--grid'}")
        n_runs = len(self.seeds)
        for values in self.grid.values():
            n_runs *= len(values)
        if n_runs > MAX_RUNS:
            raise ParameterError(f"the sweep has {n_runs} runs: must be at most {MAX_RUNS}")

    @property
    def protocol_name(self) -> str:
        """The name of the protocol, for people and new files."""
        return name_of(self.protocol)

    def cells(self) -> list[dict[str, Any]]:
        """What each run sets, by dotted key, seed first; a sweep that is stopped early has whole grids."""
        names = list(self.grid)
        combinations = itertools.product(self.seeds, *self.grid.values())
        return [{"seed": seed, **dict(zip(names, values, strict=True))} for seed, *values in combinations]

    def configure(self, protocol: Protocol[Any], cell: Mapping[str, Any]) -> ProtocolConfiguration:
        """The configuration of one run.

        Raises
        ------
        UnknownNameError, ParameterError
            A key or value is wrong.
        """
        layers = [nest(key, value) for key, value in cell.items()]
        configuration: ProtocolConfiguration = protocol.configure(self.preset, self.overrides, *layers)
        return configuration

    def write(self, directory: Path) -> None:
        """Write ``sweep.toml``, atomically."""
        values = asdict(self)
        values |= {"seeds": list(self.seeds), "grid": {name: list(v) for name, v in self.grid.items()}}
        write_text(directory / FILE, tomli_w.dumps(values))

    @classmethod
    def read(cls, directory: Path) -> Plan:
        """Read ``sweep.toml``.

        Raises
        ------
        ResumeError
            There is none, or it is not what :meth:`write` writes.
        """
        path = directory / FILE
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8"))
            kinds = {"protocol": str, "preset": str, "version": str}
            kinds |= {"seeds": list, "grid": dict, "overrides": dict}
            wrong = [name for name, kind in kinds.items() if not isinstance(values.get(name), kind)]
            wrong += sorted(set(values) - set(kinds))
        except (FileNotFoundError, NotADirectoryError):
            raise ResumeError(f"{directory} is not a sweep: it has no {FILE}") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ResumeError(f"{path} is damaged: {error}") from None
        if not wrong:
            whole = all(type(seed) is int and seed >= 0 for seed in values["seeds"])
            wrong = [] if whole and values["seeds"] else ["seeds"]
            wrong += [
                f"grid.{key}"
                for key, options in values["grid"].items()
                if not (isinstance(options, list) and options)
            ]
        if wrong:
            raise ResumeError(f"{path} is damaged: {', '.join(wrong)} missing, unknown or of a wrong kind")
        try:
            return cls(**values)
        except ParameterError as error:
            raise ResumeError(f"{path} is damaged: {error}") from None
