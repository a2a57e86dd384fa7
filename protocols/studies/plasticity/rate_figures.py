"""Figures of the experiments with rate-based rules."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from spikingsampling.plotting.style import class_colour, tidy
from spikingsampling.protocols.studies.plasticity.components import LectureCloud
from spikingsampling.protocols.studies.plasticity.frequency import FrequencyCurves
from spikingsampling.protocols.studies.plasticity.selectivity import Responses

__all__ = ["cloud_figure", "frequency_figure", "selectivity_figure"]

Array = NDArray[np.float64]
#: Curves that also stand in the figures of the spiking rules keep their colours.
_LOOKS = {
    "bcm": ("BCM", 5),
    "visual_all": ("triplet rule, visual cortex, all spikes", 1),
    "visual_nearest": ("triplet rule, visual cortex, nearest spikes", 2),
}
#: Rates (from, to) in Hz at which Dudek & Bear 1992 are said to have seen depression, no change and potentiation. They
#: have not been checked against the paper.
_OBSERVED = {"LTD": (1.0, 3.0), "none": (9.0, 11.2), "LTP": (45.0, 56.0)}


def frequency_figure(curves: FrequencyCurves, n_pulses: int) -> Figure:
    """Change over presynaptic rate, in units of the deepest depression: rules, and BCM with other thresholds."""
    grid = curves.rates
    figure = Figure(figsize=(10, 4.4), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    for name, change in curves.by_rule.items():
        label, colour = _LOOKS[name]
        left.plot(grid, change, color=class_colour(colour), lw=2, label=label)
    for number, (threshold, change) in enumerate(curves.by_threshold.items()):
        look = {"color": class_colour(5), "lw": 2, "ls": ("-", "--", ":")[number % 3]}
        right.plot(grid, change, **look, label=f"θ_v = {threshold:g} Hz")
    for ax in (left, right):
        ax.axhline(0, color="#888888", lw=0.8)
        ax.set_xscale("log")
        ax.set_yscale("symlog", linthresh=1, linscale=0.8)
        ax.set_yticks([-10, -1, 0, 1, 10, 100], ["−10", "−1", "0", "1", "10", "100"])
        ticks = [rate for rate in (1, 3, 5, 10, 20, 50, 100) if grid[0] <= rate <= grid[-1]]
        ax.set_xticks(ticks, [str(rate) for rate in ticks])
        ax.minorticks_off()
        ax.set_ylim(-12, 500)
        ax.set_xlabel("presynaptic rate (Hz)")
        ax.legend(frameon=False, fontsize=9, loc="upper left")
        tidy(ax)
    for what, (low, high) in _OBSERVED.items():
        left.axvspan(low, high, color="#888888", alpha=0.15, lw=0)
        left.text(np.sqrt(low * high), -7, what, ha="center", va="center", fontsize=9)
    left.set_ylabel(f"change of w by {n_pulses} pulses\n(in units of the deepest depression)")
    left.set_title("Grey: after Dudek & Bear 1992, not checked in the paper", fontsize=10)
    right.set_title("BCM: the threshold says where LTD becomes LTP", fontsize=10)
    return figure


def cloud_figure(lecture: LectureCloud, lengths: Mapping[str, Array]) -> Figure:
    """Oja, Hebb and Sanger on a cloud; ``lengths`` (n_steps + 1,) are those that theory expects of Oja and Hebb."""
    points, paths, cosines = lecture.points, lecture.paths, lecture.cosines
    figure = Figure(figsize=(12, 4.2), layout="constrained")
    left, middle, right = figure.subplots(1, 3)
    left.scatter(*points.T, s=5, color="#888888", alpha=0.5, lw=0, label="points")
    for direction, style in zip(lecture.axes, ("-", "--"), strict=True):
        left.plot(*np.outer(direction, [-1, 1]), style, color="black", lw=1.2)
    left.plot([], [], "k-", label="PC1")
    left.plot([], [], "k--", label="PC2")
    left.plot(*paths["oja"].T, color=class_colour(0), lw=1.6, label="w, Oja")
    left.plot(*paths["oja"][-1], "o", color=class_colour(0))
    left.set(xlabel="input x (and weight w_x)", ylabel="input y (and weight w_y)", aspect="equal")
    left.set(xlim=(-1.1, 1.1), ylim=(-1.1, 1.1))
    left.set_title(
        f"The lecture's data, one pass:\nOja's w ends on PC1, |w| = {np.linalg.norm(paths['oja'][-1]):.3f}"
    )
    left.legend(frameon=False, fontsize=8, loc="lower left")

    for (name, path), colour in zip(paths.items(), (0, 1), strict=True):
        middle.plot(np.linalg.norm(path, axis=1), color=class_colour(colour), lw=1.8, label=name.capitalize())
        middle.plot(lengths[name], "--", color=class_colour(colour), lw=1)
    middle.plot([], [], "--", color="#888888", label="expected from the law of the points")
    middle.set(xlabel="inputs shown", ylabel="length |w| of the weights", yscale="log")
    middle.set_title("Plain Hebb “suffers from instability”;\nOja's penalty leads to |w| = 1")
    middle.legend(frameon=False, fontsize=8)

    # Means over a twentieth of a pass, or over whole inputs where passes are short.
    block = len(points) // 20 if len(points) % 20 == 0 else 1
    for k, colour in ((0, 0), (1, 2)):
        blocks = (1 - cosines[k, 1:]).reshape(-1, block).mean(axis=1)
        passes = block * (0.5 + np.arange(len(blocks))) / len(points)
        right.plot(passes, blocks, color=class_colour(colour), lw=1.6, label=f"w{k + 1} to PC{k + 1}")
    right.axhline(0.01, color="#888888", lw=0.8, ls=":")
    right.text(right.get_xlim()[1], 0.01, "|cos| = 0.99", ha="right", va="bottom", fontsize=8)
    right.set(xlabel="passes through the data", ylabel="1 − |cos| of the angle", yscale="log", ylim=(1e-7, 2))
    right.set_title("Sanger's rule finds both\nprincipal components")
    right.legend(frameon=False, fontsize=8)
    for ax in (left, middle, right):
        ax.title.set_fontsize(10)
        tidy(ax)
    return figure


def selectivity_figure(sliding: Responses, fixed: Responses) -> Figure:
    """Responses and threshold of BCM over the patterns shown, with a sliding and with a fixed threshold."""
    figure = Figure(figsize=(10, 4.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    _draw(left, sliding)
    n = sliding.responses.shape[1]
    left.set_ylim(-0.5, 1.5 * n)
    left.set_title(f"Sliding threshold: stable; one of {n} patterns remains, v = {n}", fontsize=10)
    left.set_ylabel("response v to each pattern, threshold θ_v\n(in units of the first threshold)")
    _draw(right, fixed)
    right.set_yscale("symlog", linthresh=1)
    right.set_yticks([0, 1, 10, 50], ["0", "1", "10", "50"])
    right.set_title("Fixed threshold: “if constant → unstable”", fontsize=10)
    right.legend(frameon=False, fontsize=8, loc="upper left")
    return figure


def _draw(ax: Axes, learning: Responses) -> None:
    n = len(learning.responses)
    steps = np.arange(0, n, max(1, n // 2000))
    ax.plot(steps, learning.threshold[steps], color="#bbbbbb", lw=1, label="threshold θ_v")
    for k, response in enumerate(learning.responses[steps].T):
        ax.plot(steps, response, color=class_colour(k), lw=1.6, label=f"response to pattern {k + 1}")
    ax.set_xlabel("patterns shown")
    tidy(ax)
