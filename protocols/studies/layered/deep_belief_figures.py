"""Figures of the protocol ``deep_belief``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike, NDArray

from spikingsampling.plotting.style import class_colour, curve_look, draw_band, tidy

__all__ = ["plot_features", "plot_few_labels", "plot_tuning"]

_NAMES = {
    "random": "random weights",
    "contrastive_divergence": "contrastive divergence",
    "map": "bimodal prior, T = 0",
    "sampling": "synaptic sampling, T = 1",
}


def plot_tuning(curves: Mapping[str, ArrayLike]) -> Figure:
    """Held-out error over epochs of fine-tuning, (n_repetitions, epochs) of each start."""
    figure = Figure(figsize=(6.2, 4.2), layout="constrained")
    ax = figure.subplots()
    for number, (name, runs) in enumerate(curves.items()):
        errors = 1 - np.asarray(runs, dtype=float)
        draw_band(ax, np.arange(1, errors.shape[1] + 1), 100 * errors, class_colour(number), name)
    ax.set(xlabel="epoch of fine-tuning", ylabel="held-out error (%)", yscale="log")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ticks = [t for t in (1, 2, 3, 5, 10, 20, 50) if ax.get_ylim()[0] <= t <= ax.get_ylim()[1]]
    ax.set_yticks(ticks, [str(t) for t in ticks])
    ax.minorticks_off()
    ax.legend(frameon=False, fontsize=8)
    tidy(ax)
    return figure


def plot_features(features: Mapping[str, Sequence[float]]) -> Figure:
    """What a softmax reads from pixels and layers: one dot per repetition."""
    figure = Figure(figsize=(6.2, 3.6), layout="constrained")
    ax = figure.subplots()
    for row, (name, values) in enumerate(features.items()):
        colour = class_colour(1 if name.startswith("random") else 0)
        ax.plot(values, [row] * len(values), "o", ms=5, color=colour, alpha=0.6)
    ax.set_yticks(range(len(features)), [name.replace("_", " ") for name in features])
    ax.invert_yaxis()
    ax.set_xlabel("held-out accuracy of a softmax")
    ax.grid(axis="y", lw=0.4)
    tidy(ax)
    return figure


def plot_few_labels(labels: Sequence[int], accuracies: Mapping[str, NDArray[np.float64]]) -> Figure:
    """Accuracy over the number of labels, and paired differences to contrastive divergence, both with their range."""
    figure = Figure(figsize=(10, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    for number, (name, runs) in enumerate(accuracies.items()):
        shift = 1.04 ** (number - 1.5)
        for ax, values in ((left, runs), (right, runs - accuracies["contrastive_divergence"])):
            if ax is right and name in ("random", "contrastive_divergence"):
                continue
            mean = values.mean(axis=0)
            span = np.abs(np.stack([values.min(axis=0), values.max(axis=0)]) - mean)
            ax.errorbar(
                np.array(labels) * shift, mean, span, capsize=2, label=_NAMES[name], **curve_look(number)
            )
    right.axhline(0, color="#888888", ls=":", lw=1)
    left.set(ylabel="held-out accuracy")
    right.set(ylabel="accuracy minus contrastive divergence")
    for ax in (left, right):
        ax.set(xscale="log", xlabel="labels")
        ax.set_xticks(labels, [str(n) for n in labels])
        ax.minorticks_off()
        ax.legend(frameon=False, fontsize=8)
        tidy(ax)
    return figure
