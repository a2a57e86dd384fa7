"""Files of published data sets: IDX and wav. Small files, no network."""

from __future__ import annotations

import gzip
import hashlib
import struct

import numpy as np
import pytest
import soundfile

from spikingsampling.data import fsdd, mnist
from spikingsampling.data.wav import read_wav
from spikingsampling.errors import DataError, UnknownNameError


def idx(array: np.ndarray, magic: int | None = None) -> bytes:
    magic = 0x0800 + array.ndim if magic is None else magic
    return struct.pack(f">{1 + array.ndim}I", magic, *array.shape) + array.astype(np.uint8).tobytes()


IMAGES = np.arange(2 * 28 * 28).reshape(2, 28, 28) % 256


@pytest.fixture
def small_mnist(tmp_path, monkeypatch):
    """A folder with a training set of two images, whose checksums are the expected ones."""
    folder = tmp_path / "mnist"
    folder.mkdir()
    for name, array in zip(mnist.FILES["train"], (IMAGES, np.array([7, 2])), strict=True):
        (folder / name).write_bytes(gzip.compress(idx(array)))
        monkeypatch.setitem(mnist.PAYLOAD_SHA256, name, hashlib.sha256(idx(array)).hexdigest())
    return folder


def test_mnist_from_files(small_mnist):
    images = mnist.load(small_mnist, "train", [2, 3])
    assert images.labels.tolist() == [2]
    np.testing.assert_allclose(images.images[0], IMAGES[1] / 255, rtol=1e-6)


def test_recompressed_mnist_is_accepted_and_altered_is_not(small_mnist):
    path = small_mnist / mnist.FILES["train"][0]
    path.write_bytes(gzip.compress(idx(IMAGES), compresslevel=1, mtime=1))
    assert len(mnist.load(small_mnist, "train", range(10))) == 2
    path.write_bytes(gzip.compress(idx(IMAGES[::-1])))
    with pytest.raises(DataError, match=r"train-images.*sha256 of the content"):
        mnist.load(small_mnist, "train", range(10))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"not gzip at all", "cannot be read as a gzip"),
        (gzip.compress(idx(IMAGES))[:-20], "truncated or damaged"),
        (gzip.compress(idx(IMAGES))[:40] + b"\xff" * 40, "truncated or damaged"),
    ],
    # Named, since gzip writes the time into its output: without names the tests' own names
    # would change from second to second, and from one worker of pytest to the next.
    ids=["not gzip", "truncated", "damaged"],
)
def test_damaged_gzip_is_refused(tmp_path, content, message):
    path = tmp_path / "x.gz"
    path.write_bytes(content)
    with pytest.raises(DataError, match=message):
        mnist.read_payload(path)


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        (idx(IMAGES, magic=0x0801), "magic number is 0x00000801, must be 0x00000803"),
        (idx(IMAGES)[:-1], "1567 of 1568 are there"),
        (idx(IMAGES) + b"\0", "1569 of 1568 are there"),
        (idx(IMAGES)[:10], "truncated IDX file, 10 bytes"),
        (struct.pack(">4I", 0x0803, *[2**32 - 1] * 3), "0 of 79228162458924105385300197375 are there"),
    ],
)
def test_wrong_idx_is_refused(payload, message):
    with pytest.raises(DataError, match=message):
        mnist.parse_idx(payload, 3, "images")


def tone(rate: int, frequency: float = 440.0) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * frequency * np.arange(rate // 4) / rate)


def test_wav_resampled_and_mixed_down(tmp_path):
    path = tmp_path / "stereo.wav"
    soundfile.write(path, np.stack([tone(22050), 0.5 * tone(22050)], axis=1), 22050)
    with pytest.warns(UserWarning) as caught:
        sound = read_wav(path, 8000)
    messages = [str(warning.message) for warning in caught]
    assert any("2 channels mixed down" in message for message in messages)
    assert any("resampled from 22050 Hz to 8000 Hz" in message for message in messages)
    assert all(str(path) in message for message in messages)
    assert sound.size == pytest.approx(2000, abs=2)
    np.testing.assert_allclose(sound[200:1800], 0.75 * tone(8000)[200:1800], atol=0.005)


@pytest.mark.parametrize(
    ("samples", "message"),
    [(np.zeros(0), "empty"), (np.zeros(100), "silent"), (np.array([0.1, np.nan]), "NaN")],
)
def test_useless_wav_is_refused_with_its_name(tmp_path, samples, message):
    path = tmp_path / "3_theo_7.wav"
    soundfile.write(path, samples, 8000, subtype="FLOAT")
    with pytest.raises(DataError, match=f"3_theo_7.wav.*{message}"):
        read_wav(path, 8000)


def test_truncated_or_foreign_wav_is_refused(tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, tone(8000), 8000)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(DataError, match=r"truncated, 3944 of 4044 bytes"):
        read_wav(path, 8000)
    path.write_bytes(b"ID3 something else")
    with pytest.raises(DataError, match="not a wav file"):
        read_wav(path, 8000)
    with pytest.raises(DataError, match=r"none\.wav: cannot be read"):
        read_wav(tmp_path / "none.wav", 8000)


def test_fsdd_official_split(tmp_path):
    for name, (digit, _, take) in fsdd.file_names([1], ["theo"]).items():
        soundfile.write(tmp_path / name, tone(8000, 300 + 10 * take + digit), 8000)
    test, train = (fsdd.load(tmp_path, split, [1], ["theo"]) for split in ("test", "train"))
    assert test.takes.tolist() == [0, 1, 2, 3, 4]
    assert train.takes.tolist() == list(range(5, 50))
    assert set(train.speakers) == {"theo"}
    with pytest.raises(UnknownNameError, match="did you mean 'theo'"):
        fsdd.load(tmp_path, "test", [1], ["teo"])
    (tmp_path / "1_theo_3.wav").unlink()
    with pytest.raises(DataError, match=r"1 of 5 recordings are missing, first 1_theo_3\.wav"):
        fsdd.load(tmp_path, "test", [1], ["theo"])


def test_recordings_checksum_sees_names_and_content(tmp_path):
    (tmp_path / "a.wav").write_bytes(b"1")
    (tmp_path / "b.wav").write_bytes(b"2")
    before = fsdd.recordings_sha256(tmp_path)
    (tmp_path / "b.wav").rename(tmp_path / "c.wav")
    renamed = fsdd.recordings_sha256(tmp_path)
    (tmp_path / "c.wav").write_bytes(b"3")
    assert len({before, renamed, fsdd.recordings_sha256(tmp_path)}) == 3
