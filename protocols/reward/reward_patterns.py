"""Two patterns, two pools of neurons, one reward: networks of 2000 synapses that learn by reward-based sampling.

Networks learn with the reward (T > 0, and T = 0) and without it; then they go on, with the same b and T, or with both
annealed; then half of the neurons are removed, and they go on again (Kappel et al., eNeuro 2018; the task is that of
SPORE, the authors' module for NEST, with ten times its b). The networks and their task are one compiled program. A
killed run goes on from the last segment, with the same bits.

What to expect (``paper``; every number: ``docs/results/reward.md``):

- After 600 s the right pool leads in 0.94 of the patterns (20 networks); without reward the answers are at chance on
  average.
- At T = 0 it leads in 0.82 of them, and retracted synapses never come back: 0.5 % are left.
- What was learnt is kept for 2000 s, with constant b and T (0.92) and better with both annealed (0.97; 10 networks).
- All θ drift on, three times as far as prior and noise would move them: the rest is noise of the gradient.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pydantic import model_validator

from spikingsampling.analysis import estimate_mean, principal_components
from spikingsampling.cli import run_script
from spikingsampling.engines.segments import Segments
from spikingsampling.experiment.configuration import ProtocolConfiguration
from spikingsampling.experiment.protocol import Protocol
from spikingsampling.experiment.repetitions import mean_curve
from spikingsampling.experiment.run import Run
from spikingsampling.models.reward.patterns import TwoPatterns
from spikingsampling.parameters import quantity
from spikingsampling.protocols.studies.reward.course import Course
from spikingsampling.protocols.studies.reward.patterns import (
    Plan,
    accuracy,
    drift_metrics,
    parameters_over_time,
    pattern_course,
    relevant,
)
from spikingsampling.protocols.studies.reward.patterns_figures import accuracy_figure, drift_figure
from spikingsampling.units import Number, Time

__all__ = ["PROTOCOL", "Configuration"]

_TITLES = ("learning", "afterwards", "without half of the neurons")


class Configuration(ProtocolConfiguration):
    """The networks, and how long they learn."""

    networks: TwoPatterns = TwoPatterns()
    learning: Time = quantity("600 s", "time to learn", low="1 s", high="1000 h", dimension="time")
    retention: Time = quantity("600 s", "time to go on", low="1 s", high="1000 h", dimension="time")
    recovery: Time = quantity("300 s", "time after the lesion", low="1 s", high="1000 h", dimension="time")
    last: Time = quantity("200 s", "time at the end that counts", low="1 s", high="1000 h", dimension="time")
    half_life: Time = quantity(
        "100 s", "time in which annealing halves b and T", low="1 s", high="1000 h", dimension="time"
    )
    criterion: Number = quantity(0.9, "accuracy at which a network has learnt", low=0.5, high=1)

    @model_validator(mode="after")
    def _check(self) -> Configuration:
        if self.engine != "standalone":
            raise ValueError(
                "engine = 'runtime': must be standalone; networks and task are one compiled program"
            )
        segment = self.networks.segment
        for name in ("learning", "retention", "recovery"):
            time = getattr(self, name)
            if time < self.last or abs(time / segment - round(time / segment)) > 1e-9:
                raise ValueError(
                    f"{name} = {time:g} s: must be a multiple of {segment:g} s, at least {self.last:g} s"
                )
        if self.last < segment or abs(self.last / segment - round(self.last / segment)) > 1e-9:
            raise ValueError(
                f"last = {self.last:g} s: must be a multiple of networks.segment = {segment:g} s"
            )
        return self

    def count(self, time: float) -> int:
        """Segments in a time."""
        return round(time / self.networks.segment)


def courses_of(context: Run[Configuration], start: dict[str, Any]) -> dict[str, tuple[Plan, Course]]:
    """Every part of the experiment: its plan and its course."""
    c = context.configuration
    m = c.networks
    b, warm = m.rule.b, m.rule.temperature
    context.progress.start(3 * c.learning + 2 * c.retention + 2 * c.recovery, "reward_patterns")
    with context.progress.preparing() as announce:
        segments = Segments(m.objects, start, announce=announce)
    found: dict[str, tuple[Plan, Course]] = {}

    def course(
        part: str, state: dict[str, Any], time: float, temperature: float, half: float | None = None
    ) -> Course:
        plan = Plan(c.count(time), b, temperature, half)
        found[part] = plan, pattern_course(context, part, m, segments, state, plan)
        return found[part][1]

    learnt = course("reward", start, c.learning, warm)
    course("no_reward", m.without_reward(start), c.learning, warm)
    cold = course("cold", start, c.learning, 0.0)
    course("kept", learnt.state, c.retention, warm)
    course("annealed", learnt.state, c.retention, warm, c.half_life / m.segment)
    n_removed = m.pool_size // 2
    course("lesion", m.lesioned(learnt.state, n_removed), c.recovery, warm)
    course("lesion_cold", m.lesioned(cold.state, n_removed), c.recovery, 0.0)
    return found


def run(context: Run[Configuration]) -> dict[str, Any]:
    """Learn, go on, lesion; measure accuracy, drift and turnover."""
    c = context.configuration
    m, last, unit = c.networks, c.count(c.last), (0.0, 1.0)
    start = m.start(context.stream("patterns and parameters"))
    parts = courses_of(context, start)
    metrics: dict[str, Any] = {}
    for name, (_, course) in parts.items():
        at_end = accuracy(course, -last)
        metrics[f"{name}.accuracy"] = estimate_mean(at_end, unit).metric()
        metrics[f"{name}.first_segment"] = estimate_mean(accuracy(course, 0, 1), unit).metric()
        metrics[f"{name}.n_at_criterion"] = int((at_end >= c.criterion).sum())
        right = (course.measured["correct"] / np.maximum(course.measured["phases"], 1)).T
        times = (np.arange(right.shape[1]) + 1) * m.segment
        metrics[f"{name}.curve"] = mean_curve("time", times, accuracy=right)
        metrics[f"{name}.active"] = estimate_mean(course.measured["active"][-1].mean(axis=1), unit).metric()
    paired = accuracy(parts["annealed"][1], -last) - accuracy(parts["kept"][1], -last)
    metrics["annealed_minus_kept.accuracy"] = estimate_mean(paired, (-1.0, 1.0)).metric()
    metrics["patterns.accuracy"] = metrics["reward.accuracy"]
    metrics["patterns.accuracy_without_reward"] = metrics["no_reward.accuracy"]
    metrics["patterns.accuracy_cold"] = metrics["cold.accuracy"]
    masks = relevant(m, start)
    for name in ("kept", "annealed", "no_reward", "cold"):
        plan, course = parts[name]
        metrics |= drift_metrics(m, course, masks, plan, name)
    theta = parameters_over_time(parts["kept"][1])
    dimensions = [principal_components(theta[:, n, ~masks[n]], 1) for n in range(m.n_networks)]
    metrics["kept.first_component"] = estimate_mean([each.explained[0] for each in dimensions], unit).metric()
    context.draw(_figures, {name: course for name, (_, course) in parts.items()}, masks[0], m)
    return metrics


def _figures(save: Any, courses: dict[str, Course], mask: Any, m: TwoPatterns) -> None:
    warm = f"T = {m.rule.temperature:g}"
    labels = {
        "reward": (0, f"reward, {warm}"),
        "cold": (0, "reward, T = 0"),
        "no_reward": (0, f"no reward, {warm}"),
        "kept": (1, f"{warm} and b as before"),
        "annealed": (1, "both annealed"),
        "lesion": (2, warm),
        "lesion_cold": (2, "T = 0"),
    }
    caption = "Fraction of phases in which the right pool fires more: each network, and their mean."
    save("accuracy", accuracy_figure(courses, labels, _TITLES, m.segment), caption)
    caption = "Parameters of a network after learning, in the two directions in which they vary most."
    save("drift", drift_figure(courses["kept"], mask, m.segment), caption)


PROTOCOL = Protocol(
    configuration=Configuration,
    presets={
        "smoke": {
            "networks": {"n_networks": 2, "n_inputs": 20, "segment": "5 s"},
            **{
                "learning": "20 s",
                "retention": "20 s",
                "recovery": "10 s",
                "last": "10 s",
                "half_life": "5 s",
            },
        },
        "quick": {"networks": {"n_networks": 5}},
        "paper": {"retention": "400 s", "recovery": "200 s"},
    },
    run=run,
)

if __name__ == "__main__":
    run_script(PROTOCOL)
