"""Repetitions: their seeds, estimates per condition, paired differences and mean curves."""

from __future__ import annotations

import math

import numpy as np
import pytest

from spikingsampling.errors import Interrupted, ParameterError, UnknownNameError
from spikingsampling.experiment.configuration import ProtocolConfiguration
from spikingsampling.experiment.interruption import Interruption
from spikingsampling.experiment.repetitions import Repeated, mean_curve, repetitions
from spikingsampling.experiment.run import Run

#: 97.5 % quantile of Student's t with two degrees of freedom.
T2 = 4.302652729911275


def run_of(seed: int, tmp_path, interruption: Interruption | None = None) -> Run[ProtocolConfiguration]:
    return Run(ProtocolConfiguration(seed=seed), tmp_path, interruption=interruption)


def test_repetitions_have_a_named_seed_each(tmp_path):
    run = run_of(3, tmp_path)
    seeds = dict(repetitions(run, 3))
    assert list(seeds) == [0, 1, 2]
    for number, seed in seeds.items():
        assert (
            seed.generate_state(2).tolist() == run.stream(f"repetition {number}").generate_state(2).tolist()
        )
    assert len({seed.generate_state(1)[0] for seed in seeds.values()}) == 3


def test_an_interruption_stops_between_two_repetitions(tmp_path):
    interruption = Interruption()
    done = []
    with pytest.raises(Interrupted):
        for number, _ in repetitions(run_of(3, tmp_path, interruption), 5):
            done.append(number)
            interruption.requested = number == 1
    assert done == [0, 1]


def test_means_of_each_condition_and_measure():
    repeated = Repeated(
        {"taught": {"error": [1.0, 2.0, 6.0], "gap": [0.0, 0.0, 3.0]}, "fresh": {"error": [5, 5, 5]}}
    )
    estimates = repeated.estimates()
    assert list(estimates) == ["taught.error", "taught.gap", "fresh.error"]
    assert (estimates["taught.error"].value, estimates["taught.error"].n) == (3.0, 3)
    half = T2 * math.sqrt(7 / 3)  # the variance of 1, 2, 6 is 7
    np.testing.assert_allclose(estimates["taught.error"].interval, (3 - half, 3 + half))
    assert estimates["taught.gap"].value == 1.0
    assert estimates["fresh.error"].interval == (5.0, 5.0)


def test_a_condition_without_name_leaves_the_measure_alone():
    assert list(Repeated({"": {"cost": [1, 2]}}).estimates()) == ["cost"]


def test_differences_are_taken_pair_by_pair():
    repeated = Repeated(
        {
            "taught": {"error": [1.0, 2.0, 6.0], "gap": [1, 1, 2]},
            "fresh": {"error": [0.0, 3.0, 3.0], "gap": [2, 2, 2]},
        }
    )
    differences = repeated.differences("taught", "fresh")
    assert list(differences) == ["taught_minus_fresh.error", "taught_minus_fresh.gap"]
    error = differences["taught_minus_fresh.error"]
    assert error.value == 1.0
    half = T2 * math.sqrt(4 / 3)  # of 1, -1, 3
    np.testing.assert_allclose(error.interval, (1 - half, 1 + half))
    assert list(repeated.differences("fresh", "taught", ["gap"])) == ["fresh_minus_taught.gap"]
    named = repeated.differences("fresh", "taught", ("error",), name="least_minus_most")
    assert named["least_minus_most.error"].value == -1.0


def test_intervals_do_not_leave_the_bounds_of_the_quantity():
    repeated = Repeated({"a": {"part": [0.0, 0.9]}, "b": {"part": [0.9, 0.0]}}, {"part": (0.0, 1.0)})
    assert repeated.estimates()["a.part"].interval == (0.0, 1.0)
    assert repeated.differences("a", "b")["a_minus_b.part"].interval == (-1.0, 1.0)
    assert repeated.differences("a", "b")["a_minus_b.part"].bounds == (-1.0, 1.0)
    one_sided = Repeated({"a": {"error": [0.0, 0.9]}}, {"error": (0.0, math.inf)}).estimates()["a.error"]
    assert one_sided.interval[0] == 0.0
    assert one_sided.interval[1] > 1


def test_results_are_measured_one_by_one():
    repeated = Repeated.measured(
        {"short": ["a", "bb"], "long": ["cccc", "ddddd"]},
        lambda word: {"length": len(word), "first": ord(word[0])},
    )
    assert repeated.of("short", "length").tolist() == [1, 2]
    assert repeated.of("long", "length").tolist() == [4, 5]
    assert repeated.of("long", "first").tolist() == [99, 100]
    bounded = Repeated.measured({"a": [0.1, 0.2]}, lambda x: {"part": x}, {"part": (0.0, 1.0)})
    assert bounded.estimates()["a.part"].bounds == (0.0, 1.0)


def test_unknown_names_and_unequal_numbers():
    repeated = Repeated({"taught": {"error": [1.0, 2.0]}})
    with pytest.raises(UnknownNameError, match="unknown condition 'taugt'; did you mean 'taught'"):
        repeated.of("taugt", "error")
    with pytest.raises(UnknownNameError, match="unknown measure of taught 'eror'; did you mean 'error'"):
        repeated.differences("taught", "taught", ["eror"])
    with pytest.raises(UnknownNameError, match="unknown condition 'fresh'"):
        repeated.differences("fresh", "taught")
    with pytest.raises(ParameterError, match=r"values have shapes \[\(1,\), \(2,\)\]"):
        Repeated({"a": {"error": [1.0, 2.0]}, "b": {"error": [1.0]}})


def test_mean_curves():
    curve = mean_curve("images", [0, 10], error=[[1.0, 2.0], [3.0, 8.0]], gap=[[0, 1], [0, 1]])
    assert list(curve) == ["images", "error", "gap"]
    assert [values.tolist() for values in curve.values()] == [[0, 10], [2.0, 5.0], [0.0, 1.0]]
    with pytest.raises(ParameterError, match=r"error has shape \(1, 2\): must be \(n_repetitions, 3\)"):
        mean_curve("images", [0, 1, 2], error=[[1, 2]])
