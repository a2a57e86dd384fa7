"""What rewiring and the comparison of rules measure, on arrays made by hand."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from helpers.small.recall_courses import AUDITORY_TO_VISUAL, course, tuning
from spikingsampling.analysis import PrincipalComponents
from spikingsampling.protocols.studies.lesion import measures
from spikingsampling.protocols.studies.lesion.regions import (
    left_synapses,
    lesion_phases,
    phase_metrics,
    phases_of,
    region_metrics,
)
from spikingsampling.protocols.studies.lesion.rewiring import (
    PROJECTION,
    ParameterPath,
    choose_lateral,
    connection_moments,
    lesion_moments,
    rewiring_metrics,
)


def bits(text: str) -> np.ndarray:
    return np.array([character == "1" for character in text])


def test_new_connections_were_active_at_no_test_before() -> None:
    active = {"before": bits("110000"), "between": bits("011100"), "end": bits("100111")}
    moments = connection_moments(active, np.array([0, 1, 2, 2, 3, 0]), np.array([0, 4]))
    assert list(moments) == ["before", "between", "end"]
    expected = {
        # Lesion 1 takes the synapses of neuron 0, lesion 2 those that were active between the lesions.
        "before": ("111111", "110000", "110000"),
        "between": ("011110", "011100", "001100"),
        "end": ("000010", "100111", "000011"),
    }
    for name, sets in expected.items():
        for mask, text in zip(moments[name], sets, strict=True):
            np.testing.assert_array_equal(mask, bits(text), err_msg=name)
    assert moments["end"].potential is moments["end"][0]
    assert moments["end"].active is moments["end"][1]
    assert moments["end"].new is moments["end"][2]


def test_followed_parameters_are_of_neurons_that_stay() -> None:
    times, rng = 3, np.random.default_rng(1)
    theta = [np.arange(times * 4, dtype=np.float32).reshape(times, 4), 100 + np.arange(9.0).reshape(times, 3)]
    w = [-values for values in theta]
    visual = [np.array([0, 1, 2, 1]), np.array([2, 0, 3])]
    chosen_theta, chosen_w = choose_lateral(theta, w, visual, np.array([1, 3]), 4, rng)
    assert chosen_theta.dtype == float
    # Columns 0 and 2 of the first projection and 0 and 1 of the second, whose neurons are 0, 2, 2 and 0.
    np.testing.assert_array_equal(np.sort(chosen_theta[1]), [4, 6, 103, 104])
    np.testing.assert_array_equal(chosen_w, -chosen_theta)
    few, _ = choose_lateral(theta, w, visual, np.array([1, 3]), 2, np.random.default_rng(1))
    assert few.shape == (times, 2)


def test_a_sample_at_the_time_of_a_lesion_is_from_before_it() -> None:
    times = np.array([0.0, 10.0, 10.001, 25.0, 30.0, 31.0])
    assert phases_of(times, (10.0, 30.0)).tolist() == [0, 0, 1, 1, 1, 2]


#: θ that a lesion leaves: phases of 4, 4 and 12 samples. The first moves by 1 each time, the second jumps by 5.
LEFT = {1: np.arange(20.0)[:, None], 2: np.column_stack([np.arange(20) % 2, 5.0 * (np.arange(20) >= 8)])}


def test_what_a_lesion_took_tells_no_phase() -> None:
    left = left_synapses(np.array([0, 1, 1, 2, 0]), bits("10010"), np.array([2]))
    assert left[1].tolist() == [True, True, True, False, True]
    assert left[2].tolist() == [False, True, True, False, True]


def test_the_samples_nearest_to_a_lesion_are_compared() -> None:
    phase = np.repeat([0, 1, 2], [5, 3, 6])
    learns = np.ones(14, dtype=bool)
    assert lesion_phases(phase, learns, 1).tolist() == [-1, -1, 0, 0, 0, 1, 1, 1, *[-1] * 6]
    assert lesion_phases(phase, learns, 2).tolist() == [*[-1] * 5, 0, 0, 0, 1, 1, 1, -1, -1, -1]
    learns[[4, 8]] = False  # a test before lesion 1, and one after lesion 2
    assert lesion_phases(phase, learns, 1).tolist() == [-1, 0, 0, 0, -1, 1, 1, 1, *[-1] * 6]
    assert lesion_phases(phase, learns, 2).tolist() == [*[-1] * 5, 0, 0, 0, -1, 1, 1, 1, -1, -1]


def test_a_drift_tells_less_than_a_jump() -> None:
    found = phase_metrics(LEFT, phases_of(np.arange(20.0), (3.0, 7.0)))
    assert (found["lateral.parameters_1"], found["lateral.parameters_2"]) == (1, 2)
    # Learnt: 0, 1 and 4, 5. Held out: 2 on this side of 2.5, 3 beyond it, 6 and 7.
    assert found["lateral.phase_accuracy_1"] == 0.75
    assert found["lateral.separation_1"] == pytest.approx(4 / np.sqrt(1.25))
    assert found["lateral.phase_accuracy_2"] == 1.0
    assert found["lateral.separation_2"] == pytest.approx(5 / 0.5)
    # Three samples of a test, in which nothing moves, change nothing.
    still = {number: np.insert(theta, [2] * 3, theta[1], axis=0) for number, theta in LEFT.items()}
    phase = phases_of(np.insert(np.arange(20.0), [2] * 3, 1.0), (3.0, 7.0))
    assert phase_metrics(still, phase) == found


def path_of(theta: np.ndarray, lesions: tuple[float, float]) -> ParameterPath:
    times = np.arange(len(theta), dtype=float)
    components = PrincipalComponents(theta, np.array([0.7, 0.2]), np.eye(2), 1.75)
    return ParameterPath(
        times, theta, theta, lesions, components, phases_of(times, lesions), SimpleNamespace(), LEFT
    )


#: A path in two dimensions: 4 s around 0, 4 s around 10, then 12 s around 20 and, in its middle, one jump to 24.
PATH = np.zeros((20, 2))
PATH[:, 0] = [0, 2, 0, 2, *[10, 12] * 2, *[20, 22] * 3, *[24, 26] * 3]


def test_regions_are_compared_with_sham_events() -> None:
    path = path_of(PATH, (3.0, 7.0))
    found = region_metrics(path.times, path.theta, path.components, path.phase, path.lesions)

    # Phases last 3, 4 and 12 s: the window is 3 s. Samples at 1, 2, 3 s (2, 0, 2) against 4, 5, 6 s (10, 12, 10).
    def ratio(first: list[float], second: list[float]) -> float:
        spread = np.sqrt((np.var(first) + np.var(second)) / 2)
        return abs(np.mean(second) - np.mean(first)) / spread

    assert found["separation_1"] == pytest.approx(ratio([2, 0, 2], [10, 12, 10]))
    assert found["separation_2"] == pytest.approx(ratio([12, 10, 12], [20, 22, 20]))
    x = PATH[:, 0]
    # Sham events leave 3 s to both lesions and the end: 10 to 16 s.
    shams = [ratio(x[t - 2 : t + 1], x[t + 1 : t + 4]) for t in range(10, 17)]
    assert len(set(shams)) > 3
    assert found["sham_separation"] == pytest.approx(np.median(shams))
    assert found["sham_largest"] == pytest.approx(max(shams))
    assert np.median(shams) not in (pytest.approx(min(shams)), pytest.approx(max(shams)))
    # The centre of the last phase is 23: all are nearest to their own, also 20 and 22 (11 in the phase before).
    assert [found[f"own_region_{k}"] for k in range(3)] == [1.0, 1.0, 1.0]


def test_the_window_leaves_the_longest_phase_room_for_sham_events() -> None:
    theta = np.zeros((21, 2))
    theta[:, 0] = np.arange(21.0) ** 2
    path = path_of(theta, (6.0, 14.0))
    found = region_metrics(path.times, path.theta, path.components, path.phase, path.lesions)
    # Phases last 6, 8 and 6 s: the window is 8 s/2.5 = 3.2 s, samples from 2.8 to 6 and from 6 to 9.2 s.
    before, after = np.arange(3.0, 7) ** 2, np.arange(7.0, 10) ** 2
    spread = np.sqrt((np.var(before) + np.var(after)) / 2)
    assert found["separation_1"] == pytest.approx((after.mean() - before.mean()) / spread)
    means = [np.mean(theta[path.phase == k, 0]) for k in range(3)]
    for k in range(3):
        own = theta[path.phase == k, 0]
        nearest = np.argmin(np.abs(own[:, None] - means), axis=1)
        assert found[f"own_region_{k}"] == pytest.approx(np.mean(nearest == k))
    assert found["own_region_1"] < 1


def test_the_metrics_of_rewiring() -> None:
    assert PROJECTION == AUDITORY_TO_VISUAL
    network = SimpleNamespace(
        projection=lambda name: {PROJECTION: SimpleNamespace(post_index=np.array([0, 1, 1, 2, 0]))}[name]
    )
    moments = lesion_moments(course(), network, np.array([2]))
    # Active at the tests 0, 3 and 6 of the course: 11000, 00110 and 01001.
    assert {name: moment.new.astype(int).tolist() for name, moment in moments.items()} == {
        "trained": [1, 1, 0, 0, 0],
        "after lesion 1": [0, 0, 1, 1, 0],
        "after lesion 2": [0, 0, 0, 0, 1],
    }
    assert moments["after lesion 1"].potential.tolist() == [True, True, True, False, True]
    path = path_of(PATH, (3.0, 7.0))
    found = rewiring_metrics(network, course(), np.array([2, 3]), path)
    regions = region_metrics(path.times, path.theta, path.components, path.phase, path.lesions)
    assert found == regions | phase_metrics(LEFT, path.phase) | {
        "accuracy_before": 0.9,
        "accuracy_after_lesion_1": 0.5,
        "recovered_accuracy_1": 0.84,
        "accuracy_after_lesion_2": 0.3,
        "recovered_accuracy_2": 0.78,
        "removed_neurons": 2,
        "pc_explained_1": 0.7,
        "pc_explained_2": 0.2,
        "participation_ratio": 1.75,
        "active_trained": 2,
        "new_trained": 2,
        "active_after_lesion_1": 2,
        "new_after_lesion_1": 2,
        "active_after_lesion_2": 2,
        "new_after_lesion_2": 1,
    }


def test_the_metrics_of_a_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    theta = {"a": np.array([-1.0, 0.0, 3.0]), "b": np.array([1.0])}
    assert measures.active_fraction(theta) == 0.5
    monkeypatch.setattr(
        measures, "readout_accuracies", lambda responses, skip: {"joint.accuracy": (responses, skip)}
    )
    trained = SimpleNamespace(
        responses="responses",
        tuning={"visual": tuning()},
        neurons=np.arange(3),
        recall=SimpleNamespace(theta=theta),
    )
    assert measures.rule_metrics("stdp", trained, 0.08) == {
        "stdp.joint.accuracy": ("responses", 0.08),
        # Indices 6/8, 3/7, 1 and 0, weighted by 8, 7, 4 and 4 spikes.
        "stdp.joint.visual_selectivity": pytest.approx((6 + 3 + 4) / 23),
        "stdp.removed_neurons": 3,
        "stdp.active_fraction": 0.5,
    }
