"""When samples pass: every check at and beyond its limit."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from spikingsampling.inference.diagnostics import LawDistance, PosteriorSummary
from spikingsampling.protocols.studies.posterior.chains import Chains
from spikingsampling.protocols.studies.posterior.configuration import Configuration
from spikingsampling.protocols.studies.posterior.judgement import Samples, judge, summary_metrics
from spikingsampling.protocols.studies.posterior.regression_sampling import RegressionResult
from spikingsampling.protocols.studies.posterior.target_sampling import TargetResult, WrongResult
from spikingsampling.protocols.studies.posterior.weak_sampling import WeakResult

THETA = np.zeros((1, 1, 1))


def summary(rhat: float = 1.0, bulk: float = 900.0, tail: float = 800.0) -> PosteriorSummary:
    return PosteriorSummary(0.0, 1.0, (-1.6, 1.6), 0.03, bulk, tail, rhat)


def target(*distances: float, **of_summary: float) -> TargetResult:
    return TargetResult(
        THETA, [summary(**of_summary)], [], [LawDistance(distance, 0.05, 500.0) for distance in distances]
    )


REGRESSION = RegressionResult(
    THETA, [summary()], b_dt=0.002, excess=0.3, standard_error=0.1, expected=0.2, mean_error=2.0
)
#: Errors of order 1 (mean) and 2 (second moment) at the last three time steps, whatever they are before.
TIME_STEPS = np.array([0.8, 0.4, 0.2, 0.1])
WEAK = WeakResult(
    TIME_STEPS,
    np.array([[9.0, 9.0], [-0.8, 0.16], [-0.4, 0.04], [-0.2, 0.01]]),
    np.array([[9.3, 8.0], [-0.7, 0.2]]),
    np.array([[0.1, 0.5], [0.2, 0.01]]),
    {},
)


def test_chains_mix_by_their_worst_direction() -> None:
    chains = Chains(THETA, [summary(1.001, 500, 700), summary(1.009, 800, 401)])
    assert (chains.rhat, chains.ess, chains.mixes) == (1.009, 401, True)
    assert not Chains(THETA, [summary(1.01)]).mixes
    assert not Chains(THETA, [summary(bulk=400.0)]).mixes
    assert not Chains(THETA, [summary(), summary(tail=399.0)]).mixes


def test_a_target_passes_where_its_worst_distance_is_tolerated() -> None:
    result = TargetResult(
        THETA, [summary()], [], [LawDistance(0.04, 0.08, 400), LawDistance(0.03, 0.04, 400)]
    )
    assert result.worst.distance == 0.03
    assert result.passes
    assert target(0.05).passes
    assert not target(0.01, 0.051).passes
    assert not target(0.01, rhat=1.02).passes


def test_a_regression_passes_within_four_standard_errors() -> None:
    assert REGRESSION.interval == pytest.approx((0.104, 0.496))
    assert REGRESSION.passes
    assert not replace(REGRESSION, expected=-0.11).passes
    assert not replace(REGRESSION, expected=0.71).passes
    assert not replace(REGRESSION, mean_error=4.1).passes
    assert not replace(REGRESSION, summaries=[summary(1.02)]).passes


def test_weak_convergence_by_hand() -> None:
    """Orders from the last three time steps; deviations of samples from the errors at the first two."""
    assert WEAK.orders == pytest.approx([1, 2])
    np.testing.assert_allclose(WEAK.z, [[3, -2], [0.5, 4]])


def samples(**changes: Any) -> Samples:
    wrong = WrongResult("wrong", 1.0, target(0.2), SimpleNamespace(), True)
    everything = {
        "cases": {("skewed", "constant", 0.25): target(0.04)},
        "mode_errors": {"skewed.constant": 9e-4},
        "wrong": {"stratonovich": wrong},
        "model": None,
        "regressions": {"batch": [REGRESSION], "sequential": []},
        "weak": WEAK,
    }
    return Samples(**everything | changes)


def test_every_metric_and_its_check() -> None:
    judged = {name: (metric, bool(passed)) for name, metric, passed in judge(samples())}
    assert judged.pop("weak_convergence.order_of_mean") == (pytest.approx(1), True)
    assert judged.pop("weak_convergence.order_of_second_moment") == (pytest.approx(2), False)
    assert judged.pop("weak_convergence.samples.dt0.8.z") == (pytest.approx(3), True)
    assert judged.pop("weak_convergence.samples.dt0.4.z") == (pytest.approx(4), False)
    regression = judged.pop("regression.batch.b_dt0.002.excess_variance")
    assert regression[1]
    assert regression[0].pop("interval") == pytest.approx([0.104, 0.496])
    assert regression[0] == {"value": 0.3, "expected": 0.2, "rhat": 1.0, "ess": 800.0}
    assert judged == {
        "target.skewed.constant.T0.25.distance": (
            {"value": 0.04, "tolerance": 0.05, "rhat": 1.0, "ess": 800.0},
            True,
        ),
        "target.skewed.constant.T0.distance_to_mode": (9e-4, True),
        "wrong_drift.stratonovich.distance": ({"value": 0.2, "tolerance": 0.05, "as_theory": True}, True),
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"cases": {("skewed", "constant", 1.0): target(0.06)}},
        {"mode_errors": {"skewed.constant": 1e-3}},
        {"wrong": {"stratonovich": WrongResult("", 1.0, target(0.2), SimpleNamespace(), False)}},
        {"wrong": {"stratonovich": WrongResult("", 1.0, target(0.04), SimpleNamespace(), True)}},
        {"regressions": {"sequential": [replace(REGRESSION, mean_error=5.0)]}},
    ],
)
def test_what_is_wrong_fails(changes: dict[str, Any]) -> None:
    (kind,) = changes
    prefix = {"cases": "target", "mode_errors": "target", "wrong": "wrong", "regressions": "regression"}[kind]
    judged = [
        passed
        for name, _, passed in judge(samples(**{"cases": {}, "mode_errors": {}} | changes))
        if name.startswith(prefix)
    ]
    assert [bool(passed) for passed in judged] == [False]


def test_the_orders_that_are_allowed() -> None:
    for order, allowed in ((0.94, False), (0.96, True), (1.09, True), (1.11, False)):
        weak = replace(WEAK, errors=np.column_stack([TIME_STEPS**order] * 2))
        judged = {name: passed for name, _, passed in judge(samples(weak=weak))}
        assert judged["weak_convergence.order_of_mean"] is allowed


def test_the_summary_counts_checks_and_names_the_worst_mixing() -> None:
    worse = {
        "batch": [replace(REGRESSION, summaries=[summary(1.005, bulk=700.0)])],
        "sequential": [REGRESSION],
    }
    cases = {
        ("gaussian", "constant", 1.0): target(0.01, tail=600.0),
        ("skewed", "constant", 1.0): target(0.01),
    }
    assert summary_metrics(samples(cases=cases, regressions=worse), [True, False, True]) == {
        "passed": False,
        "checks_passed": 2,
        "checks": 3,
        "largest_rhat": 1.005,
        "smallest_ess": 600.0,
    }
    assert summary_metrics(samples(), [True])["passed"] is True


def test_every_case_is_sampled_once() -> None:
    c = Configuration(targets=("gaussian", "skewed"), tempered=("skewed",), temperatures=(1.0, 4.0))
    assert c.cases == [
        ("gaussian", "constant", 1.0),
        ("gaussian", "state_dependent", 1.0),
        ("skewed", "constant", 1.0),
        ("skewed", "state_dependent", 1.0),
        ("skewed", "constant", 4.0),
        ("skewed", "state_dependent", 4.0),
    ]
