"""What is measured of the activity of a spiking network: rate, irregularity, and how its population oscillates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import signal

from spikingsampling.models.dynamics.activity import Activity
from spikingsampling.protocols.studies.dynamics.trajectories import Array

__all__ = ["Spectrum", "interval_cv", "population_rate", "rate", "spectrum"]

#: Bin of the population rate (s).
BIN = 5e-4
#: Intervals that a neuron must have to count for the irregularity.
MIN_INTERVALS = 5


def rate(activity: Activity) -> float:
    """Mean rate of all neurons (Hz)."""
    return len(activity.times) / activity.n_neurons / activity.duration


def interval_cv(activity: Activity) -> float:
    """Mean over neurons of the coefficient of variation of their intervals; NaN if no neuron has five.

    In a short stretch of time long intervals are missing, so that the value is too low where neurons fire seldom.
    """
    order = np.lexsort((activity.times, activity.neurons))
    times, neurons = activity.times[order], activity.neurons[order]
    intervals, owner = np.diff(times), neurons[1:]
    own = owner == neurons[:-1]
    intervals, owner = intervals[own], owner[own]
    n = np.bincount(owner, minlength=activity.n_neurons)
    enough = n >= MIN_INTERVALS
    if not enough.any():
        return float("nan")
    mean = np.bincount(owner, intervals, activity.n_neurons)[enough] / n[enough]
    square = np.bincount(owner, intervals**2, activity.n_neurons)[enough] / n[enough]
    variance = (square - mean**2) * n[enough] / (n[enough] - 1)
    return float(np.mean(np.sqrt(np.maximum(variance, 0)) / mean))


def population_rate(activity: Activity, width: float = BIN) -> tuple[Array, Array]:
    """Middle of each bin of ``width`` (s), and the rate per neuron in it (Hz)."""
    n = round(activity.duration / width)
    # A spike lies at a time step; half a step keeps it off the border of two bins.
    counts = np.bincount(((activity.times + 1e-5) / width).astype(int), minlength=n)[:n]
    return (np.arange(n) + 0.5) * width, counts / activity.n_neurons / width


@dataclass(frozen=True)
class Spectrum:
    """Power of the population rate.

    Attributes
    ----------
    frequencies : (n,) array
        Hz.
    power : (n,) array
        Hz²/Hz.
    floor : float
        Power of as many independent Poisson processes: twice the rate over the number of neurons.
    """

    frequencies: Array
    power: Array
    floor: float

    def peak(self, above: float = 10.0) -> float:
        """The frequency of the largest power above some frequency (Hz)."""
        part = self.frequencies >= above
        return float(self.frequencies[part][np.argmax(self.power[part])])


def spectrum(activity: Activity, resolution: float = 5.0) -> Spectrum:
    """Power spectral density of the population rate (Welch's method), with frequencies ``resolution`` (Hz) apart."""
    _, values = population_rate(activity)
    length = min(round(1 / (resolution * BIN)), len(values))
    frequencies, power = signal.welch(values, 1 / BIN, nperseg=length)
    return Spectrum(frequencies, power, 2 * rate(activity) / activity.n_neurons)
