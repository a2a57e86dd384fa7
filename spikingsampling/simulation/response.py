"""What a network did while stimuli were presented."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..errors import UnknownNameError

__all__ = ["Response"]


@dataclass(frozen=True, eq=False)
class Response:
    """What the network did while stimuli were presented.

    Attributes
    ----------
    labels : (n,) int array
        Class shown in each presentation, -1 where nothing is.
    items : mapping of str to (n,) int array
        Item that each source showed.
    start, period : float
        Start of the first presentation and time from one to the next (s).
    spikes : mapping of str to (times, neurons)
        Spikes of each population, times in seconds since the start of the simulation.
    sizes : mapping of str to int
        Neurons per population.
    snapshots : mapping of str to (theta, w)
        Parameters and weights (n_synapses,) of each projection at the end, in the precision of a recording. Empty if
        no snapshot was asked for.
    """

    labels: NDArray[np.int64]
    items: Mapping[str, NDArray[np.int64]]
    start: float
    period: float
    spikes: Mapping[str, tuple[NDArray[np.float64], NDArray[np.int64]]]
    sizes: Mapping[str, int]
    snapshots: Mapping[str, tuple[NDArray[np.float32], NDArray[np.float32]]] = field(default_factory=dict)

    def counts(self, population: str, skip: float = 0.0) -> NDArray[np.int64]:
        """Spikes of each neuron in each presentation, (n, size), without the first ``skip`` seconds of each.

        Raises
        ------
        UnknownNameError
            No spikes of such a population were recorded.
        """
        if population not in self.spikes:
            raise UnknownNameError("recorded population", population, self.spikes)
        times, neurons = self.spikes[population]
        # Spikes lie on the time grid: half a microsecond keeps those at a border on its right side.
        since = times - self.start + 5e-7
        presentation = np.floor(since / self.period).astype(int)
        kept = since - presentation * self.period >= skip
        counts = np.zeros((len(self.labels), self.sizes[population]), dtype=np.int64)
        np.add.at(counts, (presentation[kept], neurons[kept]), 1)
        return counts
