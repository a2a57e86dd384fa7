"""Lever press: a recurrent network learns a movement from a reward, then another one, then goes on after a lesion.

After Kappel et al., eNeuro 2018, as far as the constants of SPORE, the authors' module for NEST, are known: 60
excitatory and 20 inhibitory neurons, about 25,000 potential synapses. T > 0 and T = 0 stand side by side, with networks
that begin alike. Network and task are one compiled program: 24 simulated hours of a network take 11 minutes of one
core. A killed run goes on from the last segment, with the same bits.

What to expect (every number: ``docs/results/reward.md``):

- With the published b five networks of five need 8 s for the movement at first and less than 2.7 s after 90 min, 1.5 s
  on average; 4.5 s at T = 0. The second task takes them 2.7 s at once, and they do not learn it in 30 min.
- One network needed 0.8 s in the third hour, and had forgotten the movement after a day.
- ``quick`` has ten times the published b and minutes in place of hours: too much b for a clear gain.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field, model_validator

from spikingsampling.cli import run_script
from spikingsampling.engines.segments import Segments
from spikingsampling.experiment.configuration import ProtocolConfiguration
from spikingsampling.experiment.protocol import Protocol
from spikingsampling.experiment.run import Run
from spikingsampling.models.reward.lever import LeverPress
from spikingsampling.parameters import quantity
from spikingsampling.protocols.studies.reward.course import Course
from spikingsampling.protocols.studies.reward.lever import choose_synapses, lever_course, part_metrics
from spikingsampling.protocols.studies.reward.lever_figures import parameters_figure, trials_figure
from spikingsampling.units import Time

__all__ = ["PROTOCOL", "Configuration"]

#: A segment is a multiple of the steps of the lever and of θ.
_GRID = 0.3
_TITLES = ("first task", "second task", "lesion")


class Configuration(ProtocolConfiguration):
    """The networks, and how long they act."""

    networks: LeverPress = LeverPress()
    learning: Time = quantity(
        "24 h", "time with the first task", low="0.3 s", high="1000 h", dimension="time"
    )
    relearning: Time = quantity(
        "24 h", "time with the second task", low="0.3 s", high="1000 h", dimension="time"
    )
    recovery: Time = quantity("6 h", "time after the lesion", low="0.3 s", high="1000 h", dimension="time")
    hour: Time = quantity(
        "1 h", "time at the start and the end that counts", low="0.3 s", high="100 h", dimension="time"
    )
    cold: bool = Field(True, description="whether networks at T = 0 stand beside")
    segment: Time = quantity("5 min", "time of a segment", low="0.3 s", high="1 h", dimension="time")

    @model_validator(mode="after")
    def _check(self) -> Configuration:
        if self.engine != "standalone":
            raise ValueError(
                "engine = 'runtime': must be standalone; networks and task are one compiled program"
            )
        if abs(self.segment / _GRID - round(self.segment / _GRID)) > 1e-9:
            raise ValueError(f"segment = {self.segment:g} s: must be a multiple of {_GRID} s")
        for name in ("learning", "relearning", "recovery", "hour"):
            time = getattr(self, name)
            if time < self.hour or abs(time / self.segment - round(time / self.segment)) > 1e-9:
                raise ValueError(
                    f"{name} = {time:g} s: must be a multiple of segment = {self.segment:g} s, at least {self.hour:g} s"
                )
        if self.networks.rule.update_period not in (0.1, 0.05, 0.025):
            raise ValueError(
                f"networks.rule.update_period = {self.networks.rule.update_period:g} s: must divide 100 ms"
            )
        return self

    def count(self, time: float) -> int:
        """Segments in a time."""
        return round(time / self.segment)


def courses_of(
    context: Run[Configuration], start: dict[str, Any], temperature: float, label: str, segments: Segments
) -> list[Course]:
    """The first task, the second one, and what follows when half of the hidden neurons are gone."""
    c = context.configuration
    m = c.networks
    chosen = choose_synapses(m, start, 500, context.rng("chosen synapses"))
    state, found = m.annealed(start, m.rule.b, temperature), []
    for part, time in (("first", c.learning), ("second", c.relearning), ("lesion", c.recovery)):
        if part == "second":
            state = state | {"task.order": -state["task.order"]}
        if part == "lesion":
            state = m.lesioned(state, m.n_hidden // 2)
        n = c.count(time)
        found.append(lever_course(context, f"{label}_{part}", m, segments, state, n, c.segment, chosen))
        state = found[-1].state
    return found


def run(context: Run[Configuration]) -> dict[str, Any]:
    """Both temperatures; times of trials, successes, turnover and drift."""
    c = context.configuration
    m = c.networks
    start = m.start(context.stream("cues and parameters"))
    warm = m.rule.temperature
    temperatures = {"warm": warm} | ({"cold": 0.0} if c.cold else {})
    duration = len(temperatures) * (c.learning + c.relearning + c.recovery)
    context.progress.start(duration, "reward_lever")
    with context.progress.preparing() as announce:
        segments = Segments(m.objects, start, announce=announce)
    courses = {
        label: courses_of(context, start, temperature, label, segments)
        for label, temperature in temperatures.items()
    }
    metrics: dict[str, Any] = {}
    for label, parts in courses.items():
        for part, course in zip(("first", "second", "lesion"), parts, strict=True):
            metrics |= part_metrics(course, c.count(c.hour), c.segment, f"{label}.{part}")
    for what in ("trial_seconds_first_hour", "trial_seconds_last_hour"):
        metrics[f"lever.{what}"] = metrics[f"warm.first.{what}"]
    context.draw(_figures, courses, warm, c.segment)
    return metrics


def _figures(save: Any, courses: dict[str, list[Course]], warm: float, segment: float) -> None:
    labels = {"warm": f"T = {warm:g}", "cold": "T = 0"}
    caption = "Time from the cue to the end of the movement: each network, and their mean."
    save("trials", trials_figure(courses, labels, segment, _TITLES), caption)
    caption = "Parameters of a network in the two directions in which they vary most."
    save("parameters", parameters_figure(courses, labels, _TITLES), caption)


PROTOCOL = Protocol(
    configuration=Configuration,
    presets={
        "smoke": {
            **{
                "learning": "60 s",
                "relearning": "30 s",
                "recovery": "30 s",
                "hour": "30 s",
                "segment": "15 s",
            },
            "networks": {"n_networks": 2, "n_inputs": 20, "n_hidden": 20, "n_reached": 15, "n_potential": 4},
        },
        "quick": {
            **{
                "learning": "10 min",
                "relearning": "5 min",
                "recovery": "5 min",
                "hour": "2 min",
                "segment": "1 min",
            },
            "networks": {"rule": {"b": "5e-4 /s"}},
        },
        "paper": {},
    },
    run=run,
)

if __name__ == "__main__":
    run_script(PROTOCOL)
