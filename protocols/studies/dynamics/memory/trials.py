"""Trials of the spiking ring: spontaneous activity, a cue, a delay, a distractor, and what comes after."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from spikingsampling.engines.segments import Segments
from spikingsampling.models.dynamics.activity import Activity
from spikingsampling.models.dynamics.memory.spiking_ring import SpikingRing, State

__all__ = ["Both", "Stimulus", "Trial", "hold", "proceed"]


@dataclass(frozen=True)
class Both:
    """What excitatory and inhibitory neurons did in the same time; each are numbered from 0."""

    excitatory: Activity
    inhibitory: Activity

    def after(self, start: float) -> Both:
        """What is left without the first ``start`` seconds."""
        return Both(self.excitatory.after(start), self.inhibitory.after(start))


@dataclass(frozen=True)
class Stimulus:
    """A current of Gaussian shape.

    Attributes
    ----------
    direction, width : float
        rad.
    current : float
        pA at its direction.
    duration : float
        s.
    """

    direction: float
    width: float
    current: float
    duration: float


@dataclass(frozen=True)
class Trial:
    """A cue, a delay, a distractor, and some time after it.

    Attributes
    ----------
    cue, distractor : Stimulus
    during_cue, delay, during_distractor, later : Both
    """

    cue: Stimulus
    distractor: Stimulus
    during_cue: Both
    delay: Both
    during_distractor: Both
    later: Both


def proceed(
    ring: SpikingRing, segments: Segments, state: State, duration: float, seed: np.random.SeedSequence
) -> tuple[State, Both]:
    """The state after ``duration`` (s), and what neurons did."""
    number = int(seed.generate_state(1, np.uint32)[0])
    end, times, neurons = segments.advance(state, duration, number)
    n, split = ring.n_neurons, ring.n_excitatory
    outer = neurons < split
    both = Both(
        Activity(times[outer], neurons[outer], split, duration),
        Activity(times[~outer], neurons[~outer] - split, n - split, duration),
    )
    return ring.continued(end, duration), both


def hold(
    ring: SpikingRing,
    segments: Segments,
    state: State,
    cue: Stimulus,
    delay: float,
    distract: Callable[[Both], Stimulus],
    later: float,
    seed: np.random.SeedSequence,
) -> Trial:
    """A trial from ``state``; ``distract`` says which distractor follows on what was held in the delay."""
    seeds = seed.spawn(4)

    def show(stimulus: Stimulus, state: State, own: np.random.SeedSequence) -> tuple[State, Both]:
        shown = ring.shown(state, stimulus.direction, stimulus.current, stimulus.width)
        end, activity = proceed(ring, segments, shown, stimulus.duration, own)
        return ring.shown(end, 0.0, 0.0, 1.0), activity

    state, during_cue = show(cue, state, seeds[0])
    state, held = proceed(ring, segments, state, delay, seeds[1])
    distractor = distract(held)
    state, during_distractor = show(distractor, state, seeds[2])
    state, rest = proceed(ring, segments, state, later, seeds[3])
    return Trial(cue, distractor, during_cue, held, during_distractor, rest)
