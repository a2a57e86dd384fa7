"""Runs of the protocols lesion and rewiring: what must hold of every one of them."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spikingsampling import cli
from spikingsampling.analysis.turnover.histories import read_parameters
from spikingsampling.experiment.metrics import COSTS, scalars
from spikingsampling.protocols.studies.lesion.recall import LATERAL
from spikingsampling.protocols.studies.lesion.schedule import CONDITIONS
from spikingsampling.recording.reading import open_recording

PROGRAM = (sys.executable, "-m", "spikingsampling", "run")


def run(protocol: str, out: Path, *options: str) -> dict[str, Any]:
    with pytest.raises(SystemExit) as left:
        cli.main(("run", protocol, "--preset", "smoke", "--out", str(out), *options))
    assert not left.value.code
    return metrics(out)


@pytest.fixture(scope="module")
def lesioned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("lesion") / "run"
    run("lesion", out)
    return out


def metrics(out: Path) -> dict[str, Any]:
    return json.loads((out / "metrics.json").read_text())


def test_the_lesion_run_has_the_metrics_that_it_promises(lesioned: Path) -> None:
    found = scalars(metrics(lesioned))
    for condition in CONDITIONS:
        for name in ("accuracy_before", "accuracy_after_lesion_1", "recovered_accuracy_1", "recovery_time_1"):
            assert 0 <= found[f"{condition}.{name}"] <= 20
        for name in ("accuracy_after_lesion_2", "recovered_accuracy_2", "recovery_time_2"):
            assert 0 <= found[f"{condition}.{name}"] <= 20
        assert found[f"{condition}.recovered_accuracy"] == found[f"{condition}.recovered_accuracy_2"]
    recall = metrics(lesioned)["recall"]
    assert recall["seconds"] == [-1, 0, 19, 20, 40]
    assert metrics(lesioned)["lesion_seconds"] == [0, 20]
    assert all(len(recall[name]) == 5 for name in CONDITIONS)
    assert (lesioned / "figures" / "recall.png").stat().st_size > 10_000


def test_conditions_start_from_the_same_state_and_see_the_same_stimuli(lesioned: Path) -> None:
    recordings = [open_recording(lesioned / name) for name in CONDITIONS]
    starts = {recording.attributes["start"] for recording in recordings}
    assert len(starts) == 1
    for recording in recordings[1:]:
        for source in recording.sources:
            for a, b in zip(recording.schedule(source), recordings[0].schedule(source), strict=True):
                np.testing.assert_array_equal(a, b)
    first = [json.loads(recording.events[0].detail) for recording in recordings]
    assert all(detail == first[0] for detail in first)
    # …and nothing but the rule tells them apart: spikes are the same until learning sets in
    stop = recordings[0].events[0].time + 10
    for a, b in itertools.combinations(recordings, 2):
        np.testing.assert_array_equal(a.spikes("visual", 0, stop)[0], b.spikes("visual", 0, stop)[0])
    ends = [recording.theta(LATERAL[0]) for recording in recordings]
    for a, b in itertools.combinations(ends, 2):
        assert not np.array_equal(a, b)


def test_the_conditions_learn_as_they_say(lesioned: Path) -> None:
    """θ of removed synapses moves by prior and noise only: not at all with neither, and smoothly without noise."""
    with open_recording(lesioned / "likelihood") as recording:
        gone = json.loads(recording.events[0].detail)["neurons"]
        _, post = recording.synapses("visual_input_to_visual")
        lost = np.isin(post, gone)
    moved = {}
    for name in CONDITIONS:
        _, theta = read_parameters([lesioned / name], "visual_input_to_visual")
        moved[name] = theta[-1, lost] - theta[0, lost]
    assert not moved["likelihood"].any()
    assert np.abs(moved["map"]).max() > 0
    b, seconds, temperature = 1e-4, 40.0, 1.0
    expected = np.sqrt(2 * b * seconds * temperature)
    n = lost.sum()
    # the standard deviation of a sample of n has a relative standard error of 1/√2n; the prior adds below 1 %
    slack = 0.01 + 4 / np.sqrt(2 * n)
    assert np.std(moved["sampling"] - moved["map"]) == pytest.approx(expected, rel=slack)
    assert np.std(moved["cool"] - moved["map"]) == pytest.approx(expected * np.sqrt(0.1), rel=slack)


def test_what_a_lesion_took_never_carries_weight_again(lesioned: Path) -> None:
    for name in CONDITIONS:
        with open_recording(lesioned / name) as recording:
            neurons, *synapses = recording.events
            gone = json.loads(neurons.detail)["neurons"]
            visual = recording.spikes("visual", neurons.time)[1]
            assert visual.size
            assert not np.isin(visual, gone).any()
            assert {json.loads(e.detail)["projection"] for e in synapses} == set(LATERAL)
            lesion = synapses[0].time
            for projection in LATERAL:
                pre, post = recording.synapses(projection)
                end = pre if projection.startswith("visual") else post
                before = recording.w(projection, lesion)
                after = recording.w(projection, slice(lesion + 1e-3, None))
                assert not after[:, before > 0].any()
                assert not after[:, np.isin(end, gone)].any()


@pytest.mark.slow
def test_a_lesion_run_killed_in_its_schedule_resumes_to_the_same_bits(lesioned: Path, tmp_path: Path) -> None:
    """Killed between the lesions, and in a later condition."""
    out = tmp_path / "run"
    command = (*PROGRAM, "lesion", "--preset", "smoke", "--out", str(out))
    for part, segments in (("sampling", 8), ("likelihood", 3)):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while process.poll() is None and len([*(out / part / "journal").glob("*.npz")]) < segments:
            time.sleep(0.02)
        process.kill()
        assert process.wait() == -signal.SIGKILL
        assert not (out / "metrics.json").exists()
        command = (*PROGRAM, "--resume", str(out))
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for part in ("training", *CONDITIONS):
        expected = (lesioned / part / "recording.h5").read_bytes()
        assert (out / part / "recording.h5").read_bytes() == expected
    first, second = ({k: v for k, v in metrics(path).items() if k not in COSTS} for path in (out, lesioned))
    assert first == second


def test_rewiring_shows_what_the_recording_holds(tmp_path: Path) -> None:
    found = run("rewiring", tmp_path / "run")
    names = {path.stem for path in (tmp_path / "run" / "figures").iterdir()}
    assert {"connections", "synapses", "trajectory", "parameters"} <= names
    _, w = read_parameters([tmp_path / "run"], LATERAL[0], "w")
    assert found["active_after_lesion_2"] == (w[-1] > 0).sum()
    assert found["new_after_lesion_2"] <= found["active_after_lesion_2"]
    assert 0 < found["pc_explained_2"] <= found["pc_explained_1"] <= 1
    assert 0 < found["lateral.parameters_2"] < found["lateral.parameters_1"]


def test_sham_lesions_change_nothing_until_they_would_come(tmp_path: Path, lesioned: Path) -> None:
    found = run("lesion", tmp_path / "sham", "--set", "lesion.sham=true", "--set", "lesion.fraction=0.75")
    real = metrics(lesioned)
    assert found["sampling.accuracy_before"] == real["sampling.accuracy_before"]
    assert found["removed_neurons"] == 6  # of 8
    with open_recording(tmp_path / "sham" / "sampling") as recording:
        assert not [event for event in recording.events if "lesion" in event.kind]


@pytest.mark.slow
@pytest.mark.parametrize("protocol", ["lesion", "rewiring"])
def test_real_data(protocol: str, tmp_path: Path) -> None:
    if "SPIKINGSAMPLING_DATA" not in os.environ:
        pytest.skip("SPIKINGSAMPLING_DATA names no folder of the published data")
    run(protocol, tmp_path / "run", "--data", "real")
