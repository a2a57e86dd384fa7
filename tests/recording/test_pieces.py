"""A run directory of which pieces are missing, or of which some are of another run."""

from __future__ import annotations

import shutil

import pytest

from helpers.runs.recording_samples import (
    ATTRIBUTES,
    N_SEGMENTS,
    advance,
    contents,
    create,
    initial_state,
    resume,
    simulate,
)
from spikingsampling.errors import RecordingError
from spikingsampling.recording.reading import open_recording


def test_pieces_that_are_missing_are_missed(tmp_path):
    """An interrupted run without its journal is no finished run, and one without its checkpoint no new one."""
    run = tmp_path / "run"
    simulate(run, 3, finish=False)
    whole = contents(run)
    shutil.rmtree(run / "journal")
    with open_recording(run) as recording:
        assert not recording.complete
    without = contents(run)
    with pytest.raises(RecordingError, match=r"interrupted after 3 segments, and journal/.* is missing"):
        resume(run)
    assert contents(run) == without
    restore(run, whole)
    (run / "recording.h5").unlink()  # only a view
    simulate(run, 3, finish=False)
    assert contents(run) == whole
    for others in ((), ("recording.h5",), ("journal",)):
        restore(run, whole)
        (run / "checkpoint.npz").unlink()
        for name in others:
            remove(run / name)
        without = contents(run)
        with pytest.raises(RecordingError, match=r"checkpoint\.npz is missing, and the run has 3 segments"):
            resume(run)
        assert contents(run) == without


def test_pieces_of_a_finished_run_that_are_missing_are_missed(tmp_path, reference):
    run = tmp_path / "run"
    for name, problem in (("recording.h5", "no such recording"), ("checkpoint.npz", "is missing")):
        restore(run, reference)
        (run / name).unlink()
        without = contents(run)
        with pytest.raises(RecordingError, match=problem):
            resume(run)
        assert contents(run) == without


def test_pieces_of_two_runs_are_told_apart(tmp_path, reference):
    run, other = tmp_path / "run", tmp_path / "other"
    simulate(run, 3, finish=False)
    with create(other, attributes={**ATTRIBUTES, "seed": 8}) as store:
        state = initial_state()
        for index in range(N_SEGMENTS):
            record, state = advance(index, state)
            store.commit(record, state)
        foreign = contents(other)
        store.finish()
    whole = contents(run)
    (run / "journal" / "000001.npz").write_bytes(foreign["journal/000001.npz"])
    with pytest.raises(RecordingError, match=r"000001\.npz is segment 1 of another run"):
        resume(run)
    (run / "journal" / "000001.npz").write_bytes(whole["journal/000002.npz"])
    with pytest.raises(RecordingError, match=r"000001\.npz is segment 2 of .* another place"):
        resume(run)
    restore(run, {**reference, "recording.h5": (other / "recording.h5").read_bytes()})
    with pytest.raises(RecordingError, match=r"recording\.h5 and checkpoint\.npz are of two runs"):
        resume(run)
    early = tmp_path / "early"
    simulate(early, 2, finish=True)
    restore(run, {**reference, "recording.h5": (early / "recording.h5").read_bytes()})
    with pytest.raises(RecordingError, match="of two runs"):
        resume(run)


def remove(path):
    shutil.rmtree(path) if path.is_dir() else path.unlink()


def restore(run, files):
    """Make the run directory hold these files, and no others."""
    shutil.rmtree(run, ignore_errors=True)
    for name, data in files.items():
        (run / name).parent.mkdir(parents=True, exist_ok=True)
        (run / name).write_bytes(data)
