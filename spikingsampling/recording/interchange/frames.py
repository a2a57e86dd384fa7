"""Tables of a recording as pandas data frames."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import UnknownNameError
from ...extras import require

__all__ = ["TABLES", "to_dataframe"]

#: What there are tables of.
TABLES = ("spikes", "presentations", "segments", "events", "synapses")


def to_dataframe(recording: Any, table: str = "spikes") -> Any:
    """A table of the recording as a pandas ``DataFrame``; times are in seconds.

    Parameters
    ----------
    table : {"spikes", "presentations", "segments", "events", "synapses"}
        ``spikes`` has the columns ``time``, ``population``, ``neuron``; ``presentations`` has ``segment``, ``start``,
        ``stop``, ``item`` (-1: silence); ``segments`` has ``start``, ``stop``, ``learning``, ``label``; ``events`` has
        ``time``, ``kind``, ``detail`` (JSON); ``synapses`` has ``projection``, ``pre``, ``post``, ``theta``, ``w`` at
        the last snapshot. All snapshots: :func:`~spikingsampling.recording.interchange.arrays.to_xarray`.

    Raises
    ------
    UnknownNameError
        There is no such table.
    MissingExtraError
        pandas is not installed.
    RecordingError
        The recording is damaged.
    """
    if table not in TABLES:
        raise UnknownNameError("table", str(table), TABLES)
    pandas = require("pandas", "interchange", "data frames")
    return {
        "spikes": _spikes,
        "presentations": lambda pd, reader: pd.DataFrame(reader.presentations),
        "segments": _segments,
        "events": _events,
        "synapses": _synapses,
    }[table](pandas, recording)


def _spikes(pandas: Any, recording: Any) -> Any:
    names = list(recording.populations)
    parts = [recording.spikes(name) for name in names]
    time = np.concatenate([np.empty(0), *(times for times, _ in parts)])
    neuron = np.concatenate([np.empty(0, np.int64), *(ids for _, ids in parts)])
    code = np.repeat(np.arange(len(names)), [len(times) for times, _ in parts])
    order = np.argsort(time, kind="stable")
    population = pandas.Categorical.from_codes(code[order], categories=names)
    return pandas.DataFrame({"time": time[order], "population": population, "neuron": neuron[order]})


def _segments(pandas: Any, recording: Any) -> Any:
    columns = ("start", "stop", "learning", "label")
    rows = [[getattr(segment, name) for name in columns] for segment in recording.segments]
    return pandas.DataFrame(rows, columns=list(columns))


def _events(pandas: Any, recording: Any) -> Any:
    rows = [(event.time, event.kind, event.detail) for event in recording.events]
    return pandas.DataFrame(rows, columns=["time", "kind", "detail"])


def _synapses(pandas: Any, recording: Any) -> Any:
    frames = []
    for name in recording.projections:
        pre, post = recording.synapses(name)
        columns = {"pre": pre, "post": post, "theta": recording.theta(name), "w": recording.w(name)}
        frames.append(pandas.DataFrame({"projection": name, **columns}))
    if not frames:
        return pandas.DataFrame(columns=["projection", "pre", "post", "theta", "w"])
    return pandas.concat(frames, ignore_index=True).astype({"projection": "category"})
