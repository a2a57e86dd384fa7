"""Spiking neural networks whose synapses sample their parameters from a posterior, on Brian2.

A network is described (:class:`Network`), shown stimuli (:class:`Stimuli`) by a :class:`Simulation`, and what it did
is read with :func:`open_recording`. The experiments are in :mod:`spikingsampling.protocols`.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from ._version import __version__

#: Public names and where they are defined; loaded when first used, so that the command line starts at once.
_HOME = {
    "CircuitParameters": "network.parameters",
    "Library": "simulation.stimuli",
    "Moment": "simulation.moment",
    "Network": "network.description",
    "NeuronLesion": "network.lesions",
    "Population": "network.description",
    "Projection": "network.description",
    "Recording": "recording.settings",
    "Simulation": "simulation.simulation",
    "Source": "network.description",
    "Stimuli": "simulation.stimuli",
    "SynapseLesion": "network.lesions",
    "all_to_all": "network.description",
    "connect": "network.description",
    "open_recording": "recording.reading",
}

__all__ = ["__version__", *sorted(_HOME)]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f".{_HOME[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
