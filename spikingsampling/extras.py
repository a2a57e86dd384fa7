"""Packages that only some commands need, and what to say when they are not installed."""

from __future__ import annotations

import importlib
from types import ModuleType

from .errors import SpikingSamplingError

__all__ = ["MissingExtraError", "require"]


class MissingExtraError(SpikingSamplingError):
    """A command needs packages that a plain installation does not bring."""


def require(module: str, extra: str, purpose: str) -> ModuleType:
    """Import a module that comes with an extra of this package.

    Parameters
    ----------
    module, extra, purpose : str
        For example ``"distributed", "cluster", "sweeps"``.

    Raises
    ------
    MissingExtraError
        It is not installed; the message names the extra.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != module.partition(".")[0]:
            raise  # it is there, but something that it needs is not
        raise MissingExtraError(
            f"{purpose} need the package {module!r}, which is not installed: "
            f"python -m pip install 'spikingsampling[{extra}]'"
        ) from None
