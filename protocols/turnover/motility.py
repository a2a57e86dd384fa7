"""Spine motility without input: every parameter θ follows the prior alone (Kappel et al., PLOS Comput Biol 2015).

Synapses of a circuit that learns from nothing (N = 0) drift with the prior and diffuse with the noise. Their activity,
autocorrelation, formation per half hour and survival have closed forms: an Ornstein-Uhlenbeck process seen every half
hour. Then the stationary law is sampled at several temperatures and with other priors, where it is p_S^(1/T).

Expected (exact), and found over seeds 1 to 10, mean with its 95 % interval:

====================== ======= ========================
measure                exact   10 seeds
====================== ======= ========================
active                 0.6915  0.6914 (0.6897 … 0.6930)
formation_30min        0.1178  0.1177 (0.1165 … 0.1188)
survival_30min         0.7447  0.7459 (0.7429 … 0.7489)
survival_60min         0.6181  0.6182 (0.6149 … 0.6214)
survival_180min        0.3840  0.3837 (0.3818 … 0.3856)
autocorrelation_60min  0.6977  0.6979 (0.6957 … 0.7002)
====================== ======= ========================

``law_<prior>_T<temperature>.p_value``: Kolmogorov-Smirnov, uniform between 0 and 1 where the law is right. Budget: 9 h
simulated for the turnover and 3 h for each of nine laws (``paper``: 12 h).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pydantic import Field, model_validator

from spikingsampling.analysis import SynapseHistory
from spikingsampling.analysis.turnover.histories import read_parameters
from spikingsampling.cli import run_script
from spikingsampling.errors import nearest
from spikingsampling.experiment.configuration import ProtocolConfiguration
from spikingsampling.experiment.protocol import Protocol
from spikingsampling.experiment.run import Run
from spikingsampling.inference.priors import GaussianPrior
from spikingsampling.network.parameters import CircuitParameters
from spikingsampling.parameters import quantity
from spikingsampling.protocols.studies.turnover.environments import PROJECTION, circuit_network
from spikingsampling.protocols.studies.turnover.motility import (
    PRIORS,
    autocorrelation,
    expected_metrics,
    law_metrics,
    prior_turnover,
    silent_stimuli,
    turnover_metrics,
)
from spikingsampling.protocols.studies.turnover.motility_figures import save_figures
from spikingsampling.recording.settings import Recording
from spikingsampling.units import Frequency, Time

__all__ = ["PROTOCOL", "Configuration"]


class Configuration(ProtocolConfiguration):
    """Settings of the motility protocol."""

    n_inputs: int = Field(1000, ge=1, le=1_000_000, description="potential synapses of a neuron")
    n_neurons: int = Field(10, ge=1, le=1000, description="neurons")
    duration: Time = quantity(
        "9 h", "simulated time of the turnover", low="1 s", high="1000 h", dimension="time"
    )
    interval: Time = quantity(
        "30 min", "interval of formation and survival", low="1 s", high="10 h", source="M", dimension="time"
    )
    n_intervals: int = Field(6, ge=1, le=100, description="intervals for which new synapses are followed")
    #: Without examples θ has nothing to learn from; the floor would cut the law at high temperatures, and spikes that
    #: nobody learns from cost time.
    circuit: CircuitParameters = CircuitParameters(n_examples=0.0, theta_floor=-100.0, rho_net="0.01 Hz")
    laws: tuple[str, ...] = Field(
        tuple(PRIORS), description=f"priors whose law is sampled, of {', '.join(PRIORS)}"
    )
    temperatures: tuple[float, ...] = Field((0.25, 1.0, 4.0), description="temperatures T at which it is")
    law_duration: Time = quantity(
        "3 h", "simulated time for each of them", low="1 s", high="1000 h", dimension="time"
    )
    law_b: Frequency = quantity(
        "1e-3 /s", "sampling speed b for the laws", above="0 /s", high="1e-3 /s", dimension="frequency"
    )
    segment: Time = quantity("10 min", "time between checkpoints", low="1 s", high="1 h", dimension="time")

    @model_validator(mode="after")
    def _check(self) -> Configuration:
        for name in self.laws:
            if name not in PRIORS:
                raise ValueError(f"laws: unknown prior {name!r}{nearest(name, PRIORS)}")
        if any(not 0 < temperature <= 100 for temperature in self.temperatures):
            raise ValueError(f"temperatures = {self.temperatures}: must be more than 0 and at most 100")
        if not isinstance(self.circuit.prior, GaussianPrior):
            raise ValueError("circuit.prior: must be gaussian, for which there are closed forms")
        if self.circuit.n_examples or not self.circuit.temperature:
            raise ValueError("circuit: n_examples must be 0 and temperature more than 0")
        if self.duration < (self.n_intervals + 2) * self.interval:
            raise ValueError(
                f"duration = {self.duration:g} s: must be at least n_intervals + 2 intervals of {self.interval:g} s"
            )
        if self.interval % self.segment:
            raise ValueError(
                f"interval = {self.interval:g} s: must be a multiple of segment = {self.segment:g} s"
            )
        return self


def run(context: Run[Configuration]) -> dict[str, Any]:
    """Let θ move, compare with the closed forms; then the laws."""
    c = context.configuration
    stimuli = silent_stimuli(c.n_inputs)
    parts = [(name, temperature) for name in c.laws for temperature in c.temperatures]
    context.progress.start(c.duration + len(parts) * c.law_duration, "motility")

    def drift(part: str, parameters: CircuitParameters, duration: float) -> None:
        network = circuit_network(c.n_inputs, c.n_neurons, parameters)
        recording = Recording(spikes=(), snapshot_period=0.0)
        # Nothing happens between two updates of θ: the longest step that divides the lateral delay.
        dt = network.parameters.lateral_delay
        with context.simulation(
            network, stimuli, stream=part, part=part, segment=c.segment, dt=dt, recording=recording
        ) as simulation:
            n = round(duration / stimuli.presentation_period)
            simulation.present({"input": np.full(n, -1)}, learning="sampling", name=part)
            simulation.finish()

    drift("turnover", c.circuit, c.duration)
    times, theta = read_parameters([context.directory / "turnover"], PROJECTION)
    law = prior_turnover(c.circuit, c.interval)
    history = SynapseHistory(times, theta > 0)
    metrics: dict[str, Any] = dict(turnover_metrics(history, c.interval, c.n_intervals))
    metrics |= {f"expected.{k}": v for k, v in expected_metrics(law, c.n_intervals).items()}
    step = round(c.interval / c.segment)
    lags = np.arange(1, c.n_intervals + 1)
    correlations = autocorrelation(theta.astype(float), c.circuit.prior.mean, (lags * step).tolist())
    for lag, value in zip(lags * c.interval, correlations, strict=True):
        metrics[f"autocorrelation_{lag / 60:g}min"] = float(value)
        metrics[f"expected.autocorrelation_{lag / 60:g}min"] = law.autocorrelation(lag)
    samples: dict[str, dict[float, Any]] = {}
    for name, temperature in parts:
        part = f"law_{name}_T{temperature:g}"
        parameters = c.circuit.replace(prior=PRIORS[name], temperature=temperature, b=c.law_b)
        drift(part, parameters, c.law_duration)
        folder = context.directory / part
        found = law_metrics(folder, PROJECTION, PRIORS[name], temperature)
        metrics |= {f"{part}.{key}": value for key, value in found.items()}
        samples.setdefault(name, {})[temperature] = read_parameters([folder], PROJECTION)[1][-1]
    if context.figures_enabled:
        save_figures(
            context.save_figure,
            times,
            theta.astype(float),
            (lags * c.interval, correlations),
            law,
            c.n_intervals,
            samples,
            PRIORS,
        )
    return metrics


PROTOCOL = Protocol(
    configuration=Configuration,
    presets={
        "smoke": {
            "n_inputs": 200,
            "n_neurons": 5,
            "duration": "400 s",
            "interval": "20 s",
            "n_intervals": 3,
            "circuit": {"b": "1e-3 /s"},
            "laws": ["gaussian"],
            "temperatures": [0.25],
            "law_duration": "40 s",
            "segment": "20 s",
        },
        "quick": {"laws": ["gaussian", "mixture"], "temperatures": [0.25, 4.0]},
        "paper": {"law_duration": "12 h"},
    },
    run=run,
)

if __name__ == "__main__":
    run_script(PROTOCOL)
