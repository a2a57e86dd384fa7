"""Simulations of the small network, and how to stop one between two segments."""

from __future__ import annotations

import numpy as np

from helpers.small.networks import ENGINES, FAST, TIMING, small_network, small_stimuli
from spikingsampling.simulation.simulation import Simulation
from spikingsampling.simulation.stimuli import SILENCE

FRAME = TIMING.frame_period


def simulation(name: str = "standalone", *, parameters=FAST, stimuli=None, seed=5, **options) -> Simulation:
    """The small network in segments of 20 s (a compiled program is then at hand), or 1 s on the runtime engine."""
    network = small_network(parameters)
    settings = {"segment": {"standalone": TIMING.segment, "runtime": 1.0}[name], **ENGINES[name], **options}
    return Simulation(network, stimuli or small_stimuli(), seed=seed, engine=name, **settings)


def items(n: int, seed: int = 0) -> dict[str, np.ndarray]:
    return dict(
        zip(("image", "sound"), np.random.default_rng(seed).integers(SILENCE, 4, (2, n)), strict=True)
    )


def thetas(sim: Simulation) -> np.ndarray:
    return np.concatenate([sim.theta(p.name) for p in sim.network.projections])


class Stop(Exception):
    """Raised after a segment to leave a run unfinished."""


def stop_after(n_segments: int):
    left = iter(range(n_segments - 1))

    def after_segment() -> None:
        if next(left, None) is None:
            raise Stop

    return after_segment
