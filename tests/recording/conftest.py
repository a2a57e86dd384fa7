"""One finished synthetic run for all tests of this folder, and its bytes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from helpers.runs.recording_samples import contents, simulate


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run; only to be read."""
    directory = tmp_path_factory.mktemp("finished") / "run"
    simulate(directory)
    return directory


@pytest.fixture(scope="session")
def reference(run: Path) -> dict[str, bytes]:
    """All files of an undisturbed run."""
    return contents(run)


@pytest.fixture
def copy(run: Path, tmp_path: Path) -> Path:
    """A copy of the recording, to be altered."""
    return Path(shutil.copy(run / "recording.h5", tmp_path / "copy.h5"))
