"""Downloads that go on where they were cut off, and safe unpacking of archives."""

from __future__ import annotations

import os
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pooch
import requests

from spikingsampling.errors import DataError

__all__ = ["ResumableDownloader", "download", "extract"]


class ResumableDownloader:
    """A downloader for pooch that continues an interrupted download with an HTTP Range request.

    What has arrived is kept in ``<cache>/<name>.part`` until it is complete, also when the program ends.

    Parameters
    ----------
    part : Path
        The file that keeps what has arrived.
    attempts : int
        Connections tried in one call.
    timeout : float
        Seconds without data after which a connection counts as lost.
    progress : callable, optional
        Called with (bytes so far, bytes in all or None).
    """

    def __init__(
        self,
        part: Path,
        attempts: int = 5,
        timeout: float = 30.0,
        progress: Callable[[int, int | None], None] | None = None,
    ) -> None:
        self.part, self.attempts, self.timeout, self.progress = part, attempts, timeout, progress

    def __call__(self, url: str, output_file: str | Path, pooch: object) -> None:
        """Download ``url`` to ``output_file``; the signature is the one that pooch asks for."""
        for _ in range(self.attempts):
            try:
                if self._receive(url):
                    os.replace(self.part, output_file)
                    return
                problem = "the connection was closed early"
            except requests.HTTPError:
                raise
            except requests.RequestException as error:
                problem = str(error)
        raise requests.ConnectionError(f"{problem} ({self.attempts} attempts, {self._size()} bytes kept)")

    def _size(self) -> int:
        return self.part.stat().st_size if self.part.exists() else 0

    def _receive(self, url: str) -> bool:
        """Append what the server sends; True if the file is complete."""
        have = self._size()
        # Byte counts refer to the file as stored, so no transfer encoding may change them.
        headers = {"Accept-Encoding": "identity"}
        if have:
            headers["Range"] = f"bytes={have}-"
        with requests.get(url, headers=headers, stream=True, timeout=self.timeout) as response:
            if response.status_code == requests.codes.requested_range_not_satisfiable:
                # Nothing is left to send, or the file has changed; the checksum decides.
                total = response.headers.get("Content-Range", "").rpartition("/")[2]
                if total == str(have):
                    return True
                self.part.unlink()
                return False
            response.raise_for_status()
            resumed = response.status_code == requests.codes.partial_content
            length = response.headers.get("Content-Length")
            start = have if resumed else 0
            total = start + int(length) if length is not None else None
            # urllib3 would throw away the last incomplete chunk of a closed connection.
            response.raw.enforce_content_length = False
            with self.part.open("ab" if resumed else "wb") as file:
                for chunk in response.iter_content(1 << 16):
                    file.write(chunk)
                    if self.progress is not None:
                        self.progress(file.tell(), total)
        return total is None or self._size() == total


def download(
    urls: tuple[str, ...],
    path: Path,
    sha256: str,
    progress: Callable[[int, int | None], None] | None = None,
    timeout: float = 30.0,
) -> Path:
    """Download a file from the first of several addresses that works, and check it.

    Parameters
    ----------
    urls : tuple of str
        Addresses of the same file.
    path : Path
        Where to put it.
    sha256 : str
        Checksum of the file.
    progress : callable, optional
        Called with (bytes so far, bytes in all or None).
    timeout : float
        Seconds without data after which a connection counts as lost.

    Raises
    ------
    DataError
        No address works, the checksum differs, or the file cannot be written; says why.
    """
    problems = []
    for url in urls:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            downloader = ResumableDownloader(
                path.with_name(path.name + ".part"), timeout=timeout, progress=progress
            )
            pooch.retrieve(
                url, known_hash=f"sha256:{sha256}", fname=path.name, path=path.parent, downloader=downloader
            )
            return path
        except (requests.RequestException, ValueError) as error:  # pooch: ValueError for a wrong checksum
            problems.append(f"{url}: {error}")
        except OSError as error:
            raise DataError(f"cannot write {path}: {error}") from None
    raise DataError(
        f"cannot download {path.name} ({'; '.join(problems)}); run the command again to continue, or set "
        "SPIKINGSAMPLING_DATA to a local copy"
    )


def _check_member(member: tarfile.TarInfo, archive: Path) -> None:
    parts = PurePosixPath(member.name.replace("\\", "/")).parts
    if ".." in parts or member.name.startswith(("/", "\\")) or (parts and ":" in parts[0]):
        raise DataError(f"{archive}: refused, member {member.name!r} lies outside the target")
    if not (member.isfile() or member.isdir()):
        raise DataError(f"{archive}: refused, member {member.name!r} is a link or device")


def extract(archive: Path, folder: str, target: Path) -> None:
    """Put the files of one folder of a tar archive into ``target``.

    Parameters
    ----------
    archive : Path
    folder : str
        Name of a folder at any depth; its direct files are extracted.
    target : Path
        Files of the same name are replaced, others stay.

    Raises
    ------
    DataError
        Not a tar archive, truncated, without that folder, or with any member that is a link, a device or lies
        outside the target; then nothing is extracted.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with (
            tarfile.open(archive) as tar,
            tempfile.TemporaryDirectory(dir=target.parent, prefix=".unpack-") as scratch,
        ):
            members = tar.getmembers()
            for member in members:
                _check_member(member, archive)
            unpacked = Path(scratch) / "files"
            unpacked.mkdir()
            for member in members:
                if member.isfile() and PurePosixPath(member.name).parent.name == folder:
                    flat = member.replace(name=PurePosixPath(member.name).name)
                    tar.extract(flat, unpacked, filter="data")
            if not any(unpacked.iterdir()):
                raise DataError(f"{archive}: has no folder {folder!r}")
            target.mkdir(exist_ok=True)
            for file in unpacked.iterdir():
                os.replace(file, target / file.name)
    except (tarfile.TarError, EOFError, OSError) as error:
        raise DataError(f"{archive}: cannot be unpacked to {target} ({error})") from None
