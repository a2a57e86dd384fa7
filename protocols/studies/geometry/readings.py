"""Potentials that are compared, and how their readings are summarised."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from spikingsampling.analysis import estimate_mean
from spikingsampling.analysis.geometry import Reading
from spikingsampling.inference import BurgEntropy, NegativeEntropy, PNorm, Potential

__all__ = ["MAPS", "POTENTIALS", "Readings", "potential_of", "summarise"]

#: Potentials whose maps a change is read through.
POTENTIALS: tuple[Potential, ...] = (
    *(BurgEntropy(), NegativeEntropy()),
    *(PNorm(p) for p in (1.5, 2.0, 2.5, 3.0)),
)
MAPS = {potential.name: potential.dual for potential in POTENTIALS}

#: Readings of one change by the name of the map.
Readings = Mapping[str, Reading]


def potential_of(name: str) -> Potential:
    """One of the :data:`POTENTIALS`."""
    return next(potential for potential in POTENTIALS if potential.name == name)


def summarise(readings: Sequence[Readings]) -> dict[str, dict[str, Any]]:
    """For each map the mean ΔCDF over repetitions, with floor and bound of a single one and the mean magnitude."""
    summary = {}
    for name, first in readings[0].items():
        ones = [reading[name] for reading in readings]
        metric = estimate_mean([one.delta_cdf for one in ones], (0.0, math.inf)).metric()
        magnitude = sum(one.magnitude for one in ones) / len(ones)
        summary[name] = metric | {"floor": first.floor, "bound": first.bound, "magnitude": magnitude}
    return summary
