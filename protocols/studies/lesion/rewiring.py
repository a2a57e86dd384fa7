"""Rewiring over two lesions: which synapses exist and are new, and the path of a subset of the parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spikingsampling.analysis import (
    PrincipalComponents,
    choose_parameters,
    find_regions,
    separation,
    sham_separations,
)
from spikingsampling.analysis.turnover.histories import read_parameters
from spikingsampling.models.association.network import VISUAL
from spikingsampling.network.description import Network
from spikingsampling.protocols.studies.lesion.experiment import Check, parameters_at
from spikingsampling.protocols.studies.lesion.rewiring_figures import PROJECTION

__all__ = ["chosen_parameters", "connection_moments", "region_metrics"]

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


def connection_moments(
    network: Network, checks: Mapping[str, Check], removed: NDArray[np.int64]
) -> dict[str, tuple[Mask, Mask, Mask]]:
    """Potential, active and new synapses (n_synapses,) of auditory → visual at each test.

    Parameters
    ----------
    network : Network
    checks : mapping of str to Check
        The tests just before lesion 1, just before lesion 2, and at the end.
    removed : (n,) int array
        Visual neurons that lesion 1 takes; lesion 2 takes what is active at the test before it.

    Returns
    -------
    dict
        By name of the test. New: active now and at none of the tests before.
    """
    moments: dict[str, tuple[Mask, Mask, Mask]] = {}
    projection = network.projection(PROJECTION)
    known = np.zeros(len(projection), dtype=bool)
    potential = ~known
    for number, (name, check) in enumerate(checks.items()):
        active = parameters_at(check, network, "w")[PROJECTION] > 0
        if number == 1:
            potential = ~np.isin(projection.post_index, removed)
        elif number == 2:
            potential = potential & ~next(reversed(moments.values()))[1]
        moments[name] = (potential, active, active & ~known)
        known |= active
    return moments


def chosen_parameters(
    recording: Path,
    projections: Sequence[str],
    n_chosen: int,
    removed: NDArray[np.int64],
    network: Network,
    rng: np.random.Generator,
) -> tuple[Array, Array, Array]:
    """Times (n_times,) in s, and θ and w (n_times, n_chosen) of randomly chosen lateral synapses.

    Synapses of the neurons that lesion 1 removes are not among them: no activity moves their θ any more.
    """
    theta, w, alive = [], [], []
    times: Array = np.empty(0)
    for name in projections:
        times, values = read_parameters([recording], name)
        theta.append(values)
        w.append(read_parameters([recording], name, "w")[1])
        projection = network.projection(name)
        end = projection.pre_index if projection.pre == VISUAL else projection.post_index
        alive.append(~np.isin(end, removed))
    chosen = choose_parameters(np.concatenate(alive), n_chosen, rng)
    all_theta, all_w = (np.concatenate(parts, axis=1)[:, chosen].astype(float) for parts in (theta, w))
    return times, all_theta, all_w


def region_metrics(
    times: Array,
    theta: Array,
    components: PrincipalComponents,
    phase: NDArray[np.int64],
    lesions: Sequence[float],
) -> dict[str, float]:
    """Whether the path is in a new region after each lesion (A), against what drift alone does.

    ``separation_<n>``: distance of the centroids in a window before and after lesion n over the spread within;
    ``sham_separation``: the median of the same at moments without a lesion near, ``sham_largest`` the largest. The
    window is the longest that leaves the longest phase room for sham events.
    ``own_region_<phase>``: fraction of the samples of a phase that are nearest to its own centroid.
    """
    lengths = np.diff([times[0], *lesions, times[-1]])
    window = min(lengths.min(), lengths.max() / 2.5)
    metrics = {
        f"separation_{number}": separation(times, theta, lesion, window).ratio
        for number, lesion in enumerate(lesions, start=1)
    }
    _, shams = sham_separations(times, theta, lesions, window)
    regions = find_regions(components.points, phase)
    return metrics | {
        "sham_separation": float(np.median(shams)),
        "sham_largest": float(shams.max()),
        **{f"own_region_{k}": float(regions.nearest[k, k]) for k in range(len(regions.phases))},
    }
