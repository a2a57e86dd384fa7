"""Figures of the protocol ``working_memory``."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from spikingsampling.models.dynamics.ring_attractor import RingAttractor
from spikingsampling.plotting.style import class_colour, tidy
from spikingsampling.protocols.studies.dynamics.trajectories import Array
from spikingsampling.protocols.studies.dynamics.working_memory import Held

__all__ = ["plot_bumps", "plot_diffusion", "plot_distractors", "plot_held"]


def plot_bumps(rings: Sequence[RingAttractor], settled: Sequence[Array]) -> Figure:
    """u over the distance to the bump's direction: what each ring ends on (n,), and the closed form."""
    figure = Figure(figsize=(4 * len(rings), 3.6), layout="constrained")
    for ax, ring, u in zip(figure.subplots(1, len(rings), squeeze=False)[0], rings, settled, strict=True):
        distance = np.angle(np.exp(1j * (ring.directions - ring.decode(u))))
        order = np.argsort(distance)
        grid = np.linspace(-np.pi, np.pi, 400)
        expected = ring.amplitude * (np.cos(grid) - math.cos(ring.half_width))
        ax.axhline(0, color="#888888", lw=0.8)
        ax.plot(np.degrees(distance[order]), u[order], ".", ms=4, color=class_colour(2), label="simulated")
        ax.plot(np.degrees(grid), expected, color="black", lw=1, label="A (cos φ − cos φ$_c$)")
        for side in (-1, 1):
            ax.axvline(side * math.degrees(ring.half_width), color="#888888", ls=":", lw=1)
        ax.set(xlabel="φ − ψ (degrees)", xlim=(-180, 180), xticks=(-180, -90, 0, 90, 180))
        ax.set_title(f"J0 = {ring.j0:g}, J1 = {ring.j1:g}: φ$_c$ = {math.degrees(ring.half_width):.1f}°")
        tidy(ax)
    figure.axes[0].set_ylabel("u (rate where it is above 0)")
    figure.axes[0].legend(frameon=False, fontsize=8, loc="lower center")
    return figure


def plot_diffusion(
    times: Array,
    moved: Mapping[int, Array],
    expected: Mapping[int, float],
    coefficients: Mapping[int, tuple[float, tuple[float, float]]],
) -> Figure:
    """How bumps drift, by number of neurons N.

    ``moved`` holds displacements (n, n_trials) in rad, ``expected`` the theory's coefficient (rad²/s), ``coefficients``
    what was measured with its interval.
    """
    figure = Figure(figsize=(12, 3.8), layout="constrained")
    left, middle, right = figure.subplots(1, 3)
    smallest = min(moved)
    left.plot(times, np.degrees(moved[smallest][:, :40]), lw=0.7, alpha=0.7)
    spread = np.degrees(np.sqrt(expected[smallest] * times))
    left.plot(times, np.stack([spread, -spread], axis=1), "k--", lw=1.2)
    left.set(xlabel="time (s)", ylabel="ψ(t) − ψ(0) (degrees)", title=f"40 trials, N = {smallest}")
    for number, (n, path) in enumerate(moved.items()):
        colour = class_colour(number)
        middle.plot(times, (path**2).mean(axis=1), "o", ms=3.5, color=colour, label=f"N = {n}")
        middle.plot(times, expected[n] * times, color=colour, lw=1.2)
    middle.set(xlabel="time (s)", ylabel="Var ψ (rad²)", title="Variance; lines: theory")
    middle.legend(frameon=False, fontsize=8)
    sizes = np.array(list(coefficients))
    values = np.array([value for value, _ in coefficients.values()])
    ends = np.array([interval for _, interval in coefficients.values()])
    errors = np.abs(ends.T - values)
    right.errorbar(sizes, values, errors, fmt="o", ms=4, color=class_colour(2), label="simulated, 95 %")
    grid = np.geomspace(sizes.min() * 0.8, sizes.max() * 1.25, 20)
    right.plot(grid, expected[smallest] * smallest / grid, "k-", lw=1.2, label="theory, ∝ 1/N")
    right.set(xscale="log", yscale="log", xlabel="neurons N", ylabel="diffusion (rad²/s)")
    right.set_xticks(sizes, [str(n) for n in sizes])
    right.minorticks_off()
    right.set_title("More neurons, less diffusion")
    right.legend(frameon=False, fontsize=8)
    for ax in (left, middle, right):
        tidy(ax)
    return figure


def plot_distractors(
    ring: RingAttractor, distances: Sequence[float], pulls: Mapping[float, Array], duration: float
) -> Figure:
    """How far distractors draw the bump (degrees), by strength, over their distance (degrees)."""
    figure = Figure(figsize=(6.2, 4.4), layout="constrained")
    ax = figure.subplots()
    grid = np.linspace(0.5, 179.5, 200)
    for number, (strength, pulled) in enumerate(pulls.items()):
        colour = class_colour(number)
        ax.plot(distances, pulled, "o", ms=4, color=colour, label=f"ε = {strength:g}, simulated")
        left_over = np.degrees(ring.pulled(np.radians(grid), strength * ring.h0, duration))
        ax.plot(grid, grid - left_over, color=colour, lw=1.2, label=f"ε = {strength:g}, theory")
    ax.plot([0, 180], [0, 180], ":", color="#888888", lw=1, label="as far as the distractor")
    ax.set(xlabel="distance of the distractor (degrees)", ylabel="pull on the bump (degrees)", xlim=(0, 180))
    ax.set_title(f"A distractor ε cos(φ − φ$_d$) for {duration * 1e3:g} ms")
    ax.legend(frameon=False, fontsize=8, loc="upper left")
    tidy(ax)
    return figure


def plot_held(ring: RingAttractor, held: Held) -> Figure:
    """Rates over time, with the decoded direction, the cue and the distractor."""
    figure = Figure(figsize=(8, 3.8), layout="constrained")
    ax = figure.subplots()
    mesh = ax.pcolormesh(
        held.times,
        np.degrees(ring.directions),
        held.rates.T,
        cmap="Greys",
        shading="nearest",
        rasterized=True,
    )
    figure.colorbar(mesh, ax=ax, label="rate (for an input of 1)")
    direction = np.degrees(held.directions) % 360
    after = held.times > held.cue[1]
    ax.plot(
        held.times[after], direction[after], ".", ms=1.5, color=class_colour(1), label="decoded direction"
    )
    for (where, begin, end), colour, name in (
        (held.cue, class_colour(0), "cue"),
        (held.distractor, class_colour(2), "distractor"),
    ):
        ax.plot([begin, end], [math.degrees(where)] * 2, color=colour, lw=4, label=name)
    ax.set(xlabel="time (s)", ylabel="preferred direction (degrees)", ylim=(0, 360))
    ax.set_yticks((0, 90, 180, 270, 360))
    figure.legend(loc="outside lower center", ncols=3, frameon=False, fontsize=8)
    return figure
