"""The figures of the protocol ``memory_sampling``."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from matplotlib import colormaps
from matplotlib.figure import Figure

from spikingsampling.analysis import Estimate
from spikingsampling.plotting.style import class_colour, tidy
from spikingsampling.protocols.studies.dynamics.trajectories import Array

__all__ = ["plot_diffusion", "plot_displacements", "plot_learning", "plot_paths"]

Condition = tuple[float, float]


def _label(time: float) -> str:
    return "synapses at rest" if math.isinf(time) else f"turnover within {time:g} s"


def _grid(count: int, height: float = 3.6) -> tuple[Figure, list]:
    figure = Figure(figsize=(3.6 * count, height), layout="constrained")
    return figure, list(figure.subplots(1, count, squeeze=False, sharey=True)[0])


def plot_learning(courses: Mapping[float, Array], best: Array) -> Figure:
    """Weights by distance (n_rounds + 1, n) over rounds, by temperature, and those of the maximum (n,)."""
    figure, axes = _grid(len(courses))
    n = len(best)
    degrees = np.arange(-n // 2, n // 2) * 360 / n
    for ax, (temperature, course) in zip(axes, courses.items(), strict=True):
        last = len(course) - 1
        for number in sorted({0, *(round(last * part) for part in (0.25, 0.5, 0.75, 1.0))}):
            colour = colormaps["viridis"](0.9 * number / max(1, last))
            ax.plot(degrees, np.roll(course[number], n // 2), color=colour, lw=1.4, label=f"{number} rounds")
        ax.plot(degrees, np.roll(best, n // 2), "k--", lw=1, label="maximum of the posterior")
        ax.set(xlabel="distance (degrees)", xlim=(-180, 180), xticks=(-180, -90, 0, 90, 180))
        ax.set_title(f"T = {temperature:g}")
        tidy(ax)
    axes[0].set_ylabel("mean weight w")
    figure.legend(
        *axes[0].get_legend_handles_labels(), frameon=False, fontsize=8, loc="outside lower center", ncols=3
    )
    return figure


def plot_displacements(
    times: Array, means: Mapping[Condition, Array], theory: Mapping[Condition, Array]
) -> Figure:
    """Squared displacement in degrees² over ``times`` (s), one panel for each temperature above 0.

    ``means`` are those of each set of synapses (n_networks, n) in rad², by temperature and time of turnover (s);
    ``theory`` (n,).
    """
    hot = sorted({temperature for temperature, _ in means if temperature > 0})
    figure, axes = _grid(max(1, len(hot)))
    unit = np.degrees(1) ** 2
    for ax, temperature in zip(axes, hot or [0.0], strict=True):
        shown = [key for key in means if key[0] in (0.0, temperature)]
        for number, key in enumerate(shown):
            colour = "black" if key[0] == 0 else class_colour(number)
            mean = means[key].mean(axis=0) * unit
            error = means[key].std(axis=0, ddof=1) / np.sqrt(len(means[key])) * unit
            some = slice(None, None, max(1, len(times) // 10))
            ax.errorbar(
                times[some],
                mean[some],
                error[some],
                fmt="o",
                ms=3.5,
                lw=1,
                color=colour,
                label="T = 0" if key[0] == 0 else _label(key[1]),
            )
            ax.plot(times, theory[key] * unit, color=colour, lw=1.2)
        ax.set(xlabel="time of the delay (s)", title=f"T = {temperature:g}")
        tidy(ax)
    axes[0].set_ylabel("squared displacement (degrees²)")
    axes[0].legend(frameon=False, fontsize=8, loc="upper left", title="lines: theory", title_fontsize=8)
    return figure


def plot_diffusion(
    coefficients: Mapping[Condition, Estimate], grid: Array, lines: Mapping[float, Array], delay: float
) -> Figure:
    """Squared displacement over time (rad²/s) after ``delay`` (s), over T; ``lines`` are theory on ``grid``."""
    figure = Figure(figsize=(6.2, 4.2), layout="constrained")
    ax = figure.subplots()
    for number, (time, line) in enumerate(lines.items()):
        colour = class_colour(number)
        ax.plot(grid, line, color=colour, lw=1.2)
        some = [(key[0], estimate) for key, estimate in coefficients.items() if key[1] == time]
        values = np.array([estimate.value for _, estimate in some])
        ends = np.array([estimate.interval or (estimate.value,) * 2 for _, estimate in some])
        if len(some):
            places = np.array([temperature for temperature, _ in some])
            errors = np.abs(ends.T - values)
            ax.errorbar(places, values, errors, fmt="o", ms=4, color=colour, label=_label(time))
    ax.set(
        xlabel="temperature T of the synapses",
        ylabel="squared displacement over time (rad²/s)",
        ylim=(0, None),
    )
    ax.set_title(f"After {delay:g} s; lines: theory", fontsize=10)
    ax.legend(frameon=False, fontsize=8, loc="upper left")
    tidy(ax)
    return figure


def plot_paths(times: Array, paths: Mapping[Condition, Array]) -> Figure:
    """Held directions (degrees), from displacements (n, n_trials) in rad of trials that start all around."""
    figure, axes = _grid(len(paths))
    for ax, ((temperature, time), moved) in zip(axes, paths.items(), strict=True):
        every = max(1, moved.shape[1] // 32)
        start = 360 * np.arange(moved.shape[1]) / moved.shape[1]
        ax.plot(times, (start + np.degrees(moved))[:, ::every], lw=0.8, color="#555555")
        ax.set(xlabel="time of the delay (s)", yticks=(0, 90, 180, 270, 360))
        ax.set_title("T = 0" if temperature == 0 else f"T = {temperature:g}, {_label(time)}", fontsize=10)
        tidy(ax)
    axes[0].set_ylabel("held direction (degrees)")
    return figure
