"""What is read from a bump of spikes on a ring: its direction, its shape, and how it diffuses."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import curve_fit

from spikingsampling.models.dynamics.activity import Activity
from spikingsampling.protocols.studies.dynamics.trajectories import Array

__all__ = ["Bump", "diffusion_of_paths", "fit_bump", "mean_squared_displacement", "profile", "vectors"]


def vectors(activity: Activity, directions: Array, width: float) -> tuple[Array, Array]:
    """Population vectors in windows of ``width`` (s): middle of each window (n,), and mean of e^{iθ} over its spikes.

    The angle of a vector is the direction that is read out. Its length is 0 without tuning (or spikes), and 1 if all
    spikes come from one direction.
    """
    n = round(activity.duration / width)
    windows = ((activity.times + 1e-5) / width).astype(int)
    inside = windows < n
    spikes = np.bincount(windows[inside], minlength=n)
    waves = np.exp(1j * directions[activity.neurons[inside]])
    sums = np.bincount(windows[inside], waves.real, n) + 1j * np.bincount(windows[inside], waves.imag, n)
    return (np.arange(n) + 0.5) * width, sums / np.maximum(spikes, 1)


def profile(
    activity: Activity, directions: Array, path: Array, width: float, bins: int
) -> tuple[Array, Array]:
    """Rates (bins,) in Hz over the distance (rad) to the direction ``path`` (n,) of each window of ``width`` (s)."""
    windows = ((activity.times + 1e-5) / width).astype(int)
    inside = windows < len(path)
    distance = directions[activity.neurons[inside]] - path[windows[inside]]
    where = np.floor((distance / (2 * np.pi) + 0.5) % 1 * bins).astype(int) % bins
    counts = np.bincount(where, minlength=bins)
    rates = counts / (activity.n_neurons / bins) / (len(path) * width)
    return (np.arange(bins) + 0.5) / bins * 2 * np.pi - np.pi, rates


@dataclass(frozen=True)
class Bump:
    """Rates base + (peak − base) exp(−d²/2w²) over the distance d.

    Attributes
    ----------
    base, peak : float
        Hz.
    width : float
        w (rad).
    """

    base: float
    peak: float
    width: float

    def rates(self, distance: Array) -> Array:
        """Hz at distances (n,) in rad."""
        return self.base + (self.peak - self.base) * np.exp(-(distance**2) / (2 * self.width**2))

    @property
    def half_width(self) -> float:
        """Distance (rad) at which the rate is half-way between peak and base."""
        return self.width * math.sqrt(2 * math.log(2))


def fit_bump(distance: Array, rates: Array) -> Bump:
    """The bump that fits rates (n,) at distances (n,) in rad best, by least squares."""
    low, high = float(rates.min()), float(rates.max())
    fit, _ = curve_fit(
        lambda d, base, peak, width: Bump(base, peak, width).rates(d),
        distance,
        rates,
        (low, max(high, low + 1e-3), 0.5),
        bounds=([0, 0, 0.02], [np.inf, np.inf, 10]),
    )
    return Bump(*map(float, fit))


def mean_squared_displacement(path: Array, lags: Array) -> Array:
    """Mean over starts of the squared displacement (n_lags, n_trials) of paths (n_windows, n_trials) in rad.

    ``lags`` are in windows. Paths are followed from one window to the next, so that they can go round.
    """
    followed = np.unwrap(path, axis=0)
    return np.array([((followed[lag:] - followed[: len(followed) - lag]) ** 2).mean(axis=0) for lag in lags])


def diffusion_of_paths(path: Array, window: float, short: float, long: float) -> Array:
    """Var ψ(t)/t (n_trials,) in rad²/s from paths (n_windows, n_trials) read out in windows of ``window`` (s).

    The squared displacement over a lag is the diffusion plus twice the variance of a read-out, less what windows
    average away. Both are the same at the lags ``short`` and ``long`` (s), so that the slope between them is free of
    either.
    """
    lags = np.array([round(short / window), round(long / window)])
    at_short, at_long = mean_squared_displacement(path, lags)
    return (at_long - at_short) / ((lags[1] - lags[0]) * window)
