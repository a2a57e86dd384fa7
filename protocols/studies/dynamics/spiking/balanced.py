"""What is measured while synapses of a balanced network sample: its activity, and which synapses stay."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from spikingsampling.engines.segments import Segments
from spikingsampling.models.dynamics.activity import Activity
from spikingsampling.models.dynamics.balanced import BalancedNetwork, State
from spikingsampling.network.rules import Learning
from spikingsampling.protocols.studies.dynamics.spiking.activity import interval_cv, rate
from spikingsampling.protocols.studies.dynamics.trajectories import Array

__all__ = ["Course", "advance", "follow", "pair_correlation", "survival"]

#: Bin of the counts whose correlation is measured (s).
BIN = 20e-3


def pair_correlation(activity: Activity, width: float = BIN) -> float:
    """Mean correlation of the spike counts of two neurons in bins of ``width`` (s); silent neurons are left out.

    The variance of the sum of n counts, each of variance 1, is n + n (n − 1) times their mean correlation.
    """
    n_bins = round(activity.duration / width)
    bins = np.minimum(((activity.times + 1e-5) / width).astype(int), n_bins - 1)
    counts = np.zeros((n_bins, activity.n_neurons))
    np.add.at(counts, (bins, activity.neurons), 1)
    spread = counts.std(axis=0)
    z = (counts - counts.mean(axis=0))[:, spread > 0] / spread[spread > 0]
    n = z.shape[1]
    return float((z.sum(axis=1).var() - n) / (n * (n - 1)))


def survival(active: Array) -> Array:
    """Fraction (n_times,) of the synapses active in the first row of (n_times, n_synapses) that are so later."""
    first = np.asarray(active, dtype=bool)
    return first[:, first[0]].mean(axis=1)


@dataclass(frozen=True)
class Course:
    """A stretch of time in one mode of learning.

    Attributes
    ----------
    active : (n_segments + 1, n_synapses) bool array
        Which recurrent synapses are active, at the start and after each segment.
    rates, cvs, correlations : (n_segments,) array
        Of the excitatory neurons in each segment.
    last : Activity
        That of the last segment.
    """

    active: Array
    rates: Array
    cvs: Array
    correlations: Array
    last: Activity


def advance(
    network: BalancedNetwork, segments: Segments, state: State, seed: np.random.SeedSequence
) -> tuple[State, Activity]:
    """The state after a segment, and what the excitatory neurons did."""
    number = int(seed.generate_state(1, np.uint32)[0])
    after, times, neurons = segments.advance(state, network.segment, number)
    excitatory = neurons < network.n_excitatory
    activity = Activity(times[excitatory], neurons[excitatory], network.n_excitatory, network.segment)
    return network.continued(after, network.segment), activity


def follow(
    network: BalancedNetwork,
    segments: Segments,
    state: State,
    learning: Learning,
    seeds: list[np.random.SeedSequence],
    told: Callable[[], None] = lambda: None,
) -> Course:
    """Let a network learn for as many segments as there are seeds; ``told`` is called after each."""
    state = state | network.learning(learning)
    active, found = [state["recurrent.theta"] > 0], []
    for seed in seeds:
        state, activity = advance(network, segments, state, seed)
        active.append(state["recurrent.theta"] > 0)
        found.append((rate(activity), interval_cv(activity), pair_correlation(activity)))
        told()
    rates, cvs, correlations = np.transpose(found)
    return Course(np.array(active), rates, cvs, correlations, activity)
