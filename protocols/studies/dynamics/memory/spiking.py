"""What is measured of the spiking ring: its two states, and how the bump moves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from spikingsampling.engines.segments import Segments
from spikingsampling.models.dynamics.memory.spiking_ring import SpikingRing
from spikingsampling.protocols.studies.dynamics.memory.bumps import (
    Bump,
    diffusion_of_paths,
    fit_bump,
    mean_squared_displacement,
    profile,
    vectors,
)
from spikingsampling.protocols.studies.dynamics.memory.trials import Both, Stimulus, Trial, hold, proceed
from spikingsampling.protocols.studies.dynamics.spiking.activity import population_rate, rate
from spikingsampling.protocols.studies.dynamics.trajectories import Array

__all__ = ["BUMP", "Recorded", "Schedule", "first_bump", "record"]

#: A population vector longer than this is a bump.
BUMP = 0.25
#: Lags (s) between which the slope of the squared displacement is the diffusion; a third of the delay at most.
SHORT, LONG = 0.3, 2.0
_BINS = 64
#: Time without a cue in which rates are measured (s).
_FIRST = 1.0


@dataclass(frozen=True)
class Schedule:
    """What is shown, and for how long; times in s, directions in rad, currents in pA."""

    settle: float
    spontaneous: float
    cue: float
    cue_current: float
    cue_width: float
    relax: float
    delay: float
    distractor: float
    distractor_current: float
    later: float
    trials: int
    window: float

    @property
    def duration(self) -> float:
        """All that is simulated for a repetition (s)."""
        trial = 2 * self.cue + self.relax + self.delay + self.later
        return self.settle + self.spontaneous + self.trials * trial

    @property
    def lags(self) -> tuple[float, float]:
        """Those between which the diffusion is measured (s), multiples of the window."""
        long = min(LONG, self.delay / 3)
        return min(SHORT, long / 2), long


@dataclass(frozen=True)
class Recorded:
    """A repetition: spontaneous activity, and trials that begin with it.

    Attributes
    ----------
    rest : (2,) array
        Rates of excitatory and inhibitory neurons without a cue, in the first second (Hz).
    rest_tuning : float
        Mean length of the population vector then.
    rest_course : (2, n_windows) array
        Rate of excitatory neurons (Hz) and length of the population vector without a cue, over time.
    bump_after : float
        When a bump comes without a cue (s); infinite if none does.
    held : (n_trials, 2) array
        Rates in the delay (Hz).
    tuning : (n_trials,) array
        Mean length of the population vector in the delay.
    kept : (n_trials,) bool array
        There is a bump in its last window.
    missed : (n_trials,) array
        Direction at the beginning of the measured delay, less that of the cue (rad).
    times : (n,) array
        s.
    moved : (n, n_trials) array
        Displacements (rad) since the first of these times.
    lags : (n_lags,) array
        s.
    squared : (n_lags, n_trials) array
        Mean squared displacement (rad²).
    diffusion : (n_trials,) array
        rad²/s.
    pulled : (n_trials,) array
        How far the bump is from where it was before the distractor, towards that (rad).
    distance, profile, resting_profile : (n_bins,) array
        Rates (Hz) over the distance (rad) to the direction of the bump, and over the direction in the first second
        without a cue.
    bump : Bump
        Fit to the profile.
    before : Both
        Activity before the cues.
    example : Trial
        The first trial.
    """

    rest: Array
    rest_tuning: float
    rest_course: Array
    bump_after: float
    held: Array
    tuning: Array
    kept: Array
    missed: Array
    times: Array
    moved: Array
    lags: Array
    squared: Array
    diffusion: Array
    pulled: Array
    distance: Array
    profile: Array
    resting_profile: Array
    bump: Bump
    before: Both
    example: Trial


def first_bump(times: Array, lengths: Array) -> float:
    """The time of the first of three windows in a row with a bump, of population vectors' ``lengths`` (n,); or inf."""
    there = np.asarray(lengths) > BUMP
    stays = there[:-2] & there[1:-1] & there[2:]
    return float(times[np.argmax(stays)]) if stays.any() else np.inf


def _wrapped(angle: Array) -> Array:
    return np.angle(np.exp(1j * angle))


def record(
    ring: SpikingRing,
    segments: Segments,
    schedule: Schedule,
    seed: np.random.SeedSequence,
    told: Callable[[float], None] = lambda duration: None,
) -> Recorded:
    """A repetition; ``told`` learns of each stretch of time (s) that is done."""
    s, directions = schedule, ring.directions
    begin, settling, resting, cues, *own = seed.spawn(4 + s.trials)
    state, before = proceed(ring, segments, ring.start(begin), s.settle, settling)
    _, uncued = proceed(ring, segments, state, s.spontaneous, resting)
    told(s.settle + s.spontaneous)
    when, rest = vectors(uncued.excitatory, directions, s.window)
    first = Both(uncued.excitatory.until(_FIRST), uncued.inhibitory.until(_FIRST))

    def distract(held: Both) -> Stimulus:
        _, z = vectors(held.excitatory, directions, s.window)
        where = float(np.angle(z[-1]) + s.distractor)
        return Stimulus(where, s.cue_width, s.distractor_current, s.cue)

    trials = []
    for where, noise in zip(np.random.default_rng(cues).uniform(0, 2 * np.pi, s.trials), own, strict=True):
        cue = Stimulus(float(where), s.cue_width, s.cue_current, s.cue)
        trials.append(hold(ring, segments, state, cue, s.relax + s.delay, distract, s.later, noise))
        told(2 * s.cue + s.relax + s.delay + s.later)
    measured = [trial.delay.after(s.relax) for trial in trials]
    read = [vectors(both.excitatory, directions, s.window) for both in measured]
    times, z = read[0][0], np.array([vector for _, vector in read]).T
    path = np.angle(z)
    followed = np.unwrap(path, axis=0)
    profiles = [
        profile(both.excitatory, directions, path[:, number], s.window, _BINS)
        for number, both in enumerate(measured)
    ]
    distance, mean_profile = profiles[0][0], np.mean([rates for _, rates in profiles], axis=0)
    n_first = round(first.excitatory.duration / s.window)
    _, resting_profile = profile(first.excitatory, directions, np.zeros(n_first), s.window, _BINS)
    later = np.array([vectors(trial.later.excitatory, directions, s.window)[1][-1] for trial in trials])
    lags = np.arange(1, len(times) // 2 + 1)
    return Recorded(
        rest=np.array([rate(first.excitatory), rate(first.inhibitory)]),
        rest_tuning=float(np.abs(rest[:n_first]).mean()),
        rest_course=np.array([population_rate(uncued.excitatory, s.window)[1], np.abs(rest)]),
        bump_after=first_bump(when, np.abs(rest)),
        held=np.array([[rate(both.excitatory), rate(both.inhibitory)] for both in measured]),
        tuning=np.abs(z).mean(axis=0),
        kept=np.abs(z[-1]) > BUMP,
        missed=_wrapped(path[0] - np.array([trial.cue.direction for trial in trials])),
        times=times,
        moved=followed - followed[0],
        lags=lags * s.window,
        squared=mean_squared_displacement(path, lags),
        diffusion=diffusion_of_paths(path, s.window, *s.lags),
        pulled=_wrapped(np.angle(later) - path[-1]) * np.sign(s.distractor or 1),
        distance=distance,
        profile=mean_profile,
        resting_profile=resting_profile,
        bump=fit_bump(distance, mean_profile),
        before=before,
        example=trials[0],
    )
