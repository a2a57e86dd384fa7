"""Configurations of protocols: layers of overrides, dotted keys, TOML files that round trip exactly.

A configuration is a :class:`~spikingsampling.parameters.Parameters` class whose defaults are overridden by
layers of nested mappings: a preset, then the shorthands of the command line, then ``--set key=value``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Self, TypeVar, Union, get_args, get_origin

import tomli_w
from pydantic import BaseModel, Field

from .._version import __version__
from ..errors import ParameterError, ResumeError, UnknownNameError
from ..files import write_text
from ..parameters import Parameters

__all__ = [
    "ProtocolConfiguration",
    "RunFile",
    "differences",
    "flatten",
    "merge",
    "nest",
    "nested_parameters",
    "parse_assignment",
    "resolve",
]


class ProtocolConfiguration(Parameters):
    """Base of the configurations of all protocols; every field needs a default."""

    data: Literal["embedded", "real"] = Field(
        default="embedded", description="data sets made from what is installed, or published ones"
    )
    seed: int = Field(default=0, strict=True, ge=0, lt=2**63, description="seed of all randomness of the run")
    engine: Literal["standalone", "runtime"] = Field(
        default="standalone", description="compiled C++ program, or Brian2's runtime"
    )

    def pinned(self) -> Self:
        """The same settings with what they depend on outside of themselves written down, such as the hash of a file.

        Called when a run begins, and again when it goes on.
        """
        return self

    def to_toml(self) -> str:
        """All settings as TOML, with units; a setting that is None is left out."""
        return tomli_w.dumps(_without_none(self.to_mapping()))


C = TypeVar("C", bound=Parameters)


def parse_assignment(text: str) -> tuple[str, Any]:
    """Read ``"key=value"``; the value is a TOML value or, failing that, the text itself.

    Returns
    -------
    key, value
        ``"digits=[0,1]"`` gives ``("digits", [0, 1])``; ``"duration=30 min"`` gives
        ``("duration", "30 min")``.

    Raises
    ------
    ParameterError
        There is no ``=`` or nothing before it.
    """
    key, equals, value = (part.strip() for part in text.partition("="))
    if not (key and equals):
        raise ParameterError(f"--set {text!r}: must be key=value, for example circuit.temperature=0.1")
    try:
        parsed = tomllib.loads(f"value = {value}")
    except tomllib.TOMLDecodeError:
        return key, value
    return key, parsed["value"] if len(parsed) == 1 else value


def nest(key: str, value: Any) -> dict[str, Any]:
    """Turn a dotted key into nested mappings: ``nest("a.b", 1)`` is ``{"a": {"b": 1}}``."""
    name, dot, rest = key.partition(".")
    return {name: nest(rest, value) if dot else value}


def flatten(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested mappings as one mapping with dotted keys, in the same order."""
    flat: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, Mapping) and value:
            flat.update(flatten(value, f"{prefix}{name}."))
        else:
            flat[f"{prefix}{name}"] = value
    return flat


def merge(base: Mapping[str, Any], override: Mapping[str, Any]) -> dict[str, Any]:
    """``base`` with the values of ``override``, mapping by mapping; neither is changed.

    A mapping whose ``kind`` changes (a prior, for example) is replaced as a whole, for the settings of the
    former kind mean nothing to the new one.
    """
    merged = dict(base)
    for name, value in override.items():
        old = merged.get(name)
        if isinstance(old, Mapping) and isinstance(value, Mapping) and not _other_kind(old, value):
            merged[name] = merge(old, value)
        else:
            merged[name] = value
    return merged


def _other_kind(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    return "kind" in new and new["kind"] != old.get("kind", new["kind"])


def resolve(kind: type[C], *layers: Mapping[str, Any]) -> C:
    """The configuration from the defaults of ``kind`` and layers of overrides, of which the last one wins.

    Parameters
    ----------
    kind : type
        The class of the configuration.
    *layers : nested mappings

    Raises
    ------
    UnknownNameError
        A key does not exist; the message proposes the nearest one.
    ParameterError
        A value has a wrong type, unit or range.
    """
    values: dict[str, Any] = kind().to_mapping()
    known = flatten(values)
    for layer in layers:
        written = _written_out(kind, layer)
        _check_names(kind, written, known)
        values = merge(values, written)
    return kind(**values)


def _written_out(kind: type[BaseModel], layer: Mapping[str, Any]) -> dict[str, Any]:
    """The layer with each text that stands for a set of parameters (``data = "real"``) in their place.

    Else the next layer, which changes another one of them, would replace the text, not add to it.
    """
    written = dict(layer)
    for name, value in layer.items():
        field = kind.model_fields.get(name)
        shorthand = getattr(nested_parameters(field.annotation), "shorthand", None) if field else None
        if shorthand and isinstance(value, str):
            written[name] = {shorthand: value}
    return written


def _check_names(
    kind: type[BaseModel], layer: Mapping[str, Any], known: Iterable[str], prefix: str = ""
) -> None:
    for name, value in layer.items():
        field = kind.model_fields.get(name)
        if field is None:
            here = [prefix + sibling for sibling in kind.model_fields]
            elsewhere = [key for key in known if key.endswith(f".{name}")]
            raise UnknownNameError("key", prefix + name, elsewhere or here)
        nested = nested_parameters(field.annotation)
        if nested and isinstance(value, Mapping):
            _check_names(nested, value, known, f"{prefix}{name}.")


def nested_parameters(annotation: Any) -> type[BaseModel] | None:
    """The parameter class that a field holds (``X`` of ``X`` or of ``X | None``), None for other fields."""
    options = get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)
    models = [option for option in options if isinstance(option, type) and issubclass(option, BaseModel)]
    return models[0] if len(models) == 1 else None


def differences(stored: Mapping[str, Any], requested: Mapping[str, Any]) -> list[str]:
    """The keys in which two nested mappings differ, one line each: ``"seed: 1 in the run, 2 requested"``."""
    old, new = flatten(stored), flatten(requested)
    missing = object()
    lines = []
    for key in dict.fromkeys([*old, *new]):
        before, after = old.get(key, missing), new.get(key, missing)
        if before != after:
            first, second = ("nothing" if value is missing else repr(value) for value in (before, after))
            lines.append(f"{key}: {first} in the run, {second} requested")
    return lines


def name_of(protocol: str) -> str:
    """The name of a protocol that is known by its name or the path of its file."""
    return Path(protocol).stem if protocol.endswith(".py") else protocol


@dataclass(frozen=True)
class RunFile:
    """What ``config.toml`` of a run directory says: everything resolved, units written out.

    Attributes
    ----------
    protocol : str
        Its name or, where it is a file of the user's, the path.
    preset : str
    configuration : dict
    version : str
        Of this package.
    protocol_sha256 : str
        Of the file of the user's when the run began, else empty.
    """

    protocol: str
    preset: str
    configuration: dict[str, Any]
    version: str = __version__
    protocol_sha256: str = ""

    @property
    def protocol_name(self) -> str:
        """The name of the protocol, for people and new files."""
        return name_of(self.protocol)

    def write(self, path: Path, kind: type[Parameters]) -> None:
        """Write the file, after a check that ``kind`` reads back exactly the same configuration.

        Raises
        ------
        ParameterError
            The configuration has something that TOML cannot hold.
        """
        values = asdict(self)
        values["configuration"] = _without_none(self.configuration)
        try:
            text = tomli_w.dumps(values)
        except TypeError as error:
            raise ParameterError(f"the configuration cannot be written to {path.name}: {error}") from None
        back = RunFile(**tomllib.loads(text)).configure(kind).to_mapping()
        if changed := differences(self.configuration, back):
            raise ParameterError(
                f"the configuration cannot be written to {path.name} exactly: {'; '.join(changed)}"
            )
        write_text(path, text)

    @classmethod
    def read(cls, path: Path) -> RunFile:
        """Read a file written by :meth:`write`.

        Raises
        ------
        ResumeError
            There is no such file, or it is not what :meth:`write` writes.
        """
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8"))
        except (FileNotFoundError, NotADirectoryError):
            raise ResumeError(f"{path.parent} is not a run directory: it has no {path.name}") from None
        except (ValueError, RecursionError) as error:
            raise ResumeError(f"{path} is damaged: {error}") from None
        types = {"protocol": str, "preset": str, "configuration": dict, "version": str}
        for name, expected in types.items():
            if not isinstance(values.get(name), expected):
                raise ResumeError(f"{path} is damaged: {name} is missing or wrong")
        if not isinstance(digest := values.get("protocol_sha256", ""), str):
            raise ResumeError(f"{path} is damaged: protocol_sha256 is wrong")
        return cls(**{name: values[name] for name in types}, protocol_sha256=digest)

    def configure(self, kind: type[C]) -> C:
        """The configuration that the file describes, as an instance of ``kind``.

        Raises
        ------
        ParameterError
            A value is missing or wrong.
        """
        return kind(**_with_none(self.configuration, kind().to_mapping()))


def _without_none(values: Any) -> Any:
    if isinstance(values, Mapping):
        return {name: _without_none(value) for name, value in values.items() if value is not None}
    if isinstance(values, list | tuple):
        return [_without_none(value) for value in values]
    return values


def _with_none(values: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """TOML has no null: a key that the defaults have and the file lacks was None."""
    complete: dict[str, Any] = dict(values)
    for name, default in defaults.items():
        value = values.get(name)
        if isinstance(value, Mapping) and isinstance(default, Mapping) and not _other_kind(default, value):
            value = _with_none(value, default)
        complete[name] = value
    return complete
