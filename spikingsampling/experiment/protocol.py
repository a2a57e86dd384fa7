"""What a protocol is: an experiment with its configuration, its presets and the function that runs it."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import BaseModel

from ..errors import ParameterError, UnknownNameError
from .configuration import ProtocolConfiguration, flatten, nested_parameters, resolve

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..tables import Table
    from .run import Run
    from .run_files import FinishedRun

__all__ = ["Protocol"]


C = TypeVar("C", bound=ProtocolConfiguration)


@dataclass(frozen=True)
class Protocol(Generic[C]):
    """An experiment: its configuration, its presets and the function that runs it.

    Parameters
    ----------
    configuration : type
        Subclass of :class:`~spikingsampling.experiment.configuration.ProtocolConfiguration`.
    presets : mapping
        Name of the preset → nested overrides of the defaults of ``configuration``. The default one is ``quick`` or,
        without such a preset, the first.
    run : callable
        Takes the :class:`~spikingsampling.experiment.run.Run` and returns the metrics by name. A metric is a number, an
        :class:`~spikingsampling.analysis.Estimate`, or a curve: a mapping of equally long lists, abscissa first.
    codegen : callable, optional
        Takes a configuration and an empty directory, writes the C++ standalone project there, and returns the
        shell command that runs the built program in it (None: ``./main``).
    tables : mapping, optional
        Name → function that takes finished runs of this protocol, at least one, and returns tables over all of them.
        ``spikingsampling compare RUN… --table NAME`` prints them.
    plots : mapping, optional
        Name of a table → function that takes the same runs and returns the figure beside it.
        ``spikingsampling compare RUN… --table NAME --figure FILE`` saves it.
    name : str
        The name of the file in which ``run`` is defined, if left out.

    Raises
    ------
    ParameterError
        There is no preset, a plot has no table, or a protocol that is not defined in a file has no name.
    """

    configuration: type[C]
    presets: Mapping[str, Mapping[str, Any]]
    run: Callable[[Run[C]], Mapping[str, Any]]
    codegen: Callable[[C, Path], str | None] | None = None
    tables: Mapping[str, Callable[[Sequence[FinishedRun]], Sequence[Table]]] = field(default_factory=dict)
    plots: Mapping[str, Callable[[Sequence[FinishedRun]], Figure]] = field(default_factory=dict)
    name: str = ""

    def __post_init__(self) -> None:
        if not self.name:
            object.__setattr__(self, "name", _file_of(self.run))
        if not self.presets:
            raise ParameterError(f"presets of {self.name}: there must be at least one")
        if unknown := set(self.plots) - set(self.tables):
            raise ParameterError(f"plots of {self.name}: there is no table {sorted(unknown)[0]!r}")

    @property
    def source(self) -> Path | None:
        """The file in which ``run`` is defined; None if there is none."""
        path = getattr(sys.modules.get(self.run.__module__), "__file__", None)
        return None if path is None else Path(path).resolve()

    @property
    def documentation(self) -> str:
        """What the protocol's module says of the experiment, in reStructuredText; empty if it says nothing."""
        return inspect.cleandoc(sys.modules[self.run.__module__].__doc__ or "")

    @property
    def summary(self) -> str:
        """The first line of the documentation, without the full stop."""
        return self.documentation.partition("\n")[0].removesuffix(".")

    @property
    def default_preset(self) -> str:
        """``quick`` or, without such a preset, the first."""
        return "quick" if "quick" in self.presets else next(iter(self.presets))

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

    def table(self, name: str) -> Callable[[Sequence[FinishedRun]], Sequence[Table]]:
        """The function that makes the tables of this name.

        Raises
        ------
        UnknownNameError
            The message proposes the nearest table.
        """
        if name not in self.tables:
            raise UnknownNameError(f"table of {self.name}", name, self.tables)
        return self.tables[name]

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


def _file_of(function: Callable[..., Any]) -> str:
    """Name of the file in which a function is defined, also where this file is run as a script."""
    module = sys.modules.get(function.__module__)
    path = getattr(module, "__file__", None)
    if path is None:
        raise ParameterError("name: must be given, since the protocol is not defined in a file")
    return Path(path).stem


def _meanings(kind: type[BaseModel], prefix: str = "") -> dict[str, str]:
    meanings: dict[str, str] = {}
    for name, info in kind.model_fields.items():
        nested = nested_parameters(info.annotation)
        meanings[prefix + name] = info.description or ""
        meanings.update(_meanings(nested, f"{prefix}{name}.") if nested else {})
    return meanings
