"""The experiments of the protocol ``hopfield``, in the order in which they are done."""

from __future__ import annotations

from spikingsampling.protocols.studies.hopfield.completion import annealing, basins, pictures, text
from spikingsampling.protocols.studies.hopfield.interference import (
    correlated,
    palimpsest,
    projection_limit,
    sharing,
    unlearning,
)
from spikingsampling.protocols.studies.hopfield.limits import bit_errors, capacity, melting, phases

__all__ = ["MEASUREMENTS"]

#: Each takes the configuration and the streams of randomness, and gives an outcome.
MEASUREMENTS = (
    *(capacity, bit_errors, melting, phases),
    *(unlearning, correlated, sharing, palimpsest, projection_limit),
    *(annealing, basins, text, pictures),
)
