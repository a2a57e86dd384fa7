"""Figures of the protocol `posterior`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from spikingsampling.models.posterior.linear_regression import LinearRegression
from spikingsampling.models.posterior.targets import TARGETS
from spikingsampling.plotting.saving import SaveFigure
from spikingsampling.protocols.studies.posterior.configuration import Case
from spikingsampling.protocols.studies.posterior.judgement import Samples
from spikingsampling.protocols.studies.posterior.plots import (
    Panel,
    plot_convergence,
    plot_excess,
    plot_panels,
    plot_temperatures,
)
from spikingsampling.protocols.studies.posterior.regression_sampling import RegressionResult
from spikingsampling.protocols.studies.posterior.target_sampling import TargetResult, WrongResult
from spikingsampling.protocols.studies.posterior.weak_sampling import WeakResult

__all__ = ["save_figures"]

Array = NDArray[np.float64]


def save_figures(save: SaveFigure, samples: Samples) -> None:
    """Draw laws, temperatures, wrong drifts, one example at a time, and weak convergence."""
    save("laws", _laws(samples.cases), "Samples of each target beside its known law.")
    tempered = [name for name in TARGETS if len({t for used, _, t in samples.cases if used == name}) > 1]
    if tempered:
        figure = _temperatures(samples.cases, tempered)
        save("temperatures", figure, "Samples at several temperatures beside p^(1/T).")
    if samples.wrong:
        save("wrong_drifts", _wrong(samples.wrong), "Drifts that leave out a term end in another law.")
    save(
        "sequential",
        _sequential(samples.model, samples.regressions),
        "Posterior of a linear regression, all data at once and one after another, beside the exact one.",
    )
    save(
        "weak_convergence",
        _convergence(samples.weak),
        "Error of a moment over the time step: it falls with its order.",
    )


def _laws(cases: Mapping[Case, TargetResult]) -> Figure:
    rows = []
    for speed, label in (("constant", "constant b"), ("state_dependent", "b = 1 + 0.8 tanh θ")):
        panels = []
        for (name, used, temperature), result in cases.items():
            if (used, temperature) != (speed, 1.0):
                continue
            target, theta = TARGETS[name], result.theta.reshape(-1, TARGETS[name].n_parameters)
            title = (
                f"{target.label}: distance {result.worst.distance:.3f}, allowed {result.worst.tolerance:.3f}"
            )
            if target.n_parameters == 1:
                panels.append(Panel(title, theta[:, 0], result.laws[0].pdf))
            else:
                panels.append(Panel(title, theta, _plane(target.log_density)))
        rows.append((label, panels))
    return plot_panels(rows, title="Synaptic sampling reaches the posterior")


def _plane(log_density: Callable[[Array], Array]) -> Callable[[Array], Array]:
    return lambda points: np.exp(log_density(points) - log_density(points).max())


def _temperatures(cases: Mapping[Case, TargetResult], names: Sequence[str]) -> Figure:
    rows = []
    for name in names:
        laws = {
            temperature: (result.theta.ravel(), result.laws[0].pdf)
            for (used, speed, temperature), result in cases.items()
            if (used, speed) == (name, "state_dependent")
        }
        rows.append((f"{TARGETS[name].label} target, b = 1 + 0.8 tanh θ", laws, TARGETS[name].modes))
    return plot_temperatures(rows, title="Temperature: samples follow (p*)$^{1/T}$")


def _wrong(wrong: Mapping[str, WrongResult]) -> Figure:
    panels = [
        Panel(
            f"{outcome.label} (T = {outcome.temperature:g}): distance {outcome.result.worst.distance:.2f}",
            outcome.result.theta.ravel(),
            outcome.result.laws[0].pdf,
            outcome.law.pdf,
            "law of the wrong equation",
        )
        for outcome in wrong.values()
    ]
    return plot_panels([("b = 1 + 0.8 tanh θ", panels)], title="What the wrong drift samples")


def _sequential(model: LinearRegression, regressions: Mapping[str, Sequence[RegressionResult]]) -> Figure:
    curves, theory = {}, {}
    labels = {"batch": "all examples at each step", "sequential": "one random example at each step"}
    for way, results in regressions.items():
        steps = [result.b_dt for result in results]
        fine = np.geomspace(min(steps), max(steps), 60)
        excess = [model.excess(model.stationary_covariance(b, sequential=way == "sequential")) for b in fine]
        theory[labels[way]] = (fine, excess)
        errors = [result.standard_error for result in results]
        curves[labels[way]] = (steps, [result.excess for result in results], errors)
    return plot_excess(curves, theory, n_examples=len(model.examples))


def _convergence(weak: WeakResult) -> Figure:
    names = ("mean", "second moment")
    errors = {name: weak.errors[:, k] for k, name in enumerate(names)}
    errors |= {f"mean, {label}": error[:, 0] for label, error in weak.without.items()}
    measured = {name: (weak.measured[:, k], weak.standard_errors[:, k]) for k, name in enumerate(names)}
    order = sum(weak.orders) / 2
    return plot_convergence(weak.time_steps, errors, measured if len(weak.measured) else {}, order=order)
