"""The association protocol through the real command line: its smoke preset, killed, interrupted and exported.

All runs share the shape of the smoke preset, so that one program is compiled.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.image import imread

from helpers import ROOT
from helpers.small_networks import chance
from spikingsampling import open_recording
from spikingsampling.cli import app as cli
from spikingsampling.engines.standalone import Program
from spikingsampling.errors import ParameterError
from spikingsampling.experiment.configuration import RunFile
from spikingsampling.experiment.metrics import COSTS
from spikingsampling.network.timing import Timing
from spikingsampling.protocols.association.association import PROTOCOL, Configuration
from spikingsampling.protocols.studies.association.configuration import make_network, make_task

PROGRAM = (sys.executable, "-m", "spikingsampling")
SCRIPT = (sys.executable, str(ROOT / "protocols" / "association" / "association.py"))
SMOKE = ("run", "association", "--preset", "smoke")
#: As short as the ranges allow.
SHORT = [
    part
    for setting in ("training=10 s", "final_test.settle=0 s", "final_test.measure=1 s")
    for part in ("--set", setting)
]
#: What differs between two runs that are otherwise alike.
MEASURED = set(COSTS)
ACCURACIES = ("joint.visual_accuracy", "audio_to_visual.accuracy", "visual_to_audio.accuracy")


def call(*command: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def metrics(directory: Path) -> dict[str, Any]:
    return json.loads((directory / "metrics.json").read_text())


def same_results(run: Path, other: Path) -> bool:
    """Whether two runs recorded the same bits and measured the same."""
    first, second = (
        {name: value for name, value in metrics(path).items() if name not in MEASURED}
        for path in (run, other)
    )
    return first == second and (run / "recording.h5").read_bytes() == (other / "recording.h5").read_bytes()


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A complete run of the smoke preset."""
    folder = tmp_path_factory.mktemp("association")
    done = call(*PROGRAM, *SMOKE, "--out", "run", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "results are in run" in done.stdout
    assert not done.stderr
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


# What a run leaves


def test_the_metrics_are_there_and_sane(finished: Path) -> None:
    found = metrics(finished)
    for name in ACCURACIES:
        low, high = found[name]["interval"]
        assert 0 <= low <= found[name]["value"] <= high <= 1
        assert found[name]["bounds"] == [0, 1]
        assert found[name]["n"] == 50  # 10 s of 200 ms each
        assert 2 <= found[name]["n_stimuli"] <= 50
    for name in ("audio_to_visual", "visual_to_audio"):
        assert -1 <= found[f"{name}.reconstruction_correlation"] <= 1
        assert 0 <= found[f"{name}.reconstruction_accuracy"] <= 1
    # 784 + 616 inputs onto 8 neurons each, and 64 lateral pairs in either direction.
    assert found["n_synapses"] == 784 * 8 + 616 * 8 + 2 * 64
    # Under the prior N(0.5, 1) a synapse is active with probability 0.6915; 20 s move only the θ of active inputs.
    assert found["active_fraction"] == pytest.approx(0.6915, abs=0.03)
    assert found["simulated_seconds"] == 20 + 4 * 10 + 2 * 2
    assert found["learning_curve"]["seconds"] == [20]
    assert found["learning_curve"]["joint.visual_accuracy"] == [found["joint.visual_accuracy"]]
    assert 0 <= found["build_seconds"] < found["wall_seconds"] < 600
    assert 50 < found["peak_memory_mib"] < 4000
    assert all(value is not None for value in found.values())


def test_the_recording_holds_the_run(finished: Path) -> None:
    with open_recording(finished) as recording:
        assert recording.populations == {"visual": 8, "auditory": 8}
        phases = [(s.label, s.learning, round(s.stop - s.start)) for s in recording.segments]
        assert phases == [
            ("train", "sampling", 10),
            ("train", "sampling", 10),
            ("test training", "off", 10),
            ("test joint", "off", 10),
            ("settle auditory", "off", 2),
            ("test auditory", "off", 10),
            ("settle visual", "off", 2),
            ("test visual", "off", 10),
        ]
        for population in ("visual", "auditory"):
            times, _ = recording.spikes(population)
            # Two circuits at 100 Hz for 64 s; a step of 1 ms holds at most one spike of a circuit.
            probability = 1 - np.exp(-0.1)
            expected, error = 128_000 * probability, np.sqrt(128_000 * probability * (1 - probability))
            assert abs(times.size - expected) < chance(2) * error + 0.05 * expected
        pre, post = recording.synapses("auditory_to_visual")
        assert len(pre) == len(post) == 64
        theta = recording.theta("visual_input_to_visual", time=slice(None))
        assert theta.shape[1] == 784 * 8
        assert np.any(theta[0] != theta[-1])  # it learns …
    at_end = [recording_theta(finished, time) for time in (20.0, 64.0)]
    np.testing.assert_array_equal(*at_end)  # … and not while it is tested


def recording_theta(run: Path, time: float) -> np.ndarray:
    with open_recording(run) as recording:
        return recording.theta("visual_input_to_visual", time=time)


def test_all_figures_are_drawn(finished: Path) -> None:
    figures = {path.stem: imread(path)[..., :3] for path in (finished / "figures").glob("*.png")}
    assert set(figures) == {
        "front_ends",
        "rasters",
        "learning_curve",
        "selectivity_curve",
        "receptive_fields_visual",
        "receptive_fields_auditory",
        "reconstructions_from_sound",
        "reconstructions_from_image",
        "theta",
        "lateral_auditory_to_visual",
        "lateral_visual_to_auditory",
    }
    for name, picture in figures.items():
        height, width, _ = picture.shape
        assert 300 < height < 2500, name
        assert 300 < width < 3500, name
        drawn = np.any(picture < 0.9, axis=-1)
        assert 0.01 < drawn.mean() < 0.95, name
        # Nothing reaches the edge of the page, where it would be cut.
        edges = np.concatenate([drawn[0], drawn[-1], drawn[:, 0], drawn[:, -1]])
        assert not edges.any(), name


def test_inspect_says_what_is_in_the_run(finished: Path, command: Any) -> None:
    code, out, _ = command("inspect", str(finished))
    assert code == 0
    for expected in ("complete", "visual_input_to_visual", "6272", "test auditory", 'front_end = "mel"'):
        assert expected in out


@pytest.mark.parametrize("preset", [*PROTOCOL.presets])
def test_the_configuration_file_gives_the_configuration_back(preset: str, tmp_path: Path) -> None:
    layer = {"stimulation": {"sound": "streamed"}, "network": {"circuit": {"prior": {"mean": 0.25}}}}
    for configuration in (PROTOCOL.configure(preset), PROTOCOL.configure(preset, layer)):
        path = tmp_path / "config.toml"
        RunFile("association", preset, configuration.to_mapping()).write(path, Configuration)
        assert RunFile.read(path).configure(Configuration) == configuration


def test_the_run_keeps_its_configuration(finished: Path) -> None:
    settings = RunFile.read(finished / "config.toml")
    assert settings.configure(Configuration) == PROTOCOL.configure("smoke")
    assert 'training = "20 s"' in (finished / "config.toml").read_text()


# Killed, interrupted, resumed


class Started:
    """A run in another process, watched through its log."""

    def __init__(self, command: tuple[str, ...], directory: Path, **environment: str) -> None:
        self.log = directory / "log.txt"
        self.before = self.segments()
        self.process = subprocess.Popen(
            command,
            cwd=directory.parent,
            env={**os.environ, **environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def segments(self) -> int:
        return self.log.read_text().count("speed") if self.log.exists() else 0

    def wait_for(self, segments: int) -> bool:
        """Wait until so many segments are done in this process; False if it ends before."""
        deadline = time.monotonic() + 300
        while self.segments() < self.before + segments:
            if self.process.poll() is not None:
                return False
            assert time.monotonic() < deadline
            time.sleep(0.005)
        return True

    def end(self) -> tuple[int, str]:
        _, err = self.process.communicate(timeout=300)
        return self.process.returncode, err


def kill_and_resume(folder: Path, reference: Path, kills: int, seed: int) -> None:
    """Kill a run at random moments, resume it each time and compare what comes of it."""
    rng = np.random.default_rng(seed)
    run = folder / "killed"
    done = 0
    while done < kills:
        shutil.rmtree(run, ignore_errors=True)
        command = (*PROGRAM, *SMOKE, "--no-figures", "--out", "killed")
        while not (run / "metrics.json").exists():
            started = Started(command, run)
            if done < kills and started.wait_for(int(rng.integers(0, 4))):
                time.sleep(rng.uniform(0, 0.6))
                started.process.kill()
            code, err = started.end()
            done += code == -signal.SIGKILL
            assert code in (0, -signal.SIGKILL), err
            if run.joinpath("config.toml").exists():
                command = (*PROGRAM, "run", "--resume", "killed", "--no-figures")
        assert same_results(run, reference)


def test_a_killed_run_goes_on_to_the_same_bits(finished: Path, tmp_path: Path) -> None:
    kill_and_resume(tmp_path, finished, kills=1, seed=1)


@pytest.mark.slow
def test_a_run_killed_at_20_moments_goes_on_to_the_same_bits(finished: Path, tmp_path: Path) -> None:
    kill_and_resume(tmp_path, finished, kills=20, seed=2)


def test_an_interrupted_script_says_how_to_go_on_and_does(finished: Path, tmp_path: Path) -> None:
    """``python protocols/association.py`` is the same as ``spikingsampling run association``."""
    run = tmp_path / "run"
    started = Started((*SCRIPT, "--preset", "smoke", "--no-figures", "--out", "run"), run)
    assert started.wait_for(1)
    started.process.send_signal(signal.SIGINT)
    code, err = started.end()
    assert code == 130
    assert err.endswith("interrupted; to continue: spikingsampling run --resume run\n")
    assert "Traceback" not in err
    assert not (run / "metrics.json").exists()
    assert 0 < started.segments() < 8
    done = call(*SCRIPT, "--resume", "run", "--no-figures", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert same_results(run, finished)
    assert not (run / "figures").exists()


def test_a_run_is_not_resumed_with_other_settings(finished: Path, command: Any) -> None:
    code, _, err = command(
        "run", "--resume", str(finished), "--set", "network.circuit.adaptation=-1", "--set", "tests=2"
    )
    assert code == 2
    stored = PROTOCOL.configure("smoke").network.circuit.adaptation
    assert f"network.circuit.adaptation: {stored} in the run, -1.0 requested" in err
    assert "tests: 1 in the run, 2 requested" in err


def test_a_finished_run_shows_its_metrics_again(finished: Path, command: Any) -> None:
    code, out, _ = command("run", "--resume", str(finished))
    assert code == 0
    assert "is finished" in out
    assert "audio_to_visual.accuracy" in out


# Other ways to run it


@pytest.mark.slow
def test_another_seed_gives_another_run(finished: Path, tmp_path: Path) -> None:
    done = call(*PROGRAM, *SMOKE, *SHORT, "--seed", "1", "--no-figures", "--out", "run", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    spikes = []
    for path in (finished, tmp_path / "run"):
        with open_recording(path) as recording:
            spikes.append(recording.spikes("visual", start=0, stop=10)[0])
            assert recording.attributes["seed"] == (0 if path == finished else 1)
    assert not np.array_equal(*spikes)


def bare(folder: Path) -> dict[str, str]:
    """The environment of a machine without compiler, where Brian2 takes NumPy; HOME hides its Cython modules."""
    return {"CC": "no-compiler", "CXX": "no-compiler", "HOME": str(folder)}


def test_without_a_compiler_the_message_names_the_other_engine(tmp_path: Path) -> None:
    refused = call(*PROGRAM, *SMOKE, "--out", "refused", cwd=tmp_path, **bare(tmp_path))
    assert refused.returncode == 2
    assert "no C++ compiler: 'no-compiler' was not found" in refused.stderr
    assert "--engine runtime" in refused.stderr


@pytest.mark.slow  # NumPy needs a second for each that it simulates
def test_without_a_compiler_the_runtime_engine_runs_and_resumes(tmp_path: Path) -> None:
    command = (*PROGRAM, *SMOKE, *SHORT, "--engine", "runtime", "--no-figures", "--out")
    done = call(*command, "whole", cwd=tmp_path, **bare(tmp_path))
    assert done.returncode == 0, done.stderr
    found = metrics(tmp_path / "whole")
    assert found["simulated_seconds"] == 14
    assert found["active_fraction"] == pytest.approx(0.6915, abs=0.03)
    with open_recording(tmp_path / "whole") as recording:
        assert recording.attributes["engine"] == "runtime"
    started = Started((*command, "killed"), tmp_path / "killed", **bare(tmp_path))
    assert started.wait_for(2)
    started.process.kill()
    assert started.end()[0] == -signal.SIGKILL
    done = call(*PROGRAM, "run", "--resume", "killed", "--no-figures", cwd=tmp_path, **bare(tmp_path))
    assert done.returncode == 0, done.stderr
    assert same_results(tmp_path / "killed", tmp_path / "whole")


# The C++ project


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("codegen")
    done = call(*PROGRAM, "codegen", "association", "--preset", "smoke", "--out", "project", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "cd project && make && sh run.sh" in done.stdout
    return folder / "project"


def check_program(project: Path) -> None:
    """Run the built project with two seeds: each gives 10 s of spikes of four circuits at 100 Hz."""
    files = json.loads((project / "manifest.json").read_text())
    spikes = []
    for seed in ("0", "1", "0"):
        done = call("sh", "run.sh", cwd=project, SPIKINGSAMPLING_SEED=seed)
        assert done.returncode == 0, done.stderr
        neurons = np.fromfile(project / "results" / files["spikes.i"], np.int32)
        times = np.fromfile(project / "results" / files["spikes.t"])
        assert len(neurons) == len(times)
        assert set(neurons) <= set(range(16))
        assert 0 <= times.min() <= times.max() < 10
        spikes.append(times)
        probability = 1 - np.exp(-0.1)
        expected, error = 40_000 * probability, np.sqrt(40_000 * probability * (1 - probability))
        assert abs(len(times) - expected) < chance(3) * error + 0.05 * expected
    assert not np.array_equal(spikes[0], spikes[1])
    np.testing.assert_array_equal(spikes[0], spikes[2])


def test_the_exported_project_is_the_program_that_runs_use(finished: Path, project: Path) -> None:
    configuration = PROTOCOL.configure("smoke")
    task = make_task(configuration)
    network = make_network(configuration, task)
    timing = Timing(frame_period=0.2, segment=10.0, delay=network.parameters.lateral_delay)
    program = Program.get(network, timing, len(task.stimuli.table(network)))
    sources = {path.relative_to(project) for path in project.rglob("*.cpp")}
    assert len(sources) > 10
    for path in sources:
        # Brian2 writes the clocks in the order of a set, which differs from process to process.
        exported, cached = (
            sorted((root / path).read_text().splitlines()) for root in (project, program.directory)
        )
        assert exported == cached, path
    shutil.copy(program.directory / "main", project / "main")
    check_program(project)


@pytest.mark.slow
def test_the_exported_project_builds_with_make(project: Path, tmp_path: Path) -> None:
    built = tmp_path / "moved"  # nothing in it depends on its place
    shutil.copytree(project, built)
    (built / "main").unlink(missing_ok=True)
    done = call("make", cwd=built)
    assert done.returncode == 0, done.stderr
    check_program(built)


def test_a_full_folder_is_not_overwritten(project: Path, command: Any) -> None:
    code, _, err = command("codegen", "association", "--preset", "smoke", "--out", str(project))
    assert code == 2
    assert "must be a new or empty directory" in err


# Wrong requests


def test_missing_real_data_name_the_command_that_fetches_them(
    command: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SPIKINGSAMPLING_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path))
    code, _, err = command(*SMOKE, "--data", "real")
    assert code == 2
    assert "spikingsampling data fetch" in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("digts=[1,2]", "did you mean 'digits'"),
        ("digits=[1]", "digits"),
        ("digits=[1,1]", "must be distinct whole numbers from 0 to 9"),
        ("digits=[1,12]", "must be distinct whole numbers from 0 to 9"),
        ("training=10 kg", "training"),
        ("training=-10 s", "must be at least 10 s"),
        ("training=nan s", "training"),
        ('speakers=["nobody"]', "unknown speaker 'nobody'"),
        ("stimulation.sound=loud", "Stimulation.sound = 'loud': input should be 'static' or 'streamed'"),
        ("network.n_circuits=0", "AssociationParameters.n_circuits = 0: must be at least 1"),
        ("network.circuit.b=1 /s", "must be at most 1e-3"),
        ("segment=10.1 s", "must be a whole multiple"),
        ("tests=11", "tests = 11: training of 20 s is too short for so many; at most 10"),
    ],
)
def test_wrong_settings_are_one_message(command: Any, setting: str, message: str) -> None:
    code, _, err = command(*SMOKE, "--set", setting)
    assert code == 2, err
    assert message in err
    assert "Traceback" not in err
    assert err.count("error:") == 1


def test_an_unknown_preset_proposes_the_nearest(command: Any) -> None:
    code, _, err = command("run", "association", "--preset", "smok")
    assert code == 2
    assert "did you mean 'smoke'" in err
    with pytest.raises(ParameterError):
        PROTOCOL.configure("smoke", {"digits": [3]})
