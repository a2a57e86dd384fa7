"""The association protocol killed, interrupted and resumed.

All runs share the shape of the smoke preset, so that one program is compiled.
"""

from __future__ import annotations

import shutil
import signal
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from helpers import ROOT
from helpers.runs.association_runs import PROGRAM, SHORT, SMOKE, Started, call, metrics, same_results
from spikingsampling import open_recording
from spikingsampling.protocols.association.association import PROTOCOL

SCRIPT = (sys.executable, str(ROOT / "protocols" / "association" / "association.py"))


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
    done = call(*PROGRAM, *SMOKE, "--seed", "1", "--no-figures", "--out", "run", cwd=tmp_path)
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
    assert "--resume" not in refused.stderr
    assert not (tmp_path / "refused").exists()


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
