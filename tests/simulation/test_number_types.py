"""A simulation does not depend on the type of the numbers that it is given, only on their values."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from helpers.small.simulations import Stop, stop_after
from spikingsampling.errors import EngineError, ParameterError
from spikingsampling.inference.priors import GaussianPrior, LaplacePrior
from spikingsampling.network.description import Network, Population, Source, all_to_all
from spikingsampling.network.lesions import NeuronLesion, SynapseLesion
from spikingsampling.network.parameters import CircuitParameters
from spikingsampling.network.rules import SamplingRule
from spikingsampling.network.state import initial_state
from spikingsampling.network.timing import Timing
from spikingsampling.recording.settings import Recording
from spikingsampling.simulation.observation import json_text
from spikingsampling.simulation.simulation import Simulation
from spikingsampling.simulation.stimuli import Library, Stimuli

PLAIN = {"dt": 1e-3, "update_period": 0.2, "segment": 0.4}
ITEMS = np.array([0, 2, 1, 3, 3, 0, 1, 2])


@dataclass(frozen=True)
class OwnPrior(LaplacePrior):
    """A prior of the user's own, which takes its numbers as they come."""

    def __post_init__(self) -> None:
        pass


def network(number=float, whole=int, **changes) -> Network:
    source, population = Source("inputs", whole(12)), Population("neurons", whole(1), whole(3))
    settings = {"b": 2.0**-10, "temperature": 0.5, "tau_rise": 0.002} | changes
    settings = {
        name: number(value) if isinstance(value, float) else value for name, value in settings.items()
    }
    parameters = CircuitParameters(prior=GaussianPrior(number(0.5), number(1.0)), **settings)
    return Network([source], [population], [all_to_all(source, population)], parameters)


def stimuli(number=float, whole=int, rates=np.float64) -> Stimuli:
    table = np.random.default_rng(1).integers(1, 60, (4, 12)).astype(rates)
    library = Library(table, np.arange(4).astype(whole), silent_rate=number(1.0))
    return Stimuli({"inputs": library}, number(0.1), whole(1), whole(0))


def begin(net: Network, shown: Stimuli, **options) -> Simulation:
    return Simulation(net, shown, engine="runtime", target="numpy", **{"seed": 3, **PLAIN, **options})


def course(sim: Simulation, items=ITEMS, neurons=(1,)) -> tuple[np.ndarray, ...]:
    response = sim.present({"inputs": items}, learning="sampling", labels=items)
    detail = sim.lesion(NeuronLesion("neurons", neurons))
    last = sim.present({"inputs": items[:4]}, learning="off", name="after")
    assert (detail["neurons"], detail["synapses"]) == ([1], 12)
    return (*response.spikes["neurons"], *last.spikes["neurons"], response.counts("neurons"))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[np.ndarray, ...]]:
    """A run with plain numbers: its directory, and what it gave."""
    directory = tmp_path_factory.mktemp("plain") / "run"
    attributes = {"note": 3}
    with begin(network(), stimuli(), directory=directory, attributes=attributes) as sim:
        return directory, course(sim)


@pytest.mark.parametrize(
    ("number", "whole"), [(np.float64, np.int64), (np.array, np.uint8), (np.float32, np.int8)]
)
def test_numpy_numbers_give_the_same_run_and_resume_it(run, number, whole, tmp_path: Path) -> None:
    """Single precision too: these numbers are exact in it, or times."""
    directory, expected = run
    options = {name: number(value) for name, value in PLAIN.items()} | {"seed": whole(3)}
    path = tmp_path / "run"
    settings = network(number, whole), stimuli(number, whole, np.uint8)
    with pytest.raises(Stop), begin(*settings, directory=path, after_segment=stop_after(1), **options) as sim:
        course(sim, ITEMS.astype(whole), np.array([1], whole))
    sim = begin(*settings, directory=path, resuming=True, attributes={}, **options)
    with sim:
        found = course(sim, ITEMS.astype(whole), np.array([1], whole))
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    # The run that plain numbers began goes on with these, too: it is the same configuration.
    with begin(
        *settings, directory=directory, resuming=True, attributes={"note": whole(3)}, **options
    ) as sim:
        for ours, theirs in zip(course(sim), expected, strict=True):
            np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"dt": np.nan}, "dt = nan: must be finite"),
        ({"dt": True}, "dt = True: must be a time"),
        ({"segment": "long"}, "segment = 'long': must be a time"),
        ({"update_period": np.inf}, "update_period = inf: must be finite"),
        ({"update_period": np.float64(-1)}, "update_period = .*: must be more than 0 s"),
        ({"seed": 1.5}, "seed = 1.5: must be a whole number from 0"),
        ({"seed": np.True_}, "seed = .*: must be a whole number from 0"),
    ],
)
def test_wrong_numbers_are_refused_by_name(change: dict, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        begin(network(), stimuli(), **change)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"frame_period": True}, "Stimuli.frame_period = True: must be a time"),
        ({"frame_period": np.nan}, "Stimuli.frame_period = nan: must be finite"),
        ({"frames_per_presentation": 1.0}, "Stimuli.frames_per_presentation = 1.0: must be a whole number"),
        ({"gap_frames": np.int8(-1)}, "Stimuli.gap_frames = .*: must be a whole number, at least 0"),
    ],
)
def test_wrong_stimuli(change: dict, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        Stimuli(stimuli().libraries, **change)


def test_labels_are_whole_numbers() -> None:
    with pytest.raises(ParameterError, match=r"Library.labels holds 1.7: must hold integers"):
        Library(np.ones((1, 2)), [1.7])
    sim = begin(network(), stimuli())
    for labels, message in (
        (np.full(4, 1.7), "labels holds 1.7: must hold integers"),
        (np.array([0, 1, np.nan, 2]), "labels holds nan: must hold integers"),
        (np.full(4, -2), "labels holds -2: must be from -1 to"),
        (np.full(4, 2**63, np.uint64), "labels holds 9223372036854775808: must be from -1 to"),
        ([1, 2], r"labels has shape \(2,\): must be \(4,\)"),
    ):
        with pytest.raises(ParameterError, match=message):
            sim.present({"inputs": ITEMS[:4]}, learning="off", labels=labels)
    assert sim.time == 0
    sim.close()


# --- items and indices in small types -----------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint64, np.float32])
def test_items_of_every_type_show_the_same_frames(dtype: type) -> None:
    """An item has more frames than 8 bits count, a library more than 16 bits."""
    shape = (40, 900, 2) if dtype is np.int16 else (10, 40, 2)
    shown = Stimuli({"a": Library(np.zeros(shape), np.arange(shape[0]))}, 1e-3, frames_per_presentation=3600)
    items = np.arange(shape[0])
    rows = shown.schedule({"a": items.astype(dtype)}, ["a"])
    np.testing.assert_array_equal(rows, shown.schedule({"a": items}, ["a"]))
    assert rows.max() == shape[0] * shape[1]
    numbers = shown.numbers_of({"a": items.astype(dtype)})["a"]
    assert numbers.dtype == np.int64


@pytest.mark.parametrize("dtype", ["u1", "i1", "u8"])
def test_lesions_name_neurons_in_every_type(dtype: str) -> None:
    net = network()
    state = initial_state(net, np.random.default_rng(1), Timing())
    for lesion in (
        lambda n: NeuronLesion("neurons", n),
        lambda n: SynapseLesion("inputs_to_neurons", post=n),
    ):
        expected, detail = lesion([0, 2]).apply(net, state)
        found, same = lesion(np.array([0, 2], dtype)).apply(net, state)
        assert same == detail
        assert json_text(same) == json_text(detail)
        for name, values in expected.items():
            np.testing.assert_array_equal(found[name], values)
    with pytest.raises(ParameterError, match=r"neurons of 'neurons' holds .*: must be from 0 to 2"):
        NeuronLesion("neurons", np.array([2**63], "u8")).apply(net, state)


# --- reprs --------------------------------------------------------------------------------------------------


def test_code_of_an_own_prior_holds_plain_numbers() -> None:
    own = CircuitParameters(prior=OwnPrior(np.float64(0.25), np.float64(2.0)))
    plain = CircuitParameters(prior=OwnPrior(0.25, 2.0))
    code = SamplingRule().code(own)
    assert code == SamplingRule().code(plain)
    assert "np." not in code.every_update
    assert own.to_mapping() == plain.to_mapping()


def test_details_of_events_are_json_whatever_numpy_holds() -> None:
    detail = {"n": np.int64(3), "x": np.float32(0.5), "on": np.True_, "many": np.arange(2)}
    assert json_text(detail) == '{"n": 3, "x": 0.5, "on": true, "many": [0, 1]}'
    with pytest.raises(ParameterError, match="in an event: must be text, a number"):
        json_text({"x": object()})


# --- what a time step can hold ------------------------------------------------------------------------------


def test_a_circuit_fires_at_most_once_a_step() -> None:
    message = "rho_net = 1000 Hz: must be less than one spike in each time step dt = 0.001 s"
    with pytest.raises(ParameterError, match=message):
        begin(network(rho_net="1 kHz"), stimuli())
    with pytest.raises(ParameterError, match=r"rho_net = 100 Hz: must be .* dt = 0.02 s \(50 Hz\)"):
        begin(network(lateral_delay="20 ms"), stimuli(), dt=0.02)


def test_an_input_fires_at_most_once_a_step() -> None:
    fast = Stimuli({"inputs": Library(np.full((1, 12), 1000.0), [0])}, 0.1)
    with pytest.raises(ParameterError, match="rates: the highest = 1000 Hz: must be less than one spike"):
        begin(network(), fast)


def test_traces_do_not_overflow_within_a_frame() -> None:
    with pytest.raises(
        ParameterError, match=r"tau_rise = 0.0001 s: e\^\(t/tau_rise\) overflows within frame_period"
    ):
        begin(network(tau_rise="0.1 ms"), stimuli())
    begin(network(tau_rise="0.15 ms"), stimuli()).close()


def test_a_step_of_the_rule_that_goes_too_far_is_told() -> None:
    """e^(θ − θ0) is 10^8 and more: the first spike throws θ below -10^5."""
    with begin(network(theta_0=-20.0), stimuli()) as sim:
        with pytest.raises(
            EngineError, match=r"one spike moved feedforward.theta .* below theta_floor = -5.*theta_0 = -20"
        ):
            sim.present({"inputs": ITEMS[:4]}, learning="sampling")
        sim.close()


def test_recording_settings_are_plain() -> None:
    assert Recording(snapshot_period=np.float64(30)) == Recording(snapshot_period=30.0)
    assert repr(Recording(snapshot_period=np.float64(30))) == repr(Recording(snapshot_period=30.0))
