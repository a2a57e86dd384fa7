"""The C++ project of the association network."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from helpers.runs.association_runs import PROGRAM, call
from helpers.small.networks import chance
from spikingsampling.engines.programs.cache import get_program
from spikingsampling.network.timing import Timing
from spikingsampling.protocols.association.association import PROTOCOL
from spikingsampling.protocols.studies.association.configuration import make_network, make_task


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
    program = get_program(network, timing, len(task.stimuli.table(network)))
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
