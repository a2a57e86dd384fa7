"""The figures of the protocol ``spiking_memory``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from spikingsampling.analysis import Estimate
from spikingsampling.plotting.style import class_colour, tidy
from spikingsampling.protocols.studies.dynamics.memory.bumps import Bump, vectors
from spikingsampling.protocols.studies.dynamics.memory.trials import Both, Trial
from spikingsampling.protocols.studies.dynamics.trajectories import Array

__all__ = ["plot_diffusion", "plot_rest", "plot_states", "plot_trial"]

_SHOWN = 512


def plot_trial(before: Both, trial: Trial, directions: Array, window: float) -> Figure:
    """Spikes over time from 0.5 s before the cue, the direction that is read out, the cue and the distractor."""
    figure = Figure(figsize=(9, 4), layout="constrained")
    ax = figure.subplots()
    before = before.after(max(0.0, before.excitatory.duration - 0.5))
    start, every = -before.excitatory.duration, max(1, len(directions) // _SHOWN)
    degrees = np.degrees(directions)
    stages = (before, trial.during_cue, trial.delay, trial.during_distractor, trial.later)
    for number, stage in enumerate(stages):
        activity = stage.excitatory
        some = activity.neurons % every == 0
        ax.plot(start + activity.times[some], degrees[activity.neurons[some]], ".", ms=1, color="#777777")
        if number in (1, 3):
            stimulus = trial.cue if number == 1 else trial.distractor
            ax.plot(
                [start, start + stimulus.duration],
                [np.degrees(stimulus.direction) % 360] * 2,
                color=class_colour(0 if number == 1 else 2),
                lw=5,
                solid_capstyle="butt",
                label="cue" if number == 1 else "distractor",
            )
        elif number:
            times, z = vectors(activity, directions, window)
            label = "direction that is read out" if number == 2 else None
            ax.plot(
                start + times, np.degrees(np.angle(z)) % 360, ".", ms=4, color=class_colour(1), label=label
            )
        start += activity.duration
    ax.set(xlabel="time from the cue (s)", ylabel="preferred direction (degrees)", ylim=(0, 360))
    ax.set_yticks((0, 90, 180, 270, 360))
    figure.legend(loc="outside lower center", ncols=3, frameon=False, fontsize=8)
    tidy(ax)
    return figure


def plot_states(
    distance: Array,
    spontaneous: Array,
    held: Array,
    bump: Bump,
    rates: Mapping[str, tuple[Estimate, Estimate]],
) -> Figure:
    """Rates over the distance to the held direction (rad) in both states, and of both kinds of neurons.

    ``rates`` are those of spontaneous activity and of the bump, by kind of neuron.
    """
    figure = Figure(figsize=(10, 3.8), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(2, 1))
    degrees = np.degrees(distance)
    left.step(degrees, spontaneous, where="mid", color=class_colour(0), lw=1.2, label="spontaneous")
    left.step(degrees, held, where="mid", color=class_colour(1), lw=1.2, label="bump")
    grid = np.linspace(-np.pi, np.pi, 400)
    label = f"Gaussian, half width {np.degrees(bump.half_width):.0f}°"
    left.plot(np.degrees(grid), bump.rates(grid), "k--", lw=1, label=label)
    left.set(xlabel="distance from the held direction (degrees)", ylabel="rate (Hz)", xlim=(-180, 180))
    left.set(xticks=(-180, -90, 0, 90, 180), ylim=(0, None))
    left.legend(frameon=False, fontsize=8)
    for state in (0, 1):
        estimates = [pair[state] for pair in rates.values()]
        values = np.array([estimate.value for estimate in estimates])
        ends = np.array([estimate.interval or (estimate.value,) * 2 for estimate in estimates])
        places = np.arange(len(values)) + 0.4 * state - 0.2
        right.bar(places, values, 0.36, color=class_colour(state), label=("spontaneous", "bump")[state])
        right.errorbar(places, values, np.abs(ends.T - values), fmt="none", color="black", lw=1)
    right.set_xticks(range(len(rates)), list(rates))
    right.set_ylabel("mean rate (Hz), 95 %")
    for ax in (left, right):
        tidy(ax)
    return figure


def plot_rest(courses: Sequence[Array], window: float, bump: float) -> Figure:
    """Rate and length of the population vector (2, n_windows) of each repetition, over time.

    ``bump`` is the least length with a bump.
    """
    figure = Figure(figsize=(9, 3.2), layout="constrained")
    rates, lengths = figure.subplots(1, 2)
    for number, course in enumerate(courses):
        times = (np.arange(course.shape[1]) + 0.5) * window
        for ax, values in zip((rates, lengths), course, strict=True):
            ax.plot(times, values, lw=0.9, color=class_colour(number))
    lengths.axhline(bump, color="#888888", ls=":", lw=1)
    rates.set(ylabel="rate of excitatory neurons (Hz)")
    lengths.set(ylabel="length of the population vector")
    for ax in (rates, lengths):
        ax.set(xlabel="time without a cue (s)", ylim=(0, None))
        tidy(ax)
    return figure


def plot_diffusion(
    times: Array,
    moved: Mapping[int, Array],
    lags: Array,
    squared: Mapping[int, Array],
    coefficients: Mapping[int, Estimate],
) -> Figure:
    """How the bump moves, by number of excitatory neurons N.

    ``moved`` are displacements (n, n_trials) in rad at ``times`` (s), ``squared`` mean squared displacements
    (n_lags, n_trials) in rad² over ``lags`` (s), ``coefficients`` the diffusion (rad²/s).
    """
    figure = Figure(figsize=(12, 3.8), layout="constrained")
    left, middle, right = figure.subplots(1, 3)
    for number, n in enumerate(moved):
        colour = class_colour(number)
        left.plot(times, np.degrees(moved[n][:, :12]), lw=0.8, alpha=0.7, color=colour)
        values = squared[n] * np.degrees(1) ** 2
        mean, error = values.mean(axis=1), values.std(axis=1) / np.sqrt(max(1, values.shape[1] - 1))
        middle.plot(lags, mean, color=colour, lw=1.4, label=f"N = {n}")
        middle.fill_between(lags, mean - error, mean + error, color=colour, alpha=0.25, lw=0)
    left.set(xlabel="time of the delay (s)", ylabel="displacement (degrees)", title="Trials")
    middle.set(
        xlabel="lag (s)",
        ylabel="squared displacement (degrees²)",
        title="Mean over trials, and its standard error",
    )
    middle.set_ylim(bottom=0)
    middle.legend(frameon=False, fontsize=8)
    sizes: Sequence[int] = list(coefficients)
    values = np.array([estimate.value for estimate in coefficients.values()])
    ends = np.array([estimate.interval or (estimate.value,) * 2 for estimate in coefficients.values()])
    right.errorbar(sizes, values, np.abs(ends.T - values), fmt="o", ms=4, color=class_colour(2), label="95 %")
    if len(sizes) > 1 and (values > 0).all():
        grid = np.geomspace(min(sizes) * 0.8, max(sizes) * 1.25, 20)
        scale = float(np.exp(np.mean(np.log(values * np.array(sizes)))))
        right.plot(grid, scale / grid, "k-", lw=1, label="∝ 1/N")
        right.set(xscale="log")
    right.set(xlabel="excitatory neurons N", ylabel="diffusion (rad²/s)", ylim=(0, None))
    right.set_xticks(sizes, [str(n) for n in sizes])
    right.minorticks_off()
    right.legend(frameon=False, fontsize=8)
    for ax in (left, middle, right):
        tidy(ax)
    return figure
