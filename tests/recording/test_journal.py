"""The journal: killed or stopped at any moment, a run goes on to the same bytes."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from helpers import HELPERS, TESTS
from helpers.runs.recording_samples import (
    ATTRIBUTES,
    ENVIRONMENT,
    LAYOUT,
    N_SEGMENTS,
    RECORDING,
    advance,
    assert_equal_records,
    contents,
    create,
    initial_state,
    resume,
    simulate,
)
from spikingsampling.errors import InUse, RecordingError, ResumeError
from spikingsampling.files import load_arrays, save_arrays
from spikingsampling.recording.reading import open_recording
from spikingsampling.recording.record import Layout, record_from_arrays, record_to_arrays


def test_a_finished_run_keeps_only_recording_and_checkpoint(reference):
    assert sorted(reference) == ["checkpoint.npz", "recording.h5"]


@pytest.mark.parametrize(
    ("mode", "kills"),
    [("moments", 25), ("lines", 25), pytest.param("lines", 2000, marks=pytest.mark.slow)],
)
def test_a_run_that_is_killed_and_resumed_gives_the_same_bytes(tmp_path, mode, kills):
    command = [
        sys.executable,
        str(HELPERS / "runs" / "crash_runs.py"),
        mode,
        str(kills),
        str(tmp_path / mode),
    ]
    done = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= kills


@pytest.mark.parametrize("committed", range(N_SEGMENTS + 1))
def test_stopped_and_resumed(tmp_path, reference, committed):
    simulate(tmp_path / "run", committed, finish=False)
    simulate(tmp_path / "run")
    assert contents(tmp_path / "run") == reference


def test_same_bytes_whatever_the_time(tmp_path, reference):
    """HDF5 keeps modification times of objects, in seconds, unless it is told not to."""
    script = (
        "import time, sys, pathlib; from helpers.runs.recording_samples import simulate; time.sleep(1.1);"
    )
    script += "simulate(pathlib.Path(sys.argv[1]))"
    command = [sys.executable, "-c", script, str(tmp_path / "later")]
    subprocess.run(command, check=True, env=ENVIRONMENT, cwd=TESTS)
    assert contents(tmp_path / "later") == reference


def test_what_lies_beyond_the_checkpoint_is_thrown_away(tmp_path, reference):
    run = tmp_path / "run"
    simulate(run, 2, finish=False)
    early = (run / "checkpoint.npz").read_bytes()
    simulate(run, 3, finish=False)
    (run / "checkpoint.npz").write_bytes(early)
    (run / "journal" / "000003.npz.tmp").write_bytes(b"half a segment")
    with resume(run) as store:
        assert store.n_segments == 2
        assert sorted(path.name for path in (run / "journal").iterdir()) == ["000000.npz", "000001.npz"]
    simulate(run)
    assert contents(run) == reference


def test_segments_and_state_come_back_exactly(tmp_path):
    run, state, records = tmp_path / "run", initial_state(), []
    with create(run) as store:
        assert store.state() == {}
        for index in range(N_SEGMENTS):
            record, state = advance(index, state)
            store.commit(record, state)
            records.append(record)

    def check(store):
        read = list(store.segments())
        assert len(read) == N_SEGMENTS
        for one, other in zip(records, read, strict=True):
            assert_equal_records(one, other)
        assert store.state().keys() == state.keys()
        for name in state:
            np.testing.assert_array_equal(store.state()[name], state[name], strict=True)

    with resume(run) as store:
        check(store)
        store.finish()
        assert store.finished
        check(store)
    with resume(run) as store:
        assert store.finished
        check(store)
        with pytest.raises(RecordingError, match="closed for writing; it is finished"):
            store.commit(*advance(N_SEGMENTS, state))


def test_record_arrays_are_inverse():
    for index in range(3):
        record, _ = advance(index, initial_state())
        assert_equal_records(record, record_from_arrays(record_to_arrays(record)))


def test_arrays_keep_every_bit(tmp_path):
    arrays = {
        "file": np.array([np.nan, -0.0, np.inf, 5e-324]),
        "a/b": np.asfortranarray(np.arange(6, dtype=np.uint8).reshape(2, 3)),
        "scalar": np.array(3.5, dtype=np.float32),
        "empty": np.empty((0, 3)),
    }
    save_arrays(tmp_path / "x.npz", arrays)
    read = load_arrays(tmp_path / "x.npz")
    assert read.keys() == arrays.keys()
    for name, array in arrays.items():
        assert read[name].dtype == array.dtype and read[name].shape == array.shape
        assert read[name].tobytes() == array.tobytes()
    with pytest.raises(RecordingError, match="Python objects"):
        save_arrays(tmp_path / "y.npz", {"o": np.array([{}])})
    np.savez(tmp_path / "z.npz", o=np.array([{}]))
    with pytest.raises(RecordingError, match="damaged"):
        load_arrays(tmp_path / "z.npz")


def test_damaged_journal_and_checkpoint_are_noticed(tmp_path):
    run = tmp_path / "run"
    simulate(run, 3, finish=False)
    rng = np.random.default_rng(0)
    for path in (run / "journal" / "000001.npz", run / "checkpoint.npz"):
        whole = path.read_bytes()
        for size in rng.integers(0, len(whole), 5):
            path.write_bytes(whole[:size])
            with pytest.raises(RecordingError, match=f"{path.name} is damaged"):
                resume(run)
        flipped = bytearray(whole)
        flipped[len(whole) // 2] ^= 1
        path.write_bytes(flipped)
        with pytest.raises(RecordingError, match=f"{path.name} is damaged"):
            resume(run)
        path.write_bytes(whole)
    (run / "journal" / "000001.npz").unlink()
    with pytest.raises(RecordingError, match=r"000001\.npz is missing"):
        resume(run)


def test_a_state_of_another_size_is_not_committed(tmp_path):
    """As a program leaves it whose disk was full."""
    run = tmp_path / "run"
    simulate(run, 2, finish=False)
    with resume(run) as store:
        before = contents(run)
        record, state = advance(2, store.state())
        for wrong in (
            {**state, "walk": state["walk"][:-1]},
            {"walk": state["walk"]},
            {**state, "more": state["walk"]},
        ):
            with pytest.raises(RecordingError, match="segment 2: the state after it has other arrays"):
                store.commit(record, wrong)
            assert contents(run) == before
        store.commit(record, state)


def test_resume_refuses_other_settings_and_lists_them(tmp_path):
    run = tmp_path / "run"
    simulate(run, 2, finish=False)
    before = contents(run)
    other = {**ATTRIBUTES, "seed": 8, "configuration": 'seed = 7\ntau_fall = "30 ms"\n'}
    with pytest.raises(ResumeError) as failure:
        resume(run, attributes=other)
    for part in ("was: seed = 7", "now: seed = 8", 'was: configuration: tau_fall = "20 ms"', "30 ms"):
        assert part in str(failure.value)
    assert "configuration: seed" not in str(failure.value)
    smaller = Layout({**LAYOUT.populations, "visual": 7}, LAYOUT.projections, LAYOUT.sources)
    with pytest.raises(ResumeError, match="layout of the network"):
        resume(run, layout=smaller)
    with pytest.raises(ResumeError, match="snapshot_period"):
        resume(run, recording=RECORDING.replace(snapshot_period="30 s"))
    assert contents(run) == before


def test_other_versions_are_refused(tmp_path, monkeypatch):
    simulate(tmp_path / "run", 1, finish=False)
    monkeypatch.setattr("spikingsampling.recording.writing.version", lambda name: "0.0")
    with pytest.raises(ResumeError, match=r"now: numpy_version = '0\.0'"):
        resume(tmp_path / "run")


def test_wrong_directories(tmp_path):
    with pytest.raises(ResumeError, match="nothing to resume"):
        resume(tmp_path / "nowhere")
    simulate(tmp_path / "run", 1, finish=False)
    with pytest.raises(RecordingError, match="--resume"):
        create(tmp_path / "run")
    (tmp_path / "file").write_text("")
    with pytest.raises(RecordingError, match="cannot write the run directory"):
        create(tmp_path / "file" / "run")
    with create(tmp_path / "busy"), pytest.raises(InUse, match="busy is in use"):
        resume(tmp_path / "busy")
    with create(tmp_path / "new"), pytest.raises(InUse, match="new is in use"):
        create(tmp_path / "new")


def test_segments_must_follow_each_other(tmp_path):
    with create(tmp_path / "run") as store:
        record, state = advance(1, initial_state())
        with pytest.raises(RecordingError, match="next segment is number 0"):
            store.commit(record, state)
        store.commit(*advance(0, initial_state()))  # a refused record does no harm
        assert store.n_segments == 1


def test_a_running_recording_can_be_read(tmp_path):
    run, state = tmp_path / "run", initial_state()
    with create(run) as store:
        for index in range(3):
            record, state = advance(index, state)
            store.commit(record, state)
            with open_recording(run) as recording:
                assert not recording.complete
                assert len(recording.segments) == index + 1
                assert_equal_records(recording.record(index), record)
