"""Working memory whose synapses turn over: does a remembered direction diffuse more?

A ring of rate neurons whose recurrent weights are learnt by synaptic sampling from bumps of activity that go round.
Then directions are held while synapses stay as they are, or go on sampling. No engine is used; a resumed run begins
anew. This is a question of our own.

What is expected: at T = 0 weights depend on distances only, and a bump diffuses by the noise of neurons alone. At T > 0
each synapse has its own deviation, of variance T/κ, and deviations make a bump drift. If synapses stay as they are, the
squared displacement grows with t². If they turn over it grows with t once they have changed, the less the faster they
do.

What to expect (``paper``; every number: ``docs/results/working_memory.md``): theory in closed form holds within the
intervals. At T = 1 squared displacement after 2 s is six times that at T = 0 with synapses at rest, and 2.7 times with
synapses that forget within 0.2 s. Budget: ``paper`` 2 min of one core.
"""

from __future__ import annotations

import math
from typing import Annotated, Any

import numpy as np
from pydantic import Field, field_validator

from spikingsampling.analysis import Estimate, estimate_mean
from spikingsampling.cli import run_script
from spikingsampling.experiment.configuration import ProtocolConfiguration
from spikingsampling.experiment.protocol import Protocol
from spikingsampling.experiment.run import Run
from spikingsampling.models.dynamics.memory.learnt_ring import LearntRing
from spikingsampling.parameters import quantity
from spikingsampling.protocols.studies.dynamics.memory.sampling import hold, kernel, learn, settle, speed_of
from spikingsampling.protocols.studies.dynamics.memory.sampling_figures import (
    plot_diffusion,
    plot_displacements,
    plot_learning,
    plot_paths,
)
from spikingsampling.protocols.studies.dynamics.trajectories import Array
from spikingsampling.units import Number, Time

__all__ = ["PROTOCOL", "Configuration"]

Condition = tuple[float, float]


class Configuration(ProtocolConfiguration):
    """The ring, its temperatures, and how fast its synapses turn over."""

    n: int = Field(128, ge=16, le=1024, description="neurons N")
    temperatures: tuple[Annotated[float, Field(ge=0, le=10)], ...] = Field(
        (0.0, 0.1, 0.3, 1.0), min_length=1, description="temperatures T of the synapses"
    )
    turnover: tuple[Time, ...] = Field(
        (10.0, 1.0, 0.2),
        description="times in which the strongest synapses forget while a direction is held; rest comes on top",
    )
    rounds: int = Field(150, ge=1, le=10_000, description="rounds of the bump that the synapses learn from")
    sigma: Number = quantity(0.02, "noise σ of each neuron, for an input of 1", low=0, high=1)
    delay: Time = quantity(
        "2 s", "time in which a direction is held", low="0.2 s", high="60 s", dimension="time"
    )
    trials: int = Field(64, ge=2, le=10_000, description="directions that are held by each set of synapses")
    networks: int = Field(8, ge=2, le=1000, description="sets of synapses, each with a seed of its own")

    @field_validator("turnover", mode="after")
    @classmethod
    def _positive(cls, times: tuple[float, ...]) -> tuple[float, ...]:
        if any(time < 0.1 for time in times):
            raise ValueError("must be at least 0.1 s each, ten steps of the synapses")
        return times

    @property
    def conditions(self) -> list[Condition]:
        """Temperature and time of turnover (s); inf for synapses at rest, as all are at T = 0."""
        return [
            (temperature, time)
            for temperature in self.temperatures
            for time in ((math.inf, *self.turnover) if temperature else (math.inf,))
        ]


def _named(condition: Condition) -> str:
    temperature, time = condition
    return f"T_{temperature:g}.{'at_rest' if math.isinf(time) else f'turnover_{time:g}s'}"


def learning(context: Run[Configuration], ring: LearntRing) -> dict[str, Any]:
    """Weights by distance over the rounds of a bump, from the prior, at the lowest and the highest temperature."""
    c = context.configuration
    courses = {}
    for temperature in sorted({min(c.temperatures), max(c.temperatures)}):
        courses[temperature], _ = learn(
            ring, temperature, c.rounds, context.rng(f"learning, T = {temperature!r}")
        )
    best = kernel(np.exp(ring.map_theta - ring.theta_0))
    if context.figures_enabled:
        caption = (
            "Weights over the distance of neurons, as a bump goes round; black: the maximum of the posterior."
        )
        context.save_figure("learning", plot_learning(courses, best), caption)
    return {
        f"memory_sampling.kernel_error.T_{temperature:g}": float(np.abs(course[-1] - best).max() / best[0])
        for temperature, course in courses.items()
    }


def holding(context: Run[Configuration], ring: LearntRing) -> dict[str, Any]:
    """How bumps move in each condition, by sets of synapses."""
    c = context.configuration
    squared: dict[Condition, list[Array]] = {condition: [] for condition in c.conditions}
    paths: dict[Condition, Array] = {}
    context.progress.start(c.networks * len(c.conditions), "memory_sampling")
    for seed in context.stream("networks").spawn(c.networks):
        weights, noise = seed.spawn(2)
        own = dict(zip(c.temperatures, weights.spawn(len(c.temperatures)), strict=True))
        settled = {t: settle(ring, t, np.random.default_rng(one)) for t, one in own.items()}
        for condition, one in zip(c.conditions, noise.spawn(len(c.conditions)), strict=True):
            context.stop_if_interrupted()
            temperature, time = condition
            times, moved = hold(
                ring,
                settled[temperature],
                temperature,
                speed_of(ring, time),
                c.delay,
                c.trials,
                c.sigma,
                np.random.default_rng(one),
            )
            squared[condition].append((moved**2).mean(axis=1))
            paths.setdefault(condition, moved)
            context.progress.advance(1, label=_named(condition))
    means = {condition: np.array(values) for condition, values in squared.items()}
    theory = {
        condition: ring.displacement_variance(times, c.sigma, condition[0], speed_of(ring, condition[1]))
        for condition in c.conditions
    }
    coefficients: dict[Condition, Estimate] = {}
    metrics: dict[str, Any] = {}
    for condition, values in means.items():
        coefficients[condition] = estimate_mean(values[:, -1] / times[-1], (0.0, math.inf))
        metrics[f"memory_sampling.diffusion.{_named(condition)}"] = coefficients[condition].metric() | {
            "theory": float(theory[condition][-1] / times[-1])
        }
        rest = means[condition[0], math.inf]
        if not math.isinf(condition[1]):
            difference = estimate_mean((values[:, -1] - rest[:, -1]) / times[-1])
            metrics[f"memory_sampling.minus_at_rest.{_named(condition)}"] = difference.metric()
    if context.figures_enabled:
        context.save_figure(
            "displacement",
            plot_displacements(times, means, theory),
            "Mean squared displacement of a held direction over time, by temperature and time of turnover: sets of "
            "synapses (mean and standard error), and theory.",
        )
        grid = np.linspace(0, 1.05 * max(c.temperatures) or 1.0, 40)
        lines = {
            time: np.array(
                [
                    ring.displacement_variance(times[-1], c.sigma, t, speed_of(ring, time)) / times[-1]
                    for t in grid
                ]
            )
            for time in (math.inf, *c.turnover)
        }
        context.save_figure(
            "diffusion",
            plot_diffusion(coefficients, grid, lines, float(times[-1])),
            "Squared displacement over time at the end of the delay, over the temperature: measured with 95 % "
            "intervals, and theory.",
        )
        hottest = max(c.temperatures)
        shown = (
            (min(c.temperatures), math.inf),
            (hottest, math.inf),
            (hottest, min(c.turnover, default=math.inf)),
        )
        context.save_figure(
            "paths",
            plot_paths(times, {key: paths[key] for key in shown if key in paths}),
            "Held directions over time with one set of synapses, one line for each direction at the start.",
        )
    return metrics


def run(context: Run[Configuration]) -> dict[str, Any]:
    """What is learnt, then how it is held."""
    ring = LearntRing(n=context.configuration.n)
    context.log.info("learning")
    metrics = learning(context, ring)
    context.stop_if_interrupted()
    context.log.info("holding")
    return metrics | holding(context, ring)


PROTOCOL = Protocol(
    configuration=Configuration,
    presets={
        "smoke": {
            "n": 64,
            "temperatures": [0.0, 1.0],
            "turnover": ["0.2 s"],
            "rounds": 60,
            "delay": "1 s",
            "trials": 32,
            "networks": 3,
        },
        "quick": {},
        "paper": {"networks": 20},
    },
    run=run,
)

if __name__ == "__main__":
    run_script(PROTOCOL)
