"""Damaged and hostile files: only clear errors, no crash, no hang, no memory for what is not there.

The files are read by a process of its own, so that a crash of the HDF5 library is a failed test.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from helpers.fuzz import FORMATS, fuzz

READER = """
import faulthandler, json, resource, signal, sys
from pathlib import Path
from spikingsampling.files import load_arrays
from spikingsampling.errors import RecordingError
from spikingsampling.recording.description import describe
from spikingsampling.recording.reading import open_recording
from spikingsampling.report import activity, figures

def read(path):
    if path.suffix == ".npz":
        load_arrays(path)
        return
    with open_recording(path) as recording:
        describe(recording)
        activity.raster_data(recording)
        for index in range(len(recording.segments)):
            recording.record(index)
        for name in recording.projections:
            recording.matrix(name, "w")
            activity.theta_data(recording, name)
        figures.rate_figure(recording)

faulthandler.register(signal.SIGPROF, chain=True)
for line in sys.stdin:
    signal.setitimer(signal.ITIMER_PROF, float(sys.argv[1]))
    try:
        read(Path(line.strip()))
        answer = "read"
    except RecordingError as error:
        answer = f"refused: {error}"
    except Exception as error:
        answer = f"WRONG: {type(error).__name__}: {error}"
    signal.setitimer(signal.ITIMER_PROF, 0)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps([answer, memory]), flush=True)
"""
PATIENCE = 20.0  # s of processor time, for a file that takes some 0.1 s
MAX_GROWTH = 512  # MiB


class Reader:
    """A process that reads files and says what came of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process = self._start()
        self.first_memory: float | None = None

    def _start(self) -> subprocess.Popen[str]:
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        return subprocess.Popen([sys.executable, "-c", READER, str(PATIENCE)], text=True, **pipes)

    def __call__(self, data: bytes, suffix: str = ".h5") -> str:
        path = self.folder / f"mutated{suffix}"
        path.write_bytes(data)
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(f"{path}\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:  # neither a crash nor a hang inside of HDF5 is let pass
            _, trace = self.process.communicate()
            code, self.process = self.process.returncode, self._start()  # for the next file
            raise AssertionError(f"the reader crashed or hung, code {code}: {trace}")
        answer, memory = json.loads(line)
        assert not answer.startswith("WRONG"), answer
        self.first_memory = self.first_memory or memory
        assert memory < self.first_memory + MAX_GROWTH, f"took {memory} MiB: {answer}"
        return str(answer)


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory, run: Path) -> Iterator[Reader]:
    made = Reader(tmp_path_factory.mktemp("mutated"))
    try:
        assert made((run / "recording.h5").read_bytes()) == "read"
        yield made
    finally:
        made.process.kill()
        made.process.communicate()


#: Where, as a part of the file's length, and what: a byte, a word of extreme values, or a piece of the file itself.
edits = st.lists(
    st.tuples(
        st.floats(0, 1, exclude_max=True),
        st.binary(min_size=1, max_size=8)
        | st.sampled_from(
            [b"\xff" * 8, b"\0" * 8, b"\xff\xff\xff\x7f", b"\0\0\0\x80", b"\x01\0\0\0\0\0\0\x40"]
        )
        | st.floats(0, 1, exclude_max=True),
    ),
    max_size=12,
)


def mutate(whole: bytes, changes: list[tuple[float, Any]], end: float) -> bytes:
    data = bytearray(whole)
    for place, what in changes:
        start = int(place * len(data))
        if isinstance(what, float):
            source = int(what * len(data))
            what = bytes(data[source : source + 64])
        data[start : start + len(what)] = what
    return bytes(data[: int(end * len(data))])


ends = st.just(1.0) | st.floats(0, 1)
#: By default the same files each time. ``SPIKINGSAMPLING_FUZZ=10000`` tries that many others.
N_FILES = os.environ.get("SPIKINGSAMPLING_FUZZ")
fuzzing = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=int(N_FILES or 80),
    derandomize=N_FILES is None,
)


@fuzzing
@given(edits, ends)
@example([], 0.5)
@example([(0.0, b"\x89HDF\r\n\x1a\n")], 0.01)
def test_mutated_recordings(run: Path, reader: Reader, changes: Any, end: float) -> None:
    reader(mutate((run / "recording.h5").read_bytes(), changes, end))


@fuzzing
@given(edits, ends)
def test_mutated_checkpoints(run: Path, reader: Reader, changes: Any, end: float) -> None:
    reader(mutate((run / "checkpoint.npz").read_bytes(), changes, end), ".npz")


@pytest.mark.parametrize("form", FORMATS)
def test_mutated_files_of_every_format(form: str) -> None:
    """Few of each; CONTRIBUTING.md says how to try a million."""
    figures = fuzz(form, 40)
    assert (figures["n_wrong"], figures["crashes"], figures["hangs"]) == (0, [], []), figures
    assert figures["peak_mib"] <= 1024


def test_objects_are_not_unpickled(reader: Reader, tmp_path: Path) -> None:
    import numpy as np

    np.savez(tmp_path / "x.npz", evil=np.array([print], dtype=object))
    assert "refused" in reader((tmp_path / "x.npz").read_bytes(), ".npz")


def test_a_chunk_that_unpacks_to_gigabytes_is_refused(run: Path, reader: Reader, tmp_path: Path) -> None:
    path = tmp_path / "bomb.h5"
    path.write_bytes((run / "recording.h5").read_bytes())
    with h5py.File(path, "r+") as file:
        del file["segments/start"]
        shape, chunk = (4,), (2**27,)
        data = file.create_dataset(
            "segments/start", shape, "f8", chunks=chunk, maxshape=(None,), compression="gzip"
        )
        data.id.write_direct_chunk((0,), zlib.compress(bytes(2**20)))  # HDF5 would take 1 GiB before it looks
    assert path.stat().st_size < 4 * 2**20
    assert "too large" in reader(path.read_bytes())
