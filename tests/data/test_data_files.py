"""Files of published data sets: IDX, wav, archives, downloads, registry. Small files, no network."""

from __future__ import annotations

import functools
import gzip
import hashlib
import http.server
import io
import struct
import tarfile
import threading
from pathlib import Path

import numpy as np
import pytest
import soundfile

from spikingsampling.data import fsdd, load_images, load_speech, mnist, registry
from spikingsampling.data.download import download, extract
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


def archive(path: Path, members: list[tuple[tarfile.TarInfo, bytes]]) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for info, content in members:
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return path


GOOD = (tarfile.TarInfo("set-1.0/recordings/a.wav"), b"sound")


def special(name: str, kind: bytes, target: str = "") -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info, b""


def test_archive_is_unpacked_flat(tmp_path):
    path = archive(tmp_path / "x.tar.gz", [GOOD, (tarfile.TarInfo("set-1.0/other/b.wav"), b"no")])
    target = tmp_path / "out" / "recordings"
    extract(path, "recordings", target)
    assert [file.name for file in target.iterdir()] == ["a.wav"]
    assert (target / "a.wav").read_bytes() == b"sound"


@pytest.mark.parametrize(
    ("member", "message"),
    [
        ((tarfile.TarInfo("../recordings/b.wav"), b"x"), "outside the target"),
        ((tarfile.TarInfo("/recordings/b.wav"), b"x"), "outside the target"),
        ((tarfile.TarInfo("set\\..\\..\\recordings/b.wav"), b"x"), "outside the target"),
        (special("set/recordings/b.wav", tarfile.SYMTYPE, "/etc/passwd"), "link or device"),
        (special("set/recordings/b.wav", tarfile.LNKTYPE, "set-1.0/recordings/a.wav"), "link or device"),
        (special("set/recordings/b.wav", tarfile.FIFOTYPE), "link or device"),
        (special("set/recordings/b.wav", tarfile.CHRTYPE), "link or device"),
    ],
)
def test_dangerous_archive_is_refused_as_a_whole(tmp_path, member, message):
    path = archive(tmp_path / "x.tar.gz", [GOOD, member])
    target = tmp_path / "out" / "recordings"
    with pytest.raises(DataError, match=message):
        extract(path, "recordings", target)
    assert not target.exists()
    assert list(target.parent.iterdir()) == []


def test_truncated_or_wrong_archive_is_refused(tmp_path):
    path = archive(tmp_path / "x.tar.gz", [GOOD])
    with pytest.raises(DataError, match="no folder 'sounds'"):
        extract(path, "sounds", tmp_path / "out")
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(DataError, match="cannot be unpacked"):
        extract(path, "recordings", tmp_path / "out")


CONTENT = np.random.default_rng(1).bytes(300_000)


class Server(http.server.BaseHTTPRequestHandler):
    """Serves CONTENT, closes the connection early a few times, understands Range if told to."""

    def __init__(self, log, cuts, ranges, *arguments):
        self.log, self.cuts, self.ranges = log, cuts, ranges
        super().__init__(*arguments)

    def do_GET(self):
        wanted = self.headers.get("Range")
        self.log.append(wanted)
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and self.ranges else 0
        if start >= len(CONTENT):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(CONTENT)}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        body = CONTENT[start:]
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: self.cuts.pop(0)] if self.cuts else body)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def serve():
    servers = []

    def start(cuts=(), ranges=True):
        log: list[str | None] = []
        handler = functools.partial(Server, log, list(cuts), ranges)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/file", log

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


SHA256 = hashlib.sha256(CONTENT).hexdigest()


def test_interrupted_download_goes_on_where_it_was_cut(tmp_path, serve):
    url, log = serve(cuts=[100_000, 50_000])
    path = download((url,), tmp_path / "sub" / "file", SHA256)
    assert path.read_bytes() == CONTENT
    assert log == [None, "bytes=100000-", "bytes=150000-"]
    assert [file.name for file in path.parent.iterdir()] == ["file"]


def test_download_goes_on_in_the_next_run(tmp_path, serve):
    broken, _ = serve(cuts=[20_000] * 5)
    with pytest.raises(DataError, match=r"5 attempts, 100000 bytes kept.*run the command again"):
        download((broken,), tmp_path / "file", SHA256)
    assert not (tmp_path / "file").exists()
    url, log = serve()
    seen = []
    download((url,), tmp_path / "file", SHA256, progress=lambda done, total: seen.append((done, total)))
    assert (tmp_path / "file").read_bytes() == CONTENT
    assert log == ["bytes=100000-"]
    assert seen[0][0] > 100_000
    assert seen[-1] == (300_000, 300_000)


def test_server_without_ranges_starts_again(tmp_path, serve):
    url, _ = serve(cuts=[100_000], ranges=False)
    assert download((url,), tmp_path / "file", SHA256).read_bytes() == CONTENT


def test_complete_part_is_used(tmp_path, serve):
    (tmp_path / "file.part").write_bytes(CONTENT)
    url, _ = serve()
    assert download((url,), tmp_path / "file", SHA256).read_bytes() == CONTENT


def test_wrong_content_is_not_kept_and_second_address_is_tried(tmp_path, serve):
    (tmp_path / "file.part").write_bytes(b"\0" * 100_000)
    url, _ = serve()
    with pytest.raises(DataError, match="hash of downloaded file"):
        download((url,), tmp_path / "file", SHA256)
    assert list(tmp_path.iterdir()) == []
    other, log = serve()
    closed = "http://127.0.0.1:9/file"
    assert download((closed, other), tmp_path / "file", SHA256).read_bytes() == CONTENT
    assert log == [None]


def test_registry_finds_fetches_and_verifies(tmp_path, monkeypatch, serve):
    recordings = tmp_path / "made"
    recordings.mkdir()
    files = {}
    for name in fsdd.file_names():
        files[name] = name.encode()
        (recordings / name).write_bytes(files[name])
    path = archive(
        tmp_path / "a.tar.gz", [(tarfile.TarInfo(f"f-1/recordings/{n}"), c) for n, c in files.items()]
    )
    monkeypatch.setattr("test_data_files.CONTENT", path.read_bytes())
    monkeypatch.setattr(registry, "_FSDD_SHA256", hashlib.sha256(path.read_bytes()).hexdigest())
    monkeypatch.setattr(registry, "_FSDD_URL", serve(cuts=[1000])[0])
    monkeypatch.setattr(fsdd, "RECORDINGS_SHA256", fsdd.recordings_sha256(recordings))
    root = tmp_path / "root"
    root.mkdir()
    monkeypatch.setenv(registry.VARIABLE, str(root))

    assert [(place.dataset, place.present) for place in registry.where()] == [
        ("mnist", False),
        ("fsdd", False),
    ]
    assert not registry.verify(["fsdd"])[0].ok
    with pytest.raises(DataError, match="spikingsampling data fetch fsdd"):
        load_speech("real", "train", [1])
    [place] = registry.fetch(["fsdd"])
    assert place == registry.Location("fsdd", registry.VARIABLE, root / "fsdd" / "recordings", True)
    assert [check.ok for check in registry.verify(["fsdd"])] == [True]
    assert [entry.name for entry in (root / "fsdd").iterdir()] == ["recordings"]
    (place.path / "0_theo_0.wav").write_bytes(b"changed")
    assert "sha256" in registry.verify(["fsdd"])[0].detail
    with pytest.raises(DataError, match=r"sha256 .* and fetch it again"):
        registry.fetch(["fsdd"])
    (place.path / "0_theo_0.wav").unlink()
    assert "1 recordings are missing" in registry.verify(["fsdd"])[0].detail


def test_registry_errors(tmp_path, monkeypatch):
    monkeypatch.setenv(registry.VARIABLE, str(tmp_path))
    with pytest.raises(DataError, match="spikingsampling data fetch mnist"):
        load_images("real", "train", [1])
    for function in (registry.fetch, registry.verify):
        with pytest.raises(UnknownNameError, match="did you mean 'mnist'"):
            function(["minst"])
    assert [check.ok for check in registry.verify()] == [False] * 5
    monkeypatch.setenv(registry.VARIABLE, str(tmp_path / "nothing"))
    with pytest.raises(DataError, match="no such folder"):
        registry.where()
    monkeypatch.delenv(registry.VARIABLE)
    assert {place.source for place in registry.where()} == {"cache"}


@pytest.fixture(scope="module")
def real_data():
    missing = [place.dataset for place in registry.where() if not place.present]
    if missing:
        pytest.skip(
            f"{', '.join(missing)} not found; set {registry.VARIABLE} or run `spikingsampling data fetch`"
        )


@pytest.mark.real_data
@pytest.mark.usefixtures("real_data")
def test_published_data_is_intact():
    assert [(check.dataset, check.ok) for check in registry.verify()] == [("mnist", True)] * 4 + [
        ("fsdd", True)
    ]


@pytest.mark.real_data
@pytest.mark.usefixtures("real_data")
def test_real_images():
    train, test = (load_images("real", split, range(10)) for split in ("train", "test"))
    # Class sizes of MNIST.
    assert np.bincount(train.labels)[:3].tolist() == [5923, 6742, 5958]
    assert np.bincount(test.labels)[:3].tolist() == [980, 1135, 1032]
    assert train.images.max() == 1
    hashes = [{hashlib.sha256(image).digest() for image in images.images} for images in (train, test)]
    assert not hashes[0] & hashes[1]


@pytest.mark.real_data
@pytest.mark.usefixtures("real_data")
def test_real_speech():
    train, test = (load_speech("real", split, [1, 2], ["jackson", "theo"]) for split in ("train", "test"))
    assert (len(train), len(test)) == (180, 20)
    assert not {w.tobytes() for w in train.waveforms} & {w.tobytes() for w in test.waveforms}
    assert train.sample_rate == 8000
    assert all(1000 < w.size < 20000 for w in train.waveforms)
