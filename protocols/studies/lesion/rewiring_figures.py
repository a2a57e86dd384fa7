"""The pictures of rewiring: connection matrices, births and deaths of synapses, the path of the parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from spikingsampling.analysis import PrincipalComponents, SynapseHistory
from spikingsampling.analysis.selectivity import Selectivity
from spikingsampling.models.association.network import AUDITORY, VISUAL
from spikingsampling.network.description import Network
from spikingsampling.plotting.connectivity import plot_connections, plot_synapse_raster
from spikingsampling.plotting.saving import SaveFigure
from spikingsampling.plotting.timeline import Phase
from spikingsampling.plotting.trajectories import plot_synapse_traces, plot_trajectory

__all__ = ["connection_figure", "save_figures"]

PROJECTION = f"{AUDITORY}_to_{VISUAL}"


def connection_figure(
    network: Network,
    moments: Mapping[str, tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]],
    tuning: Mapping[str, Selectivity],
) -> Figure:
    """Potential, active and newly formed synapses from the auditory to the visual neurons at several moments.

    ``moments``: by name, three masks (n_synapses,) of the projection.
    """
    projection = network.projection(PROJECTION)
    shape = (network.population(AUDITORY).size, network.population(VISUAL).size)

    def matrix(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        dense = np.zeros(shape, dtype=bool)
        dense[projection.pre_index, projection.post_index] = mask
        return dense

    sets = {name: tuple(matrix(mask) for mask in masks) for name, masks in moments.items()}
    return plot_connections(sets, (AUDITORY, tuning[AUDITORY]), (VISUAL, tuning[VISUAL]))


def save_figures(
    save: SaveFigure,
    network: Network,
    moments: Mapping[str, tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]],
    tuning: Mapping[str, Selectivity],
    history: SynapseHistory,
    phases: Sequence[Phase],
    path: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]],
    components: PrincipalComponents,
    phase: NDArray[np.int64],
) -> None:
    """Draw and save all figures.

    Parameters
    ----------
    save : callable
        Takes a name, a figure and its caption.
    network : Network
    moments : mapping
        As for :func:`connection_figure`.
    tuning : mapping of str to Selectivity
        Of both populations, at the end of training.
    history : SynapseHistory
        Of the lateral synapses.
    phases : sequence of Phase
    path : (times, theta, w)
        (n_times,) in s and (n_times, n_chosen) of the chosen parameters.
    components : PrincipalComponents
        Of ``theta``.
    phase : (n_times,) int array
        Number of the phase of each time.
    """
    events = {"lesion 1": phases[1].start, "lesion 2": phases[2].start}
    save(
        "connections",
        connection_figure(network, moments, tuning),
        "Lateral synapses between the modalities, neurons sorted by the digit that they prefer: potential, active and "
        "newly formed ones at the end of each phase.",
    )
    save(
        "synapses",
        plot_synapse_raster(history, phases=phases, events=events, title="lateral synapses"),
        "When lateral synapses are born and lost, over the whole experiment.",
    )
    names = [p.name for p in phases]
    moving = f"Path of {path[1].shape[1]} parameters θ in the space of their principal components, coloured by phase."
    save("trajectory", plot_trajectory(components, phase, names), moving)
    if components.points.shape[1] > 2:
        save("trajectory_3d", plot_trajectory(components, phase, names, n_dimensions=3), moving)
    times, theta, w = path
    save(
        "parameters",
        plot_synapse_traces(times, theta, w, phases=phases, events=events),
        "θ and w of the same synapses over time; a synapse exists where θ > 0.",
    )
