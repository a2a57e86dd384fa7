"""Whether samples are as theory says: every metric of the protocol ``posterior`` with its check."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from spikingsampling.models.posterior.linear_regression import LinearRegression
from spikingsampling.protocols.studies.posterior.configuration import Case
from spikingsampling.protocols.studies.posterior.regression_sampling import RegressionResult
from spikingsampling.protocols.studies.posterior.target_sampling import TargetResult, WrongResult
from spikingsampling.protocols.studies.posterior.weak_sampling import WeakResult

__all__ = ["Samples", "judge", "summary_metrics"]

#: The largest distance from a mode at T = 0, the orders of weak convergence that are allowed for the finite range of
#: Δt, and the largest deviation of samples from the law of the integrator, in standard errors.
MODE_ERROR, ORDERS, WEAK_Z = 1e-3, (0.95, 1.10), 4.0


@dataclass(frozen=True)
class Samples:
    """Everything that was sampled.

    Attributes
    ----------
    cases : mapping of (target, speed, temperature)
    mode_errors : mapping of "target.speed"
        Distance to the nearest mode at T = 0.
    wrong : mapping of the name of a wrong drift
    model : LinearRegression
    regressions : mapping of "batch" and "sequential"
    weak : WeakResult
    """

    cases: Mapping[Case, TargetResult]
    mode_errors: Mapping[str, float]
    wrong: Mapping[str, WrongResult]
    model: LinearRegression
    regressions: Mapping[str, Sequence[RegressionResult]]
    weak: WeakResult


def judge(samples: Samples) -> Iterator[tuple[str, Any, bool]]:
    """Every metric with its name and whether it is as theory says."""
    for (name, speed, temperature), result in samples.cases.items():
        metric = _distance(result) | {"rhat": result.rhat, "ess": result.ess}
        yield f"target.{name}.{speed}.T{temperature:g}.distance", metric, result.passes
    for name, error in samples.mode_errors.items():
        yield f"target.{name}.T0.distance_to_mode", error, error < MODE_ERROR
    for name, wrong in samples.wrong.items():
        refused = wrong.agrees_with_theory and not wrong.result.worst.agrees
        metric = _distance(wrong.result) | {"as_theory": wrong.agrees_with_theory}
        yield f"wrong_drift.{name}.distance", metric, refused
    for way, results in samples.regressions.items():
        for result in results:
            metric = {
                "value": result.excess,
                "interval": list(result.interval),
                "expected": result.expected,
                "rhat": result.rhat,
                "ess": result.ess,
            }
            yield f"regression.{way}.b_dt{result.b_dt:g}.excess_variance", metric, result.passes
    weak = samples.weak
    for moment, order in zip(("mean", "second_moment"), weak.orders, strict=True):
        yield f"weak_convergence.order_of_{moment}", order, ORDERS[0] < order < ORDERS[1]
    for dt, errors in zip(weak.time_steps, weak.z, strict=False):
        z = float(np.abs(errors).max())
        yield f"weak_convergence.samples.dt{dt:g}.z", z, z < WEAK_Z


def _distance(result: TargetResult) -> dict[str, float]:
    return {"value": result.worst.distance, "tolerance": result.worst.tolerance}


def summary_metrics(samples: Samples, passes: Sequence[bool]) -> dict[str, Any]:
    """How many checks pass, and the worst mixing of the chains."""
    mixing = [*samples.cases.values(), *(one for results in samples.regressions.values() for one in results)]
    return {
        "passed": all(passes),
        "checks_passed": int(sum(passes)),
        "checks": len(passes),
        "largest_rhat": max(result.rhat for result in mixing),
        "smallest_ess": min(result.ess for result in mixing),
    }
