"""The figures of spine motility."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from spikingsampling.analysis import PriorTurnover, SynapseHistory
from spikingsampling.inference.priors import Prior
from spikingsampling.plotting.saving import SaveFigure
from spikingsampling.plotting.style import class_colour, tidy
from spikingsampling.plotting.timeline import time_unit
from spikingsampling.plotting.turnover import plot_survival

__all__ = ["plot_autocorrelation", "plot_laws", "plot_theta_traces", "survival_figure"]

Array = NDArray[np.float64]


def survival_figure(history: SynapseHistory, law: PriorTurnover, n_intervals: int) -> Figure:
    """Survival of all births against the closed form of the prior-only process."""
    interval = law.interval
    grid = interval * np.arange(n_intervals + 1)
    curve = history.births(last=history.times[-1] - grid[-1]).survival(grid)
    closed_form = ("Ornstein-Uhlenbeck, exact", grid, law.survival(n_intervals))
    return plot_survival({"simulated": curve}, reference=closed_form, title="Survival under the prior alone")


def plot_autocorrelation(lags: Array, measured: Array, law: PriorTurnover) -> Figure:
    """Autocorrelation of θ at ``lags`` (s) against e^{−bt/σ²}."""
    unit, length = time_unit(float(lags[-1]))
    figure = Figure(figsize=(5.5, 3.8), layout="constrained")
    ax = figure.subplots()
    grid = np.linspace(0, lags[-1], 200)
    ax.plot(grid / length, [law.autocorrelation(t) for t in grid], "k--", lw=1, label="exp(−b t/σ²)")
    ax.plot(lags / length, measured, "o", color=class_colour(0), ms=4, label="simulated")
    ax.set(xlabel=f"lag ({unit})", ylabel="autocorrelation of θ", ylim=(0, 1.02), xlim=(0, None))
    ax.legend(frameon=False)
    tidy(ax)
    return figure


def plot_theta_traces(times: Array, theta: Array) -> Figure:
    """θ (n_times, n) of a few synapses over time (s); where θ > 0 the synapse exists."""
    unit, length = time_unit(float(times[-1]))
    figure = Figure(figsize=(6.5, 3.8), layout="constrained")
    ax = figure.subplots()
    for number, trace in enumerate(theta.T):
        ax.plot(times / length, trace, color=class_colour(number), lw=1)
    ax.axhspan(min(0.0, float(theta.min())) - 0.2, 0, color="#000000", alpha=0.07, lw=0)
    ax.text(0.01, 0.02, "no synapse", transform=ax.transAxes, fontsize=8)
    ax.set(xlabel=f"simulated time ({unit})", ylabel="synaptic parameter θ")
    ax.set(xlim=(times[0] / length, times[-1] / length), ylim=(float(theta.min()) - 0.2, None))
    tidy(ax)
    return figure


def plot_laws(samples: Mapping[str, Mapping[float, Array]], priors: Mapping[str, Prior]) -> Figure:
    """Histograms of θ at several temperatures, one panel for each prior, against p_S^{1/T}."""
    figure = Figure(figsize=(3.4 * len(samples), 3.4), layout="constrained")
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
            density /= np.trapezoid(density, grid)
            ax.plot(grid, density, color=colour, lw=1.4, label=f"T = {temperature:g}")
        ax.set(title=name, xlabel="θ", xlim=(low, high))
        ax.set_yticks([])
        ax.legend(frameon=False, fontsize=8)
        tidy(ax)
    panels[0].set_ylabel("density; lines: p_S(θ)^(1/T)")
    return figure


def save_figures(
    save: SaveFigure,
    times: Array,
    theta: Array,
    correlations: tuple[Array, Array],
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
    correlations : pair of arrays
        Lags (s) and the autocorrelation at them.
    law : PriorTurnover
    n_intervals : int
    samples : mapping
        Prior → temperature → θ (n_synapses,) at the end.
    priors : mapping of str to Prior
    """
    step = max(1, round(law.interval / (times[1] - times[0])))
    history = SynapseHistory(times[::step], theta[::step] > 0)
    save(
        "survival",
        survival_figure(history, law, n_intervals),
        "Synapses born in one interval that are still there later, by prior and noise alone, beside the exact law.",
    )
    save(
        "autocorrelation",
        plot_autocorrelation(*correlations, law),
        "Autocorrelation of θ over all synapses, beside that of the Ornstein-Uhlenbeck process.",
    )
    save(
        "traces",
        plot_theta_traces(times, theta[:, :6]),
        "θ of six synapses; each exists while its θ is above 0.",
    )
    if samples:
        save(
            "laws",
            plot_laws(samples, priors),
            "Stationary laws of θ under several priors and temperatures, beside p_S(θ)^(1/T).",
        )
