"""The protocol `reward_patterns`: its measures by hand, its smoke preset, a kill, its settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from helpers.runs.killed import metrics_of, whole_and_resumed
from spikingsampling.errors import ParameterError
from spikingsampling.models.reward.patterns import TwoPatterns
from spikingsampling.protocols.reward.reward_patterns import PROTOCOL
from spikingsampling.protocols.studies.reward.course import Course
from spikingsampling.protocols.studies.reward.patterns import (
    Plan,
    accuracy,
    drift_metrics,
    expected_drift,
    relevant,
)


def test_a_killed_run_goes_on_with_the_same_bits(tmp_path: Path) -> None:
    whole, killed = whole_and_resumed("reward_patterns", tmp_path, "cold.npz")  # the third of seven courses
    found = metrics_of(whole)
    assert metrics_of(killed) == found
    parts = ("reward", "no_reward", "cold", "kept", "annealed", "lesion", "lesion_cold")
    assert {path.stem for path in whole.glob("*.npz")} == set(parts)
    for part in parts:
        assert (killed / f"{part}.npz").read_bytes() == (whole / f"{part}.npz").read_bytes()
    assert found["patterns.accuracy"] == found["reward.accuracy"]
    assert found["patterns.accuracy_without_reward"]["n"] == 2
    assert len(found["kept.curve"]["time"]) == 4


def test_annealing_halves_b_and_t_in_a_half_life() -> None:
    plan = Plan(9, 0.4, 2.0, halved_every=3.0)
    assert plan.at(2) == pytest.approx((0.2, 1.0))
    assert plan.at(8) == pytest.approx((0.05, 0.25))
    assert Plan(9, 0.4, 2.0).at(8) == (0.4, 2.0)


def test_accuracy_is_that_of_the_phases_not_of_the_segments() -> None:
    course = Course(
        {}, {"correct": np.array([[1, 0], [3, 1], [2, 2]]), "phases": np.array([[1, 1], [4, 1], [6, 2]])}
    )
    np.testing.assert_allclose(accuracy(course, -2), [0.5, 1.0])
    np.testing.assert_allclose(accuracy(course, 0, 1), [1.0, 0.0])


def test_drift_is_a_root_mean_square_beside_that_of_prior_and_noise() -> None:
    m = TwoPatterns(n_networks=2, n_inputs=2, pool_size=1, n_potential=1, segment="10 s")
    state = {"inputs.first": np.array([2.0, 30.0, 9.0, 2.0]), "inputs.other": np.array([9.0, 20.0, 2.0, 2.0])}
    masks = relevant(m, state)
    np.testing.assert_array_equal(masks, [[False, False, True, True], [False] * 4])
    masks[1, 0] = True
    theta = np.zeros((3, 2, 4))
    theta[2] = [[3, 4, 1, 1], [5, 0, 0, 3]]
    active = np.ones((3, 2, 4), dtype=bool)
    active[2, 0, 1:] = False
    active[1] = False  # on the way
    course = Course({}, {"theta": theta, "active": active})
    found = drift_metrics(m, course, masks, Plan(3, 5e-4, 0.1), "x")
    assert found["x.drift.relevant"]["value"] == pytest.approx((1 + 5) / 2)
    assert found["x.drift.irrelevant"]["value"] == pytest.approx((np.sqrt(25 / 2) + np.sqrt(3)) / 2)
    assert found["x.survival"]["value"] == pytest.approx((0.25 + 1) / 2)
    # from θ = 0 = mean of the prior, in 20 s: sd² = T σ² (1 − e^{−2bt/σ²})
    alone = np.sqrt(0.1 * 4 * -np.expm1(-2 * 5e-4 * 20 / 4))
    assert found["x.drift.relevant"]["prior_and_noise"] == pytest.approx(alone)
    far = expected_drift(m, np.full((1, 3), 2.0), 1e9, 5e-4, 0.1)
    np.testing.assert_allclose(far, np.sqrt(4 + 0.4))


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"engine": "runtime"}, "engine = 'runtime': must be standalone"),
        ({"learning": "75 s"}, "learning = 75 s: must be a multiple of 50 s, at least 200 s"),
        ({"last": "30 s"}, "last = 30 s: must be a multiple of networks.segment = 50 s"),
        ({"networks": {"n_networks": 0}}, "n_networks = 0"),
    ],
)
def test_wrong_settings(setting: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        PROTOCOL.configure("paper", setting)
