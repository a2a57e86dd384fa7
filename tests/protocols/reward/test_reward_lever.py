"""The protocol `reward_lever`: its measures by hand, its smoke preset, a kill, its settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from helpers.runs.killed import metrics_of, whole_and_resumed
from spikingsampling.errors import ParameterError
from spikingsampling.models.reward.lever import LeverPress
from spikingsampling.protocols.reward.reward_lever import PROTOCOL
from spikingsampling.protocols.studies.reward.course import Course
from spikingsampling.protocols.studies.reward.lever import (
    choose_synapses,
    parameters,
    part_metrics,
    trial_seconds,
)


def test_a_killed_run_goes_on_with_the_same_bits(tmp_path: Path) -> None:
    whole, killed = whole_and_resumed("reward_lever", tmp_path, "warm_second.npz")
    found = metrics_of(whole)
    assert metrics_of(killed) == found
    parts = {f"{label}_{part}" for label in ("warm", "cold") for part in ("first", "second", "lesion")}
    assert {path.stem for path in whole.glob("*.npz")} == parts
    for part in parts:
        assert (killed / f"{part}.npz").read_bytes() == (whole / f"{part}.npz").read_bytes()
    assert found["lever.trial_seconds_last_hour"] == found["warm.first.trial_seconds_last_hour"]
    assert found["lever.trial_seconds_first_hour"]["n"] == 2


def test_parameters_are_those_of_each_network() -> None:
    """Synapses that exist are counted, and θ of a network that is set alone is found there alone."""
    m = LeverPress(
        n_networks=3, n_inputs=4, n_hidden=5, n_reached=3, pool_size=2, n_inhibitory=2, n_potential=2
    )
    state = m.start(np.random.SeedSequence(0))
    counts = [state[f"{group}_pairs.n_synapses"].reshape(3, -1).sum(axis=1) for group in ("input", "lateral")]
    _, there, active = parameters(m, state)
    np.testing.assert_array_equal(there.sum(axis=1), sum(counts))
    assert not active[~there].any()
    for group, size in (("input_pairs", 4 * 3), ("lateral_pairs", 9 * 9)):
        for k in range(2):
            state[f"{group}.theta_{k}"] = np.repeat([-1.0, 7.0, -1.0], size)
    theta, there, active = parameters(m, state)
    np.testing.assert_array_equal(theta, np.repeat([[-1.0], [7.0], [-1.0]], 2 * (12 + 81), axis=1))
    np.testing.assert_array_equal(active, there & (theta > 0))
    chosen = choose_synapses(m, state, 20, np.random.default_rng(0))
    assert chosen.shape == (3, 20)
    assert np.take_along_axis(there, chosen, axis=1).all()
    assert choose_synapses(m, state, 10**6, np.random.default_rng(0)).shape == (3, there.sum(axis=1).min())


def test_a_trial_takes_the_mean_time_of_trials_not_of_segments() -> None:
    measured = {"seconds": np.array([[9.0], [10.0], [2.0]]), "trials": np.array([[1], [4], [2]])}
    np.testing.assert_allclose(trial_seconds(Course({}, measured), -2), [2.0])


def test_what_a_part_gives_by_hand() -> None:
    """Two networks and three segments: the second one loses a synapse, and moves one θ of two by 3 and back by 1."""
    measured = {
        "seconds": np.array([[8.0, 9.0], [6.0, 3.0], [2.0, 1.0]]),
        "trials": np.array([[1, 3], [2, 3], [2, 1]]),
        "successes": np.array([[0, 1], [1, 3], [2, 0]]),
        "active": np.packbits(
            np.array([[[1, 1, 0], [1, 1, 0]]] * 2 + [[[1, 1, 1], [0, 1, 1]]], bool), axis=2
        ),
        "theta": np.array([[[0.0, 1.0], [0, 0]], [[1, 1], [3, 0]], [[1, 2], [2, 0]]]),
    }
    found = part_metrics(Course({}, measured), 1, 60.0, "part")
    value = {name.removeprefix("part."): metric.get("value") for name, metric in found.items()}
    assert value["trial_seconds_first_hour"] == pytest.approx((8 + 3) / 2)
    assert value["trial_seconds_last_hour"] == 1.0
    assert value["last_minus_first"] == pytest.approx(((1 - 8) + (1 - 3)) / 2)
    assert "part.last_minus_first" not in part_metrics(Course({}, measured), 2, 60.0, "part")  # they overlap
    assert value["success"] == 0.5
    assert value["survival"] == pytest.approx((1 + 1 / 2) / 2)
    assert value["drift"] == pytest.approx((1 + np.sqrt(2)) / 2)
    # network 1: θ at (0, 1), (1, 1), (1, 2), of variance 1/3 each and covariance 1/6; network 2: along a line
    assert value["first_component"] == pytest.approx((3 / 4 + 1) / 2)
    assert list(found["part.curve"]["time"]) == [60.0, 120.0, 180.0]


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"engine": "runtime"}, "engine = 'runtime': must be standalone"),
        ({"segment": "1 s"}, "segment = 1 s: must be a multiple of 0.3 s"),
        ({"learning": "30 min"}, "learning = 1800 s: must be a multiple of segment = 300 s, at least 3600 s"),
        ({"networks": {"rule": {"update_period": "70 ms"}}}, "update_period = 0.07 s: must divide 100 ms"),
        ({"networks": {"p_potential": 2}}, "p_potential = 2"),
    ],
)
def test_wrong_settings(setting: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        PROTOCOL.configure("paper", setting)
