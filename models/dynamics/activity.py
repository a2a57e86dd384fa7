"""What neurons did: their spikes in a stretch of time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Activity"]


@dataclass(frozen=True)
class Activity:
    """Spikes of a stretch of time.

    Attributes
    ----------
    times : (n_spikes,) array
        s, from 0.
    neurons : (n_spikes,) array
        The excitatory ones come first.
    n_neurons : int
    duration : float
        s.
    """

    times: NDArray[np.float64]
    neurons: NDArray[np.int32]
    n_neurons: int
    duration: float

    def until(self, end: float) -> Activity:
        """The first ``end`` seconds, or all if it is shorter."""
        early = self.times < end
        return Activity(self.times[early], self.neurons[early], self.n_neurons, min(end, self.duration))

    def after(self, start: float) -> Activity:
        """What is left without the first ``start`` seconds."""
        late = self.times >= start
        return Activity(self.times[late] - start, self.neurons[late], self.n_neurons, self.duration - start)
