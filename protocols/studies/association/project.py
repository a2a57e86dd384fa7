"""The C++ project of the association network."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from spikingsampling.engines import Drive
from spikingsampling.engines.programs.project import export_project
from spikingsampling.network.state import initial_state
from spikingsampling.network.timing import Timing
from spikingsampling.protocols.studies.association.configuration import (
    AssociationConfiguration,
    make_network,
    make_task,
)

__all__ = ["write_project"]


def write_project(configuration: AssociationConfiguration, directory: Path) -> str:
    """Write the C++ project of the network with the stimuli of its first segment; the command that runs it."""
    c = configuration
    task = make_task(c)
    network = make_network(c, task)
    seed, training = np.random.SeedSequence(c.seed).spawn(2)
    rng = np.random.default_rng(training)
    timing = Timing(
        frame_period=task.stimuli.frame_period, segment=c.segment, delay=network.parameters.lateral_delay
    )
    items, _ = task.draw(round(c.segment / task.stimuli.presentation_period), "train", rng)
    drive = Drive(c.segment, task.stimuli.schedule(items, [source.name for source in network.sources]))
    state = initial_state(network, np.random.default_rng(seed), timing)
    return export_project(
        network, timing, task.stimuli.table(network), state, drive, "sampling", directory, c.seed % 2**32
    )
