"""Files that are no recording, newer, altered or hostile."""

from __future__ import annotations

import gzip

import h5py
import numpy as np
import pytest

from helpers import TESTS
from helpers.runs.recording_samples import assert_equal_records
from spikingsampling.errors import RecordingError
from spikingsampling.recording.hdf5 import write_attribute
from spikingsampling.recording.reading import open_recording


def test_what_is_not_a_recording(tmp_path, copy):
    with pytest.raises(RecordingError, match="no such recording"):
        open_recording(tmp_path / "nothing.h5")
    with pytest.raises(RecordingError, match="no such recording"):
        open_recording(tmp_path)
    (tmp_path / "text.h5").write_text("not HDF5, but long enough")
    with pytest.raises(RecordingError, match="not an HDF5 file"):
        open_recording(tmp_path / "text.h5")
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["x"] = 1
    with pytest.raises(RecordingError, match="not a recording of this package"):
        open_recording(tmp_path / "other.h5")


def test_a_newer_format_says_which_version_it_needs(copy):
    with h5py.File(copy, "r+") as file:
        file.attrs["format_version"] = 3
        write_attribute(file, "spikingsampling_version", "9.8")
    with pytest.raises(RecordingError, match=r"up to format 2: it needs spikingsampling 9\.8 or newer"):
        open_recording(copy)


@pytest.mark.parametrize("where", ["/", "parameters/lateral"])
def test_text_in_the_global_heap_is_refused(copy, where):
    """HDF5 goes round for ever in a damaged heap."""
    with h5py.File(copy, "r+") as file:
        name = "label" if where == "/" else "pre"
        file[where].attrs[name] = "auditory"
        assert file[where].attrs.get_id(name).dtype.hasobject
    message = f"{name!r} of .* is not stored in its place"
    with pytest.raises(RecordingError, match=message), open_recording(copy) as recording:
        recording.projection("lateral")


def test_recordings_of_format_1_are_read(tmp_path, run):
    """Their text is in the global heap."""
    path = tmp_path / "recording.h5"
    path.write_bytes(gzip.decompress((TESTS / "fixtures" / "recordings" / "format_1.h5.gz").read_bytes()))
    with open_recording(path) as old, open_recording(run) as new:
        assert old.complete
        assert old.attributes["format_version"] == 1
        assert old.attributes["configuration"] == new.attributes["configuration"]
        assert (old.segments, old.events) == (new.segments, new.events)
        for index in range(len(new.segments)):
            assert_equal_records(old.record(index), new.record(index))
        assert old.projection("lateral").pre == "auditory"


def replace(path, name, make):
    with h5py.File(path, "r+") as file:
        old = file[name][:] if isinstance(file[name], h5py.Dataset) else None
        del file[name]
        make(file, name, old)


def external_data(file, name, old):
    file.create_dataset(name, old.shape, old.dtype, external=[("/etc/hostname", 0, h5py.h5f.UNLIMITED)])


def virtual_data(file, name, old):
    layout = h5py.VirtualLayout(old.shape, old.dtype)
    layout[:] = h5py.VirtualSource("elsewhere.h5", "x", old.shape)
    file.create_virtual_dataset(name, layout)


@pytest.mark.parametrize(
    "name", ["spikes/visual", "spikes/visual/timestamps", "segments/start", "parameters/lateral/w"]
)
@pytest.mark.parametrize("link", [h5py.ExternalLink("other.h5", "/x"), h5py.SoftLink("/segments/start")])
def test_links_are_not_followed(copy, name, link):
    replace(copy, name, lambda file, name, old: file.__setitem__(name, link))
    with pytest.raises(RecordingError, match="link"):
        open_recording(copy)


@pytest.mark.parametrize(
    ("name", "make", "message"),
    [
        ("segments/stop", external_data, "another file"),
        ("spikes/visual/node_ids", virtual_data, "another file"),
        ("spikes/visual/timestamps", lambda f, n, old: f.__setitem__(n, old[:-1]), "199 values, 200 belong"),
        ("spikes/visual/timestamps", lambda f, n, old: f.__setitem__(n, old[::-1]), "order of time"),
        ("spikes/visual/node_ids", lambda f, n, old: f.__setitem__(n, old + 6), "does not have"),
        ("segments/label", lambda f, n, old: f.__setitem__(n, np.zeros(4)), "not a group"),
        ("segments/label/lengths", lambda f, n, old: f.__setitem__(n, old + 1), "lengths that do not fit"),
        ("segments/label/lengths", lambda f, n, old: f.__setitem__(n, -old), "lengths that do not fit"),
        ("events/kind/bytes", lambda f, n, old: f.__setitem__(n, old[:-1]), "lengths that do not fit"),
        ("events/kind/bytes", lambda f, n, old: f.__setitem__(n, old * 0 + 255), "decode"),
        ("segments/start", lambda f, n, old: f.__setitem__(n, -old), "order of time"),
        ("events", lambda f, n, old: None, "no /events"),
        ("parameters/lateral/theta", lambda f, n, old: f.__setitem__(n, old[:, :5]), "shape"),
        (
            "parameters/lateral/theta",
            lambda f, n, old: f.create_dataset(n, (2, 2**50), "f4", chunks=(1, 2**20)),
            "shape|claims",
        ),
        (
            "segments/start",
            lambda f, n, old: f.create_dataset(n, (2**40,), "f8", chunks=(2**16,)),
            "claims",
        ),
    ],
)
def test_altered_recordings_are_refused(copy, name, make, message):
    replace(copy, name, make)
    with pytest.raises(RecordingError, match=message), open_recording(copy) as recording:
        recording.spikes("visual")
