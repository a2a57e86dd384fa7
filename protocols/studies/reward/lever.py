"""Courses of networks that press a lever, and what they say of learning, a new task and lesions."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikingsampling.analysis import estimate_mean, principal_components
from spikingsampling.engines.segments import Segments
from spikingsampling.experiment.repetitions import mean_curve
from spikingsampling.experiment.run import Run
from spikingsampling.models.reward.lever import LeverPress
from spikingsampling.protocols.studies.reward.course import Course, follow

__all__ = ["COUNTS", "choose_synapses", "lever_course", "parameters", "part_metrics", "trial_seconds"]

Array = NDArray[np.float64]

#: What the task counts in each network.
COUNTS = ("trials", "successes", "seconds")


def parameters(
    networks: LeverPress, state: dict[str, Array]
) -> tuple[Array, NDArray[np.bool_], NDArray[np.bool_]]:
    """θ of all synapses that may exist (n_networks, n_slots), which of them exist and are intact, and have a weight."""

    def by_network(parts: list[Array]) -> Array:
        return np.concatenate(
            [np.concatenate(np.split(part, networks.n_networks, axis=1), axis=0) for part in parts], axis=1
        ).reshape(networks.n_networks, -1)

    found = [networks.theta(state, group) for group in ("input_pairs", "lateral_pairs")]
    theta, there = by_network([each[0] for each in found]), by_network([each[1] for each in found])
    return theta, there, there & (theta > 0)


def choose_synapses(
    networks: LeverPress, state: dict[str, Array], n_chosen: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Slots (n_networks, n_chosen) of synapses that exist, at random; all of them where there are fewer."""
    _, there, _ = parameters(networks, state)
    n_chosen = min(n_chosen, int(there.sum(axis=1).min()))
    return np.stack([np.sort(rng.choice(np.flatnonzero(each), n_chosen, replace=False)) for each in there])


def lever_course(
    context: Run[Any],
    part: str,
    networks: LeverPress,
    segments: Segments,
    start: dict[str, Array],
    n_segments: int,
    duration: float,
    chosen: NDArray[np.int64],
) -> Course:
    """Let the networks act. Measured in each segment, for each network: :data:`COUNTS`,

    ``theta`` (n_networks, n_chosen) of the ``chosen`` at its end, and which of all are ``active``: a bit for each.
    """
    seeds = context.stream(f"noise of {part}").generate_state(n_segments)

    def advance(state: dict[str, Array], number: int) -> tuple[dict[str, Array], dict[str, Array]]:
        end, _, _ = segments.advance(state, duration, int(seeds[number]))
        measured = {name: end[f"task.{name}"] - state[f"task.{name}"] for name in COUNTS}
        theta, _, active = parameters(networks, end)
        followed = np.take_along_axis(theta, chosen, axis=1).astype(np.float32)
        measured |= {"theta": followed, "active": np.packbits(active, axis=1)}
        context.progress.advance(duration)
        return networks.continued(end, duration), measured

    return follow(context, part, start, advance, n_segments, report=_report)


def _report(measured: Any) -> str:
    return f", {measured['seconds'].sum() / max(1, measured['trials'].sum()):.2f} s a trial"


def trial_seconds(course: Course, first: int, last: int | None = None) -> Array:
    """Mean time (n_networks,) from the cue to the end of a trial (s) in segments ``first`` to ``last``."""
    seconds, trials = (course.measured[name][first:last].sum(axis=0) for name in ("seconds", "trials"))
    return seconds / trials


def part_metrics(course: Course, hour: int, duration: float, name: str) -> dict[str, Any]:
    """What a part of the experiment gives: times of trials, successes, turnover and drift.

    Parameters
    ----------
    hour : int
        Segments at the beginning and at the end that count.
    duration : float
        Time of a segment (s).

    Notes
    -----
    ``survival`` is the fraction of synapses with a weight after the first segment that have one after the last;
    ``drift`` the root mean square of how far θ moves meanwhile, and ``first_component`` the part of its variance that
    the first principal component has, both of synapses that were chosen at random. ``last_minus_first`` is there where
    beginning and end do not overlap.
    """
    unit, measured = (0.0, 1.0), course.measured
    first, last = trial_seconds(course, 0, hour), trial_seconds(course, -hour)
    done, trials = (measured[what][-hour:].sum(axis=0) for what in ("successes", "trials"))
    active = np.unpackbits(measured["active"], axis=2).astype(bool)
    kept = (active[0] & active[-1]).sum(axis=1) / np.maximum(active[0].sum(axis=1), 1)
    theta = measured["theta"].astype(float)
    found = {
        "trial_seconds_first_hour": estimate_mean(first),
        "trial_seconds_last_hour": estimate_mean(last),
        "success": estimate_mean(done / trials, unit),
        "survival": estimate_mean(kept, unit),
        "drift": estimate_mean(np.sqrt(((theta[-1] - theta[0]) ** 2).mean(axis=1))),
    }
    if len(measured["trials"]) >= 2 * hour:
        found["last_minus_first"] = estimate_mean(last - first)
    if len(theta) > 1:
        walks = [principal_components(each, 1).explained[0] for each in theta.swapaxes(0, 1)]
        found["first_component"] = estimate_mean(walks, unit)
    seconds = (measured["seconds"] / np.maximum(measured["trials"], 1)).T
    times = (np.arange(seconds.shape[1]) + 1) * duration
    metrics: dict[str, Any] = {f"{name}.{what}": estimate.metric() for what, estimate in found.items()}
    return metrics | {f"{name}.curve": mean_curve("time", times, trial_seconds=seconds)}
