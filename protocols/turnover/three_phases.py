"""A new digit recruits synapses, and leaves again (Kappel et al., PLOS Comput Biol 2015; report S0).

The visual circuits alone see one digit, then two, then the first alone again. The synapses that become active with the
second digit, onto the neurons that it recruits, are followed: before it comes (prior and noise alone move what is not
used), while it is there, and after it has left, when they survive by chance or not.

Found with ``paper``, seeds 1 and 2: 18 and 16 of 40 neurons prefer the second digit and recruit 2732 and 2437 synapses.
9.3 and 9.8 % of these survive the third phase, against 34.5 and 23.4 % of the others born in the second phase and 74 %
under the prior alone. With ``quick``, 20 min for each phase instead of 2 h, seed 1: 60 % of 334, against 64 % of 841
(p = 0.29) and 74 %. Budget: 6 h simulated, 6 min on one core.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pydantic import Field, model_validator

from spikingsampling.analysis import SynapseHistory, selectivity
from spikingsampling.analysis.turnover.histories import read_parameters
from spikingsampling.cli import run_script
from spikingsampling.data import load_images
from spikingsampling.experiment.configuration import ProtocolConfiguration
from spikingsampling.experiment.protocol import Protocol
from spikingsampling.experiment.run import Run
from spikingsampling.models.association.task import Stimulation, image_library
from spikingsampling.network.parameters import CircuitParameters
from spikingsampling.parameters import quantity
from spikingsampling.protocols.studies.turnover.recruitment import (
    PHASES,
    PROJECTION,
    recruited_metrics,
    recruited_synapses,
    visual_network,
)
from spikingsampling.protocols.studies.turnover.recruitment_figures import save_figures
from spikingsampling.recording.settings import Recording
from spikingsampling.simulation.stimuli import Stimuli
from spikingsampling.units import Time

__all__ = ["PROTOCOL", "Configuration"]


class Configuration(ProtocolConfiguration):
    """Settings of the three-phases protocol."""

    digits: tuple[int, int] = Field((1, 2), description="the first digit, and the one that comes and goes")
    phase: Time = quantity("1 h", "length of each phase", low="1 s", high="1000 h", dimension="time")
    test: Time = quantity(
        "60 s",
        "test of tuning at the end of phase 2, without learning",
        low="1 s",
        high="1 h",
        dimension="time",
    )
    n_circuits: int = Field(4, ge=1, le=1000, description="circuits (S0)")
    circuit_size: int = Field(10, ge=2, le=1000, description="neurons per circuit (A)")
    followed: int = Field(8, ge=1, le=1000, description="synapses of each kind whose course is drawn")
    stimulation: Stimulation = Stimulation()
    circuit: CircuitParameters = CircuitParameters(adaptation=-0.7)
    segment: Time = quantity("60 s", "time between checkpoints", low="1 s", high="1 h", dimension="time")
    recording: Recording = Recording(snapshot_period="1 min")

    @model_validator(mode="after")
    def _check(self) -> Configuration:
        if self.digits[0] == self.digits[1]:
            raise ValueError(f"digits = {self.digits}: must be two different ones")
        return self


def run(context: Run[Configuration]) -> dict[str, Any]:
    """Three phases; then follow the synapses that the second one recruited."""
    c = context.configuration
    library, n_train = image_library(
        {split: load_images(c.data, split, c.digits) for split in ("train", "test")}, c.stimulation
    )
    stimuli = Stimuli({"visual_input": library}, c.stimulation.presentation)
    network = visual_network(library.rates.shape[2], c.n_circuits, c.circuit_size, c.circuit)
    rng = np.random.default_rng(context.stream("items"))
    context.progress.start(3 * c.phase + c.test, "three_phases")

    def items(digits: tuple[int, ...], duration: float, training: bool) -> tuple[dict[str, Any], Any]:
        pool = np.flatnonzero(np.isin(library.labels, digits))
        pool = pool[pool < n_train] if training else pool[pool >= n_train]
        shown = rng.choice(pool, round(duration / c.stimulation.presentation))
        return {"visual_input": shown}, library.labels[shown]

    ends: list[float] = []
    with context.simulation(
        network, stimuli, stream="network", segment=c.segment, recording=c.recording
    ) as simulation:
        for number, digits in enumerate((c.digits[:1], c.digits, c.digits[:1])):
            simulation.note("phase", name=PHASES[number], digits=list(digits))
            shown, labels = items(digits, c.phase, training=True)
            simulation.present(
                shown, learning="sampling", labels=labels, name=f"phase {number + 1}", snapshot=True
            )
            ends.append(simulation.time)
            if number == 1:
                shown, labels = items(c.digits, c.test, training=False)
                response = simulation.present(
                    shown, learning="off", labels=labels, name="test", snapshot=True
                )
        simulation.finish()
    times, theta = read_parameters([context.directory], PROJECTION)
    _, w = read_parameters([context.directory], PROJECTION, "w")
    history = SynapseHistory(times, w > 0)
    tuning = selectivity(response.counts("visual"), response.labels)
    post = network.projection(PROJECTION).post_index
    recruited = recruited_synapses(history, (ends[0], ends[1]), post, tuning, c.digits[1])
    metrics = recruited_metrics(
        history, theta.astype(float), recruited, (ends[0], ends[1], ends[2]), c.circuit
    )
    metrics["neurons_for_second_digit"] = int(((tuning.preferred == c.digits[1]) & (tuning.index > 0)).sum())
    metrics["selectivity"] = tuning.weighted_mean
    if context.figures_enabled:
        chosen = np.random.default_rng(context.stream("followed"))
        save_figures(context.save_figure, times, theta, w, recruited, ends, c.followed, chosen)
    return metrics


PROTOCOL = Protocol(
    configuration=Configuration,
    presets={
        "smoke": {
            "phase": "20 s",
            "test": "5 s",
            "n_circuits": 2,
            "circuit_size": 4,
            "segment": "10 s",
            "stimulation": {"max_images": 20},
            "recording": {"snapshot_period": "10 s"},
        },
        "quick": {"phase": "20 min"},
        "paper": {"data": "real", "phase": "2 h", "recording": {"snapshot_period": "2 min"}},
    },
    run=run,
)

if __name__ == "__main__":
    run_script(PROTOCOL)
