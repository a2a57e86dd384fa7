"""The cache of programs after crashes, shared between users, and on folders that cannot be written."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from helpers.small.networks import TIMING, small_network
from spikingsampling.engines.programs import cache
from spikingsampling.engines.programs.program import Program
from spikingsampling.errors import CompilerError, EngineError


@pytest.fixture
def compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """A cache whose programs are made at once, without compiler; the list grows with each that is."""
    made: list[Path] = []

    def write(network: Any, timing: Any, n_frames: int, build: Path, **_: Any) -> dict[str, str]:
        (build / "static_arrays").mkdir(parents=True)
        (build / "static_arrays" / "indices").write_bytes(bytes(100))
        (build / "main.cpp").write_text("code")
        return {"spikes.i": "i"}

    def compile(build: Path, command: Any) -> None:
        made.append(build)
        (build / "main").write_bytes(b"program")

    monkeypatch.setenv("SPIKINGSAMPLING_CACHE", str(tmp_path))
    monkeypatch.setattr(cache, "write_project", write)
    monkeypatch.setattr(cache, "compile_project", compile)
    monkeypatch.setattr(cache, "check_program", lambda *_, **__: None)
    return made


def get() -> Program:
    return cache.get_program(small_network(), TIMING, 5)


def known(root: Path) -> Path:
    (entry,) = (path for path in (root / "programs" / "known").iterdir() if not path.suffix)
    return entry


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda content: b"",
    "cut": lambda content: content[: len(content) // 2],
    "zeros": lambda content: bytes(len(content)),
    "garbage": lambda content: b"\xff\x00{" + content[3:],
}


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("part", ["manifest.json", "main", "static_arrays/indices", "known"])
def test_what_a_crash_left_broken_is_made_again(
    part: str, damage: str, compiled: list[Path], tmp_path: Path
) -> None:
    program = get()
    broken = known(tmp_path) if part == "known" else program.directory / part
    sound = broken.read_bytes()
    for _ in range(2):
        broken.write_bytes(DAMAGE[damage](sound))
        if broken.read_bytes() == sound:
            continue  # zeros are zeros
        again = get()
        assert broken.read_bytes() == sound
        assert again == program
    assert len(compiled) <= 3
    assert get() == program and not list((tmp_path / "programs").glob("build-*"))


@pytest.mark.parametrize("part", ["manifest.json", "main", "static_arrays/indices", "known", ""])
def test_what_is_missing_is_made_again(part: str, compiled: list[Path], tmp_path: Path) -> None:
    program = get()
    if part:
        (known(tmp_path) if part == "known" else program.directory / part).unlink()
    else:
        program.directory.rename(tmp_path / "gone")
    assert get() == program
    assert (program.directory / "main").read_bytes() == b"program"


@pytest.mark.parametrize(
    "content", ["[]", "{}", '{"writes": 1, "needs": {}}', '{"needs": {"main": 1}}', "null"]
)
def test_a_manifest_of_another_form_is_no_program(content: str, compiled: list[Path]) -> None:
    program = get()
    (program.directory / "manifest.json").write_text(content)
    assert Program.load(program.directory) is None
    assert get() == program


def test_what_a_killed_process_was_building_is_cleared(compiled: list[Path], tmp_path: Path) -> None:
    get()
    entry = known(tmp_path)
    entry.unlink()
    left = tmp_path / "programs" / f"build-{entry.name}-killed"
    (left / "program" / "static_arrays").mkdir(parents=True)
    (left / "program" / "main").write_text("half")
    get()
    assert not left.exists()


def test_entries_have_the_mode_that_the_umask_leaves(compiled: list[Path], tmp_path: Path) -> None:
    """So that a cache can be shared; temporary files of Python are closed to others."""
    former = os.umask(0o002)
    try:
        program = get()
    finally:
        os.umask(former)
    for path in (known(tmp_path), program.directory / "manifest.json", program.directory / "main"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o664 == 0o664, path
    for path in (program.directory, tmp_path / "programs" / "known"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o775, path


@contextmanager
def unwritable(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No folder can be written, whoever runs the tests."""

    def refuse(self: Path, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    @contextmanager
    def no_lock(path: Path, **_: object) -> Iterator[None]:
        raise PermissionError(13, "Permission denied", str(path))
        yield

    with monkeypatch.context() as patch:
        for name in ("touch", "write_text", "write_bytes", "rename", "unlink"):
            patch.setattr(Path, name, refuse)
        patch.setattr(cache, "locked", no_lock)
        yield


def test_a_cache_that_cannot_be_written_serves_what_it_has(
    compiled: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    program = get()
    cache._checked.clear()
    for passed in program.directory.glob("checked-*"):
        passed.unlink()
    with unwritable(monkeypatch):
        assert get() == program


def test_a_cache_that_cannot_be_written_and_lacks_the_program_is_named(
    compiled: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with unwritable(monkeypatch), pytest.raises(CompilerError) as refused:
        get()
    message = str(refused.value)
    assert str(tmp_path / "programs") in message and "Permission denied" in message
    assert "SPIKINGSAMPLING_CACHE" in message
    monkeypatch.setenv("SPIKINGSAMPLING_CACHE", str(tmp_path / "file"))
    (tmp_path / "file").write_text("")
    with pytest.raises(CompilerError, match=r"Not a directory.*SPIKINGSAMPLING_CACHE"):
        get()


def test_a_program_is_checked_once_for_each_kind_of_machine(
    compiled: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    checks: list[Program] = []
    monkeypatch.setattr(cache, "check_program", lambda program, *_, **__: checks.append(program))
    get()
    cache._checked.clear()  # another process
    get()
    assert len(checks) == 1
    monkeypatch.setattr(cache, "processor", lambda: "another")
    get()
    get()
    assert len(checks) == 2


def test_a_program_that_fails_its_check_is_checked_again(
    compiled: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(*_: object, **__: object) -> None:
        raise EngineError("wrong results")

    monkeypatch.setattr(cache, "check_program", wrong)
    for _ in range(2):
        with pytest.raises(EngineError, match="wrong results"):
            get()
    assert len(compiled) == 1
