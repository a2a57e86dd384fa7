"""Public names of a package that are loaded when they are first used, so that the command line starts at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

__all__ = ["lazy_exports"]


def lazy_exports(
    package: str, names: Mapping[str, Sequence[str]], modules: Mapping[str, str] | None = None
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """The ``__getattr__``, ``__dir__`` and ``__all__`` of a package.

    Parameters
    ----------
    package : str
        Its ``__name__``.
    names : mapping of str to sequence of str
        Module inside the package, with dots where it lies deeper, to the public names that it defines.
    modules : mapping of str to str, optional
        Public name to the module inside the package that it stands for.
    """
    modules = modules or {}
    home = {name: module for module, exported in names.items() for name in exported}

    def load(name: str) -> Any:
        if name in home:
            return getattr(import_module(f".{home[name]}", package), name)
        if name in modules:
            return import_module(f".{modules[name]}", package)
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    exported = sorted([*home, *modules])
    return load, lambda: exported, exported
