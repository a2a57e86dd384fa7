"""Reaching in closed loop: spiking neurons move a point to one of eight targets, and Python is the environment.

Every 50 ms the environment reads spikes, moves the point, and sets reward and inputs. After Kaiser et al. 2019, who say
that b and T must be annealed for performance to stay; sizes and rates are our own. Networks learn, then go on with the
same b and T or with both annealed; T = 0 and no reward stand beside; then half of the neurons go. A killed run goes on
from the last checkpoint with the same bits, environment and all.

What to expect (every number: ``docs/results/reward.md``): two thirds of the targets are reached within 4 s after 100 s
of learning, fewer at T = 0, none without reward. It stays so for 150 s, with or without annealing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pydantic import model_validator

from spikingsampling.analysis import estimate_mean
from spikingsampling.cli import run_script
from spikingsampling.engines.segments import Segments
from spikingsampling.experiment.configuration import ProtocolConfiguration
from spikingsampling.experiment.protocol import Protocol
from spikingsampling.experiment.repetitions import mean_curve
from spikingsampling.experiment.run import Run
from spikingsampling.models.reward.reaching import Reaching
from spikingsampling.parameters import quantity
from spikingsampling.protocols.studies.reward.course import Course
from spikingsampling.protocols.studies.reward.patterns import Plan
from spikingsampling.protocols.studies.reward.reaching import (
    BLOCK,
    program_of,
    reaching_course,
    split,
    success,
    success_over_time,
)
from spikingsampling.protocols.studies.reward.reaching_figures import reached_figure, splits_figure
from spikingsampling.units import Time

__all__ = ["PROTOCOL", "Configuration"]

_LABELS = {
    "reward": (0, "reward, T > 0"),
    "cold": (0, "reward, T = 0"),
    "no_reward": (0, "no reward"),
    "kept": (1, "b and T as before"),
    "annealed": (1, "both annealed"),
    "lesion": (2, "T > 0"),
    "lesion_cold": (2, "T = 0"),
}


class Configuration(ProtocolConfiguration):
    """The networks, and how long they act."""

    networks: Reaching = Reaching()
    learning: Time = quantity("600 s", "time to learn", low="1 s", high="100 h", dimension="time")
    retention: Time = quantity("600 s", "time to go on", low="1 s", high="100 h", dimension="time")
    recovery: Time = quantity("300 s", "time after the lesion", low="1 s", high="100 h", dimension="time")
    last: Time = quantity("100 s", "time at the end that counts", low="1 s", high="100 h", dimension="time")
    half_life: Time = quantity(
        "50 s", "time in which annealing halves b and T", low="1 s", high="100 h", dimension="time"
    )

    @model_validator(mode="after")
    def _check(self) -> Configuration:
        if self.engine != "standalone":
            raise ValueError("engine = 'runtime': must be standalone; the networks are one compiled program")
        for name in ("learning", "retention", "recovery", "last"):
            time, block = getattr(self, name), self.block
            if time < self.last or abs(time / block - round(time / block)) > 1e-9:
                raise ValueError(
                    f"{name} = {time:g} s: must be a multiple of {block:g} s, at least {self.last:g} s"
                )
        return self

    @property
    def block(self) -> float:
        """Time of a block of acts (s)."""
        return BLOCK * self.networks.act


def courses_of(context: Run[Configuration]) -> dict[str, Course]:
    """Every part of the experiment."""
    c = context.configuration
    m = c.networks
    start = m.start(context.stream("targets and parameters"))
    context.progress.start(3 * c.learning + 2 * c.retention + 2 * c.recovery, "reward_reaching")
    with context.progress.preparing() as announce:
        segments = Segments(m.objects, program_of(start), announce=announce)
    found: dict[str, Course] = {}

    def course(part: str, state: Any, time: float, temperature: float, half: float | None = None) -> Course:
        plan = Plan(round(time / c.block), m.rule.b, temperature, half)
        found[part] = reaching_course(context, part, m, segments, state, plan)
        return found[part]

    warm, n_removed = m.rule.temperature, m.pool_size // 2
    learnt = course("reward", start, c.learning, warm)
    course("no_reward", m.without_reward(start), c.learning, warm)
    cold = course("cold", start, c.learning, 0.0)
    course("kept", learnt.state, c.retention, warm)
    course("annealed", learnt.state, c.retention, warm, c.half_life / c.block)
    course("lesion", m.lesioned(learnt.state, n_removed), c.recovery, warm)
    course("lesion_cold", m.lesioned(cold.state, n_removed), c.recovery, 0.0)
    return found


def run(context: Run[Configuration]) -> dict[str, Any]:
    """Learn, go on, lesion; measure how often targets are reached, drift and turnover."""
    c = context.configuration
    m, last, unit = c.networks, round(c.last / c.block), (0.0, 1.0)
    courses = courses_of(context)
    metrics: dict[str, Any] = {}
    for name, course in courses.items():
        measured = course.measured
        metrics[f"{name}.reached"] = estimate_mean(success(course, -last), unit).metric()
        metrics[f"{name}.reached_at_first"] = estimate_mean(success(course, 0, last), unit).metric()
        active, moved = measured["active"], measured["theta"][-1].astype(float) - measured["theta"][0]
        kept = (active[0] & active[-1]).sum(axis=1) / np.maximum(active[0].sum(axis=1), 1)
        metrics[f"{name}.survival"] = estimate_mean(kept, unit).metric()
        metrics[f"{name}.drift"] = estimate_mean(np.sqrt((moved**2).mean(axis=1))).metric()
        times, rates = success_over_time(course, c.block)
        metrics[f"{name}.curve"] = mean_curve("time", times, reached=rates.T)
    for first, second in (("annealed", "kept"), ("reward", "no_reward")):
        paired = success(courses[first], -last) - success(courses[second], -last)
        metrics[f"{first}_minus_{second}.reached"] = estimate_mean(paired, (-1.0, 1.0)).metric()
    metrics["reaching.reached"] = metrics["reward.reached"]
    metrics["reaching.reached_without_reward"] = metrics["no_reward.reached"]
    if m.n_potential > 1:
        for name in ("kept", "annealed"):
            for what, values in zip(("difference", "sum"), split(m, courses[name]), strict=True):
                moved = np.sqrt(((values[-1] - values[0]) ** 2).mean(axis=1))
                metrics[f"{name}.drift_of_{what}"] = estimate_mean(moved).metric()
    context.draw(_figures, courses, c)
    return metrics


def _figures(save: Any, courses: dict[str, Course], c: Configuration) -> None:
    titles = ("learning", "afterwards", "without half of the neurons")
    caption = "Fraction of trials in which the point reaches its target: each network, and their mean."
    save("reached", reached_figure(courses, _LABELS, titles, c.block), caption)
    if c.networks.n_potential > 1:
        caption = "How weights are split between the synapses of a pair, in the two directions in which it varies most."
        labels = {name: _LABELS[name][1] for name in ("kept", "annealed")}
        save("splits", splits_figure(c.networks, courses, labels), caption)


PROTOCOL = Protocol(
    configuration=Configuration,
    presets={
        "smoke": {
            "networks": {
                "n_networks": 2,
                "pool_size": 2,
                "act": "25 ms",
                "patience": "1 s",
                "rule": {"update_period": "25 ms"},
            },
            **{"learning": "5 s", "retention": "5 s", "recovery": "5 s", "last": "2.5 s", "half_life": "5 s"},
        },
        "quick": {
            **{
                "learning": "100 s",
                "retention": "50 s",
                "recovery": "50 s",
                "last": "50 s",
                "half_life": "10 s",
            },
        },
        "paper": {},
    },
    run=run,
)

if __name__ == "__main__":
    run_script(PROTOCOL)
