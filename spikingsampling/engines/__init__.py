"""The engines that advance a network: ``standalone`` (C++, default) and ``runtime`` (inside this process)."""

from __future__ import annotations

from typing import Any

from ..errors import UnknownNameError
from ..network.description import Network
from ..network.timing import Timing
from .base import Array, Drive, Engine, Outcome
from .runtime import RuntimeEngine
from .standalone import StandaloneEngine

__all__ = ["ENGINES", "Drive", "Engine", "Outcome", "make_engine"]

ENGINES = {engine.name: engine for engine in (StandaloneEngine, RuntimeEngine)}


def make_engine(name: str, network: Network, timing: Timing, frames: Array, **options: Any) -> Engine:
    """Make the engine called ``name``.

    Parameters
    ----------
    frames : (n_frames, n_inputs) array
        Table of input rates in Hz.
    options
        ``forced`` and ``announce`` for both engines, ``target`` for the runtime engine.

    Raises
    ------
    UnknownNameError
        No engine of that name.
    """
    if name not in ENGINES:
        raise UnknownNameError("engine", name, ENGINES)
    return ENGINES[name](network, timing, frames, **options)
