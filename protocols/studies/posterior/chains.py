"""How long to sample, and whether chains have mixed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from spikingsampling.inference.diagnostics import PosteriorSummary
from spikingsampling.inference.sampling import Step, advance, initial, sample
from spikingsampling.parameters import Parameters, quantity
from spikingsampling.units import Time

__all__ = ["Chains", "SamplerSettings", "spread_start"]

Array = NDArray[np.float64]


class SamplerSettings(Parameters):
    """How long and how finely to sample.

    b is 1 /s (at θ = 0), so that N(0, 1) relaxes in a second.
    """

    n_chains: int = Field(8, ge=2, le=10_000, description="independent chains")
    n_draws: int = Field(2000, ge=10, le=1_000_000, description="draws of each chain")
    interval: Time = quantity(
        "1 s", "time between two draws of a chain", low="1 ms", high="1 h", dimension="time"
    )
    burn_in: Time = quantity(
        "20 s", "time before the first draw of a chain", low="0 s", high="1 h", dimension="time"
    )
    dt: Time = quantity("10 ms", "time step", low="0.1 ms", high="1 s", dimension="time")

    def run(self, step: Step, start: Array, rng: np.random.Generator) -> Array:
        """Draws as (n_chains, n_draws, n_parameters), from ``start`` (n_chains, n_parameters)."""
        state = advance(step, initial(start), rng, round(self.burn_in / self.dt))
        _, draws = sample(step, state, rng, self.n_draws, max(round(self.interval / self.dt), 1))
        return np.moveaxis(draws, 0, 1)


@dataclass(frozen=True)
class Chains:
    """Draws and how well they mix.

    Parameters
    ----------
    theta : (n_chains, n_draws, n_parameters) array
    summaries : list of PosteriorSummary
        One per independent direction.
    """

    theta: Array
    summaries: list[PosteriorSummary]

    @property
    def rhat(self) -> float:
        """The largest split R-hat."""
        return max(summary.rhat for summary in self.summaries)

    @property
    def ess(self) -> float:
        """The smallest effective sample size, of bulk and tails."""
        return min(summary.ess for summary in self.summaries)

    @property
    def mixes(self) -> bool:
        """R-hat < 1.01 and ESS > 400."""
        return self.rhat < 1.01 and self.ess > 400


def spread_start(n_chains: int, n_parameters: int, rng: np.random.Generator) -> Array:
    """First θ (n_chains, n_parameters), wider than the targets: R-hat then tells chains that remember their start."""
    return rng.normal(0.0, 2.0, (n_chains, n_parameters))
