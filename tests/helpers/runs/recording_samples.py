"""A synthetic run whose every segment follows from the state after the one before."""

from __future__ import annotations

import json
import os
from dataclasses import fields
from pathlib import Path

import numpy as np

from helpers import TESTS
from spikingsampling.recording.journal import RunStore
from spikingsampling.recording.record import Event, Layout, ProjectionLayout, SegmentRecord
from spikingsampling.recording.settings import Recording

#: For processes of their own that import this module.
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(TESTS)}
N_SEGMENTS = 4
SEGMENT = 10.0
LAYOUT = Layout(
    populations={"visual": 6, "auditory": 4},
    projections={
        "lateral": ProjectionLayout("auditory", "visual", *np.divmod(np.arange(24), 6)),
        "forward": ProjectionLayout("image", "visual", [0, 2, 2, 8], [5, 0, 1, 3]),
    },
    sources={"image": 9, "sound": 5},
)
ATTRIBUTES = {"seed": 7, "configuration": 'seed = 7\ntau_fall = "20 ms"\n'}
RECORDING = Recording(snapshot_period="20 s")


def advance(index, state, n_spikes=50):
    """The record of segment ``index`` and the state after it."""
    rng = np.random.default_rng([index, abs(int(state["walk"].sum() * 2**40))])
    start, stop = index * SEGMENT, (index + 1) * SEGMENT
    walk = state["walk"] + rng.normal(size=24)
    spikes = {
        name: (
            start + 1e-4 * np.sort(rng.integers(0, round(SEGMENT * 1e4), n_spikes)),
            rng.integers(0, size, n_spikes),
        )
        for name, size in LAYOUT.populations.items()
    }
    due = RECORDING.snapshot_due(start, stop)
    forward = rng.normal(size=4)
    snapshots = {"lateral": (walk, np.maximum(0, walk)), "forward": (forward, forward**2)} if due else {}
    record = SegmentRecord(
        index,
        start,
        stop,
        "off" if index == 2 else "sampling",
        "test auditory – sound" if index == 2 else "train",
        spikes,
        snapshots,
        schedule={"image": rng.integers(-1, 5, 20)} | ({"sound": rng.integers(-1, 9, 20)} if index else {}),
        frame_period=SEGMENT / 20,
        items=rng.integers(-1, 7, 10),
        presentation_period=SEGMENT / 10,
        events=(Event(start + 1, "lesion", json.dumps({"neurons": [1, 2]})),) if index == 1 else (),
    )
    return record, {"walk": walk, "count": np.array(index + 1)}


def initial_state():
    return {"walk": np.zeros(24), "count": np.array(0)}


def create(directory: Path, **changes) -> RunStore:
    return RunStore.create(
        directory, **{"layout": LAYOUT, "attributes": ATTRIBUTES, "recording": RECORDING, **changes}
    )


def resume(directory: Path, **changes) -> RunStore:
    return RunStore.resume(
        directory, **{"layout": LAYOUT, "attributes": ATTRIBUTES, "recording": RECORDING, **changes}
    )


def simulate(directory: Path, n_segments=N_SEGMENTS, finish=True) -> None:
    """Make a run, or go on with it, until it has ``n_segments``."""
    begin = RunStore.resume if directory.exists() else RunStore.create
    with begin(directory, LAYOUT, ATTRIBUTES, RECORDING) as store:
        state = store.state() or initial_state()
        for index in range(store.n_segments, n_segments):
            record, state = advance(index, state)
            store.commit(record, state)
        if finish:
            store.finish()


def contents(directory: Path) -> dict[str, bytes]:
    """All files of a run directory but its locks, byte for byte."""
    files = (path for path in directory.rglob("*") if path.is_file() and not path.name.endswith(".lock"))
    return {str(path.relative_to(directory)): path.read_bytes() for path in files}


def assert_equal_records(one: SegmentRecord, other: SegmentRecord) -> None:
    for name in (field.name for field in fields(SegmentRecord)):
        first, second = getattr(one, name), getattr(other, name)
        if name in ("spikes", "snapshots", "schedule"):
            # A source without frames in a segment is not told apart from one with none of them.
            keys = {key for key in {**first, **second} if name != "schedule" or len(first.get(key, ()))}
            assert keys <= first.keys() and keys <= second.keys(), name
            for key in keys:
                for a, b in zip(np.atleast_2d(first[key]), np.atleast_2d(second[key]), strict=True):
                    np.testing.assert_array_equal(a, b, strict=True)
        elif name == "items":
            np.testing.assert_array_equal(first, second, strict=True)
        else:
            assert first == second, name
