"""The files of a segment lie in memory where there is room."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from spikingsampling.engines.scratch import memory_folder


def test_in_memory_where_there_is_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TMPDIR", raising=False)
    free = shutil.disk_usage(tmp_path).free
    assert memory_folder(free // 8, tmp_path) == tmp_path
    assert memory_folder(free // 2, tmp_path) is None
    assert memory_folder(1, tmp_path / "absent") is None


def test_the_folder_that_a_user_names_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert memory_folder(1, tmp_path) is None
