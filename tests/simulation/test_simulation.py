from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from helpers.small.networks import (
    FAST,
    chance,
    small_network,
    small_stimuli,
)
from helpers.small.simulations import items, simulation, thetas
from spikingsampling.errors import (
    CompilerError,
    ParameterError,
    UnknownNameError,
)
from spikingsampling.recording.reading import open_recording
from spikingsampling.recording.settings import Recording
from spikingsampling.simulation.progress import Progress
from spikingsampling.simulation.simulation import Simulation
from spikingsampling.simulation.stimuli import Stimuli

# --- segments and seeds -------------------------------------------------------------------------------------


def test_segments_do_not_depend_on_how_they_are_asked_for() -> None:
    shown = items(250)
    with simulation() as one, simulation() as three:
        whole = one.present(shown, learning="sampling")
        parts = [
            three.present({s: v[a:b] for s, v in shown.items()}, learning="sampling")
            for a, b in ((0, 100), (100, 200), (200, 250))
        ]
        np.testing.assert_array_equal(thetas(one), thetas(three))
        assert one.time == three.time == pytest.approx(50.0)
    for population, (times, neurons) in whole.spikes.items():
        np.testing.assert_array_equal(times, np.concatenate([p.spikes[population][0] for p in parts]))
        np.testing.assert_array_equal(neurons, np.concatenate([p.spikes[population][1] for p in parts]))
    counts = np.concatenate([part.counts("right") for part in parts])
    np.testing.assert_array_equal(whole.counts("right"), counts)


def test_no_segment_and_no_seed_repeats_noise() -> None:
    """Without examples the increments of θ are noise: those of segments and of seeds are uncorrelated."""
    increments, spikes = [], []
    parameters = FAST.replace(n_examples=0)
    for seed in (1, 2, np.random.SeedSequence(1).spawn(1)[0], np.random.SeedSequence(1, spawn_key=(0, 1))):
        with simulation(parameters=parameters, seed=seed) as sim:
            last = thetas(sim)
            for _ in range(3):
                response = sim.present(items(10), learning="sampling")
                increments.append(thetas(sim) - last)
                spikes.append(response.spikes["right"][0] - response.start)
                last = thetas(sim)
    drift = np.mean(increments)
    correlation = np.corrcoef(np.array(increments) - drift)[np.triu_indices(len(increments), 1)]
    assert np.abs(correlation).max() < chance(len(correlation)) / np.sqrt(increments[0].size)
    for k, one in enumerate(spikes):
        for other in spikes[:k]:
            assert len(one) != len(other) or not np.allclose(one, other)


def test_the_seed_is_all_that_a_simulation_depends_on() -> None:
    ends = []
    for seed in (5, np.random.SeedSequence(5), 6):
        with simulation(seed=seed) as sim:
            sim.present(items(10), learning="sampling")
            ends.append(thetas(sim))
    np.testing.assert_array_equal(ends[0], ends[1])
    assert not np.array_equal(ends[0], ends[2])


def test_initial_theta_is_drawn_from_the_prior() -> None:
    with simulation() as one, simulation(seed=6) as other:
        theta, again = thetas(one), thetas(other)
    n = len(theta)
    assert abs(theta.mean() - 0.3) < chance(2) * 0.8 / np.sqrt(n)
    assert abs(theta.var() - 0.64) < chance(2) * 0.64 * np.sqrt(2 / n)
    assert abs(np.corrcoef(theta, again)[0, 1]) < chance() / np.sqrt(n)


def test_active_synapses_are_those_that_exist() -> None:
    with simulation() as sim:
        assert sim.active_synapses == np.count_nonzero(thetas(sim) > 0)
        gone = np.flatnonzero(sim._state["lateral.theta"] > 0)[:7]
        before = sim.active_synapses
        sim._state["lateral.intact"][gone] = 0
        assert sim.active_synapses == before - 7


def test_snapshots_show_weights_as_on_the_membrane(tmp_path: Path) -> None:
    with simulation(directory=tmp_path / "run", recording=Recording(snapshot_period="0 s")) as sim:
        sim._state["lateral.intact"][:] = 0
        sim.present(items(5), learning="sampling")
        theta = {name: sim.theta(name) for name in ("image_to_left", "left_to_right")}
    with open_recording(tmp_path / "run") as recording:
        for name, now in theta.items():
            np.testing.assert_array_equal(recording.theta(name), now.astype(np.float32))
        w = np.maximum(0, np.exp(theta["image_to_left"] - 3) - np.exp(-3))
        np.testing.assert_allclose(recording.w("image_to_left"), w, rtol=1e-6)
        assert not recording.w("left_to_right").any()


def test_progress_is_told_of_every_segment() -> None:
    told = []

    class Watcher(Progress):
        def advance(self, seconds: float, active: int | None, label: str) -> None:
            told.append((seconds, active, label))

    with simulation(progress=Watcher()) as sim:
        sim.present(items(150), learning="off", name="test")
        active = sim.active_synapses
    assert told == [(pytest.approx(20.0), active, "test"), (pytest.approx(10.0), active, "test")]


# --- wrong arguments ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"segment": 20.1}, "segment = 20.1 s: must be a whole multiple of frame_period"),
        ({"segment": -1.0}, "segment = -1.0: must be more than 0 s"),
        ({"segment": float("nan")}, "segment = nan: must be finite"),
        ({"dt": -1e-3}, "dt = -0.001: must be more than 0 s"),
        ({"dt": 3e-3}, "frame_period = 0.2 s: must be a whole multiple of dt"),
        ({"update_period": 0.3}, "segment = 20 s: must be a whole multiple of update_period"),
        ({"update_period": 2.0}, "update_period = 2 s: b times it is 0.002 and must be at most 1e-3"),
        (
            {"stimuli": Stimuli(small_stimuli().libraries, 0.2, 3)},
            "segment = 20 s: must be a whole multiple of the presentation period = 0.6 s",
        ),
    ],
)
def test_wrong_settings(options: dict, message: str, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match=message):
        simulation(directory=tmp_path / "run", **options)
    assert not (tmp_path / "run").exists()


def test_unknown_engine(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="unknown engine 'cpp'"):
        Simulation(small_network(), small_stimuli(), seed=1, engine="cpp", directory=tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"items": items(4)},
            r"4 presentations of 0.2 = 0.8 s: must be a whole multiple of update_period = 1 s",
        ),
        ({"items": {"image": []}}, "not empty"),
        ({"items": {}}, "not empty"),
        ({"items": {"image": [4] * 5}}, "items of 'image'"),
        ({"items": items(5), "labels": [1]}, r"labels has shape \(1,\): must be \(5,\)"),
        ({"items": items(5), "learning": "hebb"}, "learning = 'hebb'"),
    ],
)
def test_wrong_presentations(arguments: dict, message: str) -> None:
    with simulation() as sim:
        with pytest.raises(ParameterError, match=message):
            sim.present(**{"learning": "off", **arguments})
        assert sim.time == 0


def test_unknown_source_and_projection() -> None:
    with simulation() as sim:
        with pytest.raises(UnknownNameError, match="unknown source 'imge'"):
            sim.present({"imge": [0] * 5}, learning="off")
        with pytest.raises(UnknownNameError, match="unknown projection 'image_to_lefd'"):
            sim.theta("image_to_lefd")


def test_a_missing_compiler_leaves_no_half_begun_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CXX", "no-such-compiler")
    with pytest.raises(CompilerError, match="--engine runtime"):
        simulation(directory=tmp_path / "run")
    assert not (tmp_path / "run").exists()
