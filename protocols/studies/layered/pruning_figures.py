"""Figures of the protocol ``pruning``."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from spikingsampling.plotting.style import curve_look, tidy
from spikingsampling.protocols.studies.layered.pruning_configuration import PruningConfiguration
from spikingsampling.protocols.studies.layered.pruning_results import PruningResults

__all__ = ["plot_kept", "plot_losses", "plot_rewiring", "plot_units", "save_figures"]

_NAMES = {"magnitude": "magnitude", "obd": "Optimal Brain Damage", "random": "random"}
_UNITS = {
    "oracle": "oracle",
    "norm": "norm of weights",
    "taylor": "|⟨x ∂E/∂x⟩|",
    "absolute_taylor": "⟨|x ∂E/∂x|⟩",
    "obd": "Σ h w²/2",
    "activity": "mean activity",
    "random": "random",
}
_REWIRED = {"deep_r": "DEEP R", "without_rewiring": "DEEP R without rewiring", "soft_deep_r": "soft-DEEP R"}
_STAGES = {
    "one_shot": "at once",
    "retrained": "at once, trained again",
    "iterative": "step by step, with training",
}


def _curve(ax: Axes, x: ArrayLike, runs: Sequence[ArrayLike], number: int, label: str) -> None:
    """The mean over repetitions, with their range as bars."""
    values = np.asarray(runs, dtype=float)
    mean = values.mean(axis=0)
    spread = np.abs(np.stack([values.min(axis=0), values.max(axis=0)]) - mean)
    ax.errorbar(x, mean, spread, capsize=2, lw=1.2, elinewidth=0.8, label=label, **curve_look(number))


def plot_kept(results: PruningResults, c: PruningConfiguration, n_total: int) -> Figure:
    """Held-out accuracy over the fraction of connections kept: one panel for each stage, and DEEP R in the last."""
    measured = {stage for stage, _ in results.pruned}
    stages = {stage: title for stage, title in _STAGES.items() if stage in measured}
    figure = Figure(figsize=(4.2 * len(stages), 4.4), layout="constrained")
    axes = figure.subplots(1, len(stages), squeeze=False)[0]
    for ax, (stage, title) in zip(axes, stages.items(), strict=True):
        numbers = {name: number for number, name in enumerate(_NAMES)}
        for criterion, number in numbers.items():
            if runs := results.pruned.get((stage, criterion)):
                _curve(ax, getattr(c, stage), runs, number, _NAMES[criterion])
        if stage == "iterative":
            for number, (name, runs) in enumerate(results.rewired.items(), len(numbers)):
                look = curve_look(number) | {"ls": ""}
                kept = np.mean([run.connections[-1] for run in runs]) / n_total
                found = [run.accuracy[-1] for run in runs]
                span = [[np.mean(found) - min(found)], [max(found) - np.mean(found)]]
                ax.errorbar(kept, np.mean(found), span, capsize=2, label=_REWIRED.get(name, name), **look)
        ax.axhline(np.mean(results.dense), color="#888888", ls=":", lw=1, label="all connections")
        ax.set(xscale="log", xlabel="fraction of connections kept", title=title)
        tidy(ax)
    figure.axes[0].set_ylabel("held-out accuracy")
    for ax in (axes[0], axes[-1]):
        ax.legend(frameon=False, fontsize=8, loc="center right")
    return figure


def plot_rewiring(results: PruningResults) -> Figure:
    """Accuracy, connections and how many came, over epochs."""
    figure = Figure(figsize=(12, 3.8), layout="constrained")
    panels = {
        "accuracy": "held-out accuracy",
        "connections": "active connections",
        "came": "connections that came",
    }
    for ax, (key, label) in zip(figure.subplots(1, 3), panels.items(), strict=True):
        for number, (name, runs) in enumerate(results.rewired.items(), 3):
            values = [getattr(run, key) for run in runs]
            if key != "came" or np.any(values):
                _curve(ax, np.arange(1, len(values[0]) + 1), values, number, _REWIRED.get(name, name))
        ax.set(xlabel="epoch", ylabel=label, yscale="linear" if key == "accuracy" else "log")
        tidy(ax)
    figure.axes[0].legend(frameon=False, fontsize=8)
    return figure


def plot_units(results: PruningResults, c: PruningConfiguration) -> Figure:
    """Accuracy without units of the first hidden layer, by criterion."""
    figure = Figure(figsize=(6.4, 4.4), layout="constrained")
    ax = figure.subplots()
    for number, (name, runs) in enumerate(results.units.items()):
        _curve(ax, c.removed, runs, number, _UNITS[name])
    ax.set(xlabel="part of the first hidden layer removed", ylabel="held-out accuracy")
    ax.legend(frameon=False, fontsize=8, loc="lower left")
    tidy(ax)
    return figure


def plot_losses(results: PruningResults, c: PruningConfiguration) -> Figure:
    """What Σ h w²/2 predicts and what happens, by criterion of deletion; negative and tiny ones at the lower edge."""
    figure = Figure(figsize=(9, 4), layout="constrained")
    for ax, (criterion, runs) in zip(figure.subplots(1, 2, sharey=True), results.losses.items(), strict=True):
        for number, (label, values) in enumerate(
            zip(("predicted", "actual"), np.array(runs).swapaxes(0, 1), strict=True)
        ):
            _curve(ax, c.one_shot, np.maximum(values, 1e-5), number, label)
        ax.set(
            xlabel="fraction of connections kept",
            xscale="log",
            yscale="log",
            title=f"deleted by {_NAMES[criterion]}",
        )
        tidy(ax)
    figure.axes[0].set_ylabel("rise of the loss")
    figure.axes[0].legend(frameon=False, fontsize=8)
    return figure


def save_figures(
    save: Callable[..., None], results: PruningResults, c: PruningConfiguration, n_total: int
) -> None:
    """Draw what has been measured; ``n_total`` connections are those of the whole network."""
    if results.pruned:
        caption = "Accuracy over the fraction of connections kept, and DEEP R beside it."
        save("kept", plot_kept(results, c, n_total), caption)
    if results.rewired:
        caption = "DEEP R and soft-DEEP R, epoch by epoch; bars: range over networks."
        save("rewiring", plot_rewiring(results), caption)
    if results.units:
        save(
            "units", plot_units(results, c), "Accuracy without units of the first hidden layer, by criterion."
        )
    if results.losses:
        caption = "What Optimal Brain Damage predicts of the loss, and what happens."
        save("losses", plot_losses(results, c), caption)
