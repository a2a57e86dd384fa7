"""Spikes and θ, binned for a viewer in the browser: small enough to be part of the page.

A raster is a list of occupied cells (neuron × time bin). The bin grows from 1 ms until the list is short
enough, so that a page stays small whatever was recorded. Numbers travel as planes of bytes, packed with zlib,
in base64, which every browser unpacks by itself.
"""

from __future__ import annotations

import base64
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..recording.reader import RecordingReader

__all__ = ["MAX_CELLS", "bin_spikes", "pack", "phases", "raster_data", "theta_data"]

#: Occupied cells of all recordings of a run: about 1.5 bytes each in the page.
MAX_CELLS = 3_000_000
_FINEST = 1e-3
_THETA_BINS = 160
_SNAPSHOTS = 100


def pack(values: NDArray[Any], width: int) -> str:
    """Non-negative integers below 256**width as text: byte planes, lowest first, zlib, base64."""
    planes = values.astype("<u8").view(np.uint8).reshape(-1, 8)[:, :width].T
    return base64.b64encode(zlib.compress(np.ascontiguousarray(planes).tobytes(), 9)).decode()


def bin_spikes(
    times: NDArray[np.float64], neurons: NDArray[np.int64], size: int, start: float, budget: int
) -> tuple[float, NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Occupied cells of a raster.

    Parameters
    ----------
    times, neurons : arrays (n,)
        Spikes, sorted in time (s).
    size : int
        Neurons of the population.
    start : float
        Where the first bin begins (s).
    budget : int
        The most cells.

    Returns
    -------
    bin : float
        Width of a bin (s): 1 ms times a power of 2.
    bins, neurons, counts : arrays (n_cells,)
        Sorted by bin, then neuron.
    """
    width = _FINEST
    bins = np.floor((times - start) / width + 1e-6).astype(np.int64)
    while True:
        cells, counts = np.unique(bins * size + neurons, return_counts=True)
        if len(cells) <= max(budget, size):
            return width, cells // size, cells % size, counts.astype(np.int64)
        bins //= 2
        width *= 2


def phases(recording: RecordingReader) -> list[dict[str, Any]]:
    """Spans of time with one label and one way of learning: start, stop (s), label, learning."""
    spans: list[dict[str, Any]] = []
    for row in recording.segments:
        last = spans[-1] if spans else None
        if (
            last
            and (last["label"], last["learning"]) == (row.label, row.learning)
            and last["stop"] == row.start
        ):
            last["stop"] = row.stop
        else:
            spans.append({"start": row.start, "stop": row.stop, "label": row.label, "learning": row.learning})
    return spans


def raster_data(recording: RecordingReader, budget: int = MAX_CELLS) -> dict[str, Any]:
    """All that the viewer of spikes needs, as plain values."""
    start = recording.segments[0].start if recording.segments else 0.0
    shares = {name: len(recording.spikes(name)[0]) for name in recording.populations}
    total = sum(shares.values())
    populations = []
    for name, size in recording.populations.items():
        share = max(1, int(budget * shares[name] / total)) if total > budget else budget
        width, bins, neurons, counts = bin_spikes(*recording.spikes(name), size, start, share)
        steps = np.diff(bins, prepend=0)
        populations.append(
            {
                "name": name,
                "size": size,
                "spikes": shares[name],
                "bin": width,
                "cells": len(bins),
                "steps": pack(steps, 4),
                "neurons": pack(neurons, 4),
                "counts": pack(np.minimum(counts, 2**16 - 1), 2),
            }
        )
    events = [{"time": event.time, "kind": event.kind} for event in recording.events]
    return {
        "start": start,
        "stop": recording.duration,
        "phases": phases(recording),
        "events": events,
        "populations": populations,
    }


def theta_data(recording: RecordingReader, projection: str) -> dict[str, Any] | None:
    """Histograms of θ at up to 100 snapshots, as plain values; None where there is none.

    A synapse is active where w > 0; 0 is the edge of a bin.
    """
    times = recording.snapshot_times(projection)
    if not len(times):
        return None
    moments = times[
        np.unique(np.linspace(0, len(times) - 1, min(_SNAPSHOTS, len(times))).round().astype(int))
    ]
    snapshots = [recording.theta(projection, time).astype(float) for time in moments]
    low, high = min(theta.min() for theta in snapshots), max(theta.max() for theta in snapshots)
    step = max(high - low, 1e-3) / _THETA_BINS
    edges = step * np.arange(np.floor(low / step), np.floor(high / step) + 2)
    active = [float(np.mean(recording.w(projection, time) > 0)) for time in moments]
    layout = recording.projection(projection)
    return {
        "name": projection,
        "ends": [layout.pre, layout.post],
        "synapses": len(layout.pre_indices),
        "times": [float(time) for time in moments],
        "edges": [round(float(edge), 9) for edge in edges],
        "counts": [np.histogram(theta, edges)[0].tolist() for theta in snapshots],
        "active": active,
        "mean": [float(theta.mean()) for theta in snapshots],
    }
