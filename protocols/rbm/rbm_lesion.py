"""Half of the parameters drawn anew twice: sampling, MAP, likelihood only (S0, sections 4.9 to 4.11).

Figures 8, 9 and 10 of Fournier's report. Each machine has a control that sees the same images without
lesions.

Expected on MNIST (seed 0, 5 repetitions, 95 % interval, ``test_every`` 250): error above the control 1250
images after the last lesion 0.0055 (0.0045 to 0.0065) with sampling, 0.0063 (0.0050 to 0.0076) with MAP,
0.0085 (0.0074 to 0.0095) with likelihood only. Budget: 1 min 30 s of processor time.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pydantic import Field, model_validator

from spikingsampling.analysis import estimate_mean
from spikingsampling.cli import run_script
from spikingsampling.experiment.protocol import Protocol
from spikingsampling.experiment.run import Run
from spikingsampling.plotting.rbm import plot_counts, plot_errors, plot_histograms, plot_parameters
from spikingsampling.protocols.studies.rbm.experiments import (
    RBMConfiguration,
    RBMSettings,
    bimodal,
    error_curves,
    error_metrics,
    image_patterns,
    repetitions,
)
from spikingsampling.protocols.studies.rbm.lesions import Lesioned, train_with_lesions

__all__ = ["PROTOCOL", "Configuration"]

MODES = ("sampling", "map", "likelihood")
PIXEL = (20, 10)


class Configuration(RBMConfiguration):
    """Settings of the lesions; the mode of ``rbm`` is not used."""

    digits: tuple[int, ...] = Field((1,), min_length=1, description="digits shown")
    test_every: int = Field(100, ge=1, le=10**8, description="images between two measurements")
    lesions: tuple[int, ...] = Field((2000, 4000), min_length=2, description="images before each lesion")
    part: float = Field(0.5, gt=0, le=1, description="part of the parameters that a lesion draws anew")
    rbm: RBMSettings = RBMSettings(prior=bimodal(0.15**0.5))

    @model_validator(mode="after")
    def _check_order(self) -> Configuration:
        if not (
            list(self.lesions) == sorted(set(self.lesions))
            and self.lesions[0] > 0
            and self.lesions[-1] < self.images
        ):
            raise ValueError(
                f"lesions = {self.lesions} must ascend and lie between 0 and images = {self.images}"
            )
        return self


def run(context: Run[Configuration]) -> dict[str, Any]:
    """Train with and without lesions in each mode, on the same images and with the same lesions."""
    c = context.configuration
    results: dict[str, list[Lesioned]] = {mode: [] for mode in MODES}
    for _, seed in repetitions(context, c.repetitions):
        data_seed, machine_seed, own = seed.spawn(3)
        patterns = image_patterns(c.data, c.digits, np.random.default_rng(data_seed))
        for mode in MODES:
            models = [c.rbm.machine(patterns.train.shape[1], machine_seed, mode=mode) for _ in range(2)]
            fresh = np.random.SeedSequence(own.entropy, spawn_key=own.spawn_key)
            results[mode].append(
                train_with_lesions(
                    (models[0], models[1]),
                    patterns,
                    c.images,
                    c.test_every,
                    c.lesions,
                    c.part,
                    PIXEL,
                    fresh,
                )
            )
    _save_figures(context, results)
    metrics: dict[str, Any] = {}
    for mode, runs in results.items():
        back = [r.recovery() for r in runs]
        metrics[f"{mode}.recovered"] = float(np.isfinite(back).mean())
        metrics[f"{mode}.recovery_images"] = back
        metrics |= error_metrics(mode, [r.trajectory for r in runs])
        metrics |= error_metrics(f"{mode}.control", [r.control for r in runs])
        for name, values in measures(runs, c).items():
            metrics[f"{mode}.{name}"] = estimate_mean(values)
    for name, values in measures(results["sampling"], c).items():
        difference = np.subtract(values, measures(results["likelihood"], c)[name])
        metrics[f"sampling_minus_likelihood.{name}"] = estimate_mean(difference)
    return metrics


def measures(runs: list[Lesioned], c: Configuration) -> dict[str, list[float]]:
    """What is compared between the modes, one value per repetition."""
    last = c.images - c.lesions[-1]
    soon = min(5 * c.test_every, last)
    found = {
        "peak_of_test_error": [r.peak() for r in runs],
        "peak_of_train_error": [r.peak(which="train_error") for r in runs],
        f"excess_after_{soon}": [r.excess(soon) for r in runs],
        f"excess_after_{last}": [r.excess(last) for r in runs],
        "return_correlation": [r.return_correlation for r in runs],
        "control_correlation": [r.control_correlation for r in runs],
        "slope_correlation": [r.slope_correlation for r in runs],
        "control_roughness": [_roughness(r) for r in runs],
        "control_weight_sd": [float(r.control_model.weights_.std()) for r in runs],
        "biases_above_-1.before": [_count(r, c.lesions[-1]) for r in runs],
        "biases_above_-1.end": [float(r.trajectory.probe("active")[-1]) for r in runs],
        "biases_above_-1.control_end": [float(r.control.probe("active")[-1]) for r in runs],
    }
    return found


def _count(r: Lesioned, step: int) -> float:
    return float(r.trajectory.probe("active")[r.trajectory.steps.index(step)])


def _roughness(r: Lesioned) -> float:
    """Length of the path of the pixel's weights over their net change, without lesions: 1 if monotonic."""
    weights = r.control.probe("weights")[:, 0]
    return float(np.abs(np.diff(weights, axis=0)).sum() / np.abs(weights[-1] - weights[0]).sum())


def _save_figures(context: Run[Configuration], results: dict[str, list[Lesioned]]) -> None:
    marks = context.configuration.lesions
    for letter, mode in (("8", "sampling"), ("9", "likelihood"), ("10", "map")):
        runs = results[mode]
        curves = {
            f"{mode}, lesions": error_curves([r.trajectory for r in runs]),
            f"{mode}, control": error_curves([r.control for r in runs]),
        }
        context.save_figure(
            f"{letter}a_errors",
            plot_errors(curves, marks=marks),
            f"Errors with {mode}, with lesions (dashed lines: half of the parameters drawn anew) and without.",
        )
        # Figure 10 of the report is a training without lesions.
        trajectory = runs[0].control if mode == "map" else runs[0].trajectory
        figure = plot_parameters(
            trajectory.steps,
            {f"pixel {PIXEL}": trajectory.probe("weights")[:, 0]},
            {"hidden": trajectory.probe("hidden_biases")},
            marks=() if mode == "map" else marks,
        )
        name = {"sampling": "8c", "likelihood": "9b", "map": "10c"}[mode]
        context.save_figure(
            f"{name}_parameters",
            figure,
            f"Weights and biases of single pixels with {mode} over the images shown.",
        )
    sampled = results["sampling"]
    counts = {
        "lesions": [r.trajectory.probe("active") for r in sampled],
        "control": [r.control.probe("active") for r in sampled],
    }
    context.save_figure(
        "8b_biases",
        plot_counts(sampled[0].trajectory.steps, counts, marks=marks),
        "Visible biases above −1 over the images shown, with and without lesions.",
    )
    prior = context.configuration.rbm.prior
    weights = {f"{mode}, control": (results[mode][0].control_model.weights_, prior) for mode in MODES[:2]}
    context.save_figure(
        "10b_weights", plot_histograms(weights), "Weights at the end beside the prior, without lesions."
    )


PROTOCOL = Protocol(
    configuration=Configuration,
    presets={
        "smoke": {"images": 60, "test_every": 10, "repetitions": 2, "lesions": [20, 40]},
        "quick": {},
        "real": {"data": "real"},
    },
    run=run,
)

if __name__ == "__main__":
    run_script(PROTOCOL)
