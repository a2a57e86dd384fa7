"""Courses of networks that are rewarded for two patterns, and what they say of learning, drift and lesions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikingsampling.analysis import estimate_mean
from spikingsampling.engines.segments import Segments
from spikingsampling.experiment.run import Run
from spikingsampling.models.reward.patterns import TwoPatterns
from spikingsampling.protocols.studies.reward.course import Course, follow

__all__ = [
    "Plan",
    "accuracy",
    "drift_metrics",
    "expected_drift",
    "parameters_over_time",
    "pattern_course",
    "relevant",
]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Plan:
    """How long a course is, and how b and T change in it.

    Parameters
    ----------
    n_segments : int
    b : float
        1/s.
    temperature : float
    halved_every : float, optional
        Segments in which both fall to a half.
    """

    n_segments: int
    b: float
    temperature: float
    halved_every: float | None = None

    def at(self, segment: int) -> tuple[float, float]:
        """b (1/s) and T in a segment."""
        factor = 1.0 if self.halved_every is None else 0.5 ** ((segment + 1) / self.halved_every)
        return self.b * factor, self.temperature * factor


def pattern_course(
    context: Run[Any],
    part: str,
    networks: TwoPatterns,
    segments: Segments,
    start: dict[str, Array],
    plan: Plan,
) -> Course:
    """Let the networks learn. Measured in each segment: ``phases`` with a pattern and those ``correct``, (n_networks,),

    ``theta`` at its end (n_networks, n_synapses) and which synapses have a weight, ``active``.
    """
    seeds = context.stream(f"noise of {part}").generate_state(plan.n_segments)

    def advance(state: dict[str, Array], number: int) -> tuple[dict[str, Array], dict[str, Array]]:
        state = networks.annealed(state, *plan.at(number))
        end, _, _ = segments.advance(state, networks.segment, int(seeds[number]))
        counts = {name: end[f"task.{name}"] - state[f"task.{name}"] for name in ("correct", "phases")}
        shape = networks.n_networks, networks.n_synapses
        synapses = {
            "theta": end["synapses.theta"].reshape(shape).astype(np.float32),
            "active": end["synapses.w"].reshape(shape) > 0,
        }
        context.progress.advance(networks.segment)
        return networks.continued(end, networks.segment), counts | synapses

    return follow(context, part, start, advance, plan.n_segments, report=_report)


def _report(measured: Any) -> str:
    return f", accuracy {measured['correct'].sum() / max(1, measured['phases'].sum()):.2f}"


def accuracy(course: Course, first: int, last: int | None = None) -> Array:
    """Fraction (n_networks,) of phases in which the right pool fired more, in segments ``first`` to ``last``."""
    correct, phases = (course.measured[name][first:last].sum(axis=0) for name in ("correct", "phases"))
    return correct / phases


def relevant(networks: TwoPatterns, state: dict[str, Array], least: float = 10.0) -> NDArray[np.bool_]:
    """Which synapses (n_networks, n_synapses) come from an input whose two rates differ by ``least`` (Hz) or more."""
    shape = networks.n_networks, networks.n_inputs
    apart = np.abs(state["inputs.first"] - state["inputs.other"]).reshape(shape) >= least
    return np.repeat(apart, networks.n_neurons * networks.n_potential, axis=1)


def parameters_over_time(course: Course) -> Array:
    """θ (n_segments, n_networks, n_synapses)."""
    return course.measured["theta"].astype(float)


def expected_drift(
    networks: TwoPatterns, theta: Array, duration: float, b: float, temperature: float
) -> Array:
    """Root mean square of what prior and noise alone would move each network's θ (n_networks, n) in ``duration``.

    The prior is Gaussian; floor and ceiling of θ are left out.
    """
    prior: Any = networks.rule.prior
    decay, sd = prior.transition(b * duration, temperature)
    return np.sqrt((((1 - decay) * (theta - prior.mean)) ** 2).mean(axis=1) + sd**2)


def drift_metrics(
    networks: TwoPatterns, course: Course, masks: NDArray[np.bool_], plan: Plan, name: str
) -> dict[str, Any]:
    """How far θ moves from the first to the last segment of a course, in synapses that matter and in others.

    ``survival`` is the fraction of synapses with a weight in the first segment that have one in the last.
    """
    theta, active = parameters_over_time(course), course.measured["active"]
    moved = (theta[-1] - theta[0]) ** 2
    metrics: dict[str, Any] = {}
    duration = (len(theta) - 1) * networks.segment
    for kind, mask in (("relevant", masks), ("irrelevant", ~masks)):
        rms = np.array([np.sqrt(moved[n, mask[n]].mean()) for n in range(len(mask))])
        metrics[f"{name}.drift.{kind}"] = estimate_mean(rms).metric()
        if plan.halved_every is None:
            alone = [
                expected_drift(
                    networks, theta[0, n : n + 1, mask[n]].reshape(1, -1), duration, plan.b, plan.temperature
                )
                for n in range(len(mask))
            ]
            metrics[f"{name}.drift.{kind}"]["prior_and_noise"] = float(np.mean(alone))
    kept = [(active[0, n] & active[-1, n]).sum() / active[0, n].sum() for n in range(len(masks))]
    metrics[f"{name}.survival"] = estimate_mean(kept, (0.0, 1.0)).metric()
    return metrics
