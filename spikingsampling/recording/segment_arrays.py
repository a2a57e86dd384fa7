"""A segment as plain arrays, as the journal keeps it, and back."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..files import Arrays
from .record import Event, SegmentRecord

__all__ = ["as_text", "from_text", "record_from_arrays", "record_to_arrays"]


def as_text(value: Any) -> NDArray[np.uint8]:
    """Plain values as an array of the bytes of their JSON text."""
    return np.frombuffer(json.dumps(value, ensure_ascii=False).encode(), np.uint8)


def from_text(array: NDArray[np.uint8]) -> Any:
    """The inverse of :func:`as_text`."""
    return json.loads(array.tobytes().decode())


def record_to_arrays(record: SegmentRecord) -> dict[str, NDArray[Any]]:
    """A segment as plain arrays; :func:`record_from_arrays` is the exact inverse."""
    plain = ("index", "start", "stop", "learning", "label", "frame_period", "presentation_period")
    meta = {name: getattr(record, name) for name in plain}
    arrays = {"meta": as_text({**meta, "events": [asdict(event) for event in record.events]})}
    for name, (times, ids) in record.spikes.items():
        arrays |= {f"spikes/{name}/times": times, f"spikes/{name}/ids": ids.astype(np.int32)}
    for name, (theta, w) in record.snapshots.items():
        arrays |= {f"snapshots/{name}/theta": theta, f"snapshots/{name}/w": w}
    for name, frames in record.schedule.items():
        arrays[f"schedule/{name}"] = frames
    return {**arrays, "items": record.items}


def record_from_arrays(arrays: Arrays) -> SegmentRecord:
    """The inverse of :func:`record_to_arrays`."""
    meta = from_text(arrays["meta"])
    events = tuple(Event(**event) for event in meta.pop("events"))

    def names(kind: str) -> list[str]:
        return list(dict.fromkeys(key.split("/")[1] for key in arrays if key.startswith(kind + "/")))

    return SegmentRecord(
        **meta,
        spikes={n: (arrays[f"spikes/{n}/times"], arrays[f"spikes/{n}/ids"]) for n in names("spikes")},
        snapshots={
            n: (arrays[f"snapshots/{n}/theta"], arrays[f"snapshots/{n}/w"]) for n in names("snapshots")
        },
        schedule={n: arrays[f"schedule/{n}"] for n in names("schedule")},
        items=arrays["items"],
        events=events,
    )
