"""Spiking neural networks whose synapses sample their parameters from a posterior, on Brian2."""

from ._version import __version__
from .parameters import CircuitParameters

__all__ = ["CircuitParameters", "__version__"]
