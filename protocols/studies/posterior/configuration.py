"""Settings of the protocol ``posterior``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from spikingsampling.experiment.configuration import ProtocolConfiguration
from spikingsampling.models.posterior.targets import SPEEDS
from spikingsampling.protocols.studies.posterior.chains import SamplerSettings

__all__ = ["Case", "Configuration"]

TargetName = Literal["gaussian", "skewed", "bimodal", "correlated"]
Case = tuple[str, str, float]  # target, speed, temperature


class Configuration(ProtocolConfiguration):
    """What is sampled, how long, and how finely."""

    targets: tuple[TargetName, ...] = Field(
        ("gaussian", "skewed", "bimodal", "correlated"), min_length=1, description="targets sampled at T = 1"
    )
    tempered: tuple[Literal["gaussian", "skewed", "bimodal"], ...] = Field(
        ("skewed", "bimodal"), description="targets sampled at every temperature"
    )
    temperatures: tuple[Annotated[float, Field(gt=0, le=4)], ...] = Field(
        (0.25, 1.0, 4.0),
        min_length=1,
        description="temperatures of these targets, besides T = 0",
    )
    sampler: SamplerSettings = SamplerSettings()
    wrong_drifts: tuple[Literal["no_b_prime", "stratonovich", "root_temperature"], ...] = Field(
        ("no_b_prime", "stratonovich", "root_temperature"),
        description="wrong equations whose samples must be refused",
    )
    n_examples: int = Field(20, ge=2, le=10_000, description="examples of the linear regression")
    b_steps: tuple[Annotated[float, Field(gt=0)], ...] = Field(
        (5e-3, 2e-3, 1e-3, 5e-4),
        min_length=1,
        description="learning rates b Δt of the regression; Δt is the time step, in which one example is shown",
    )
    regression: SamplerSettings = SamplerSettings(n_chains=32, n_draws=300)
    time_steps: tuple[Annotated[float, Field(ge=1e-4, le=0.5)], ...] = Field(
        (0.2, 0.1, 0.05, 0.025, 0.0125),
        min_length=3,
        description="time steps Δt (s) at which the weak error is computed",
    )
    n_measured: int = Field(
        3, ge=0, description="at how many of these time steps, the longest ones, it is sampled as well"
    )

    @property
    def cases(self) -> list[Case]:
        """Every combination of target, speed and temperature once: all targets at T = 1, some at all temperatures."""
        at_one = [(name, speed, 1.0) for name in self.targets for speed in SPEEDS]
        tempered = [(name, speed, t) for name in self.tempered for speed in SPEEDS for t in self.temperatures]
        return list(dict.fromkeys([*at_one, *tempered]))
