"""What a protocol is, and how the protocols that are installed are found.

A protocol is a module of the package ``spikingsampling.protocols`` that defines ``PROTOCOL``. The library has
no import statement of any of them: it looks into the package and imports a module that is asked for by name.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import inspect
import pkgutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar

from pydantic import BaseModel

from .configuration import ProtocolConfiguration, flatten, nested_parameters, resolve
from .errors import SpikingSamplingError, UnknownNameError

if TYPE_CHECKING:
    from .run import Run

__all__ = ["Protocol", "Summary", "load", "names", "summarise"]

#: The package that holds the protocols.
PACKAGE = "spikingsampling.protocols"

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
        Subclass of :class:`~spikingsampling.configuration.ProtocolConfiguration`.
    presets : mapping
        Name of the preset → nested overrides of the defaults of ``configuration``.
    default_preset : str
    run : callable
        Takes the :class:`~spikingsampling.run.Run` and returns the metrics, a flat mapping with dotted keys
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
            As :func:`~spikingsampling.configuration.resolve`.
        """
        return resolve(self.configuration, self.preset(preset or self.default_preset), *layers)

    def parameters(self) -> list[tuple[str, Any, str]]:
        """Every dotted key of the configuration, its value in the default preset, and its meaning."""
        meanings = _meanings(self.configuration)
        values = flatten(self.configure().to_mapping())
        return [(key, value, meanings.get(key, "")) for key, value in values.items()]

    def main(self, arguments: Sequence[str] | None = None) -> NoReturn:
        """Run as a script: ``python protocols/NAME.py …`` does the same as ``spikingsampling run NAME …``.

        Parameters
        ----------
        arguments : sequence of str, optional
            Those of the command line when None.
        """
        from .cli import main  # the command line imports this module

        main(arguments, command=("run", self.name), protocols={self.name: self})


def _meanings(kind: type[BaseModel], prefix: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for name, field in kind.model_fields.items():
        nested = nested_parameters(field.annotation)
        found[prefix + name] = field.description or ""
        found.update(_meanings(nested, f"{prefix}{name}.") if nested else {})
    return found


def _search_path() -> list[str]:
    package = importlib.util.find_spec(PACKAGE)
    if package is None or package.submodule_search_locations is None:
        library = Path(__file__).parent
        raise SpikingSamplingError(
            f"the package {PACKAGE} is not found beside the library in {library}: this is a checkout that is "
            "not installed in editable mode; run `python -m pip install -e .` in it, or leave its root folder"
        )
    return list(package.submodule_search_locations)


def names() -> list[str]:
    """The names of the installed protocols.

    Raises
    ------
    SpikingSamplingError
        The protocols are not installed: a checkout without an editable install; the message says what to do.
    """
    modules = pkgutil.iter_modules(_search_path())
    return sorted(module.name for module in modules if not module.name.startswith("_"))


def load(name: str) -> Protocol[Any]:
    """Import a protocol by name.

    Raises
    ------
    UnknownNameError
        There is no such protocol; the message proposes the nearest one.
    SpikingSamplingError
        The module defines no ``PROTOCOL`` of that name.
    """
    if name not in (known := names()):
        raise UnknownNameError("protocol", name, known)
    protocol = getattr(importlib.import_module(f"{PACKAGE}.{name}"), "PROTOCOL", None)
    if not isinstance(protocol, Protocol) or protocol.name != name:
        raise SpikingSamplingError(f"the module {PACKAGE}.{name} defines no PROTOCOL named {name!r}")
    return protocol


@dataclass(frozen=True)
class Summary:
    """What the list of protocols shows of one of them."""

    name: str
    line: str
    presets: tuple[str, ...]


def summarise(name: str) -> Summary:
    """The first line of a protocol's docstring and its presets.

    They are read from the source where the presets are written as a literal, because the import of a protocol
    brings in Brian2, which takes seconds.

    Raises
    ------
    UnknownNameError
        There is no such protocol.
    """
    if name not in (known := names()):
        raise UnknownNameError("protocol", name, known)
    spec = importlib.util.find_spec(f"{PACKAGE}.{name}")
    assert spec is not None and spec.origin is not None
    tree = ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
    presets = _literal_presets(tree)
    if presets is None:
        presets = tuple(load(name).presets)
    line = (ast.get_docstring(tree) or "").partition("\n")[0]
    return Summary(name, line, presets)


def _literal_presets(tree: ast.Module) -> tuple[str, ...] | None:
    """The keys of the mapping given as ``presets=`` to ``Protocol(…)``; None if they are not written out."""
    variables: dict[str, ast.expr] = {}
    value: ast.expr | None = None
    for statement in tree.body:
        target, right = None, None
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            target, right = statement.targets[0], statement.value
        elif isinstance(statement, ast.AnnAssign):
            target, right = statement.target, statement.value
        if isinstance(target, ast.Name) and right is not None:
            variables[target.id] = right
    call = variables.get("PROTOCOL")
    if isinstance(call, ast.Call):
        value = next((keyword.value for keyword in call.keywords if keyword.arg == "presets"), None)
    if isinstance(value, ast.Name):
        value = variables.get(value.id)
    if not isinstance(value, ast.Dict):
        return None
    keys = [key.value for key in value.keys if isinstance(key, ast.Constant) and isinstance(key.value, str)]
    return tuple(keys) if len(keys) == len(value.keys) else None
