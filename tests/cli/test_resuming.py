"""Interrupted runs go on where they stopped, with their settings; a run that cannot begin leaves nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from helpers.runs.toy_runs import Configuration, fail, learn, metrics, protocol
from spikingsampling import __version__
from spikingsampling.errors import CompilerError, Interrupted
from spikingsampling.experiment.run import Run


def test_an_interrupted_run_continues_where_it_stopped(command: Any) -> None:
    Path("here").mkdir()
    stop = Path("here/break")

    def interrupted(run: Run[Configuration]) -> Mapping[str, Any]:
        stop.write_text("")
        return learn(run)

    code, _, err = command("run", "toy", "--seed", "3", "--out", "here", toy=protocol(interrupted))
    assert code == 130
    assert err == "interrupted; to continue: spikingsampling run --resume here\n"
    assert Path("here/state").read_text() == "2"
    stop.unlink()
    earlier = 1000.0
    Path("here/elapsed.json").write_text(json.dumps({"wall_seconds": earlier, "cpu_seconds": 500.0}))
    code, out, _ = command("run", "--resume", "here")
    assert code == 0
    assert metrics("here")["resumed"] is True
    assert metrics("here")["seed"] == 3
    assert earlier < metrics("here")["wall_seconds"] < earlier + 60
    assert 500 < metrics("here")["cpu_seconds"] < 560
    code, out, _ = command("run", "--resume", "here")
    assert code == 0
    assert "the run in here is finished" in out


def unfinished(command: Any, *arguments: str) -> None:
    command("run", "toy", "--out", "here", *arguments, toy=protocol(fail(Interrupted())))


def test_a_resumed_run_accepts_the_settings_it_has(command: Any) -> None:
    unfinished(command, "--preset", "smoke", "--seed", "7")
    same = ("--preset", "smoke", "--seed", "7", "--set", "circuit.tau_fall=20 ms", "--out", "here")
    assert command("run", "toy", "--resume", "here", *same)[0] == 0


def test_a_resumed_run_refuses_other_settings_and_lists_all(command: Any) -> None:
    unfinished(command)
    code, _, err = command(
        *("run", "--resume", "here", "--preset", "smoke", "--data", "real", "--set", "digits=[1]")
    )
    assert code == 2
    for difference in (
        "preset: 'quick' in the run, 'smoke' requested",
        "data: 'embedded' in the run, 'real' requested",
        "digits: [1, 2] in the run, [1] requested",
        "seed: 0 in the run, 5 requested",
        "circuit.temperature: 1.0 in the run, 0.5 requested",
    ):
        assert difference in err
    assert "tau_fall" not in err
    code, _, err = command("run", "toi", "--resume", "here")
    assert code == 2
    assert "protocol: 'toy' in the run, 'toi' requested" in err
    assert command("run", "--resume", "here", "--out", "there")[0] == 2
    assert command("run", "--resume", "here")[0] == 0


def test_a_resumed_run_refuses_another_version(command: Any) -> None:
    unfinished(command)
    path = Path("here/config.toml")
    path.write_text(path.read_text().replace(f'version = "{__version__}"', 'version = "9.9"'))
    code, _, err = command("run", "--resume", "here")
    assert code == 2
    assert "9.9" in err
    assert __version__ in err


def test_a_full_directory_says_how_to_continue_the_run_in_it(command: Any) -> None:
    unfinished(command)
    Path("here/recording.h5").touch()
    assert "continue it with --resume here" in command("run", "toy", "--out", "here")[2]


def test_a_run_that_stopped_before_it_simulated_anything_is_not_in_the_way(command: Any) -> None:
    unfinished(command)
    assert command("run", "toy", "--out", "here")[0] == 0


@pytest.mark.parametrize("before", [False, True])
def test_without_a_compiler_nothing_is_left_and_nothing_to_continue(
    before: bool, command: Any, tmp_path: Path
) -> None:
    def run(context: Any) -> None:
        raise CompilerError("no C++ compiler")

    if before:
        (tmp_path / "new").mkdir()
    code, _, err = command("run", "toy", "--out", "new", toy=protocol(run))
    assert code == 2
    assert err == "error: no C++ compiler\n"
    assert not (tmp_path / "new").exists()


def test_without_a_compiler_what_was_simulated_is_kept(command: Any, tmp_path: Path) -> None:
    def run(context: Any) -> None:
        (context.directory / "journal").write_text("results")
        raise CompilerError("no C++ compiler")

    code, _, err = command("run", "toy", "--out", "new", toy=protocol(run))
    assert code == 2
    assert err == "error: no C++ compiler; to continue: spikingsampling run --resume new\n"
    assert (tmp_path / "new" / "journal").read_text() == "results"
    again, _, _ = command("run", "--resume", "new", toy=protocol(run))
    assert again == 2 and (tmp_path / "new" / "journal").exists()
