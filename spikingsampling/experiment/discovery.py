"""How protocols are found.

A protocol is a module that defines ``PROTOCOL``: one of the package ``spikingsampling.protocols``, one that an
installed package offers as an entry point of the group ``spikingsampling.protocols``, or a file of the user's. The
library has no import statement of any of them: it imports what is asked for by a *reference*, which is the name of an
installed protocol, or the path of a file.
"""

from __future__ import annotations

import ast
import hashlib
import importlib
import importlib.util
import pkgutil
import sys
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import ParameterError, SpikingSamplingError, UnknownNameError

if TYPE_CHECKING:
    from .protocol import Protocol

__all__ = ["Summary", "absolute", "importing", "is_file", "load", "names", "reference_of", "summarise"]

#: The package that holds the protocols, and the group of entry points of other packages.
PACKAGE = "spikingsampling.protocols"
#: The files that are being imported now.
_importing: list[Path] = []


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
    for point in entry_points(group=PACKAGE):
        if modules.setdefault(point.name, point.module) != point.module:
            raise SpikingSamplingError(
                f"two protocols are called {point.name!r}: {modules[point.name]} and the entry point {point.value}"
            )
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


def is_file(reference: str) -> bool:
    """Whether a reference is the path of a file, and not the name of an installed protocol."""
    return reference.endswith(".py")


def absolute(reference: str) -> str:
    """The reference as a run directory holds it: a path that does not depend on where one is."""
    return str(Path(reference).resolve()) if is_file(reference) else reference


def reference_of(protocol: Protocol[Any]) -> str:
    """By what a protocol is found again: its name where it is installed, else the path of its file."""
    source = protocol.source
    module = sys.modules.get(protocol.run.__module__)
    if source is None or source.suffix != ".py" or getattr(module, "PROTOCOL", None) is not protocol:
        return protocol.name  # which only those can find who have it at hand
    if (installed := _modules().get(protocol.name)) is not None:
        spec = importlib.util.find_spec(installed)
        if spec is not None and spec.origin and Path(spec.origin).resolve() == source:
            return protocol.name
    return str(source)


def importing() -> bool:
    """Whether a file of the user's is being imported to find its protocol."""
    return bool(_importing)


def load(reference: str) -> Protocol[Any]:
    """Import a protocol by its name or the path of its file.

    The folder of a file is then searched for further modules, after all others.

    Raises
    ------
    UnknownNameError
        There is no such protocol; the message proposes the nearest one.
    ParameterError
        There is no such file.
    SpikingSamplingError
        The module cannot be imported, or defines no ``PROTOCOL`` (of that name).
    """
    if is_file(reference):
        return _load_file(Path(reference).resolve())
    from .protocol import Protocol  # names and first lines are listed without it

    name = reference
    module = _module(name)
    protocol = getattr(importlib.import_module(module), "PROTOCOL", None)
    if not isinstance(protocol, Protocol) or protocol.name != name:
        raise SpikingSamplingError(f"the module {module} defines no PROTOCOL named {name!r}")
    return protocol


def _load_file(path: Path) -> Protocol[Any]:
    from .protocol import Protocol

    if not path.is_file():
        raise ParameterError(f"protocol {path}: there is no such file")
    # The same for all contents of the file: what is pickled or written down with it is found again.
    name = f"{PACKAGE}.file_{hashlib.sha256(str(path).encode()).hexdigest()[:8]}_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))
    former = sys.modules.get(name)
    sys.modules[name] = module
    _importing.append(path)
    try:
        spec.loader.exec_module(module)
        protocol = getattr(module, "PROTOCOL", None)
        if not isinstance(protocol, Protocol):
            raise SpikingSamplingError(f"{path} defines no PROTOCOL: it must be a Protocol of this package")
    except SpikingSamplingError:
        _restore(name, former)
        raise
    except Exception as error:
        _restore(name, former)
        raise SpikingSamplingError(f"{path} cannot be imported: {type(error).__name__}: {error}") from error
    finally:
        _importing.pop()
    return protocol


def _restore(name: str, former: Any) -> None:
    if former is None:
        sys.modules.pop(name, None)
    else:
        sys.modules[name] = former


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
