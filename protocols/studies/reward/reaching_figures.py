"""Figures of the protocol ``reward_reaching``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from spikingsampling.models.reward.reaching import Reaching
from spikingsampling.plotting.style import class_colour, tidy
from spikingsampling.protocols.studies.reward.components import draw_components
from spikingsampling.protocols.studies.reward.course import Course
from spikingsampling.protocols.studies.reward.reaching import split, success_over_time

__all__ = ["reached_figure", "splits_figure"]


def reached_figure(
    courses: Mapping[str, Course],
    labels: Mapping[str, tuple[int, str]],
    titles: Sequence[str],
    block: float,
) -> Figure:
    """Fraction of targets reached over time: each network thin, their mean thick. A label names its panel first."""
    figure = Figure(figsize=(4 * len(titles), 3.6), layout="constrained")
    axes = figure.subplots(1, len(titles), sharey=True, squeeze=False)[0]
    for number, (name, (panel, label)) in enumerate(labels.items()):
        ax, colour = axes[panel], class_colour(number)
        times, rates = success_over_time(courses[name], block)
        ax.plot(times, rates, color=colour, lw=0.5, alpha=0.35)
        ax.plot(times, rates.mean(axis=1), color=colour, lw=2.2, label=label)
    for ax, title in zip(axes, titles, strict=True):
        ax.set(title=title, xlabel="time (s)", ylim=(0, 1.02))
        ax.legend(frameon=False, fontsize=8, loc="best")
        tidy(ax)
    axes[0].set_ylabel("fraction of targets reached")
    return figure


def splits_figure(
    networks: Reaching, courses: Mapping[str, Course], labels: Mapping[str, str], network: int = 0
) -> Figure:
    """The split of weights between two synapses of a pair, which is irrelevant to the task, while a network goes on.

    A panel for each course in ``labels``, which follows the course ``reward``.
    """
    figure = Figure(figsize=(4.4 * len(labels), 4), layout="constrained")
    axes = figure.subplots(1, len(labels), squeeze=False)[0]
    for ax, (name, label) in zip(axes, labels.items(), strict=True):
        parts = {"learning": courses["reward"], "afterwards": courses[name]}
        draw_components(ax, {part: split(networks, each)[0][:, network] for part, each in parts.items()})
        ax.set_title(label)
    axes[0].legend(frameon=False, fontsize=8)
    return figure
