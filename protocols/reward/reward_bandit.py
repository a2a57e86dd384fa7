"""Two-armed bandit: reward-based synaptic sampling samples from (p_S V)^(1/T).

One parameter θ chooses arm 1 with probability σ(θ). Arm 1 always pays 1, the other one in five times. A trial moves θ
by b Δt (∂log p_S + (r/V + α) e) and noise, with e = a − σ(θ) (Kappel et al., eNeuro 2018). 4000 chains are compared
with the exact law of slow b, and with the exact law of this b Δt.

What to expect (``quick``; every number: ``docs/results/reward.md``):

- Mean and variance at T = 1 are 0.8076 and 3.3478, at T = 0.25 they are 0.8783 and 0.7012. With e^V in place of V,
  with which the law is often confused, the means would be 0.478 and 0.629.
- An offset α = 1 and a baseline α = −1 change nothing but the noise of the gradient: e has mean zero.
- A running mean of the reward in place of V moves the law a little.
- At T = 0 all chains end at the maximum, and stay there but for the noise of the gradient.
- No engine and no data set is used; a resumed run begins anew.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from spikingsampling.cli import run_script
from spikingsampling.experiment.configuration import ProtocolConfiguration
from spikingsampling.experiment.protocol import Protocol
from spikingsampling.experiment.run import Run
from spikingsampling.inference.priors import GaussianPrior
from spikingsampling.models.reward.bandit import TwoArmedBandit
from spikingsampling.parameters import quantity
from spikingsampling.protocols.studies.reward.bandit import Case, case_metrics, law_figure, sample_bandit
from spikingsampling.units import Number

__all__ = ["PROTOCOL", "Configuration"]

Chance = Annotated[float, Field(gt=0, le=1)]


class Configuration(ProtocolConfiguration):
    """The bandit, and how it is played."""

    chances: tuple[Chance, Chance] = Field(
        (1.0, 0.2), description="chance of a reward on arm 1 and on the other"
    )
    prior_sd: Number = quantity(2.0, "standard deviation of the prior, whose mean is 0", low=0.1, high=3)
    temperatures: tuple[Annotated[float, Field(ge=0.01, le=1)], ...] = Field(
        (1.0, 0.25), min_length=1, description="temperatures T, besides T = 0"
    )
    offsets: tuple[Number, ...] = Field((1.0, -1.0), description="offsets α of the reward")
    n_mean: int = Field(50, ge=1, le=1_000_000, description="trials over which the running mean averages")
    b_dt: Number = quantity(0.005, "b times the time of a trial", low=1e-4, high=0.1)
    n_chains: int = Field(4000, ge=2, le=1_000_000, description="independent chains")
    n_draws: int = Field(20, ge=1, le=100_000, description="draws of each chain")

    @property
    def cases(self) -> list[Case]:
        """The exact V at each temperature and T = 0; offsets and the running mean at each temperature."""
        exact = [Case("exact_mean", temperature) for temperature in (*self.temperatures, 0.0)]
        others = [
            case
            for t in self.temperatures
            for case in (
                *(Case(f"offset_{offset:g}", t, offset=offset) for offset in self.offsets),
                Case("running_mean", t, n_mean=self.n_mean),
            )
        ]
        return exact + others


def run(context: Run[Configuration]) -> dict[str, Any]:
    """Play, and compare with the law."""
    c = context.configuration
    bandit = TwoArmedBandit(c.chances, GaussianPrior(0.0, c.prior_sd))
    metrics: dict[str, Any] = {}
    exact = {}
    for case in c.cases:
        context.stop_if_interrupted()
        context.log.info("%s", case.name)
        draws = sample_bandit(bandit, case, c.b_dt, c.n_chains, c.n_draws, context.rng(case.name))
        metrics |= case_metrics(bandit, case, c.b_dt, draws)
        if case.label == "exact_mean" and case.temperature:
            exact[case] = draws
    first = next(iter(exact)).name
    metrics = {f"bandit.{name}": metrics[f"{first}.{name}"] for name in ("mean", "variance")} | metrics
    context.draw(lambda save: save("law", law_figure(bandit, exact), "Samples of θ beside the exact law."))
    return metrics


PROTOCOL = Protocol(
    configuration=Configuration,
    presets={
        "smoke": {"n_chains": 500, "n_draws": 2, "b_dt": 0.05, "offsets": [1.0]},
        "quick": {},
        "paper": {"n_chains": 20_000, "n_draws": 40, "b_dt": 0.002},
    },
    run=run,
)

if __name__ == "__main__":
    run_script(PROTOCOL)
