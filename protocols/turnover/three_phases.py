"""Synapses that a new digit recruits, before, while and after it is there.

The visual circuits alone see one digit, then two, then the first alone again (Kappel et al., PLOS Comput Biol 2015;
Fournier's report). Followed are the synapses that become active with the second digit, onto the neurons that come to
prefer it. Before it comes, prior and noise alone move them; while it is there, they learn; when it has left, they
survive by chance or not.

Expected with ``paper``, five seeds: ``neurons_for_second_digit`` 16 or 17 of 40, ``recruited`` 2551 synapses.
``surviving_recruited`` is 0.11 (95 % interval 0.09 to 0.14), against ``surviving_others`` 0.31, and 0.74 under the
prior alone. Every seed: ``docs/results/turnover.md``.

Budget: 6 h simulated, 80 s on one core.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from pydantic import Field, model_validator

from spikingsampling.analysis import SynapseHistory, selectivity
from spikingsampling.analysis.turnover.histories import read_parameters
from spikingsampling.cli import run_script
from spikingsampling.data import ClassName, ImageData, class_labels, load_images
from spikingsampling.experiment.configuration import ProtocolConfiguration
from spikingsampling.experiment.protocol import Protocol
from spikingsampling.experiment.run import Run
from spikingsampling.models.association.stimulation import Stimulation, image_library
from spikingsampling.models.circuits import VISUAL_INPUT_TO_VISUAL, visual_network
from spikingsampling.network.parameters import CircuitParameters
from spikingsampling.network.rules import Learning
from spikingsampling.parameters import quantity
from spikingsampling.protocols.studies.turnover.recruitment import (
    PHASES,
    new_synapses,
    recruited_metrics,
    tuned_neurons,
)
from spikingsampling.protocols.studies.turnover.recruitment_figures import save_figures
from spikingsampling.recording.settings import Recording
from spikingsampling.simulation.response import Response
from spikingsampling.simulation.simulation import Simulation
from spikingsampling.simulation.stimuli import Stimuli
from spikingsampling.units import Time

__all__ = ["PROTOCOL", "Configuration"]


class Configuration(ProtocolConfiguration):
    """Settings of the three-phases protocol."""

    data: ImageData = ImageData()
    digits: tuple[ClassName, ClassName] = Field(
        (1, 2), description="the first digit, or class of your own data, and the one that comes and goes"
    )
    phase: Time = quantity("1 h", "length of each phase", low="1 s", high="1000 h", dimension="time")
    test: Time = quantity(
        "60 s",
        "test of tuning at the end of phase 2, without learning",
        low="1 s",
        high="1 h",
        dimension="time",
    )
    n_circuits: int = Field(4, ge=1, le=1000, description="circuits (Fournier's report)")
    circuit_size: int = Field(10, ge=2, le=1000, description="neurons per circuit (Kappel et al., NIPS 2015)")
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

    def pinned(self) -> Self:
        """The same settings with the hash of the user's own data."""
        return self.replace(data=self.data.pinned(self.digits))


def present(
    simulation: Simulation,
    digits: Sequence[int],
    among: slice,
    duration: float,
    rng: np.random.Generator,
    learning: Learning,
    name: str,
) -> Response:
    """Show random images of ``digits``, of a part of the library, for ``duration`` seconds."""
    labels = simulation.stimuli.libraries["visual_input"].labels
    pool = np.arange(len(labels))[among]
    pool = pool[np.isin(labels[pool], digits)]
    items = {"visual_input": rng.choice(pool, round(duration / simulation.stimuli.presentation_period))}
    classes = labels[items["visual_input"]]
    return simulation.present(items, learning=learning, labels=classes, name=name, snapshot=True)


def run(context: Run[Configuration]) -> dict[str, Any]:
    """Three phases; then follow the synapses that the second one recruited."""
    c = context.configuration
    images = {split: load_images(c.data, split, c.digits) for split in ("train", "test")}
    library, n_train = image_library(images, c.stimulation)
    stimuli = Stimuli({"visual_input": library}, c.stimulation.presentation)
    network = visual_network(library.rates.shape[2], c.n_circuits, c.circuit_size, c.circuit)
    rng = np.random.default_rng(context.stream("items"))
    context.progress.start(3 * c.phase + c.test, "three_phases")
    ends: list[float] = []
    settings = {"segment": c.segment, "recording": c.recording}
    with context.simulation(network, stimuli, stream="network", **settings) as simulation:
        both = tuple(class_labels(c.digits).values())
        for number, digits in enumerate((both[:1], both, both[:1])):
            simulation.note("phase", name=PHASES[number], digits=list(digits))
            present(simulation, digits, slice(n_train), c.phase, rng, "sampling", f"phase {number + 1}")
            ends.append(simulation.time)
            if number == 1:
                response = present(simulation, digits, slice(n_train, None), c.test, rng, "off", "test")
    times, theta = read_parameters([context.directory], VISUAL_INPUT_TO_VISUAL)
    _, w = read_parameters([context.directory], VISUAL_INPUT_TO_VISUAL, "w")
    history = SynapseHistory(times, w > 0)
    tuning = selectivity(response.counts("visual"), response.labels)
    tuned = tuned_neurons(tuning, both[1])
    new = new_synapses(history, *ends[:2], network.projection(VISUAL_INPUT_TO_VISUAL).post_index, tuned)
    metrics = recruited_metrics(history, theta.astype(float), new, ends, c.circuit)
    metrics |= {"neurons_for_second_digit": int(tuned.sum()), "selectivity": tuning.weighted_mean}
    if context.figures_enabled:
        followed_rng = np.random.default_rng(context.stream("followed"))
        save_figures(context.save_figure, history, theta, w, new, ends, c.followed, followed_rng)
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
