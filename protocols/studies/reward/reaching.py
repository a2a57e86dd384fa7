"""Courses in closed loop: an environment in Python acts between short segments of the networks."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikingsampling.engines.segments import Segments
from spikingsampling.experiment.run import Run
from spikingsampling.models.reward.reaching import COUNTS, Reaching
from spikingsampling.protocols.studies.reward.course import Course, follow
from spikingsampling.protocols.studies.reward.patterns import Plan

__all__ = ["BLOCK", "program_of", "reaching_course", "split", "success", "success_over_time"]

Array = NDArray[np.float64]

#: Acts between two checkpoints, and between two values of b and T.
BLOCK = 100


def program_of(state: dict[str, Array]) -> dict[str, Array]:
    """What of a state is the program's."""
    return {name: values for name, values in state.items() if not name.startswith("world.")}


def reaching_course(
    context: Run[Any], part: str, networks: Reaching, segments: Segments, start: dict[str, Array], plan: Plan
) -> Course:
    """Let networks and environment act on each other. ``plan`` counts blocks of :data:`BLOCK` acts.

    Measured in each block, for each network: trials, those ``reached``, their ``seconds``, and at its end ``theta``
    (n_networks, n_synapses) and which synapses have a weight, ``active``.
    """
    seeds = (
        context.stream(f"noise of {part}").generate_state(2 * BLOCK * plan.n_segments).reshape(-1, BLOCK, 2)
    )

    def advance(state: dict[str, Array], number: int) -> tuple[dict[str, Array], dict[str, Array]]:
        begin = state = networks.annealed(state, *plan.at(number))
        for of_noise, of_world in seeds[number]:
            end, _, neurons = segments.advance(program_of(state), networks.act, int(of_noise))
            state = networks.continued(state | end, networks.act)
            state = networks.acted(state, neurons, np.random.default_rng(int(of_world)))
        measured = {name: state[f"world.{name}"] - begin[f"world.{name}"] for name in COUNTS}
        shape = networks.n_networks, -1
        measured["theta"] = state["synapses.theta"].reshape(shape).astype(np.float32)
        measured["active"] = state["synapses.w"].reshape(shape) > 0
        context.progress.advance(BLOCK * networks.act)
        return state, measured

    return follow(context, part, start, advance, plan.n_segments, report=_report)


def _report(measured: Any) -> str:
    return f", reached {measured['reached'].sum() / max(1, measured['trials'].sum()):.2f}"


def success(course: Course, first: int, last: int | None = None) -> Array:
    """Fraction (n_networks,) of the trials in blocks ``first`` to ``last`` that reached the target."""
    reached, trials = (course.measured[name][first:last].sum(axis=0) for name in ("reached", "trials"))
    return reached / np.maximum(trials, 1)


def success_over_time(course: Course, block: float, n_bins: int = 10) -> tuple[Array, Array]:
    """Ends (n,) of about ``n_bins`` pieces of the course (s), and :func:`success` (n, n_networks) in each.

    A block alone may hold no trial that ended.
    """
    n = len(course.measured["trials"])
    edges = np.append(np.arange(0, n, max(1, n // n_bins)), n)
    pieces = [success(course, first, last) for first, last in pairwise(edges)]
    return edges[1:] * block, np.array(pieces)


def split(networks: Reaching, course: Course) -> tuple[Array, Array]:
    """Difference and sum (n_blocks, n_networks, n_pairs) of the weights of the first two synapses of each pair.

    The neurons see the sum alone: how a weight is split is irrelevant to the task, exactly.
    """
    theta, rule = course.measured["theta"].astype(float), networks.rule
    weights = np.where(theta > 0, rule.w_0 * np.exp(theta - rule.theta_0), 0.0)
    pairs = weights.reshape(*weights.shape[:2], -1, networks.n_potential)
    return pairs[..., 0] - pairs[..., 1], pairs[..., 0] + pairs[..., 1]
