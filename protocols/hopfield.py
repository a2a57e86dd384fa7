"""Hopfield network: capacity, phases, unlearning, correlated patterns, noise in recall, completion, basins.

What lectures 1 and 4 state, measured: 0.138 N patterns (theory α_c = 0.1379, m_c = 0.967); recall from part of a
pattern; false memories, removed by unlearning in sleep or left with noise in recall; patterns that share neurons are
lost by Hebb's rule and kept by the projection rule. Temperatures are those of P(s = 1) = 1/(1 + e^{−2h/T})
(convention ``glauber``); in lecture 1's convention they are halved.

Expected: m(0.10) = 0.998 (theory 0.998); N = 2000, from the pattern, without noise: 0.94 to 0.96 at α = 0.138 and 0.73
to 0.84 at 0.15 (seven networks each, 100 patterns), which falls to 0.35 as N grows; unlearning at λ = 0.01, N = 200:
0.39 → 1.00 after 2800 dreams at α = 0.3, 0.31 → 1.00 after 8400 at 0.5, and 0.2 after 12,000 (one network each).
Intervals of every run are in its ``metrics.json``. Seed 0. No engine is used; a run that is resumed begins anew.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pydantic import Field
from spikingsampling.models import hopfield_experiments as experiments
from spikingsampling.models import hopfield_theory as theory
from spikingsampling.models.hopfield import Hopfield
from spikingsampling.models.hopfield_figures import plot_capacity, plot_lines, plot_phases
from spikingsampling.models.hopfield_patterns import LECTURE_LINES, LECTURE_STRUCK, corrupt, digit_patterns
from spikingsampling.models.rbm_experiments import estimate

from spikingsampling.configuration import ProtocolConfiguration, write_text
from spikingsampling.plotting.rbm import plot_pictures
from spikingsampling.protocol import Protocol
from spikingsampling.run import Run

__all__ = ["PROTOCOL", "Configuration"]

IMAGE = (28, 28)
RULES = ("hebb", "storkey", "projection")


class Configuration(ProtocolConfiguration):
    """Settings of the measurements."""

    repetitions: int = Field(3, ge=2, le=1000, description="networks per point, each with a seed of its own")
    sizes: tuple[int, ...] = Field((250, 500, 1000), min_length=1, description="neurons, for the capacity")
    alphas: tuple[float, ...] = Field(
        (0.05, 0.08, 0.1, 0.12, 0.13, 0.138, 0.145, 0.15, 0.16, 0.18, 0.2),
        min_length=2,
        description="patterns per neuron",
    )
    neurons: int = Field(400, ge=20, le=20000, description="neurons of all other measurements")
    phase_alphas: tuple[float, ...] = Field(
        (0.01, 0.03, 0.05, 0.08, 0.11, 0.14, 0.17), min_length=2, description="α"
    )
    phase_temperatures: tuple[float, ...] = Field(
        (0.05, 0.2, 0.4, 0.6, 0.8, 1.0, 1.2), min_length=2, description="T of the phase diagram"
    )
    phase_sweeps: int = Field(30, ge=2, le=10000, description="sweeps at each temperature")
    dreaming: int = Field(100, ge=20, le=2000, description="neurons of the network that unlearns")
    dreaming_alphas: tuple[float, ...] = Field(
        (0.3, 0.5), min_length=1, description="its patterns per neuron"
    )
    dreams: tuple[int, ...] = Field(
        (0, 5, 10, 14, 20, 30, 42, 60), min_length=2, description="dreams per neuron at which it is tested"
    )
    rate: float = Field(0.01, gt=0, le=1, description="λ of unlearning")
    correlations: tuple[float, ...] = Field((0.0, 0.1, 0.25, 0.5), min_length=2, description="of patterns")
    temperatures: tuple[float, ...] = Field(
        (0.0, 0.3, 0.5, 0.7, 0.9), min_length=2, description="noise in recall"
    )
    flipped: tuple[float, ...] = Field(
        (0.0, 0.1, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45), min_length=2, description="flips to be tolerated"
    )
    basin_alphas: tuple[float, ...] = Field(
        (0.02, 0.06, 0.1, 0.13), min_length=1, description="α of the basins"
    )
    struck: tuple[float, ...] = Field(
        (0.1, 0.3, 0.5, 0.7, 0.9), min_length=2, description="letters struck out"
    )


def run(context: Run[Configuration]) -> dict[str, Any]:
    """All measurements, each on networks of its own."""
    metrics: dict[str, Any] = {}
    for part in (capacity, phases, dreams, correlated, noise, basins, text, pictures):
        context.stop_if_interrupted()
        context.log.info("%s", part.__name__)
        metrics |= part(context)
    return metrics


def _seeds(context: Run[Configuration], name: str) -> list[np.random.SeedSequence]:
    return context.stream(name).spawn(context.configuration.repetitions)


def capacity(context: Run[Configuration]) -> dict[str, Any]:
    """m(α) without noise, from the pattern, for several N."""
    c, metrics = context.configuration, {}
    curves = {}
    for n in c.sizes:
        runs = np.array(
            [
                [experiments.retrieval(n, a, 0.0, seed) for a in c.alphas]
                for seed in _seeds(context, f"capacity {n}")
            ]
        )
        curves[f"N = {n}"] = runs
        for a, values in zip(c.alphas, runs.T, strict=True):
            metrics[f"capacity.n_{n}.alpha_{a:g}"] = estimate(values) | {"theory": theory.overlap(a)}
    context.save_figure("capacity", plot_capacity(c.alphas, curves))
    return metrics | {"theory.alpha_c": theory.capacity()[0], "theory.m_c": theory.capacity()[1]}


def phases(context: Run[Configuration]) -> dict[str, Any]:
    """m over (α, T), one network per point and repetition."""
    c, metrics = context.configuration, {}
    grid = np.zeros((len(c.phase_temperatures), len(c.phase_alphas)))
    for i, t in enumerate(c.phase_temperatures):
        for j, a in enumerate(c.phase_alphas):
            seeds = _seeds(context, f"phases {t:g} {a:g}")
            values = [experiments.retrieval(c.neurons, a, t, seed, c.phase_sweeps) for seed in seeds]
            grid[i, j] = np.mean(values)
            metrics[f"phases.T_{t:g}.alpha_{a:g}"] = estimate(values) | {"theory": theory.overlap(a, t)}
    context.save_figure("phases", plot_phases(c.phase_alphas, c.phase_temperatures, grid))
    return metrics


def dreams(context: Run[Configuration]) -> dict[str, Any]:
    """Overlap over the number of dreams: it rises and collapses."""
    c, metrics, curves = context.configuration, {}, {}
    stops = [round(d * c.dreaming) for d in c.dreams]
    for a in c.dreaming_alphas:
        seeds = _seeds(context, f"dreams {a:g}")
        runs = np.array([experiments.unlearning(c.dreaming, a, c.rate, stops, seed) for seed in seeds])
        curves[f"α = {a:g}"] = runs
        metrics[f"unlearning.alpha_{a:g}.before"] = estimate(runs[:, 0])
        metrics[f"unlearning.alpha_{a:g}.best"] = estimate(runs.max(axis=1))
        metrics[f"unlearning.alpha_{a:g}.after"] = estimate(runs[:, -1])
    context.save_figure("unlearning", plot_lines(c.dreams, curves, "dreams per neuron", "overlap m"))
    return metrics


def correlated(context: Run[Configuration]) -> dict[str, Any]:
    """Patterns of set correlation and patterns that share neurons, α = 0.2 and 0.05, by rule; and the palimpsest."""
    c, metrics = context.configuration, {}
    for kind, measure, label in (
        (
            "correlated",
            lambda rule, x, s: experiments.held_by_rule(rule, c.neurons, 0.2, x, s),
            "correlation, α = 0.2",
        ),
        (
            "sharing",
            lambda rule, x, s: experiments.held_sharing(rule, c.neurons, round(0.05 * c.neurons), x, s),
            "part of the active neurons that all patterns share, α = 0.05",
        ),
    ):
        curves = {}
        for rule in RULES:
            seeds = _seeds(context, f"{kind} {rule}")
            curves[rule] = np.array([[measure(rule, x, seed) for x in c.correlations] for seed in seeds])
            for x, values in zip(c.correlations, curves[rule].T, strict=True):
                metrics[f"{kind}.{rule}.{x:g}"] = estimate(values)
        context.save_figure(kind, plot_lines(c.correlations, curves, label, "overlap m"))
    count = c.neurons // 2
    ages = {
        rule: [
            experiments.fades(c.neurons, count, 4.0, rule, seed) for seed in _seeds(context, f"fades {rule}")
        ]
        for rule in ("hebb", "palimpsest")
    }
    age = np.arange(count) / c.neurons
    smooth = {
        rule: [np.convolve(v, np.ones(9) / 9, "same")[4:-4] for v in runs] for rule, runs in ages.items()
    }
    context.save_figure(
        "palimpsest", plot_lines(age[4:-4], smooth, "patterns stored since, per neuron", "overlap m")
    )
    for rule, runs in ages.items():
        metrics[f"palimpsest.{rule}.youngest"] = estimate(
            [float(np.mean(v[: max(1, count // 50)])) for v in runs]
        )
    return metrics


def noise(context: Run[Configuration]) -> dict[str, Any]:
    """Random states end more often in a stored pattern with noise that fades (lecture 4, solution 2)."""
    c, metrics = context.configuration, {}
    count = max(2, round(0.02 * c.neurons))
    seeds = _seeds(context, "noise")
    runs = np.array(
        [[experiments.escape(c.neurons, count, t, seed) for t in c.temperatures] for seed in seeds]
    )
    for t, values in zip(c.temperatures, runs.T, strict=True):
        metrics[f"noise.recalled.T_{t:g}"] = estimate(values)
    label = "temperature at the start"
    context.save_figure(
        "noise", plot_lines(c.temperatures, {f"{count} patterns": runs}, label, "ends in a pattern")
    )
    return metrics


def basins(context: Run[Configuration]) -> dict[str, Any]:
    """How many flipped neurons recall tolerates."""
    c, metrics, curves = context.configuration, {}, {}
    for a in c.basin_alphas:
        runs = np.array(
            [experiments.basin(c.neurons, a, c.flipped, seed) for seed in _seeds(context, f"basin {a:g}")]
        )
        curves[f"α = {a:g}"] = runs
        for part, values in zip(c.flipped, runs.T, strict=True):
            metrics[f"basin.alpha_{a:g}.flipped_{part:g}"] = estimate(values)
    context.save_figure("basins", plot_lines(c.flipped, curves, "neurons flipped", "patterns recalled"))
    return metrics


def text(context: Run[Configuration]) -> dict[str, Any]:
    """The sentence of lecture 1 with its letters struck out, and with other parts of its letters struck out."""
    c, metrics, curves = context.configuration, {}, {}
    for rule in ("hebb", "projection"):
        right, read = experiments.completed_letters(
            rule, LECTURE_LINES, LECTURE_STRUCK, context.stream(f"text {rule}")
        )
        metrics[f"text.{rule}.lecture"] = right
        write_text(context.directory / f"text_{rule}.txt", "\n".join(read) + "\n")
        seeds = _seeds(context, f"struck {rule}")
        curves[rule] = np.array(
            [
                [experiments.completed_letters(rule, LECTURE_LINES, x, seed)[0] for x in c.struck]
                for seed in seeds
            ]
        )
        for x, values in zip(c.struck, curves[rule].T, strict=True):
            metrics[f"text.{rule}.struck_{x:g}"] = estimate(values)
    context.save_figure("text", plot_lines(c.struck, curves, "letters struck out", "of these restored"))
    return metrics


def pictures(context: Run[Configuration]) -> dict[str, Any]:
    """Ten digits, one image each: half of the image off, or a quarter of the pixels flipped."""
    rng = np.random.default_rng(context.stream("pictures"))
    stored = digit_patterns(context.configuration.data, range(10), 1)
    half = stored.copy().reshape(-1, *IMAGE)
    half[:, IMAGE[0] // 2 :] = -1
    starts = {"lower half off": half.reshape(stored.shape), "25 % flipped": corrupt(stored, 0.25, rng)}
    rows, metrics = [("stored", list(stored.reshape(-1, *IMAGE)))], {}
    for name, start in starts.items():
        rows.append((name, list(start.reshape(-1, *IMAGE))))
        for rule in RULES:
            ends = Hopfield(stored.shape[1], rule=rule).store(stored).recall(start, random_state=rng)
            rows.append((rule, list(ends.reshape(-1, *IMAGE))))
            key = f"pictures.{rule}.{name.replace(' %', '').replace(' ', '_')}"
            metrics[key] = float((ends == stored).all(axis=1).mean())
    context.save_figure("completion", plot_pictures(rows))
    return metrics


PROTOCOL = Protocol(
    name="hopfield",
    summary="Hopfield network: capacity, phases, unlearning, correlated patterns, noise, completion",
    configuration=Configuration,
    presets={
        "smoke": {
            "repetitions": 2,
            "sizes": [60],
            "alphas": [0.05, 0.2],
            "neurons": 60,
            "phase_alphas": [0.05, 0.2],
            "phase_temperatures": [0.1, 1.2],
            "phase_sweeps": 6,
            "dreaming": 30,
            "dreaming_alphas": [0.3],
            "dreams": [0, 10],
            "correlations": [0.0, 0.5],
            "temperatures": [0.0, 0.5],
            "flipped": [0.0, 0.4],
            "basin_alphas": [0.05],
            "struck": [0.1, 0.9],
        },
        "quick": {},
        "real": {"data": "real"},
        "paper": {
            "repetitions": 10,
            "sizes": [500, 1000, 2000, 5000],
            "neurons": 1000,
            "phase_sweeps": 100,
            "dreaming": 200,
        },
    },
    default_preset="quick",
    run=run,
)

if __name__ == "__main__":
    PROTOCOL.main()
