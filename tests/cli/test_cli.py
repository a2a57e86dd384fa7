"""The command line: what a run leaves, errors during it, codegen."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from helpers.runs.toy_runs import SEGMENTS, Configuration, fail, metrics, protocol, write_program
from spikingsampling import __version__, cli
from spikingsampling.errors import DataError
from spikingsampling.experiment.configuration import RunFile
from spikingsampling.network.parameters import CircuitParameters

full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")


def test_a_run_leaves_everything_in_its_directory(command: Any) -> None:
    code, out, _ = command("run", "toy", "--preset", "smoke", "--set", "circuit.temperature=0.1")
    directory = "runs/toy-smoke-seed5-001"
    assert code == 0
    assert f"results are in {directory}" in out
    assert re.search(r"accuracy +0\.95 +0\.93 to 0\.97 +600", out)
    found = metrics(directory)
    assert found["accuracy"] == {"value": 0.95, "n": 600, "interval": [0.93, 0.97]}
    assert found["nothing"] is None  # JSON has no NaN
    assert found["version"] == __version__
    assert 10 < found["peak_memory_mib"] < 100_000
    assert 0 < found["wall_seconds"] < 60
    settings = RunFile.read(Path(directory, "config.toml"))
    assert settings.configure(Configuration) == Configuration(
        seed=5, circuit=CircuitParameters(temperature=0.1)
    )
    log = Path(directory, "log.txt").read_text()
    assert len(re.findall(r"speed", log)) == SEGMENTS
    assert "learnt" in log
    assert sorted(path.name for path in Path(directory).iterdir()) == [
        ".lock",
        "config.toml",
        "elapsed.json",
        "log.txt",
        "metrics.json",
        "state",
    ]


def test_runs_are_numbered(command: Any) -> None:
    for number in (1, 2):
        assert f"runs/toy-quick-seed0-00{number}" in command("run", "toy")[1]


def test_shorthands_beat_the_preset_and_set_beats_shorthands(command: Any) -> None:
    arguments = ("run", "toy", "--preset", "smoke", "--data", "real", "--engine", "runtime", "--out")
    command(*arguments, "a", "--seed", "7")
    command(*arguments, "b", "--seed", "7", "--set", "seed=8", "--set", "digits=[0,1,2]")
    assert [metrics(name)["seed"] for name in "ab"] == [7, 8]
    assert metrics("b")["digits"] == 3
    settings = RunFile.read(Path("a/config.toml")).configuration
    assert (settings["data"], settings["engine"]) == ("real", "runtime")


def test_the_script_of_a_protocol_is_the_same_as_run(command: Any, capsys: Any) -> None:
    with pytest.raises(SystemExit) as left:
        cli.run_script(protocol(), ["--preset", "smoke", "--out", "here"])
    assert not left.value.code
    assert metrics("here")["seed"] == 5


def test_an_error_during_the_run_says_how_to_continue(command: Any) -> None:
    lost = OSError(28, "No space left on device", "recording.h5")
    code, _, err = command("run", "toy", "--out", "a b", toy=protocol(fail(lost)))
    assert code == 2
    assert err == (
        "error: No space left on device: recording.h5; to continue: spikingsampling run --resume 'a b'\n"
    )
    assert "recording.h5" in Path("a b/log.txt").read_text()
    assert command("run", "toy", "--out", "c", toy=protocol(fail(DataError("no data"))))[0] == 2


@full
@pytest.mark.parametrize("name", ["log.txt", "elapsed.json.tmp", "metrics.json.tmp"])
def test_a_full_disk_is_a_clear_error_and_the_run_can_be_resumed(command: Any, name: str) -> None:
    assert command("run", "toy", "--out", "here", toy=protocol(fail(DataError("no data"))))[0] == 2
    Path("here", name).unlink(missing_ok=True)
    Path("here", name).symlink_to("/dev/full")
    code, _, err = command("run", "--resume", "here")
    assert code == 2
    assert err.startswith("error: No space left on device")
    assert not Path("here/metrics.json").exists()
    Path("here", name).unlink(missing_ok=True)
    assert command("run", "--resume", "here")[0] == 0


def test_codegen_writes_a_project_and_says_how_to_run_it(command: Any) -> None:
    toy = protocol(codegen=write_program)
    code, out, _ = command("codegen", "toy", "--preset", "smoke", "--out", "a b", toy=toy)
    assert code == 0
    assert "cd 'a b' && make && SEED=3 ./main" in out
    assert Path("a b/main.cpp").read_text() == "// 5 standalone"
    assert "must be a new or empty directory" in command("codegen", "toy", "--out", "a b", toy=toy)[2]


def test_version_and_parameters_are_shown(command: Any) -> None:
    assert command("--version") == (0, f"spikingsampling {__version__}\n", "")
    out = command("list", "toy")[1]
    assert "circuit.tau_fall = '20 ms'  # decay time" in out
