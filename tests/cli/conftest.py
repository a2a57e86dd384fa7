"""The command line, called inside the process of the tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from helpers.runs.toy_runs import Configuration, protocol
from spikingsampling import cli
from spikingsampling.experiment.protocol import Protocol


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run the command line in an empty folder: (exit code, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")

    def call(*arguments: str, toy: Protocol[Configuration] | None = None) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            cli.main(arguments, protocols={"toy": toy or protocol()})
        shown = capsys.readouterr()
        assert "Traceback" not in shown.err or "--debug" in arguments
        return int(left.value.code or 0), shown.out, shown.err

    return call
