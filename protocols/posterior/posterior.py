"""Posterior: proof by sampling that the equation of synaptic sampling reaches the posterior, and that others do not.

The library's core, dθ = (b ∂log p_S + b ∂log p_N + T b′) dt + √(2Tb) dW (Itô; B, equation 5), without spikes:

(a) a Gaussian, a skewed and a bimodal target and a correlated one in two dimensions, with constant b and with
    b = 1 + 0.8 tanh θ, against their exact laws; and what three wrong drifts sample instead;
(b) temperature: p*^{1/T} at T = 0.25, 1, 4, and the maxima of p* at T = 0;
(c) Bayesian linear regression: all examples at once, and one at a time as b falls;
(d) weak convergence in the time step.

Expected (`quick`, seed 0; n is 8 chains of 2000 draws per target, and every run prints its own numbers): all 36
checks pass. Each of the 16 combinations of target, b and T has R-hat < 1.01 (largest 1.005), ESS > 400 (smallest
2346) and a Kolmogorov-Smirnov distance (0.004 to 0.032) within its tolerance (0.018 to 0.045), the 1e-4 quantile
for as many independent draws as the ESS. (The time step of 10 ms alone makes a distance of up to 0.006; more
chains need a smaller one.) The three wrong drifts are refused, with distances of 0.29 (without T b′), 0.12
(Stratonovich) and 0.09 (√T). Order of weak convergence 1.03 (0.95 to 1.10 is allowed for the finite range of Δt).
Excess of the variance over the posterior's at N b Δt = 0.1: 0.40 (95 % interval 0.37 to 0.43) for one example at a
time, 0.03 (0.01 to 0.06) for the batch; theory: 0.38 and 0.03.
Budget, processor time of one core: `quick` 3 min; `paper`, with 8 times its steps, was not measured. No data set
and no engine is used; the examples of the regression are the same for all seeds. A run that is resumed begins
anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from spikingsampling.cli import run_script
from spikingsampling.experiment.configuration import ProtocolConfiguration
from spikingsampling.experiment.protocol import Protocol
from spikingsampling.experiment.run import Run
from spikingsampling.models.posterior.linear_regression import LinearRegression
from spikingsampling.models.posterior.targets import SPEEDS, TARGETS
from spikingsampling.protocols.studies.posterior.experiments import (
    RegressionResult,
    SamplerSettings,
    TargetResult,
    WeakResult,
    WrongResult,
    mode_error,
    sample_regression,
    sample_target,
    sample_weak,
    sample_wrong,
)
from spikingsampling.protocols.studies.posterior.figures import save_figures

__all__ = ["PROTOCOL", "Configuration"]

TargetName = Literal["gaussian", "skewed", "bimodal", "correlated"]
Case = tuple[str, str, float]  # target, speed, temperature


class Configuration(ProtocolConfiguration):
    """Settings of the posterior protocol."""

    targets: tuple[TargetName, ...] = Field(
        ("gaussian", "skewed", "bimodal", "correlated"), min_length=1, description="targets sampled at T = 1"
    )
    tempered: tuple[Literal["gaussian", "skewed", "bimodal"], ...] = Field(
        ("skewed", "bimodal"), description="targets sampled at all temperatures"
    )
    temperatures: tuple[Annotated[float, Field(gt=0, le=4)], ...] = Field(
        (0.25, 1.0, 4.0), min_length=1, description="T of the tempered targets; T = 0 besides"
    )
    sampler: SamplerSettings = SamplerSettings()
    wrong_drifts: tuple[Literal["no_b_prime", "stratonovich", "root_temperature"], ...] = Field(
        ("no_b_prime", "stratonovich", "root_temperature"), description="wrong equations to refuse"
    )
    n_examples: int = Field(20, ge=2, le=10_000, description="examples of the regression")
    b_steps: tuple[Annotated[float, Field(gt=0)], ...] = Field(
        (5e-3, 2e-3, 1e-3, 5e-4),
        min_length=1,
        description="b Δt of the regression, Δt the time of one example",
    )
    regression: SamplerSettings = SamplerSettings(n_chains=32, n_draws=300)
    time_steps: tuple[Annotated[float, Field(ge=1e-4, le=0.5)], ...] = Field(
        (0.2, 0.1, 0.05, 0.025, 0.0125),
        min_length=3,
        description="Δt (s) of the weak convergence",
    )
    n_measured: int = Field(3, ge=0, description="at how many of them, the longest, to sample, too")


def run(context: Run[Configuration]) -> dict[str, Any]:
    """Sample everything, draw the figures, and count the checks that pass."""
    c = context.configuration

    def rng(name: str) -> np.random.Generator:
        context.stop_if_interrupted()
        return np.random.default_rng(context.stream(name))

    cases = {
        case: sample_target(TARGETS[case[0]], SPEEDS[case[1]], case[2], c.sampler, rng(str(case)))
        for case in _cases(c)
    }
    for (name, speed, temperature), result in cases.items():
        context.log.info(
            "%s, b %s, T = %g: R-hat %.4f, ESS %.0f, distance %.4f (allowed %.4f)",
            *(name, speed, temperature, result.rhat, result.ess),
            *(result.worst.distance, result.worst.tolerance),
        )
    modes = {
        f"{name}.{speed}": mode_error(TARGETS[name], b, c.sampler, rng(f"mode {name} {speed}"))
        for name in c.tempered
        for speed, b in SPEEDS.items()
    }
    wrong = {name: sample_wrong(name, c.sampler, rng(f"wrong {name}")) for name in c.wrong_drifts}
    model = LinearRegression.draw(np.random.default_rng(0), c.n_examples, 2)
    regressions = {
        way: [
            sample_regression(model, b_dt, way == "sequential", c.regression, rng(f"{way} {b_dt}"))
            for b_dt in c.b_steps
        ]
        for way in ("batch", "sequential")
    }
    weak = sample_weak(c.time_steps, c.n_measured, c.sampler, rng("weak convergence"))
    if context.figures_enabled:
        save_figures(context.save_figure, cases, wrong, model, regressions, weak)
    metrics, passes = {}, []
    for key, entry, passed in _judge(cases, modes, wrong, regressions, weak):
        metrics[key] = entry
        passes.append(passed)
        if not passed:
            context.log.warning("%s fails: %s", key, entry)
    mixing = [*cases.values(), *(result for results in regressions.values() for result in results)]
    return {
        "passed": all(passes),
        "checks_passed": int(sum(passes)),
        "checks": len(passes),
        "largest_rhat": max(result.rhat for result in mixing),
        "smallest_ess": min(result.ess for result in mixing),
    } | metrics


def _cases(c: Configuration) -> list[Case]:
    at_one = [(name, speed, 1.0) for name in c.targets for speed in SPEEDS]
    tempered = [(name, speed, t) for name in c.tempered for speed in SPEEDS for t in c.temperatures]
    return list(dict.fromkeys([*at_one, *tempered]))


def _judge(
    cases: dict[Case, TargetResult],
    modes: dict[str, float],
    wrong: dict[str, WrongResult],
    regressions: dict[str, list[RegressionResult]],
    weak: WeakResult,
) -> Iterator[tuple[str, Any, bool]]:
    """Every metric with its key and whether it is as theory says."""
    for (name, speed, temperature), result in cases.items():
        worst = result.worst
        entry = {
            "rhat": result.rhat,
            "ess": result.ess,
            "value": worst.distance,
            "tolerance": worst.tolerance,
        }
        yield f"target.{name}.{speed}.T{temperature:g}.distance", entry, result.passes
    for name, error in modes.items():
        yield f"target.{name}.T0.distance_to_mode", error, error < 1e-3
    for name, outcome in wrong.items():
        worst = outcome.result.worst
        entry = {
            "value": worst.distance,
            "tolerance": worst.tolerance,
            "as_theory": outcome.agrees_with_theory,
        }
        yield f"wrong_drift.{name}.distance", entry, outcome.agrees_with_theory and not worst.agrees
    for way, results in regressions.items():
        for result in results:
            entry = {
                "value": result.excess,
                "interval": [result.excess + side * 1.96 * result.standard_error for side in (-1, 1)],
                "expected": result.expected,
                "rhat": result.rhat,
                "ess": result.ess,
            }
            yield f"regression.{way}.b_dt{result.b_dt:g}.excess_variance", entry, result.passes
    for moment, order in zip(("mean", "second_moment"), weak.orders, strict=True):
        yield f"weak_convergence.order_of_{moment}", order, 0.95 < order < 1.10
    for dt, errors in zip(weak.time_steps, weak.z, strict=False):
        z = float(np.abs(errors).max())
        yield f"weak_convergence.samples.dt{dt:g}.z", z, z < 4


PROTOCOL = Protocol(
    configuration=Configuration,
    presets={
        "smoke": {
            "targets": ["gaussian", "correlated"],
            "tempered": ["skewed"],
            "temperatures": [1.0],
            "sampler": {"n_draws": 1000},
            "wrong_drifts": ["stratonovich"],
            "b_steps": [5e-3, 2e-3],
            "n_measured": 1,
        },
        "quick": {},
        "paper": {
            "sampler": {"n_chains": 16, "n_draws": 4000, "dt": "2.5 ms"},
            "regression": {"n_chains": 64, "n_draws": 2000},
            "b_steps": [5e-3, 2e-3, 1e-3, 5e-4, 2e-4],
        },
    },
    run=run,
)

if __name__ == "__main__":
    run_script(PROTOCOL)
