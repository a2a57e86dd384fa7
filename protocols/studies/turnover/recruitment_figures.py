"""The figures of the three-phases experiment."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from spikingsampling.analysis import SynapseHistory, choose_parameters
from spikingsampling.plotting.saving import SaveFigure
from spikingsampling.plotting.style import class_colour, tidy
from spikingsampling.plotting.timeline import Phase, shade_phases, time_unit
from spikingsampling.plotting.trajectories import plot_synapse_traces
from spikingsampling.protocols.studies.turnover.recruitment import PHASES, NewSynapses

__all__ = ["plot_recruited", "save_figures"]


def plot_recruited(
    history: SynapseHistory, theta: NDArray, new: NewSynapses, phases: Sequence[Phase]
) -> Figure:
    """Median θ (with quartiles) of the synapses new in phase 2, and the fraction of them that is active.

    Parameters
    ----------
    history : SynapseHistory
    theta : (n_times, n_synapses) array
    new : NewSynapses
    phases : sequence of Phase
    """
    unit, length = time_unit(float(history.times[-1]))
    times = history.times / length
    figure = Figure(figsize=(7, 5.4), layout="constrained")
    top, bottom = figure.subplots(2, 1, sharex=True)
    groups = {"onto neurons of the second digit": new.recruited, "onto the other neurons": new.others}
    for number, (name, group) in enumerate(groups.items()):
        if not group.any():
            continue
        low, middle, high = np.quantile(theta[:, group], [0.25, 0.5, 0.75], axis=1)
        colour = class_colour(number)
        top.fill_between(times, low, high, color=colour, alpha=0.2, lw=0)
        top.plot(times, middle, color=colour, lw=1.6, label=f"{name} ({group.sum()} synapses)")
        bottom.plot(times, history.active[:, group].mean(axis=1), color=colour, lw=1.6)
    top.axhline(0, color="black", lw=1, ls=":")
    shade_phases(top, phases, length)
    shade_phases(bottom, phases, length, names=False)
    top.set_ylabel("θ of synapses new in phase 2\n(median and quartiles)")
    figure.legend(frameon=False, fontsize=8, loc="outside lower center", ncols=2)
    bottom.set(xlabel=f"simulated time ({unit})", ylabel="fraction of them\nthat is active", ylim=(0, 1.02))
    bottom.set_xlim(0, times[-1])
    for ax in (top, bottom):
        tidy(ax)
    return figure


def save_figures(
    save: SaveFigure,
    history: SynapseHistory,
    theta: NDArray,
    w: NDArray,
    new: NewSynapses,
    ends: Sequence[float],
    n_followed: int,
    rng: np.random.Generator,
) -> None:
    """The synapses new in phase 2 over time, all of them and a few one by one; ``rng`` chooses these.

    Parameters
    ----------
    save : callable
        Takes a name, a figure and its caption.
    history : SynapseHistory
    theta, w : (n_times, n_synapses) arrays
        At the times of ``history``.
    new : NewSynapses
    ends : sequence of float
        Ends of the phases (s).
    n_followed : int
        Synapses of each kind that are drawn one by one.
    rng : numpy.random.Generator
    """
    starts = [0.0, *ends[:-1]]
    phases = [Phase(*phase) for phase in zip(PHASES, starts, ends, strict=True)]
    save(
        "recruited",
        plot_recruited(history, theta, new, phases),
        "Synapses that form while the second digit is there, onto the neurons that come to prefer it and onto others: "
        "θ, and how many of them are active, before, during and after.",
    )
    columns: list[int] = []
    groups = {}
    for name, group in (("neurons of the second digit", new.recruited), ("other neurons", new.others)):
        if group.any():
            synapses = choose_parameters(group, min(n_followed, int(group.sum())), rng)
            groups[f"new in phase 2, onto {name}"] = np.arange(len(columns), len(columns) + len(synapses))
            columns.extend(synapses.tolist())
    if columns:
        save(
            "parameters",
            plot_synapse_traces(
                history.times, theta[:, columns], w[:, columns], phases=phases, groups=groups
            ),
            "θ and w of a few of these synapses, chosen at random.",
        )
