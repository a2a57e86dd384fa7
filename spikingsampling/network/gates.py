"""Lateral spikes that count for as much as their circuit knows, as Brian2 equation strings; off in the papers.

A winner-take-all circuit always fires. When its own modality is silent it passes on what other circuits have told it,
as if it had seen or heard something, and drives them with a state that is a guess. Here the lateral spikes of a circuit
c have the amplitude

    a_c = X_c/(X_c + X_half) with X_c = Σ_i g_i x_i,

X_c the feed-forward input of the circuit when it last fired: the presynaptic traces of all inputs i that have a
potential synapse, of gain g_i, onto it. A lateral spike adds a_c to its presynaptic trace instead of 1, so that
potential and rule see the same. What is not here is in :mod:`spikingsampling.network.equations`.

In a step, X_c is added up in slot 3, [after_groups], behind the decision which circuits fire; traces of axons take
their spikes in slot 6, [resets].
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .description import Network
from .equations import AXONS, CIRCUIT_RESET, CIRCUITS, READ_TRACE
from .pathways import Pathway

__all__ = [
    "ADD_INPUT",
    "AFFERENTS",
    "GATED_AXONS",
    "GATED_AXON_RESET",
    "GATED_CIRCUITS",
    "GATED_RESET",
    "afferents",
]

GATED_CIRCUITS = CIRCUITS + "input_sum : 1\n"
GATED_RESET = CIRCUIT_RESET + "input_sum = 0\n"
# One for each input and circuit with a potential synapse between them.
AFFERENTS = "gain : 1 (shared, constant)"
ADD_INPUT = (
    READ_TRACE
    + """
input_sum_post += gain*x
"""
)
GATED_AXONS = (
    AXONS
    + """
input_sum : 1 (linked)
lateral_half : 1 (shared, constant)
amplitude = input_sum/(input_sum + lateral_half) : 1
"""
)
GATED_AXON_RESET = """
x_fall += amplitude*exp((t - origin)/tau_fall)
x_rise += amplitude*exp((t - origin)/tau_rise)
"""


def afferents(network: Network, pathway: Pathway) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Inputs and circuits, (n_pairs,) each, with a potential synapse of a feed-forward pathway between them."""
    pairs = np.unique(np.stack([network.circuit[pathway.post_index], pathway.pre_index]), axis=1)
    return pairs[1], pairs[0]
