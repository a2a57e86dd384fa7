"""Spine motility under prior and noise alone, against closed forms.

Synapses of a circuit that learns from nothing (N = 0; Kappel et al., PLOS Comput Biol 2015) drift with the prior and
diffuse with the noise. The fraction of active ones, autocorrelation, formation and survival have closed forms: those
of an Ornstein-Uhlenbeck process seen every half hour. Then the stationary law is sampled at several temperatures and
with other priors, where it is p_S^(1/T).

Each measure stands beside its exact value, ``expected.<measure>``. Over seeds 1 to 10 all 95 % intervals hold it:
``active`` 0.6915, ``formation_30min`` 0.1178, ``survival_60min`` 0.6181, ``autocorrelation_60min`` 0.6977 (exact; the
table is in ``docs/results/turnover.md``). ``law_<prior>_T<temperature>.p_value`` is that of a Kolmogorov-Smirnov test:
uniform between 0 and 1 where the law is right.

Budget: 9 h simulated for the turnover and 3 h for each of nine laws (``paper``: 12 h).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from spikingsampling.analysis import PriorTurnover, SynapseHistory
from spikingsampling.analysis.turnover.histories import read_parameters
from spikingsampling.cli import run_script
from spikingsampling.errors import nearest
from spikingsampling.experiment.configuration import ProtocolConfiguration
from spikingsampling.experiment.protocol import Protocol
from spikingsampling.experiment.run import Run
from spikingsampling.inference.priors import GaussianPrior
from spikingsampling.models.circuits import INPUT_TO_CIRCUIT, circuit_network, silent_stimuli
from spikingsampling.network.parameters import AUTHORS_CODE, CircuitParameters
from spikingsampling.parameters import quantity
from spikingsampling.protocols.studies.turnover.motility import (
    PRIORS,
    autocorrelation,
    autocorrelation_metrics,
    expected_metrics,
    law_metrics,
    turnover_metrics,
)
from spikingsampling.protocols.studies.turnover.motility_figures import save_figures
from spikingsampling.recording.settings import Recording
from spikingsampling.simulation.stimuli import SILENCE
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
        "30 min",
        "interval of formation and survival",
        low="1 s",
        high="10 h",
        source=AUTHORS_CODE,
        dimension="time",
    )
    n_intervals: int = Field(6, ge=1, le=100, description="intervals for which new synapses are followed")
    #: Without examples θ has nothing to learn from. The floor would cut the law at high temperatures, and spikes
    #: without learning only cost time.
    circuit: CircuitParameters = CircuitParameters(n_examples=0.0, theta_floor=-100.0, rho_net="0.01 Hz")
    laws: tuple[str, ...] = Field(
        tuple(PRIORS), description=f"priors whose law is sampled, of {', '.join(PRIORS)}"
    )
    temperatures: tuple[float, ...] = Field(
        (0.25, 1.0, 4.0), description="temperatures T at which it is sampled"
    )
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


def drift(
    context: Run[Configuration], part: str, parameters: CircuitParameters, duration: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Let θ move under prior and noise; times (s) and θ (n_times, n_synapses) at the end of each segment."""
    c = context.configuration
    network, stimuli = circuit_network(c.n_inputs, c.n_neurons, parameters), silent_stimuli(c.n_inputs)
    recording = Recording(spikes=(), snapshot_period=0.0)
    # Nothing happens between two updates of θ: the longest step that divides the lateral delay.
    settings = {"segment": c.segment, "dt": parameters.lateral_delay, "recording": recording}
    with context.simulation(network, stimuli, stream=part, part=part, **settings) as simulation:
        n = round(duration / stimuli.presentation_period)
        simulation.present({"input": np.full(n, SILENCE)}, learning="sampling", name=part)
    times, theta = read_parameters([context.directory / part], INPUT_TO_CIRCUIT)
    return times, theta.astype(float)


def run(context: Run[Configuration]) -> dict[str, Any]:
    """Let θ move, compare with the closed forms; then the laws."""
    c = context.configuration
    laws = [(name, temperature) for name in c.laws for temperature in c.temperatures]
    context.progress.start(c.duration + len(laws) * c.law_duration, "motility")
    times, theta = drift(context, "turnover", c.circuit, c.duration)
    law = PriorTurnover(c.circuit.prior, c.circuit.b, c.interval, c.circuit.temperature)
    lags = [k * round(c.interval / c.segment) for k in range(1, c.n_intervals + 1)]
    correlations = autocorrelation(theta, c.circuit.prior.mean, lags)
    metrics: dict[str, Any] = {
        **turnover_metrics(SynapseHistory(times, theta > 0), c.interval, c.n_intervals),
        **{f"expected.{name}": value for name, value in expected_metrics(law, c.n_intervals).items()},
        **autocorrelation_metrics(correlations, law),
    }
    samples: dict[str, dict[float, NDArray[np.float64]]] = {}
    for name, temperature in laws:
        part = f"law_{name}_T{temperature:g}"
        parameters = c.circuit.replace(prior=PRIORS[name], temperature=temperature, b=c.law_b)
        _, snapshots = drift(context, part, parameters, c.law_duration)
        # One value of each synapse, so that they are independent.
        final = samples.setdefault(name, {})[temperature] = snapshots[-1]
        measures = law_metrics(final, PRIORS[name], temperature)
        metrics |= {f"{part}.{measure}": value for measure, value in measures.items()}
    if context.figures_enabled:
        save_figures(context.save_figure, times, theta, correlations, law, c.n_intervals, samples, PRIORS)
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
