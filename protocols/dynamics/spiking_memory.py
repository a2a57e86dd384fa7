"""Working memory of spiking neurons: a cue calls a bump of activity on a ring, which stays when the cue has gone.

2048 excitatory and 512 inhibitory integrate-and-fire neurons with NMDA, GABA and external AMPA synapses (Compte,
Brunel, Goldman-Rakic, Wang, Cereb Cortex 10, 910, 2000), as a compiled Brian2 network with the paper's constants.
Unlike the ring of rates (``working_memory``) it has a state of rest, too. There is no learning. A run that is resumed
begins anew.

What to expect (``paper``; every number: ``docs/results/working_memory.md``):

- Without a cue excitatory neurons fire with 4 Hz for a second; a cue calls a bump of 20 Hz, which stays in all trials.
- Its direction diffuses with 0.012 rad²/s: 15° in 6 s.
- Rest is not stable with these constants: a bump comes by itself within 3 s.

A simulated second of 2048 excitatory neurons takes a second of one core, with as much again for twice as many.
"""

from __future__ import annotations

import math
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from spikingsampling.analysis import Estimate, estimate_mean
from spikingsampling.cli import run_script
from spikingsampling.engines.segments import Segments
from spikingsampling.experiment.configuration import ProtocolConfiguration
from spikingsampling.experiment.protocol import Protocol
from spikingsampling.experiment.run import Run
from spikingsampling.models.dynamics.memory.spiking_ring import SpikingRing
from spikingsampling.parameters import quantity
from spikingsampling.protocols.studies.dynamics.memory.spiking import BUMP, Recorded, Schedule, record
from spikingsampling.protocols.studies.dynamics.memory.spiking_figures import (
    plot_diffusion,
    plot_rest,
    plot_states,
    plot_trial,
)
from spikingsampling.protocols.studies.dynamics.memory.spiking_metrics import metrics_of_states
from spikingsampling.units import Number, Time

__all__ = ["PROTOCOL", "Configuration"]


class Configuration(ProtocolConfiguration):
    """The network, and what is shown to it."""

    network: SpikingRing = SpikingRing()
    sizes: tuple[Annotated[int, Field(ge=64, le=16_384, multiple_of=4)], ...] = Field(
        (2048,), min_length=1, description="excitatory neurons; the first one is shown and distracted"
    )
    settle: Time = quantity(
        "1 s", "time before anything is measured", low="0 s", high="1 min", dimension="time"
    )
    spontaneous: Time = quantity(
        "2 s",
        "time in which activity without a cue is watched",
        low="0.2 s",
        high="10 min",
        dimension="time",
    )
    cue: Time = quantity(
        "250 ms", "time of the cue, and of a distractor", low="10 ms", high="10 s", dimension="time"
    )
    cue_current: Number = quantity(375, "current of the cue at its direction, pA", above=0, high=10_000)
    cue_width: Number = quantity(6, "width σ of the current of the cue, degrees", above=0, high=180)
    relax: Time = quantity(
        "0.5 s", "time after the cue that is not measured", low="0 s", high="10 s", dimension="time"
    )
    delay: Time = quantity(
        "4 s", "time of the delay that is measured", low="1 s", high="10 min", dimension="time"
    )
    distractor: Number = quantity(90, "distance of the distractor from the bump, degrees", low=-180, high=180)
    distractor_current: Number = quantity(375, "current of the distractor, pA", low=0, high=10_000)
    later: Time = quantity("1 s", "time after the distractor", low="0.2 s", high="1 min", dimension="time")
    trials: int = Field(3, ge=2, le=10_000, description="trials of each repetition")
    repetitions: int = Field(2, ge=1, le=1000, description="repetitions, each with a start of its own")
    window: Time = quantity(
        "100 ms", "time over which spikes are read out", low="10 ms", high="1 s", dimension="time"
    )

    @property
    def schedule(self) -> Schedule:
        """These settings for the study."""
        return Schedule(
            settle=self.settle,
            spontaneous=self.spontaneous,
            cue=self.cue,
            cue_current=self.cue_current,
            cue_width=math.radians(self.cue_width),
            relax=self.relax,
            delay=self.delay,
            distractor=math.radians(self.distractor),
            distractor_current=self.distractor_current,
            later=self.later,
            trials=self.trials,
            window=self.window,
        )


def _segments(context: Run[Configuration], ring: SpikingRing) -> Segments:
    start = ring.start(np.random.SeedSequence(0))
    with context.progress.preparing() as announce:
        return Segments(ring.objects, start, dt=ring.dt, announce=announce)


def run(context: Run[Configuration]) -> dict[str, Any]:
    """All repetitions of all sizes."""
    c = context.configuration
    schedule = c.schedule
    context.progress.start(len(c.sizes) * c.repetitions * schedule.duration, "spiking_memory")

    def told(duration: float) -> None:
        context.progress.advance(duration)
        context.stop_if_interrupted()

    found: dict[int, list[Recorded]] = {}
    for n in c.sizes:
        ring = c.network.replace(n_excitatory=n)
        segments = _segments(context, ring)
        seeds = context.stream(f"trials, N = {n}").spawn(c.repetitions)
        found[n] = [record(ring, segments, schedule, seed, told) for seed in seeds]
    metrics: dict[str, Any] = {}
    coefficients: dict[int, Estimate] = {}
    for n, runs in found.items():
        coefficients[n] = estimate_mean(np.concatenate([run.diffusion for run in runs]))
        metrics[f"spiking_memory.diffusion.n_{n}"] = coefficients[n].metric()
        moved = np.concatenate([run.moved[-1] for run in runs])
        metrics[f"spiking_memory.moved_degrees.n_{n}"] = estimate_mean(np.degrees(moved)).metric()
        metrics[f"spiking_memory.moved_rms_degrees.n_{n}"] = math.degrees(math.sqrt(np.mean(moved**2)))
    first = found[c.sizes[0]]
    metrics["spiking_memory.diffusion"] = metrics[f"spiking_memory.diffusion.n_{c.sizes[0]}"]
    metrics |= metrics_of_states(first, c.spontaneous)
    if context.figures_enabled:
        _draw(context, c.network.replace(n_excitatory=c.sizes[0]), found, coefficients)
    return metrics


def _draw(
    context: Run[Configuration],
    ring: SpikingRing,
    found: dict[int, list[Recorded]],
    coefficients: dict[int, Estimate],
) -> None:
    c = context.configuration
    shown = found[c.sizes[0]][0]
    context.save_figure(
        "trial",
        plot_trial(shown.before, shown.example, ring.directions, c.window),
        "A trial: spontaneous activity, a cue, the bump that stays, a distractor, and what is held after it. Spikes of "
        "a part of the excitatory neurons.",
    )
    runs = found[c.sizes[0]]
    rates = {
        kind: (
            estimate_mean([r.rest[number] for r in runs]),
            estimate_mean(np.concatenate([r.held[:, number] for r in runs])),
        )
        for number, kind in enumerate(("excitatory", "inhibitory"))
    }
    mean_profile = np.mean([r.profile for r in runs], axis=0)
    resting = np.mean([r.resting_profile for r in runs], axis=0)
    context.save_figure(
        "states",
        plot_states(shown.distance, resting, mean_profile, shown.bump, rates),
        "Rates over preferred directions without a bump and with it, relative to the direction that is read out, and "
        "mean rates of both kinds of neurons.",
    )
    context.save_figure(
        "rest",
        plot_rest([r.rest_course for r in runs], c.window, BUMP),
        "Without a cue: rate of the excitatory neurons and length of the population vector, for each repetition.",
    )
    context.save_figure(
        "diffusion",
        plot_diffusion(
            shown.times,
            {n: np.concatenate([r.moved for r in runs], axis=1) for n, runs in found.items()},
            shown.lags,
            {n: np.concatenate([r.squared for r in runs], axis=1) for n, runs in found.items()},
            coefficients,
        ),
        "How the held direction moves: trials, mean squared displacement over the lag, and diffusion over the number "
        "of neurons.",
    )


PROTOCOL = Protocol(
    configuration=Configuration,
    presets={
        "smoke": {
            "sizes": [1024],
            "settle": "0.5 s",
            "spontaneous": "1 s",
            "relax": "0.2 s",
            "delay": "1 s",
            "later": "0.3 s",
            "trials": 2,
            "repetitions": 1,
        },
        "quick": {},
        "paper": {
            "sizes": [2048, 1024, 4096],
            "spontaneous": "8 s",
            "delay": "6 s",
            "trials": 4,
            "repetitions": 5,
        },
    },
    run=run,
)

if __name__ == "__main__":
    run_script(PROTOCOL)
