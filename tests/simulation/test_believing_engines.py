"""What an engine gives back is compared with the network before anything of it is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from helpers.runs.recording_samples import contents
from helpers.small.networks import small_network, small_stimuli
from spikingsampling.engines.base import Outcome
from spikingsampling.errors import EngineError
from spikingsampling.simulation import timeline
from spikingsampling.simulation.simulation import Simulation

ITEMS = {"image": np.zeros(5, int), "sound": np.zeros(5, int)}
SPIKES = (np.array([0.1, 0.2, 0.9]), np.array([0, 9, 4], dtype=np.int32))


class Engine:
    """Gives back the state as it was, with three spikes; ``change`` spoils it."""

    name, build_seconds = "fake", 0.0
    change: Callable[[Outcome], Outcome] = staticmethod(lambda outcome: outcome)

    def advance(self, state: Any, drive: Any, learning: Any, seed: int) -> Outcome:
        return Engine.change(Outcome({name: values.copy() for name, values in state.items()}, *SPIKES))

    def close(self) -> None:
        pass


def state(**changes: Any) -> Callable[[Outcome], Outcome]:
    """Change arrays of the state; the name with two underscores for the dot."""

    def change(outcome: Outcome) -> Outcome:
        altered = dict(outcome.state)
        for name, make in changes.items():
            key = name.replace("__", ".")
            altered[key] = make(altered[key])
        return replace(outcome, state=altered)

    return change


def without(outcome: Outcome) -> Outcome:
    return replace(outcome, state={k: v for k, v in outcome.state.items() if k != "lateral.intact"})


def spikes(times: Any, neurons: Any) -> Callable[[Outcome], Outcome]:
    return lambda outcome: replace(outcome, times=np.array(times), neurons=np.array(neurons, dtype=np.int32))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (state(lateral__theta=lambda theta: theta[:-1]), r"lateral\.theta has float64 \(59,\) after float64"),
        (state(feedforward__theta=lambda theta: theta[:0]), r"feedforward\.theta has float64 \(0,\)"),
        (state(neurons__removed=lambda values: values.astype(np.float32)), r"neurons\.removed has float32"),
        (state(inputs__t_next=lambda values: values * np.nan), r"inputs\.t_next is not a number"),
        (without, r"lateral\.intact is missing"),
        (spikes([0.1, 0.2], [1]), r"\(2,\) times and \(1,\) neurons"),
        (spikes([0.1, 1.5], [1, 2]), "spikes from 0.1 s to 1.5 s"),
        (spikes([-0.1, 0.5], [1, 2]), "spikes from -0.1 s"),
        (spikes([0.5, 0.1], [1, 2]), "not in the order of time"),
        (spikes([0.1, 0.2], [1, 10]), "spikes of neurons 1 to 10 of 10"),
        (spikes([0.1, 0.2], [-1, 2]), "spikes of neurons -1 to 2"),
    ],
)
def test_what_does_not_fit_the_network_is_not_kept(
    change: Any, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeline, "make_engine", lambda *_, **__: Engine())
    with Simulation(small_network(), small_stimuli(), seed=1, directory=tmp_path / "run") as simulation:
        simulation.present(ITEMS, learning="sampling")
        before, theta = contents(tmp_path / "run"), simulation.theta("left_to_right")
        monkeypatch.setattr(Engine, "change", staticmethod(change))
        with pytest.raises(EngineError, match=message):
            simulation.present(ITEMS, learning="sampling")
        assert contents(tmp_path / "run") == before
        np.testing.assert_array_equal(simulation.theta("left_to_right"), theta)
        monkeypatch.setattr(Engine, "change", staticmethod(lambda outcome: outcome))
        assert simulation.present(ITEMS, learning="sampling").start == 1.0
