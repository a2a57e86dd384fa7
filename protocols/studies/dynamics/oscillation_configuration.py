"""Settings of the protocol ``oscillation``."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

from spikingsampling.experiment.configuration import ProtocolConfiguration
from spikingsampling.parameters import quantity
from spikingsampling.units import Number, Time

__all__ = ["OscillationConfiguration"]


class OscillationConfiguration(ProtocolConfiguration):
    """The networks, and at which strengths and inputs they are simulated."""

    w_ei: Number = quantity(2.0, "weight from I to E of the pair", above=0, high=100)
    w_ie: Number = quantity(2.0, "weight from E to I of the pair", above=0, high=100)
    w_ii: Number = quantity(0.0, "weight from I to I of the pair", low=0, high=100)
    tau_e: Time = quantity(
        "20 ms", "time constant of E of the pair", low="1 ms", high="1 s", dimension="time"
    )
    tau_i: Time = quantity(
        "10 ms", "time constant of I of the pair", low="1 ms", high="1 s", dimension="time"
    )
    distances: tuple[Annotated[float, Field(ge=-0.5, le=0.5)], ...] = Field(
        (-0.1, -0.05, -0.01, -1 / 300, 1 / 300, 0.01, 1 / 30, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3),
        min_length=2,
        description="relative distances to the Hopf point, w_EE/w_H − 1 and J/J_c − 1",
    )
    inhibitions: tuple[Annotated[float, Field(ge=0, le=1)], ...] = Field(
        (0.0, 0.1, 0.2, 0.3),
        min_length=1,
        description="weights w_II at which both sides of the Hopf line are simulated",
    )
    delays: tuple[Time, ...] = Field(
        ("2 ms", "5 ms"),
        min_length=1,
        validate_default=True,
        description="delays of the inhibitory population",
    )
    tau_delayed: Time = quantity(
        "10 ms", "time constant of the population with delay", low="1 ms", high="1 s", dimension="time"
    )
    inputs: tuple[Annotated[float, Field(ge=0.5, le=5)], ...] = Field(
        (1.07, 1.08, 1.085, 1.1, 1.15, 1.2, 1.25, 1.3, 1.4, 1.5, 1.6, 1.7, 1.75, 1.8, 1.83, 1.86),
        min_length=2,
        description="external inputs P of Wilson and Cowan's equations",
    )
    end_tolerance: float = Field(
        1e-8, ge=1e-9, le=1e-6, description="how closely the input is searched for at which the cycle ends"
    )

    @field_validator("delays")
    @classmethod
    def _physiological(cls, delays: tuple[float, ...]) -> tuple[float, ...]:
        if not all(1e-4 <= delay <= 1 for delay in delays):
            raise ValueError("must be from 0.1 ms to 1 s")
        return delays
