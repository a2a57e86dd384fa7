"""How the installed protocols are found.

A protocol is a module of the package ``spikingsampling.protocols`` that defines ``PROTOCOL``. The library has
no import statement of any of them: it looks into the package and imports a module that is asked for by name.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import pkgutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import SpikingSamplingError, UnknownNameError

if TYPE_CHECKING:
    from .protocol import Protocol

__all__ = ["Summary", "load", "names", "summarise"]

#: The package that holds the protocols.
PACKAGE = "spikingsampling.protocols"


#: The folder of what the protocols measure and draw; it holds no protocol.
STUDIES = "studies"


def _modules() -> dict[str, str]:
    """The module of each protocol by its name; protocols lie in the package or in a family, a folder of it."""
    modules: dict[str, str] = {}
    for module in pkgutil.iter_modules(_search_path()):
        if module.name.startswith("_") or module.name == STUDIES:
            continue
        if module.ispkg:
            family = f"{PACKAGE}.{module.name}"
            folders = importlib.import_module(family).__path__
            modules |= {inner.name: f"{family}.{inner.name}" for inner in pkgutil.iter_modules(folders)}
        else:
            modules[module.name] = f"{PACKAGE}.{module.name}"
    return dict(sorted(modules.items()))


def _search_path() -> list[str]:
    package = importlib.util.find_spec(PACKAGE)
    if package is None or package.submodule_search_locations is None:
        library = Path(__file__).parents[1]
        raise SpikingSamplingError(
            f"the package {PACKAGE} is not found beside the library in {library}: this is a checkout that is "
            "not installed in editable mode; run `python -m pip install -e .` in it, or leave its root folder"
        )
    return list(package.submodule_search_locations)


def _module(name: str) -> str:
    """The module of a protocol; UnknownNameError proposes the nearest name."""
    known = _modules()
    if name not in known:
        raise UnknownNameError("protocol", name, known)
    return known[name]


def names() -> list[str]:
    """The names of the installed protocols.

    Raises
    ------
    SpikingSamplingError
        The protocols are not installed: a checkout without an editable install; the message says what to do.
    """
    return list(_modules())


def load(name: str) -> Protocol[Any]:
    """Import a protocol by name.

    Raises
    ------
    UnknownNameError
        There is no such protocol; the message proposes the nearest one.
    SpikingSamplingError
        The module defines no ``PROTOCOL`` of that name.
    """
    from .protocol import Protocol  # names and first lines are listed without it

    module = _module(name)
    protocol = getattr(importlib.import_module(module), "PROTOCOL", None)
    if not isinstance(protocol, Protocol) or protocol.name != name:
        raise SpikingSamplingError(f"the module {module} defines no PROTOCOL named {name!r}")
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
    spec = importlib.util.find_spec(_module(name))
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
