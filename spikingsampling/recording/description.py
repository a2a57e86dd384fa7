"""A recording described in a page of text, for ``spikingsampling inspect``."""

from __future__ import annotations

import numpy as np

from ..tables import Table
from .reader import RecordingReader
from .writing import RESERVED

__all__ = ["describe"]


def _lines(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> list[str]:
    return Table(head, rows).text().split("\n")


def describe(recording: RecordingReader) -> str:
    """Populations, spikes and rates, snapshots of θ and w, stimuli, events and settings of a recording.

    A synapse is active where w > 0.

    Raises
    ------
    RecordingError
        The recording is damaged.
    """
    state = "complete" if recording.complete else "not complete: the run goes on, or can be resumed"
    phases: dict[tuple[str, str], list[float]] = {}
    for segment in recording.segments:
        phases.setdefault((segment.label, segment.learning), []).append(segment.stop - segment.start)
    blocks = [
        [f"{recording.path} ({state})"],
        [f"simulated {recording.duration:g} s in {len(recording.segments)} segments"],
        _lines(
            ("phase", "learning", "segments", "time (s)"),
            [(label, mode, f"{len(spans)}", f"{sum(spans):g}") for (label, mode), spans in phases.items()],
        ),
    ]
    simulated = sum(segment.stop - segment.start for segment in recording.segments)
    rows = []
    for name, size in recording.populations.items():
        spikes = len(recording.spikes(name)[0])
        rate = f"{spikes / size / simulated:.2f}" if simulated else "-"
        rows.append((name, f"{size}", f"{spikes}", rate))
    blocks.append(_lines(("population", "neurons", "spikes", "mean rate (Hz)"), rows))
    blocks.append(_projections(recording))
    blocks.append(_stimuli(recording))
    if recording.events:
        rows = [(event.kind, f"{event.time:g}", event.detail) for event in recording.events]
        blocks.append(_lines(("event", "time (s)", "detail"), rows))
    hidden = RESERVED | {"configuration"}
    settings = recording.attributes.items()
    blocks.append([f"{name} = {value}" for name, value in settings if name not in hidden])
    blocks.append(str(recording.attributes.get("configuration", "")).splitlines())
    return "\n\n".join("\n".join(block) for block in blocks if block)


def _projections(recording: RecordingReader) -> list[str]:
    rows = []
    for name in recording.projections:
        layout, times = recording.projection(name), recording.snapshot_times(name)
        state = ("-", "-", "-")
        if len(times):
            theta, w = recording.theta(name).astype(float), recording.w(name)
            spread = f"{theta.mean():.3f} ± {theta.std():.3f}"
            state = (f"{times[-1]:g}", f"{np.mean(w > 0):.1%}", spread)
        ends = f"{layout.pre} → {layout.post}"
        rows.append((name, ends, f"{len(layout.pre_indices)}", f"{len(times)}", *state))
    head = ("projection", "from → to", "synapses", "snapshots", "last (s)", "active", "θ mean ± sd")
    return _lines(head, rows) if rows else []


def _stimuli(recording: RecordingReader) -> list[str]:
    rows = []
    for name, size in recording.sources.items():
        _, frames = recording.schedule(name)
        rows.append((name, f"{size}", f"{len(frames)}", f"{len(np.unique(frames[frames >= 0]))}"))
    return _lines(("source", "inputs", "frames", "patterns"), rows) if rows else []
