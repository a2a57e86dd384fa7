"""Sampling targets whose law is known: with the right equation, at T = 0, and with wrong drifts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spikingsampling.inference.diagnostics import LawDistance, distance_to_law, summarise
from spikingsampling.inference.langevin import Speed, SynapticSampling
from spikingsampling.inference.sampling import advance, batch, initial
from spikingsampling.models.posterior.targets import TARGETS, WRONG_DRIFTS, GridLaw, Target, tanh_speed
from spikingsampling.protocols.studies.posterior.chains import Chains, SamplerSettings, spread_start

__all__ = [
    "TargetResult",
    "WrongResult",
    "distance_to_modes",
    "mode_error",
    "sample_target",
    "sample_wrong",
    "wrong_law",
]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class TargetResult(Chains):
    """Draws from a target, with their distance to its law in each independent direction."""

    laws: list[GridLaw]
    distances: list[LawDistance]

    @property
    def worst(self) -> LawDistance:
        """The distance that uses most of its tolerance."""
        return max(self.distances, key=lambda entry: entry.distance / entry.tolerance)

    @property
    def passes(self) -> bool:
        """Mixes, and follows the law."""
        return self.mixes and self.worst.agrees


def sample_target(
    target: Target,
    b: float | Speed,
    temperature: float,
    settings: SamplerSettings,
    rng: np.random.Generator,
    *,
    law_temperature: float | None = None,
) -> TargetResult:
    """Sample a target at T > 0; ``law_temperature`` is that of the law to compare with, T when None."""
    step = batch(SynapticSampling(target.prior, b, temperature), target.grad_log_likelihood, settings.dt)
    theta = settings.run(step, spread_start(settings.n_chains, target.n_parameters, rng), rng)
    directions = theta @ target.coordinates.T
    laws = target.laws(temperature if law_temperature is None else law_temperature)
    distances = [distance_to_law(directions[..., k], law.cdf) for k, law in enumerate(laws)]
    return TargetResult(theta, summarise(directions), laws, distances)


def mode_error(
    target: Target, b: float | Speed, settings: SamplerSettings, rng: np.random.Generator
) -> float:
    """At T = 0: the largest distance of a chain from the nearest local maximum, after the burn-in."""
    step = batch(SynapticSampling(target.prior, b, 0.0), target.grad_log_likelihood, settings.dt)
    start = initial(spread_start(settings.n_chains, target.n_parameters, rng))
    end = advance(step, start, rng, max(round(settings.burn_in / settings.dt), 1)).theta
    return distance_to_modes(end, target.modes)


def distance_to_modes(theta: Array, modes: Sequence[float]) -> float:
    """The largest distance of a chain (n_chains, 1) from the mode that is nearest to it."""
    return float(np.abs(theta - np.array(modes)).min(axis=1).max())


@dataclass(frozen=True)
class WrongResult:
    """What a wrong drift samples, its temperature, the right law and the one that theory gives it."""

    label: str
    temperature: float
    result: TargetResult
    law: GridLaw
    agrees_with_theory: bool


def sample_wrong(name: str, settings: SamplerSettings, rng: np.random.Generator) -> WrongResult:
    """Sample N(0, 1) with one of :data:`~spikingsampling.models.posterior.targets.WRONG_DRIFTS`.

    √T is told from T at T = 4, the others at T = 1.
    """
    wrong, target = WRONG_DRIFTS[name], TARGETS["gaussian"]
    temperature = 4.0 if wrong.correction == 1 else 1.0
    used = float(wrong.temperature(temperature))
    result = sample_target(
        target, tanh_speed(wrong.correction), used, settings, rng, law_temperature=temperature
    )
    law = wrong_law(wrong.correction, used, target.support)
    agrees = distance_to_law(result.theta[..., 0], law.cdf).agrees
    return WrongResult(wrong.label, temperature, result, law, agrees)


def wrong_law(correction: float, temperature: float, support: tuple[float, float]) -> GridLaw:
    """p*^{1/T} b^{c−1}: the law of N(0, 1) at T with b = 1 + 0.8 tanh θ and T b′ taken c times (``correction``)."""
    return GridLaw(
        lambda theta: -(theta**2) / (2 * temperature) + (correction - 1) * np.log(1 + 0.8 * np.tanh(theta)),
        *support,
    )
