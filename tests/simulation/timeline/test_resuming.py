"""Simulations that are stopped and resumed, and how a block ends."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from helpers.small.networks import (
    FAST,
    both_engines,
    small_stimuli,
)
from helpers.small.simulations import Stop, items, simulation, stop_after, thetas
from spikingsampling.errors import (
    RecordingError,
    ResumeError,
)
from spikingsampling.recording.reading import open_recording
from spikingsampling.recording.settings import Recording
from spikingsampling.simulation.simulation import Simulation

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


def test_a_run_keeps_to_templates_that_have_other_bits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPIKINGSAMPLING_TEMPLATES", "rows")
    with simulation(directory=tmp_path / "run") as sim:
        sim.present(items(5), learning="sampling")
        sim.close()
    monkeypatch.delenv("SPIKINGSAMPLING_TEMPLATES")
    with pytest.raises(ResumeError, match="now: templates = 'vector'"):
        simulation(directory=tmp_path / "run", resuming=True)
    monkeypatch.setenv("SPIKINGSAMPLING_TEMPLATES", "stock")  # the same bits
    simulation(directory=tmp_path / "run", resuming=True).close()


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
