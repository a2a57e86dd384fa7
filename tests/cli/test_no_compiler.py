"""What a run leaves that cannot begin for want of a compiler."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from helpers.runs.toy_runs import protocol
from spikingsampling.errors import CompilerError


@pytest.mark.parametrize("before", [False, True])
def test_nothing_is_left_and_nothing_to_continue(before: bool, command: Any, tmp_path: Path) -> None:
    def run(context: Any) -> None:
        raise CompilerError("no C++ compiler")

    if before:
        (tmp_path / "new").mkdir()
    code, _, err = command("run", "toy", "--out", "new", toy=protocol(run))
    assert code == 2
    assert err == "error: no C++ compiler\n"
    assert not (tmp_path / "new").exists()


def test_what_was_simulated_is_kept(command: Any, tmp_path: Path) -> None:
    def run(context: Any) -> None:
        (context.directory / "journal").write_text("results")
        raise CompilerError("no C++ compiler")

    code, _, err = command("run", "toy", "--out", "new", toy=protocol(run))
    assert code == 2
    assert err == "error: no C++ compiler; to continue: spikingsampling run --resume new\n"
    assert (tmp_path / "new" / "journal").read_text() == "results"
    again, _, _ = command("run", "--resume", "new", toy=protocol(run))
    assert again == 2 and (tmp_path / "new" / "journal").exists()
