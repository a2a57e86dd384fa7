"""Figures of the protocol ``reward_patterns``."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from spikingsampling.analysis import principal_components
from spikingsampling.plotting.style import class_colour, tidy
from spikingsampling.protocols.studies.reward.course import Course
from spikingsampling.protocols.studies.reward.patterns import parameters_over_time

__all__ = ["accuracy_figure", "drift_figure"]

#: A part of the course: the panel it is drawn in, and its label.
Parts = Mapping[str, tuple[int, str]]


def accuracy_figure(
    courses: Mapping[str, Course], parts: Parts, titles: tuple[str, ...], segment: float
) -> Figure:
    """Fraction of right answers over time: each network thin, their mean thick."""
    figure = Figure(figsize=(4.2 * len(titles), 3.6), layout="constrained")
    axes = figure.subplots(1, len(titles), sharey=True, squeeze=False)[0]
    for number, (name, (panel, label)) in enumerate(parts.items()):
        course, colour, ax = courses[name], class_colour(number), axes[panel]
        right = course.measured["correct"] / np.maximum(course.measured["phases"], 1)
        times = (np.arange(len(right)) + 1) * segment
        ax.plot(times, right, color=colour, lw=0.5, alpha=0.35)
        ax.plot(times, right.mean(axis=1), color=colour, lw=2.2, label=label)
    for ax, title in zip(axes, titles, strict=True):
        ax.axhline(0.5, color="#888888", lw=0.8, ls=":")
        ax.set(title=title, xlabel="time (s)", ylim=(0, 1.02))
        ax.legend(frameon=False, fontsize=8, loc="best")
        tidy(ax)
    axes[0].set_ylabel("fraction of right answers")
    return figure


def drift_figure(course: Course, mask: NDArray[np.bool_], segment: float, network: int = 0) -> Figure:
    """Principal components of parameters that do not matter, and accuracy meanwhile; ``mask`` says which matter."""
    theta = parameters_over_time(course)[:, network]
    right = course.measured["correct"][:, network] / np.maximum(course.measured["phases"][:, network], 1)
    times = (np.arange(len(theta)) + 1) * segment
    figure = Figure(figsize=(12, 3.8), layout="constrained")
    for ax, (title, chosen) in zip(
        figure.subplots(1, 3)[:2], (("task-irrelevant θ", ~mask), ("task-relevant θ", mask)), strict=True
    ):
        found = principal_components(theta[:, chosen], 2)
        ax.plot(*found.points.T, color="#bbbbbb", lw=0.8)
        points = ax.scatter(*found.points.T, c=times, s=22, cmap="viridis")
        first, second = found.explained[:2]
        ax.set(xlabel=f"PC 1 ({first:.0%} of variance)", ylabel=f"PC 2 ({second:.0%})", title=title)
        tidy(ax)
    figure.colorbar(points, ax=figure.axes[1], label="time (s)")
    last = figure.axes[2]
    last.plot(times, right, "o-", ms=3, color=class_colour(2))
    last.set(
        xlabel="time (s)", ylabel="fraction of right answers", ylim=(0, 1.02), title="what it does meanwhile"
    )
    tidy(last)
    return figure
