from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from helpers.small_networks import (
    FAST,
    PARAMETERS,
    both_engines,
    chance,
    small_network,
    small_stimuli,
)
from helpers.small_simulations import FRAME, Stop, items, simulation, stop_after, thetas
from spikingsampling.engines import standalone
from spikingsampling.errors import (
    CompilerError,
    ParameterError,
    RecordingError,
    ResumeError,
    UnknownNameError,
)
from spikingsampling.recording.reading import open_recording
from spikingsampling.recording.settings import Recording
from spikingsampling.simulation.response import Response
from spikingsampling.simulation.simulation import Simulation
from spikingsampling.simulation.stimuli import Stimuli

# --- responses ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("skip", [0.0, 0.05, 0.1])
def test_counts_are_those_of_a_loop_over_spikes(skip: float) -> None:
    """Spikes on the grid of 1 ms, as they are in a simulation; some on the borders."""
    rng = np.random.default_rng(2)
    n, period, start = 30, 0.2, 123.4
    steps = np.sort(np.concatenate([rng.integers(0, n * 200, 2000), np.arange(0, n * 200, 50)]))
    neurons = rng.integers(0, 7, len(steps))
    response = Response(
        np.zeros(n, int), {}, start, period, {"left": (start + steps * 1e-3, neurons)}, {"left": 7}
    )
    expected = np.zeros((n, 7), int)
    for step, neuron in zip(steps.tolist(), neurons, strict=True):
        if step % 200 >= round(skip * 1000):
            expected[step // 200, neuron] += 1
    np.testing.assert_array_equal(response.counts("left", skip), expected)
    with pytest.raises(UnknownNameError, match="unknown recorded population 'lefd'; did you mean 'left'"):
        response.counts("lefd")


@both_engines
def test_a_response_has_the_spikes_of_its_presentations(name: str, tmp_path: Path) -> None:
    with simulation(name, directory=tmp_path / "run") as sim:
        sim.present(items(5), learning="sampling", name="before")
        labels = np.arange(10) % 3
        response = sim.present(items(10, 1), learning="off", labels=labels, name="test")
        assert sim.time == pytest.approx(3.0)
    assert (response.start, response.period) == (pytest.approx(1.0), pytest.approx(FRAME))
    np.testing.assert_array_equal(response.labels, labels)
    np.testing.assert_array_equal(response.items["image"], items(10, 1)["image"])
    n_expected = 2.0 * 100
    for population, n_circuits in (("left", 1), ("right", 2)):
        times, neurons = response.spikes[population]
        assert np.all((times >= 1.0) & (times < 3.0))
        assert np.all(np.diff(times) >= 0)
        assert np.all((neurons >= 0) & (neurons < response.sizes[population]))
        expected = n_circuits * n_expected
        assert abs(len(times) - expected) < chance(2) * np.sqrt(expected)
        assert response.counts(population).sum() == len(times)
        with open_recording(tmp_path / "run") as recording:
            recorded = recording.spikes(population, 1.0, 3.0)
        np.testing.assert_array_equal(recorded[0], times)
        np.testing.assert_array_equal(recorded[1], neurons)


def test_stronger_input_reaches_the_network_when_it_is_shown() -> None:
    """Items that drive only one neuron through its weights make it win in their presentations."""
    with simulation(parameters=PARAMETERS.replace(adaptation=0)) as sim:
        state = sim._state
        image = sim.stimuli.libraries["image"].rates[:, 0] > 10
        theta = np.full((4, 40), -1.0)
        for k in range(4):
            theta[k, image[k] & (image.sum(0) == 1)] = 4.0
        state["feedforward.theta"][sim.network.feedforward.slices["image_to_left"]] = theta.ravel()
        shown = np.tile(np.arange(4), 25)
        counts = sim.present({"image": shown}, learning="off").counts("left", skip=0.05)
    wins = np.array([counts[shown == k].sum(0) for k in range(4)])
    np.testing.assert_array_equal(wins.argmax(axis=1), np.arange(4))


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

    class Watcher:
        def advance(self, seconds: float, active: int | None, label: str) -> None:
            told.append((seconds, active, label))

    with simulation(progress=Watcher()) as sim:
        sim.present(items(150), learning="off", name="test")
        active = sim.active_synapses
    assert told == [(pytest.approx(20.0), active, "test"), (pytest.approx(10.0), active, "test")]


# --- resume -------------------------------------------------------------------------------------------------

N = {"standalone": 105, "runtime": 5}  # presentations per call: two segments, one


def protocol(sim: Simulation, n: int) -> list[np.ndarray]:
    found = []
    for seed, learning in enumerate(("sampling", "map", "off")):
        response = sim.present(
            items(n, seed), learning=learning, labels=np.full(n, seed), name=f"part {seed}"
        )
        found.append(response.counts("left"))
    return found


@both_engines
def test_a_resumed_run_equals_one_that_was_never_stopped(name: str, tmp_path: Path) -> None:
    with simulation(name, directory=tmp_path / "whole") as sim:
        expected = protocol(sim, N[name])
        theta = thetas(sim)
    bytes_of_whole = (tmp_path / "whole" / "recording.h5").read_bytes()
    for stopped in {"standalone": (1, 3, 6), "runtime": (2,)}[name]:
        run = tmp_path / f"stopped{stopped}"
        with pytest.raises(Stop), simulation(name, directory=run, after_segment=stop_after(stopped)) as sim:
            protocol(sim, N[name])
        with simulation(name, directory=run, resuming=True) as sim:
            assert sim.replaying
            with pytest.raises(ResumeError, match="the state is not at hand"):
                sim.theta("image_to_left")
            found = protocol(sim, N[name])
            np.testing.assert_array_equal(thetas(sim), theta)
        for ours, theirs in zip(found, expected, strict=True):
            np.testing.assert_array_equal(ours, theirs)
        assert (run / "recording.h5").read_bytes() == bytes_of_whole


def test_a_finished_run_is_read_back_without_simulating(tmp_path: Path, monkeypatch) -> None:
    with simulation(directory=tmp_path / "run") as sim:
        expected = protocol(sim, 105)
    with simulation(directory=tmp_path / "run", resuming=True) as sim:
        sim._make_engine = None
        for ours, theirs in zip(protocol(sim, 105), expected, strict=True):
            np.testing.assert_array_equal(ours, theirs)
        assert sim.build_seconds == 0


@pytest.mark.parametrize(
    ("changes", "differences"),
    [
        ({"seed": 6}, ["was: seed_entropy = '5'", "now: seed_entropy = '6'"]),
        ({"seed": np.random.SeedSequence(5).spawn(1)[0]}, [r"now: seed_spawn_key = '\(0,\)'"]),
        ({"stimuli": small_stimuli(high=50.0)}, ["was: stimuli = ", "now: stimuli = "]),
        (
            {"update_period": 0.2},
            [r"was: timing = .*update_period=1.0", r"now: timing = .*update_period=0.2"],
        ),
        ({"segment": 10.0}, ["segment=20.0", "segment=10.0"]),
        ({"name": "runtime", "segment": 20.0}, ["was: engine = 'standalone'", "now: engine = 'runtime'"]),
        ({"parameters": FAST.replace(alpha=0.2)}, ["now: parameters: alpha = 0.2"]),
        ({"recording": Recording(snapshots=False)}, ["now: recording: .*snapshots=False"]),
        ({"attributes": {"configuration": "a = 2"}}, ["was: configuration = 'a = 1'", "'a = 2'"]),
    ],
)
def test_resuming_something_else_is_refused(tmp_path: Path, changes: dict, differences: list[str]) -> None:
    begun = {"directory": tmp_path / "run", "attributes": {"configuration": "a = 1"}}
    with simulation(**begun) as sim:
        sim.present(items(5), learning="sampling")
        sim.close()
    with pytest.raises(ResumeError, match="another configuration") as refused:
        simulation(**{**begun, **changes}, resuming=True)
    for difference in differences:
        assert refused.match(difference)
    assert "rho_net" not in str(refused.value)  # only what differs is listed
    simulation(**begun, resuming=True).close()


def test_a_resumed_protocol_that_asks_for_something_else_is_refused(tmp_path: Path) -> None:
    with simulation(directory=tmp_path / "run") as sim:
        sim.present(items(5), learning="sampling", name="train")
    for shown, learning in ((items(5), "map"), (items(5, 1), "sampling"), (items(10), "sampling")):
        with (
            pytest.raises(
                ResumeError, match=r"segment 0 was 'train' with learning = 'sampling'.*asks for 'other'"
            ),
            simulation(directory=tmp_path / "run", resuming=True) as sim,
        ):
            sim.present(shown, learning=learning, name="other")


def complete(directory: Path) -> bool:
    with open_recording(directory) as recording:
        return recording.complete


def test_a_block_completes_its_recording_unless_it_raises_or_closes(tmp_path: Path) -> None:
    with simulation(directory=tmp_path / "run") as sim:
        sim.present(items(5), learning="off")
        assert not complete(tmp_path / "run")
    assert complete(tmp_path / "run")
    sim.finish()  # a second time does nothing
    with pytest.raises(Stop), simulation(directory=tmp_path / "stopped") as sim:
        sim.present(items(5), learning="off")
        raise Stop
    with simulation(directory=tmp_path / "closed") as sim:
        sim.present(items(5), learning="off")
        sim.close()
    for unfinished in ("stopped", "closed"):
        assert not complete(tmp_path / unfinished)
        assert (tmp_path / unfinished / "journal").is_dir()
        with simulation(directory=tmp_path / unfinished, resuming=True) as sim:
            sim.present(items(5), learning="off")
        assert complete(tmp_path / unfinished)


def test_a_resumed_protocol_must_repeat_all_that_it_did(tmp_path: Path) -> None:
    with simulation(directory=tmp_path / "run") as sim:
        for seed in (0, 1):
            sim.present(items(5, seed), learning="off")
        sim.close()
    with (
        pytest.raises(ResumeError, match="the run has 2 segments; the resumed protocol ends after 1"),
        simulation(directory=tmp_path / "run", resuming=True) as sim,
    ):
        sim.present(items(5), learning="off")
    assert not complete(tmp_path / "run")


def test_beginning_in_a_run_directory_and_resuming_nothing_are_refused(tmp_path: Path) -> None:
    simulation(directory=tmp_path / "run").close()
    with pytest.raises(RecordingError, match="holds a run already"):
        simulation(directory=tmp_path / "run")
    with pytest.raises(ResumeError, match="nothing to resume"):
        simulation(directory=tmp_path / "other", resuming=True)


@pytest.mark.parametrize("resumed", [False, True])
def test_responses_hold_the_recorded_populations_only(tmp_path: Path, resumed: bool) -> None:
    """Whether resumed or not, so that no protocol works only until it is resumed."""
    settings = {"directory": tmp_path / "run", "recording": Recording(spikes="right")}
    with simulation(**settings) as sim:
        response = sim.present(items(5), learning="off")
        sim.close()
    if resumed:
        with simulation(**settings, resuming=True) as sim:
            response = sim.present(items(5), learning="off")
    assert list(response.spikes) == ["right"]


# --- wrong arguments ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"segment": 20.1}, "segment = 20.1 s: must be a whole multiple of frame_period"),
        ({"segment": -1.0}, "segment = -1 s"),
        ({"segment": float("nan")}, "segment = nan s"),
        ({"dt": -1e-3}, "dt = -0.001 s: must be more than 0"),
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
    standalone._compiler.cache_clear()
    try:
        with pytest.raises(CompilerError, match="--engine runtime"):
            simulation(directory=tmp_path / "run")
        assert not (tmp_path / "run").exists()
    finally:
        standalone._compiler.cache_clear()
