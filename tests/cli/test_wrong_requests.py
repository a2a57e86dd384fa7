"""A wrong request is one message that names what is wrong, and exit code 2."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "toi"], "unknown protocol 'toi'"),
        (["run"], "give a protocol, or a run to continue with --resume DIR"),
        (["run", "toy", "--preset", "smok"], "unknown preset of toy 'smok'; did you mean 'smoke'?"),
        (["run", "toy", "--set", "temperature=1"], "did you mean 'circuit.temperature'?"),
        (["run", "toy", "--set", "seed"], "--set 'seed': must be key=value"),
        (["run", "toy", "--set", "circuit.b=3 s"], "CircuitParameters.b = '3 s': unit 's' is wrong here"),
        (["run", "toy", "--set", "circuit.tau_fall=30"], "circuit.tau_fall = 30: a time needs a unit"),
        (["run", "toy", "--set", "circuit.b=1e-4"], "circuit.b = 0.0001: a frequency needs a unit"),
        (["codegen", "toy", "--out", "new", "--set", "circuit={tau_rise=1}"], "offers no C++ project"),
        (["run", "toy", "--figure-format", "jpg"], "unknown format of figures 'jpg'"),
        (["figures", "nowhere"], "nowhere is not a run directory"),
        (["figures", "busy", "--format", "pfd"], "did you mean 'pdf'?"),
        (["run", "toy", "--seed", "-1"], "Configuration.seed = -1: must be at least 0"),
        (["run", "toy", "--data", "reel"], "'embedded' or 'real'"),
        (["run", "toy", "--engine", "gpu"], "'standalone' or 'runtime'"),
        (["run", "toy", "--out", "file"], "--out file: is a file"),
        (["run", "toy", "--out", "busy"], "--out busy: is not empty"),
        (["run", "toy", "--out", "file/sub"], "Not a directory: file/sub"),
        (["run", "--resume", "nowhere"], "nowhere is not a run directory"),
        (["run", "--resume", "file"], "file is not a run directory"),
        (["codegen", "toy", "--out", "new"], "protocol 'toy' offers no C++ project"),
        (["codegen", "toi", "--out", "new"], "unknown protocol 'toi'"),
        (["list", "toi"], "unknown protocol 'toi'"),
    ],
)
def test_a_wrong_request_is_one_message_and_exit_code_2(
    command: Any, arguments: list[str], message: str
) -> None:
    Path("file").write_text("")
    Path("busy").mkdir()
    Path("busy/thing").write_text("")
    code, _, err = command(*arguments)
    assert code == 2
    assert err.startswith("error: ")
    assert message in err
    assert err.count("\n") == 1
    assert not Path("runs").exists()
    assert not Path("new").exists()


def test_debug_shows_the_traceback(command: Any) -> None:
    code, _, err = command("run", "toy", "--preset", "no", "--debug")
    assert code == 2
    assert "Traceback" in err
