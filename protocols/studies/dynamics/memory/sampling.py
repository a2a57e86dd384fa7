"""What is measured of a ring whose recurrent weights sample: what it learns, and how its bump moves meanwhile."""

from __future__ import annotations

import numpy as np

from spikingsampling.inference import sampling as chains
from spikingsampling.inference.langevin import SynapticSampling
from spikingsampling.models.dynamics.memory.learnt_ring import LearntRing
from spikingsampling.protocols.studies.dynamics.trajectories import Array

__all__ = ["hold", "kernel", "learn", "settle", "speed_of"]

#: Largest b κ Δt of a step of θ: its variance is wrong by half of it.
_STEP = 0.07
#: Steps in which weights settle; κ of a synapse whose time this is three times is 2, the strongest has 150.
_SETTLING = 3000


def speed_of(ring: LearntRing, turnover: float) -> float:
    """b (1/s) with which the strongest synapses forget within ``turnover`` (s): b κ ``turnover`` = 1; 0 for inf."""
    return 1 / (float(ring.stiffness.max()) * turnover)


def kernel(weights: Array) -> Array:
    """Mean weight (n,) of (n, n) at each distance from 0 to n − 1 neurons."""
    n = len(weights)
    i = np.arange(n)
    return np.array([weights[i, (i + distance) % n].mean() for distance in range(n)])


def _start(ring: LearntRing, temperature: float, rng: np.random.Generator) -> Array:
    """θ (n, n) from the prior at this temperature."""
    shape = ring.n, ring.n
    return ring.prior.mean + np.sqrt(temperature) * (ring.prior.sample(rng, shape) - ring.prior.mean)


def learn(ring: LearntRing, temperature: float, rounds: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Learning from a bump that goes round: weights by distance (rounds + 1, n), first of the prior, and last θ (n, n).

    In a round the strongest synapses forget a fifth of what they held.
    """
    n = len(ring.examples)
    sampling = SynapticSampling(ring.prior, 1.0, temperature)
    # Sampling multiplies the gradient of an example by their number, so that a round has the gradient of all, n times.
    dt = 0.2 / (float(ring.stiffness.max()) * n)

    def gradient(theta: Array, x: Array) -> Array:
        return ring.gradient(theta.reshape(ring.n, ring.n), x).ravel()

    step = chains.sequential(sampling, gradient, ring.examples, dt, order="cyclic")
    state = chains.initial(_start(ring, temperature, rng).ravel())
    courses = [kernel(np.exp(state.theta.reshape(ring.n, ring.n) - ring.theta_0))]
    for _ in range(rounds):
        state = chains.advance(step, state, rng, n)
        courses.append(kernel(np.exp(state.theta.reshape(ring.n, ring.n) - ring.theta_0)))
    return np.array(courses), state.theta.reshape(ring.n, ring.n)


def settle(ring: LearntRing, temperature: float, rng: np.random.Generator) -> Array:
    """θ (n, n) of the posterior at this temperature, by steps along the gradient of all examples; its maximum for 0."""
    if temperature == 0:
        return ring.map_theta.copy()
    dt = _STEP / float(ring.stiffness.max())
    step = chains.batch(SynapticSampling(ring.prior, 1.0, temperature), ring.gradient_of_all, dt)
    start = chains.initial(_start(ring, temperature, rng))
    return chains.advance(step, start, rng, _SETTLING).theta


def hold(
    ring: LearntRing,
    theta: Array,
    temperature: float,
    b: float,
    delay: float,
    trials: int,
    sigma: float,
    rng: np.random.Generator,
    *,
    dt: float = 2e-3,
    update: float = 1e-2,
    every: float = 0.1,
) -> tuple[Array, Array]:
    """Bumps at directions all around are held by one set of synapses, which turn over with speed ``b`` (1/s).

    Returns
    -------
    times : (n,) array
        s, from 0.
    moved : (n, trials) array
        Displacements (rad).
    """
    start = 2 * np.pi * (np.arange(trials) + rng.uniform()) / trials
    # Bumps take their shape from these weights within a few τ, before anything is measured.
    u = ring.advance(ring.bump(start), ring.couplings(theta), round(5 * ring.tau / dt), dt, sigma, rng)
    blocks, stride, steps = round(delay / update), round(every / update), round(update / dt)
    sampling = SynapticSampling(ring.prior, b, temperature) if b else None
    step = chains.batch(sampling, ring.gradient_of_all, update) if sampling else None
    state, couplings = chains.initial(theta), ring.couplings(theta)
    path = [ring.teacher.decode(u)]
    for block in range(1, blocks + 1):
        u = ring.advance(u, couplings, steps, dt, sigma, rng)
        if step:
            state = chains.advance(step, state, rng, 1)
            couplings = ring.couplings(state.theta)
        if block % stride == 0:
            path.append(ring.teacher.decode(u))
    followed = np.unwrap(np.array(path), axis=0)
    return np.arange(len(followed)) * stride * update, followed - followed[0]
