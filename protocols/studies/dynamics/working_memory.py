"""What a ring attractor holds: the shape of its bump, how it diffuses, and how far distractors pull it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from spikingsampling.models.dynamics.ring_attractor import RingAttractor
from spikingsampling.protocols.studies.dynamics.trajectories import Array

__all__ = ["Held", "diffusion", "displacements", "held_direction", "pull", "settled_bump", "size_exponent"]

#: Rings that are simulated at once, so that noise for them fits into the cache.
_BATCH = 100


def settled_bump(ring: RingAttractor, dt: float, rng: np.random.Generator) -> Array:
    """u (n,) on which a bump of 1.2 times its height ends, at a random direction, after 200 time constants."""
    start = 1.2 * ring.bump(rng.uniform(0, 2 * np.pi))
    u, _ = ring.simulate(start[None], np.zeros((round(200 * ring.tau / dt), 1)), dt)
    return u[0]


def displacements(
    ring: RingAttractor,
    sigma: float,
    duration: float,
    dt: float,
    trials: int,
    rng: np.random.Generator,
    every: float = 0.05,
) -> tuple[Array, Array]:
    """How far the bump has gone in each trial: times (n,) in s and displacements (n, n_trials) in rad.

    Trials start at random directions. A displacement is followed from one time to the next, so that it can go round.
    """
    steps, stride = round(duration / dt), max(1, round(every / dt))
    parts = []
    for first in range(0, trials, _BATCH):
        count = min(_BATCH, trials - first)
        start = ring.bump(rng.uniform(0, 2 * np.pi, count))
        _, path = ring.simulate(start, np.zeros((steps, 1)), dt, sigma=sigma, rng=rng, every=stride)
        parts.append(np.unwrap(path, axis=0) - path[0])
    moved = np.concatenate(parts, axis=1)
    return np.arange(len(moved)) * stride * dt, moved


def diffusion(times: Array, moved: Array) -> Array:
    """Squared displacement per time (n_trials,) in rad²/s over the whole time; its mean is Var ψ(t)/t."""
    return moved[-1] ** 2 / times[-1]


def size_exponent(sizes: Sequence[int], coefficients: Array) -> Array:
    """Slope (n_repetitions,) of log D over log N, from coefficients (n_sizes, n_repetitions)."""
    return np.polyfit(np.log(sizes), np.log(coefficients), 1)[0]


def pull(ring: RingAttractor, distance: float, strength: float, duration: float, dt: float) -> float:
    """How far (rad) a distractor ε cos(φ − φ_d) at ``distance`` (rad) draws the bump within ``duration``."""
    steps = round(duration / dt)
    shown = np.tile(strength * ring.h0 * np.cos(ring.directions - distance), (steps, 1))
    _, path = ring.simulate(ring.bump()[None], shown, dt, every=steps)
    return float(path[-1, 0])


@dataclass(frozen=True)
class Held:
    """A trial: cue, delay, distractor, delay.

    Attributes
    ----------
    times : (n,) array
        s.
    rates : (n, n_neurons) array
    directions : (n,) array
        Decoded (rad).
    cue, distractor : (float, float, float)
        Direction (rad), start and end (s).
    """

    times: Array
    rates: Array
    directions: Array
    cue: tuple[float, float, float]
    distractor: tuple[float, float, float]


def held_direction(
    ring: RingAttractor,
    sigma: float,
    dt: float,
    delay: float,
    strengths: tuple[float, float],
    shown: float,
    rng: np.random.Generator,
    every: float = 0.01,
) -> Held:
    """From little activity: a cue at 90° for ``shown`` (s), a delay, a distractor at 180° for as long, and a delay.

    ``strengths`` are those of the cue and the distractor, for an input of 1.
    """
    cue = (math.pi / 2, 0.1, 0.1 + shown)
    distractor = (math.pi, cue[2] + delay, cue[2] + delay + shown)
    end = distractor[2] + delay
    stride = max(1, round(every / dt))
    u, times, rates, directions = 0.01 * rng.standard_normal((1, ring.n)), [], [], []
    for block in range(round(end / (stride * dt))):
        now = (block * stride + np.arange(stride)) * dt
        inputs = np.zeros((stride, ring.n))
        for (direction, begin, stop), strength in zip((cue, distractor), strengths, strict=True):
            on = (now >= begin) & (now < stop)
            inputs[on] += strength * ring.h0 * np.cos(ring.directions - direction)
        u, path = ring.simulate(u, inputs, dt, sigma=sigma, rng=rng, every=stride)
        times.append((block + 1) * stride * dt)
        rates.append(np.maximum(u[0], 0))
        directions.append(path[-1, 0])
    return Held(np.array(times), np.array(rates), np.array(directions), cue, distractor)
