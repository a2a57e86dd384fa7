"""Figures of the protocol ``oscillation``: bifurcation diagrams with theory drawn in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spikingsampling.models.dynamics.delayed_inhibition import DelayedInhibition
from spikingsampling.models.dynamics.threshold_linear import ThresholdLinearPair
from spikingsampling.models.dynamics.wilson_cowan import WilsonCowan
from spikingsampling.plotting.style import class_colour, draw_marks, tidy
from spikingsampling.protocols.studies.dynamics.oscillation_excitable import CycleBranch, CycleEnd
from spikingsampling.protocols.studies.dynamics.oscillation_onset import Diagram
from spikingsampling.protocols.studies.dynamics.trajectories import Array, trajectory

__all__ = ["plot_delays", "plot_pair", "plot_phase_planes", "plot_wilson_cowan"]

_E, _I, _CYCLE = class_colour(1), class_colour(0), class_colour(2)


def _draw_rates(ax: Axes, diagram: Diagram, x: Array, at: float) -> None:
    """Fixed point and extremes of the cycle over ``x``; the oscillation begins at ``at``."""
    order = np.argsort(x)
    stable = order[x[order] < at]
    unstable = order[x[order] > at]
    ax.plot(x[stable], diagram.fixed[stable], color="black", lw=1.5, label="fixed point, stable")
    ax.plot(x[unstable], diagram.fixed[unstable], "--", color="black", lw=1.5, label="fixed point, unstable")
    cycles = [(x[k], diagram.cycles[k]) for k in order if diagram.cycles[k]]
    places = [place for place, _ in cycles]
    ax.plot(places, [c.high for _, c in cycles], "o-", ms=4, color=_CYCLE, label="cycle, highest and lowest")
    ax.plot(places, [c.low for _, c in cycles], "o-", ms=4, color=_CYCLE)
    ax.plot(
        [at, at], diagram.onset, "x", ms=8, mew=2, color="black", label="where it begins, theory", zorder=4
    )
    draw_marks(ax, [at])
    tidy(ax)


def _draw_frequencies(ax: Axes, diagram: Diagram, x: Array, colour: str, name: str = "") -> None:
    order = np.argsort(x)
    ax.plot(x[order], diagram.frequencies[order], "o", ms=4, color=colour, label=f"{name}simulated")
    ax.plot(x[order], diagram.theory[order], "-", lw=1.2, color=colour, label=f"{name}linear theory")
    tidy(ax)


def plot_pair(pair: ThresholdLinearPair, diagram: Diagram, line: Array) -> Figure:
    """The threshold-linear pair: diagram, frequency, Hopf line (``line`` (n, 3): w_II, simulated, theory)."""
    figure = Figure(figsize=(12, 3.9), layout="constrained")
    left, middle, right = figure.subplots(1, 3)
    _draw_rates(left, diagram, diagram.strengths, diagram.critical_theory)
    left.set(xlabel="w$_{EE}$", ylabel="rate of E (Hz)", title="The threshold bounds the cycle")
    left.legend(frameon=False, fontsize=8)
    _draw_frequencies(middle, diagram, diagram.strengths, _CYCLE)
    draw_marks(middle, [diagram.critical_theory])
    middle.set(xlabel="w$_{EE}$", ylabel="frequency (Hz)")
    middle.set_title(f"{diagram.hopf_frequency:.3f} Hz at the Hopf point")
    middle.legend(frameon=False, fontsize=8)
    grid = np.linspace(0, max(line[:, 0].max() * 1.15, 0.1), 50)
    w_h = 1 + pair.tau_e / pair.tau_i * (1 + grid)
    right.plot(grid, w_h, color="black", lw=1.2, label="w$_{EE}$ = 1 + (τ$_E$/τ$_I$)(1 + w$_{II}$)")
    bound = 1 + pair.w_ei * pair.w_ie / (1 + grid)
    right.plot(grid, bound, ":", color="black", lw=1.2, label="above: excitation runs away")
    right.plot(line[:, 0], line[:, 1], "o", color=_CYCLE, label="simulated")
    top = max(bound.max(), w_h.max())
    right.text(grid[-1] / 3, (w_h[0] + 1) / 2 + 0.3, "rest", ha="center")
    right.text(grid[-1] / 8, (w_h[0] + bound[0]) / 2, "oscillation", ha="center")
    right.set(xlabel="w$_{II}$", ylabel="w$_{EE}$", ylim=(1, top * 1.12), title="The Hopf line")
    right.legend(frameon=False, fontsize=8, loc="lower right")
    tidy(right)
    return figure


def plot_delays(diagrams: Mapping[float, Diagram], tau: float) -> Figure:
    """Populations with delayed inhibition, by delay (s): diagrams, frequencies, and frequency over the delay."""
    figure = Figure(figsize=(12, 3.9), layout="constrained")
    left, middle, right = figure.subplots(1, 3)
    first, diagram = next(iter(diagrams.items()))
    _draw_rates(left, diagram, diagram.strengths / diagram.critical_theory, 1.0)
    left.set(xlabel="J/J$_c$", ylabel="rate (Hz)", title=f"Delay {first * 1e3:g} ms")
    left.legend(frameon=False, fontsize=8)
    for number, (delay, shown) in enumerate(diagrams.items()):
        colour = class_colour(number)
        _draw_frequencies(
            middle, shown, shown.strengths / shown.critical_theory, colour, f"{delay * 1e3:g} ms, "
        )
    draw_marks(middle, [1.0])
    middle.set(xlabel="J/J$_c$", ylabel="frequency (Hz)", title="Frequency over the strength", ylim=(0, None))
    middle.legend(frameon=False, fontsize=8)
    delays = np.array(list(diagrams))
    grid = np.geomspace(delays.min() / 2, delays.max() * 2, 100)
    expected = [DelayedInhibition(1.0, d, tau).hopf_omega / (2 * np.pi) for d in grid]
    right.plot(grid * 1e3, expected, color="black", lw=1.2, label="ωd + atan(ωτ) = π")
    frequencies = [shown.hopf_frequency for shown in diagrams.values()]
    right.plot(delays * 1e3, frequencies, "o", color=_CYCLE, label="simulated")
    right.set(xlabel="delay d (ms)", ylabel="frequency (Hz)", title="Frequency at J$_c$", ylim=(0, None))
    right.legend(frameon=False, fontsize=8)
    tidy(right)
    return figure


def plot_wilson_cowan(model: WilsonCowan, branch: CycleBranch, end: CycleEnd) -> Figure:
    """Bifurcation diagram, period over the input, and period over the distance to the end of the cycle."""
    figure = Figure(figsize=(12, 3.9), layout="constrained")
    left, middle, right = figure.subplots(1, 3)
    curve = [point for point in model.curve if 0 <= point.p <= 2.5]
    for stable, style in ((True, "-"), (False, "--")):
        e = [point.e if point.stable == stable else np.nan for point in curve]
        name = "stable" if stable else "unstable"
        left.plot([point.p for point in curve], e, style, color="black", lw=1.5, label=f"fixed point, {name}")
    nodes, hopf = model.saddle_nodes(), model.hopf_points()
    left.plot([n.p for n in nodes], [n.e for n in nodes], "s", color=_E, label="saddle-node", zorder=4)
    left.plot([h.p for h in hopf], [h.e for h in hopf], "D", color=_I, label="Hopf", zorder=4)
    order = np.argsort(branch.inputs)
    cycles = [branch.cycles[k] for k in order]
    inputs = branch.inputs[order]
    left.plot(inputs, [c.high for c in cycles], "o-", ms=3, color=_CYCLE, label="cycle")
    left.plot(inputs, [c.low for c in cycles], "o-", ms=3, color=_CYCLE)
    draw_marks(left, [end.p])
    left.set(xlabel="external input P", ylabel="active fraction E", title="Wilson and Cowan's equations")
    left.legend(frameon=False, fontsize=7.5, loc="upper left")
    middle.plot(inputs, branch.periods[order], "o-", ms=4, color=_CYCLE, label="simulated")
    small = [(h.p, 2 * np.pi / h.eigenvalue.imag) for h in hopf]
    middle.plot(*np.transpose(small), "D", color=_I, label="2π/ω at the Hopf point")
    draw_marks(middle, [end.p])
    middle.set(xlabel="external input P", ylabel="period (time constants)", ylim=(0, None))
    middle.set_title(f"The cycle ends at P = {end.p:.4f}")
    middle.legend(frameon=False, fontsize=8)
    distances, periods = end.approach.inputs - end.p, end.approach.periods
    right.semilogx(distances, periods, "o", color=_CYCLE, label="simulated")
    theory = periods.mean() - end.slope_theory * (np.log(distances) - np.log(distances).mean())
    right.semilogx(distances, theory, color="black", lw=1.2, label="slope −1/λ of the saddle")
    right.set(xlabel="P − P$_h$", ylabel="period (time constants)", title="Homoclinic: the logarithm's law")
    right.legend(frameon=False, fontsize=8)
    for ax in (left, middle, right):
        tidy(ax)
    return figure


def plot_phase_planes(model: WilsonCowan, inputs: Sequence[float]) -> Figure:
    """Nullclines, fixed points and two trajectories under each input."""
    figure = Figure(figsize=(12, 3.9), layout="constrained")
    e = np.linspace(1e-4, 0.42, 400)
    # On a fixed point's E, I is that of the I-nullcline; the E-nullcline follows, for P only shifts it.
    on_curve = [model.fixed_point(value) for value in e]
    i_nullcline = np.array([point.i for point in on_curve])
    for ax, p in zip(figure.subplots(1, len(inputs), sharey=True), inputs, strict=True):
        e_nullcline = i_nullcline + (p - np.array([point.p for point in on_curve])) / model.c2
        ax.plot(e, e_nullcline, color=_E, lw=1.2, label="E' = 0")
        ax.plot(e, i_nullcline, color=_I, lw=1.2, label="I' = 0")
        points = model.fixed_points(p)
        centre = points[-1]
        starts = ((0.0, 0.05), (centre.e + 0.01, centre.i))
        for number, start in enumerate(starts):
            _, states = trajectory(lambda t, s, p=p: model.derivative(p, s), start, 60.0, 6000)
            look = {"color": (class_colour(2), class_colour(3))[number], "lw": 1}
            ax.plot(*states, **look, label=("from the left", "from the centre")[number])
        for point in points:
            face = "black" if point.stable else "white"
            ax.plot(point.e, point.i, "o", ms=6, mfc=face, mec="black", zorder=4)
        ax.set(xlim=(0, 0.4), ylim=(-0.02, 0.4), xlabel="E", title=f"P = {p:.4g}")
        tidy(ax)
    figure.axes[0].set_ylabel("I")
    figure.axes[0].legend(frameon=False, fontsize=8, loc="upper left")
    return figure
