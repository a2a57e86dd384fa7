"""Neurons that hear the spikes of a network but are no part of it: which of its statistics make them fire as they do?

Mean-field theory takes the input of a neuron for white noise. In a network it differs in two ways: neurons fire
together, and each fires more regularly than a Poisson process. The first is lost when every input is shifted in time on
its own; both are when it is a Poisson process.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from spikingsampling.models.dynamics.activity import Activity
from spikingsampling.models.dynamics.brunel import BrunelNetwork
from spikingsampling.protocols.studies.dynamics.spiking.activity import interval_cv, rate
from spikingsampling.protocols.studies.dynamics.trajectories import Array

__all__ = ["fire", "hear", "poisson_input", "shifted_input"]


def shifted_input(
    activity: Activity, network: BrunelNetwork, g: float, n: int, rng: np.random.Generator
) -> Array:
    """Sums of PSPs (n_steps, n) in mV from random neurons of the network, as many as each has there.

    Every spike train is shifted, around the end of ``activity``, by a random time of its own: it keeps its intervals.
    """
    n_steps = round(activity.duration / network.dt)
    order = np.argsort(activity.neurons, kind="stable")
    steps = np.rint(activity.times[order] / network.dt).astype(np.int64)
    counts = np.bincount(activity.neurons, minlength=network.n_neurons)
    first = np.concatenate([[0], np.cumsum(counts)])
    total = np.empty((n_steps, n))
    for neuron in range(n):
        heard = np.zeros(n_steps)
        for low, high, size, weight in (
            (0, network.n_excitatory, network.c_excitatory, network.weight),
            (network.n_excitatory, network.n_neurons, network.c_excitatory // 4, -g * network.weight),
        ):
            sources = rng.choice(np.arange(low, high), size, replace=False)
            length = counts[sources]
            # The places of all spikes of these sources, one source after another.
            place = np.arange(length.sum()) + np.repeat(first[sources] - np.cumsum(length) + length, length)
            late = (steps[place] + np.repeat(rng.integers(n_steps, size=size), length)) % n_steps
            heard += weight * np.bincount(late, minlength=n_steps)
        total[:, neuron] = heard
    return total


def poisson_input(
    rate: float, network: BrunelNetwork, g: float, shape: tuple[int, int], rng: np.random.Generator
) -> Array:
    """The same from Poisson processes of some rate (Hz), of ``shape`` (n_steps, n)."""
    expected = network.c_excitatory * rate * network.dt
    excitatory, inhibitory = rng.poisson(expected, shape), rng.poisson(expected / 4, shape)
    return network.weight * (excitatory - g * inhibitory)


def fire(
    heard: Array, network: BrunelNetwork, g: float, drive: float, settle: float, rng: np.random.Generator
) -> Activity:
    """What neurons do that hear this and, as all in the network, Poisson processes from outside.

    Parameters
    ----------
    heard : (n_steps, n) array
        Sums of PSPs (mV) in each step.
    settle : float
        Time (s) before, in which they hear the end of ``heard``; at most its length.
    """
    theory, dt = network.theory(g, 1.0), network.dt
    outside = network.c_excitatory * drive * theory.threshold_rate * dt
    keep, rest = math.exp(-dt / theory.tau), round(theory.refractory / dt)
    n_steps, n = heard.shape
    v, wait = rng.uniform(0, theory.threshold, n), np.zeros(n, dtype=int)
    times: list[NDArray[np.int64]] = []
    neurons: list[NDArray[np.int64]] = []
    for step in range(-round(settle / dt), n_steps):
        free = wait == 0
        wait -= ~free
        v[free] *= keep
        v[free] += (heard[step] + network.weight * rng.poisson(outside, n))[free]
        fired = np.flatnonzero(v > theory.threshold)
        v[fired], wait[fired] = theory.reset, rest
        if step >= 0:
            times.append(np.full(len(fired), step))
            neurons.append(fired)
    return Activity(np.concatenate(times) * dt, np.concatenate(neurons).astype(np.int32), n, n_steps * dt)


def hear(
    activity: Activity,
    network: BrunelNetwork,
    g: float,
    drive: float,
    settle: float,
    n: int,
    rng: np.random.Generator,
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Rate (Hz) and irregularity of ``n`` neurons alone that hear Poisson processes, and the network's trains shifted.

    Both inputs have the rate that the network has in ``activity``.
    """
    shape = (round(activity.duration / network.dt), n)
    settle = min(settle, activity.duration)
    found = []
    for kind in ("poisson", "shifted"):
        if kind == "poisson":
            heard = poisson_input(rate(activity), network, g, shape, rng)
        else:
            heard = shifted_input(activity, network, g, n, rng)
        fired = fire(heard, network, g, drive, settle, rng)
        found.append((rate(fired), interval_cv(fired)))
    return found[0], found[1]
