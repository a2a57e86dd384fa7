"""Locks between processes: files of their own that nothing replaces, renames or deletes.

A lock is held through the system (``flock``), which lets go when the process ends, however it ends. The file names
its holder while the lock is held and is empty otherwise; it stays where it is, since a file that is deleted while
others wait for it is no lock.

Some network file systems have no ``flock``. There the holder's name in the file is the lock. A holder of this machine
that has ended is recognised; whether one of another machine still lives cannot be known, and is not guessed.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

from .errors import InUse

__all__ = ["NO_FLOCK", "locked"]

#: What `flock` answers where a file system has no locks.
NO_FLOCK = {errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP}
#: How long the holder of the guard, which reads and writes one line, may take before it counts as dead (s).
_GUARD_PATIENCE = 5.0
#: How long a holder on another machine, whose end cannot be seen, is waited for (s).
_PATIENCE = 1800.0
_PAUSE = 0.05

#: Descriptors of the locks that this process holds. A forked child shares them, and would hold them beyond its
#: parent's end.
_held: set[int] = set()


def _let_go_in_child() -> None:
    for descriptor in _held:
        os.close(descriptor)
    _held.clear()


os.register_at_fork(after_in_child=_let_go_in_child)


@contextmanager
def locked(path: Path, *, wait: bool = False) -> Iterator[None]:
    """Hold a lock that one process at a time, and one thread of it, can hold.

    Parameters
    ----------
    path : Path
        The lock's own file, made if it is not there, in a folder that is. It must not be deleted or replaced.
    wait : bool
        Wait until the lock is free, instead of failing.

    Raises
    ------
    InUse
        Another holds it.
    OSError
        The file cannot be made or written.
    """
    owner, token = os.getpid(), os.urandom(8).hex()
    descriptor = -1
    try:
        while descriptor < 0 or not _is_in_place(descriptor, path):
            _close(descriptor)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
            _held.add(descriptor)
            _acquire(descriptor, path, wait, token)
        yield
    finally:
        if os.getpid() == owner:  # a forked child that unwinds holds nothing
            with suppress(OSError):  # the disk has failed: who reads the name sees that its process has ended
                if _read(descriptor).get("token") == token:
                    os.ftruncate(descriptor, 0)
            _close(descriptor)


def _close(descriptor: int) -> None:
    if descriptor >= 0:
        _held.discard(descriptor)
        os.close(descriptor)


def _is_in_place(descriptor: int, path: Path) -> bool:
    """Whether the file that is locked is the one that others would open: its folder may have been deleted."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    except FileNotFoundError:
        return False


def _acquire(descriptor: int, path: Path, wait: bool, token: str) -> None:
    """Make this process the holder, by ``flock`` where that is there."""
    system = True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        raise _in_use(path, _read(descriptor)) from None
    except OSError as error:
        if error.errno not in NO_FLOCK:
            raise
        system = False
        _warn(path, error)
    began = time.monotonic()
    while (holder := _claim(descriptor, path, system, token)) is not None:
        elsewhere = holder.get("place") != _place()
        if not wait or (elsewhere and time.monotonic() - began > _PATIENCE):
            raise _in_use(path, holder)
        time.sleep(_PAUSE)


def _claim(descriptor: int, path: Path, system: bool, token: str) -> dict[str, Any] | None:
    """Write this process into the file and return None, or the holder that is in the way."""
    with nullcontext() if system else _guarded(path):
        holder = _read(descriptor)
        # Two that have ``flock`` cannot meet here: what such a holder left, it left when it was killed.
        if holder and not (system and holder.get("system")) and not _has_ended(holder):
            return holder
        about = {"pid": os.getpid(), "host": os.uname().nodename, "place": _place(), "system": system}
        text = json.dumps(about | {"started": _started(os.getpid()), "token": token}).encode()
        os.ftruncate(descriptor, 0)
        try:
            if os.pwrite(descriptor, text, 0) < len(text):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        except OSError:
            os.ftruncate(descriptor, 0)
            if not system:  # with ``flock`` the name is for messages only
                raise
        return None


@contextmanager
def _guarded(path: Path) -> Iterator[None]:
    """Keep others out while the lock's file is read and written; made exclusively, as every file system can."""
    guard = path.with_name(path.name + ".guard")
    began = time.monotonic()
    while True:
        try:
            os.close(os.open(guard, os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666))
            break
        except FileExistsError:
            if time.monotonic() - began > _GUARD_PATIENCE:
                raise InUse(
                    f"{path.parent} cannot be locked: {guard.name} is left from a process that was killed; "
                    "if no process uses the directory, delete that file",
                    certain=False,
                ) from None
            time.sleep(_PAUSE)
    try:
        yield
    finally:
        os.unlink(guard)


def _in_use(path: Path, holder: dict[str, Any]) -> InUse:
    if not holder:
        return InUse(f"{path.parent} is in use: another process is working there")
    message = f"{path.parent} is in use: process {holder.get('pid')} of {holder.get('host')} is working there"
    certain = bool(holder.get("system")) or holder.get("place") == _place()
    if not certain:
        message += (
            f". Whether it still runs cannot be seen from {os.uname().nodename}, since this file system has no "
            f"locks; if it has ended, delete {path}"
        )
    return InUse(message, certain)


def _has_ended(holder: dict[str, Any]) -> bool:
    """Whether a holder is known to be gone, which is possible for one of this machine only."""
    pid = holder.get("pid")
    if holder.get("place") != _place() or not isinstance(pid, int):
        return False
    if holder.get("started"):
        return _started(pid) != holder["started"]
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:  # another user's
        return False
    return False


def _place() -> str:
    """This machine, and the space in it that process numbers belong to."""
    parts = [os.uname().nodename]
    try:
        parts.append(Path("/etc/machine-id").read_text(encoding="ascii").strip())
        parts.append(os.readlink("/proc/self/ns/pid"))
    except (OSError, ValueError):
        pass
    return " ".join(parts)


def _started(pid: int) -> str:
    """When a process of this machine started; empty if it has ended, or where the system does not say."""
    try:
        fields = (
            Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        )
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""
    return "" if fields[0] in "ZX" else f"{boot} {fields[19]}"


def _read(descriptor: int) -> dict[str, Any]:
    """The holder that the file names; empty if it names none."""
    text = os.pread(descriptor, 4096, 0)
    try:
        holder = json.loads(text) if text else {}
    except ValueError:
        return {}
    return holder if isinstance(holder, dict) else {}


def _warn(path: Path, error: OSError) -> None:
    global _warned
    if not _warned:
        _warned = True
        warnings.warn(
            f"{path.parent}: this file system has no locks ({error.strerror}); a file that names its process "
            "keeps others out instead",
            stacklevel=2,
        )


_warned = False
