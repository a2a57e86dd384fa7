"""What a run records, how often, and how much space that takes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from pydantic import Field, field_validator

from ..errors import UnknownNameError
from ..parameters import Parameters, quantity
from ..units import Time
from .record import Layout

__all__ = ["Recording"]


class Recording(Parameters):
    """What a run records, how often, and how much space that takes.

    Raises
    ------
    ParameterError
        A value has a wrong unit or lies outside its range.
    """

    spikes: tuple[str, ...] = Field(
        default=("all",), description="populations whose spikes are recorded; 'all' for every one"
    )
    snapshots: bool = Field(default=True, description="whether θ and w of the projections are recorded")
    snapshot_period: Time = quantity(
        "60 s", "time between snapshots; 0 s for one after every segment", low="0 s", dimension="time"
    )

    @field_validator("spikes", mode="before")
    @classmethod
    def _one_name(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    def populations(self, layout: Layout) -> tuple[str, ...]:
        """The populations of ``layout`` whose spikes are recorded; UnknownNameError if it lacks one."""
        if "all" in self.spikes:
            return tuple(layout.populations)
        for name in self.spikes:
            if name not in layout.populations:
                raise UnknownNameError("population", name, layout.populations)
        return self.spikes

    def snapshot_due(self, start: float, stop: float) -> bool:
        """Whether the segment from ``start`` to ``stop`` (s) ends with a snapshot of θ and w.

        True if a multiple of the period lies in (start, stop], so that it depends on nothing but the times.
        """
        if not self.snapshots or not self.snapshot_period:
            return self.snapshots
        # Times are sums of many steps: a billionth of a period is far above their rounding error.
        first, last = (math.floor(time / self.snapshot_period + 1e-9) for time in (start, stop))
        return last > first

    def memory(
        self, layout: Layout, duration: float, rate: float | Mapping[str, float], segment: float = 60.0
    ) -> int:
        """Bytes that the recording takes at most, apart from its stimulus schedule (4 bytes per frame).

        Spikes are stored as they are, snapshots are compressed: real recordings take half of this to all of
        it. While a run goes on, its journal takes about as much again.

        Parameters
        ----------
        layout : Layout
        duration : float
            Simulated time (s).
        rate : float or mapping of str to float
            Expected rate of a neuron (Hz), of all populations or per population.
        segment : float
            Length of a segment (s); there is at most one snapshot per segment.

        Returns
        -------
        int
            16 bytes per spike, 8 per synapse and snapshot, 8 per synapse, and 64 KiB for each
            population and for the rest.
        """
        rates = rate if isinstance(rate, Mapping) else dict.fromkeys(layout.populations, rate)
        spikes = sum(rates[name] * layout.populations[name] for name in self.populations(layout)) * duration
        synapses = sum(len(projection.pre_indices) for projection in layout.projections.values())
        period = max(self.snapshot_period, segment)
        snapshots = math.ceil(duration / period) if self.snapshots else 0
        fixed = 65536 * (1 + len(layout.populations))
        return round(16 * spikes) + 8 * synapses * (snapshots + 1) + fixed
