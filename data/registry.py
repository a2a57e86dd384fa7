"""Where the published data sets are, how to get them, and whether they are intact."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pooch

from spikingsampling.data import fsdd, mnist
from spikingsampling.data.download import download, extract
from spikingsampling.errors import DataError, UnknownNameError

__all__ = ["DATASETS", "VARIABLE", "Check", "Location", "data_root", "fetch", "require", "verify", "where"]

#: Environment variable that names a folder to use instead of the user's cache.
VARIABLE = "SPIKINGSAMPLING_DATA"
Progress = Callable[[str, int, int | None], None]

_MNIST_MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)
#: sha256 of the files as published, before decompression.
_MNIST_SHA256 = {
    "train-images-idx3-ubyte.gz": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    "train-labels-idx1-ubyte.gz": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    "t10k-images-idx3-ubyte.gz": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    "t10k-labels-idx1-ubyte.gz": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
}
_FSDD_ARCHIVE = "free-spoken-digit-dataset-1.0.10.tar.gz"
_FSDD_URL = "https://github.com/Jakobovski/free-spoken-digit-dataset/archive/refs/tags/v1.0.10.tar.gz"
_FSDD_SHA256 = "feb479fad3a37883c3d21ed7f982281c2dd1c18d5aefd7e8a5d50f58023392aa"


@dataclass(frozen=True)
class Location:
    """Where a data set is, or would be: ``source`` is the variable that names the folder, or ``"cache"``."""

    dataset: str
    source: str
    path: Path
    present: bool


@dataclass(frozen=True)
class Check:
    """Result of checking one file (MNIST) or folder (FSDD); ``detail`` says what is wrong or was found."""

    dataset: str
    path: Path
    ok: bool
    detail: str


def data_root() -> tuple[Path, str]:
    """The folder that holds the published data sets, and whether the variable or the cache names it.

    Raises
    ------
    DataError
        The variable names something that is not a folder.
    """
    local = os.environ.get(VARIABLE)
    if not local:
        return Path(pooch.os_cache("spikingsampling")), "cache"
    if not Path(local).is_dir():
        raise DataError(f"{VARIABLE} = {local!r}: no such folder")
    return Path(local), VARIABLE


def _mnist_files() -> list[str]:
    return [name for names in mnist.FILES.values() for name in names]


def _fetch_mnist(directory: Path, progress: Progress | None) -> None:
    for name in _mnist_files():
        if not (directory / name).is_file():
            urls = tuple(mirror + name for mirror in _MNIST_MIRRORS)
            download(urls, directory / name, _MNIST_SHA256[name], _named(progress, name))


def _fetch_fsdd(directory: Path, progress: Progress | None) -> None:
    archive = directory.parent / _FSDD_ARCHIVE
    download((_FSDD_URL,), archive, _FSDD_SHA256, _named(progress, archive.name))
    extract(archive, "recordings", directory)
    archive.unlink()


def _named(progress: Progress | None, name: str) -> Callable[[int, int | None], None] | None:
    return None if progress is None else lambda done, total: progress(name, done, total)


def _verify_mnist(directory: Path) -> list[Check]:
    checks = []
    for name in _mnist_files():
        try:
            payload = mnist.read_payload(directory / name, mnist.PAYLOAD_SHA256[name])
            shape = mnist.parse_idx(payload, 3 if "images" in name else 1, name).shape
            checks.append(Check("mnist", directory / name, True, " x ".join(map(str, shape))))
        except DataError as error:
            checks.append(Check("mnist", directory / name, False, str(error)))
    return checks


def _verify_fsdd(directory: Path) -> list[Check]:
    expected, names = set(fsdd.file_names()), {path.name for path in directory.glob("*.wav")}
    if names != expected:
        detail = (
            f"{len(expected - names)} recordings are missing, {len(names - expected)} do not belong there"
        )
    elif (digest := fsdd.recordings_sha256(directory)) != fsdd.RECORDINGS_SHA256:
        detail = f"sha256 of the recordings is {digest}, must be {fsdd.RECORDINGS_SHA256}"
    else:
        return [Check("fsdd", directory, True, f"{len(names)} recordings")]
    return [Check("fsdd", directory, False, detail)]


@dataclass(frozen=True)
class _Dataset:
    """How one data set is laid out below the root, fetched and checked."""

    folder: str
    files: Callable[[], Sequence[str]]
    fetch: Callable[[Path, Progress | None], None]
    verify: Callable[[Path], list[Check]]


DATASETS: dict[str, _Dataset] = {
    "mnist": _Dataset("mnist", _mnist_files, _fetch_mnist, _verify_mnist),
    "fsdd": _Dataset("fsdd/recordings", lambda: list(fsdd.file_names()), _fetch_fsdd, _verify_fsdd),
}


def _chosen(names: Sequence[str] | None) -> list[str]:
    datasets = list(DATASETS) if names is None else list(names)
    for name in datasets:
        if name not in DATASETS:
            raise UnknownNameError("data set", str(name), DATASETS)
    return datasets


def _locate(name: str) -> Location:
    root, source = data_root()
    path = root / DATASETS[name].folder
    return Location(name, source, path, all((path / file).is_file() for file in DATASETS[name].files()))


def where() -> list[Location]:
    """Where every published data set is, or would be put by :func:`fetch`."""
    return [_locate(name) for name in DATASETS]


def require(name: str) -> Path:
    """The folder of a data set that is complete.

    Raises
    ------
    DataError
        Not there; the message names the command that fetches it.
    """
    location = _locate(name)
    if not location.present:
        raise DataError(
            f"data set {name!r} is missing or incomplete in {location.path}: get it with "
            f"`spikingsampling data fetch {name}`, or set {VARIABLE} to a folder that has it"
        )
    return location.path


def fetch(names: Sequence[str] | None = None, progress: Progress | None = None) -> list[Location]:
    """Download the data sets that are not there yet (None: all), and check them.

    They go to the user's cache, or to the folder that SPIKINGSAMPLING_DATA names. An interrupted download
    goes on where it was cut off.

    Parameters
    ----------
    names : sequence of str, optional
        ``"mnist"``, ``"fsdd"``.
    progress : callable, optional
        Called with (file name, bytes so far, bytes in all or None).

    Raises
    ------
    UnknownNameError
        No such data set.
    DataError
        A download failed, or what is there is not intact.
    """
    locations = []
    for name in _chosen(names):
        location = _locate(name)
        if not location.present:
            DATASETS[name].fetch(location.path, progress)
        for check in DATASETS[name].verify(location.path):
            if not check.ok:
                raise DataError(f"{name}: {check.detail}; delete {check.path} and fetch it again")
        locations.append(_locate(name))
    return locations


def verify(names: Sequence[str] | None = None) -> list[Check]:
    """Check that data sets (None: all) are complete and have the right content.

    Raises
    ------
    UnknownNameError
        No such data set.
    """
    return [check for name in _chosen(names) for check in DATASETS[name].verify(_locate(name).path)]
