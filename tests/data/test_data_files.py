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


PCM = (tone(8000) * 32767).astype("<i2").tobytes()
PCM_FORMAT = struct.pack("<HHIIHH", 1, 1, 8000, 16000, 2, 16)


def chunk(name: bytes, content: bytes, size: int | None = None) -> bytes:
    return (
        name + struct.pack("<I", len(content) if size is None else size) + content + bytes(len(content) % 2)
    )


def container(*chunks: bytes, kind: bytes = b"RIFF", size: int | None = None) -> bytes:
    body = b"WAVE" + b"".join(chunks)
    return kind + struct.pack("<I", len(body) if size is None else size) + body


FORMAT = chunk(b"fmt ", PCM_FORMAT)
DATA = chunk(b"data", PCM)
UNKNOWN = 0xFFFFFFFF
SIZES_64 = chunk(b"ds64", struct.pack("<QQQI", len(PCM) + 72, len(PCM), len(PCM) // 2, 0))


@pytest.mark.parametrize(
    "content",
    [
        container(FORMAT, DATA),
        container(chunk(b"LIST", b"odd"), FORMAT, DATA, chunk(b"LIST", b"after")),
        container(chunk(b"LIST", b"odd")[:-1], FORMAT, DATA),  # without the byte that fills it up
        container(FORMAT, chunk(b"data", PCM, UNKNOWN), size=UNKNOWN),
        container(FORMAT, chunk(b"data", PCM, 0x7FFFF000), size=0x7FFFF024),
        container(SIZES_64, FORMAT, chunk(b"data", PCM, UNKNOWN), kind=b"RF64", size=UNKNOWN),
        container(SIZES_64, FORMAT, chunk(b"data", PCM, UNKNOWN), kind=b"BW64", size=UNKNOWN),
        container(FORMAT, DATA) + b"ID3 added by another program",
    ],
    ids=["plain", "odd chunk", "odd chunk unfilled", "pipe", "pipe of sox", "RF64", "BW64", "more behind"],
)
def test_wav_containers_give_the_same_sound(tmp_path, content):
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    np.testing.assert_array_equal(read_wav(path, 8000), np.frombuffer(PCM, "<i2") / np.float32(2**15))


@pytest.mark.parametrize("form", ["WAV", "WAVEX", "RF64"])
@pytest.mark.parametrize(
    ("subtype", "precision"),
    [("PCM_U8", 2**-7), ("PCM_24", 2**-23), ("PCM_32", 2**-24), ("FLOAT", 2**-24), ("DOUBLE", 2**-24),
     ("ULAW", 2**-5), ("ALAW", 2**-5)],
)  # fmt: skip
def test_wav_formats_are_read_to_their_precision(tmp_path, form, subtype, precision):
    path = tmp_path / "a.wav"
    soundfile.write(path, tone(8000), 8000, subtype=subtype, format=form)
    np.testing.assert_allclose(read_wav(path, 8000), tone(8000), atol=precision)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "has no bytes"),
        (b"fLaC" + bytes(20), "it is a FLAC file"),
        (b"RIFX" + bytes(20), "big-endian numbers"),
        (b"version https://git-lfs.github.com/spec/v1", "a pointer of Git LFS"),
        (container(FORMAT, chunk(b"data", PCM, len(PCM) + 10)), r"truncated, 4000 of 4010 bytes of sound"),
        (container(SIZES_64, FORMAT, chunk(b"data", PCM[:-2], UNKNOWN), kind=b"RF64"), "3998 of 4000 bytes"),
        (container(FORMAT, chunk(b"data", PCM[:-1])), "the last 1 bytes are no whole sample of 2 bytes"),
        (container(FORMAT, chunk(b"data", PCM, 0)), "says that it is empty, but 4000 bytes follow"),
        (container(FORMAT, chunk(b"data", b""), chunk(b"LIST", b"what")), "empty, has no samples"),
        (container(FORMAT, DATA, DATA), "two chunks 'data'"),
        (container(FORMAT), "no chunk 'data'"),
        (container(DATA), "no chunk 'fmt '"),
        (container(chunk(b"fmt ", b"12"), DATA), "its format has 2 bytes"),
        (container(chunk(b"fmt ", struct.pack("<HHIIHH", 1, 0, 8000, 0, 2, 16)), DATA), "0 channels, 8000 Hz"),
        (container(chunk(b"fmt ", struct.pack("<HHIIHH", 85, 1, 8000, 0, 1, 0)), DATA), r"holds MP3 \(0x0055\)"),
        (container(chunk(b"fmt ", struct.pack("<HHIIHH", 17, 1, 8000, 0, 1, 4)), DATA), "IMA ADPCM"),
    ],
)  # fmt: skip
def test_a_wav_file_that_is_not_read_is_told_what_it_is(tmp_path, content, message):
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    with pytest.raises(DataError, match=message):
        read_wav(path, 8000)


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
