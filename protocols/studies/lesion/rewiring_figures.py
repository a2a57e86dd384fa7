"""The pictures of rewiring: connection matrices, formation and retraction of synapses, the path of the parameters."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from spikingsampling.analysis import Selectivity
from spikingsampling.models.association import AUDITORY, VISUAL
from spikingsampling.network.description import Network
from spikingsampling.plotting.connectivity import plot_connections, plot_synapse_raster
from spikingsampling.plotting.timeline import Phase
from spikingsampling.plotting.trajectories import plot_synapse_traces, plot_trajectory
from spikingsampling.protocols.studies.lesion.experiment import LesionExperiment, Unlesioned
from spikingsampling.protocols.studies.lesion.recall import RecallCourse
from spikingsampling.protocols.studies.lesion.rewiring import (
    PROJECTION,
    ConnectionMoment,
    ParameterPath,
    lesion_moments,
)

__all__ = ["connection_figure", "save_figures"]


def connection_figure(
    network: Network, moments: Mapping[str, ConnectionMoment], tuning: Mapping[str, Selectivity]
) -> Figure:
    """Potential, active and new synapses from the auditory to the visual neurons at several moments."""
    projection = network.projection(PROJECTION)
    shape = (network.population(AUDITORY).size, network.population(VISUAL).size)

    def matrix(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        dense = np.zeros(shape, dtype=bool)
        dense[projection.pre_index, projection.post_index] = mask
        return dense

    sets = {name: tuple(matrix(mask) for mask in masks) for name, masks in moments.items()}
    return plot_connections(sets, (AUDITORY, tuning[AUDITORY]), (VISUAL, tuning[VISUAL]))


def save_figures(
    experiment: LesionExperiment, course: RecallCourse, trained: Unlesioned, path: ParameterPath
) -> None:
    """Draw and save all figures of the protocol ``rewiring``."""
    save = experiment.context.save_figure
    first, second = path.lesions
    phases = [
        Phase("training", 0.0, first),
        Phase("after lesion 1", first, second),
        Phase("after lesion 2", second, course.tests[-1].time),
    ]
    events = {"lesion 1": first, "lesion 2": second}
    moments = lesion_moments(course, experiment.network, trained.neurons)
    save(
        "connections",
        connection_figure(experiment.network, moments, trained.tuning),
        "Lateral synapses from the auditory to the visual neurons, sorted by the digit that these prefer: potential, "
        "active and new ones at the end of each phase.",
    )
    save(
        "synapses",
        plot_synapse_raster(path.history, phases=phases, events=events, title="lateral synapses"),
        "When lateral synapses are formed and retracted, over the whole experiment.",
    )
    names = [phase.name for phase in phases]
    n_followed = path.theta.shape[1]
    caption = (
        f"Path of {n_followed} parameters θ in the space of their principal components, coloured by phase."
    )
    save("trajectory", plot_trajectory(path.components, path.phase, names), caption)
    if path.components.points.shape[1] > 2:
        save(
            "trajectory_3d",
            plot_trajectory(path.components, path.phase, names, n_dimensions=3),
            caption,
        )
    save(
        "parameters",
        plot_synapse_traces(path.times, path.theta, path.w, phases=phases, events=events),
        "θ and w of the same synapses over time; a synapse is active where θ > 0.",
    )
