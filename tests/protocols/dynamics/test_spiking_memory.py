"""The protocol `spiking_memory` on a small ring: what is shown when, and what is measured and drawn."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from spikingsampling.engines.segments import Segments
from spikingsampling.errors import ParameterError
from spikingsampling.experiment.discovery import load
from spikingsampling.experiment.run import Run
from spikingsampling.models.dynamics.memory.spiking_ring import SpikingRing
from spikingsampling.protocols.studies.dynamics.memory.trials import Both, Stimulus, hold, proceed

PROTOCOL = load("spiking_memory")
#: Without input from outside only what is shown makes neurons fire.
RING = SpikingRing(n_excitatory=64, drive="0 Hz", g_ee=0, g_ei=0)


@pytest.fixture(scope="module")
def segments() -> Segments:
    return Segments(RING.objects, RING.start(np.random.SeedSequence(0)), dt=RING.dt)


def test_stages_of_a_trial(segments: Segments) -> None:
    told = []

    def distract(held: Both) -> Stimulus:
        told.append(held)
        return Stimulus(4.0, 0.2, 900.0, 0.05)

    start = RING.start(np.random.SeedSequence(1)) | {"neurons.v": np.full(RING.n_neurons, -70.0)}
    cue = Stimulus(1.0, 0.2, 900.0, 0.1)
    trial = hold(RING, segments, start, cue, 0.2, distract, 0.03, np.random.SeedSequence(2))
    stages = (trial.during_cue, trial.delay, trial.during_distractor, trial.later)
    assert [s.excitatory.duration for s in stages] == pytest.approx([0.1, 0.2, 0.05, 0.03])
    assert told == [trial.delay]
    assert (trial.cue, trial.distractor) == (cue, Stimulus(4.0, 0.2, 900.0, 0.05))
    for stage, where in ((trial.during_cue, 1.0), (trial.during_distractor, 4.0)):
        heard = np.angle(np.exp(1j * (RING.directions[stage.excitatory.neurons] - where)))
        assert len(heard) >= 5
        # Those whose current is more than leak times 20 mV: 500 of 900 pA.
        assert np.abs(heard).max() < 0.2 * math.sqrt(2 * math.log(900 / 500))
    assert len(trial.delay.excitatory.times) == len(trial.later.excitatory.times) == 0
    assert all(len(s.inhibitory.times) == 0 for s in stages)


def test_both_kinds_of_neurons_are_numbered_from_0(segments: Segments) -> None:
    start = RING.start(np.random.SeedSequence(1))
    v = np.full(RING.n_neurons, -70.0)
    v[[3, 63, 64, 79]] = -40
    _, both = proceed(RING, segments, start | {"neurons.v": v}, RING.dt, np.random.SeedSequence(1))
    assert both.excitatory.neurons.tolist() == [3, 63]
    assert both.inhibitory.neurons.tolist() == [0, 15]
    assert (both.excitatory.n_neurons, both.inhibitory.n_neurons) == (64, 16)


def test_the_smoke_preset_measures_and_draws_everything(tmp_path: Path) -> None:
    changed = {"sizes": [256, 64], "delay": "1 s", "trials": 2, "repetitions": 2, "spontaneous": "0.5 s"}
    configuration = PROTOCOL.configure("smoke").replace(**changed)
    metrics = PROTOCOL.run(Run(configuration, tmp_path))
    assert metrics["spiking_memory.diffusion"] == metrics["spiking_memory.diffusion.n_256"]
    assert metrics["spiking_memory.diffusion.n_64"]["n"] == 4
    assert metrics["spiking_memory.spontaneous.excitatory_rate"]["n"] == 2
    assert metrics["spiking_memory.bump.excitatory_rate"]["n"] == 4
    assert len(metrics["spiking_memory.spontaneous.bump_after"]["seconds_or_longer"]) == 2
    figures = {path.stem for path in tmp_path.rglob("*.png")}
    assert figures == {"trial", "states", "rest", "diffusion"}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"sizes": [66]}, "multiple of 4"),
        ({"sizes": []}, "sizes"),
        ({"delay": "0.1 s"}, "delay"),
        ({"network": {"j_plus": 0.5}}, "j_plus"),
    ],
)
def test_wrong_settings_are_told(changes: dict[str, object], told: str) -> None:
    with pytest.raises(ParameterError, match=told):
        PROTOCOL.configure("smoke").replace(**changes)
