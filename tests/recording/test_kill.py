"""SIGKILL at random moments of a simulation with lesions, then resume: the recording is always the same, bit for bit.

Run as a script (``test_kill.py ENGINE KILLS DIRECTORY``) it does this in children of its own.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from helpers import TESTS

N_CALLS = 4


@pytest.mark.parametrize(
    ("engine", "kills"),
    [
        ("standalone", 14),
        ("runtime", 6),
        pytest.param("standalone", 300, marks=pytest.mark.slow),
        pytest.param("runtime", 100, marks=pytest.mark.slow),
    ],
)
def test_a_simulation_that_is_killed_and_resumed_gives_the_same_bytes(
    engine: str, kills: int, tmp_path: Path
) -> None:
    command = [sys.executable, __file__, engine, str(kills), str(tmp_path / "runs")]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "TMPDIR": str(tmp_path), "PYTHONPATH": str(TESTS)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= kills


def simulate(engine: str, directory: Path) -> None:
    """Begin a run with lesions, or go on with it, to its end."""
    from helpers.small.networks import ENGINES, PARAMETERS, small_network, small_stimuli
    from spikingsampling.network.lesions import NeuronLesion, SynapseLesion
    from spikingsampling.simulation.simulation import Simulation

    items = np.random.default_rng(3).integers(-1, 4, (N_CALLS, 2, 5))
    options = {"standalone": {"segment": 20.0}, "runtime": {"segment": 1.0, "dt": 5e-3}}[engine]
    with Simulation(
        small_network(PARAMETERS.replace(b=1e-3, rho_net="20 Hz")),
        small_stimuli(),
        seed=11,
        engine=engine,
        directory=directory,
        # The directory can exist without a checkpoint: killed before the first segment was safe.
        resuming=directory.exists(),
        **options,
        **ENGINES[engine],
    ) as simulation:
        lesions = {1: NeuronLesion("left", [2]), 2: SynapseLesion("left_to_right", active_only=True)}
        for number, (image, sound) in enumerate(items):
            if number in lesions:
                simulation.lesion(lesions[number])
            simulation.present({"image": image, "sound": sound}, learning="sampling", name="train")


def main(engine: str, kills_wanted: int, directory: Path) -> None:
    import shutil
    import signal
    import time

    import spikingsampling.simulation  # noqa: F401  so that the children need not import it
    from helpers.runs.crash_runs import fork, wait
    from helpers.runs.recording_samples import contents

    if engine == "runtime":
        import brian2  # noqa: F401
    directory.mkdir()
    whole, run = directory / "whole", directory / "run"
    assert not wait(fork(simulate, engine, whole))  # compiles where nothing is compiled yet
    began = time.monotonic()
    assert not wait(fork(simulate, engine, run))
    duration = time.monotonic() - began
    reference = contents(whole)
    assert contents(run) == reference
    rng, kills = np.random.default_rng(4), 0
    while kills < kills_wanted:
        shutil.rmtree(run)
        killed, attempts = True, 0
        while killed:
            child = fork(simulate, engine, run)
            if attempts < 8:  # then leave it alone, so that each run comes to its end
                time.sleep(rng.uniform(0.1, 1) * duration)
                os.kill(child, signal.SIGKILL)
            killed, attempts = wait(child), attempts + 1
            kills += killed
        assert contents(run) == reference, f"differs after {attempts} attempts"
    print(kills)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
