"""Two runs in one directory: the second is refused before it writes anything, and the first does not notice."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from helpers.runs.recording_samples import contents
from helpers.runs.toy_runs import learn, protocol
from spikingsampling.experiment.run import Run
from spikingsampling.experiment.run_files import LOCK
from spikingsampling.locks import locked

REFUSED = "error: here is in use: process"
SCRIPT = """
import time
from spikingsampling.cli import run_script
from spikingsampling.experiment.configuration import ProtocolConfiguration
from spikingsampling.experiment.protocol import Protocol

def run(context):
    time.sleep(1.0)
    return {"seed_of_run": context.configuration.seed}

PROTOCOL = Protocol(ProtocolConfiguration, {"quick": {}}, run)
if __name__ == "__main__":
    run_script(PROTOCOL)
"""


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    (folder / "toy.py").write_text(SCRIPT)
    pipes = dict.fromkeys(("stdout", "stderr"), subprocess.PIPE)
    return subprocess.Popen([sys.executable, "toy.py", *arguments], cwd=folder, text=True, **pipes)


def test_a_second_run_is_refused_while_the_first_runs(command: Any, tmp_path: Path) -> None:
    """A protocol without simulation, whose directory nothing else protects."""
    seen = []

    def second(run: Run[Any]) -> Any:
        before = contents(tmp_path)
        for arguments in (["--out", "here", "--seed", "2"], ["--resume", "here"]):
            process = start(tmp_path, *arguments)
            _, err = process.communicate(timeout=60)
            (tmp_path / "toy.py").unlink()
            seen.append(
                (process.returncode, err.startswith(REFUSED), err.count("\n"), contents(tmp_path) == before)
            )
        return learn(run)

    code, _, err = command("run", "toy", "--out", "here", "--seed", "1", toy=protocol(second))
    assert code == 0, err
    assert seen == [(2, True, 1, True)] * 2
    assert tomllib.loads((tmp_path / "here/config.toml").read_text())["configuration"]["seed"] == 1
    assert json.loads((tmp_path / "here/metrics.json").read_text())["seed"] == 1


def test_of_several_that_begin_at_the_same_moment_one_runs(tmp_path: Path) -> None:
    processes = [start(tmp_path, "--out", "here", "--seed", str(seed)) for seed in range(4)]
    errors = [process.communicate(timeout=120)[1] for process in processes]
    codes = [process.returncode for process in processes]
    assert sorted(codes) == [0, 2, 2, 2], errors
    seed = codes.index(0)
    assert tomllib.loads((tmp_path / "here/config.toml").read_text())["configuration"]["seed"] == seed
    assert json.loads((tmp_path / "here/metrics.json").read_text())["seed_of_run"] == seed
    assert (tmp_path / "here/log.txt").read_text().count("started") == 1
    assert all("here is in use" in error or "here: is not empty" in error for error in errors if error)


def test_a_directory_that_is_being_made_is_in_use(command: Any, tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    with locked(tmp_path / "here" / LOCK):
        code, _, err = command("run", "toy", "--out", "here")
        assert (code, err.startswith(REFUSED)) == (2, True)
        assert contents(tmp_path) == {}
    assert command("run", "toy", "--out", "here")[0] == 0


def test_a_directory_of_something_else_is_left_as_it_is(command: Any, tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "thesis.tex").write_text("")
    for arguments in (["--out", "here"], ["--resume", "here"], ["--resume", "nowhere"]):
        assert command("run", "toy", *arguments)[0] == 2
    assert [path.name for path in tmp_path.rglob("*")] == ["here", "thesis.tex"]


def test_a_finished_run_in_a_directory_that_cannot_be_written_is_shown(command: Any, tmp_path: Path) -> None:
    assert command("run", "toy", "--out", "here")[0] == 0
    (tmp_path / "here" / LOCK).unlink()
    code, out, _ = command("run", "--resume", "here")
    assert (code, "is finished" in out) == (0, True)
    assert not (tmp_path / "here" / LOCK).exists()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("metrics.json", b'{"accuracy": {"val', "the metrics are damaged"),
        ("metrics.json", b"[]", "the metrics are damaged"),
        ("metrics.json", b"\xff", "the metrics are damaged"),
        ("metrics.json", b"[" * 100_000, "the metrics are damaged"),
        ("elapsed.json", b'{"wall_sec', "the time that the run has taken is damaged"),
        ("elapsed.json", b'{"wall_seconds": "1"}', "the time that the run has taken is damaged"),
        ("elapsed.json", b'{"wall_seconds": NaN}', "the time that the run has taken is damaged"),
        ("config.toml", b"a = [" + b"[" * 100_000, "config.toml is damaged"),
        ("config.toml", b"a = 1" + b"0" * 5_000, "config.toml is damaged"),
        ("config.toml", b"protocol = 'toy", "config.toml is damaged"),
    ],
)
def test_damaged_files_of_a_run_are_named(
    command: Any, tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    assert command("run", "toy", "--out", "here")[0] == 0
    if name != "metrics.json":
        (tmp_path / "here" / "metrics.json").unlink()
    (tmp_path / "here" / name).write_bytes(content)
    code, _, err = command("run", "--resume", "here")
    assert code == 2
    assert message in err
    assert "here" in err
    if name != "config.toml":  # the advice helps
        (tmp_path / "here" / name).unlink()
        assert f"delete {Path('here') / name}" in err
        assert command("run", "--resume", "here")[0] == 0
