"""The figures of spine motility."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.integrate import trapezoid

from spikingsampling.analysis import PriorTurnover, SynapseHistory
from spikingsampling.inference.priors import Prior
from spikingsampling.plotting.saving import SaveFigure
from spikingsampling.plotting.style import class_colour, tidy
from spikingsampling.plotting.timeline import time_unit
from spikingsampling.plotting.turnover import plot_survival

__all__ = ["plot_autocorrelation", "plot_laws", "plot_theta_traces", "save_figures", "survival_figure"]

Array = NDArray[np.float64]


def survival_figure(history: SynapseHistory, law: PriorTurnover, n_intervals: int) -> Figure:
    """Survival of all new synapses against the closed form of the prior-only process."""
    ages = law.interval * np.arange(n_intervals + 1)
    sampled = history.every(law.interval)
    curve = sampled.lifetimes(last=sampled.times[-1] - ages[-1]).survival(ages)
    closed_form = ("Ornstein-Uhlenbeck process, exact", ages, law.survival(n_intervals))
    return plot_survival({"simulated": curve}, reference=closed_form)


def plot_autocorrelation(correlations: Array, law: PriorTurnover) -> Figure:
    """Autocorrelation (n,) of θ at 1 … n intervals against e^{−bt/σ²}."""
    lags = law.interval * np.arange(1, len(correlations) + 1)
    unit, length = time_unit(float(lags[-1]))
    figure = Figure(figsize=(5.5, 3.8), layout="constrained")
    ax = figure.subplots()
    grid = np.linspace(0, lags[-1], 200)
    ax.plot(grid / length, [law.autocorrelation(t) for t in grid], "k--", lw=1, label="exp(−b t/σ²)")
    ax.plot(lags / length, correlations, "o", color=class_colour(0), ms=4, label="simulated")
    ax.set(xlabel=f"lag ({unit})", ylabel="autocorrelation of θ", ylim=(0, 1.02), xlim=(0, None))
    ax.legend(frameon=False)
    tidy(ax)
    return figure


def plot_theta_traces(times: Array, theta: Array) -> Figure:
    """θ (n_times, n) of a few synapses over time (s); a synapse is active while θ > 0."""
    unit, length = time_unit(float(times[-1]))
    figure = Figure(figsize=(6.5, 3.8), layout="constrained")
    ax = figure.subplots()
    for number, trace in enumerate(theta.T):
        ax.plot(times / length, trace, color=class_colour(number), lw=1)
    lowest = min(0.0, float(theta.min())) - 0.2
    ax.axhspan(lowest, 0, color="#000000", alpha=0.07, lw=0, label="retracted (θ ≤ 0)")
    ax.set(xlabel=f"simulated time ({unit})", ylabel="synaptic parameter θ")
    ax.set(xlim=(times[0] / length, times[-1] / length), ylim=(lowest, None))
    figure.legend(frameon=False, fontsize=8, loc="outside upper right")
    tidy(ax)
    return figure


def plot_laws(samples: Mapping[str, Mapping[float, Array]], priors: Mapping[str, Prior]) -> Figure:
    """Histograms of θ at several temperatures, one panel for each prior, against p_S^{1/T}."""
    figure = Figure(figsize=(0.8 + 3.2 * len(samples), 3.4), layout="constrained")
    panels: Sequence = np.atleast_1d(figure.subplots(1, len(samples)))
    for ax, (name, by_temperature) in zip(panels, samples.items(), strict=True):
        values = np.concatenate(list(by_temperature.values()))
        low, high = np.quantile(values, [0.002, 0.998])
        grid = np.linspace(low, high, 600)
        for number, (temperature, theta) in enumerate(by_temperature.items()):
            colour = class_colour(number)
            ax.hist(theta, 60, range=(low, high), density=True, color=colour, alpha=0.25, lw=0)
            log_density = priors[name].log_density(grid) / temperature
            density = np.exp(log_density - log_density.max())
            density /= trapezoid(density, grid)
            ax.plot(grid, density, color=colour, lw=1.4, label=f"T = {temperature:g}")
        ax.set(title=f"{name.capitalize()} prior", xlabel="synaptic parameter θ", xlim=(low, high))
        ax.set_yticks([])
        ax.legend(frameon=False, fontsize=8)
        tidy(ax)
    panels[0].set_ylabel("probability density")
    return figure


def save_figures(
    save: SaveFigure,
    times: Array,
    theta: Array,
    correlations: Array,
    law: PriorTurnover,
    n_intervals: int,
    samples: Mapping[str, Mapping[float, Array]],
    priors: Mapping[str, Prior],
) -> None:
    """Draw and save all figures.

    Parameters
    ----------
    save : callable
        Takes a name, a figure and its caption.
    times, theta : (n_times,) and (n_times, n_synapses) arrays
        Seconds, and the parameters at them.
    correlations : (n,) array
        Autocorrelation at 1 … n intervals of ``law``.
    law : PriorTurnover
    n_intervals : int
        For how many new synapses are followed.
    samples : mapping
        Prior → temperature → θ (n_synapses,) at the end.
    priors : mapping of str to Prior
    """
    save(
        "survival",
        survival_figure(SynapseHistory(times, theta > 0), law, n_intervals),
        "Survival of new synapses under prior and noise alone, with its 95 % band, beside the exact law.",
    )
    save(
        "autocorrelation",
        plot_autocorrelation(correlations, law),
        "Autocorrelation of θ over all synapses, beside that of the Ornstein-Uhlenbeck process.",
    )
    save(
        "traces",
        plot_theta_traces(times, theta[:, :6]),
        "θ of six synapses; each is active while its θ is above 0.",
    )
    if samples:
        save(
            "laws",
            plot_laws(samples, priors),
            "θ of all synapses at the end (histograms) under several priors and temperatures T, beside the stationary "
            "law p_S(θ)^(1/T) (lines).",
        )
