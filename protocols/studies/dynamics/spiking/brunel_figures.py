"""The figures of the protocol ``brunel``."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.figure import Figure

from spikingsampling.analysis import Estimate
from spikingsampling.models.dynamics.activity import Activity
from spikingsampling.plotting.style import class_colour, tidy
from spikingsampling.protocols.studies.dynamics.spiking.activity import population_rate, spectrum
from spikingsampling.protocols.studies.dynamics.trajectories import Array

__all__ = ["plot_phase_line", "plot_spectra", "plot_states"]

#: What is drawn of each state: neurons, and the last seconds.
_SHOWN, _WINDOW = 50, 0.2
TITLES = {
    "synchronous_regular": "synchronous, regular",
    "fast_oscillation": "fast oscillation, irregular",
    "asynchronous_irregular": "asynchronous, irregular",
    "slow_oscillation": "slow oscillation, irregular",
}


def plot_states(activities: Mapping[str, Activity], labels: Mapping[str, str]) -> Figure:
    """Spikes of a few neurons and the population rate in each state, over the last 0.2 s."""
    n = len(activities)
    figure = Figure(figsize=(3.1 * n, 4.2), layout="constrained")
    axes = figure.subplots(2, n, squeeze=False, height_ratios=(2, 1), sharex=True)
    for column, (name, activity) in enumerate(activities.items()):
        late = activity.after(max(0.0, activity.duration - _WINDOW))
        some = late.neurons < _SHOWN
        top, bottom = axes[:, column]
        top.plot(1e3 * late.times[some], late.neurons[some], "|", color=class_colour(column), ms=3)
        top.set(title=f"{TITLES[name]}\n{labels[name]}", ylim=(-1, _SHOWN))
        top.title.set_fontsize(9)
        times, values = population_rate(late, 1e-3)
        bottom.plot(1e3 * times, values, color=class_colour(column), lw=0.9)
        bottom.set(xlabel="time (ms)", ylim=(0, None))
        for ax in (top, bottom):
            tidy(ax)
    axes[0, 0].set_ylabel("neuron")
    axes[1, 0].set_ylabel("population rate\n(Hz, bins of 1 ms)")
    return figure


def plot_spectra(activities: Mapping[str, Activity]) -> Figure:
    """Power spectrum of the population rate in each state, above that of independent neurons."""
    figure = Figure(figsize=(6.4, 4), layout="constrained")
    ax = figure.subplots()
    for number, (name, activity) in enumerate(activities.items()):
        found = spectrum(activity)
        part = (found.frequencies >= 5) & (found.frequencies <= 700)
        ratio = found.power[part] / found.floor
        ax.semilogy(found.frequencies[part], ratio, color=class_colour(number), lw=1.2, label=TITLES[name])
    ax.axhline(1, color="black", ls=":", lw=1, label="independent neurons")
    ax.set(
        xlabel="frequency (Hz)",
        ylabel="power of the population rate,\nin units of independent Poisson neurons",
    )
    figure.legend(frameon=False, fontsize=8, loc="outside upper center", ncols=3)
    tidy(ax)
    return figure


def plot_phase_line(
    g: Array, theory: Array, found: Mapping[float, Estimate], theory_cv: Array, cv: Mapping[float, float]
) -> Figure:
    """Rate and irregularity over the strength of inhibition, theory as lines and simulations as points.

    Parameters
    ----------
    g : (n,) array
    theory, theory_cv : (n,) array
        Rate (Hz) and coefficient of variation.
    found, cv : mapping of float to Estimate or float
        Of the simulations, by g.
    """
    figure = Figure(figsize=(8.2, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.semilogy(g, theory, color="black", lw=1.3, label="mean-field theory")
    values = [estimate.value for estimate in found.values()]
    left.plot(list(found), values, "o", color=class_colour(1), ms=5, label="simulation")
    for place, estimate in found.items():
        if estimate.interval is not None:
            left.vlines(place, *estimate.interval, color=class_colour(1))
    left.axvline(4, color="#888888", ls="--", lw=1, label="g = 4: excitation and inhibition balance")
    left.set(xlabel="strength of inhibition g", ylabel="rate (Hz)")
    right.plot(g, theory_cv, color="black", lw=1.3)
    right.plot(list(cv), list(cv.values()), "o", color=class_colour(1), ms=5)
    right.axvline(4, color="#888888", ls="--", lw=1)
    right.set(
        xlabel="strength of inhibition g", ylabel="coefficient of variation\nof the intervals", ylim=(0, 1)
    )
    figure.legend(
        *left.get_legend_handles_labels(), frameon=False, fontsize=8, loc="outside upper center", ncols=3
    )
    for ax in (left, right):
        tidy(ax)
    return figure
