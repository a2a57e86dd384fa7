"""Figures of the protocol ``reward_lever``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from spikingsampling.plotting.style import class_colour, tidy
from spikingsampling.protocols.studies.reward.components import draw_components
from spikingsampling.protocols.studies.reward.course import Course

__all__ = ["parameters_figure", "trials_figure"]


def trials_figure(
    courses: Mapping[str, Sequence[Course]], labels: Mapping[str, str], duration: float, titles: Sequence[str]
) -> Figure:
    """Time of a trial in each segment: networks thin, their mean thick. Parts of a condition follow each other."""
    figure = Figure(figsize=(9, 4), layout="constrained")
    ax = figure.subplots()
    for number, (name, parts) in enumerate(courses.items()):
        seconds = np.concatenate(
            [part.measured["seconds"] / np.maximum(part.measured["trials"], 1) for part in parts]
        )
        minutes = (np.arange(len(seconds)) + 1) * duration / 60
        ax.plot(minutes, seconds, color=class_colour(number), lw=0.5, alpha=0.4)
        ax.plot(minutes, seconds.mean(axis=1), color=class_colour(number), lw=2, label=labels[name])
    begin = 0.0
    for title, part in zip(titles, parts, strict=True):
        ax.axvline(begin, color="#888888", lw=0.8, ls=":")
        ax.text(begin, ax.get_ylim()[1], f" {title}", va="top", fontsize=8)
        begin += len(part.measured["seconds"]) * duration / 60
    ax.set(xlabel="time (min)", ylabel="time of a trial (s)")
    ax.set_ylim(bottom=0)
    ax.legend(frameon=False, fontsize=8, loc="lower left")
    tidy(ax)
    return figure


def parameters_figure(
    courses: Mapping[str, Sequence[Course]],
    labels: Mapping[str, str],
    titles: Sequence[str],
    network: int = 0,
) -> Figure:
    """θ of some synapses of a network in its principal components, with a colour for each part."""
    figure = Figure(figsize=(4.6 * len(courses), 4), layout="constrained")
    for ax, (name, parts) in zip(
        figure.subplots(1, len(courses), squeeze=False)[0], courses.items(), strict=True
    ):
        shown = zip(titles, parts, strict=True)
        draw_components(
            ax, {title: part.measured["theta"][:, network].astype(float) for title, part in shown}
        )
        ax.set_title(labels[name])
    figure.axes[0].legend(frameon=False, fontsize=8)
    return figure
