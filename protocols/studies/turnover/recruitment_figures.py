"""The figures of the three-phases experiment."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from spikingsampling.analysis import choose_parameters
from spikingsampling.plotting.saving import SaveFigure
from spikingsampling.plotting.style import class_colour, tidy
from spikingsampling.plotting.timeline import Phase, shade_phases, time_unit
from spikingsampling.plotting.trajectories import plot_parameters
from spikingsampling.protocols.studies.turnover.recruitment import PHASES, Recruited

__all__ = ["plot_recruited", "save_figures"]


def plot_recruited(
    times: NDArray, theta: NDArray, active: NDArray, recruited: Recruited, phases: Sequence[Phase]
) -> Figure:
    """Mean θ (with quartiles) of the synapses born in phase 2, and the fraction of them that is active.

    Parameters
    ----------
    times : (n_times,) array
        Seconds.
    theta, active : (n_times, n_synapses) arrays
    recruited : Recruited
    phases : sequence of Phase
    """
    unit, length = time_unit(float(times[-1]))
    figure = Figure(figsize=(7, 5.2), layout="constrained")
    top, bottom = figure.subplots(2, 1, sharex=True)
    groups = {"onto neurons of the second digit": recruited.mine, "onto the others": recruited.others}
    for number, (name, group) in enumerate(groups.items()):
        if not group.any():
            continue
        low, middle, high = np.quantile(theta[:, group], [0.25, 0.5, 0.75], axis=1)
        colour = class_colour(number)
        top.fill_between(times / length, low, high, color=colour, alpha=0.2, lw=0)
        top.plot(times / length, middle, color=colour, lw=1.6, label=f"{name} ({group.sum()} synapses)")
        bottom.plot(times / length, active[:, group].mean(axis=1), color=colour, lw=1.6)
    top.axhline(0, color="black", lw=1, ls=":")
    shade_phases(top, phases, length)
    shade_phases(bottom, phases, length, names=False)
    top.set_ylabel("θ of synapses born in phase 2\n(median and quartiles)")
    top.legend(frameon=False, fontsize=8, loc="lower right")
    bottom.set(xlabel=f"simulated time ({unit})", ylabel="fraction active", ylim=(0, 1.02))
    bottom.set_xlim(0, times[-1] / length)
    for ax in (top, bottom):
        tidy(ax)
    return figure


def save_figures(
    save: SaveFigure,
    times: NDArray,
    theta: NDArray,
    w: NDArray,
    recruited: Recruited,
    ends: Sequence[float],
    n_followed: int,
    rng: np.random.Generator,
) -> None:
    """The recruited synapses over time, all of them and a few one by one; ``rng`` chooses these.

    Parameters
    ----------
    save : callable
        Takes a name, a figure and its caption.
    times : (n_times,) array
        Seconds.
    theta, w : (n_times, n_synapses) arrays
    recruited : Recruited
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
        plot_recruited(times, theta, w > 0, recruited, phases),
        "Synapses born while the second digit is there, onto the neurons that come to prefer it and onto others: mean "
        "θ, and how many of them are active, before, during and after.",
    )
    columns, groups = [], {}
    for name, group in (("second digit", recruited.mine), ("others", recruited.others)):
        if group.any():
            chosen = choose_parameters(group, min(n_followed, int(group.sum())), rng)
            groups[f"born in phase 2, {name}"] = np.arange(len(columns), len(columns) + len(chosen))
            columns.extend(chosen.tolist())
    if columns:
        save(
            "parameters",
            plot_parameters(times, theta[:, columns], w[:, columns], phases=phases, groups=groups),
            "θ and w of a few of these synapses, chosen at random.",
        )
