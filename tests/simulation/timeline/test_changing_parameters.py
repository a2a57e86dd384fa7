"""Constants that change while a network runs."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from helpers.small.networks import FAST, both_engines
from helpers.small.simulations import Stop, items, simulation, stop_after, thetas
from spikingsampling.errors import ParameterError, ResumeError
from spikingsampling.recording import open_recording
from spikingsampling.simulation.simulation import CHANGEABLE

N = 100  # presentations in a segment of 20 s
HOT = {"b": 5e-4, "temperature": 4.0}


def run(directory: Path, resuming: bool = False, changes: dict = HOT, **options) -> np.ndarray:
    """A segment with the constants of the network, two with others; θ at the end as recorded."""
    with simulation(directory=directory, resuming=resuming, **options) as sim:
        for number in range(3):
            if number == 1:
                sim.set_parameters(**changes)
            sim.present(items(N, number), learning="sampling", snapshot=True)
    with open_recording(directory) as recording:
        return np.concatenate([recording.theta(name) for name in recording.projections])


@both_engines
def test_what_follows_is_what_a_simulation_with_these_constants_does(name: str) -> None:
    """Changed before its first segment, a simulation gives the bits of one that was made so."""
    n = {"standalone": N, "runtime": 5}[name]
    hot = FAST.replace(**HOT)
    with simulation(name) as changed, simulation(name, parameters=hot) as made, simulation(name) as other:
        changed.set_parameters(**HOT)
        for sim in (changed, made, other):
            sim.present(items(n), learning="sampling")
        np.testing.assert_array_equal(thetas(changed), thetas(made))
        assert not np.array_equal(thetas(changed), thetas(other))
        assert changed.network.parameters == hot


def test_noise_follows_the_temperature_of_the_moment() -> None:
    """Without likelihood and nearly without prior, θ moves by N(0, 2 T b t) in the second half."""
    slow = FAST.replace(n_examples=0, b=1e-6)
    with simulation(parameters=slow) as sim:
        sim.present(items(N), learning="sampling")
        before = thetas(sim)
        sim.set_parameters(b="1e-5 /s", temperature=9)
        sim.present(items(N, 1), learning="sampling")
        moved = thetas(sim) - before
    variance = 2 * 9 * 1e-5 * 20
    # The standard error of a variance from n normal numbers is √(2/n) of it.
    assert np.mean(moved**2) == pytest.approx(variance, rel=4 * np.sqrt(2 / len(moved)))


def test_changes_are_recorded_and_repeated_when_a_run_resumes(tmp_path: Path) -> None:
    whole = run(tmp_path / "whole")
    for stop in (1, 2):
        with pytest.raises(Stop):
            run(tmp_path / f"{stop}", after_segment=stop_after(stop))
        np.testing.assert_array_equal(run(tmp_path / f"{stop}", resuming=True), whole)
    with open_recording(tmp_path / "whole") as recording:
        (event,) = recording.events
    assert (event.time, event.kind, json.loads(event.detail)) == (20.0, "parameters", HOT)
    with pytest.raises(Stop):
        run(tmp_path / "other", after_segment=stop_after(2))
    with pytest.raises(ResumeError):
        run(tmp_path / "other", resuming=True, changes={"b": 2e-4})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tau_fall": 0.03}, r"tau_fall: cannot change during a simulation; what can is b, temperature"),
        ({"normaliser": True}, "normaliser: cannot change"),
        ({"b": "1 /s"}, r"update_period = 1 s: b times it is 1 and must be at most 1e-3"),
        ({"temperature": -1}, "temperature = -1"),
    ],
)
def test_wrong_changes_change_nothing(changes: dict, message: str) -> None:
    with simulation() as sim:
        with pytest.raises(ParameterError, match=message):
            sim.set_parameters(**changes)
        assert sim.network.parameters == FAST
    assert set(CHANGEABLE) < set(type(FAST).model_fields)
