"""Which lateral synapses of the trained association network go first, and what recall is left."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from spikingsampling.analysis.turnover.histories import read_history, read_parameters
from spikingsampling.network.lesions import SynapseLesion
from spikingsampling.plotting.style import curve_look, tidy
from spikingsampling.protocols.studies.lesion.recall import LATERAL

__all__ = ["CRITERIA", "Criterion", "age", "lesions_of", "plot_pruning", "removed", "scores"]

Criterion = Literal["weight", "age", "random"]
#: What is removed first by each criterion.
CRITERIA: dict[str, str] = {
    "weight": "the weakest first",
    "age": "the youngest first",
    "random": "at random",
}


def age(active: NDArray[np.bool_]) -> NDArray[np.int64]:
    """For how many of the last samples each synapse has been active without a break; (n_times, n_synapses) bool."""
    backwards = active[::-1]
    return np.where(backwards.all(axis=0), len(active), np.argmin(backwards, axis=0)).astype(np.int64)


def scores(
    recording: Path, criterion: Criterion, rng: np.random.Generator
) -> tuple[NDArray, NDArray[np.bool_]]:
    """A score of all lateral synapses, the lowest of which go first, and which of them are active at the end.

    Synapses of equal age go in random order.
    """
    history = read_history([recording], *LATERAL)
    active = history.active[-1]
    chance = rng.random(active.size)
    if criterion == "random":
        return chance, active
    if criterion == "age":
        return age(history.active) + chance, active
    return np.concatenate([read_parameters([recording], name, "w")[1][-1] for name in LATERAL]), active


def removed(score: NDArray, active: NDArray[np.bool_], kept: float) -> NDArray[np.int64]:
    """Numbers of the synapses that go where a fraction ``kept`` of the active ones stays."""
    numbers = np.flatnonzero(active)
    n_removed = len(numbers) - round(kept * len(numbers))
    return np.sort(numbers[np.argsort(score[numbers], kind="stable")[:n_removed]])


def lesions_of(numbers: NDArray[np.int64], sizes: Mapping[str, int]) -> list[SynapseLesion]:
    """The lesions that remove synapses which are numbered through all lateral projections; ``sizes`` are of these."""
    lesions, first = [], 0
    for name in LATERAL:
        own = numbers[(numbers >= first) & (numbers < first + sizes[name])] - first
        if len(own):
            lesions.append(SynapseLesion(name, synapses=own))
        first += sizes[name]
    return lesions


def plot_pruning(
    kept: NDArray, at_once: Mapping[str, NDArray], later: Mapping[str, NDArray], before: float, chance: float
) -> Figure:
    """Recall over the fraction of synapses kept, by criterion: at once, and after learning went on.

    Parameters
    ----------
    kept : (n,) array
    at_once, later : mapping of str to (n,) array
    before, chance : float
        Recall before anything is removed, and by chance.
    """
    figure = Figure(figsize=(8.4, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    for ax, found, title in ((left, at_once, "at once"), (right, later, "after learning went on")):
        for number, (name, values) in enumerate(found.items()):
            ax.plot(100 * kept, values, **curve_look(number), label=f"{name}: {CRITERIA[name]}")
        ax.axhline(before, color="black", lw=1, label="before")
        ax.axhline(chance, color="#888888", ls=":", label="chance")
        ax.set(xscale="log", xlabel="active lateral synapses kept (%)", title=title)
        tidy(ax)
    left.set_ylabel("recall of images from sounds\n(accuracy on held-out stimuli)")
    figure.legend(
        *left.get_legend_handles_labels(), frameon=False, fontsize=8, loc="outside upper center", ncols=3
    )
    return figure
