"""From the fine time steps of a filter bank to frames, and from compressed amplitudes to activity."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .parameters import CochleagramParameters

__all__ = ["control_gain", "mean_over_frames"]


def mean_over_frames(
    values: NDArray, duration: float, step: float, parameters: CochleagramParameters
) -> NDArray[np.float64]:
    """Mean of values (n_channels, n_steps) over each frame, exact also where borders fall between steps."""
    if parameters.n_frames is not None:
        edges = np.linspace(0, duration, parameters.n_frames + 1)
    else:
        edges = np.arange(np.ceil(duration / parameters.frame_period - 1e-9) + 1) * parameters.frame_period
        edges[-1] = duration
    time = np.append(np.arange(values.shape[1]) * step, duration)
    integral = np.concatenate(
        [np.zeros((values.shape[0], 1)), np.cumsum(values * np.diff(time), axis=1)], axis=1
    )
    at_edges = np.stack([np.interp(edges, time, channel) for channel in integral])
    return (np.diff(at_edges, axis=1) / np.diff(edges)).T


def control_gain(amplitude: NDArray, parameters: CochleagramParameters) -> NDArray[np.float64]:
    """Compressed amplitudes (n_frames, n_channels) to activity in [0, 1].

    The reference of a frame is peak^(1-g) · frame peak^g with g = ``gain_control``; amplitudes more than
    ``dynamic_range`` dB below the peak of the sound count as silence.
    """
    floor = 10 ** (-parameters.dynamic_range / 20 * parameters.compression)
    relative = amplitude / amplitude.max()
    frame_peak = np.maximum(relative.max(axis=1, keepdims=True), floor)
    level = relative / frame_peak**parameters.gain_control
    return np.clip((level - floor) / (1 - floor), 0.0, 1.0)
