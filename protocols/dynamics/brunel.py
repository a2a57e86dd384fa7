"""Asynchronous irregular activity, and its three neighbours, in a sparse network of integrate-and-fire neurons.

10,000 excitatory and 2500 inhibitory neurons with 1250 inputs each (Brunel, J. Comput. Neurosci. 8, 183, 2000, model A;
lecture example 1), as a compiled Brian2 network, beside the paper's mean-field theory. There is no learning. A run that
is resumed begins anew.

Beside the network, neurons alone hear its spike trains, each shifted by a time of its own, or Poisson processes of the
same rate; so one sees what synchrony does, and what the regularity of the trains.

What to expect (``paper``: five seeds; every number: ``docs/results/brunel.md``):

- With more inhibition than excitation (g = 5) neurons fire at 37.3 Hz, irregularly, 2 % below theory, as theory
  for steps of 0.1 ms says.
- Fast oscillation (g = 6, strong input) at 185 Hz with 58.9 Hz per neuron, 5 % above theory. Slow oscillation (g = 4.5,
  weak input) at 22 Hz with 5.5 Hz per neuron, 16 % below it. Both rates are NEST's, too.
- With g = 3 every neuron fires as fast as it can; at g = 5 the rate is ten times lower.
- Intervals of the asynchronous state are more regular than theory says, since the spike trains that a neuron hears are
  no Poisson processes; synchrony has no part in it.

A simulated second of the asynchronous state takes some 15 s of one core, one of the synchronous state 85 s.
"""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field, field_validator

from spikingsampling.analysis import Estimate, estimate_mean
from spikingsampling.cli import run_script
from spikingsampling.experiment.configuration import ProtocolConfiguration
from spikingsampling.experiment.protocol import Protocol
from spikingsampling.experiment.run import Run
from spikingsampling.models.dynamics.activity import Activity
from spikingsampling.models.dynamics.brunel import STATES, BrunelNetwork
from spikingsampling.parameters import quantity
from spikingsampling.protocols.studies.dynamics.spiking.activity import interval_cv, rate, spectrum
from spikingsampling.protocols.studies.dynamics.spiking.alone import hear
from spikingsampling.protocols.studies.dynamics.spiking.brunel_figures import (
    plot_phase_line,
    plot_spectra,
    plot_states,
)
from spikingsampling.protocols.studies.dynamics.trajectories import Array
from spikingsampling.units import Number, Time

__all__ = ["PROTOCOL", "Configuration"]

State = Literal["synchronous_regular", "fast_oscillation", "asynchronous_irregular", "slow_oscillation"]
#: Input along the phase line, in units of the threshold rate.
_DRIVE = 2.0
#: How long a state is measured, in units of ``measure``: one repeats itself every 3 ms, another's slow cycles differ.
_LENGTH = {"synchronous_regular": 0.2, "slow_oscillation": 4.0}
#: States in which theory says something of single neurons.
_IRREGULAR = ("fast_oscillation", "asynchronous_irregular", "slow_oscillation")
#: Neurons that hear a state's spikes from outside it.
_ALONE = 400


class Configuration(ProtocolConfiguration):
    """The network, its states, and how long it is watched."""

    n_excitatory: int = Field(10_000, ge=80, le=100_000, multiple_of=4, description="excitatory neurons N_E")
    c_excitatory: int = Field(
        1000, ge=8, le=10_000, multiple_of=4, description="excitatory inputs C_E per neuron"
    )
    weight: Number = quantity(0.1, "J in mV", above=0, high=10)
    states: tuple[State, ...] = Field(tuple(STATES), min_length=1, description="states that are simulated")
    line: tuple[Annotated[float, Field(gt=0, le=20)], ...] = Field(
        (4.5, 5.0, 6.0, 8.0),
        description="strengths of inhibition g along the phase line, at an input of 2 ν_thr",
    )
    settle: Time = quantity("200 ms", "time that is not measured", low="0 s", high="10 s", dimension="time")
    measure: Time = quantity(
        "500 ms",
        "time that is; a fifth of it in the synchronous state, the fourfold in the slow oscillation",
        low="50 ms",
        high="100 s",
        dimension="time",
    )
    step: Time = quantity(
        "0.1 ms",
        "time step; the delay of 1.5 ms must be a multiple of it",
        low="0.005 ms",
        high="0.5 ms",
        dimension="time",
    )
    repetitions: int = Field(1, ge=1, le=100, description="seeds per state")

    @field_validator("line", mode="after")
    @classmethod
    def _distinct(cls, line: tuple[float, ...]) -> tuple[float, ...]:
        if len(set(line)) < len(line):
            raise ValueError(f"line = {line}: must be distinct numbers")
        return line

    @property
    def network(self) -> BrunelNetwork:
        """The network of these settings."""
        return BrunelNetwork(self.n_excitatory, self.c_excitatory, self.weight, dt=self.step)

    def seconds(self, name: str) -> float:
        """How long a point is measured."""
        return self.measure * _LENGTH.get(name, 1.0)


def run(context: Run[Configuration]) -> dict[str, Any]:
    """All states, then the phase line; each point of the line that is a state is simulated once."""
    c = context.configuration
    network = c.network
    with context.progress.preparing() as announce:
        program = network.compiled(announce)
    points = {STATES[name]: name for name in c.states} | {
        (g, _DRIVE): f"g_{g:g}" for g in c.line if (g, _DRIVE) not in [STATES[name] for name in c.states]
    }
    total = sum(c.settle + c.seconds(name) for name in points.values())
    context.progress.start(c.repetitions * total, "brunel")
    rates: dict[tuple[float, float], Estimate] = {}
    cvs: dict[tuple[float, float], Estimate] = {}
    shown: dict[str, Activity] = {}
    metrics: dict[str, Any] = {}
    for (g, drive), name in points.items():
        found, alone, seconds = [], [], c.settle + c.seconds(name)
        for seed in context.stream(f"g = {g!r}, input {drive!r}").spawn(c.repetitions):
            context.stop_if_interrupted()
            activity = network.run(program, g, drive, seconds, seed).after(c.settle)
            found.append((rate(activity), interval_cv(activity), spectrum(activity).peak()))
            if name in _IRREGULAR:
                rng = np.random.default_rng(seed.spawn(1)[0])
                alone.append(hear(activity, network, g, drive, c.settle, _ALONE, rng))
            context.progress.advance(seconds, label=name)
        if name in STATES:
            shown[name] = activity
        theory = network.theory(g, drive)
        values = np.array(found)
        rates[g, drive] = _mean(values[:, 0])
        cvs[g, drive] = _mean(values[:, 1])
        metrics[f"brunel.{name}.rate"] = rates[g, drive].metric() | {
            "theory": theory.rate,
            "theory_in_steps": network.theory(g, drive, network.dt).rate,
        }
        metrics[f"brunel.{name}.cv"] = cvs[g, drive].metric() | {"theory": theory.cv}
        for index, kind in enumerate(("poisson", "shifted") if alone else ()):
            for what, column in (("rate", 0), ("cv", 1)):
                values_alone = np.array([heard[index][column] for heard in alone])
                metrics[f"brunel.{name}.{what}_{kind}_input"] = _mean(values_alone).metric()
        metrics[f"brunel.{name}.peak_hz"] = _mean(values[:, 2]).metric()
    if context.figures_enabled:
        _draw(context, network, shown, rates, cvs)
    return metrics


def _mean(values: Array) -> Estimate:
    """NaN if in some run no neuron fired often enough."""
    return estimate_mean(values, (0.0, math.inf)) if np.isfinite(values).all() else Estimate(math.nan, 0)


def _draw(
    context: Run[Configuration],
    network: BrunelNetwork,
    shown: dict[str, Activity],
    rates: dict[tuple[float, float], Estimate],
    cvs: dict[tuple[float, float], Estimate],
) -> None:
    labels = {
        name: f"g = {STATES[name][0]:g}, input {STATES[name][1]:g} ν$_{{thr}}$: {rates[STATES[name]].value:.3g} Hz"
        for name in shown
    }
    context.save_figure(
        "states",
        plot_states(shown, labels),
        "Spikes of 50 neurons and the rate of the population in the last 200 ms of each state.",
    )
    context.save_figure(
        "spectra",
        plot_spectra(shown),
        "How the population oscillates: power spectrum of its rate, in units of that of independent neurons.",
    )
    along = {g: estimate for (g, drive), estimate in rates.items() if drive == _DRIVE}
    if along:
        grid = np.linspace(min(3.0, *along), max(8.0, *along), 41)
        theories = [network.theory(float(g), _DRIVE) for g in grid]
        context.save_figure(
            "phase_line",
            plot_phase_line(
                grid,
                np.array([theory.rate for theory in theories]),
                along,
                np.array([theory.cv for theory in theories]),
                {g: cvs[g, _DRIVE].value for g in along},
            ),
            "Rate and irregularity over the strength of inhibition, at an input of twice the threshold rate: "
            "mean-field theory and simulations (with 95 % intervals over seeds).",
        )


PROTOCOL = Protocol(
    configuration=Configuration,
    presets={
        "smoke": {
            "n_excitatory": 800,
            "c_excitatory": 80,
            "weight": 0.4,
            "settle": "50 ms",
            "measure": "200 ms",
            "line": [5.0, 8.0],
            "repetitions": 2,
        },
        "quick": {},
        "paper": {
            "repetitions": 5,
            "line": [4.0, 4.5, 5.0, 6.0, 8.0],
        },
    },
    run=run,
)

if __name__ == "__main__":
    run_script(PROTOCOL)
