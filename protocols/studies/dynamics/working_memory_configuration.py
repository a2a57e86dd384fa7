"""Settings of the protocol ``working_memory``."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from spikingsampling.experiment.configuration import ProtocolConfiguration
from spikingsampling.parameters import quantity
from spikingsampling.units import Number, Time

__all__ = ["WorkingMemoryConfiguration"]


class WorkingMemoryConfiguration(ProtocolConfiguration):
    """The ring, its noise, and what is shown to it."""

    j0: Number = quantity(-10.0, "uniform coupling J0", high=1)
    j1: Number = quantity(3.0, "tuned coupling J1", above=2)
    couplings: tuple[tuple[float, float], ...] = Field(
        ((-10.0, 3.0), (-4.0, 4.0), (-6.0, 6.0)),
        min_length=1,
        description="pairs J0, J1 for which the shape of the bump is compared with theory",
    )
    n_shape: int = Field(200, ge=8, le=100_000, description="neurons of the rings whose shape is compared")
    tau: Time = quantity("20 ms", "time constant", low="1 ms", high="1 s", dimension="time")
    dt: Time = quantity("1 ms", "time step", low="0.01 ms", high="10 ms", dimension="time")
    sigma: Number = quantity(0.02, "noise σ of each neuron, for an input of 1", above=0, high=1)
    sizes: tuple[Annotated[int, Field(ge=8, le=10_000)], ...] = Field(
        (64, 128, 256, 512), min_length=2, description="numbers of neurons N for the diffusion of the bump"
    )
    n: int = Field(128, ge=8, le=10_000, description="neurons of the ring that is shown and distracted")
    delay: Time = quantity(
        "1 s", "time in which a direction is held", low="0.1 s", high="60 s", dimension="time"
    )
    trials: int = Field(400, ge=2, le=100_000, description="trials of each repetition")
    repetitions: int = Field(5, ge=2, le=1000, description="repetitions, each with a seed of its own")
    strengths: tuple[Annotated[float, Field(gt=0, le=1)], ...] = Field(
        (0.001, 0.005, 0.02),
        min_length=1,
        description="strengths ε of a distractor ε cos(φ − φ_d), for an input of 1",
    )
    distances: tuple[Annotated[float, Field(gt=0, lt=180)], ...] = Field(
        (15.0, 30.0, 45.0, 60.0, 75.0, 90.0, 105.0, 120.0, 135.0, 150.0, 165.0),
        min_length=1,
        description="distances of a distractor from the bump (degrees)",
    )
    distractor: Time = quantity(
        "250 ms", "time for which a distractor is shown", low="10 ms", high="10 s", dimension="time"
    )
