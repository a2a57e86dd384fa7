"""The protocol `reward_reaching`: a kill in closed loop, its measures, its settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from helpers.runs.killed import metrics_of, whole_and_resumed
from spikingsampling.errors import ParameterError
from spikingsampling.models.reward.reaching import Reaching
from spikingsampling.protocols.reward.reward_reaching import PROTOCOL
from spikingsampling.protocols.studies.reward.course import Course
from spikingsampling.protocols.studies.reward.reaching import (
    program_of,
    split,
    success,
    success_over_time,
)


def test_a_run_in_closed_loop_that_is_killed_goes_on_with_the_same_bits(tmp_path: Path) -> None:
    whole, killed = whole_and_resumed("reward_reaching", tmp_path, "no_reward.npz")
    found = metrics_of(whole)
    assert metrics_of(killed) == found
    parts = {"reward", "no_reward", "cold", "kept", "annealed", "lesion", "lesion_cold"}
    assert {path.stem for path in whole.glob("*.npz")} == parts
    for part in parts:
        assert (killed / f"{part}.npz").read_bytes() == (whole / f"{part}.npz").read_bytes()
    assert found["reaching.reached"] == found["reward.reached"]
    assert found["kept.curve"]["time"] == [2.5, 5.0]
    assert found["kept.drift"]["value"] > 0
    assert found["annealed.drift_of_difference"]["n"] == 2


def test_success_is_that_of_the_trials() -> None:
    measured = {"reached": np.array([[1], [1], [3]]), "trials": np.array([[1], [2], [8]])}
    np.testing.assert_allclose(success(Course({}, measured), -2), [0.4])


def test_success_over_time_sums_trials_before_it_divides() -> None:
    """Of five blocks in two pieces and a rest, the first holds no trial."""
    measured = {"reached": np.array([[0], [1], [1], [0], [2]]), "trials": np.array([[0], [2], [1], [3], [2]])}
    times, rates = success_over_time(Course({}, measured), 5.0, n_bins=2)
    np.testing.assert_allclose(times, [10, 20, 25])
    np.testing.assert_allclose(rates, [[0.5], [0.25], [1]])


def test_a_weight_is_split_between_the_synapses_of_a_pair() -> None:
    """By hand: e^{θ − 3} where θ > 0; the sum is what the network that is set so has as its weights."""
    m = Reaching(n_networks=2, n_inputs=2, pool_size=1)
    state = m.start(np.random.SeedSequence(1))
    theta = state["synapses.theta"].reshape(1, 2, -1)
    difference, total = split(m, Course({}, {"theta": theta}))
    assert difference.shape == total.shape == (1, 2, 2 * 8)
    np.testing.assert_allclose(total.ravel(), state["synapses.w"].reshape(-1, 2).sum(axis=1))
    first, second = theta[0, 1, 6:8]
    assert difference[0, 1, 3] == pytest.approx(
        sum(sign * np.exp(x - 3) * (x > 0) for sign, x in ((1, first), (-1, second)))
    )
    assert difference.min() < 0 < difference.max()


def test_the_world_is_not_the_programs() -> None:
    assert program_of({"world.a": np.zeros(1), "neurons.a": np.ones(1)}).keys() == {"neurons.a"}


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"engine": "runtime"}, "engine = 'runtime': must be standalone"),
        ({"learning": "601 s"}, "learning = 601 s: must be a multiple of 5 s, at least 100 s"),
        ({"networks": {"act": "70 ms"}}, "must divide act = 0.07 s"),
        ({"networks": {"act": "1 s"}}, "act = 1"),
    ],
)
def test_wrong_settings(setting: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        PROTOCOL.configure("paper", setting)
