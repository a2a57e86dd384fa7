"""The command line: messages, exit codes, run directories, interruption and resuming."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from spikingsampling import __version__
from spikingsampling.cli import app as cli
from spikingsampling.errors import DataError, Interrupted
from spikingsampling.experiment.configuration import ProtocolConfiguration, RunFile
from spikingsampling.experiment.protocol import Protocol
from spikingsampling.experiment.run import Run
from spikingsampling.network.parameters import CircuitParameters

SEGMENTS = 4
full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")


class Configuration(ProtocolConfiguration):
    circuit: CircuitParameters = CircuitParameters()
    digits: tuple[int, ...] = (1, 2)


def learn(run: Run[Configuration]) -> Mapping[str, Any]:
    """Count segments in a file, as a simulation keeps its state in a checkpoint."""
    state = run.directory / "state"
    done = int(state.read_text()) if run.resuming and state.exists() else 0
    run.progress.start(SEGMENTS, "train", done)
    for segment in range(done, SEGMENTS):
        if (run.directory / "break").exists() and segment == 2:
            raise Interrupted
        state.write_text(str(segment + 1))
        run.progress.advance(1.0, active_synapses=segment, label="train")
    run.log.info("learnt")
    return {
        "digits": len(run.configuration.digits),
        "seed": run.configuration.seed,
        "accuracy": {"value": np.float64(0.95), "n": np.int64(600), "interval": np.array([0.93, 0.97])},
        "nothing": float("nan"),
        "resumed": run.resuming,
    }


def fail(error: Exception) -> Any:
    def run(context: Run[Configuration]) -> Mapping[str, Any]:
        raise error

    return run


def write_program(configuration: Configuration, directory: Path) -> str:
    (directory / "main.cpp").write_text(f"// {configuration.seed} {configuration.engine}")
    return "SEED=3 ./main"


def protocol(run: Any = learn, **changes: Any) -> Protocol[Configuration]:
    presets = {"quick": {}, "smoke": {"seed": 5, "circuit": {"temperature": 0.5}}}
    return Protocol(Configuration, presets, run, name="toy", **changes)


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


def metrics(directory: str) -> dict[str, Any]:
    return json.loads(Path(directory, "metrics.json").read_text())


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


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "toi"], "unknown protocol 'toi'"),
        (["run"], "give a protocol, or a run to continue with --resume DIR"),
        (["run", "toy", "--preset", "smok"], "unknown preset of toy 'smok'; did you mean 'smoke'?"),
        (["run", "toy", "--set", "temperature=1"], "did you mean 'circuit.temperature'?"),
        (["run", "toy", "--set", "seed"], "--set 'seed': must be key=value"),
        (["run", "toy", "--set", "circuit.b=3 s"], "CircuitParameters.b = '3 s': unit 's' is wrong here"),
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
    same = ("--preset", "smoke", "--seed", "7", "--set", "circuit.tau_fall=0.02", "--out", "here")
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


def test_list_names_protocols_and_presets_and_starts_without_brian2() -> None:
    code = (
        "import sys; from spikingsampling import cli\n"
        "try: cli.main(['list'])\n"
        "except SystemExit as left: assert not left.code\n"
        "assert not {'brian2', 'matplotlib', 'librosa', 'h5py', 'sklearn'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_inspect_prints_the_summary_of_a_recording(command: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    class Recording:
        def __enter__(self) -> Recording:
            return self

        def __exit__(self, *problem: object) -> None:
            pass

        def summary(self) -> str:
            return "two populations"

    reading = ModuleType("spikingsampling.recording.reading")
    reading.open_recording = lambda path: Recording()
    monkeypatch.setitem(sys.modules, "spikingsampling.recording.reading", reading)
    assert command("inspect", "here") == (0, "two populations\n", "")


class Entry:
    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)


@pytest.mark.parametrize("ok", [True, False])
def test_data_commands_show_what_the_registry_says(
    command: Any, monkeypatch: pytest.MonkeyPatch, ok: bool
) -> None:
    asked = []
    registry = ModuleType("spikingsampling.data.registry")
    registry.where = lambda: [Entry(dataset="mnist", source="cache", path="/m", present=ok)]
    registry.verify = lambda names: asked.append(names) or [Entry(path="/m", ok=ok, detail="sha256")]
    registry.fetch = lambda names, show: (
        asked.append(names) or show("f", 1, 2) or [Entry(dataset="mnist", path="/m")]
    )
    monkeypatch.setitem(sys.modules, "spikingsampling.data.registry", registry)
    state = "present" if ok else "missing"
    assert command("data", "where") == (0, f"mnist: {state}, /m (the user's cache)\n", "")
    code, out, _ = command("data", "verify", "mnist")
    assert (code, out) == (0 if ok else 2, f"{'ok' if ok else 'NOT OK'}  /m: sha256\n")
    assert command("data", "fetch")[:2] == (0, "mnist: /m\n")
    assert asked == [["mnist"], None]
