"""The recordings of a run in other formats: CSV, Neo (in a NIX file), Neurodata Without Borders."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import ParameterError, RecordingError, UnknownNameError
from ..experiment.configuration import RunFile
from ..experiment.run_files import CONFIG
from ..extras import require
from ..recording.reader import RecordingReader
from ..recording.reading import open_recording

__all__ = ["FORMATS", "export_run", "find_recordings"]


def find_recordings(directory: Path) -> dict[str, Path]:
    """The recordings of a run: its own, named "", and those of its parts by the names of their folders.

    Links are not followed.
    """
    places = {"": directory} | {path.name: path for path in sorted(directory.iterdir()) if path.is_dir()}
    return {
        name: path
        for name, path in places.items()
        if (path / "recording.h5").is_file() and not (name and path.is_symlink())
    }


def export_run(directory: Path, form: str, out: Path | None = None) -> list[Path]:
    """Write the recordings of a run in another format.

    Parameters
    ----------
    directory : Path
        The run directory.
    form : str
        ``"csv"`` (a folder of tables), ``"neo"`` (spikes, NIX file) or ``"nwb"`` (spikes).
    out : Path, optional
        The new folder or file; ``csv``, ``spikes.nix`` or ``spikes.nwb`` in the run directory when None. Where
        a run has several recordings, the name of each is added.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    UnknownNameError
        No such format.
    ParameterError
        ``out`` exists.
    MissingExtraError
        The format needs an extra that is not installed.
    ResumeError, RecordingError
        There is no run, it has no recording, or that is damaged.
    """
    if form not in FORMATS:
        raise UnknownNameError("format", form, FORMATS)
    run = RunFile.read(directory / CONFIG)
    recordings = find_recordings(directory)
    if not recordings:
        raise RecordingError(f"{directory}: the run has no recording")
    write, default = FORMATS[form]
    target = directory / default if out is None else out
    paths: list[Path] = []
    for name, path in recordings.items():
        place = target.with_stem(f"{target.stem}-{name}") if name else target
        if place.exists():
            raise ParameterError(f"--out {place}: exists; must be new")
        with open_recording(path) as recording:
            parts = [run.protocol_name, run.preset, f"seed{run.configuration.get('seed', 0)}", name]
            title = "-".join(part for part in parts if part)
            paths += write(recording, place, title)
    return paths


def _write_table(path: Path, head: Iterable[str], rows: Iterable[Iterable[Any]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(head)
        writer.writerows(rows)
    return path


def _csv(recording: RecordingReader, folder: Path, title: str) -> list[Path]:
    """Tables with a unit in every heading; numbers with all their digits."""
    folder.mkdir(parents=True)
    paths = []
    for name in recording.populations:
        times, neurons = recording.spikes(name)
        rows = zip(times.tolist(), neurons.tolist(), strict=True)
        paths.append(_write_table(folder / f"spikes-{name}.csv", ["time_s", "neuron"], rows))
    segments = [(s.index, s.start, s.stop, s.learning, s.label) for s in recording.segments]
    head = ["segment", "start_s", "stop_s", "learning", "label"]
    paths.append(_write_table(folder / "segments.csv", head, segments))
    presentations = recording.presentations
    rows = presentations[["segment", "start", "stop", "item"]].tolist()
    paths.append(_write_table(folder / "presentations.csv", ["segment", "start_s", "stop_s", "item"], rows))
    for name in recording.projections:
        for number, time in enumerate(recording.snapshot_times(name).tolist()):
            pre, post = recording.synapses(name)
            columns = (pre, post, recording.theta(name, time), recording.w(name, time))
            path = folder / f"synapses-{name}-{number:04d}.csv"
            head = ["time_s", "pre", "post", "theta", "w"]
            synapses = zip(*(column.tolist() for column in columns), strict=True)
            paths.append(_write_table(path, head, ((time, *synapse) for synapse in synapses)))
    events = [(event.time, event.kind, event.detail) for event in recording.events]
    paths.append(_write_table(folder / "events.csv", ["time_s", "kind", "detail"], events))
    return paths


def _by_neuron(recording: RecordingReader) -> Iterator[tuple[str, int, np.ndarray]]:
    """Population, neuron and spike times (s) of every neuron, also of silent ones."""
    for name, size in recording.populations.items():
        times, neurons = recording.spikes(name)
        order = np.argsort(neurons, kind="stable")
        ends = np.searchsorted(neurons[order], np.arange(size + 1))
        for neuron in range(size):
            yield name, neuron, times[order[ends[neuron] : ends[neuron + 1]]]


def _into_place(path: Path, write: Callable[[Path], None]) -> list[Path]:
    """Write a file under another name first, so that a failure leaves none that looks complete."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.stem}.part{path.suffix}")
    try:
        write(temporary)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    return [path]


def _span(recording: RecordingReader) -> tuple[float, float]:
    return (recording.segments[0].start if recording.segments else 0.0), recording.duration


def _neo(recording: RecordingReader, path: Path, title: str) -> list[Path]:
    """One Neo block with one segment; the trains are annotated with population and neuron."""
    neo = require("neo", "neo", "exports to Neo")
    require("nixio", "neo", "exports to Neo")
    start, stop = _span(recording)
    block, segment = neo.Block(name=title), neo.Segment(name=title)
    block.segments.append(segment)
    for population, neuron, times in _by_neuron(recording):
        train = neo.SpikeTrain(times, units="s", t_start=start, t_stop=stop, name=f"{population} {neuron}")
        train.annotate(population=population, neuron=neuron)
        segment.spiketrains.append(train)
    if recording.segments:
        rows = recording.segments
        segment.epochs.append(
            neo.Epoch(
                times=[row.start for row in rows],
                durations=[row.stop - row.start for row in rows],
                labels=np.array([f"{row.label} ({row.learning})" for row in rows]),
                units="s",
                name="segments",
            )
        )

    def write(temporary: Path) -> None:
        file = neo.NixIO(str(temporary), mode="ow")
        try:
            file.write_block(block)
        finally:
            file.close()

    return _into_place(path, write)


def _nwb(recording: RecordingReader, path: Path, title: str) -> list[Path]:
    """Units with population and neuron, segments as epochs, presentations as trials."""
    pynwb = require("pynwb", "nwb", "exports to NWB")
    start_time = datetime.fromtimestamp(recording.path.stat().st_mtime).astimezone()
    file = pynwb.NWBFile(
        session_description=f"simulation {title}",
        identifier=title,
        session_start_time=start_time,
        source_script=f"spikingsampling {recording.attributes.get('spikingsampling_version', '')}",
        source_script_file_name="spikingsampling",
        notes=str(recording.attributes.get("configuration", "")),
    )
    file.add_unit_column("population", "population of the neuron")
    file.add_unit_column("neuron", "number of the neuron in its population, from 0")
    span = [list(_span(recording))]
    for population, neuron, times in _by_neuron(recording):
        file.add_unit(spike_times=times, obs_intervals=span, population=population, neuron=neuron)
    for row in recording.segments:
        file.add_epoch(row.start, row.stop, [row.label or "segment", f"learning {row.learning}"])
    if len(presentations := recording.presentations):
        file.add_trial_column("item", "class of what was presented, -1 for silence")
        for _, start, stop, item in presentations[["segment", "start", "stop", "item"]].tolist():
            file.add_trial(start_time=start, stop_time=stop, item=item)

    def write(temporary: Path) -> None:
        with pynwb.NWBHDF5IO(str(temporary), "w") as output:
            output.write(file)

    return _into_place(path, write)


#: How each format is written, and the name of its folder or file.
FORMATS: dict[str, tuple[Callable[[RecordingReader, Path, str], list[Path]], str]] = {
    "csv": (_csv, "csv"),
    "neo": (_neo, "spikes.nix"),
    "nwb": (_nwb, "spikes.nwb"),
}
