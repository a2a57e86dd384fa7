"""Networks that do not learn: excitation against inhibition, and what theory says of their states."""

from spikingsampling.models.dynamics.cycles import Cycle, cycle_of, growth_rate
from spikingsampling.models.dynamics.delayed_inhibition import DelayedInhibition
from spikingsampling.models.dynamics.ring_attractor import RingAttractor
from spikingsampling.models.dynamics.threshold_linear import ThresholdLinearPair
from spikingsampling.models.dynamics.wilson_cowan import FixedPoint, WilsonCowan

__all__ = [
    "Cycle",
    "DelayedInhibition",
    "FixedPoint",
    "RingAttractor",
    "ThresholdLinearPair",
    "WilsonCowan",
    "cycle_of",
    "growth_rate",
]
