"""The figures of the protocol ``balanced_sampling``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from spikingsampling.plotting.style import class_colour, draw_band, tidy
from spikingsampling.protocols.studies.dynamics.spiking.balanced import Course, survival

__all__ = ["plot_activity", "plot_courses"]

TITLES = {"sampling": "T = 1", "map": "T = 0 (MAP)", "off": "learning off"}
_SHOWN = 100


def plot_activity(courses: Mapping[str, Course]) -> Figure:
    """Spikes of 100 excitatory neurons in the last two seconds of each mode of learning."""
    figure = Figure(figsize=(4.2 * len(courses), 3.2), layout="constrained")
    for number, (ax, (mode, course)) in enumerate(
        zip(figure.subplots(1, len(courses), squeeze=False)[0], courses.items(), strict=True)
    ):
        late = course.last.after(max(0.0, course.last.duration - 2))
        some = late.neurons < _SHOWN
        ax.plot(late.times[some], late.neurons[some], "|", ms=2.5, color=class_colour(number))
        ax.set(title=TITLES[mode], xlabel="time (s)", ylim=(-1, _SHOWN))
        tidy(ax)
    figure.axes[0].set_ylabel("excitatory neuron")
    return figure


def plot_courses(courses: Mapping[str, Sequence[Course]], segment: float) -> Figure:
    """Rate, irregularity, correlation and surviving synapses over time: mean over seeds and their range.

    ``courses`` are by mode of learning, one for each seed; ``segment`` is the time of a segment (s).
    """
    figure = Figure(figsize=(11, 3.4), layout="constrained")
    axes = figure.subplots(1, 4)
    for number, (mode, runs) in enumerate(courses.items()):
        colour = class_colour(number)
        middle = (np.arange(len(runs[0].rates)) + 0.5) * segment
        for ax, name in zip(axes, ("rates", "cvs", "correlations"), strict=False):
            draw_band(ax, middle, [getattr(run, name) for run in runs], colour, TITLES[mode])
        times = np.arange(len(runs[0].active)) * segment
        draw_band(axes[3], times, [survival(run.active) for run in runs], colour, TITLES[mode])
    labels = (
        "rate (Hz)",
        "coefficient of variation\nof the intervals",
        "correlation of two neurons\n(counts in 20 ms)",
        "synapses still active\n(fraction of the first)",
    )
    for ax, label in zip(axes, labels, strict=True):
        ax.set(xlabel="time of learning (s)", ylabel=label)
        ax.set_ylim(bottom=min(0, ax.get_ylim()[0]))
        tidy(ax)
    figure.legend(
        *axes[0].get_legend_handles_labels(), frameon=False, fontsize=8, loc="outside upper center", ncols=3
    )
    return figure
