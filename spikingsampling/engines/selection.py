"""The engines by name."""

from __future__ import annotations

from typing import Any

from ..errors import UnknownNameError
from ..network.description import Network
from ..network.timing import Timing
from .base import Array, Engine
from .runtime import RuntimeEngine
from .standalone import StandaloneEngine
from .templates import chosen_templates

__all__ = ["ENGINES", "identity_of", "make_engine"]

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
    return _class_of(name)(network, timing, frames, **options)


def identity_of(name: str) -> dict[str, str]:
    """What a run has to keep of its engine to have the same bits when it is resumed.

    Raises
    ------
    UnknownNameError
        No engine of that name.
    """
    # ``stock`` and ``rows`` give the same bits.
    own_bits = _class_of(name) is StandaloneEngine and chosen_templates() == "vector"
    return {"engine": name, **({"templates": "vector"} if own_bits else {})}


def _class_of(name: str) -> type[StandaloneEngine] | type[RuntimeEngine]:
    if name not in ENGINES:
        raise UnknownNameError("engine", name, ENGINES)
    return ENGINES[name]
