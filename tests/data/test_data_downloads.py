"""Files of published data sets: archives, downloads, registry. Small files, no network."""

from __future__ import annotations

import functools
import hashlib
import http.server
import io
import tarfile
import threading
from pathlib import Path

import numpy as np
import pytest

from spikingsampling.data import fsdd, load_images, load_speech, registry
from spikingsampling.data.download import download, extract
from spikingsampling.errors import DataError, UnknownNameError


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
    monkeypatch.setitem(globals(), "CONTENT", path.read_bytes())
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
