"""The smoke preset of the association protocol, run once for all tests of a process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from helpers.runs.association_runs import PROGRAM, SMOKE, call
from spikingsampling import cli


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A complete run of the smoke preset."""
    folder = tmp_path_factory.mktemp("association")
    done = call(*PROGRAM, *SMOKE, "--out", "run", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "results are in run" in done.stdout
    # Where nothing is compiled yet, the run says that it compiles; else it says nothing.
    assert all(line.startswith("compiling the network") for line in done.stderr.splitlines())
    return folder / "run"


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """The command line inside this process, in an empty folder: (exit code, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            cli.main(arguments)
        shown = capsys.readouterr()
        return int(left.value.code or 0), shown.out, shown.err

    return run
