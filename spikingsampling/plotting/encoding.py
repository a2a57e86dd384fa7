"""Figure of the two front ends."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, FigureBase
from numpy.typing import ArrayLike, NDArray

from ..simulation.encoding import (
    FRONT_ENDS,
    CochleagramParameters,
    FrontEnd,
    centre_frequencies,
    trim_silence,
)
from .style import figure_of

__all__ = ["draw_cochleagram", "plot_front_ends"]


def draw_cochleagram(
    axes: Axes,
    activity: NDArray,
    front_end: FrontEnd,
    parameters: CochleagramParameters,
    duration: float | None = None,
) -> Any:
    """Draw activity (n_frames, n_channels) with time to the right and frequency upwards.

    Parameters
    ----------
    axes : matplotlib Axes
    activity : array, shape (n_frames, n_channels)
        In [0, 1].
    front_end : {"mel", "gammatone"}
    parameters : CochleagramParameters
    duration : float, optional
        Duration of the sound in s; without it the horizontal axis counts frames.

    Returns
    -------
    matplotlib image
    """
    n_frames, n_channels = activity.shape
    right = n_frames if duration is None else duration * 1e3
    image = axes.imshow(
        activity.T,
        origin="lower",
        aspect="auto",
        vmin=0,
        vmax=1,
        cmap="magma",
        extent=(0, right, 0, n_channels),
    )
    ticks = np.linspace(0, n_channels - 1, min(5, n_channels)).astype(int)
    frequencies = centre_frequencies(front_end, parameters)
    axes.set_yticks(ticks + 0.5, [f"{frequencies[i]:.0f}" for i in ticks])
    axes.set_xlabel("frame" if duration is None else "time (ms)")
    axes.set_ylabel("centre frequency (Hz)")
    return image


def plot_front_ends(
    waveform: ArrayLike,
    sample_rate: float,
    parameters: CochleagramParameters | None = None,
    n_frames: int = 8,
    title: str = "",
    *,
    figure: FigureBase | None = None,
) -> Figure:
    """A sound, its streamed cochleagrams and its static patterns, for both front ends.

    Parameters
    ----------
    waveform : array, shape (n_samples,)
    sample_rate : float
        Hz.
    parameters : CochleagramParameters, optional
        Its ``n_frames`` is set by this function.
    n_frames : int
        Frames of the static pattern.
    title : str
    figure : Figure or SubFigure, optional
        Where to draw; a new figure when None.

    Returns
    -------
    matplotlib Figure
        Not registered with pyplot; save it with ``figure.savefig(path)``.
    """
    settings = parameters or CochleagramParameters()
    sound = trim_silence(np.asarray(waveform, dtype=float), sample_rate, settings.trim)
    duration = sound.size / sample_rate
    figure = figure_of(figure, (8, 7.5))
    grid = figure.add_gridspec(3, 2, height_ratios=(1, 2, 2), width_ratios=(3, 2))
    wave = figure.add_subplot(grid[0, :])
    wave.plot(np.arange(sound.size) / sample_rate * 1e3, sound, lw=0.5)
    wave.set(xlabel="time (ms)", ylabel="sound", xlim=(0, duration * 1e3), title=title)
    for row, name in enumerate(FRONT_ENDS, start=1):
        for column, frames in enumerate((None, n_frames)):
            axes = figure.add_subplot(grid[row, column])
            activity = FRONT_ENDS[name](waveform, sample_rate, settings, n_frames=frames)
            image = draw_cochleagram(axes, activity, name, settings, duration if frames is None else None)
            axes.set_title(f"{name}, " + ("streamed" if frames is None else f"static, {frames} frames"))
        figure.colorbar(image, ax=axes, label="activity")
    return figure
