"""Synaptic sampling inside a balanced network: does activity stay asynchronous while synapses turn over?

800 excitatory and 200 inhibitory integrate-and-fire neurons. The synapses between excitatory neurons follow synaptic
sampling; those of inhibitory onto excitatory neurons keep their rate by inhibitory plasticity (Vogels et al., Science
334, 1569, 2011). Inhibition settles while nothing else learns; from the same moment, with the same random numbers, the
network then learns at T = 1, at T = 0 (MAP), or not at all. A run that is resumed begins anew. This is a question of
our own.

What to expect (``paper``, five seeds; every number: ``docs/results/balanced.md``): rates stay near the 5 Hz that
inhibition aims at, and intervals irregular, while 17 % of the active synapses retract within five minutes at T = 1.
Learning makes the network less synchronous: the correlation of neurons falls to a fifth. Budget: ``paper`` 8 min of one
core.
"""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np
from pydantic import Field

from spikingsampling.analysis import estimate_mean
from spikingsampling.cli import run_script
from spikingsampling.engines.segments import Segments
from spikingsampling.experiment.configuration import ProtocolConfiguration
from spikingsampling.experiment.protocol import Protocol
from spikingsampling.experiment.run import Run
from spikingsampling.models.dynamics.balanced import BalancedNetwork
from spikingsampling.parameters import quantity
from spikingsampling.protocols.studies.dynamics.spiking.balanced import Course, advance, follow, survival
from spikingsampling.protocols.studies.dynamics.spiking.balanced_figures import plot_activity, plot_courses
from spikingsampling.units import Time

__all__ = ["PROTOCOL", "Configuration"]

Mode = Literal["sampling", "map", "off"]


class Configuration(ProtocolConfiguration):
    """The network, and how long it learns."""

    network: BalancedNetwork = BalancedNetwork()
    modes: tuple[Mode, ...] = Field(
        ("sampling", "map", "off"), min_length=1, description="how synapses learn"
    )
    settle: Time = quantity(
        "40 s", "time before, in which inhibition settles", low="0 s", high="1 h", dimension="time"
    )
    learn: Time = quantity("60 s", "time of learning", low="10 s", high="10 h", dimension="time")
    repetitions: int = Field(2, ge=1, le=100, description="seeds, each with connections of its own")


def run(context: Run[Configuration]) -> dict[str, Any]:
    """All modes from the same moment, for each seed."""
    c = context.configuration
    network = c.network
    n_settle, n_learn = (max(0, round(time / network.segment)) for time in (c.settle, c.learn))
    total = c.repetitions * (n_settle + n_learn * len(c.modes)) * network.segment
    context.progress.start(total, "balanced_sampling")

    def told() -> None:
        context.progress.advance(network.segment)
        context.stop_if_interrupted()

    courses: dict[str, list[Course]] = {mode: [] for mode in c.modes}
    for seed in context.stream("networks").spawn(c.repetitions):
        wiring, start, before, after = seed.spawn(4)
        connections = network.connections(wiring)
        state = network.start(connections, start)
        with context.progress.preparing() as announce:
            segments = Segments(
                lambda made=connections: network.objects(made), state, dt=network.dt, announce=announce
            )
        for own in before.spawn(n_settle):
            state, _ = advance(network, segments, state, own)
            told()
        noise = after.spawn(n_learn)
        for mode in c.modes:
            courses[mode].append(follow(network, segments, state, mode, noise, told))
    metrics = _metrics(courses)
    if context.figures_enabled:
        context.save_figure(
            "activity",
            plot_activity({mode: runs[0] for mode, runs in courses.items()}),
            "Spikes of 100 excitatory neurons at the end, for each way of learning.",
        )
        context.save_figure(
            "courses",
            plot_courses(courses, network.segment),
            "Activity of the excitatory neurons, and how many of the synapses that were active first are so still: "
            "mean over seeds and their range.",
        )
    return metrics


def _metrics(courses: dict[str, list[Course]]) -> dict[str, Any]:
    """Means over the second half of the time, and over seeds; differences from no learning are paired by seed."""
    values: dict[str, dict[str, np.ndarray]] = {}
    for mode, runs in courses.items():
        half = len(runs[0].rates) // 2
        values[mode] = {
            "rate": np.array([run.rates[half:].mean() for run in runs]),
            "cv": np.array([run.cvs[half:].mean() for run in runs]),
            "correlation": np.array([run.correlations[half:].mean() for run in runs]),
            "active": np.array([run.active[-1].mean() for run in runs]),
            "survival": np.array([survival(run.active)[-1] for run in runs]),
        }
    metrics: dict[str, Any] = {}
    for mode, found in values.items():
        for name, sample in found.items():
            bounds = (-1.0, 1.0) if name == "correlation" else (0.0, math.inf)
            metrics[f"balanced.{mode}.{name}"] = estimate_mean(sample, bounds)
        if mode != "off" and "off" in values:
            for name in ("cv", "correlation"):
                difference = found[name] - values["off"][name]
                metrics[f"balanced.{mode}.{name}_minus_off"] = estimate_mean(difference)
    return metrics


PROTOCOL = Protocol(
    configuration=Configuration,
    presets={
        "smoke": {
            "network": {"n_excitatory": 200, "connected": 0.2, "eta": 0.01, "segment": "5 s"},
            "settle": "20 s",
            "learn": "10 s",
        },
        "quick": {},
        "paper": {"learn": "300 s", "repetitions": 5},
    },
    run=run,
)

if __name__ == "__main__":
    run_script(PROTOCOL)
