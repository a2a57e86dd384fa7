"""Rewiring over two lesions: which synapses are active and new, and the path of a subset of the parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spikingsampling.analysis import (
    PrincipalComponents,
    SynapseHistory,
    choose_parameters,
    principal_components,
)
from spikingsampling.analysis.turnover.histories import read_history, read_parameters
from spikingsampling.models.association import AUDITORY, VISUAL
from spikingsampling.network.description import Network
from spikingsampling.protocols.studies.lesion.experiment import LesionExperiment
from spikingsampling.protocols.studies.lesion.recall import LATERAL, RecallCourse
from spikingsampling.protocols.studies.lesion.regions import (
    left_synapses,
    phase_metrics,
    phases_of,
    region_metrics,
)

__all__ = [
    "PROJECTION",
    "ConnectionMoment",
    "ParameterPath",
    "choose_lateral",
    "connection_moments",
    "follow_path",
    "lesion_moments",
    "rewiring_metrics",
]

#: The projection whose synapses are shown: from what is heard to what is recalled.
PROJECTION = f"{AUDITORY}_to_{VISUAL}"

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


class ConnectionMoment(NamedTuple):
    """Which synapses (n_synapses,) of a projection are potential, active and new at a test.

    Potential: no lesion has taken it. New: active now and at none of the tests before.
    """

    potential: Mask
    active: Mask
    new: Mask


def connection_moments(
    active: Mapping[str, Mask], post_index: NDArray[np.int64], removed: NDArray[np.int64]
) -> dict[str, ConnectionMoment]:
    """Potential, active and new synapses (n_synapses,) of auditory → visual at three tests.

    Parameters
    ----------
    active : mapping of str to (n_synapses,) bool array
        Active synapses just before lesion 1, just before lesion 2, and at the end.
    post_index : (n_synapses,) int array
        Their visual neurons.
    removed : (n,) int array
        Visual neurons that lesion 1 takes; lesion 2 takes what is active at the test before it.

    Returns
    -------
    dict
        By name of the test.
    """
    before, between, end = active.values()
    intact = ~np.isin(post_index, removed)
    moments = (
        ConnectionMoment(np.ones(len(before), dtype=bool), before, before),
        ConnectionMoment(intact, between, between & ~before),
        ConnectionMoment(intact & ~between, end, end & ~before & ~between),
    )
    return dict(zip(active, moments, strict=True))


def lesion_moments(
    course: RecallCourse, network: Network, removed: NDArray[np.int64]
) -> dict[str, ConnectionMoment]:
    """The connections of auditory → visual after training, and at the end of each recovery."""
    tests = {
        "trained": course.before(1),
        "after lesion 1": course.before(2),
        "after lesion 2": course.tests[-1],
    }
    active = {name: test.active()[PROJECTION] for name, test in tests.items()}
    return connection_moments(active, network.projection(PROJECTION).post_index, removed)


def choose_lateral(
    theta: Sequence[NDArray[np.floating]],
    w: Sequence[NDArray[np.floating]],
    visual: Sequence[NDArray[np.int64]],
    removed: NDArray[np.int64],
    n_chosen: int,
    rng: np.random.Generator,
) -> tuple[Array, Array]:
    """θ and w (n_times, n_chosen) of randomly chosen lateral synapses.

    Synapses of the neurons that lesion 1 removes are not among them: no activity moves their θ any more.

    Parameters
    ----------
    theta, w : sequences of (n_times, n_synapses) arrays
        Of each projection.
    visual : sequence of (n_synapses,) int arrays
        The visual neuron of each synapse.
    removed : (n,) int array
    n_chosen : int
    rng : numpy.random.Generator
    """
    intact = np.concatenate([~np.isin(neurons, removed) for neurons in visual])
    synapses = choose_parameters(intact, n_chosen, rng)
    chosen_theta, chosen_w = (
        np.concatenate(values, axis=1)[:, synapses].astype(float) for values in (theta, w)
    )
    return chosen_theta, chosen_w


@dataclass(frozen=True, eq=False)
class ParameterPath:
    """The path of some lateral parameters over the experiment.

    Attributes
    ----------
    times : (n_times,) array
        Seconds.
    theta, w : (n_times, n_followed) array
    lesions : tuple of float
        Simulated time of each lesion (s).
    components : PrincipalComponents
        Of ``theta``.
    phase : (n_times,) int array
        Number of the phase of each time.
    history : SynapseHistory
        Of all lateral synapses.
    left : dict of (n_times, n_left) array
        By number of the lesion, θ of all lateral synapses that it leaves.
    """

    times: Array
    theta: Array
    w: Array
    lesions: tuple[float, ...]
    components: PrincipalComponents
    phase: NDArray[np.int64]
    history: SynapseHistory
    left: dict[int, Array]


def follow_path(
    experiment: LesionExperiment, course: RecallCourse, removed: NDArray[np.int64], n_followed: int
) -> ParameterPath:
    """Read the path of ``n_followed`` random lateral parameters from the recording of the run."""
    context, network = experiment.context, experiment.network
    theta, w = (
        [read_parameters([context.directory], name, variable)[1] for name in LATERAL]
        for variable in ("theta", "w")
    )
    times, _ = read_parameters([context.directory], LATERAL[0])
    projections = [network.projection(name) for name in LATERAL]
    visual = [p.pre_index if p.pre == VISUAL else p.post_index for p in projections]
    rng = np.random.default_rng(context.stream("followed"))
    chosen_theta, chosen_w = choose_lateral(theta, w, visual, removed, n_followed, rng)
    lesions = tuple(float(course.after(number)[0].lesion_time or 0.0) for number in (1, 2))
    components = principal_components(chosen_theta, min(3, *chosen_theta.shape))
    history = read_history([context.directory], *LATERAL)
    phase = phases_of(times, lesions)
    active = course.before(2).active()
    masks = left_synapses(np.concatenate(visual), np.concatenate([active[n] for n in LATERAL]), removed)
    all_theta = np.concatenate(theta, axis=1).astype(float)
    left = {number: all_theta[:, mask] for number, mask in masks.items()}
    return ParameterPath(times, chosen_theta, chosen_w, lesions, components, phase, history, left)


def rewiring_metrics(
    network: Network, course: RecallCourse, removed: NDArray[np.int64], path: ParameterPath
) -> dict[str, Any]:
    """All measures of the protocol ``rewiring``.

    ``accuracy_before``, ``accuracy_after_lesion_<n>`` and ``recovered_accuracy_<n>`` of recall; numbers of removed
    neurons, and of active and new synapses of auditory → visual; ``pc_explained_<n>`` and ``participation_ratio`` of
    the path; :func:`region_metrics` and :func:`phase_metrics`.
    """
    metrics: dict[str, Any] = {"accuracy_before": course.tests[0].accuracy.value}
    for number in (1, 2):
        tests = course.after(number)
        metrics[f"accuracy_after_lesion_{number}"] = tests[0].accuracy.value
        metrics[f"recovered_accuracy_{number}"] = tests[-1].accuracy.value
    metrics["removed_neurons"] = len(removed)
    for number in (1, 2):
        metrics[f"pc_explained_{number}"] = float(path.components.explained[number - 1])
    metrics["participation_ratio"] = path.components.participation_ratio
    for name, moment in lesion_moments(course, network, removed).items():
        key = name.replace(" ", "_")
        metrics |= {f"active_{key}": int(moment.active.sum()), f"new_{key}": int(moment.new.sum())}
    metrics |= region_metrics(path.times, path.theta, path.components, path.phase, path.lesions)
    return metrics | phase_metrics(path.left, path.phase)
