"""What a network did while stimuli were presented."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .._checks import finite_number
from ..errors import UnknownNameError
from ..recording.borders import TIME_STEP, count_spikes

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
    dt : float
        Time step (s).
    """

    labels: NDArray[np.int64]
    items: Mapping[str, NDArray[np.int64]]
    start: float
    period: float
    spikes: Mapping[str, tuple[NDArray[np.float64], NDArray[np.int64]]]
    sizes: Mapping[str, int]
    snapshots: Mapping[str, tuple[NDArray[np.float32], NDArray[np.float32]]] = field(default_factory=dict)
    dt: float = TIME_STEP

    def counts(self, population: str, skip: float = 0.0) -> NDArray[np.int64]:
        """Spikes of each neuron in each presentation, (n, size), without the first ``skip`` seconds of each.

        A spike in the first step of a presentation belongs to it.

        Raises
        ------
        ParameterError
            ``skip`` is not a number from 0.
        UnknownNameError
            No spikes of such a population were recorded.
        """
        if population not in self.spikes:
            raise UnknownNameError("recorded population", population, self.spikes)
        times, neurons = self.spikes[population]
        edges = self.start + np.arange(len(self.labels) + 1) * self.period
        starts = np.minimum(edges[:-1] + finite_number("skip", skip, low=0), edges[1:])
        intervals = np.stack([starts, edges[1:]], axis=1)
        return count_spikes(times, neurons, intervals, self.sizes[population], self.dt)
