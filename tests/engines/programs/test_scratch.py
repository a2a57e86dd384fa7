"""The files of a segment lie in memory where there is room, and messages name the place that is used."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from pathlib import Path

import pytest

from helpers.small.networks import FAST, begin, engine_of, shown, small_network
from spikingsampling.engines.programs import scratch
from spikingsampling.engines.programs.scratch import Scratch, memory_folder
from spikingsampling.errors import EngineError
from spikingsampling.locks import NO_FLOCK


@pytest.fixture
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in the place of the file system in memory; TMPDIR is not set."""
    monkeypatch.delenv("TMPDIR", raising=False)
    monkeypatch.setattr(scratch, "MEMORY", tmp_path)
    return tmp_path


def test_in_memory_where_there_is_room(memory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free = shutil.disk_usage(memory).free
    assert memory_folder(free // 8) == memory
    assert memory_folder(free // 2) is None
    monkeypatch.setattr(scratch, "MEMORY", memory / "absent")
    assert memory_folder(1) is None


def test_the_folder_that_a_user_names_is_used(memory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(memory))
    assert memory_folder(1) is None


def test_a_segment_leaves_nothing_in_memory(memory: Path) -> None:
    engine = engine_of("standalone", small_network(FAST))
    assert [path.name for path in memory.glob("spikingsampling-*/*")] == ["frames"]
    assert len(engine.advance(begin(small_network(FAST)), shown(1.0), "sampling", 1).times)
    assert [path.name for path in memory.glob("spikingsampling-*/*")] == ["frames"]
    engine.close()
    assert not list(memory.iterdir())


@pytest.mark.parametrize("code", sorted(NO_FLOCK))
def test_without_locks_in_memory_the_folder_lies_elsewhere(
    code: int, memory: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Nobody could tell there whether it is still in use."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    monkeypatch.setattr(tempfile, "tempdir", str(elsewhere))

    def flock(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(scratch.fcntl, "flock", flock)
    with Scratch(1) as folder:
        assert folder.parent == elsewhere
        assert not list(memory.iterdir())
    assert not list(elsewhere.iterdir())


def test_what_a_killed_process_left_in_memory_is_removed(memory: Path) -> None:
    scratch._clear_out.cache_clear()
    living = Scratch(1)
    for name in ("killed", "new"):
        (memory / f"spikingsampling-{name}").mkdir()
        (memory / f"spikingsampling-{name}" / "theta").write_bytes(bytes(8))
    (memory / "of-another-program").mkdir()
    for name in ("spikingsampling-killed", "of-another-program", living.path.name):
        os.utime(memory / name, (1e9, 1e9))
    scratch._clear_out.cache_clear()
    with Scratch(1) as folder:
        left = {path.name for path in memory.iterdir()}
        assert left == {"spikingsampling-new", "of-another-program", living.path.name, folder.name}
    living.close()
    assert not living.path.exists()


def full(path: Path) -> str:
    return scratch.cannot_write(path, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))


def test_messages_name_the_place_that_is_used(memory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Scratch(1) as folder:
        assert folder.parent == memory
        assert f"no space left in {memory}, where 'x' was" in full(folder / "x")
    with Scratch() as folder:
        assert f"no space left in TMPDIR = {tempfile.gettempdir()}, where 'x' was" in full(folder / "x")
    assert "no space left in /home/me/project/inputs, " in full(Path("/home/me/project/inputs/x"))
    monkeypatch.setenv("TMPDIR", str(memory))
    monkeypatch.setattr(tempfile, "tempdir", str(memory))
    assert f"no space left in TMPDIR = {memory}, " in full(memory / "spikingsampling-1" / "x")


def test_a_folder_that_cannot_be_made_is_named(memory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(tempfile, "mkdtemp", refuse)
    with pytest.raises(EngineError, match=f"no space left in {memory}, "):
        Scratch(1)
    with pytest.raises(EngineError, match=f"no space left in TMPDIR = {tempfile.gettempdir()}, "):
        Scratch()
