"""``spikingsampling new protocol NAME``: the file runs as it is."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from spikingsampling import cli


def new(name: str) -> int:
    with pytest.raises(SystemExit) as left:
        cli.main(["new", "protocol", name])
    return int(left.value.code or 0)


def test_the_file_is_short_commented_and_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert new("growth") == 0
    text = (tmp_path / "growth.py").read_text()
    assert len(text.splitlines()) <= 45
    assert ast.get_docstring(ast.parse(text))
    command = [
        sys.executable,
        "-m",
        "spikingsampling",
        "run",
        "growth.py",
        "--preset",
        "smoke",
        "--out",
        "run",
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert metrics["growth"] == {"minute": [1], "synapses": [metrics["active"]]}
    assert [path.name for path in (tmp_path / "run" / "figures").iterdir()] == ["active.png"]


def test_nothing_is_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text("kept")
    assert new("mine") == 2
    assert "NAME = 'mine': mine.py exists; must be a new file" in capsys.readouterr().err
    assert (tmp_path / "mine.py").read_text() == "kept"


@pytest.mark.parametrize("name", ["2nd", "My", "a-b", "../a b", ""])
def test_a_name_is_that_of_a_module(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert new(name) == 2
    assert "must be lower-case letters, digits and _, a letter first" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
