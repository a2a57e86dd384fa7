"""Whether the parameters are in a new region after each lesion, against what drift alone does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from spikingsampling.analysis import (
    PrincipalComponents,
    decode_phases,
    find_regions,
    separation,
    sham_separations,
)

__all__ = ["left_synapses", "lesion_phases", "phase_metrics", "phases_of", "region_metrics"]

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


def phases_of(times: Array, lesions: Sequence[float]) -> NDArray[np.int64]:
    """Number of the phase of each time (n_times,): 0 until lesion 1, 1 until lesion 2, then 2.

    A sample at the time of a lesion is taken just before it.
    """
    return np.searchsorted(lesions, times - 1e-6, side="right")


def region_metrics(
    times: Array,
    theta: Array,
    components: PrincipalComponents,
    phase: NDArray[np.int64],
    lesions: Sequence[float],
) -> dict[str, float]:
    """Whether the path is in a new region after each lesion, against what drift alone does.

    The window is the longest that leaves the longest phase room for sham events.

    Returns
    -------
    dict
        ``separation_<n>``: distance of the centroids in a window before and after lesion n over the spread within.
        ``sham_separation``: median of the same at moments without a lesion near; ``sham_largest``: the largest.
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


def left_synapses(visual: NDArray[np.int64], active: Mask, removed: NDArray[np.int64]) -> dict[int, Mask]:
    """Synapses (n_synapses,) that carry weight on both sides of lesion 1 and of lesion 2, by its number.

    What a lesion takes is moved by prior and noise alone afterwards, which would tell the phase by itself. The same
    synapses are chosen where the lesions are sham ones, so that the choice says nothing.

    Parameters
    ----------
    visual : (n_synapses,) int array
        The visual neuron of each synapse.
    active : (n_synapses,) bool array
        Active synapses just before lesion 2, which takes them.
    removed : (n,) int array
        Visual neurons that lesion 1 takes.
    """
    intact = ~np.isin(visual, removed)
    return {1: intact, 2: intact & ~active}


def lesion_phases(phase: NDArray[np.int64], learns: Mask, lesion: int) -> NDArray[np.int64]:
    """The samples that are nearest to a lesion, as many before as after it, labelled 0 and 1; −1 elsewhere.

    Parameters
    ----------
    phase : (n_times,) int array
        Number of the phase of each sample, as :func:`phases_of` gives it.
    learns : (n_times,) bool array
        Whether θ has moved since the sample before: not during a test.
    lesion : int
        Its number.
    """
    before, after = (np.flatnonzero((phase == number) & learns) for number in (lesion - 1, lesion))
    n = min(len(before), len(after))
    labels = np.full(len(phase), -1)
    labels[before[len(before) - n :]] = 0
    labels[after[:n]] = 1
    return labels


def phase_metrics(theta: Mapping[int, Array], phase: NDArray[np.int64]) -> dict[str, float]:
    """Whether all lateral parameters tell on which side of a lesion they are.

    Parameters
    ----------
    theta : mapping of int to (n_times, n_left) array
        By number of the lesion, the parameters that it leaves.
    phase : (n_times,) int array

    Returns
    -------
    dict
        ``lateral.parameters_<n>``: their number. ``lateral.phase_accuracy_<n>``: how often a classifier that has seen
        the first half of the time before lesion n, and of that after it, names the second halves. A steady drift alone
        gives 0.75: half of the second quarter and all of the last. ``lateral.separation_<n>``: distance of the
        centroids before and after over the spread within. To be compared with runs whose lesions are sham ones.
    """
    metrics: dict[str, float] = {}
    for number, points in theta.items():
        moves = np.any(np.diff(points, axis=0, prepend=np.nan) != 0, axis=1)
        labels = lesion_phases(phase, moves, number)
        metrics |= {
            f"lateral.parameters_{number}": points.shape[1],
            f"lateral.phase_accuracy_{number}": decode_phases(points, labels).accuracy,
            f"lateral.separation_{number}": float(find_regions(points, labels).ratios[0, 1]),
        }
    return metrics
