"""Digit 1, then 2, then 1 again: learning something else and coming back (S0, section 4.8).

Figures 7a, 7b and 7c of Fournier's report. A second machine sees only the 2s from the start, to tell how
much slower a machine learns them that has learnt the 1s; a third one sees as many 1s and no 2s, to tell what
the 2s cost.

Expected on MNIST (seed 0, 5 repetitions, 95 % interval, 2000 images per phase): error on the 1s higher by
0.034 (0.031 to 0.037) after the 2s, and lower by 0.009 (0.007 to 0.011) at the end than after phase one.
Budget: about 5 s of processor time per repetition.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pydantic import Field

from spikingsampling.analysis import estimate_mean
from spikingsampling.cli import run_script
from spikingsampling.experiment.protocol import Protocol
from spikingsampling.experiment.run import Run
from spikingsampling.plotting.rbm import plot_errors, plot_parameters, plot_pictures
from spikingsampling.protocols.studies.rbm.experiments import (
    IMAGE_SHAPE,
    RBMConfiguration,
    Trajectory,
    error_curves,
    image_patterns,
    pixel_probes,
    reconstruction_error,
    repetitions,
    spread,
    train,
)

__all__ = ["PROTOCOL", "Configuration"]

PIXELS = {"(14, 14)": (14, 14), "(20, 10)": (20, 10)}


class Configuration(RBMConfiguration):
    """Settings of the three phases; ``images`` are shown in each."""

    phases: tuple[int, ...] = Field((1, 2, 1), min_length=3, max_length=3, description="digit of each phase")
    test_every: int = Field(250, ge=1, le=10**8, description="images between two measurements")


def run(context: Run[Configuration]) -> dict[str, Any]:
    """Train through the three phases, a fresh machine on the second digit alone, and one on the first."""
    c = context.configuration
    first, second, _ = c.phases
    trajectories: list[Trajectory] = []
    naive_ones: list[Trajectory] = []
    measured: dict[str, list[float]] = {}
    drift: dict[str, list[float]] = {name: [] for name in PIXELS}
    for number, seed in repetitions(context, c.repetitions):
        data_seed, machine_seed, fresh_seed = seed.spawn(3)
        rng = np.random.default_rng(data_seed)
        patterns = {digit: image_patterns(c.data, [digit], rng) for digit in (first, second)}
        model = c.rbm.machine(patterns[first].train.shape[1], machine_seed)
        probes = pixel_probes(list(PIXELS.values()))
        trajectory, ends = Trajectory(), []
        for phase, digit in enumerate(c.phases, start=1):
            for name, known in (("first", first), ("second", second)):
                if phase > 1:
                    _note(measured, f"before_phase_{phase}.{name}", model, patterns[known], rng)
            train(model, patterns[digit], c.images, c.test_every, rng, probes=probes, trajectory=trajectory)
            ends.append(len(trajectory.steps) - 1)
        for name, known in (("first", first), ("second", second)):
            _note(measured, f"end.{name}", model, patterns[known], rng)
        biases = trajectory.probe("biases")
        for i, name in enumerate(PIXELS):
            drift[name].append(float(abs(biases[ends[1], i] - biases[ends[0], i])))
        fresh = c.rbm.machine(patterns[first].train.shape[1], fresh_seed)
        naive_ones.append(train(fresh, patterns[second], c.images, c.test_every, rng))
        trajectories.append(trajectory)
        pure = c.rbm.machine(patterns[first].train.shape[1], machine_seed)
        train(pure, patterns[first], 2 * c.images, c.test_every, rng)
        _note(measured, "first_only.first", pure, patterns[first], rng)
        if number == 0:
            rows = []
            for digit in (first, second):
                shown = patterns[digit].test[:4]
                rows.append((str(digit), [x.reshape(IMAGE_SHAPE) for x in shown]))
                rows.append(("", [x.reshape(IMAGE_SHAPE) for x in model.reconstruct(shown, rng)]))
    marks = (c.images, 2 * c.images)
    curves = {
        "1, 2, 1".replace("1", str(first)).replace("2", str(second)): error_curves(trajectories),
        f"{second} only": error_curves(naive_ones),
    }
    context.save_figure(
        "7a_errors",
        plot_errors(curves, marks=marks),
        "Errors on both digits over the images shown; dashed lines: the digit that is shown changes.",
    )
    example = trajectories[0]
    lines = {name: example.probe("weights")[:, i] for i, name in enumerate(PIXELS)}
    offsets = {name: example.probe("biases")[:, i] for i, name in enumerate(PIXELS)}
    context.save_figure(
        "7b_parameters",
        plot_parameters(example.steps, lines, offsets, marks=marks),
        "Weights and biases of single pixels over the images shown.",
    )
    context.save_figure(
        "7c_reconstructions",
        plot_pictures(rows),
        "Held-out images and their reconstructions after each part of the sequence.",
    )
    metrics: dict[str, Any] = {f"{name}_error": estimate_mean(values) for name, values in measured.items()}
    metrics["fresh.second_error"] = estimate_mean([run.test_error[-1] for run in naive_ones])
    at = c.images + min(c.test_every, c.images)
    early = [
        run.error_at(at) - fresh.error_at(min(c.test_every, c.images))
        for run, fresh in zip(trajectories, naive_ones, strict=True)
    ]
    metrics["taught_minus_fresh.first_measurement"] = estimate_mean(early)
    late = np.subtract(measured["before_phase_3.second"], [run.test_error[-1] for run in naive_ones])
    metrics["taught_minus_fresh.end_of_phase"] = estimate_mean(late)
    forgot = np.subtract(measured["before_phase_3.first"], measured["before_phase_2.first"])
    metrics["forgotten_of_first"] = estimate_mean(forgot)
    kept = np.subtract(measured["end.second"], measured["before_phase_2.second"])
    metrics["second_after_third_phase_minus_before_second"] = estimate_mean(kept)
    returned = np.subtract(measured["end.first"], measured["before_phase_2.first"])
    metrics["first_at_end_minus_after_first_phase"] = estimate_mean(returned)
    cost = np.subtract(measured["end.first"], measured["first_only.first"])
    metrics["first_at_end_minus_first_only"] = estimate_mean(cost)
    moved = np.subtract(*(drift[name] for name in reversed(PIXELS)))
    metrics["bias_drift_in_phase_2.difference"] = estimate_mean(moved)
    for name, (row, column) in PIXELS.items():
        metrics[f"bias_drift_in_phase_2.pixel_{row}_{column}"] = estimate_mean(drift[name])
    return metrics


def _note(
    measured: dict[str, list[float]], name: str, model: Any, patterns: Any, rng: np.random.Generator
) -> None:
    measured.setdefault(name, []).append(reconstruction_error(model, spread(patterns.test), rng))


PROTOCOL = Protocol(
    configuration=Configuration,
    presets={
        "smoke": {"images": 40, "test_every": 20, "repetitions": 2},
        "quick": {},
        "real": {"data": "real"},
    },
    run=run,
)

if __name__ == "__main__":
    run_script(PROTOCOL)
