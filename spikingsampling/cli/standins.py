"""The settings of a protocol without the packages that only its run needs.

A protocol imports what it computes and draws with; that takes seconds. Its settings need none of it. While they are
read, stand-ins take the place of those packages, as Sphinx does for the modules it documents. Nothing that was
imported meanwhile is kept.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from ..experiment import discovery

__all__ = ["HEAVY", "settings_of", "standing_in"]

#: Packages that compute, draw, read and write. No setting depends on them.
HEAVY = frozenset(
    {"PIL", "brian2", "h5py", "librosa", "matplotlib", "pooch", "requests", "scipy", "sklearn", "soundfile"}
)


def settings_of(name: str) -> list[tuple[str, Any, str]]:
    """Every key of a protocol, its value in the default preset, and its meaning.

    A file of the user's is imported as it is: what else it imports is not known.

    Raises
    ------
    UnknownNameError
        There is no such protocol.
    """
    if discovery.is_file(name):
        return discovery.load(name).parameters()
    try:
        with standing_in(HEAVY - set(sys.modules)):
            return discovery.load(name).parameters()
    except (ArithmeticError, AttributeError, ImportError, TypeError, ValueError):
        # Something computes with a stand-in when it is imported: then the packages themselves are needed.
        return discovery.load(name).parameters()


class _StandIn(type):
    """A class that has any attribute, which is such a class again."""

    def __getattr__(cls, name: str) -> _StandIn:
        if name.startswith("__"):
            raise AttributeError(name)
        return _StandIn(name, (), {})

    def __getitem__(cls, key: Any) -> _StandIn:
        return cls

    def __call__(cls, *arguments: Any, **options: Any) -> Any:
        # A class of ours that derives from a stand-in is made as usual; a stand-in itself answers anything.
        return cls if type(cls) is _StandIn and cls.__bases__ == (object,) else super().__call__()


class _Module(ModuleType):
    """A package that has any name."""

    __path__: Sequence[str] = ()

    def __getattr__(self, name: str) -> _StandIn:
        if name.startswith("__"):
            raise AttributeError(name)
        return _StandIn(name, (), {})


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds stand-ins for some packages and all that is in them."""

    def __init__(self, packages: frozenset[str]) -> None:
        self._packages = packages

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name.partition(".")[0] in self._packages:
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return _Module(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        pass


@contextmanager
def standing_in(packages: frozenset[str]) -> Iterator[None]:
    """Stand-ins for packages that are not imported yet; afterwards all modules are as they were before."""
    before = dict(sys.modules)
    finder = _Finder(packages)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in [name for name in sys.modules if name not in before]:
            root = name.partition(".")[0]
            if root in packages or root == "spikingsampling":
                _forget(name)


def _forget(name: str) -> None:
    module = sys.modules.pop(name)
    parent, _, child = name.rpartition(".")
    if parent in sys.modules and getattr(sys.modules[parent], child, None) is module:
        delattr(sys.modules[parent], child)
