"""The measurements of the protocol ``hopfield``, each with its figure, on networks of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from spikingsampling.analysis import estimate_mean
from spikingsampling.data import IMAGE_SHAPE
from spikingsampling.experiment.configuration import ProtocolConfiguration, write_text
from spikingsampling.experiment.run import Run
from spikingsampling.models.hopfield import theory as theory
from spikingsampling.models.hopfield.network import Hopfield
from spikingsampling.models.hopfield.patterns import LECTURE_LINES, LECTURE_STRUCK, corrupt, digit_patterns
from spikingsampling.plotting.pictures import plot_pictures
from spikingsampling.protocols.studies.hopfield import experiments as experiments
from spikingsampling.protocols.studies.hopfield import references as references
from spikingsampling.protocols.studies.hopfield.figures import (
    plot_bit_errors,
    plot_capacity,
    plot_lines,
    plot_phases,
)

__all__ = ["MEASUREMENTS", "HopfieldConfiguration"]

RULES = ("hebb", "storkey", "projection")


class HopfieldConfiguration(ProtocolConfiguration):
    """Settings of the measurements."""

    repetitions: int = Field(3, ge=2, le=1000, description="networks per point, each with a seed of its own")
    sizes: tuple[int, ...] = Field((250, 1000, 2000), min_length=1, description="neurons, for the capacity")
    alphas: tuple[float, ...] = Field(
        (0.05, 0.08, 0.1, 0.12, 0.13, 0.138, 0.145, 0.15, 0.16, 0.18, 0.2),
        min_length=2,
        description="patterns per neuron",
    )
    neurons: int = Field(400, ge=20, le=20000, description="neurons of all other measurements")
    bit_alphas: tuple[float, ...] = Field(
        (0.09, 0.105, 0.138, 0.185, 0.25), min_length=2, description="α of the bit errors"
    )
    melting_temperatures: tuple[float, ...] = Field(
        (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.2), min_length=2, description="T of two patterns"
    )
    phase_alphas: tuple[float, ...] = Field(
        (0.01, 0.03, 0.05, 0.08, 0.11, 0.14, 0.17), min_length=2, description="α"
    )
    phase_temperatures: tuple[float, ...] = Field(
        (0.05, 0.2, 0.4, 0.6, 0.8, 1.0, 1.2), min_length=2, description="T of the phase diagram"
    )
    phase_sweeps: int = Field(20, ge=2, le=10000, description="sweeps at each temperature")
    dreaming: int = Field(100, ge=20, le=2000, description="neurons of the network that unlearns")
    dreaming_alphas: tuple[float, ...] = Field(
        (0.3, 0.5), min_length=1, description="its patterns per neuron"
    )
    dreams: tuple[int, ...] = Field(
        (0, 5, 10, 14, 20, 30, 42, 60), min_length=2, description="dreams per neuron at which it is tested"
    )
    rate: float = Field(0.01, gt=0, le=1, description="λ of unlearning")
    correlations: tuple[float, ...] = Field(
        (0.0, 0.05, 0.1, 0.25, 0.5), min_length=2, description="of patterns"
    )
    held_alphas: tuple[float, ...] = Field(
        (0.05, 0.2, 0.4, 0.6, 0.8, 0.95), min_length=2, description="α of patterns with correlation 0.25"
    )
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


def _seeds(context: Run[HopfieldConfiguration], name: str) -> list[np.random.SeedSequence]:
    return context.stream(name).spawn(context.configuration.repetitions)


def _measure(
    context: Run[HopfieldConfiguration],
    metrics: dict[str, Any],
    key: str,
    values: Sequence[float],
    measure: Callable[[float, np.random.SeedSequence], float],
) -> NDArray[np.float64]:
    """Runs (repetitions, n) of ``measure`` at each of ``values``; ``metrics[key + value]`` gets its estimate."""
    runs = np.array([[measure(x, seed) for x in values] for seed in _seeds(context, key)])
    for x, found in zip(values, runs.T, strict=True):
        metrics[f"{key}{x:g}"] = estimate_mean(found).metric()
    return runs


def capacity(context: Run[HopfieldConfiguration]) -> dict[str, Any]:
    """m(α) without noise, from the pattern, for several N."""
    c, curves = context.configuration, {}
    metrics: dict[str, Any] = {"theory.alpha_c": theory.capacity()[0], "theory.m_c": theory.capacity()[1]}
    for n in c.sizes:
        key, measure = f"capacity.n_{n}.alpha_", lambda a, seed, n=n: experiments.retrieval(n, a, 0.0, seed)
        curves[f"N = {n}"] = _measure(context, metrics, key, c.alphas, measure)
        for a in c.alphas:
            metrics[f"capacity.n_{n}.alpha_{a:g}"]["theory"] = theory.overlap(a)
    figure = plot_capacity(c.alphas, curves, {"reference, N = 2000": references.OVERLAPS})
    context.save_figure(
        "capacity",
        figure,
        "Overlap with a stored pattern after recall from it, over patterns per neuron α; line: theory for large N.",
    )
    return metrics


def bits(context: Run[HopfieldConfiguration]) -> dict[str, Any]:
    """How many neurons leave a stored pattern in one synchronous step."""
    c, n, metrics = context.configuration, max(context.configuration.sizes), {}
    runs = _measure(
        context, metrics, "bit_error.alpha_", c.bit_alphas, lambda a, seed: experiments.bit_errors(n, a, seed)
    )
    for a in c.bit_alphas:
        metrics[f"bit_error.alpha_{a:g}"]["theory"] = float(theory.bit_error(a))
    figure = plot_bit_errors(c.bit_alphas, {f"N = {n}": runs}, {"reference": references.BIT_ERRORS})
    context.save_figure(
        "bit_errors",
        figure,
        "Neurons that leave a stored pattern in one synchronous step; line: ½ erfc(√(1/2α)).",
    )
    return metrics


def melting(context: Run[HopfieldConfiguration]) -> dict[str, Any]:
    """m(T) of two patterns in both conventions; T_c is 1 in one, ½ in the other (lecture 1)."""
    c, metrics, curves, lines = context.configuration, {}, {}, {}
    grid = np.linspace(0.01, max(c.melting_temperatures), 200)
    for convention, halved in (("glauber", 1), ("logistic", 2)):
        curves[convention] = _measure(
            context,
            metrics,
            f"melting.{convention}.T_",
            c.melting_temperatures,
            lambda t, seed, name=convention: experiments.melting(c.neurons, t, name, seed),
        )
        lines[convention] = grid, [theory.unsaturated_overlap(halved * t) for t in grid]
    figure = plot_lines(
        c.melting_temperatures,
        curves,
        "temperature T = 1/β",
        f"overlap m, two patterns, N = {c.neurons}",
        marks={"T_c = 1": 1.0, "T_c = 0.5 (β = 2)": 0.5},
        theory_lines=lines,
        references=references.MELTING,
    )
    context.save_figure(
        "melting", figure, "Overlap of two patterns over temperature, in both conventions; lines: theory."
    )
    return metrics


def phases(context: Run[HopfieldConfiguration]) -> dict[str, Any]:
    """m over (α, T), one network per point and repetition."""
    c, metrics = context.configuration, {}
    grid = np.zeros((len(c.phase_temperatures), len(c.phase_alphas)))
    for i, t in enumerate(c.phase_temperatures):
        for j, a in enumerate(c.phase_alphas):
            seeds = _seeds(context, f"phases {t:g} {a:g}")
            values = [experiments.retrieval(c.neurons, a, t, seed, c.phase_sweeps) for seed in seeds]
            grid[i, j] = np.mean(values)
            metrics[f"phases.T_{t:g}.alpha_{a:g}"] = estimate_mean(values).metric() | {
                "theory": theory.overlap(a, t)
            }
    context.save_figure(
        "phases",
        plot_phases(c.phase_alphas, c.phase_temperatures, grid),
        "Overlap after recall from a pattern over α and temperature, with the borders of the theory.",
    )
    return metrics


def dreams(context: Run[HopfieldConfiguration]) -> dict[str, Any]:
    """Overlap over the number of dreams: it rises and collapses."""
    c, metrics, curves = context.configuration, {}, {}
    stops = [round(d * c.dreaming) for d in c.dreams]
    for a in c.dreaming_alphas:
        seeds = _seeds(context, f"dreams {a:g}")
        runs = np.array([experiments.unlearning(c.dreaming, a, c.rate, stops, seed) for seed in seeds])
        curves[f"α = {a:g}"] = runs
        metrics[f"unlearning.alpha_{a:g}.before"] = estimate_mean(runs[:, 0])
        metrics[f"unlearning.alpha_{a:g}.best"] = estimate_mean(runs.max(axis=1))
        metrics[f"unlearning.alpha_{a:g}.after"] = estimate_mean(runs[:, -1])
    expected = {f"α = {a:g}": references.DREAMS[a] for a in c.dreaming_alphas if a in references.DREAMS}
    label = f"overlap m, N = {c.dreaming} (reference: N = 200)"
    figure = plot_lines(c.dreams, curves, "dreams per neuron", label, references=expected)
    context.save_figure(
        "unlearning",
        figure,
        "Unlearning by dreams first helps recall and then destroys it; crosses: reference.",
    )
    return metrics


def correlated(context: Run[HopfieldConfiguration]) -> dict[str, Any]:
    """Patterns of set correlation and patterns that share neurons, α = 0.2 and 0.05, by rule; and the palimpsest."""
    c, metrics = context.configuration, {}
    grid = np.linspace(0, max(c.correlations), 200)
    template = {
        "theory_lines": {"√c: the mean of all patterns": (grid, np.sqrt(grid))},
        "references": {"hebb": references.CORRELATED},
    }
    for kind, measure, label, beside in (
        (
            "correlated",
            lambda rule, x, s: experiments.held_by_rule(rule, c.neurons, 0.2, x, s),
            "correlation c, α = 0.2",
            template,
        ),
        (
            "sharing",
            lambda rule, x, s: experiments.held_sharing(rule, c.neurons, round(0.05 * c.neurons), x, s),
            "part of the active neurons shared by all, α = 0.05",
            {},
        ),
    ):
        curves = {}
        for rule in RULES:
            curves[rule] = _measure(
                context,
                metrics,
                f"{kind}.{rule}.",
                c.correlations,
                lambda x, seed, rule=rule, measure=measure: measure(rule, x, seed),
            )
        caption = "What recall keeps of patterns that are alike: Hebb's rule keeps their mean, projection each of them."
        context.save_figure(kind, plot_lines(c.correlations, curves, label, "overlap m", **beside), caption)
    count = c.neurons // 2
    ages = {
        rule: [
            experiments.fades(c.neurons, count, 4.0, rule, seed) for seed in _seeds(context, f"fades {rule}")
        ]
        for rule in ("hebb", "palimpsest")
    }
    smooth = {rule: [np.convolve(v, np.ones(9) / 9, "valid") for v in runs] for rule, runs in ages.items()}
    age = np.arange(count)[4:-4] / c.neurons
    context.save_figure(
        "palimpsest",
        plot_lines(age, smooth, "patterns stored since, per neuron", "overlap m"),
        "Recall of patterns stored one after another, over their age: a palimpsest keeps the latest, Hebb's rule none.",
    )
    for rule, runs in ages.items():
        metrics[f"palimpsest.{rule}.youngest"] = estimate_mean(
            [float(np.mean(v[: max(1, count // 50)])) for v in runs]
        )
    return metrics


def held(context: Run[HopfieldConfiguration]) -> dict[str, Any]:
    """Correlated patterns over α: the projection rule keeps them to α = 1."""
    c, metrics, curves = context.configuration, {}, {}
    for rule in ("hebb", "projection"):
        curves[rule] = _measure(
            context,
            metrics,
            f"held.{rule}.alpha_",
            c.held_alphas,
            lambda a, seed, rule=rule: experiments.held_by_rule(rule, c.neurons, a, 0.25, seed),
        )
    label = "patterns per neuron α, correlation 0.25"
    figure = plot_lines(c.held_alphas, curves, label, "overlap m", marks={"α = 1: nothing is left": 1.0})
    context.save_figure(
        "held", figure, "Correlated patterns: the projection rule holds up to one per neuron."
    )
    return metrics


def noise(context: Run[HopfieldConfiguration]) -> dict[str, Any]:
    """Random states end more often in a stored pattern with noise that fades (lecture 4, solution 2)."""
    c, metrics = context.configuration, {}
    count = max(2, round(0.02 * c.neurons))
    runs = _measure(
        context,
        metrics,
        "noise.recalled.T_",
        c.temperatures,
        lambda t, seed: experiments.escape(c.neurons, count, t, seed),
    )
    label = f"temperature at the start, N = {c.neurons}"
    context.save_figure(
        "noise",
        plot_lines(c.temperatures, {f"{count} patterns": runs}, label, "random states that end in a pattern"),
        "Noise that fades during recall leads out of false memories.",
    )
    return metrics


def basins(context: Run[HopfieldConfiguration]) -> dict[str, Any]:
    """How many flipped neurons recall tolerates."""
    c, metrics, curves = context.configuration, {}, {}
    for a in c.basin_alphas:
        runs = np.array(
            [experiments.basin(c.neurons, a, c.flipped, seed) for seed in _seeds(context, f"basin {a:g}")]
        )
        curves[f"α = {a:g}"] = runs
        for part, values in zip(c.flipped, runs.T, strict=True):
            metrics[f"basin.alpha_{a:g}.flipped_{part:g}"] = estimate_mean(values)
    label = f"part of the neurons flipped, N = {c.neurons}"
    context.save_figure(
        "basins",
        plot_lines(c.flipped, curves, label, "part of the patterns recalled"),
        "How many flipped neurons recall tolerates, by load α.",
    )
    return metrics


def text(context: Run[HopfieldConfiguration]) -> dict[str, Any]:
    """The sentence of lecture 1 with its letters struck out, and with other parts of its letters struck out."""
    c, metrics, curves = context.configuration, {}, {}
    for rule in ("hebb", "projection"):
        right, read = experiments.completed_letters(
            rule, LECTURE_LINES, LECTURE_STRUCK, context.stream(f"text {rule}")
        )
        metrics[f"text.{rule}.lecture"] = right
        write_text(context.directory / f"text_{rule}.txt", "\n".join(read) + "\n")
        curves[rule] = _measure(
            context,
            metrics,
            f"text.{rule}.struck_",
            c.struck,
            lambda x, seed, rule=rule: experiments.completed_letters(rule, LECTURE_LINES, x, seed)[0],
        )
    context.save_figure(
        "text",
        plot_lines(c.struck, curves, "part of the letters struck out", "part of these restored"),
        "The sentence of lecture 1 with letters struck out, completed by the network.",
    )
    return metrics


def pictures(context: Run[HopfieldConfiguration]) -> dict[str, Any]:
    """Ten digits, one image each: half of the image off, or a quarter of the pixels flipped."""
    rng = np.random.default_rng(context.stream("pictures"))
    stored = digit_patterns(context.configuration.data, range(10), 1)
    half = stored.copy().reshape(-1, *IMAGE_SHAPE)
    half[:, IMAGE_SHAPE[0] // 2 :] = -1
    starts = {"lower half off": half.reshape(stored.shape), "25 % flipped": corrupt(stored, 0.25, rng)}
    rows, metrics = [("stored", list(stored.reshape(-1, *IMAGE_SHAPE)))], {}
    for name, start in starts.items():
        rows.append((name, list(start.reshape(-1, *IMAGE_SHAPE))))
        for rule in RULES:
            ends = Hopfield(stored.shape[1], rule=rule).store(stored).recall(start, random_state=rng)
            rows.append((rule, list(ends.reshape(-1, *IMAGE_SHAPE))))
            key = f"pictures.{rule}.{name.replace(' %', '').replace(' ', '_')}"
            metrics[key] = float((ends == stored).all(axis=1).mean())
    context.save_figure(
        "completion",
        plot_pictures(rows),
        "Digits with their lower half off or pixels flipped, completed by each rule.",
    )
    return metrics


#: In the order in which they are done.
MEASUREMENTS = (capacity, bits, melting, phases, dreams, correlated, held, noise, basins, text, pictures)
