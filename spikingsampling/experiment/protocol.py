"""What a protocol is: an experiment with its configuration, its presets and the function that runs it."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import BaseModel

from ..errors import UnknownNameError
from .configuration import ProtocolConfiguration, flatten, nested_parameters, resolve

if TYPE_CHECKING:
    from .run import Run

__all__ = ["Protocol"]


C = TypeVar("C", bound=ProtocolConfiguration)


@dataclass(frozen=True)
class Protocol(Generic[C]):
    """An experiment: its configuration, its presets and the function that runs it.

    Parameters
    ----------
    name : str
        The name of the module.
    summary : str
        One line.
    configuration : type
        Subclass of :class:`~spikingsampling.experiment.configuration.ProtocolConfiguration`.
    presets : mapping
        Name of the preset → nested overrides of the defaults of ``configuration``.
    default_preset : str
    run : callable
        Takes the :class:`~spikingsampling.experiment.run.Run` and returns the metrics, a flat mapping with dotted keys
        whose values are numbers or mappings such as ``{"value": 0.95, "n": 600, "interval": [0.93, 0.97]}``.
    codegen : callable, optional
        Takes a configuration and an empty directory, writes the C++ standalone project there, and returns the
        shell command that runs the built program in it (None: ``./main``).

    Raises
    ------
    UnknownNameError
        ``default_preset`` is not among ``presets``.
    """

    name: str
    summary: str
    configuration: type[C]
    presets: Mapping[str, Mapping[str, Any]]
    default_preset: str
    run: Callable[[Run[C]], Mapping[str, Any]]
    codegen: Callable[[C, Path], str | None] | None = None

    def __post_init__(self) -> None:
        self.preset(self.default_preset)

    @property
    def documentation(self) -> str:
        """What the protocol's module says of the experiment, in reStructuredText; empty if it says nothing."""
        return inspect.cleandoc(sys.modules[self.run.__module__].__doc__ or "")

    def preset(self, name: str) -> Mapping[str, Any]:
        """The overrides of a preset.

        Raises
        ------
        UnknownNameError
            The message proposes the nearest preset.
        """
        if name not in self.presets:
            raise UnknownNameError(f"preset of {self.name}", name, self.presets)
        return self.presets[name]

    def configure(self, preset: str | None = None, *layers: Mapping[str, Any]) -> C:
        """The configuration: defaults, the preset (None: the default one), ``layers``; the last one wins.

        Raises
        ------
        UnknownNameError, ParameterError
            As :func:`~spikingsampling.experiment.configuration.resolve`.
        """
        return resolve(self.configuration, self.preset(preset or self.default_preset), *layers)

    def parameters(self) -> list[tuple[str, Any, str]]:
        """Every dotted key of the configuration, its value in the default preset, and its meaning."""
        meanings = _meanings(self.configuration)
        values = flatten(self.configure().to_mapping())
        return [(key, value, meanings.get(key, "")) for key, value in values.items()]


def _meanings(kind: type[BaseModel], prefix: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for name, field in kind.model_fields.items():
        nested = nested_parameters(field.annotation)
        found[prefix + name] = field.description or ""
        found.update(_meanings(nested, f"{prefix}{name}.") if nested else {})
    return found
