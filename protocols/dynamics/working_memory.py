"""Working memory: a bump of activity on a ring of neurons holds a direction, and noise carries it away.

Rate neurons on a ring with threshold-linear response and cosine couplings (Ben-Yishai, Bar-Or, Sompolinsky, PNAS 92,
3844, 1995). The bump, its diffusion under noise and its answer to weak distractors are known in closed form, and are
measured beside it. Activity without a bump is unstable here: there is no rest from which a cue could call the bump.
No engine is used; a resumed run begins anew.

What to expect (seed 0; every number: ``docs/results/working_memory.md``):

- Half width, peak and mean rate agree with theory to 1e-4, for three pairs of couplings.
- The direction diffuses with 0.011 rad²/s for 128 neurons (6° after a second), and with 1/N.
- That is 2 % less than theory, which is for weak noise.
- A distractor of 2 % of the input draws the bump by 55° of 90° within 250 ms: nothing holds the bump where it is.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from spikingsampling.analysis import estimate_mean
from spikingsampling.cli import run_script
from spikingsampling.experiment.protocol import Protocol
from spikingsampling.experiment.run import Run
from spikingsampling.models.dynamics.ring_attractor import RingAttractor
from spikingsampling.protocols.studies.dynamics.working_memory import (
    diffusion,
    displacements,
    held_direction,
    pull,
    settled_bump,
    size_exponent,
)
from spikingsampling.protocols.studies.dynamics.working_memory_configuration import WorkingMemoryConfiguration
from spikingsampling.protocols.studies.dynamics.working_memory_figures import (
    plot_bumps,
    plot_diffusion,
    plot_distractors,
    plot_held,
)

__all__ = ["PROTOCOL"]

#: Strength of the cue in the trial that is drawn, for an input of 1: strong enough to turn any bump.
_CUE = 0.5


def _ring(c: WorkingMemoryConfiguration) -> RingAttractor:
    return RingAttractor(c.j0, c.j1, tau=c.tau, n=c.n)


def bumps(context: Run[WorkingMemoryConfiguration]) -> dict[str, Any]:
    """The shape on which the bump ends, for each pair of couplings."""
    c = context.configuration
    rings = [RingAttractor(j0, j1, tau=c.tau, n=c.n_shape) for j0, j1 in c.couplings]
    rng = context.rng("directions of bumps")
    settled = [settled_bump(ring, c.dt, rng) for ring in rings]
    if context.figures_enabled:
        caption = "The bump of activity on the ring for several couplings, beside its closed form."
        context.save_figure("bumps", plot_bumps(rings, settled), caption)
    metrics: dict[str, Any] = {}
    for number, (ring, u) in enumerate(zip(rings, settled, strict=True)):
        width, peak, mean = ring.shape(u)
        where = f"J0_{ring.j0:g}.J1_{ring.j1:g}"
        degrees = {"value": math.degrees(width), "theory": math.degrees(ring.half_width)}
        if number == 0:
            metrics["working_memory.half_width_degrees"] = degrees
        metrics[f"working_memory.half_width_degrees.{where}"] = degrees
        metrics[f"working_memory.peak_rate.{where}"] = {"value": peak, "theory": ring.peak_rate}
        metrics[f"working_memory.mean_rate.{where}"] = {"value": mean, "theory": ring.mean_rate}
    return metrics


def drift(context: Run[WorkingMemoryConfiguration]) -> dict[str, Any]:
    """How the bump diffuses, for each number of neurons."""
    c = context.configuration
    moved, expected, coefficients, by_repetition, metrics = {}, {}, {}, [], {}
    for n in c.sizes:
        context.stop_if_interrupted()
        ring = replace(_ring(c), n=n)
        paths = []
        for seed in context.stream(f"noise, N = {n}").spawn(c.repetitions):
            times, path = displacements(ring, c.sigma, c.delay, c.dt, c.trials, np.random.default_rng(seed))
            paths.append(path)
        moved[n], expected[n] = np.concatenate(paths, axis=1), ring.diffusion(c.sigma)
        by_repetition.append([diffusion(times, path).mean() for path in paths])
        estimate = estimate_mean(diffusion(times, moved[n]), (0.0, math.inf))
        coefficients[n] = estimate.value, estimate.interval
        metrics[f"working_memory.diffusion.n_{n}"] = estimate.metric() | {"theory": expected[n]}
    if c.n in moved:
        metrics["working_memory.diffusion"] = metrics[f"working_memory.diffusion.n_{c.n}"]
    exponent = estimate_mean(size_exponent(c.sizes, np.array(by_repetition)))
    metrics["working_memory.size_exponent"] = exponent.metric() | {"theory": -1.0}
    if context.figures_enabled:
        context.save_figure(
            "diffusion",
            plot_diffusion(times, moved, expected, coefficients),
            "How noise carries the bump away: trials, their variance over time, and the coefficient over the number of "
            "neurons.",
        )
    return metrics


def distractors(context: Run[WorkingMemoryConfiguration]) -> dict[str, Any]:
    """How far weak distractors draw the bump, without noise, and a trial with noise."""
    c, ring = context.configuration, _ring(context.configuration)
    pulls, metrics = {}, {}
    for strength in c.strengths:
        found = [
            math.degrees(pull(ring, math.radians(distance), strength, c.distractor, c.dt))
            for distance in c.distances
        ]
        left_over = ring.pulled(np.radians(c.distances), strength * ring.h0, c.distractor)
        pulls[strength] = np.array(found)
        metrics[f"working_memory.pull_degrees.strength_{strength:g}"] = {
            "distance": list(c.distances),
            "pull": found,
            "theory": (np.array(c.distances) - np.degrees(left_over)).tolist(),
        }
    if context.figures_enabled:
        context.save_figure(
            "distractors",
            plot_distractors(ring, c.distances, pulls, c.distractor),
            "How far a weak distractor draws the bump, over its distance from the bump.",
        )
        rng = context.rng("a trial with a distractor")
        strengths = _CUE, max(c.strengths)
        held = held_direction(ring, c.sigma, c.dt, c.delay, strengths, c.distractor, rng)
        caption = "A trial: a cue, a delay, a weak distractor at 90 degrees from the cue, and another delay."
        context.save_figure("trial", plot_held(ring, held), caption)
    return metrics


def run(context: Run[WorkingMemoryConfiguration]) -> dict[str, Any]:
    """Shape, diffusion, distractors."""
    metrics: dict[str, Any] = {}
    for experiment in (bumps, drift, distractors):
        context.stop_if_interrupted()
        context.log.info("%s", experiment.__name__)
        metrics |= experiment(context)
    return metrics


PROTOCOL = Protocol(
    configuration=WorkingMemoryConfiguration,
    presets={
        "smoke": {
            "sizes": [64, 128],
            "trials": 50,
            "repetitions": 2,
            "delay": "0.5 s",
            "distances": [30.0, 90.0, 150.0],
        },
        "quick": {},
        "paper": {"trials": 2000, "sizes": [64, 128, 256, 512, 1024]},
    },
    run=run,
)

if __name__ == "__main__":
    run_script(PROTOCOL)
