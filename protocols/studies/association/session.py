"""An experiment with the association network within a run: its task and network, and its simulations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikingsampling.analysis import Selectivity
from spikingsampling.experiment.run import Run
from spikingsampling.models.association import (
    MODALITIES,
    AssociationTask,
    Stage,
    population_selectivity,
    run_stage,
    total_duration,
)
from spikingsampling.network.description import Network
from spikingsampling.protocols.studies.association.configuration import (
    AssociationConfiguration,
    make_network,
    make_task,
)
from spikingsampling.simulation.moment import Moment
from spikingsampling.simulation.observation import layout_of
from spikingsampling.simulation.response import Response
from spikingsampling.simulation.simulation import Simulation

__all__ = ["AssociationExperiment", "Session"]


@dataclass(frozen=True, eq=False)
class Session:
    """A simulation of the association network, and what draws its items.

    Attributes
    ----------
    context : Run
    task : AssociationTask
    network : Network
    simulation : Simulation
    training, testing : numpy.random.Generator
        Draw the items that are learnt, and those shown with learning off; may be the same.
    skip : float
        Start of each presentation that is not counted (s).
    """

    context: Run[Any]
    task: AssociationTask
    network: Network
    simulation: Simulation
    training: np.random.Generator
    testing: np.random.Generator
    skip: float

    def with_streams(self, training: str, testing: str) -> Session:
        """The same simulation with items drawn from other named streams of the run."""
        rngs = (np.random.default_rng(self.context.stream(name)) for name in (training, testing))
        return replace(self, **dict(zip(("training", "testing"), rngs, strict=True)))

    def run(self, stages: Iterable[Stage]) -> dict[str, Response]:
        """Run some stages one after another; the responses of their tests, by name."""
        responses = {}
        for stage in stages:
            rng = self.testing if stage.learning == "off" else self.training
            response = run_stage(self.task, self.simulation, stage, rng)
            if stage.test is not None:
                responses[stage.test] = response
        return responses

    def theta(self) -> dict[str, NDArray[np.float64]]:
        """Parameters (n_synapses,) of every projection now."""
        return {p.name: self.simulation.theta(p.name) for p in self.network.projections}


class AssociationExperiment:
    """What a protocol with the association network works with.

    Parameters
    ----------
    context : Run
        Its configuration names the data and the network.

    Attributes
    ----------
    context : Run
    task : AssociationTask
    network : Network
    skip : float
        Start of each presentation that is not counted (s).
    """

    def __init__(self, context: Run[Any]) -> None:
        self.context = context
        self.task = make_task(context.configuration)
        self.network = make_network(context.configuration, self.task)
        self.skip: float = context.configuration.skip

    def announce(self, stages: Iterable[Stage], label: str) -> None:
        """Start the progress bar for all stages of the run, and log how much memory its recordings take."""
        c: AssociationConfiguration = self.context.configuration
        duration = total_duration(stages)
        rate = c.network.circuit.rho_net / c.network.circuit_size
        size = c.recording.memory(layout_of(self.network), duration, rate, c.segment)
        self.context.log.info("the recording takes at most %.1f MiB", size / 2**20)
        self.context.progress.start(duration, label)

    @contextmanager
    def session(
        self,
        training: str,
        testing: str | None = None,
        *,
        stream: str = "network",
        part: str | None = None,
        start: Moment | None = None,
        network: Network | None = None,
    ) -> Iterator[Session]:
        """A simulation of this experiment; its recording is complete when the block ends without exception.

        Parameters
        ----------
        training, testing : str
            Names of the streams that draw the items learnt, and those tested; one for both without the second.
        stream, part, start
            As :meth:`spikingsampling.experiment.run.Run.simulation`.
        network : Network, optional
            Another one than that of the experiment.
        """
        c: AssociationConfiguration = self.context.configuration
        network = self.network if network is None else network
        learnt = np.random.default_rng(self.context.stream(training))
        tested = learnt if testing is None else np.random.default_rng(self.context.stream(testing))
        with self.context.simulation(
            network,
            self.task.stimuli,
            stream=stream,
            part=part,
            start=start,
            segment=c.segment,
            recording=c.recording,
        ) as simulation:
            yield Session(self.context, self.task, network, simulation, learnt, tested, self.skip)

    def tuning(self, response: Response) -> dict[str, Selectivity]:
        """Selectivity of the neurons of both populations in a response."""
        return {name: population_selectivity(response, name, self.skip) for name in MODALITIES}
