"""Brian2 objects of the caller's own, advanced by a compiled program segment by segment."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from spikingsampling.engines.build import BrianObjects
from spikingsampling.engines.isolation import b2
from spikingsampling.engines.segments import Segments
from spikingsampling.errors import EngineError

TAU = 0.05
START = {"cells.v": np.array([1.0, 2.0, 4.0]), "cells.drive": np.zeros(3), "cells.noise": np.zeros(3)}


def objects() -> BrianObjects:
    """Leaky cells, each with a drive from outside, that note noise and fire above 10."""
    b2.defaultclock.dt = 1 * b2.ms
    model = f"dv/dt = (drive - v)/({TAU}*second) : 1\ndrive : 1\nnoise : 1"
    cells = b2.NeuronGroup(3, model, threshold="v > 10", reset="v = 0", method="exact", name="cells")
    cells.run_regularly("noise = randn()", dt=1 * b2.ms, when="start", name="cells_noise")
    spikes = b2.SpikeMonitor(cells, name="spikes")
    return BrianObjects(b2.Network(cells, spikes, name="network"), {"cells": cells}, {}, spikes)


@pytest.fixture(scope="module")
def segments() -> Segments:
    return Segments(objects, START)


def test_a_state_goes_on_from_segment_to_segment(segments: Segments) -> None:
    state = START
    for number in range(3):
        state, times, _ = segments.advance(state, 0.02, number)
        assert len(times) == 0
    np.testing.assert_allclose(state["cells.v"], START["cells.v"] * np.exp(-0.06 / TAU), rtol=1e-12)


def test_python_closes_the_loop_between_segments(segments: Segments) -> None:
    """What the environment sets enters the network; the exact answer of a leaky cell to a drive."""
    state, expected = START, START["cells.v"]
    decay = np.exp(-0.015 / TAU)
    for number in range(20):
        drive = 3.0 - state["cells.v"]  # it acts on what it sees
        state, _, _ = segments.advance(state | {"cells.drive": drive}, 0.015, number)
        drive = 3.0 - expected
        expected = drive + (expected - drive) * decay
        np.testing.assert_allclose(state["cells.v"], expected, rtol=1e-12)


def test_spikes_come_with_times_in_the_segment(segments: Segments) -> None:
    state = START | {"cells.v": np.zeros(3), "cells.drive": np.array([0.0, 0.0, 20.0])}
    _, times, cells = segments.advance(state, 0.05, 1)
    crossing = np.ceil(TAU * np.log(2) * 1e3) - 1  # v passes 10 within the step that begins then
    np.testing.assert_allclose(times, [crossing * 1e-3])
    np.testing.assert_array_equal(cells, [2])


def test_seeds_are_noise_and_nothing_else_is(segments: Segments) -> None:
    first, again, other = (segments.advance(START, 0.01, seed)[0] for seed in (3, 3, 4))
    for name in START:
        np.testing.assert_array_equal(first[name], again[name])
    assert (first["cells.noise"] != other["cells.noise"]).all()


_GENERATE = """
import sys, pathlib, brian2 as b2
from spikingsampling.engines.build import BrianObjects
from spikingsampling.engines.programs.project import write_objects

def objects():
    cells = b2.NeuronGroup(2, "v : 1", threshold="v > 1", name="cells")
    for k in range(6):
        cells.run_regularly(f"v += {k}", dt=(k + 2) * b2.ms, name=f"tick_{k}")
    spikes = b2.SpikeMonitor(cells, name="spikes")
    return BrianObjects(b2.Network(cells, spikes, name="network"), {"cells": cells}, {}, spikes)

write_objects(objects, ["cells.v"], pathlib.Path(sys.argv[1]))
"""


def test_its_code_does_not_depend_on_the_process(tmp_path: Path) -> None:
    """Or a program would not be found again in the cache."""
    texts = []
    for seed in ("1", "2", "3"):
        folder = tmp_path / seed
        folder.mkdir()
        environment = os.environ | {"PYTHONHASHSEED": seed}
        subprocess.run([sys.executable, "-c", _GENERATE, str(folder)], env=environment, check=True)
        texts.append(
            {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        )
    assert texts[0] == texts[1] == texts[2]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cells.v": np.zeros(2)}, "state: 'cells.v' must be there, with the size"),
        ({"cells.x": np.zeros(3)}, "state: 'cells.x' must be there"),
        ({"cells.drive": np.full(3, -np.inf)}, "is not finite after a segment of 0.05 s"),
    ],
)
def test_wrong_states(segments: Segments, change: dict[str, np.ndarray], message: str) -> None:
    with pytest.raises(EngineError, match=message):
        segments.advance(START | change, 0.05, 0)
