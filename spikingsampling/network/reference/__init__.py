"""The exact reference: one circuit, event by event in NumPy, with which the Brian2 network is compared."""

from .runs import ReferenceRun, Replay, replay, simulate
from .steps import CircuitState

__all__ = ["CircuitState", "ReferenceRun", "Replay", "replay", "simulate"]
