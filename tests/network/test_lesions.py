"""Lesions: what is removed stays away, everything else goes on as before; moments from which simulations branch."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from helpers.small.networks import FAST, begin, both_engines, chance, small_network
from helpers.small.simulations import FRAME, Stop, items, simulation, stop_after, thetas
from spikingsampling.errors import ParameterError, ResumeError, UnknownNameError
from spikingsampling.network.lesions import NeuronLesion, SynapseLesion
from spikingsampling.recording.reading import open_recording
from spikingsampling.recording.settings import Recording
from spikingsampling.simulation.moment import Moment
from spikingsampling.simulation.observation import active_synapses
from spikingsampling.simulation.simulation import Simulation

EVERY_SEGMENT = Recording(snapshot_period="0 s")
#: Presentations of 200 ms that an engine is shown; NumPy takes a second of time for each simulated.
SHOWN = {"standalone": 100, "runtime": 15}


def strong(sim: Simulation) -> None:
    """All synapses active and far from 0, so that a leak would show."""
    for pathway in sim.network.pathways:
        sim._state[f"{pathway.name}.theta"][:] = 2.5


# --- neurons ------------------------------------------------------------------------------------------------


@both_engines
def test_removed_neurons_never_fire_and_their_circuit_keeps_its_rate(name: str) -> None:
    with simulation(name) as sim:
        strong(sim)
        detail = sim.lesion(NeuronLesion("right", [1, 2]))
        # onto each: 20 inputs and 4 neurons of `left`; from each: 4 onto `left`
        assert detail == {"population": "right", "neurons": [1, 2], "synapses": 2 * 28, "active": 2 * 28}
        sim.lesion(NeuronLesion("right", [3, 4, 5]))
        response = sim.present(items(SHOWN[name]), learning="sampling")
    fired = response.counts("right").sum(axis=0)
    rate = 100.0 * SHOWN[name] * FRAME
    assert abs(fired[0] - rate) < chance() * np.sqrt(rate)  # alone in its circuit
    assert not fired[1:].any()  # the other circuit has no neuron left


# --- synapses -----------------------------------------------------------------------------------------------


@both_engines
def test_a_removed_synapse_never_carries_weight_again(name: str, tmp_path: Path) -> None:
    """b = 1e-3 /s with T = 100: θ crosses 0 often in the time that follows, which the recording shows."""
    hot = FAST.replace(temperature=100.0)
    with simulation(name, parameters=hot, directory=tmp_path / "run", recording=EVERY_SEGMENT) as sim:
        before = sim.theta("left_to_right") > 0
        detail = sim.lesion(SynapseLesion("left_to_right", active_only=True))
        for _ in range(3):
            sim.present(items(10), learning="sampling")
    assert detail["synapses"] == detail["active"] == before.sum()
    with open_recording(tmp_path / "run") as recording:
        theta = recording.theta("left_to_right", slice(None))
        w = recording.w("left_to_right", slice(None))
        assert [(e.time, e.kind, json.loads(e.detail)) for e in recording.events] == [
            (0.0, "synapse lesion", detail)
        ]
    assert (theta[:, before] > 0).any()
    assert not w[:, before].any()
    formed = (theta > 0)[:, ~before]
    assert formed.any()  # those retracted at the lesion may become active
    assert (w[:, ~before][formed] > 0).all()


@both_engines
def test_removed_synapses_have_no_effect_at_all(name: str) -> None:
    """Spikes and θ of the others are as if the removed ones were at w = 0 (no learning, no prior)."""
    with simulation(name) as cut, simulation(name) as retracted:
        for sim in (cut, retracted):
            strong(sim)
        cut.lesion(SynapseLesion("left_to_right"))
        cut.lesion(SynapseLesion("image_to_left", pre=np.arange(10)))
        network, state = retracted.network, retracted._state
        state["lateral.theta"][network.pathways[1].slices["left_to_right"]] = -4.0
        part = network.pathways[0].slices["image_to_left"]
        state["feedforward.theta"][part][network.projection("image_to_left").pre_index < 10] = -4.0
        first, second = (sim.present(items(SHOWN[name]), learning="off") for sim in (cut, retracted))
    for population in ("left", "right"):
        for a, b in zip(first.spikes[population], second.spikes[population], strict=True):
            np.testing.assert_array_equal(a, b)


def test_a_block_is_the_synapses_between_the_named_neurons() -> None:
    network = small_network()
    projection, part = network.projection("left_to_right"), network.pathways[1].slices["left_to_right"]
    state, detail = SynapseLesion("left_to_right", pre=[0, 2], post=[5]).apply(network, begin(network))
    gone = np.isin(projection.pre_index, [0, 2]) & (projection.post_index == 5)
    np.testing.assert_array_equal(state["lateral.intact"][part] == 0, gone)
    assert detail["synapses"] == gone.sum() == 2
    numbered, detail = SynapseLesion("left_to_right", synapses=[3, 0]).apply(network, begin(network))
    pathway = network.pathway("left_to_right")
    assert np.flatnonzero(
        numbered[f"{pathway.name}.intact"][pathway.slices["left_to_right"]] == 0
    ).tolist() == [0, 3]
    assert (detail["numbers"], detail["synapses"]) == ([0, 3], 2)
    assert SynapseLesion("left_to_right", post=[5]).apply(network, state)[1]["synapses"] == 2  # the others
    state["lateral.theta"][:] = 1.0
    assert (
        active_synapses(network, state)
        == (state["feedforward.theta"] > 0).sum() + len(network.pathways[1]) - 2
    )


# --- resuming -----------------------------------------------------------------------------------------------


def lesioned_run(directory: Path, **options: object) -> list[dict]:
    """Segments, a lesion that depends on spikes, segments, a lesion that depends on θ, segments."""
    with simulation("standalone", directory=directory, recording=EVERY_SEGMENT, **options) as sim:
        counts = sim.present(items(10), learning="sampling").counts("right").sum(axis=0)
        done = [sim.lesion(NeuronLesion("right", [int(counts.argmax())]))]
        sim.present(items(10), learning="sampling")
        done.append(sim.lesion(SynapseLesion("right_to_left", active_only=True)))
        sim.note("environment", clusters=[3, 4])
        sim.present(items(10), learning="map")
    return done


def test_a_run_stopped_after_any_segment_resumes_to_the_same_bytes(tmp_path: Path) -> None:
    expected = lesioned_run(tmp_path / "whole")
    for n_segments in (1, 2, 3):
        directory = tmp_path / f"stopped{n_segments}"
        with pytest.raises(Stop):
            lesioned_run(directory, after_segment=stop_after(n_segments))
        assert lesioned_run(directory, resuming=True) == expected
        assert (directory / "recording.h5").read_bytes() == (tmp_path / "whole/recording.h5").read_bytes()


def test_a_resumed_run_must_repeat_its_lesions(tmp_path: Path) -> None:
    lesioned_run(tmp_path / "run")
    with simulation("standalone", directory=tmp_path / "run", recording=EVERY_SEGMENT, resuming=True) as sim:
        sim.present(items(10), learning="sampling")
        first = json.loads(sim._log.peek().events[0].detail)["neurons"][0]
        with pytest.raises(ResumeError, match=rf"neuron lesion was .*\[{first}\].* is now .*\[{5 - first}\]"):
            sim.lesion(NeuronLesion("right", [5 - first]))
        with pytest.raises(ResumeError, match="had no synapse lesion here"):
            sim.lesion(SynapseLesion("right_to_left"))
        with pytest.raises(ResumeError, match="other events"):
            sim.present(items(10), learning="sampling")
        sim.close()


def test_a_lesion_at_the_very_end_is_not_lost_silently(tmp_path: Path) -> None:
    with (
        pytest.raises(ParameterError, match="neuron lesion at 1 s: must be followed"),
        simulation("standalone", directory=tmp_path / "run") as sim,
    ):
        sim.present(items(5), learning="off")
        sim.lesion(NeuronLesion("left", [0]))
        with pytest.raises(ResumeError, match="no segment after it"):
            _ = sim.now


# --- branches -----------------------------------------------------------------------------------------------


@both_engines
def test_a_simulation_goes_on_from_a_moment_as_the_first_would(name: str) -> None:
    """Learning off: the same seed gives the same draws, so only what is carried over can differ."""
    segment = {"standalone": 100, "runtime": 5}[name]
    with simulation(name) as first:
        first.present(items(segment), learning="sampling")
        moment = first.now
        later = first.present(items(segment, 1), learning="sampling")
        with simulation(name, start=moment, seed=first._seed) as other:
            assert other.time == moment.time
            other._index = 1  # the number of the segment seeds it
            again = other.present(items(segment, 1), learning="sampling")
            np.testing.assert_array_equal(thetas(other), thetas(first))
    for a, b in zip(later.spikes["right"], again.spikes["right"], strict=True):
        np.testing.assert_array_equal(a, b)


def test_branches_leave_the_moment_as_it_was_and_draw_their_own_noise() -> None:
    with simulation("standalone") as trunk:
        trunk.present(items(5), learning="sampling")
        moment = trunk.now
        print_before = moment.fingerprint()
        ends = []
        for seed in (1, 2):
            with simulation("standalone", start=moment, seed=seed) as branch:
                branch.lesion(NeuronLesion("left", [0]))
                branch.present(items(5), learning="sampling")
                ends.append(thetas(branch))
        assert moment.fingerprint() == print_before
        assert not np.array_equal(*ends)
        trunk.present(items(5), learning="sampling")
        assert trunk.now.fingerprint() != print_before


def test_a_branch_takes_other_parameters(tmp_path: Path) -> None:
    """At T = 0 without learning from spikes θ moves by the prior alone, whatever the trunk did."""
    with simulation("standalone") as trunk:
        trunk.present(items(5), learning="sampling")
        moment = trunk.now
    cold = FAST.replace(temperature=0.0, n_examples=0.0)
    with simulation("standalone", start=moment, parameters=cold) as branch:
        before = thetas(branch)
        branch.present(items(5), learning="sampling")
        mean, sd = cold.prior.mean, cold.prior.sd
        expected = mean + (before - mean) * np.exp(-1.0 * cold.b / sd**2)
        np.testing.assert_allclose(thetas(branch), expected, rtol=1e-12)


def test_a_branch_is_recorded_with_its_time_and_refuses_another_start(tmp_path: Path) -> None:
    with simulation("standalone") as trunk:
        trunk.present(items(5), learning="sampling")
        moment = trunk.now
        trunk.present(items(5), learning="sampling")
        other = trunk.now
    folder = tmp_path / "branch"
    with simulation("standalone", start=moment, directory=folder, recording=EVERY_SEGMENT) as branch:
        branch.present(items(5), learning="off")
    with open_recording(folder) as recording:
        assert (recording.segments[0].start, recording.duration) == (pytest.approx(1), pytest.approx(2))
    with pytest.raises(ResumeError, match="start"):
        simulation("standalone", start=other, directory=folder, recording=EVERY_SEGMENT, resuming=True)


def test_a_moment_of_another_network_is_refused() -> None:
    network = small_network()
    with pytest.raises(ParameterError, match=r"another network or time step \(feedforward.theta differ\)"):
        Moment(0.0, begin(network) | {"feedforward.theta": np.zeros(3)}).check_fits(begin(network))


# --- wrong input --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lesion", "error", "message"),
    [
        (NeuronLesion("rigt", [0]), UnknownNameError, "did you mean 'right'"),
        (NeuronLesion("right", [6]), ParameterError, r"'right' holds 6: must be from 0 to 5"),
        (NeuronLesion("right", [-1]), ParameterError, r"'right' holds -1: must be from 0 to 5"),
        (NeuronLesion("right", []), ParameterError, "at least one integer"),
        (NeuronLesion("right", [0.5]), ParameterError, "holds 0.5: must hold integers"),
        (SynapseLesion("left_to_rigt"), UnknownNameError, "did you mean 'left_to_right'"),
        (SynapseLesion("left_to_right", pre=[4]), ParameterError, r"'left' holds 4: must be from 0 to 3"),
        (
            SynapseLesion("left_to_right", synapses=[]),
            ParameterError,
            r"synapses = \[\]: must hold at least one",
        ),
        (
            SynapseLesion("left_to_right", synapses=[999]),
            ParameterError,
            "'left_to_right' holds 999: must be",
        ),
        (SynapseLesion("left_to_right", post=[[0]]), ParameterError, r"has shape \(1, 1\): must be \(n,\)"),
    ],
)
def test_a_lesion_of_what_is_not_there_changes_nothing(lesion, error, message: str) -> None:
    network = small_network()
    state = begin(network)
    before = Moment(0.0, state).fingerprint()
    with pytest.raises(error, match=message):
        lesion.apply(network, state)
    assert Moment(0.0, state).fingerprint() == before
